"""Figures as people see them: pages, API and files say the same, to whom they may, at the same cost for any size."""

import csv
import io
import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.grants import grant
from accounts.models import User, Workspace
from itag.core.clock import now
from jobs.models import (
    Assignment,
    ErrorTally,
    Job,
    LabelTally,
    Package,
    PackageTally,
    StageTally,
)
from jobs.selectors.figures import MEASURES, Asked, grouped, measures
from jobs.services.figures import settle_figures
from jobs.services.figures_agreement import _task, voter_agreement
from jobs.services.submit import submit_assignment
from jobs.views.charts import Series, columns, nice_top
from tests.factories import make_job, make_team, member
from tests.jobs import flow

pytestmark = pytest.mark.django_db

SECTIONS = ("stage", "person", "team", "label", "error")


@pytest.fixture
def people(workspace: Workspace) -> dict[str, User]:
    return {
        name: member(workspace, username=name, name=name.title())
        for name in ("anna", "ben", "carl", "dora")
    }


@pytest.fixture
def job(workspace: Workspace, people: dict[str, User], admin_user: User) -> Job:
    """One package labeled by Anna, of which Carl rejected an item; another labeled by Ben."""
    job = make_job(
        items=6,
        size=3,
        workspace=workspace,
        labelers=[people["anna"], people["ben"]],
        checkers=[people["carl"]],
        accepters=[people["dora"]],
    )
    flow.label(job, people["anna"])
    flow.inspect_all(job, people["carl"], "check", 2)
    flow.label(job, people["ben"], "k2")
    return job


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


def ask(client: Client, path: str) -> Any:
    response = client.get(f"/api/v1{path}")
    assert response.status_code == 200, response.content
    return response.json()


def test_my_page_equals_what_those_who_lead_see(
    job: Job, people: dict[str, User], admin_user: User, signed_in: Any
) -> None:
    lead = signed_in(admin_user)
    theirs = ask(lead, f"/jobs/{job.pk}/figures?by=person")["results"]
    for name, person in people.items():
        own = ask(signed_in(person), "/me/figures")
        for row in own["jobs"]:
            assert row.pop("job") == {"id": job.pk, "name": job.name}
        of_person = [
            {k: v for k, v in row.items() if k != "user"}
            for row in theirs
            if row["user"]["username"] == name
        ]
        assert own["jobs"] == of_person
        assert own["totals"] == {
            row["stage"]: {k: v for k, v in row.items() if k != "stage"} for row in of_person
        }
    mine = signed_in(people["anna"]).get("/me/").content.decode()
    assert "Returned items" in mine
    assert "66.7 %" in mine


def test_what_follows_from_counts() -> None:
    found = measures(
        {"items": 90, "rework_items": 30, "work_seconds": 3600, "checked": 40,
         "checked_rejected": 3, "checked_modified": 1, "audio_ms": 1500}
    )  # fmt: skip
    assert list(found) == MEASURES
    assert (found["items_per_hour"], found["checked_accuracy"]) == (120.0, 0.9)
    assert (found["audio_seconds"], found["checked_errors"]) == (1.5, 4)
    assert found["sampled_accuracy"] is found["accuracy"] is found["own_accuracy"] is None


def test_every_grouping_adds_up(job: Job, admin_user: User, signed_in: Any) -> None:
    client = signed_in(admin_user)
    for by in ("stage", "team", "person", "day"):
        found = ask(client, f"/jobs/{job.pk}/figures?by={by}")
        for stage, total in found["totals"].items():
            rows = [row for row in found["results"] if row["stage"] == stage]
            assert sum(row["items"] for row in rows) == total["items"]
            assert sum(row["checked_errors"] for row in rows) == total["checked_errors"]
    labels = ask(client, f"/jobs/{job.pk}/figures?by=label")["results"]
    assert [(row["label"], row["count"], row["errors"]) for row in labels] == [
        ("cat", 3, 1),
        ("dog", 3, 0),
    ]
    errors = ask(client, f"/jobs/{job.pk}/figures?by=error")["results"]
    assert [(row["stage"], row["kind"], row["count"]) for row in errors] == [
        ("check", "rejected", 1)
    ]
    assert found["job"]["answered_items"] == 6
    day = now().date() + timedelta(days=3)
    later = ask(client, f"/jobs/{job.pk}/figures?by=person&from={day.isoformat()}")
    assert (later["results"], later["totals"]) == ([], {})


@pytest.mark.parametrize(
    "query", ["by=size", "from=yesterday", "from=2030-02-01&to=2030-01-01", "user=-1", "stage=x",
              "by=person&after=a", "by=day&after=1", "user=99999999999999999999"],
)  # fmt: skip
def test_what_is_asked_wrongly_is_refused(
    job: Job, admin_user: User, signed_in: Any, query: str
) -> None:
    assert signed_in(admin_user).get(f"/api/v1/jobs/{job.pk}/figures?{query}").status_code == 400


def test_files_hold_the_same_and_no_formulas(
    job: Job, people: dict[str, User], admin_user: User, signed_in: Any
) -> None:
    settle_figures(job)
    people["anna"].name = "=HYPERLINK(1)"
    people["anna"].save()
    client = signed_in(admin_user)
    response = client.get(f"/jobs/{job.pk}/figures.csv?by=person")
    text = b"".join(response.streaming_content).decode()
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text[1:])))
    assert {row["name"] for row in rows} == {"'=HYPERLINK(1)", "Ben", "Carl"}
    assert {row["user"]: row["items"] for row in rows} == {"anna": "3", "ben": "3", "carl": "3"}
    every = b"".join(client.get(f"/api/v1/jobs/{job.pk}/figures.csv").streaming_content).decode()
    assert len(every.splitlines()) == 4
    assert client.get(f"/jobs/{job.pk}/figures.csv?by=moon").status_code == 404
    for by in SECTIONS:
        part = b"".join(client.get(f"/jobs/{job.pk}/figures.csv?by={by}").streaming_content)
        assert part.count(b"\n") >= 2


def test_a_suppliers_leader_sees_their_own_people_only(
    job: Job, people: dict[str, User], workspace: Workspace, signed_in: Any
) -> None:
    boss = member(workspace, username="boss")
    team = make_team(workspace, [people["anna"], boss], name="Supplier", is_supplier=True)
    team.leaders.add(boss)
    grant("lead_supplier", workspace, users=[boss])
    grant("view_job", job, users=[boss])
    client = signed_in(boss)
    found = ask(client, f"/jobs/{job.pk}/figures?by=person")
    assert {row["user"]["username"] for row in found["results"]} == {"anna"}
    assert (found["totals"]["labeling"]["items"], found["job"]) == (3, None)
    labels = ask(client, f"/jobs/{job.pk}/figures?by=label")["results"]
    assert [(row["count"], row["errors"]) for row in labels] == [(None, 1)]
    for by in SECTIONS:
        page = client.get(f"/jobs/{job.pk}/figures/?by={by}").content.decode()
        assert "Ben" not in page
        assert "Carl" not in page
    assert signed_in(people["anna"]).get(f"/jobs/{job.pk}/figures/").status_code == 403
    assert f"/jobs/{job.pk}/figures/" in client.get(f"/jobs/{job.pk}/").content.decode()


def many(job: Job, count: int) -> None:
    """Tallies of this many days and people."""
    crew = [member(job.workspace, username=f"crew{job.pk}-{count}-{n}") for n in range(count)]
    first = date(2030, 1, 1)
    StageTally.objects.bulk_create(
        StageTally(
            job=job, stage=stage, user=user, day=first + timedelta(days=day), items=5, packages=1,
            checked=4, checked_rejected=1, work_seconds=60,
        )
        for user in crew for day in range(count) for stage in job.stages
    )  # fmt: skip
    ErrorTally.objects.bulk_create(
        ErrorTally(
            job=job, stage="check", user=user, day=first, kind="rejected", error_type=f"type {n}",
            question="1", option="k1", count=n + 1,
        )
        for n, user in enumerate(crew)
    )  # fmt: skip
    LabelTally.objects.bulk_create(
        LabelTally(job=job, question="1", option=f"o{n}", count=n) for n in range(count, 2 * count)
    )


def test_pages_cost_the_same_for_few_and_for_many(
    job: Job, admin_user: User, people: dict[str, User], signed_in: Any
) -> None:
    lead, worker = signed_in(admin_user), signed_in(people["anna"])
    asked = [
        *((lead, f"/jobs/{job.pk}/figures/?by={by}") for by in SECTIONS),
        *((lead, f"/api/v1/jobs/{job.pk}/figures?by={by}") for by in (*SECTIONS, "day")),
        (worker, "/me/"),
        (worker, "/api/v1/me/figures"),
    ]

    def costs() -> list[int]:
        found = []
        for client, path in asked:
            with CaptureQueriesContext(connection) as captured:
                assert client.get(path).status_code == 200
            found.append(len(captured))
        return found

    many(job, 2)
    costs()
    few = costs()
    many(job, 20)
    assert costs() == few
    assert max(few) <= 30


def test_pages_of_people_go_on(job: Job, admin_user: User, signed_in: Any) -> None:
    many(job, 3)
    StageTally.objects.create(
        job=job, stage="labeling", user=None, day=date(2030, 1, 1), corrected=1
    )
    for by, size in (("person", 4), ("day", 3)):
        seen, after = [], ""
        for _page in range(20):
            rows, after = grouped(Asked(job), by, after=after, limit=2)
            seen += [json.dumps(row.get("user") or str(row.get("day"))) for row in rows]
            if not after:
                break
        assert len(set(seen)) == size
        assert sorted(seen, key=seen.index) == seen


# --- agreement --------------------------------------------------------------------------------------------------------


def test_the_library_gives_the_published_values() -> None:
    """Krippendorff (2011), "Computing Krippendorff's alpha-reliability", example C; Cohen's kappa by hand."""
    rows = [
        "....." "34121133" ".3",
        "1.213343......." ,
        "..21344.211" "33.4",
    ]  # fmt: skip
    ratings = [
        (voter, item, value)
        for voter, row in enumerate(rows)
        for item, value in enumerate(row)
        if value != "."
    ]
    assert round(_task(ratings).alpha(), 3) == 0.691
    pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    ratings = [(who, n, pair[who]) for n, pair in enumerate(pairs) for who in (0, 1)]
    assert round(_task(ratings).kappa_pairwise("0", "1"), 4) == 0.4


def test_agreement_of_voters(workspace: Workspace, people: dict[str, User]) -> None:
    voters = [people["anna"], people["ben"], people["dora"]]
    job = make_job(
        items=8, size=4, workspace=workspace, labelers=voters, checkers=[people["carl"]],
        votes={"1": {"VoteNum": 2, "MinVote": 1}},
    )  # fmt: skip
    if not Assignment.objects.filter(job=job, vote=1).exists():
        Assignment.objects.bulk_create(
            Assignment(job=job, package=package, stage="labeling", number=package.number, vote=1)
            for package in Package.objects.filter(job=job)
        )
    answers = {"anna": "k1 k1 k2 k2", "ben": "k1 k1 k2 k1"}
    for name, keys in answers.items():
        held = flow.claim(job, people[name])
        for position, key in enumerate(keys.split(), 1):
            flow.save(held, position, key)
        submit_assignment(assignment_id=held.pk, user=people[name])
        held.refresh_from_db()
    settle_figures(job)
    assert PackageTally.objects.filter(job=job).exclude(voted_at=None).count() == 1
    found = voter_agreement(job=job)
    assert (found["packages"], found["items"]) == (1, 4)
    [question] = found["questions"]
    assert question["mean"] == 0.75
    [pair] = question["pairs"]
    assert (pair["a"]["username"], pair["b"]["username"], pair["items"]) == ("anna", "ben", 4)
    # Three of four agree, half is expected by chance: (0.75 - 0.5) / (1 - 0.5).
    assert pair["kappa"] == 0.5
    # Alpha by its definition: 1 - (n - 1) · disagreeing pairs / Σ n_c · n_k = 1 - 7 · 2 / (2 · 5 · 3).
    assert question["alpha"] == round(1 - 7 * 2 / 30, 4)
    cache.clear()
    with CaptureQueriesContext(connection) as captured:
        voter_agreement(job=job)
    assert len(captured) <= 4


# --- charts -----------------------------------------------------------------------------------------------------------


def test_columns_stay_within_the_chart() -> None:
    assert [nice_top(n) for n in (0, 3, 5, 11, 83, 1000)] == [4, 4, 5, 20, 100, 1000]
    chart = columns(
        [f"day {n}" for n in range(31)], [Series(1, "a", range(31)), Series(2, "b", [7] * 31)]
    )
    assert len(chart.rects) == 30 + 31
    for rect in chart.rects:
        assert chart.left <= rect.x
        assert rect.x + rect.width <= chart.right
        assert rect.y >= 0
        assert rect.y + rect.height <= chart.height
    assert len(chart.texts) <= 12
    assert columns([], []).rects == []
