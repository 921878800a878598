"""The pages in a real browser: choosing, dropping, sending, watching the import, reading its errors."""

from pathlib import Path
from typing import Any

import pytest

from datasets.models import Dataset
from datasets.services.storages import default_storage, storage_root
from tests.conftest import wait_for
from tests.datasets.helpers import finish, make, picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


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


def until(page: Any, expression: str) -> None:
    """Wait until it holds in the page; the page's policy forbids Playwright's own way of asking."""
    wait_for(lambda: page.evaluate(expression))


def made(name: str) -> Dataset:
    return wait_for(lambda: Dataset.objects.filter(name=name).first())


def test_a_folder_of_this_computer(page: Any, photos: Path) -> None:
    page.goto("/datasets/new/")
    page.set_input_files("#pick-folder", str(photos))
    assert page.inner_text("[data-picked-sum]").startswith("13 files")
    assert "holiday/notes.txt" in page.inner_text("[data-picked-odd-text]")
    page.click("[data-picked-drop]")
    assert page.inner_text("[data-picked-sum]").startswith("12 files")
    # Enter in the name sends the form; without a name it says so and stays.
    page.press("#dataset-name", "Enter")
    assert page.inner_text("#dataset-name-error") == "Give the dataset a name."
    assert page.evaluate("document.activeElement.id") == "dataset-name"
    page.keyboard.type("Holiday")
    page.keyboard.press("Enter")
    page.wait_for_url("**/datasets/*/")
    dataset = made("Holiday")
    assert "waits for a worker" in page.inner_text("#import-progress")
    finish(dataset)
    page.wait_for_selector(".gallery")
    images = "[...document.querySelectorAll('.gallery img')]"
    until(page, f"{images}.length === 12 && {images}.every(i => i.naturalWidth === 320)")
    assert page.inner_text(".gallery li:first-child").split() == ["1", "1.jpg"]
    page.click(".gallery li:nth-child(3) a")
    until(page, "document.querySelector('.item-picture img').naturalWidth === 320")
    assert "holiday/beach/3.jpg" in page.inner_text("main")


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
    assert page.inner_text("[data-picked-sum]").startswith("1 file, ")
    page.fill("#dataset-name", "Dropped")
    page.click("[data-submit]")
    page.wait_for_url("**/datasets/*/")
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
    assert page.inner_text("[data-browser-sum]").startswith("1 file lies")
    page.focus("[data-submit]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/datasets/*/")
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
    assert page.inner_text("[data-error=manifest]") == "Choose the manifest file."
    page.set_input_files("#pick-manifest", str(path))
    assert "labels.manifest" in page.inner_text("[data-manifest-name]")
    page.click("[data-submit]")
    page.wait_for_url("**/datasets/*/")
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
    assert page.get_attribute("#dataset-name", "aria-invalid") == "true"
    assert page.evaluate("document.activeElement.id") == "dataset-name"
    assert page.is_enabled("[data-submit]")
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
    assert page.eval_on_selector("#dataset-storage", "s => s.selectedOptions[0].text") == "Archive"


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
    assert page.is_disabled("[data-submit]")
    page.click("[data-abort]")
    page.wait_for_selector("[data-error-all]:not([hidden])")
    assert "Stopped" in page.inner_text("[data-error-all]")
    assert page.is_enabled("[data-submit]")
    assert not Dataset.objects.exists()
