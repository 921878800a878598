"""Shapes of image objects by name: what their value must be, and how an imported object is recognised.

Values are points in upright original pixels, except of masks: {"size": [height, width], "counts": COCO's run lengths}.
"""

import math
from abc import ABC, abstractmethod
from typing import Any

from django.utils.translation import gettext as _

from templates_app.questions.masks import MASK, check_mask
from templates_app.schema import Errors, ListOf, Number, Pair, Schema, fail

Point = list[float]
Points = list[Point]

#: How far, in pixels, a side may be from upright before a box is no rectangle: the page rounds to 1/100.
TOLERANCE = 0.01
#: The most points of one object.
MAX_POINTS = 10_000
POINTS = ListOf(Pair(Number()), least=1, most=MAX_POINTS)


class Shape(ABC):
    """One tool's shape; `element_type` is what the manifest calls it."""

    name: str
    element_type = "image/polygon"
    #: What its value looks like.
    value: Schema = POINTS
    #: Whether rings may be cut out of it.
    takes_holes = False

    @abstractmethod
    def check(self, value: Any, path: str, errors: Errors) -> None:
        """Note what keeps this value, of the right form, from being the shape in canonical order."""

    def check_inside(
        self, value: Any, width: float, height: float, path: str, errors: Errors
    ) -> None:
        """Note what lies outside a picture of this size."""
        for number, (x, y) in enumerate(value):
            if not 0 <= x <= width:
                outside(f"{path}[{number}][0]", x, width, errors)
            if not 0 <= y <= height:
                outside(f"{path}[{number}][1]", y, height, errors)

    @abstractmethod
    def recognise(self, value: Any) -> Any | None:
        """The value in canonical order if it is this shape, else None; it has the right form."""


def outside(path: str, found: float, most: float, errors: Errors) -> None:
    """Note a coordinate beyond the picture."""
    fail(
        errors,
        path,
        _("%(found)s is outside the picture, which ends at %(most)s.")
        % {"found": found, "most": most},
    )


class Rectangle(Shape):
    """Four corners with upright sides: top left, top right, bottom right, bottom left."""

    name = "rectangle"

    def check(self, value: Points, path: str, errors: Errors) -> None:
        if len(value) != 4:
            fail(errors, path, _("A rectangle has four corners."))
            return
        (x1, y1), (x2, y2), (x3, y3), (x4, y4) = value
        if x2 <= x1 or y4 <= y1:
            fail(errors, path, _("The corners go top left, top right, bottom right, bottom left."))
        elif max(abs(x1 - x4), abs(x2 - x3), abs(y1 - y2), abs(y3 - y4)) > TOLERANCE:
            fail(errors, path, _("The sides of a rectangle are upright."))

    def recognise(self, value: Points) -> Points | None:
        if len(value) != 4:
            return None
        left, right = sorted(value)[:2], sorted(value)[2:]
        top_left, bottom_left = sorted(left, key=lambda point: point[1])
        top_right, bottom_right = sorted(right, key=lambda point: point[1])
        ordered = [top_left, top_right, bottom_right, bottom_left]
        errors: Errors = []
        self.check(ordered, "", errors)
        return None if errors else ordered


class Rotated(Shape):
    """Four corners with right angles, clockwise from the one that was the top left before it was turned.

    Corners are rounded to 1/100 of a pixel, and a thin box turns a little by that: the fourth corner may lie
    2 × TOLERANCE beside where the other three put it, and a side's end the same beside the right angle.
    """

    name = "rotated"

    def check(self, value: Points, path: str, errors: Errors) -> None:
        if len(value) != 4:
            fail(errors, path, _("A turned rectangle has four corners."))
        elif not self._fits(value):
            fail(errors, path, _("The corners of a turned rectangle are right angles, clockwise."))

    @staticmethod
    def _fits(points: Points) -> bool:
        (x1, y1), (x2, y2), (x3, y3), (x4, y4) = points
        slack = 2 * TOLERANCE + 1e-9
        if abs(x1 + x3 - x2 - x4) > slack or abs(y1 + y3 - y2 - y4) > slack:
            return False
        ax, ay, bx, by = x2 - x1, y2 - y1, x4 - x1, y4 - y1
        width, height = math.hypot(ax, ay), math.hypot(bx, by)
        if width == 0 or height == 0 or ax * by - ay * bx <= 0:
            return False
        # How far the end of the shorter side lies beside the right angle.
        return abs(ax * bx + ay * by) / max(width, height) <= slack

    def recognise(self, value: Points) -> Points | None:
        if len(value) != 4:
            return None
        for ordered in (value, [value[0], *value[:0:-1]]):
            if self._fits(ordered):
                return ordered
        return None


class Polygon(Shape):
    """At least three points of a closed line; `holes` are rings of the same kind cut out of it."""

    name = "polygon"
    takes_holes = True

    def check(self, value: Points, path: str, errors: Errors) -> None:
        if len(value) < 3:
            fail(errors, path, _("A polygon has at least three points."))

    def recognise(self, value: Points) -> Points | None:
        return value if len(value) >= 3 else None


class Polyline(Shape):
    """At least two points of an open line."""

    name = "polyline"
    element_type = "image/polyline"

    def check(self, value: Points, path: str, errors: Errors) -> None:
        if len(value) < 2:
            fail(errors, path, _("A line has at least two points."))

    def recognise(self, value: Points) -> Points | None:
        return value if len(value) >= 2 else None


class Dot(Shape):
    """One point."""

    name = "point"
    element_type = "image/point"

    def check(self, value: Points, path: str, errors: Errors) -> None:
        if len(value) != 1:
            fail(errors, path, _("One point is expected."))

    def recognise(self, value: Points) -> Points | None:
        return value if len(value) == 1 else None


class Mask(Shape):
    """Pixels of the whole picture, as run lengths."""

    name = "mask"
    element_type = "image/mask"
    value = MASK

    def check(self, value: Any, path: str, errors: Errors) -> None:
        check_mask(value, path, errors)

    def check_inside(
        self, value: Any, width: float, height: float, path: str, errors: Errors
    ) -> None:
        if value["size"] != [height, width]:
            fail(
                errors,
                f"{path}.size",
                _("The picture has %(expected)s pixels here.") % {"expected": [height, width]},
            )

    def recognise(self, value: Any) -> Any | None:
        errors: Errors = []
        self.check(value, "", errors)
        return None if errors else value


#: The order is that in which an imported polygon is tried.
SHAPES: dict[str, Shape] = {
    shape.name: shape for shape in (Rectangle(), Rotated(), Polygon(), Polyline(), Dot(), Mask())
}
