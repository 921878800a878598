"""/exports: who may ask, see, download and call off; ranges; what it costs."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User, Workspace
from exports import services
from exports.download import _seats
from exports.models import Export
from itag.core.policy import can
from jobs.models import Job
from tests.exports.rows import label_all
from tests.factories import make_dataset, make_job, member

pytestmark = pytest.mark.django_db

Api = Callable[..., Any]


@pytest.fixture
def manager(workspace: Workspace) -> User:
    """An operator of the workspace who is the job's task administrator."""
    return member(workspace, username="mara")


@pytest.fixture
def job(workspace: Workspace, labeler: User, manager: User) -> Job:
    made = make_job(
        dataset=make_dataset(4, workspace=workspace), size=2, labelers=[labeler], managers=[manager]
    )
    label_all(made)
    return made


@pytest.fixture
def export(job: Job, manager: User) -> Export:
    """A finished one."""
    made = services.request_export(job=job, user=manager)
    services.build_export(export_id=made.pk)
    made.refresh_from_db()
    return made


@pytest.fixture
def people(
    admin_user: User, leader: User, labeler: User, labeler2: User, stranger: User, manager: User
) -> dict[str, User | None]:
    """`labeler2` is a member of the workspace with nothing to do in the job."""
    return {
        "admin": admin_user,
        "manager": manager,
        "leader": leader,
        "labeler": labeler,
        "colleague": labeler2,
        "stranger": stranger,
        "anonymous": None,
    }


def content(response: Any) -> bytes:
    """What the answer holds; reading it to its end closes it, as a server does."""
    return b"".join(response.streaming_content) if response.streaming else response.content


WHO = ["admin", "manager", "leader", "labeler", "colleague", "stranger", "anonymous"]


@pytest.mark.parametrize(
    ("name", "method", "statuses"),
    [
        ("api-export", "get", [200, 200, 200, 200, 404, 404, 401]),
        ("api-export-file", "get", [200, 200, 403, 403, 404, 404, 401]),
        ("api-export-cancel", "post", [409, 409, 403, 403, 404, 404, 401]),
        ("export-cancel", "post", [302, 302, 403, 403, 404, 404, 302]),
    ],
)
def test_access(
    api: Api,
    export: Export,
    people: dict[str, User | None],
    name: str,
    method: str,
    statuses: list[int],
) -> None:
    for who, status in zip(WHO, statuses, strict=True):
        response = getattr(api(people[who]), method)(reverse(name, args=[export.pk]))
        assert response.status_code == status, who
        content(response)
    export.refresh_from_db()
    assert export.state == "succeeded"


def test_who_may_ask(api: Api, job: Job, people: dict[str, User | None]) -> None:
    for who, status in zip(WHO, [202, 202, 403, 403, 404, 404, 401], strict=True):
        before = Export.objects.count()
        response = api(people[who]).post(reverse("api-exports"), {"job": job.pk})
        assert response.status_code == status, who
        assert Export.objects.count() == before + (status == 202), who


def test_rules_and_lists_agree(export: Export, people: dict[str, User | None]) -> None:
    for user in filter(None, people.values()):
        listed = Export.objects.visible_to(user).filter(pk=export.pk).exists()
        assert bool(can(user, "exports.view", export)) is listed
        assert listed or not can(user, "exports.download", export)


def test_nothing_of_a_deleted_job(api: Api, export: Export, admin_user: User) -> None:
    Job.objects.filter(pk=export.job_id).update(deleted_at="2026-01-01T00:00:00Z")
    for name in ("api-export", "api-export-file"):
        assert api(admin_user).get(reverse(name, args=[export.pk])).status_code == 404
    assert api(admin_user).get(reverse("api-exports")).json()["results"] == []
    asked = api(admin_user).post(reverse("api-exports"), {"job": export.job_id})
    assert asked.status_code == 404


def test_asking(api: Api, job: Job, admin_user: User) -> None:
    body = {"job": job.pk, "scope": "finished", "idempotency_key": "k"}
    first = api(admin_user).post(reverse("api-exports"), body)
    again = api(admin_user).post(reverse("api-exports"), body)
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["id"] == again.json()["id"]
    assert first.json() == {
        "id": first.json()["id"],
        "job": job.pk,
        "format": "manifest",
        "scope": "finished",
        "state": "queued",
        "done": 0,
        "total": 0,
        "percent": 0,
        "size": 0,
        "digest": "",
        "error": "",
        "file_name": f"{job.name}.manifest",
        "frozen_at": first.json()["frozen_at"],
        "created_at": first.json()["created_at"],
        "finished_at": None,
        "requested_by": {"id": admin_user.pk, "username": "alice", "name": str(admin_user)},
        "url": None,
    }
    services.build_export(export_id=first.json()["id"])
    found = api(admin_user).get(reverse("api-export", args=[first.json()["id"]])).json()
    assert (found["state"], found["percent"], found["done"]) == ("succeeded", 100, 4)
    response = api(admin_user).get(found["url"])
    assert hashlib.sha256(content(response)).hexdigest() == found["digest"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "job"),
        ({"job": "x"}, "job"),
        ({"job": 1, "format": "exe"}, "format"),
        ({"job": 1, "scope": "x"}, "scope"),
        ({"job": 1, "idempotency_key": "x" * 101}, "idempotency_key"),
    ],
)
def test_what_is_wrong_is_named(
    api: Api, admin_user: User, body: dict[str, Any], field: str
) -> None:
    response = api(admin_user).post(reverse("api-exports"), body)
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == field
    assert not Export.objects.exists()


def test_calling_off(api: Api, job: Job, manager: User) -> None:
    export = services.request_export(job=job, user=manager)
    response = api(manager).post(reverse("api-export-cancel", args=[export.pk]))
    assert response.json()["state"] == "cancelled"


class TestDownload:
    def test_it_is_saved_never_shown(self, api: Api, export: Export, manager: User) -> None:
        """Attack family 2: whatever is in it, it does not run in our origin."""
        response = api(manager).get(reverse("api-export-file", args=[export.pk]))
        assert response.headers["Content-Disposition"] == (
            f'attachment; filename="{export.job.name}.manifest"'
        )
        assert response.headers["Content-Type"] == "application/octet-stream"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response.headers["Content-Security-Policy"]
        assert int(response.headers["Content-Length"]) == export.size == len(content(response))
        assert response.headers["ETag"] == f'"{export.digest}"'

    def test_a_chinese_name(self, api: Api, export: Export, manager: User) -> None:
        Job.objects.filter(pk=export.job_id).update(name="猫")
        response = api(manager).get(reverse("api-export-file", args=[export.pk]))
        assert response.headers["Content-Disposition"] == (
            "attachment; filename*=utf-8''%E7%8C%AB.manifest"
        )
        content(response)

    @pytest.mark.parametrize(
        ("asked", "first", "stop"),
        [
            ("bytes=10-19", 10, 20),
            ("bytes=10-", 10, None),
            ("bytes=-7", -7, None),
            ("bytes=0-99999999", 0, None),
        ],
    )
    def test_ranges(
        self, api: Api, export: Export, manager: User, asked: str, first: int, stop: int | None
    ) -> None:
        whole = services.locate(export).read_bytes()
        response = api(manager).get(reverse("api-export-file", args=[export.pk]), HTTP_RANGE=asked)
        part = whole[first:stop]
        start = first % len(whole)
        assert response.status_code == 206
        assert content(response) == part
        assert response.headers["Content-Range"] == (
            f"bytes {start}-{start + len(part) - 1}/{len(whole)}"
        )

    @pytest.mark.parametrize("asked", ["bytes=a-b", "bytes=-", "bytes=1-2,4-5", "lines=1-2"])
    def test_what_is_no_range_gets_the_whole(
        self, api: Api, export: Export, manager: User, asked: str
    ) -> None:
        response = api(manager).get(reverse("api-export-file", args=[export.pk]), HTTP_RANGE=asked)
        assert response.status_code == 200
        assert len(content(response)) == export.size

    def test_behind_the_end(self, api: Api, export: Export, manager: User) -> None:
        response = api(manager).get(
            reverse("api-export-file", args=[export.pk]), HTTP_RANGE="bytes=99999999-"
        )
        assert response.status_code == 416
        assert response.headers["Content-Range"] == f"bytes */{export.size}"

    def test_resuming_another_file_gets_the_whole(
        self, api: Api, export: Export, manager: User
    ) -> None:
        response = api(manager).get(
            reverse("api-export-file", args=[export.pk]),
            HTTP_RANGE="bytes=5-",
            HTTP_IF_RANGE='"other"',
        )
        assert response.status_code == 200
        content(response)

    def test_unfinished(self, api: Api, job: Job, manager: User) -> None:
        export = services.request_export(job=job, user=manager)
        response = api(manager).get(reverse("api-export-file", args=[export.pk]))
        assert response.status_code == 409

    def test_a_file_that_is_gone(self, api: Api, export: Export, manager: User) -> None:
        services.locate(export).unlink()
        response = api(manager).get(reverse("api-export-file", args=[export.pk]))
        assert response.status_code == 404

    @pytest.mark.parametrize("path", ["../secret", "/etc/passwd", "1/../../secret", ""])
    def test_nothing_outside_the_folder(
        self, api: Api, export: Export, manager: User, path: str, settings: Any
    ) -> None:
        """Attack family 5: even a row that somebody tampered with opens no other file."""
        settings.EXPORTS_ROOT.mkdir(exist_ok=True)
        (settings.EXPORTS_ROOT.parent / "secret").write_text("top secret")
        Export.objects.filter(pk=export.pk).update(file=path)
        response = api(manager).get(reverse("api-export-file", args=[export.pk]))
        assert response.status_code == 404

    def test_half_of_the_threads_stay_free(
        self, api: Api, export: Export, manager: User, settings: Any
    ) -> None:
        address = reverse("api-export-file", args=[export.pk])
        held = [api(manager).get(address) for _ in range(settings.ITAG_WEB_THREADS // 2)]
        assert api(manager).get(address).status_code == 503
        content(held.pop())
        again = api(manager).get(address)
        assert again.status_code == 200
        for response in (*held, again):
            content(response)
        with pytest.raises(ValueError, match="released too many"):
            _seats().release()

    def test_by_nginx(self, api: Api, export: Export, manager: User, settings: Any) -> None:
        settings.ITAG_ACCEL = "nginx"
        response = api(manager).get(reverse("api-export-file", args=[export.pk]))
        assert response.headers["X-Accel-Redirect"] == f"/_itag/exports/{export.file}"
        assert response.headers["Content-Disposition"].startswith("attachment")
        assert response.content == b""


def test_no_state_change_by_get(api: Api, job: Job, manager: User) -> None:
    """Attack family 6: an export is neither asked for nor called off by a link."""
    export = services.request_export(job=job, user=manager)
    client = api(manager)
    client.get(reverse("api-exports"), {"job": job.pk, "scope": "all", "idempotency_key": "x"})
    client.get(reverse("exports"), {"job": job.pk, "scope": "all", "key": "x"})
    assert client.get(reverse("api-export-cancel", args=[export.pk])).status_code in (403, 405)
    assert client.get(reverse("export-cancel", args=[export.pk])).status_code == 405
    assert list(Export.objects.values_list("state", flat=True)) == ["queued"]


def test_posting_needs_the_token_of_the_page(job: Job, manager: User) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(manager, backend="django.contrib.auth.backends.ModelBackend")
    for name in ("api-exports", "exports"):
        assert client.post(reverse(name), {"job": job.pk}).status_code == 403
    assert not Export.objects.exists()


@pytest.mark.parametrize(
    "name",
    [
        "requested_by__password__startswith",
        "job__workspace__name",
        "ordering",
        "fields",
        "job__created_by__password",
    ],
)
def test_no_names_of_the_orm_in_filters(api: Api, export: Export, manager: User, name: str) -> None:
    """Attack family 3: unknown filters reveal nothing."""
    plain = api(manager).get(reverse("api-exports")).json()["results"]
    assert api(manager).get(reverse("api-exports"), {name: "m"}).json()["results"] == plain


@pytest.mark.parametrize("value", ["x", "-1", "9" * 30, "1 or 1=1", "\x00"])
def test_odd_filter_values(api: Api, export: Export, manager: User, value: str) -> None:
    assert api(manager).get(reverse("api-exports"), {"job": value}).status_code in (200, 400)
    assert api(manager).get(reverse("exports"), {"job": value, "before": value}).status_code == 200


def test_filters(api: Api, export: Export, manager: User) -> None:
    for query, count in (
        ({"job": export.job_id}, 1),
        ({"job": export.job_id + 1}, 0),
        ({"state": "succeeded"}, 1),
        ({"state": "failed"}, 0),
    ):
        assert len(api(manager).get(reverse("api-exports"), query).json()["results"]) == count


@pytest.mark.parametrize("name", ["api-exports", "exports"])
def test_one_row_costs_what_thirty_cost(
    api: Api, workspace: Workspace, admin_user: User, name: str
) -> None:
    counts = []
    for number in (1, 29):
        for _ in range(number):
            job = make_job(dataset=make_dataset(1, workspace=workspace))
            services.request_export(job=job, user=admin_user)
        client = api(admin_user)
        client.get(reverse(name))
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse(name)).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 14


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_loses_no_export(
    admin_user: User, workspace: Workspace, api: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*args: Any, **more: Any) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr("exports.tasks.build_export.delay", down)
    job = make_job(items=1, size=1, workspace=workspace)
    assert api(admin_user).post("/api/v1/exports", {"job": job.pk}).status_code == 202


def test_a_job_in_the_address_of_any_length(admin_user: User, api: Any) -> None:
    for number in ("9" * 30, "0" * 20 + "9" * 5000):
        assert api(admin_user).get(f"/exports/?job={number}").status_code == 200
