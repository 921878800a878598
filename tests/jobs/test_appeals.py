"""Appeals: who may appeal what and when, who decides, and that it happens once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User, Workspace
from itag.core.errors import Conflict, Invalid, NotFound
from itag.core.policy import can
from jobs.models import Annotation, Appeal, Assignment, Job, PackageEvent, TallyDue
from jobs.selectors.appeals import appeals_at
from jobs.services.appeals import decide_appeal, open_appeal
from jobs.services.figures import settle_figures
from jobs.services.withdraw import withdraw_assignment
from tests.factories import make_job
from tests.jobs.flow import claim, inspect_all, label, pass_rest, save, submit
from tests.jobs.recount import assert_figures

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(
    workspace: Workspace, labeler: User, labeler2: User, checker: User, accepter: User, leader: User
) -> Job:
    return make_job(
        items=2, size=2, workspace=workspace, labelers=[labeler, labeler2], checkers=[checker],
        accepters=[accepter], managers=[checker],
    )  # fmt: skip


def appeal(assignment: Assignment, position: int = 1, text: str = "It is a cat.") -> Appeal:
    return open_appeal(
        assignment_id=assignment.pk, position=position, user=assignment.holder, text=text
    )


def judged(job: Job, labeler: User, checker: User) -> tuple[Assignment, Annotation]:
    """The labeler's tenure, and the verdict that rejected its first item."""
    own = label(job, labeler)
    check = inspect_all(job, checker, "check", 1)
    return own, check.annotations.get(verdict="rejected")


def test_a_rejection_is_appealed_once_and_decided(
    job: Job, labeler: User, checker: User, leader: User
) -> None:
    own, verdict = judged(job, labeler, checker)
    made = appeal(own)
    assert (made.annotation, made.author, made.state) == (verdict, labeler, "open")
    assert appeal(own, text="again") == made
    # From the rework as well: it is the same verdict.
    rework = claim(job, labeler)
    assert appeal(rework) == made
    done = decide_appeal(appeal=made, user=leader, uphold=True)
    assert (done.state, done.decided_by) == ("upheld", leader)
    assert done.decided_at is not None
    assert decide_appeal(appeal=made, user=leader, uphold=True) == done
    # The figures of both are corrected, once.
    assert TallyDue.objects.filter(kind="appeal", annotation=verdict).count() == 1
    with pytest.raises(Conflict) as refused:
        decide_appeal(appeal=made, user=leader, uphold=False, note="no")
    assert refused.value.code == "decided"
    events = PackageEvent.objects.filter(verb="appeal").order_by("pk")
    assert [(e.actor, e.data["state"], e.data["position"]) for e in events] == [
        (labeler, "open", 1), (leader, "upheld", 1),
    ]  # fmt: skip


def test_a_modified_answer_is_appealed_too(
    job: Job, labeler: User, checker: User, accepter: User
) -> None:
    own = label(job, labeler, "k1")
    check = claim(job, checker, "check")
    save(check, 2, "k2")
    pass_rest(check)
    # What is not submitted is no verdict yet, and the labeler does not know of it.
    with pytest.raises(Conflict) as refused:
        appeal(own, 2)
    assert refused.value.code == "no_verdict"
    submit(check)
    made = appeal(own, 2)
    assert made.annotation.verdict == "modified"
    # Whose answer is judged next is the checker.
    acceptance = inspect_all(job, accepter, "acceptance", 2)
    assert appeal(check, 2).annotation.assignment == acceptance
    with pytest.raises(Conflict):
        appeal(own, 1)


def test_after_three_days_it_is_too_late(
    job: Job, labeler: User, checker: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, verdict = judged(job, labeler, checker)
    by = Assignment.objects.get(pk=verdict.assignment_id)
    assert by.submitted_at is not None
    Assignment.objects.filter(pk=by.pk).update(
        submitted_at=by.submitted_at - timedelta(days=3, seconds=1)
    )
    with pytest.raises(Conflict) as refused:
        appeal(own)
    assert refused.value.code == "too_late"
    own.refresh_from_db()
    at = appeals_at(own, labeler, [verdict.package_item_id])[verdict.package_item_id]
    assert (at["can"], at["appeal"]) == (False, None)
    Assignment.objects.filter(pk=by.pk).update(
        submitted_at=by.submitted_at - timedelta(days=3) + timedelta(minutes=1)
    )
    assert appeal(own).state == "open"


def test_only_whose_answer_it_was_appeals(
    job: Job, labeler: User, labeler2: User, checker: User, admin_user: User
) -> None:
    own, _verdict = judged(job, labeler, checker)
    for who in (labeler2, checker, admin_user):
        with pytest.raises(NotFound):
            open_appeal(assignment_id=own.pk, position=1, user=who, text="x")
    for pk, position in ((2**63, 1), (own.pk, 9)):
        with pytest.raises(NotFound):
            open_appeal(assignment_id=pk, position=position, user=labeler, text="x")
    check = Assignment.objects.get(holder=checker)
    with pytest.raises(Conflict):
        open_appeal(assignment_id=check.pk, position=1, user=checker, text="x")
    for text in ("", "x" * 4001, "a\x00"):
        with pytest.raises(Invalid):
            appeal(own, text=text)
    assert not Appeal.objects.exists()


def test_neither_of_the_two_decides(
    job: Job, labeler: User, labeler2: User, checker: User, leader: User, stranger: User
) -> None:
    own, _verdict = judged(job, labeler, checker)
    made = appeal(own)
    assert can(leader, "appeals.decide", made)
    assert can(checker, "appeals.decide", made).reason  # a task administrator here
    assert can(labeler, "appeals.decide", made).reason
    assert can(labeler2, "appeals.view", made).hidden
    assert can(stranger, "appeals.decide", made).hidden
    with pytest.raises(Invalid) as refused:
        decide_appeal(appeal=made, user=leader, uphold=False)
    assert refused.value.errors[0]["field"] == "note"
    assert decide_appeal(appeal=made, user=leader, uphold=False, note="No.").note == "No."


def test_an_adopted_vote_is_appealed_by_its_author(
    job: Job, labeler: User, labeler2: User, checker: User
) -> None:
    job.votes = {"1": {"VoteNum": 2, "MinVote": 1}}
    job.save()
    own, verdict = judged(job, labeler, checker)
    vote = own.annotations.get(package_item__position=1)
    merged = Annotation.objects.create(
        package_item=vote.package_item, source="merge", results="[]",
        merge={"1": {"adopted": vote.pk, "agree": 1, "of": 2}},
    )  # fmt: skip
    Annotation.objects.filter(pk=verdict.pk).update(judged=merged)
    assert appeal(own).annotation == verdict
    Appeal.objects.all().delete()
    merged.merge = {"1": {"adopted": None, "agree": 0, "of": 2}}
    merged.save()
    with pytest.raises(Conflict):
        appeal(own)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_appealing_and_deciding_at_once_happen_once(
    job: Job, labeler: User, checker: User, leader: User, admin_user: User,
    at_once: Callable[..., list[Any]],
) -> None:  # fmt: skip
    own, _verdict = judged(job, labeler, checker)
    made = at_once(*[lambda: appeal(own)] * 4)
    assert {one.pk for one in made} == {Appeal.objects.get().pk}
    done = at_once(
        lambda: decide_appeal(appeal=made[0], user=leader, uphold=True),
        lambda: decide_appeal(appeal=made[0], user=admin_user, uphold=False, note="no"),
    )
    assert [type(one) for one in done].count(Conflict) == 1
    assert PackageEvent.objects.filter(verb="appeal").count() == 2


# --- API -------------------------------------------------------------------------------------------------------------


def test_the_road_over_the_api(
    job: Job, labeler: User, checker: User, leader: User, admin_user: User, api: Callable[..., Any]
) -> None:
    own, _verdict = judged(job, labeler, checker)
    address = f"/api/v1/assignments/{own.pk}/items/1/appeal"
    made = api(labeler).post(address, {"text": "It is a cat."})
    assert made.status_code == 201, made.content
    body = made.json()
    assert (body["verdict"], body["feedback"], body["judged_by"]) == ("rejected", "wrong", None)
    assert body["can"] == {"decide": False}
    [row] = api(leader).get(f"/api/v1/appeals?job={job.pk}&state=open").json()["results"]
    assert (row["author"], row["judged_by"], row["can"]) == ("lars", "chen", {"decide": True})
    decide = f"/api/v1/appeals/{body['id']}/decide"
    assert api(checker).post(decide, {"uphold": True}).status_code == 403
    assert api(leader).post(decide, {"uphold": False}).status_code == 400
    done = api(leader).post(decide, {"uphold": False, "note": "See the guide."}).json()
    assert (done["state"], done["decided_by"]) == ("dismissed", "lena")
    [mine] = api(labeler).get("/api/v1/appeals").json()["results"]
    assert (mine["state"], mine["note"]) == ("dismissed", "See the guide.")
    seen = api(labeler).get(f"/api/v1/assignments/{own.pk}/items/1").json()["appeal"]
    assert (seen["verdict"], seen["can"], seen["appeal"]["state"]) == (
        "rejected", False, "dismissed",
    )  # fmt: skip
    assert api(labeler).get(f"/api/v1/assignments/{own.pk}/items/2").json()["appeal"] is None
    assert api(admin_user).get(f"/api/v1/jobs/{job.pk}/packages/1/items/1").json()["appeal"] is None


def test_a_list_costs_the_same_for_few_and_many(
    labeler: User, checker: User, leader: User, workspace: Workspace, api: Callable[..., Any]
) -> None:
    def some(count: int) -> None:
        for _ in range(count):
            job = make_job(
                items=1, size=1, workspace=workspace, labelers=[labeler], checkers=[checker]
            )
            appeal(judged(job, labeler, checker)[0])

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/api/v1/appeals?limit=50").status_code == 200
        return len(captured)

    client = api(leader)
    some(1)
    client.get("/api/v1/appeals")
    few = cost()
    some(9)
    assert cost() == few


def test_at_items_it_costs_nothing_before_anything_was_judged(job: Job, labeler: User) -> None:
    held = claim(job, labeler)
    with CaptureQueriesContext(connection) as captured:
        assert appeals_at(held, labeler, [1, 2]) == {}
    assert len(captured) == 0


@pytest.mark.parametrize("settled", [True, False])
def test_figures_of_a_verdict_that_was_appealed_and_then_taken_back(
    job: Job, labeler: User, checker: User, leader: User, *, settled: bool
) -> None:
    own, verdict = judged(job, labeler, checker)
    decide_appeal(appeal=appeal(own), user=leader, uphold=True)
    if settled:
        settle_figures(job)
        assert_figures(job)
    withdraw_assignment(assignment_id=verdict.assignment_id or 0, user=checker)
    settle_figures(job)
    assert_figures(job)


def test_what_was_taken_back_is_no_error_that_an_appeal_could_undo(
    job: Job, labeler: User, checker: User, leader: User
) -> None:
    own, verdict = judged(job, labeler, checker)
    made = appeal(own)
    withdraw_assignment(assignment_id=verdict.assignment_id or 0, user=checker)
    with pytest.raises(Conflict) as error:
        decide_appeal(appeal=made, user=leader, uphold=True)
    assert error.value.code == "withdrawn"
    assert decide_appeal(appeal=made, user=leader, uphold=False, note="taken back").note
    settle_figures(job)
    assert_figures(job)
