"""Lots in the API and on the pages: preview, take, judge, decide; errors kept with what was entered."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User, Workspace
from jobs.models import Job, Lot
from jobs.services.lots import open_lot, work_on_lot
from tests.factories import make_job
from tests.jobs.flow import label
from tests.jobs.test_lots import drawn, judge

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(workspace: Workspace, labeler: User, accepter: User, admin_user: User) -> Job:
    job = make_job(
        items=8, size=2, workflow="labeling,acceptance", workspace=workspace,
        labelers=[labeler], accepters=[accepter], managers=[admin_user],
    )  # fmt: skip
    for _package in range(4):
        label(job, labeler)
    return job


def test_the_api_walks_a_lot_to_its_end(job: Job, accepter: User, api: Any) -> None:
    client = api(accepter)
    base = f"/api/v1/jobs/{job.pk}/lots"
    asked = {"filters": {"numbers": "1-3"}, "method": "count", "amount": 2, "target": 90}
    assert client.post(f"{base}/preview", asked, format="json").json()["packages"] == 3
    made = client.post(base, asked, format="json")
    assert (made.status_code, made.json()["state"]) == (201, "drawing")
    lot = Lot.objects.get(pk=made.json()["id"])
    work_on_lot(lot_id=lot.pk)
    url = f"/api/v1/lots/{lot.pk}"
    detail = client.get(url).json()
    assert (detail["state"], detail["unjudged"], detail["package_count"]) == ("open", 2, 3)
    assert detail["next"].startswith("/label/")
    lot.refresh_from_db()
    judge(lot, 0)
    items = client.get(f"{url}/items").json()
    assert [row["verdict"] for row in items["results"]] == ["rejected", "passed"]
    effect = client.get(f"{url}/effect?decision=return_items").json()
    assert (effect["accepted_packages"], effect["returned_packages"]) == (2, 1)
    wrong = client.post(f"{url}/close", {"decision": "return_items", "confirm": 9}, format="json")
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["count"]) == (409, "confirm", 3)
    done = client.post(f"{url}/close", {"decision": "return_items", "confirm": 3}, format="json")
    assert (done.status_code, done.json()["state"]) == (202, "closing")
    work_on_lot(lot_id=lot.pk)
    assert client.get(url).json()["state"] == "closed"
    assert [row["id"] for row in client.get(base).json()["results"]] == [lot.pk]


def test_what_is_wrong_is_named(job: Job, accepter: User, api: Any) -> None:
    answer = api(accepter).post(
        f"/api/v1/jobs/{job.pk}/lots", {"method": "rate", "amount": 0, "filters": {"x": 1}}, format="json"
    )  # fmt: skip
    assert answer.status_code == 400
    assert {e["field"] for e in answer.json()["errors"]} == {"amount", "filters.x"}


def test_the_page_takes_and_decides(job: Job, accepter: User, client: Any) -> None:
    client.force_login(accepter)
    url = reverse("job-lots", args=[job.pk])
    assert b"Take the lot" in client.get(url).content
    refused = client.post(url, {"method": "count", "amount": "many", "numbers": "1-3"})
    assert refused.status_code == 422
    assert b'value="1-3"' in refused.content
    shown = client.post(
        reverse("job-lots-preview", args=[job.pk]), {"method": "rate", "amount": "50"}
    )
    assert b"4 packages with 8 items" in shown.content
    made = client.post(url, {"method": "count", "amount": "3"})
    lot = Lot.objects.get()
    assert made.url == reverse("lot", args=[job.pk, lot.pk])
    assert b"Being drawn" in client.get(made.url).content
    work_on_lot(lot_id=lot.pk)
    state = client.get(f"{made.url}?part=state&was=drawing")
    assert state.headers["HX-Refresh"] == "true"
    lot.refresh_from_db()
    judge(lot)
    asked = client.post(made.url, {"decision": "accept"})
    assert b"4 packages with 8 items are accepted" in asked.content
    wrong = client.post(made.url, {"decision": "accept", "confirm": "5"})
    assert wrong.status_code == 409
    lot.refresh_from_db()
    assert lot.state == "open"
    assert client.post(made.url, {"decision": "accept", "confirm": "4"}).status_code == 302
    work_on_lot(lot_id=lot.pk)
    assert b"Accept the lot" in client.get(made.url).content
    job.refresh_from_db()
    assert job.state == "finished"


def test_a_manager_looks_and_dissolves(
    job: Job, accepter: User, admin_user: User, client: Any
) -> None:
    lot = drawn(job, accepter, method="count", amount=1)
    client.force_login(admin_user)
    url = reverse("lot", args=[job.pk, lot.pk])
    page = client.get(url).content.decode()
    assert "Only its accepter decides on the lot." in page
    assert client.post(url, {"decision": "accept", "confirm": "4"}).status_code == 403
    assert client.post(url, {"decision": "dissolve", "confirm": "4"}).status_code == 302
    work_on_lot(lot_id=lot.pk)
    lot.refresh_from_db()
    assert lot.state == "cancelled"


def test_a_list_costs_the_same_for_few_and_for_many(job: Job, accepter: User, api: Any) -> None:
    client = api(accepter)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/api/v1/jobs/{job.pk}/lots").status_code == 200
        return len(captured)

    open_lot(job=job, user=accepter)
    client.get("/api/v1/me")
    few = cost()
    for _lot in range(5):
        open_lot(job=job, user=accepter)
    assert cost() == few


def test_a_package_of_a_lot_says_so_to_who_judges_it(job: Job, accepter: User, api: Any) -> None:
    lot = drawn(job, accepter, method="count", amount=1)
    row = lot.assignments.all()[0]
    shown = api(accepter).get(f"/api/v1/assignments/{row.pk}").json()
    assert shown["lot"] == {
        "id": lot.pk,
        "name": f"Lot {lot.pk}",
        "url": reverse("lot", args=[job.pk, lot.pk]),
    }
    assert (shown["can"]["submit"], shown["expires_at"]) == (False, None)
    assert "lot" in shown["why"]["submit"]
