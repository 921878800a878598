"""Videos on the labeling page: which frame is on the screen is read from its pixels; segments by keys and by mouse."""

import io
from pathlib import Path
from typing import Any

import pytest

from accounts.models import User
from jobs.models import Job
from tests import clips
from tests.datasets.helpers import make
from tests.e2e.label import COLORS, builtin, claim, open_item, results_of, saves, violations
from tests.factories import make_job

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: Labels of segments, with keys that are none of the whole video's.
KINDS = [{**one, "shortcut": key} for one, key in zip(COLORS, "789", strict=True)]

#: The number that the frame on the screen carries; a film that lies on its side is read along that side.
NUMBER = """() => {
    const film = document.querySelector("video");
    const [width, height] = [film.videoWidth, film.videoHeight];
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d");
    context.drawImage(film, 0, 0);
    let number = 0;
    for (let place = 0; place < BITS; place++) {
        const along = place * BLOCK + BLOCK / 2, across = BLOCK / 2;
        const [x, y] = width < height ? [across, height - along] : [along, across];
        number = number * 2 + (context.getImageData(x, y, 1, 1).data[0] > 128 ? 1 : 0);
    }
    return number;
}""".replace("BITS", str(clips.BITS)).replace("BLOCK", str(clips.BLOCK))


def video_job(
    labeler: User, admin: User, tmp_path: Path, films: dict[str, Any], **fields: Any
) -> Job:
    """A running job on these clips, one package, in this order."""
    files = []
    for name, film in films.items():
        path = clips.write_clip(tmp_path / name, **film)
        files.append((name, io.BytesIO(path.read_bytes())))
    dataset = make(fields.pop("workspace"), admin, kind="video", files=files)
    selected = fields.pop("selected", ["1", "3", "3.1"])
    options = {"1": COLORS, "3.1": KINDS}
    return make_job(
        dataset=dataset,
        template=builtin("video-classification"),
        selected_questions=selected,
        options={key: value for key, value in options.items() if key in selected},
        size=len(films),
        labelers=[labeler],
        **fields,
    )


def expect_frame(page: Any, number: int) -> None:
    """The page says that it shows this frame, and the pixels say so too."""
    page.wait_for_function(
        """number => {
            const { frame, steady } = document.querySelector("video").dataset;
            return steady === "true" && frame === String(number);
        }""",
        arg=number,
    )
    assert page.evaluate(NUMBER) == number


def press(page: Any, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_each_step_shows_the_frame_that_it_means(
    sign_in: Any, workspace: Any, labeler: User, admin_user: User, tmp_path: Path
) -> None:
    films = {
        "1.mp4": {"stamps": clips.steady(clips.NTSC, 90), "reordered": True, "tone": True},
        "2.webm": {"stamps": clips.steady(clips.PAL, 60), "codec": "libvpx-vp9"},
        "3.mp4": {"stamps": clips.steady(clips.PAL, 60), "rotation": 90},
    }
    job = video_job(labeler, admin_user, tmp_path, films, workspace=workspace)
    page = sign_in(labeler)
    open_item(page, claim(job, labeler))

    expect_frame(page, 0)
    steps = [
        (["ArrowRight"], 1),
        (["ArrowRight"] * 3, 4),
        (["Shift+ArrowRight"], 14),
        (["ArrowLeft"] * 2, 12),
        (["w"], 42),
        (["q", "q"], 0),
        (["ArrowLeft"], 0),
        (["End"], 89),
        (["ArrowRight"], 89),
        (["Shift+ArrowLeft"], 79),
        (["Home"], 0),
    ]
    for keys, number in steps:
        press(page, *keys)
        expect_frame(page, number)
    for typed, number in [("57", 57), ("0:01.0", 29), ("00:00:02:05", 65)]:
        press(page, "g")
        page.keyboard.type(typed)
        press(page, "Enter")
        expect_frame(page, number)

    # A frame is there after playing as well, and from wherever the film was stopped.
    press(page, "Home", "Space")
    page.wait_for_function("() => Number(document.querySelector('video').dataset.frame) > 4")
    press(page, "Space")
    page.wait_for_selector("video[data-steady=true]")
    stopped = int(page.get_attribute("video", "data-frame"))
    press(page, "ArrowRight")
    expect_frame(page, stopped + 1)

    for _name in ("2.webm", "3.mp4"):
        press(page, "d")
        expect_frame(page, 0)
        for keys, number in [(["ArrowRight"], 1), (["w"], 26), (["End"], 59), (["q"], 34)]:
            press(page, *keys)
            expect_frame(page, number)
    assert page.evaluate("document.querySelector('video').videoHeight") == clips.WIDTH


def test_frames_of_changing_rate_and_copies_are_the_right_ones(
    sign_in: Any, workspace: Any, labeler: User, admin_user: User, tmp_path: Path
) -> None:
    """Seeks of the browser miss some of these frames; what browsers do not play is played as a copy of equal stamps."""
    films = {
        "1.mp4": {"stamps": clips.unsteady(60), "reordered": True},
        "2.webm": {"stamps": clips.unsteady(40), "codec": "libvpx-vp9"},
        "3.avi": {"stamps": clips.steady(clips.PAL, 30), "codec": "mpeg4"},
    }
    job = video_job(labeler, admin_user, tmp_path, films, workspace=workspace)
    assignment = claim(job, labeler)
    page = sign_in(labeler)
    open_item(page, assignment)
    for frames in ([46, 47, 48, 20, 19, 18], [1, 7, 8, 9, 35, 0], [29, 3, 2]):
        page.wait_for_selector("video[data-stamps=true]")
        expect_frame(page, 0)
        now = 0
        for number in frames:
            if abs(number - now) == 1:
                press(page, "ArrowRight" if number > now else "ArrowLeft")
            else:
                press(page, "g")
                page.keyboard.type(str(number))
                press(page, "Enter")
            expect_frame(page, number)
            now = number
        press(page, "d")

    # A segment of the first one has the stamps of its frames, as the file says them.
    page.goto(f"/label/{assignment.pk}/1")
    page.wait_for_selector("video[data-stamps=true]")
    expect_frame(page, 0)
    press(page, "Shift+ArrowRight")
    expect_frame(page, 10)
    press(page, "[", "ArrowRight", "ArrowRight")
    expect_frame(page, 12)
    with saves(page):
        press(page, "]")
    [segment] = results_of(assignment)[0]["data"]
    ticks = clips.unsteady(60)
    assert [segment["start"], segment["end"]] == [
        round(ticks[number] / clips.TICKS, 6) for number in (10, 12)
    ]


def test_segments_begin_and_end_at_frames(
    sign_in: Any, workspace: Any, labeler: User, admin_user: User, tmp_path: Path
) -> None:
    films = {name: {"stamps": clips.steady(clips.NTSC, 120)} for name in ("1.mp4", "2.mp4")}
    job = video_job(labeler, admin_user, tmp_path, films, workspace=workspace)
    assignment = claim(job, labeler)
    page = sign_in(labeler)
    open_item(page, assignment)
    stamp = [round(float(number / clips.NTSC), 6) for number in range(120)]

    # By keys alone: mark, label, move its ends by frames, and a label for the whole video.
    expect_frame(page, 0)
    press(page, *["ArrowRight"] * 3)
    expect_frame(page, 3)
    press(page, "[", "Shift+ArrowRight", "Shift+ArrowRight")
    expect_frame(page, 23)
    press(page, "]", "8", "Alt+ArrowRight", "Control+ArrowLeft")
    with saves(page):
        press(page, "1")
    answers = {one["questionId"]: one for one in results_of(assignment)}
    [segment] = answers["3"]["data"]
    assert (segment["start"], segment["end"]) == (stamp[2], stamp[24])
    assert (answers["3"]["type"], segment["labels"]) == ("video", {"3.1": "bus"})
    assert answers["1"]["data"] == "car"

    # Moved as a whole, and back by one step of undo.
    with saves(page):
        press(page, "Alt+.", "Alt+.")
    [segment] = results_of(assignment)[-1]["data"]
    assert (segment["start"], segment["end"]) == (stamp[4], stamp[26])
    with saves(page):
        press(page, "z")

    # By the mouse: a drag from anywhere to anywhere ends at frames; so does an end that is pulled.
    box = page.locator("[data-surface=video]").bounding_box()
    whole = page.evaluate("document.querySelector('video').duration")
    at = lambda seconds: box["x"] + box["width"] * seconds / whole  # noqa: E731
    low = box["y"] + box["height"] - 14
    press(page, "Escape")
    with saves(page):
        page.mouse.move(at(2.01), low)
        page.mouse.down()
        page.mouse.move(at(2.5), low)
        page.mouse.move(at(3.02), low)
        page.mouse.up()
    made = results_of(assignment)[-1]["data"][-1]
    assert {made["start"], made["end"]} <= set(stamp)
    assert [made["start"], made["end"]] == pytest.approx([2.01, 3.02], abs=0.05)

    # Played alone it stops at its last frame.
    press(page, "Shift+Space")
    page.wait_for_selector("video[data-steady=false]")
    expect_frame(page, stamp.index(made["end"]))
    assert violations(page) == []
