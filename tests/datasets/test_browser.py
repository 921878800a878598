"""The pages in a real browser: choosing, dropping, sending, watching the import, reading its errors."""

import io
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from datasets.models import Dataset
from datasets.services.storages import default_storage, storage_root
from tests.browser import until
from tests.conftest import wait_for
from tests.datasets.clips import clip
from tests.datasets.helpers import finish, make, picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


#: A dataset's page; the form's own address is /datasets/new/.
MADE = re.compile(r"/datasets/\d+/$")


@pytest.fixture
def page(sign_in: Any, admin_user: Any) -> Any:
    page = sign_in(admin_user, viewport={"width": 1280, "height": 900})
    page.mistakes = []
    page.on("pageerror", lambda error: page.mistakes.append(str(error)))
    page.on("console", lambda m: page.mistakes.append(m.text) if m.type == "error" else None)
    yield page
    assert page.mistakes == []


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "holiday"
    (folder / "beach").mkdir(parents=True)
    for number in range(1, 13):
        content = picture("JPEG", (320, 240), color=(number * 20, 90, 120)).getvalue()
        (folder / "beach" / f"{number}.jpg").write_bytes(content)
    (folder / "notes.txt").write_text("no picture")
    (folder / ".hidden").write_text("hidden")
    return folder


def made(name: str) -> Dataset:
    return wait_for(lambda: Dataset.objects.filter(name=name).first())


def test_a_folder_of_this_computer(page: Any, photos: Path) -> None:
    page.goto("/datasets/new/")
    page.set_input_files("#pick-folder", str(photos))
    expect(page.locator("[data-picked-sum]")).to_contain_text(re.compile("^13 files"))
    expect(page.locator("[data-picked-odd-text]")).to_contain_text("holiday/notes.txt")
    page.click("[data-picked-drop]")
    expect(page.locator("[data-picked-sum]")).to_contain_text(re.compile("^12 files"))
    # Enter in the name sends the form; without a name it says so and stays.
    page.press("#dataset-name", "Enter")
    expect(page.locator("#dataset-name-error")).to_have_text("Give the dataset a name.")
    expect(page.locator("#dataset-name")).to_be_focused()
    page.keyboard.type("Holiday")
    page.keyboard.press("Enter")
    page.wait_for_url(MADE)
    dataset = made("Holiday")
    expect(page.locator("#import-progress")).to_contain_text("waits for a worker")
    finish(dataset)
    page.wait_for_selector(".gallery")
    images = "[...document.querySelectorAll('.gallery img')]"
    until(page, f"{images}.length === 12 && {images}.every(i => i.naturalWidth === 320)")
    assert page.inner_text(".gallery li:first-child").split() == ["1", "1.jpg"]
    page.click(".gallery li:nth-child(3) a")
    until(page, "document.querySelector('.item-picture img').naturalWidth === 320")
    expect(page.locator("main")).to_contain_text("holiday/beach/3.jpg")


def test_dropping_files(page: Any, photos: Path) -> None:
    page.goto("/datasets/new/")
    transfer = page.evaluate_handle(
        """() => {
            const transfer = new DataTransfer();
            transfer.items.add(new File(["one\\ntwo\\n"], "a.txt"));
            transfer.items.add(new File(["x"], "Thumbs.db"));
            return transfer;
        }"""
    )
    page.check("[name=kind][value=text]")
    page.dispatch_event("[data-drop=files]", "drop", {"dataTransfer": transfer})
    page.wait_for_selector("[data-picked]:not([hidden])")
    expect(page.locator("[data-picked-sum]")).to_contain_text(re.compile("^1 file, "))
    page.fill("#dataset-name", "Dropped")
    page.click("[data-submit]")
    page.wait_for_url(MADE)
    assert finish(made("Dropped")).item_count == 2


def test_a_folder_of_the_server_by_keyboard(page: Any, workspace: Any) -> None:
    root = storage_root(default_storage(workspace))
    (root / "trips" / "2024").mkdir(parents=True)
    (root / "trips" / "2024" / "a.png").write_bytes(picture().getvalue())
    page.goto("/datasets/new/")
    page.fill("#dataset-name", "Trips")
    page.focus("[name=origin][value=upload]")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("[data-browser-list] button")
    page.focus("[data-browser-list] button")
    page.keyboard.press("Enter")
    until(page, "document.querySelector('[data-browser-path]').textContent === 'trips'")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    until(page, "document.querySelector('[data-browser-path]').textContent === 'trips/2024'")
    expect(page.locator("[data-browser-sum]")).to_contain_text(re.compile("^1 file lies"))
    page.focus("[data-submit]")
    page.keyboard.press("Enter")
    page.wait_for_url(MADE)
    dataset = finish(made("Trips"))
    assert (dataset.prefix, dataset.item_count) == ("trips/2024", 1)


def test_a_manifest_with_wrong_lines(page: Any, tmp_path: Path) -> None:
    path = tmp_path / "labels.manifest"
    path.write_text('{"data":{"source":"a"}}\n{"data":\n', encoding="utf-8")
    page.goto("/datasets/new/")
    page.check("[name=kind][value=text]")
    page.check("[name=origin][value=manifest]")
    page.fill("#dataset-name", "Labels")
    page.click("[data-submit]")
    expect(page.locator("[data-error=manifest]")).to_have_text("Choose the manifest file.")
    page.set_input_files("#pick-manifest", str(path))
    expect(page.locator("[data-manifest-name]")).to_contain_text("labels.manifest")
    page.click("[data-submit]")
    page.wait_for_url(MADE)
    dataset = finish(made("Labels"))
    page.wait_for_selector(".errors")
    assert page.inner_text(".errors tbody tr td:first-child") == "2"
    page.click("text=Try with other files")
    path.write_text('{"data":{"source":"a"},"label-7":{"results":[]}}\n', encoding="utf-8")
    page.check("[name=origin][value=manifest]")
    page.set_input_files("#pick-manifest", str(path))
    page.click("[data-submit]")
    page.wait_for_url(f"**/datasets/{dataset.pk}/")
    finish(dataset)
    page.wait_for_selector("text=label-7")


def test_what_the_server_refuses_is_said_at_its_field(
    page: Any, workspace: Any, admin_user: Any, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text("a\n")
    make(workspace, admin_user, name="Taken", files=[("a.txt", tmp_path / "a.txt")])
    page.goto("/datasets/new/")
    page.check("[name=kind][value=text]")
    page.fill("#dataset-name", "Taken")
    page.set_input_files("#pick-files", str(tmp_path / "a.txt"))
    page.click("[data-submit]")
    until(page, "document.querySelector('#dataset-name-error').textContent !== ''")
    expect(page.locator("#dataset-name")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#dataset-name")).to_be_focused()
    expect(page.locator("[data-submit]")).to_be_enabled()
    page.mistakes.clear()  # the browser itself notes that the answer was 400


def test_naming_a_folder_as_a_storage(page: Any, tmp_path: Path) -> None:
    (tmp_path / "files" / "archive" / "deep").mkdir(parents=True)
    page.goto("/datasets/new/")
    page.check("[name=origin][value=folder]")
    page.click("[data-dialog=storage-new]")
    page.fill("#storage-name", "Archive")
    page.fill("#storage-root", "/etc")
    page.keyboard.press("Enter")
    until(page, "document.querySelector('#storage-new [data-error=root]').textContent !== ''")
    page.mistakes.clear()
    page.fill("#storage-root", "archive")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-browser-list] button:has-text('deep')")
    expect(page.locator("#dataset-storage option:checked")).to_have_text("Archive")


def test_stopping_an_upload(page: Any, tmp_path: Path) -> None:
    large = tmp_path / "large.txt"
    large.write_bytes(b"x\n" * 20_000_000)
    page.route("**/api/v1/datasets", lambda route: None)  # never answered
    page.goto("/datasets/new/")
    page.check("[name=kind][value=text]")
    page.fill("#dataset-name", "Never")
    page.set_input_files("#pick-files", str(large))
    page.click("[data-submit]")
    page.wait_for_selector("[data-sending]:not([hidden])")
    expect(page.locator("[data-submit]")).to_be_disabled()
    page.click("[data-abort]")
    expect(page.locator("[data-error-all]")).to_contain_text("Stopped")
    expect(page.locator("[data-submit]")).to_be_enabled()
    assert not Dataset.objects.exists()


def test_recordings_play_as_they_are_or_as_copies(
    page: Any, workspace: Any, admin_user: Any
) -> None:
    """A browser's own clock says what the tables of time stamps say, of an original and of a copy."""
    films = make(
        workspace,
        admin_user,
        kind="video",
        files=[
            ("a.mp4", io.BytesIO(clip(options={"bf": "2"}, sound="aac", size=(320, 240)))),
            ("b.avi", io.BytesIO(clip("avi", "mjpeg", pixels="yuvj420p", size=(320, 240)))),
        ],
    )
    assert films.state == "ready"
    page.goto(f"/datasets/{films.pk}/")
    expect(page.locator(".tile-duration")).to_have_count(2)
    for number in (1, 2):
        page.goto(f"/datasets/{films.pk}/items/{number}/")
        video = page.locator("video")
        expect(video).to_be_visible(timeout=30_000)
        page.wait_for_function(
            "() => document.querySelector('video').readyState >= 2", timeout=30_000
        )
        assert page.evaluate("document.querySelector('video').videoWidth") == 320
        # Sought to the middle of a frame, the browser shows that frame and says its stamp.
        shown = page.evaluate(
            """async () => {
                const video = document.querySelector("video");
                const address = video.dataset.play ?? location.pathname.replace(
                    /datasets.(\\d+).items.(\\d+)./, "media/dataset/$1/$2/source?size=play");
                const frames = address.replace("size=play", "size=frames");
                let found;
                for (;;) {
                    const response = await fetch(frames);
                    found = [await response.json(), response.url];
                    if (found[0].state === "ready") break;
                    await new Promise((resolve) => setTimeout(resolve, 100));
                }
                const chunk = await fetch(`${found[1]}/0/0/0`);
                const stamps = new Float64Array(await chunk.arrayBuffer());
                const seen = [];
                for (const index of [10, 31, 30, 58]) {
                    const told = new Promise((resolve) =>
                        video.requestVideoFrameCallback((_, data) => resolve(data.mediaTime)));
                    video.currentTime = (stamps[index] + stamps[index + 1]) / 2;
                    seen.push([stamps[index], await told]);
                }
                return seen;
            }"""
        )
        for stamp, told in shown:
            assert told == pytest.approx(stamp, abs=0.001)
