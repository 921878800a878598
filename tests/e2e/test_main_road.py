"""The whole road through the pages, with a real worker: dataset, job, label, check, accept, export."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User, Workspace
from jobs.models import Job
from tests.e2e.label import Canvas, draw_picture, saves, wait_painted

pytestmark = [
    pytest.mark.browser,
    pytest.mark.worker,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(300),
]


def submit(page: Page) -> None:
    page.keyboard.press("Control+Enter")
    page.locator("dialog[open]").get_by_role("button", name="Submit", exact=True).click()
    expect(page.get_by_role("heading", name="Submitted")).to_be_visible()


def claim(page: Page, job: str) -> None:
    page.goto("/")
    page.get_by_role("button", name=f"Claim {job}").click()
    wait_painted(page, 1)


def inspect(page: Page, job: str) -> None:
    """Take the package and pass both of its items."""
    claim(page, job)
    for position in (1, 2):
        wait_painted(page, position)
        with saves(page):
            page.keyboard.press("p")
    if page.locator("dialog[open]").count():  # offered after the last item
        page.keyboard.press("Escape")
    submit(page)


def test_from_pictures_to_a_manifest(
    sign_in: Callable[..., Page],
    celery_worker_process: subprocess.Popen[bytes],
    workspace: Workspace,
    admin_user: User,
    labeler: User,
    checker: User,
    accepter: User,
    tmp_path: Path,
) -> None:
    for number in (1, 2):
        draw_picture(tmp_path / "pick" / f"{number}.jpg", number)

    page = sign_in(admin_user, locale="en")
    page.goto("/datasets/new/")
    page.fill("input[name=name]", "street")
    page.set_input_files("#pick-files", sorted((tmp_path / "pick").iterdir()))
    page.get_by_role("button", name="Make the dataset").click()
    expect(page.get_by_text("Ready")).to_be_visible(timeout=30_000)
    expect(page.locator("a.tile")).to_have_count(2)

    page.goto("/jobs/new/")
    page.fill("input[name=name]", "vehicles")
    page.select_option("#id_dataset", label="street · Image · 2 items")
    page.locator(".template-card", has_text="Object Detection").click()
    for label in ("car", "bus"):
        page.locator("[data-add]").fill(label)
        page.keyboard.press("Enter")
    page.get_by_label("Marking-Check-Acceptance", exact=True).check()
    for person, role in ((labeler, "Labelers"), (checker, "Checkers"), (accepter, "Accepters")):
        page.get_by_label(f"{person}: {role}").check()
    page.get_by_role("button", name="Create the job").click()
    expect(page.get_by_text("Running").first).to_be_visible(timeout=30_000)
    job = Job.objects.get()

    work = sign_in(labeler, locale="en")
    claim(work, job.name)
    canvas = Canvas(work)
    for position in (1, 2):
        wait_painted(work, position)
        with saves(work):
            work.keyboard.press("2")
            canvas.drag((100, 100), (200, 180))
        work.keyboard.press("d")
    submit(work)
    inspect(sign_in(checker, locale="en"), job.name)
    inspect(sign_in(accepter, locale="en"), job.name)

    page.goto(f"/jobs/{job.pk}/")
    expect(page.get_by_text("Finished").first).to_be_visible()
    page.get_by_role("link", name="Export").last.click()
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click(timeout=30_000)
    lines = [json.loads(line) for line in download.value.path().read_text().splitlines()]

    key = f"label-{job.task_id}"
    assert [line["data"]["source"] for line in lines] == ["1.jpg", "2.jpg"]
    for line in lines:
        answers: list[Any] = [line[key + end]["results"] for end in ("", "-check", "-verify")]
        assert answers[0] == answers[1] == answers[2]
        (region,) = answers[0][0]["data"]
        assert region["labels"] == {"Label": "bus"}
