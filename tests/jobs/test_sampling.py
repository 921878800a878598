"""Sampling: integers only, within one of the ratio, the same again from the same seed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User, Workspace
from jobs.models import Assignment, Job, Package, PackageEvent, Sample, SamplingCarry
from jobs.services.sampling import draw_size, shuffled
from tests.factories import make_job, member
from tests.jobs.flow import (
    abandon,
    claim,
    inspect_all,
    label,
    pass_rest,
    reject_item,
    save,
    submit,
)


@given(st.lists(st.integers(1, 2000), max_size=60), st.integers(1, 100))
def test_what_is_drawn_is_within_one_of_the_ratio(sizes: list[int], ratio: int) -> None:
    seen = drawn = 0
    for size in sizes:
        now = draw_size(seen=seen, items=size, ratio=ratio)
        assert 0 <= now <= size
        seen, drawn = seen + size, drawn + now
        assert abs(drawn * 100 - seen * ratio) < 100


def test_integers_only() -> None:
    # In floats 0.07 · 100 is 7.000000000000001.
    assert draw_size(seen=0, items=100, ratio=7) == 7
    assert draw_size(seen=0, items=33, ratio=100) == 33


def test_the_order_is_the_seeds_alone() -> None:
    job, package = Job(seed=7), Package(pk=3, round=1)
    items = list(range(100, 160))
    order = shuffled(items, job=job, package=package, stage="check")
    assert sorted(order) == items
    assert order != items
    assert order == shuffled(reversed(items), job=job, package=package, stage="check")
    for other in (
        shuffled(items, job=Job(seed=8), package=package, stage="check"),
        shuffled(items, job=job, package=Package(pk=4, round=1), stage="check"),
        shuffled(items, job=job, package=Package(pk=3, round=2), stage="check"),
        shuffled(items, job=job, package=package, stage="acceptance"),
    ):
        assert other != order


@pytest.fixture
def job(workspace: Workspace, labeler: User, labeler2: User, checker: User) -> Job:
    """Twenty packages of one item, a quarter to be checked."""
    return make_job(
        items=20,
        size=1,
        workspace=workspace,
        workflow="labeling,check",
        labelers=[labeler, labeler2],
        checkers=[checker],
        check_ratio=25,
    )


@pytest.mark.django_db
def test_packages_of_one_item_are_sampled_at_the_ratio_too(
    job: Job, labeler: User, labeler2: User
) -> None:
    for number in range(1, 13):
        label(job, labeler)
        assert Sample.objects.count() == number // 4
    # Each person has a count of their own.
    for _ in range(3):
        label(job, labeler2)
    assert Sample.objects.count() == 3
    carries = SamplingCarry.objects.order_by("subject")
    assert [(c.subject, c.stage, c.seen, c.ratio) for c in carries] == [
        (labeler, "check", 12, 25),
        (labeler2, "check", 3, 25),
    ]
    assert PackageEvent.objects.filter(verb="pass_stage").count() == 12


@pytest.mark.django_db
def test_a_changed_ratio_starts_anew(job: Job, labeler: User) -> None:
    for _ in range(3):
        label(job, labeler)
    Job.objects.filter(pk=job.pk).update(check_ratio=50)
    label(job, labeler)
    assert not Sample.objects.exists()
    assert (SamplingCarry.objects.get().seen, SamplingCarry.objects.get().ratio) == (1, 50)
    label(job, labeler)
    assert Sample.objects.count() == 1


@pytest.mark.django_db
def test_at_least_one_per_package_is_a_switch(job: Job, labeler: User) -> None:
    Job.objects.filter(pk=job.pk).update(limits={"sample_at_least_one": True})
    label(job, labeler)
    assert Sample.objects.get().reason == "drawn"


@pytest.mark.django_db
def test_abandoned_items_are_always_sampled(
    workspace: Workspace, labeler: User, checker: User
) -> None:
    job = make_job(
        items=10,
        size=10,
        workspace=workspace,
        workflow="labeling,check",
        labelers=[labeler],
        checkers=[checker],
        check_ratio=10,
    )
    held = claim(job, labeler)
    for position in range(1, 9):
        save(held, position)
    abandon(held, 9)
    abandon(held, 10)
    submit(held)
    reasons = {s.package_item.position: s.reason for s in Sample.objects.all()}
    assert {9, 10} <= set(reasons)
    assert list(reasons.values()).count("drawn") == 1


@pytest.mark.django_db
def test_the_subject_of_acceptance_is_whoever_submitted_last_in_the_round(
    workspace: Workspace, labeler: User, checker: User, accepter: User
) -> None:
    job = make_job(
        items=2,
        size=1,
        workspace=workspace,
        labelers=[labeler],
        checkers=[checker],
        accepters=[accepter],
        check_ratio=50,
    )
    label(job, labeler)  # nothing drawn: check is passed, the labeler is acceptance's subject
    label(job, labeler)
    checking = claim(job, checker, "check")
    save(checking, 1, ops=[])
    submit(checking)
    subjects = SamplingCarry.objects.filter(stage="acceptance")
    assert {carry.subject for carry in subjects} == {labeler, checker}


@pytest.mark.django_db
def test_the_sample_is_drawn_at_submission(job: Job, labeler: User) -> None:
    Job.objects.filter(pk=job.pk).update(check_ratio=100)
    held = claim(job, labeler)
    save(held, 1)
    assert not Sample.objects.exists()
    submit(held)
    slot = Assignment.objects.get(stage="check")
    assert Sample.objects.get().assignment == slot


@pytest.mark.django_db
def test_ratios_hold_over_many_people_and_sizes(workspace: Workspace, checker: User) -> None:
    people = [member(workspace) for _ in range(3)]
    job = make_job(
        items=60,
        size=7,
        workspace=workspace,
        workflow="labeling,check",
        labelers=people,
        checkers=[checker],
        check_ratio=33,
    )
    for turn in range(9):
        label(job, people[turn % 3])
    for carry in SamplingCarry.objects.all():
        drawn = Sample.objects.filter(
            reason="drawn",
            package_item__package__assignments__holder=carry.subject,
            package_item__package__assignments__stage="labeling",
        ).count()
        assert abs(drawn * 100 - carry.seen * 33) < 100


def test_what_a_checker_changes_in_rework_joins_the_next_sample(
    workspace: Workspace, labeler: User, checker: User, accepter: User
) -> None:
    job = make_job(
        items=100,
        size=100,
        workspace=workspace,
        labelers=[labeler],
        checkers=[checker],
        accepters=[accepter],
        acceptance_ratio=1,
    )
    label(job, labeler)
    inspect_all(job, checker, "check")
    accepted = claim(job, accepter, "acceptance")
    (drawn,) = accepted.samples.values_list("package_item__position", flat=True)
    reject_item(accepted, drawn)
    submit(accepted)
    rework = claim(job, checker, "check")
    pass_rest(rework)
    # Whichever is drawn by chance next, these four are not all of it.
    others = [position for position in range(1, 6) if position != drawn][:4]
    for position in others:
        save(rework, position, "k2")
    submit(rework)
    again = Assignment.objects.get(job=job, stage="acceptance", round=2)
    positions = set(again.samples.values_list("package_item__position", flat=True))
    assert {drawn, *others} <= positions


@pytest.mark.django_db
def test_a_fixed_number_of_every_package(workspace: Workspace, checker: User) -> None:
    """Instead of the ratio, at most all items; what is always inspected comes on top, and no carry is kept."""
    people = [member(workspace) for _ in range(3)]
    job = make_job(
        items=7, size=5, workspace=workspace, labelers=people, checkers=[checker],
        workflow="labeling,check", check_ratio=1, check_count=3,
    )  # fmt: skip
    held = claim(job, people[0])
    for position in range(1, 6):
        save(held, position)
    submit(held)
    label(job, people[1])
    slots = Assignment.objects.filter(job=job, stage="check").order_by("number")
    assert [slot.samples.count() for slot in slots] == [3, 2]
    assert not SamplingCarry.objects.exists()
    first = slots[0]
    drawn = {s.package_item.position for s in first.samples.select_related("package_item")}
    checking = claim(job, checker, "check")
    rejected = min(set(range(1, 6)) - drawn)
    reject_item(checking, rejected)
    pass_rest(checking)
    submit(checking)
    back = claim(job, people[0])
    save(back, rejected, "k2")
    submit(back)
    again = Assignment.objects.get(job=job, stage="check", round=2)
    reasons = dict(again.samples.values_list("package_item__position", "reason"))
    assert len([reason for reason in reasons.values() if reason == "drawn"]) == 3
    assert rejected in reasons


@pytest.mark.django_db
def test_who_only_labels_learns_nothing_from_how_far_the_stages_are(
    workspace: Workspace, labeler: User, checker: User, admin_user: User, api: Any
) -> None:
    """A stage that was passed at once would tell that nothing was drawn."""
    job = make_job(
        items=4, size=1, workspace=workspace, labelers=[labeler], checkers=[checker],
        workflow="labeling,check,acceptance", check_ratio=25,
    )  # fmt: skip
    for _ in range(3):
        label(job, labeler)
    seen = {}
    for user in (labeler, checker, admin_user):
        client = api(user)
        body = client.get(f"/api/v1/jobs/{job.pk}").json()["progress"]
        (row,) = client.get("/api/v1/jobs").json()["results"]
        assert row["progress"] == body
        seen[user] = list(body)
        page = client.get(f"/jobs/{job.pk}/").content.decode()
        assert ('aria-label="Check"' in page) == (user != labeler)
        listed = client.get("/jobs/").content.decode()
        assert (f"{job.name}: Check" in listed) == (user != labeler)
    every = ["labeling", "check", "acceptance", "finished"]
    assert seen == {labeler: ["labeling", "finished"], checker: every, admin_user: every}
