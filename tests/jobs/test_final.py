"""The answer in force: what supersedes what, kept and worked out anew."""

import pytest

from accounts.models import User, Workspace
from jobs.models import Job, Package, PackageItem
from tests.factories import make_job
from tests.jobs.flow import claim, final, inspect_all, label, pass_rest, reject_item, save, submit
from tests.jobs.history import assert_sound, exported

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(workspace: Workspace, labeler: User, checker: User, accepter: User) -> Job:
    return make_job(
        items=3,
        size=3,
        workspace=workspace,
        labelers=[labeler],
        checkers=[checker],
        accepters=[accepter],
    )


def test_nothing_is_in_force_before_a_submission(job: Job, labeler: User) -> None:
    held = claim(job, labeler)
    save(held, 1)
    assert final(job) == [None, None, None]
    assert_sound(job)


def test_verdicts_come_into_force_with_their_submission(
    job: Job, labeler: User, checker: User
) -> None:
    label(job, labeler)
    checking = claim(job, checker, "check")
    save(checking, 1, "k2")
    assert final(job) == ["k1", "k1", "k1"]
    pass_rest(checking)
    submit(checking)
    assert final(job) == ["k2", "k1", "k1"]
    assert_sound(job)


def test_a_later_labeling_answer_supersedes_a_modification(
    job: Job, labeler: User, checker: User, accepter: User
) -> None:
    """Modify, reject to labeling, relabel, pass: the relabelled answer is in force."""
    label(job, labeler, "k1")
    checking = claim(job, checker, "check")
    save(checking, 1, "k2")
    pass_rest(checking)
    submit(checking)
    accepting = claim(job, accepter, "acceptance")
    reject_item(accepting, 1)
    pass_rest(accepting)
    submit(accepting, return_to="labeling")
    # The modification stays in force until the rework is submitted, and the rework begins with it.
    assert final(job) == ["k2", "k1", "k1"]
    back = claim(job, labeler)
    assert final(job)[0] == "k2"
    save(back, 1, "k1")
    submit(back)
    assert final(job) == ["k1", "k1", "k1"]
    inspect_all(job, checker, "check")
    inspect_all(job, accepter, "acceptance")
    assert final(job) == ["k1", "k1", "k1"]
    item = PackageItem.objects.get(position=1)
    assert item.current_annotation is not None
    assert item.current_annotation.assignment == back
    # The relabelled answer is exported under every key that the item has.
    assert {stage: answer.id for stage, answer in exported(job)[1].items()} == dict.fromkeys(
        ("labeling", "check", "acceptance"), item.current_annotation_id
    )
    assert Package.objects.get().state == "finished"
    assert_sound(job)


def test_a_modification_of_a_modification(
    job: Job, labeler: User, checker: User, accepter: User
) -> None:
    label(job, labeler, "k1")
    checking = claim(job, checker, "check")
    save(checking, 1, "k2")
    pass_rest(checking)
    submit(checking)
    accepting = claim(job, accepter, "acceptance")
    save(accepting, 1, "k1")
    pass_rest(accepting)
    submit(accepting)
    assert final(job) == ["k1", "k1", "k1"]
    answers = {a.assignment.stage: a for a in PackageItem.objects.get(position=1).annotations.all()}
    assert answers["acceptance"].judged == answers["check"]
    assert answers["check"].judged == answers["labeling"]
    assert_sound(job)


def test_locked_items_keep_a_modification(job: Job, labeler: User, checker: User) -> None:
    label(job, labeler, "k1")
    checking = claim(job, checker, "check")
    save(checking, 1, "k2")
    reject_item(checking, 2)
    pass_rest(checking)
    submit(checking)
    back = claim(job, labeler)
    save(back, 2, "k2")
    submit(back)
    assert final(job) == ["k2", "k2", "k1"]
    assert_sound(job)
