"""The page of exports."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User, Workspace
from exports import services
from exports.models import Export
from jobs.models import Job
from tests.exports.rows import label_all
from tests.factories import make_dataset, make_job

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def job(workspace: Workspace, labeler: User) -> Job:
    made = make_job(
        dataset=make_dataset(4, workspace=workspace), size=2, labelers=[labeler], name="cats"
    )
    label_all(made)
    return made


def test_asking_watching_saving(job: Job, admin_user: User) -> None:
    client = signed_in(admin_user)
    page = client.get(reverse("exports"), {"job": job.pk})
    assert page.context["form"]["job"].value() == job.pk
    key = page.context["form"]["key"].value()
    body = {"job": job.pk, "scope": "all", "key": key}
    answer = client.post(reverse("exports"), body)
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/exports/?job={job.pk}"
    client.post(reverse("exports"), body)
    export = Export.objects.get()
    assert (export.requested_by, export.scope) == (admin_user, "all")

    waiting = client.get(reverse("exports"), {"job": job.pk}).content.decode()
    assert f'hx-get="?job={job.pk}&amp;part=table"' in waiting
    assert reverse("export-cancel", args=[export.pk]) in waiting
    services.build_export(export_id=export.pk)
    part = client.get(reverse("exports"), {"job": job.pk, "part": "table"}).content.decode()
    assert "hx-get" not in part, "what is finished is not asked for any more"
    assert "<html" not in part
    assert f'href="{reverse("api-export-file", args=[export.pk])}"' in part
    assert export.file_name in part


def test_every_form_has_a_key_of_its_own(job: Job, admin_user: User) -> None:
    client = signed_in(admin_user)
    keys = {client.get(reverse("exports")).context["form"]["key"].value() for _ in range(3)}
    assert len(keys) == 3


def test_labelers_see_that_there_is_one(job: Job, admin_user: User, labeler: User) -> None:
    export = services.request_export(job=job, user=admin_user)
    services.build_export(export_id=export.pk)
    text = signed_in(labeler).get(reverse("exports")).content.decode()
    assert reverse("job", args=[job.pk]) in text
    assert reverse("api-export-file", args=[export.pk]) not in text
    assert 'aria-disabled="true"' in text
    assert '<form method="post" class="stack export-form"' not in text
    refused = signed_in(labeler).post(
        reverse("exports"), {"job": job.pk, "scope": "all", "key": "k"}
    )
    assert refused.status_code == 422
    assert Export.objects.count() == 1


def test_people_of_other_workspaces_see_nothing(job: Job, admin_user: User, stranger: User) -> None:
    services.request_export(job=job, user=admin_user)
    text = signed_in(stranger).get(reverse("exports"), {"job": job.pk}).content.decode()
    assert "cats" not in text


def test_anonymous_people_sign_in() -> None:
    assert Client().get(reverse("exports")).status_code == 302


def test_mistakes_are_shown(job: Job, admin_user: User) -> None:
    answer = signed_in(admin_user).post(reverse("exports"), {"scope": "x", "key": "k"})
    assert answer.status_code == 422
    assert {"job", "scope"} <= set(answer.context["form"].errors)


def test_older_ones_on_further_pages(
    job: Job, admin_user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exports.views.PAGE", 2)
    made = [services.request_export(job=job, user=admin_user).pk for _ in range(5)]
    client = signed_in(admin_user)
    address, seen = reverse("exports"), []
    while True:
        context = client.get(address).context
        seen += [row["export"].pk for row in context["rows"]]
        if not context["pager"]["next"]:
            break
        address = reverse("exports") + context["pager"]["next"]
    assert seen == made[::-1]


def test_calling_off(job: Job, admin_user: User) -> None:
    export = services.request_export(job=job, user=admin_user)
    answer = signed_in(admin_user).post(reverse("export-cancel", args=[export.pk]), follow=True)
    assert "Cancelled by" in answer.content.decode()
    export.refresh_from_db()
    assert export.state == "cancelled"


def test_names_are_text(workspace: Workspace, admin_user: User) -> None:
    """Attack family 2: a name with markup in it stays a name."""
    job = make_job(dataset=make_dataset(1, workspace=workspace), name="<img src=x onerror=1>")
    export = services.request_export(job=job, user=admin_user)
    Export.objects.filter(pk=export.pk).update(state="failed", error="<script>x</script>")
    text = signed_in(admin_user).get(reverse("exports")).content.decode()
    assert "<img src=x" not in text
    assert "<script>x" not in text


def test_the_administration(job: Job, admin_user: User, django_assert_max_num_queries: Any) -> None:
    root = User.objects.create_superuser("root", "x")
    export = services.request_export(job=job, user=admin_user)
    client = signed_in(root)
    for name in ("exports_export", "templates_app_labeltemplate"):
        with django_assert_max_num_queries(12):
            assert client.get(reverse(f"admin:{name}_changelist")).status_code == 200
    assert client.get(reverse("admin:exports_export_change", args=[export.pk])).status_code == 200
    client.post(
        reverse("admin:exports_export_changelist"),
        {"action": "cancel", "_selected_action": [export.pk]},
    )
    export.refresh_from_db()
    assert export.state == "cancelled"
