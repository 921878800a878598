"""Subtask details: where packages stand, narrowed and by key; verbs with one and with many; what nobody can take."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User, Workspace
from jobs.models import Assignment, Job, Package, PackageEvent, SkipRecord
from jobs.models.talk import Thread
from jobs.selectors.operations import package_verdicts
from jobs.selectors.packages import package_row
from tests.factories import make_job, member
from tests.jobs.flow import (
    checked_job,
    claim,
    inspect_all,
    label,
    open_positions,
    pass_rest,
    reject_item,
    save,
    submit,
    take,
    web,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(workspace: Workspace, labeler: User, checker: User, admin_user: User) -> Job:
    return checked_job(workspace, labeler=labeler, checker=checker, manager=admin_user, items=12)


def numbers(user: User, job: Job, query: str = "") -> list[int]:
    response = web(user).get(f"/jobs/{job.pk}/packages/{query}")
    assert response.status_code == 200
    return [row.package.number for row in response.context["rows"]]


def test_packages_narrow_by_where_they_stand(
    job: Job, admin_user: User, leader: User, labeler: User, checker: User, api: Any
) -> None:
    label(job, labeler)
    label(job, labeler)
    inspect_all(job, checker, "check")  # 1 is finished
    check = claim(job, checker, "check")  # 2 is returned
    reject_item(check, 1)
    pass_rest(check)
    submit(check)
    held = take(job, labeler, 3)
    Assignment.objects.filter(job=job, number=4).update(state="blocked", reason="nobody")
    Package.objects.filter(job=job, number=6).update(discarded_at=timezone.now())
    item = held.package.items.first()
    Thread.objects.create(
        job=job, package_item=item, assignment=held, author=labeler, stage="labeling"
    )
    for query, found in {
        "": [1, 2, 3, 4, 5],
        "?state=waiting": [2, 5],
        "?state=claimed": [3],
        "?state=blocked": [4],
        "?state=finished": [1],
        "?state=discarded": [6],
        "?stage=check": [1],
        f"?holder={labeler.pk}": [3],
        f"?reserved={labeler.pk}": [2],
        "?round=2": [2],
        "?reason=nobody": [4],
        "?reason=max_rounds": [],
        "?returned=1": [2],
        "?flags=1": [3],
        "?batch=1&state=waiting": [2, 5],
        "?batch=2": [],
        "?state=nowhere&round=x&holder=-1": [1, 2, 3, 4, 5],
        "?after=3": [4, 5],
        "?before=3": [1, 2],
    }.items():
        assert numbers(leader, job, query) == found, query
        if "nowhere" not in query:
            answer = api(leader).get(f"/api/v1/jobs/{job.pk}/packages{query}").json()
            assert [row["number"] for row in answer["results"]] == found, query
    assert api(leader).get(f"/api/v1/jobs/{job.pk}/packages?state=nowhere").status_code == 400
    shown = {row["number"]: row for row in answer["results"]}
    assert shown[2]["standing"] == "waiting"
    assert (shown[2]["rejected"], shown[2]["is_return"], shown[2]["round"]) == (1, True, 2)
    assert (shown[1]["standing"], shown[1]["done"], shown[1]["assignment"]) == ("finished", 2, None)


def test_how_far_a_package_is_counts_what_is_to_be_done_there(
    job: Job, labeler: User, checker: User
) -> None:
    first = label(job, labeler)
    check = claim(job, checker, "check")
    reject_item(check, 1)
    row = package_row(job, first.number)
    assert row is not None
    assert (row.done, row.total, row.state) == (1, 2, "claimed")
    assert row.whose == [("chen", True)]
    pass_rest(check)
    submit(check)
    again = claim(job, labeler)
    row = package_row(job, first.number)
    assert row is not None
    assert (row.done, row.total, row.rejected, row.is_return) == (0, 1, 1, True)
    save(again, open_positions(again)[0], "k2")
    row = package_row(job, first.number)
    assert row is not None
    assert (row.done, row.total) == (1, 1)
    assert row.since is not None
    assert row.since <= again.created_at


def test_pages_of_packages_go_on_and_back(admin_user: User, workspace: Workspace, api: Any) -> None:
    job = make_job(items=130, size=1, workspace=workspace, managers=[admin_user])
    client = web(admin_user)
    first = client.get(f"/jobs/{job.pk}/packages/").context
    assert [row.package.number for row in first["rows"]] == list(range(1, 51))
    assert first["pager"] == {"previous": "", "next": "?after=50"}
    last = client.get(f"/jobs/{job.pk}/packages/?state=waiting&after=100").context
    assert [row.package.number for row in last["rows"]] == list(range(101, 131))
    assert last["pager"] == {"previous": "?state=waiting&before=101", "next": ""}
    back = client.get(f"/jobs/{job.pk}/packages/?state=waiting&before=101").context
    assert [row.package.number for row in back["rows"]] == list(range(51, 101))
    answer = api(admin_user).get(f"/api/v1/jobs/{job.pk}/packages?limit=50&after=50").json()
    assert answer["next"].endswith("limit=50&after=100")
    assert answer["previous"].endswith("limit=50&before=51")


def test_packages_cost_the_same_at_20_and_at_2000(
    workspace: Workspace, admin_user: User, api: Any
) -> None:
    client, remote = web(admin_user), api(admin_user)
    costs = []
    for items in (20, 2_000):
        job = make_job(items=items, size=1, workspace=workspace, managers=[admin_user])
        for ask in (client.get, remote.get):
            for path in (
                f"/jobs/{job.pk}/",
                f"/jobs/{job.pk}/packages/?state=waiting",
                f"/jobs/{job.pk}/packages/",
                f"/jobs/{job.pk}/packages/?part=rows",
                "/jobs/blocked/",
                f"/api/v1/jobs/{job.pk}/packages?limit=20",
                f"/api/v1/jobs/{job.pk}/blocked",
            ):
                ask(path)
                with CaptureQueriesContext(connection) as captured:
                    assert ask(path).status_code == 200
                costs.append(len(captured))
    half = len(costs) // 2
    assert costs[:half] == costs[half:]
    assert max(costs) <= 24


# --- verbs -----------------------------------------------------------------------------------------------------------


def change(user: User, job: Job, verb: str, *chosen: int, **fields: Any) -> Any:
    body = {"verb": verb, "number": [*map(str, chosen)], "reason": "as agreed", **fields}
    return web(user).post(f"/jobs/{job.pk}/packages/change/", body, follow=True)


def test_one_package_needs_no_number_typed(job: Job, leader: User, labeler: User) -> None:
    row = take(job, labeler)
    response = change(leader, job, "release", 1, back="package", reason="On leave")
    assert response.redirect_chain[-1][0] == f"/jobs/{job.pk}/packages/1/"
    row.refresh_from_db()
    assert (row.state, row.reason) == ("released", "On leave")
    assert b"On leave" in response.content
    again = change(leader, job, "release", 1)
    assert b"Nobody holds this package" in again.content


def test_many_need_their_number_typed_and_say_what_failed(
    job: Job, admin_user: User, labeler: User
) -> None:
    for number in (1, 2):
        take(job, labeler, number)
    dialog = web(admin_user).get(
        f"/jobs/{job.pk}/packages/change/?verb=release&number=1&number=2&number=5&part=dialog"
    )
    assert b"<html" not in dialog.content
    assert b"3 packages are taken from their holders" in dialog.content
    wrong = change(admin_user, job, "release", 1, 2, 5, confirm="2")
    assert wrong.status_code == 422
    assert b"Type the number of packages: 3." in wrong.content
    assert Assignment.objects.filter(job=job, state="claimed").count() == 2
    done = change(admin_user, job, "release", 1, 2, 5, confirm="3")
    assert b"Release: 2 packages." in done.content
    assert b"Package 5: Nobody holds this package" in done.content
    assert Assignment.objects.filter(job=job, state="claimed").count() == 0


def test_all_that_the_filter_finds_are_named_by_the_server(
    job: Job, admin_user: User, labeler: User
) -> None:
    take(job, labeler, 2)
    asked = web(admin_user).get(
        f"/jobs/{job.pk}/packages/change/?verb=discard&all=1&state=waiting&number=2"
    )
    assert asked.context["chosen"].numbers == [1, 3, 4, 5, 6]
    done = change(admin_user, job, "discard", 1, 3, 4, 5, 6, confirm="5", state="waiting")
    assert done.redirect_chain[-1][0] == f"/jobs/{job.pk}/packages/?state=waiting"
    assert numbers(admin_user, job) == [2]
    change(admin_user, job, "restore", 4)
    assert numbers(admin_user, job) == [2, 4]


def test_a_transfer_goes_to_somebody_of_the_job(
    job: Job, admin_user: User, labeler: User, labeler2: User
) -> None:
    take(job, labeler)
    nobody = change(admin_user, job, "transfer", 1, to=str(labeler2.pk))
    assert nobody.status_code == 422, "the person has no part in the job"
    change(admin_user, job, "transfer", 3, to=str(labeler.pk))
    slot = Assignment.objects.get(job=job, number=3, state="waiting")
    assert slot.reserved_user == labeler
    history = web(admin_user).get(f"/jobs/{job.pk}/packages/3/").content.decode()
    assert "alice transferred it to lars." in history


def test_a_leader_assigns_but_does_not_discard(job: Job, leader: User) -> None:
    assert change(leader, job, "discard", 1).status_code == 403
    assert Package.objects.filter(job=job, discarded_at=None).count() == 6
    page = web(leader).get(f"/jobs/{job.pk}/packages/1/").content.decode()
    assert page.count("You are not a task administrator of this job.") >= 4
    assert "text number 1" not in page


@pytest.mark.parametrize("query", ["", "?verb=release", "?verb=none&number=1", "?number=1"])
def test_without_a_choice_there_is_nothing_to_ask(query: str, job: Job, admin_user: User) -> None:
    response = web(admin_user).get(f"/jobs/{job.pk}/packages/change/{query}")
    assert response.status_code == 302


def test_what_is_not_possible_says_why(job: Job, labeler: User) -> None:
    take(job, labeler)

    def refused(number: int) -> set[str]:
        row = package_row(job, number)
        assert row is not None
        verdicts = package_verdicts(row, job)
        assert all(verdict or verdict.reason for verdict in verdicts.values())
        return {verb for verb, verdict in verdicts.items() if not verdict}

    assert refused(1) == {"offer", "restore", "reopen"}
    assert refused(2) == {"release", "extend", "submit", "offer", "restore", "reopen"}
    Assignment.objects.filter(job=job, number=2).update(state="blocked", reason="nobody")
    assert "offer" not in refused(2)
    Package.objects.filter(job=job, number=3).update(discarded_at=timezone.now())
    assert refused(3) == {"transfer", "release", "extend", "submit", "offer", "discard", "reopen"}
    job.state = Job.State.OFFLINE
    assert refused(1) == {"transfer", "submit", "offer", "restore", "reopen"}


def test_a_blocked_package_is_offered_again_with_those_who_gave_it_back(
    job: Job, admin_user: User, labeler: User
) -> None:
    package = Package.objects.get(job=job, number=1)
    record = SkipRecord.objects.create(job=job, person=labeler, package=package)
    Assignment.objects.filter(package=package).update(state="blocked", reason="given_back")
    change(admin_user, job, "offer", 1)
    record.refresh_from_db()
    assert record.lifted_at is not None
    assert Assignment.objects.get(package=package).state == "waiting"
    nothing = change(admin_user, job, "offer", 2)
    assert b"nothing blocks it" in nothing.content


# --- what nobody can take, histories, items side by side ---------------------------------------------------------------


def test_what_nobody_can_take_is_listed_with_its_reason(
    job: Job, admin_user: User, labeler: User, stranger: User, api: Any
) -> None:
    Assignment.objects.filter(job=job, number=2).update(state="blocked", reason="max_rounds")
    why = b"It was rejected in as many rounds as the job allows."
    assert why in web(admin_user).get(f"/jobs/{job.pk}/").content
    assert why in web(admin_user).get("/jobs/blocked/").content
    for other in (labeler, stranger):
        assert why not in web(other).get("/jobs/blocked/").content
    (row,) = api(admin_user).get("/api/v1/blocked").json()["results"]
    assert (row["job"]["id"], row["number"], row["reason"]) == (job.pk, 2, "max_rounds")
    assert row["why"].encode() == why
    assert api(admin_user).get(f"/api/v1/jobs/{job.pk}/blocked").json()["results"] == [row]
    assert api(labeler).get("/api/v1/blocked").json()["results"] == []


def test_a_packages_history_is_told_in_words(job: Job, admin_user: User, labeler: User) -> None:
    package = Package.objects.get(job=job, number=1)
    for verb in PackageEvent.Verb:
        PackageEvent.objects.create(
            job=job, package=package, actor=labeler, verb=verb, stage="check", note="Blurred <b>",
            data={"items": 2, "position": 3, "to": admin_user.pk},
        )  # fmt: skip
    page = web(admin_user).get(f"/jobs/{job.pk}/packages/1/").content.decode()
    assert "lars returned it for rework: 2 items." in page
    assert "lars rejected item 3." in page
    assert "lars transferred it to alice." in page
    assert "Blurred &lt;b&gt;" in page
    assert page.count("<li") >= len(PackageEvent.Verb)
    admin_user.language = "zh-hans"
    admin_user.save()
    assert (
        "Blurred &lt;b&gt;" in web(admin_user).get(f"/jobs/{job.pk}/packages/1/").content.decode()
    )


def test_all_rounds_and_stages_of_an_item_stand_side_by_side(
    job: Job, admin_user: User, labeler: User, checker: User, api: Any
) -> None:
    label(job, labeler, "k1")
    check = claim(job, checker, "check")
    reject_item(check, 1, feedback="not a cat")
    pass_rest(check)
    submit(check)
    again = claim(job, labeler)
    save(again, 1, "k2")
    submit(again)
    answer = api(admin_user).get(f"/api/v1/jobs/{job.pk}/packages/1/items/1/history").json()
    assert [column["title"] for column in answer] == [
        "Labeling, round 1", "Check, round 1", "Labeling, round 2",
    ]  # fmt: skip
    assert [column["verdict"] for column in answer] == ["", "Rejected", ""]
    assert answer[1]["feedback"] == "not a cat"
    assert [column["in_force"] for column in answer] == [False, False, True]
    last = answer[2]["answers"][0]["lines"][0]
    assert (last["mark"], answer[2]["compared_to"]) == ("changed", 1)
    assert [(p["text"], p["mark"]) for p in last["pieces"]] == [("cat", "gone"), ("dog", "new")]
    page = web(admin_user).get(f"/jobs/{job.pk}/packages/1/1/compare/").content.decode()
    assert "<del>cat</del><ins>dog</ins>" in page
    assert "not a cat" in page
    untouched = web(admin_user).get(f"/jobs/{job.pk}/packages/5/1/compare/")
    assert b"Nobody has answered this item yet." in untouched.content
    assert web(admin_user).get(f"/jobs/{job.pk}/packages/5/9/compare/").status_code == 404


def test_my_packages_of_this_week_may_be_taken_back(job: Job, labeler: User, checker: User) -> None:
    own = label(job, labeler)
    page = web(labeler).get("/")
    done = page.context["done"]
    assert (done.today, done.week) == (1, 1)
    assert [bool(row.withdraw) for row in done.rows] == [True]
    taken = web(labeler).post(f"/work/{own.pk}/withdraw/")
    assert taken.status_code == 302
    assert taken.headers["Location"].startswith("/label/")
    submit(Assignment.objects.get(job=job, holder=labeler, state="claimed"))
    claim(job, checker, "check")
    last = Assignment.objects.filter(job=job, holder=labeler, state="submitted").latest("pk")
    refused = web(labeler).post(f"/work/{last.pk}/withdraw/", follow=True)
    assert b"gone on with the package" in refused.content
    Assignment.objects.filter(pk=last.pk).update(submitted_at=timezone.now() - timedelta(days=8))
    assert web(labeler).get("/").context["done"].week == 0


def test_votes_are_compared_with_the_first_vote(
    workspace: Workspace, admin_user: User, labeler: User, labeler2: User, checker: User, api: Any
) -> None:
    people = [labeler, labeler2, member(workspace)]
    job = make_job(
        items=1, workspace=workspace, labelers=people, checkers=[checker], managers=[admin_user],
        workflow="labeling,check", votes={"1": {"VoteNum": 3, "MinVote": 3}},
    )  # fmt: skip
    for person, key in zip(people, ("k1", "k2", "k2"), strict=True):
        label(job, person, key)
    check = claim(job, checker, "check")
    save(check, 1, "k2")
    answer = api(admin_user).get(f"/api/v1/jobs/{job.pk}/packages/1/items/1/history").json()
    assert [column["compared_to"] for column in answer] == [0, 1, 1, 1]
