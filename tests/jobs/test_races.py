"""Two people at once, or one person twice: real threads against PostgreSQL, and one outcome only."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import F
from django.utils import timezone

from accounts.grants import grant
from accounts.models import User, Workspace
from itag.core.errors import Conflict
from jobs.models import (
    AnnotationVersion,
    Assignment,
    Job,
    JobSummary,
    Package,
    PackageEvent,
    SamplingCarry,
)
from jobs.services import answers, inspect
from jobs.services.claim import Claimed, claim_next, claim_package
from jobs.services.release import expire_assignments, manager_release, release_assignment
from jobs.services.submit import reject_package, submit_assignment
from tests.factories import WorkspaceFactory, choice, choice_op, loads, make_job, member
from tests.jobs.flow import (
    claim,
    inspect_all,
    label,
    open_positions,
    pass_item,
    pass_rest,
    reject_item,
    save,
)
from tests.jobs.history import assert_sound

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

AtOnce = Callable[..., list[Any]]


@pytest.fixture
def workspace() -> Workspace:
    return WorkspaceFactory()


@pytest.fixture
def people(workspace: Workspace) -> list[User]:
    return [member(workspace) for _ in range(8)]


@pytest.fixture
def job(workspace: Workspace, people: list[User]) -> Job:
    """Ten packages of two items; everybody may do everything."""
    return make_job(
        items=20,
        size=2,
        workspace=workspace,
        labelers=people,
        checkers=people,
        accepters=people,
    )


def only_these(results: list[Any], *types: type) -> None:
    """Everybody got an answer or one of these errors."""
    for result in results:
        if isinstance(result, Exception):
            assert isinstance(result, types), repr(result)


def fresh(job: Job) -> Job:
    return Job.objects.select_related("workspace").get(pk=job.pk)


def count(verb: str) -> int:
    return PackageEvent.objects.filter(verb=verb).count()


def test_eight_people_get_eight_packages(job: Job, people: list[User], at_once: AtOnce) -> None:
    got = at_once(
        *(partial(claim_package, job=fresh(job), user=user, stage="labeling") for user in people)
    )
    only_these(got)
    assert sorted(claimed.assignment.number for claimed in got) == list(range(1, 9))
    assert count("claim") == 8
    assert_sound(job)


def test_the_last_package_goes_to_one(
    workspace: Workspace, people: list[User], at_once: AtOnce
) -> None:
    job = make_job(items=1, size=1, workspace=workspace, labelers=people)
    got: list[Claimed] = at_once(
        *(partial(claim_package, job=fresh(job), user=user, stage="labeling") for user in people)
    )
    assert len([claimed for claimed in got if claimed.assignment]) == 1
    assert all(claimed.reason for claimed in got if not claimed.assignment)
    assert count("claim") == 1


def test_one_person_clicking_four_times_holds_one(
    job: Job, people: list[User], at_once: AtOnce
) -> None:
    got = at_once(
        *(
            partial(claim_package, job=fresh(job), user=people[0], stage="labeling")
            for _ in range(4)
        )
    )
    only_these(got)
    assert {claimed.assignment.pk for claimed in got} == {got[0].assignment.pk}
    assert Counter(claimed.already_held for claimed in got) == {True: 3, False: 1}
    assert Assignment.objects.filter(state="claimed").count() == 1
    assert count("claim") == 1


def test_clicking_next_over_all_jobs_stays_within_each_jobs_limit(
    job: Job, workspace: Workspace, people: list[User], at_once: AtOnce
) -> None:
    make_job(items=4, size=1, workspace=workspace, labelers=people)
    got = at_once(*(partial(claim_next, user=people[0], stage="labeling") for _ in range(4)))
    only_these(got)
    held = Counter(Assignment.objects.filter(state="claimed").values_list("job", flat=True))
    assert all(number == 1 for number in held.values())


def test_two_submissions_are_one(job: Job, people: list[User], at_once: AtOnce) -> None:
    held = claim(job, people[0])
    for position in (1, 2):
        save(held, position)
    got = at_once(
        *(partial(submit_assignment, assignment_id=held.pk, user=people[0]) for _ in range(3))
    )
    assert got == [{"state": "submitted", "next": None}] * 3
    assert count("submit") == 1
    assert Assignment.objects.filter(stage="check").count() == 1
    assert SamplingCarry.objects.get().seen == 2
    assert_sound(job)


@pytest.mark.parametrize("turn", range(2))
def test_submit_against_release(job: Job, people: list[User], at_once: AtOnce, turn: int) -> None:
    held = claim(job, people[0])
    for position in (1, 2):
        save(held, position)
    submit = partial(submit_assignment, assignment_id=held.pk, user=people[0])
    release = partial(release_assignment, assignment_id=held.pk, user=people[0], reason="x")
    got = at_once(submit, release)
    only_these(got, Conflict)
    assert len([one for one in got if isinstance(one, Conflict)]) == 1
    held.refresh_from_db()
    assert (count("submit"), count("release")) in ((1, 0), (0, 1))
    assert held.state == ("submitted" if count("submit") else "released")
    assert_sound(job)


@pytest.mark.parametrize("turn", range(2))
def test_submit_against_a_managers_release(
    job: Job, people: list[User], at_once: AtOnce, turn: int
) -> None:
    held = claim(job, people[0])
    for position in (1, 2):
        save(held, position)
    got = at_once(
        partial(submit_assignment, assignment_id=held.pk, user=people[0]),
        partial(manager_release, package=held.package, user=people[1], reason="x"),
    )
    only_these(got, Conflict)
    assert count("submit") + count("release") == 1
    assert_sound(job)


def idle(assignment: Assignment) -> None:
    Assignment.objects.filter(pk=assignment.pk).update(
        last_input_at=timezone.now() - timedelta(hours=25)
    )


@pytest.mark.parametrize("turn", range(2))
def test_expire_against_save(job: Job, people: list[User], at_once: AtOnce, turn: int) -> None:
    held = claim(job, people[0])
    save(held, 1)
    idle(held)
    saving = partial(save, held, 1, "k2", version=1)
    got = at_once(saving, expire_assignments)
    only_these(got)
    held.refresh_from_db()
    answer, expired = got
    # Either the input came first and kept the claim, or it came too late and was kept beside.
    assert answer["late"] == bool(expired)
    assert held.state == ("expired" if expired else "claimed")
    stored = loads(held.annotations.get().results)
    assert stored == [choice("k1" if expired else "k2")]
    assert AnnotationVersion.objects.filter(cause="late").count() == expired
    assert_sound(job)


@pytest.mark.parametrize("turn", range(2))
def test_expire_against_submit(job: Job, people: list[User], at_once: AtOnce, turn: int) -> None:
    held = claim(job, people[0])
    for position in (1, 2):
        save(held, position)
    idle(held)
    got = at_once(
        partial(submit_assignment, assignment_id=held.pk, user=people[0]), expire_assignments
    )
    only_these(got, Conflict)
    assert count("submit") + count("expire") == 1
    assert_sound(job)


def test_two_sweeps_expire_once(job: Job, people: list[User], at_once: AtOnce) -> None:
    idle(claim(job, people[0]))
    assert sum(at_once(expire_assignments, expire_assignments, expire_assignments)) == 1
    assert count("expire") == 1
    assert_sound(job)


def test_two_saves_of_one_version(job: Job, people: list[User], at_once: AtOnce) -> None:
    held = claim(job, people[0])
    save(held, 1)
    got = at_once(partial(save, held, 1, "k1", version=1), partial(save, held, 1, "k2", version=1))
    only_these(got, Conflict)
    (lost,) = [one for one in got if isinstance(one, Conflict)]
    (won,) = [one for one in got if not isinstance(one, Conflict)]
    assert lost.code == "version_conflict"
    assert (won["version"], lost.extra["version"]) == (2, 2)
    assert lost.extra["results"] == held.annotations.get().results


def test_two_first_saves_of_an_item(job: Job, people: list[User], at_once: AtOnce) -> None:
    held = claim(job, people[0])
    got = at_once(*(partial(save, held, 1, "k1", version=0) for _ in range(3)))
    only_these(got, Conflict)
    assert len([one for one in got if isinstance(one, Conflict)]) == 2
    assert held.annotations.get().version == 1


def test_the_same_write_twice_is_stored_once(job: Job, people: list[User], at_once: AtOnce) -> None:
    held = claim(job, people[0])
    write = uuid4()
    got = at_once(*(partial(save, held, 1, "k1", write=write, version=0) for _ in range(4)))
    assert got == [got[0]] * 4
    assert got[0]["version"] == 1
    assert held.annotations.get().version == 1


@pytest.mark.parametrize("turn", range(2))
def test_a_managers_release_against_save(
    job: Job, people: list[User], at_once: AtOnce, turn: int
) -> None:
    held = claim(job, people[0])
    save(held, 1)
    saving = partial(
        answers.save_item,
        assignment_id=held.pk,
        position=1,
        user=people[0],
        write=uuid4(),
        ops=[choice_op("k2")],
        version=1,
    )
    release = partial(manager_release, package=held.package, user=people[1], reason="x")
    answer, following = at_once(saving, release)
    assert isinstance(following, Assignment)
    stored = loads(held.annotations.get().results)
    assert stored == [choice("k1" if answer["late"] else "k2")]
    # What was in time is kept as it was when the tenure ended.
    version = AnnotationVersion.objects.get(cause="release")
    assert loads(version.results) == stored
    assert_sound(job)


@pytest.mark.parametrize("turn", range(2))
def test_pass_against_rejecting_the_package(
    job: Job, people: list[User], at_once: AtOnce, turn: int
) -> None:
    label(job, people[0])
    checking = claim(job, people[1], "check")
    got = at_once(
        partial(pass_item, checking, 1),
        partial(reject_package, assignment_id=checking.pk, user=people[1], feedback="no"),
    )
    only_these(got, Conflict)
    passed, rejected = got
    assert rejected == {"state": "submitted", "next": "returned"}
    if isinstance(passed, Conflict):
        assert passed.code in ("submitted", "ended")
        assert not checking.annotations.exists()
    assert_sound(job)


def test_modify_against_submit(job: Job, people: list[User], at_once: AtOnce) -> None:
    label(job, people[0])
    checking = claim(job, people[1], "check")
    pass_rest(checking)
    got = at_once(
        partial(save, checking, 1, "k2", user=people[1], version=1),
        partial(submit_assignment, assignment_id=checking.pk, user=people[1]),
    )
    only_these(got, Conflict)
    assert not isinstance(got[1], Exception)
    assert_sound(job)


def test_reject_item_against_reject_package_and_pass_rest(
    job: Job, people: list[User], at_once: AtOnce
) -> None:
    label(job, people[0])
    checking = claim(job, people[1], "check")
    got = at_once(
        partial(reject_item, checking, 1),
        partial(inspect.pass_rest, assignment_id=checking.pk, user=people[1]),
        partial(reject_package, assignment_id=checking.pk, user=people[1], feedback="no"),
    )
    only_these(got, Conflict)
    assert Assignment.objects.filter(round=2).count() == 1
    assert_sound(job)


def test_unlocking_twice_at_once(job: Job, people: list[User], at_once: AtOnce) -> None:
    label(job, people[0])
    inspect_all(job, people[1], "check", 1)
    back = claim(job, people[0])
    got = at_once(
        *(
            partial(answers.unlock_item, assignment_id=back.pk, position=2, user=people[0])
            for _ in range(3)
        )
    )
    only_these(got)
    assert {one["version"] for one in got} == {1}
    assert count("unlock_item") == 1


def test_abandon_against_save(job: Job, people: list[User], at_once: AtOnce) -> None:
    held = claim(job, people[0])
    abandon = partial(
        answers.abandon_item,
        assignment_id=held.pk,
        position=1,
        user=people[0],
        write=uuid4(),
        reason="Invalid",
    )
    got = at_once(partial(save, held, 1, "k1", version=0), abandon)
    only_these(got, Conflict)
    stored = held.annotations.get()
    assert stored.abandoned
    assert stored.version == (1 if isinstance(got[0], Conflict) else 2)


@pytest.mark.parametrize("turn", range(2))
def test_the_job_ends_when_two_people_finish_the_last_packages_at_once(
    workspace: Workspace, people: list[User], at_once: AtOnce, turn: int
) -> None:
    job = make_job(items=8, size=1, workspace=workspace, workflow="labeling", labelers=people)
    held = [claim(job, user) for user in people]
    for assignment in held:
        save(assignment, 1)
    got = at_once(
        *(
            partial(submit_assignment, assignment_id=one.pk, user=user)
            for one, user in zip(held, people, strict=True)
        )
    )
    only_these(got)
    job.refresh_from_db()
    assert job.state == "finished"
    summary = JobSummary.objects.get(job=job)
    assert (summary.finished_packages, summary.labeling_items) == (8, 8)
    assert_sound(job)


def test_submissions_of_one_person_share_one_count(
    workspace: Workspace, people: list[User], at_once: AtOnce
) -> None:
    """The share that is drawn of a person's work is right, also when several packages come at once."""
    job = make_job(
        items=8,
        size=1,
        workspace=workspace,
        workflow="labeling,check",
        labelers=people[:1],
        checkers=people[1:],
        check_ratio=25,
        limits={"package_limit": 8},
    )
    held = [claim(job, people[0]) for _ in range(8)]
    for assignment in held:
        save(assignment, 1)
    got = at_once(
        *(partial(submit_assignment, assignment_id=one.pk, user=people[0]) for one in held)
    )
    only_these(got)
    assert SamplingCarry.objects.get().seen == 8
    assert Assignment.objects.filter(stage="check").count() == 2
    assert_sound(job)


def test_the_allowance_holds_when_packages_are_given_back_at_once(
    job: Job, people: list[User], at_once: AtOnce
) -> None:
    Job.objects.filter(pk=job.pk).update(limits={"package_limit": 6})
    job.refresh_from_db()
    held = [claim(job, people[0]) for _ in range(6)]
    got = at_once(
        *(
            partial(release_assignment, assignment_id=one.pk, user=people[0], reason="x")
            for one in held
        )
    )
    only_these(got, Conflict)
    assert count("release") == 3
    assert_sound(job)


def test_a_claim_against_a_return(job: Job, people: list[User], at_once: AtOnce) -> None:
    """What comes back is reserved from the first moment: nobody else gets it."""
    label(job, people[0])
    checking = claim(job, people[1], "check")
    reject_item(checking, 1)
    pass_rest(checking)
    Assignment.objects.filter(job=job, stage="labeling", state="waiting").update(
        number=F("number") + 100
    )
    got = at_once(
        partial(submit_assignment, assignment_id=checking.pk, user=people[1]),
        *(
            partial(claim_package, job=fresh(job), user=user, stage="labeling")
            for user in people[2:6]
        ),
    )
    only_these(got)
    assert all(claimed.assignment.number > 100 for claimed in got[1:])
    assert claim(job, people[0]).round == 2
    assert_sound(job)


def test_everybody_works_at_once(workspace: Workspace, at_once: AtOnce) -> None:
    """Six people through all stages of ten packages, each taking whatever comes next, until nothing is left."""
    people = [member(workspace) for _ in range(6)]
    job = make_job(
        items=20,
        size=2,
        workspace=workspace,
        labelers=people,
        checkers=people,
        accepters=people,
        check_ratio=50,
        acceptance_ratio=50,
    )
    for codename in ("label_job", "check_job", "accept_job"):
        grant(codename, job, users=people)

    def work(user: User) -> int:
        done = idle_turns = 0
        while idle_turns < 40:
            claimed = claim_next(user=user).assignment
            if claimed is None:
                idle_turns += 1
                continue
            if claimed.stage == "labeling":
                for position in open_positions(claimed):
                    save(claimed, position)
            else:
                if claimed.round == 1 and claimed.number % 4 == 0:
                    reject_item(claimed, 1)
                pass_rest(claimed)
            submit_assignment(assignment_id=claimed.pk, user=user)
            done += 1
        return done

    got = at_once(*(partial(work, user) for user in people))
    only_these(got)
    assert sum(got) == count("submit")
    job.refresh_from_db()
    left = Package.objects.filter(job=job, state="open")
    assert job.state == ("running" if left else "finished")
    assert_sound(job)
