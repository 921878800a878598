"""Sounds on the labeling page: segments by mouse and by keys, texts in place, down to what is stored and exported."""

import io
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User
from datasets.models import Dataset
from jobs.models import Assignment
from jobs.selectors.template import resolved_template
from jobs.services.answers import save_item
from jobs.services.submit import submit_assignment
from templates_app.answers import to_manifest
from templates_app.models import LabelTemplate
from tests.datasets.clips import tone
from tests.datasets.helpers import make
from tests.e2e.label import (
    COLORS,
    builtin,
    claim,
    open_item,
    results_of,
    saves,
    violations,
    wait_saved,
)
from tests.factories import make_job

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SECONDS = 20.0
RATE = 16_000


def sounds(workspace: Any, admin: User, items: int = 2) -> Dataset:
    files = [
        (f"{n}.wav", io.BytesIO(tone(seconds=SECONDS, rate=RATE))) for n in range(1, items + 1)
    ]
    return make(workspace, admin, kind="audio", files=files)


def speakers() -> LabelTemplate:
    """Audio segmentation for two people who may speak at once."""
    base = builtin("audio-segmentation")
    (question,) = base.questions
    return LabelTemplate.objects.create(
        workspace=None,
        key="speakers",
        names=base.names,
        category="audio",
        version=1,
        views=base.views,
        questions=[{**question, "tracks": ["Agent", "Caller"]}],
        abandon_reasons=base.abandon_reasons,
    )


class Timeline:
    """Moments of a recording that is seen as a whole, on the screen."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.box = page.locator("[data-surface=audio]").bounding_box()

    def at(self, seconds: float, part: float) -> tuple[float, float]:
        """`part`: from the upper side of the timeline (0) to the lower one (1)."""
        box = self.box
        return box["x"] + seconds / SECONDS * box["width"], box["y"] + part * box["height"]

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        mouse = self.page.mouse
        mouse.move(*self.at(*start))
        mouse.down()
        mouse.move(*self.at((start[0] + end[0]) / 2, end[1]))
        mouse.move(*self.at(*end))
        mouse.up()


#: On the waveform, and on the second track.
WAVE, CALLER = 0.3, 0.92


def segments(assignment: Assignment, position: int = 1) -> list[dict[str, Any]]:
    return [one for element in results_of(assignment, position) for one in element["data"]]


def go(page: Any, seconds: str) -> None:
    """Stand at a time, by keys."""
    page.keyboard.press("g")
    page.keyboard.type(seconds)
    page.keyboard.press("Enter")
    page.wait_for_function(
        "wanted => Math.abs(document.querySelector('audio').currentTime - wanted) < 1e-4",
        arg=float(seconds),
    )


@pytest.fixture
def desk(sign_in, workspace, labeler, admin_user):
    """(page, assignment) of a package of sounds of two speakers, at its first item."""
    job = make_job(
        dataset=sounds(workspace, admin_user),
        template=speakers(),
        selected_questions=["1.1", "1.3"],
        options={"1.1": COLORS},
        size=2,
        labelers=[labeler],
        workflow="labeling,check",
    )
    assignment = claim(job, labeler)
    page = sign_in(labeler)
    open_item(page, assignment)
    page.wait_for_function("() => document.querySelector('audio').readyState >= 2")
    return page, assignment


def test_segments_by_mouse(desk):
    page, assignment = desk
    line = Timeline(page)
    with saves(page):
        page.keyboard.press("2")
        line.drag((2, WAVE), (6, WAVE))
    (first,) = segments(assignment)
    assert first["labels"] == {"1.1": "bus"}
    assert (first["start"], first["end"]) == pytest.approx((2, 6), abs=0.1)

    with saves(page):  # the second track, where another may speak meanwhile
        line.drag((4, CALLER), (9, CALLER))
    with saves(page):  # an end that is pulled
        line.drag((segments(assignment)[1]["end"], CALLER), (12, CALLER))
    second = segments(assignment)[1]
    assert second["track"] == 1
    assert (second["start"], second["end"]) == pytest.approx((4, 12), abs=0.1)

    with saves(page):  # taken back, and done again
        page.keyboard.press("z")
    assert segments(assignment)[1]["end"] == pytest.approx(9, abs=0.1)
    with saves(page):
        page.keyboard.press("Shift+Z")

    with saves(page):  # what was said, where it is heard, with a mark by key
        page.locator("[data-segment] textarea").first.click()
        page.keyboard.type("good morning")
        page.keyboard.press("Alt+1")
        page.keyboard.type("how are you")
    wait_saved(page)
    assert segments(assignment)[0]["labels"]["1.3"] == "good morning, how are you"

    with saves(page):  # a boundary as typed, to the sample
        page.get_by_label("Start", exact=True).fill("0:01.000063")
        page.keyboard.press("Enter")
    stored = segments(assignment)[0]
    assert abs(stored["start"] - 16_001 / RATE) <= 0.5 / RATE
    (element,) = to_manifest(
        results_of(assignment)[:1], resolved_template(assignment.job)["questions"]
    )
    assert element["objects"][0]["start"] == stored["start"]
    assert element["objects"][1]["track"] == 1
    # The server has computed the waveform meanwhile.
    page.wait_for_selector("[data-surface=audio][data-wave=shown]")
    assert not violations(page)


def test_segments_by_keys_alone(desk):
    page, assignment = desk
    keys = page.keyboard
    keys.press("1")
    go(page, "3")
    keys.press("[")
    go(page, "5.5")
    with saves(page):
        keys.press("]")
    (made,) = segments(assignment)
    assert (made["start"], made["end"], made["labels"]) == (3, 5.5, {"1.1": "car"})

    with saves(page):  # begins 20 ms later, ends 100 ms earlier
        keys.press("Control+ArrowRight")
        keys.press("Control+ArrowRight")
        keys.press("Shift+Alt+ArrowLeft")
    wait_saved(page)
    (made,) = segments(assignment)
    assert (made["start"], made["end"]) == (3.02, 5.4)

    with saves(page):  # on the other track, cut in two there
        keys.press("Shift+ArrowDown")
    go(page, "4")
    with saves(page):
        keys.press("c")
    assert [(one["start"], one["end"], one["track"]) for one in segments(assignment)] == [
        (3.02, 4, 1),
        (4, 5.4, 1),
    ]
    keys.press("ArrowUp")
    keys.press("Shift+E")
    with saves(page):
        keys.type("hello")
        keys.press("F8")  # the segment is heard while its text is typed
        keys.type(" there")
    heard = page.wait_for_function(
        "() => performance.getEntriesByName('play-heard').map(one => one.detail).find(one => one.from > 3)"
    ).json_value()
    assert abs(heard["from"] - 3.02) < 0.02
    wait_saved(page)
    assert segments(assignment)[0]["labels"] == {"1.1": "car", "1.3": "hello there"}

    keys.press("Enter")  # on to the next one's text
    with saves(page):
        keys.type("bye")
    keys.press("Escape")
    with saves(page):
        keys.press("Delete")
    assert len(segments(assignment)) == 1

    # While it plays: in and out, with a speed of their own. The segment that was heard has come to its end.
    page.wait_for_function("() => document.querySelector('audio').paused")
    keys.press("Home")
    keys.press(">")
    keys.press("Space")
    passed = "wanted => document.querySelector('audio').currentTime > wanted"
    page.wait_for_function(passed, arg=0.2)
    keys.press("[")
    page.wait_for_function(passed, arg=0.6)
    with saves(page):
        keys.press("]")
    keys.press("Space")
    latest = segments(assignment)[-1]
    assert 0.2 <= latest["start"] < latest["end"]
    assert latest["track"] == 1
    assert page.evaluate("document.querySelector('audio').playbackRate") == 1.25


def test_checkers_see_segments_and_change_nothing(sign_in, workspace, labeler, checker, admin_user):
    job = make_job(
        dataset=sounds(workspace, admin_user, 1),
        template=speakers(),
        selected_questions=["1.1"],
        options={"1.1": COLORS},
        size=1,
        labelers=[labeler],
        checkers=[checker],
        workflow="labeling,check",
    )
    assignment = claim(job, labeler)
    segment = {"id": "a", "type": "time/segment", "start": 4, "end": 8, "labels": {"1.1": "car"}}
    element = {"questionId": "1", "type": "audio", "duration": SECONDS, "data": [segment]}
    op = {"questionId": "1", "id": None, "value": element}
    save_item(
        assignment_id=assignment.pk,
        position=1,
        user=labeler,
        write=uuid4(),
        ops=[op],
        version=0,
        seconds=1,
    )
    submit_assignment(assignment_id=assignment.pk, user=labeler)
    check = claim(job, checker, "check")
    page = sign_in(checker)
    open_item(page, check)
    line = Timeline(page)
    line.drag((10, WAVE), (14, WAVE))
    page.mouse.click(*line.at(6, WAVE))
    page.wait_for_selector("[data-region=a][aria-selected=true]")
    assert page.locator("[role=option][data-region]").count() == 1
    page.keyboard.press("m")
    page.keyboard.press("2")
    with saves(page):
        page.keyboard.press("Alt+ArrowRight")
    wait_saved(page)
    (changed,) = segments(check)
    assert (changed["end"], changed["labels"]) == (8.01, {"1.1": "bus"})
    (before,) = segments(assignment)
    assert (before["end"], before["labels"]) == (8, {"1.1": "car"})


def test_a_whole_clip_is_written_down_and_classified(sign_in, workspace, labeler, admin_user):
    dataset = sounds(workspace, admin_user, 1)
    fields: dict[str, Any] = {"dataset": dataset, "size": 1, "labelers": [labeler]}
    said = make_job(
        template=builtin("audio-recognition"), options={}, language="zh-hans", name="said", **fields
    )
    sort = make_job(
        template=builtin("audio-classification"), options={"1": COLORS}, name="sort", **fields
    )
    assignment = claim(said, labeler)
    page = sign_in(labeler)
    open_item(page, assignment)
    page.wait_for_function("() => document.querySelector('audio').readyState >= 2")
    field = page.locator("textarea[data-question='1']")
    field.click()
    with saves(page):
        page.keyboard.insert_text("你好")
        page.keyboard.press("Alt+1")
        page.keyboard.insert_text("早上好")
        page.keyboard.press("Alt+3")
    wait_saved(page)
    assert results_of(assignment)[0]["data"] == "你好，早上好？"
    # A foot pedal, or its keys, while one types: on, and stopped a little before where it was.
    page.keyboard.press("F4")
    page.wait_for_function("() => document.querySelector('audio').currentTime > 1.2")
    page.keyboard.press("F4")
    page.wait_for_function("() => document.querySelector('audio').paused")
    stopped = page.evaluate("document.querySelector('audio').currentTime")
    page.keyboard.press("F9")
    page.wait_for_function(
        "was => Math.abs(document.querySelector('audio').currentTime - was - 3) < 0.01", arg=stopped
    )
    assert field.evaluate("field => field === document.activeElement")

    assignment = claim(sort, labeler)
    open_item(page, assignment)
    page.keyboard.press("Space")
    page.wait_for_function("() => !document.querySelector('audio').paused")
    with saves(page):
        page.keyboard.press("2")
    assert results_of(assignment)[0]["data"] == "bus"
