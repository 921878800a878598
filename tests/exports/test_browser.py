"""The page of exports in a real browser: progress without reloading, the file saved, an export called off."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User, Workspace
from exports import services
from exports.models import Export
from tests.exports.rows import label_all
from tests.factories import make_dataset, make_job


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_watched_saved_called_off(
    sign_in: Callable[..., Any], workspace: Workspace, admin_user: User
) -> None:
    job = make_job(dataset=make_dataset(4, workspace=workspace), size=2, name="街景")
    label_all(job)
    export = services.request_export(job=job, user=admin_user)
    running = Export.objects.filter(pk=export.pk)
    running.update(state="running", done=1200, total=4000)
    page = sign_in(admin_user, viewport={"width": 1280, "height": 900})
    page.goto(reverse("exports"))
    page.wait_for_selector(f"#export-{export.pk} >> text=1200 / 4000")
    running.update(done=3000)
    page.wait_for_selector(f"#export-{export.pk} >> text=3000 / 4000")
    running.update(state="queued", done=0)
    services.build_export(export_id=export.pk)
    page.wait_for_selector("#exports:not([hx-get])", timeout=15_000)
    with page.expect_download() as download:
        page.click("text=Download")
    assert download.value.suggested_filename == "街景.manifest"
    assert len(download.value.path().read_bytes()) == Export.objects.get(pk=export.pk).size

    page.select_option("select[name=job]", label="街景")
    page.click("text=All items")
    page.click("button:has-text('Export')")
    page.wait_for_selector("text=Queued")
    assert page.url.endswith(f"?job={job.pk}")
    page.click("button:has-text('Call off')")
    page.wait_for_selector("text=The export is called off")
    assert Export.objects.exclude(pk=export.pk).get().state == "cancelled"
