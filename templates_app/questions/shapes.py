"""Shapes of image objects by name: what their points must be, and how an imported polygon is recognised."""

from abc import ABC, abstractmethod

from django.utils.translation import gettext as _

from templates_app.schema import Errors, fail

Point = list[float]
Points = list[Point]

#: How far, in pixels, a side may be from upright before a box is no rectangle: the page rounds to 1/100.
TOLERANCE = 0.01


class Shape(ABC):
    """One tool's shape; `element_type` is what the manifest calls it."""

    name: str
    element_type = "image/polygon"

    @abstractmethod
    def check(self, points: Points, path: str, errors: Errors) -> None:
        """Note what keeps these points from being the shape in canonical order."""

    @abstractmethod
    def recognise(self, points: Points) -> Points | None:
        """The points in canonical order if they are this shape, else None."""


class Rectangle(Shape):
    """Four corners with upright sides: top left, top right, bottom right, bottom left."""

    name = "rectangle"

    def check(self, points: Points, path: str, errors: Errors) -> None:
        if len(points) != 4:
            fail(errors, path, _("A rectangle has four corners."))
            return
        (x1, y1), (x2, y2), (x3, y3), (x4, y4) = points
        if x2 <= x1 or y4 <= y1:
            fail(errors, path, _("The corners go top left, top right, bottom right, bottom left."))
        elif max(abs(x1 - x4), abs(x2 - x3), abs(y1 - y2), abs(y3 - y4)) > TOLERANCE:
            fail(errors, path, _("The sides of a rectangle are upright."))

    def recognise(self, points: Points) -> Points | None:
        if len(points) != 4:
            return None
        left, right = sorted(points)[:2], sorted(points)[2:]
        top_left, bottom_left = sorted(left, key=lambda point: point[1])
        top_right, bottom_right = sorted(right, key=lambda point: point[1])
        ordered = [top_left, top_right, bottom_right, bottom_left]
        errors: Errors = []
        self.check(ordered, "", errors)
        return None if errors else ordered


SHAPES: dict[str, Shape] = {shape.name: shape for shape in (Rectangle(),)}
