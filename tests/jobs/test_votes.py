"""Several people answer a package without knowing of each other; the last one's submission merges them."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User, Workspace
from itag.core.clock import now
from itag.core.errors import Conflict, Denied, Invalid
from jobs.models import Annotation, Assignment, Job, Package, PackageEvent, PackageItem
from jobs.selectors.progress import progress_of
from jobs.selectors.work import assignment_payload, items_payload, package_items_payload
from jobs.services.answers import unlock_item
from jobs.services.claim import claim_package
from jobs.services.correct import adopt_by_manager, correct_item
from jobs.services.release import expire_assignments, manager_release, release_assignment
from jobs.services.submit import reject_package
from jobs.services.votes import adopt_vote, check_votes
from jobs.services.withdraw import withdraw_assignment
from templates_app.models import LabelTemplate
from tests.factories import CLASSIFICATION_QUESTIONS, OPTIONS, choice_op, loads, make_job, member
from tests.jobs import history
from tests.jobs.flow import (
    abandon,
    claim,
    final,
    inspect_all,
    pass_item,
    pass_rest,
    reject_item,
    save,
    submit,
)
from tests.jobs.history import assert_sound

pytestmark = pytest.mark.django_db
THREE = {"1": {"VoteNum": 3, "MinVote": 2}}
TWO = {"1": {"VoteNum": 2, "MinVote": 2}}


@pytest.fixture
def voters(workspace: Workspace) -> list[User]:
    return [member(workspace, username=f"voter{number}") for number in range(1, 6)]


def voted_job(workspace: Workspace, voters: list[User], votes: Any = None, **fields: Any) -> Job:
    fields.setdefault("items", 3)
    fields.setdefault("size", 3)
    fields.setdefault("workflow", "labeling,check,acceptance")
    return make_job(workspace=workspace, labelers=voters, votes=votes or THREE, **fields)


@pytest.fixture
def job(workspace: Workspace, voters: list[User], checker: User, accepter: User) -> Job:
    return voted_job(workspace, voters, checkers=[checker], accepters=[accepter])


def vote(job: Job, user: User, keys: str) -> Assignment:
    """Claim a vote, answer each item with one character's option (`-` abandons it, ` ` skips it) and submit."""
    held = claim(job, user)
    fill(held, keys)
    submit(held)
    return held


def fill(held: Assignment, keys: str) -> None:
    for position, key in enumerate(keys, 1):
        if key == "-":
            abandon(held, position)
        elif key != " ":
            save(held, position, f"k{key}")


def vote_all(job: Job, voters: list[User], *answers: str) -> list[Assignment]:
    return [vote(job, user, keys) for user, keys in zip(voters, answers, strict=False)]


def package(job: Job) -> Package:
    return Package.objects.select_related("job").get(job=job)


def live(job: Job) -> list[tuple[str, int, str]]:
    rows = Assignment.objects.filter(job=job, state__in=("waiting", "claimed", "blocked"))
    return [(row.stage, row.vote, row.state) for row in rows.order_by("id")]


def exported(job: Job) -> list[dict[str, str]]:
    """The choice under each key of every item, by stage."""
    return [
        {
            stage: "-" if answer.abandoned else loads(answer.results)[0]["data"]
            for stage, answer in keys.items()
        }
        for keys in history.exported(job).values()
    ]


# --- voting ----------------------------------------------------------------------------------------------------------


def test_the_last_vote_merges_and_opens_the_check(job: Job, voters: list[User]) -> None:
    vote_all(job, voters, "112", "122")
    assert final(job) == [None, None, None]
    assert live(job) == [("labeling", 2, "waiting")]
    assert not PackageEvent.objects.filter(verb="merge").exists()
    assert exported(job) == [{}, {}, {}]
    assert_sound(job)
    vote(job, voters[2], "221")
    assert final(job) == ["k1", "k2", "k2"]
    assert live(job) == [("check", 0, "waiting")]
    event = PackageEvent.objects.get(verb="merge")
    assert event.data == {"agreed": 3, "disputed": 0}
    check = Assignment.objects.get(job=job, stage="check")
    assert check.participants == sorted(user.pk for user in voters[:3])
    assert exported(job) == [{"labeling": "k1"}, {"labeling": "k2"}, {"labeling": "k2"}]
    merged = PackageItem.objects.get(position=1).current_annotation
    assert merged is not None
    own = Annotation.objects.get(package_item__position=1, assignment__vote=0)
    assert (merged.source, merged.author, merged.assignment) == ("merge", voters[0], None)
    assert merged.merge == {
        "1": {"adopted": own.pk, "agree": 2, "of": 3, "by": merged.merge["1"]["by"]}
    }
    assert_sound(job)


def test_nobody_votes_twice_on_a_package(job: Job, voters: list[User]) -> None:
    vote(job, voters[0], "111")
    assert claim_package(job=job, user=voters[0], stage="labeling").assignment is None
    held = claim(job, voters[1])
    assert (held.vote, claim(job, voters[1]).pk) == (1, held.pk)


def test_a_vote_given_back_keeps_its_number_and_its_secret(job: Job, voters: list[User]) -> None:
    first = claim(job, voters[0])
    save(first, 1)
    release_assignment(assignment_id=first.pk, user=voters[0], reason="no time")
    others = [claim(job, user) for user in voters[1:4]]
    second = next(one for one in others if one.vote == first.vote)
    assert second.holder is not None
    assert second.previous == first
    states = [item["state"] for item in assignment_payload(second, second.holder)["items"]]
    assert states == ["open"] * 3
    assert progress_of([second])[second.pk].done == 0
    (item, *_rest) = items_payload(second, second.holder, first=1, limit=3)
    assert loads(item["results"]) == []
    assert voters[0].get_full_name() not in str(item)
    for one in others:
        fill(one, "222")
        submit(one)
    assert final(job) == ["k2"] * 3
    assert_sound(job)


def test_an_expired_vote_goes_on_with_the_same_person(job: Job, voters: list[User]) -> None:
    held = claim(job, voters[0])
    save(held, 1)
    Assignment.objects.filter(pk=held.pk).update(last_input_at=now().replace(year=2020))
    assert expire_assignments() == 1
    again = claim(job, voters[0])
    assert (again.vote, again.previous_id) == (0, held.pk)
    assert progress_of([again])[again.pk].done == 1
    assert assignment_payload(again, voters[0])["items"][0]["state"] == "answered"


def test_voters_are_asked_only_the_questions_of_their_number(
    workspace: Workspace, voters: list[User], checker: User
) -> None:
    questions = [
        {**CLASSIFICATION_QUESTIONS[0], "questionId": key, "markTitle": f"q{key}", "titles": {}}
        for key in ("1", "2")
    ]
    for question in questions:
        question.pop("selectGroup")
    template = LabelTemplate.objects.create(
        name="two", key="two", category="text", views=[{"type": "Text", "bindField": "source"}],
        questions=questions, abandon_reasons=[],
    )  # fmt: skip
    job = voted_job(
        workspace, voters, {"1": {"VoteNum": 3, "MinVote": 2}}, template=template, items=1,
        options={"1": OPTIONS, "2": OPTIONS}, selected_questions=["1", "2"], checkers=[checker],
    )  # fmt: skip
    first = claim(job, voters[0])
    asked = assignment_payload(first, voters[0])["template"]["questions"]
    assert [question["questionId"] for question in asked] == ["1", "2"]
    save(first, 1, ops=[choice_op("k1")])
    with pytest.raises(Conflict) as refused:
        submit(first)
    assert refused.value.code == "incomplete"
    save(first, 1, ops=[choice_op("k2", "2")], version=1)
    submit(first)
    second = claim(job, voters[1])
    asked = assignment_payload(second, voters[1])["template"]["questions"]
    assert [question["questionId"] for question in asked] == ["1"]
    with pytest.raises(Invalid):
        save(second, 1, ops=[choice_op("k2", "2")])
    assert save(second, 1, ops=[choice_op("k2")])["state"] == "answered"
    submit(second)
    vote(job, voters[2], "2")
    current = PackageItem.objects.get().current_annotation
    assert current is not None
    assert [(e["questionId"], e["data"]) for e in loads(current.results)] == [
        ("1", "k2"),
        ("2", "k2"),
    ]
    # A checker is asked everything.
    check = claim(job, checker, "check")
    assert len(assignment_payload(check, checker)["template"]["questions"]) == 2
    # A vote fills the questions that it was asked, the rest is what agrees.
    adopt_vote(assignment_id=check.pk, position=1, user=checker, write=uuid4(), vote=1)
    own = check.annotations.get()
    assert [(e["questionId"], e["data"]) for e in loads(own.results)] == [("1", "k1"), ("2", "k2")]


def test_abandoned_by_most(job: Job, voters: list[User]) -> None:
    vote_all(job, voters, "-11", "-11", "1-1")
    assert final(job) == ["-", "k1", "k1"]
    assert Assignment.objects.get(stage="check").samples.count() == 3
    merged = PackageItem.objects.get(position=1).current_annotation
    assert merged is not None
    assert (merged.abandoned, merged.reason) == (True, "Invalid")
    assert_sound(job)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_last_voters_at_once(
    workspace: Workspace, voters: list[User], checker: User, at_once: Any
) -> None:
    """Exactly one of them merges, and the check opens once."""
    job = voted_job(workspace, voters, checkers=[checker])
    vote(job, voters[0], "111")
    held = [claim(job, user) for user in voters[1:3]]
    for one in held:
        fill(one, "112")
    results = at_once(*(lambda one=one: submit(one) for one in held))
    assert [result["state"] for result in results] == ["submitted"] * 2
    assert PackageEvent.objects.filter(verb="merge").count() == 1
    assert live(job) == [("check", 0, "waiting")]
    assert Annotation.objects.filter(source="merge").count() == 3
    assert final(job) == ["k1", "k1", "k2"]
    assert_sound(job)


def test_merging_costs_the_same_for_many_items(
    workspace: Workspace, voters: list[User], checker: User
) -> None:
    counts = []
    for items in (1, 2, 20):
        job = voted_job(workspace, voters, items=items, size=items, checkers=[checker])
        vote_all(job, voters[:2], "1" * items, "1" * items)
        held = claim(job, voters[2])
        fill(held, "1" * items)
        with CaptureQueriesContext(connection) as captured:
            submit(held)
        counts.append(len(captured))
    assert counts[1] == counts[2]


# --- what is disputed ------------------------------------------------------------------------------------------------


def test_what_is_disputed_is_always_sampled_and_adjudicated(
    workspace: Workspace, voters: list[User], checker: User
) -> None:
    job = voted_job(
        workspace, voters, TWO, checkers=[checker], workflow="labeling,check", check_ratio=1
    )
    vote_all(job, voters, "112", "122")
    assert final(job) == ["k1", None, "k2"]
    check = claim(job, checker, "check")
    assert [(s.package_item.position, s.reason) for s in check.samples.all()] == [(2, "disputed")]
    (_one, two, _three) = items_payload(check, checker, first=1, limit=3)
    assert two["disputed"]
    assert two["base"] is None
    assert [(v["voter"], v["author"], loads(v["results"])[0]["data"], v["adopted"]) for v in two["votes"]] == [
        (1, None, "k1", False), (2, None, "k2", False),
    ]  # fmt: skip
    for decide in (lambda: pass_item(check, 2), lambda: submit(check)):
        with pytest.raises(Conflict) as refused:
            decide()
        assert refused.value.code in ("disputed", "incomplete")
    assert pass_rest(check) == 0
    save(check, 2, "", ops=[])
    with pytest.raises(Conflict, match="not finished"):
        submit(check)  # nothing was adopted, and nothing answered
    write = uuid4()
    for _ in range(2):
        saved = adopt_vote(assignment_id=check.pk, position=2, user=checker, write=write, vote=2)
        assert (saved["verdict"], saved["version"]) == ("modified", 2)
    with pytest.raises(Invalid):
        adopt_vote(assignment_id=check.pk, position=2, user=checker, write=uuid4(), vote=3)
    assert submit(check)["next"] == "passed"
    assert final(job) == ["k1", "k2", "k2"]
    assert not PackageItem.objects.filter(disputed=True).exists()
    assert PackageEvent.objects.get(verb="adjudicate").data == {"position": 2, "vote": 2}
    assert exported(job) == [{"labeling": "k1"}, {"check": "k2"}, {"labeling": "k2"}]
    assert_sound(job)


def test_who_manages_is_told_whose_vote_is_whose(
    workspace: Workspace, voters: list[User], admin_user: User
) -> None:
    job = voted_job(workspace, voters, TWO, checkers=[admin_user])
    vote_all(job, voters, "112", "122")
    check = claim(job, admin_user, "check")
    (item, *_rest) = items_payload(check, admin_user, first=1, limit=1)
    assert [v["author"] for v in item["votes"]] == [u.get_full_name() for u in voters[:2]]
    assert [v["adopted"] for v in item["votes"]] == [True, False]
    assert item["base"]["author"] == voters[0].get_full_name()


def test_the_accepter_adjudicates_where_nobody_checks(
    workspace: Workspace, voters: list[User], accepter: User
) -> None:
    job = voted_job(workspace, voters, TWO, accepters=[accepter], workflow="labeling,acceptance")
    vote_all(job, voters, "111", "211")
    accepting = claim(job, accepter, "acceptance")
    adopt_vote(assignment_id=accepting.pk, position=1, user=accepter, write=uuid4(), vote=1)
    pass_rest(accepting)
    submit(accepting)
    assert exported(job)[0] == {"acceptance": "k1"}
    assert package(job).state == "finished"
    assert_sound(job)


def test_what_is_disputed_may_be_rejected(job: Job, voters: list[User], checker: User) -> None:
    vote_all(job, voters, "111", "211", "-11")
    assert final(job)[0] is None
    inspect_all(job, checker, "check", 1)
    back = Assignment.objects.get(round=2)
    assert (back.stage, back.vote, back.reserved_user) == ("labeling", 0, voters[0])
    held = claim(job, voters[0])
    assert [i["state"] for i in assignment_payload(held, voters[0])["items"]] == [
        "open",
        "locked",
        "locked",
    ]
    save(held, 1, "k2")
    submit(held)
    assert final(job) == ["k2", "k1", "k1"]
    assert not PackageItem.objects.filter(disputed=True).exists()
    assert exported(job)[0] == {"labeling": "k2"}
    assert_sound(job)


def test_without_inspection_one_more_votes_and_then_a_manager_decides(
    workspace: Workspace, voters: list[User], admin_user: User
) -> None:
    job = voted_job(workspace, voters, TWO, workflow="labeling", managers=[admin_user])
    vote_all(job, voters, "112", "221")
    assert live(job) == [("labeling", 2, "waiting")]
    assert claim_package(job=job, user=voters[0], stage="labeling").assignment is None
    extra = claim(job, voters[2])
    assert [i["state"] for i in assignment_payload(extra, voters[2])["items"]] == ["open"] * 3
    fill(extra, "1  ")
    with pytest.raises(Conflict, match="not finished"):
        submit(extra)
    abandon(extra, 2)
    save(extra, 3, "k2")
    submit(extra)
    assert final(job) == ["k1", None, "k2"]
    assert package(job).state == "open"
    blocked = Assignment.objects.get(state="blocked")
    assert (blocked.vote, blocked.reason) == (3, "disagreement")
    assert_sound(job)
    votes = package_items_payload(package(job), admin_user, first=2, limit=1)[0]["votes"]
    assert [(v["voter"], v["author"], v["abandoned"]) for v in votes] == [
        (n, user.get_full_name(), n == 3) for n, user in enumerate(voters[:3], 1)
    ]
    adopt_by_manager(package=package(job), position=2, user=admin_user, vote=3, reason="it is")
    assert final(job) == ["k1", "-", "k2"]
    assert package(job).state == "finished"
    job.refresh_from_db()
    assert job.state == "finished"
    assert exported(job) == [{"labeling": "k1"}, {"labeling": "-"}, {"labeling": "k2"}]
    assert_sound(job)


def test_an_extra_voter_answers_only_what_is_disputed(
    workspace: Workspace, voters: list[User], admin_user: User
) -> None:
    job = voted_job(workspace, voters, TWO, workflow="labeling", managers=[admin_user])
    vote_all(job, voters, "112", "122")
    extra = claim(job, voters[2])
    payload = assignment_payload(extra, voters[2])
    assert [i["state"] for i in payload["items"]] == ["locked", "open", "locked"]
    assert (payload["total"], payload["done"], payload["first"]) == (1, 0, 2)
    assert progress_of([extra])[extra.pk].total == 1
    # What the others agreed on is not shown either.
    (item, *_rest) = items_payload(extra, voters[2], first=1, limit=1)
    assert loads(item["results"]) == []
    assert item["votes"] == []
    for refused in (
        lambda: save(extra, 1),
        lambda: unlock_item(assignment_id=extra.pk, position=1, user=voters[2]),
    ):
        with pytest.raises(Conflict) as error:
            refused()
        assert error.value.code == "locked"
    # Another one goes on in the same slot, and still not from what the first had answered.
    save(extra, 2, "k1")
    manager_release(package=package(job), user=admin_user, reason="ill")
    other = claim(job, voters[3])
    assert other.vote == 2
    assert [i["state"] for i in assignment_payload(other, voters[3])["items"]] == [
        "locked",
        "open",
        "locked",
    ]
    save(other, 2, "k2")
    submit(other)
    assert final(job) == ["k1", "k2", "k2"]
    assert package(job).state == "finished"
    assert_sound(job)


def test_a_manager_may_ask_yet_another_voter(
    workspace: Workspace, voters: list[User], admin_user: User
) -> None:
    job = voted_job(workspace, voters, TWO, workflow="labeling", managers=[admin_user], items=1)
    vote_all(job, voters, "1", "2")
    vote(job, voters[2], "-")
    manager_release(package=package(job), user=admin_user, reason="one more")
    assert live(job) == [("labeling", 3, "waiting")]
    vote(job, voters[3], "-")
    assert final(job) == ["-"]
    assert package(job).state == "finished"
    assert_sound(job)


# --- rework ----------------------------------------------------------------------------------------------------------


def test_rejected_work_goes_to_the_author_of_what_was_adopted(
    job: Job, voters: list[User], checker: User, accepter: User
) -> None:
    """One slot, not voted again; every later stage passes again, the same checker first."""
    vote_all(job, voters, "211", "122", "122")
    inspect_all(job, checker, "check", 2, 3)
    back = Assignment.objects.get(round=2)
    assert (back.vote, back.reserved_user, back.is_return) == (0, voters[1], True)
    held = claim(job, voters[1])
    save(held, 2, "k1")
    save(held, 3, "", ops=[])
    submit(held)
    assert final(job) == ["k1", "k1", "k2"]
    check = Assignment.objects.get(round=2, stage="check")
    assert (check.reserved_user, check.state) == (checker, "waiting")
    assert voters[1].pk in check.participants
    inspect_all(job, checker, "check")
    inspect_all(job, accepter, "acceptance")
    assert exported(job) == [
        dict.fromkeys(("labeling", "check", "acceptance"), key) for key in ("k1", "k1", "k2")
    ]
    assert_sound(job)


def test_a_package_rejected_as_a_whole(job: Job, voters: list[User], checker: User) -> None:
    vote_all(job, voters, "111", "211", "211")
    check = claim(job, checker, "check")
    reject_package(assignment_id=check.pk, user=checker, feedback="all wrong")
    back = Assignment.objects.get(round=2)
    assert back.reserved_user == voters[0]
    assert back.annotations.count() == 3


def test_after_too_many_rounds_a_manager_looks(
    workspace: Workspace, voters: list[User], checker: User
) -> None:
    job = voted_job(workspace, voters, TWO, checkers=[checker], limits={"max_rounds": 1})
    vote_all(job, voters, "111", "111")
    inspect_all(job, checker, "check", 1)
    back = Assignment.objects.get(round=2)
    assert (back.state, back.reason) == ("blocked", "max_rounds")


# --- taking back -----------------------------------------------------------------------------------------------------


def test_a_vote_taken_back_opens_what_was_merged(
    job: Job, voters: list[User], checker: User
) -> None:
    votes = vote_all(job, voters, "111", "121", "211")
    assert final(job) == ["k1", "k1", "k1"]
    again = withdraw_assignment(assignment_id=votes[1].pk, user=voters[1])
    assert (again.vote, final(job)) == (1, [None, None, None])
    assert exported(job) == [{}, {}, {}]
    assert live(job) == [("labeling", 1, "claimed")]
    save(again, 1, "k2")
    submit(again)
    assert final(job) == ["k2", "k1", "k1"]
    assert exported(job)[0] == {"labeling": "k2"}
    assert_sound(job)
    claim(job, checker, "check")
    with pytest.raises(Conflict):
        withdraw_assignment(assignment_id=votes[0].pk, user=voters[0])


def test_a_vote_taken_back_ends_the_extra_voters_slot(
    workspace: Workspace, voters: list[User]
) -> None:
    job = voted_job(workspace, voters, TWO, workflow="labeling")
    votes = vote_all(job, voters, "112", "122")
    again = withdraw_assignment(assignment_id=votes[0].pk, user=voters[0])
    assert live(job) == [("labeling", 0, "claimed")]
    submit(again)
    assert live(job) == [("labeling", 2, "waiting")]
    extra = claim(job, voters[2])
    assert [i["state"] for i in assignment_payload(extra, voters[2])["items"]] == [
        "locked",
        "open",
        "locked",
    ]
    with pytest.raises(Conflict):
        withdraw_assignment(assignment_id=again.pk, user=voters[0])
    save(extra, 2)
    submit(extra)
    assert package(job).state == "finished"
    assert_sound(job)


def test_an_adjudication_taken_back_is_disputed_again(
    workspace: Workspace, voters: list[User], checker: User
) -> None:
    job = voted_job(workspace, voters, TWO, checkers=[checker], workflow="labeling,check")
    vote_all(job, voters, "111", "211")
    check = claim(job, checker, "check")
    adopt_vote(assignment_id=check.pk, position=1, user=checker, write=uuid4(), vote=1)
    pass_rest(check)
    submit(check)
    withdraw_assignment(assignment_id=check.pk, user=checker)
    assert final(job) == [None, "k1", "k1"]
    assert list(PackageItem.objects.filter(disputed=True).values_list("position", flat=True)) == [1]


# --- corrections -----------------------------------------------------------------------------------------------------


def test_a_correction_stands_under_every_key(
    job: Job, voters: list[User], checker: User, admin_user: User
) -> None:
    vote_all(job, voters, "111", "111", "211")
    inspect_all(job, checker, "check")
    ops = [choice_op("k2")]
    correct_item(package=package(job), position=1, user=admin_user, ops=ops, reason="plain")
    assert exported(job)[0] == {"labeling": "k2", "check": "k2"}
    assert final(job)[0] == "k2"


def test_a_manager_decides_before_the_checker_does(
    workspace: Workspace, voters: list[User], checker: User, admin_user: User
) -> None:
    job = voted_job(workspace, voters, TWO, checkers=[checker], workflow="labeling,check")
    vote_all(job, voters, "111", "211")
    check = claim(job, checker, "check")
    ops = [choice_op("k2")]
    correct_item(package=package(job), position=1, user=admin_user, ops=ops, reason="plain")
    assert exported(job)[0] == {"labeling": "k2"}
    assert not items_payload(check, checker, first=1, limit=1)[0]["disputed"]
    pass_rest(check)
    submit(check)
    assert exported(job)[0] == {"labeling": "k2", "check": "k2"}
    assert_sound(job)


# --- secrecy ---------------------------------------------------------------------------------------------------------


def test_voters_never_see_each_others_answers(
    workspace: Workspace, voters: list[User], admin_user: User, api: Any
) -> None:
    """Not in their own pages, not in each other's, and a manager who may vote not in theirs, while people vote."""
    job = voted_job(workspace, [*voters, admin_user], TWO, checkers=[])
    first = claim(job, voters[0])
    fill(first, "222")
    second = claim(job, voters[1])
    client = api(voters[1])
    for path in ("", "/items", "/items/1"):
        assert client.get(f"/api/v1/assignments/{first.pk}{path}").status_code == 404
        mine = client.get(f"/api/v1/assignments/{second.pk}{path}")
        assert mine.status_code == 200
        if path:
            assert "k2" not in mine.content.decode()
    assert client.get(f"/api/v1/jobs/{job.pk}/packages/1/items").status_code == 403
    manager = api(admin_user)
    for path in ("", "/1"):
        body = manager.get(f"/api/v1/jobs/{job.pk}/packages/1/items{path}").content.decode()
        assert '"k2"' not in body
    for path in (
        f"/api/v1/assignments/{first.pk}/items",
        f"/api/v1/assignments/{first.pk}/items/1",
        f"/api/v1/jobs/{job.pk}/packages/1/items/1/said",
    ):
        assert manager.get(path).status_code in (403, 404)
    submit(first)
    fill(second, "222")
    submit(second)
    assert "k2" in manager.get(f"/api/v1/jobs/{job.pk}/packages/1/items/1").content.decode()
    # After the merge voters still see only their own.
    own = client.get(f"/api/v1/assignments/{second.pk}/items/1").json()
    assert (own["votes"], own["disputed"], own["base"]) == ([], False, None)


def test_managers_who_do_not_label_may_look(
    workspace: Workspace, voters: list[User], admin_user: User
) -> None:
    job = voted_job(workspace, voters, TWO)
    first = claim(job, voters[0])
    fill(first, "222")
    (item, *_rest) = package_items_payload(package(job), admin_user, first=1, limit=1)
    assert [entry["author"] for entry in item["history"]] == [voters[0].get_full_name()]
    assert items_payload(first, admin_user, first=1, limit=1)
    job.dataset.workspace.refresh_from_db()
    labeling = voted_job(workspace, [*voters, admin_user], TWO, name="other")
    held = claim(labeling, voters[1])
    with pytest.raises(Denied):
        items_payload(held, admin_user, first=1, limit=1)


# --- the job's setting -----------------------------------------------------------------------------------------------


def test_checking_the_setting() -> None:
    questions = {"1": None, "2": None}
    assert check_votes(None, questions) == {}
    assert check_votes({"1": {"VoteNum": 1, "MinVote": 1}}, questions) == {}
    assert check_votes(THREE, questions) == THREE
    for wrong, field in (
        ([], "votes"),
        ({"9": {"VoteNum": 2, "MinVote": 1}}, "votes.9"),
        ({"1": 3}, "votes.1"),
        ({"1": {"VoteNum": 2, "MinVote": 1, "x": 1}}, "votes.1"),
        ({"1": {"VoteNum": 10, "MinVote": 1}}, "votes.1.VoteNum"),
        ({"1": {"VoteNum": True, "MinVote": 1}}, "votes.1.VoteNum"),
        ({"1": {"VoteNum": 3, "MinVote": 4}}, "votes.1.MinVote"),
        ({"1": {"VoteNum": 3}}, "votes.1.MinVote"),
    ):
        with pytest.raises(Invalid) as refused:
            check_votes(wrong, questions)
        assert [error["field"] for error in refused.value.errors] == [field]


def test_adopting_over_the_api(job: Job, voters: list[User], checker: User, api: Any) -> None:
    vote_all(job, voters, "111", "211", "-11")
    check = claim(job, checker, "check")
    path = f"/api/v1/assignments/{check.pk}/items/1"
    body = (
        api(checker).post(f"{path}/adopt", {"write": str(uuid4()), "vote": 3}, format="json").json()
    )
    assert body["verdict"] == "modified"
    item = api(checker).get(path).json()
    assert (item["abandoned"], item["reason"], item["disputed"]) == (True, "Invalid", True)
    assert [vote["adopted"] for vote in item["votes"]] == [False, False, False]
    pass_rest(check)
    reject_item(check, 2)
    submit(check)
    assert final(job)[0] == "-"


def test_a_manager_decides_on_the_page_of_the_item(
    workspace: Workspace, voters: list[User], admin_user: User, api: Any
) -> None:
    job = voted_job(workspace, voters, TWO, workflow="labeling", items=1)
    vote_all(job, voters, "1", "2", "-")
    page = f"/jobs/{job.pk}/packages/1/1/compare/"
    client = api(admin_user)
    body = client.get(page).content.decode()
    assert all(f'name="vote" value="{number}"' in body for number in (1, 2, 3))
    client.post(page, {"vote": "2"}, format="multipart")
    assert package(job).state == "open"
    decided = client.post(page, {"vote": "2", "reason": "clear"}, format="multipart")
    assert decided.status_code == 302
    assert final(job) == ["k2"]
    assert package(job).state == "finished"
    assert "decide-title" not in client.get(page).content.decode()
    assert_sound(job)
