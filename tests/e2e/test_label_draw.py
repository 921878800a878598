"""Drawing on the labeling page, by mouse and by keys, down to what is stored."""

import pytest

from tests.e2e.label import (
    HEIGHT,
    WIDTH,
    Canvas,
    claim,
    detection_job,
    open_item,
    results_of,
    wait_saved,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def box(left: float, top: float, right: float, bottom: float) -> list[list[float]]:
    return [[left, top], [right, top], [right, bottom], [left, bottom]]


def near(found: list[list[float]], wanted: list[list[float]], tolerance: float = 1.0) -> bool:
    return all(
        abs(a - b) <= tolerance
        for one, other in zip(found, wanted, strict=True)
        for a, b in zip(one, other, strict=True)
    )


def test_draw_by_mouse(sign_in, workspace, labeler):
    job = detection_job(labeler, workspace=workspace)
    assignment = claim(job, labeler)
    page = sign_in(labeler)
    open_item(page, assignment)
    canvas = Canvas(page)

    page.keyboard.press("2")
    canvas.drag((100, 100), (200, 180))
    wait_saved(page)

    (element,) = results_of(assignment)
    assert {k: v for k, v in element.items() if k != "data"} == {
        "questionId": "1",
        "type": "image",
        "rotation": 0,
        "width": WIDTH,
        "height": HEIGHT,
    }
    (region,) = element["data"]
    assert region["type"] == "image/polygon"
    assert region["shape"] == "rectangle"
    assert region["labels"] == {"1.1": "bus"}
    assert near(region["value"], box(100, 100, 200, 180))
    assert all(round(n, 2) == n for point in region["value"] for n in point)
