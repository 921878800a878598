"""Masks on the labeling page: brush, eraser, fill, wand, areas to masks and back, by mouse and by keys."""

from typing import Any

import pytest

from templates_app.questions.masks import read_runs
from tests.e2e.label import (
    HEIGHT,
    WIDTH,
    Canvas,
    claim,
    detection_job,
    open_item,
    results_of,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Pixels = set[tuple[int, int]]


def objects(assignment: Any) -> list[dict[str, Any]]:
    """The stored regions in order."""
    return [
        region
        for element in results_of(assignment)
        if element["type"] == "image"
        for region in element["data"]
    ]


def pixels(region: dict[str, Any]) -> Pixels:
    """The pixels (x, y) of a stored mask."""
    assert (region["type"], region["shape"]) == ("image/mask", "mask")
    assert region["value"]["size"] == [HEIGHT, WIDTH]
    runs = read_runs(region["value"]["counts"])
    assert runs is not None
    assert sum(runs) == HEIGHT * WIDTH
    found: Pixels = set()
    at = 0
    for number, run in enumerate(runs):
        if number % 2:
            found.update(divmod(place, HEIGHT) for place in range(at, at + run))
        at += run
    return found


def disc(x: float, y: float, radius: float) -> Pixels:
    return {
        (column, row)
        for column in range(int(x - radius) - 1, int(x + radius) + 2)
        for row in range(int(y - radius) - 1, int(y + radius) + 2)
        if (column + 0.5 - x) ** 2 + (row + 0.5 - y) ** 2 <= radius**2
    }


def near(found: Pixels, wanted: Pixels, radius: float = 1.5) -> bool:
    """Whether every pixel that differs lies within a screen pixel or so of one of the other set's."""
    reach = range(-2, 3)

    def touches(pixel: Pixels, other: Pixels) -> bool:
        return all(
            any(
                (x + dx, y + dy) in other
                for dx in reach
                for dy in reach
                if dx * dx + dy * dy <= radius**2
            )
            for x, y in pixel
        )

    return touches(found - wanted, wanted) and touches(wanted - found, found)


@pytest.fixture
def masks(sign_in, workspace, labeler):
    """(page, canvas, assignment) of a job that takes masks and polygons."""
    job = detection_job(labeler, workspace=workspace, shapes={"1": ["polygon", "mask"]})
    assignment = claim(job, labeler)
    page = sign_in(labeler)
    open_item(page, assignment)
    return page, Canvas(page), assignment
