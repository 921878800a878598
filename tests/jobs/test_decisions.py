"""What the fact sheet (section 11) leaves open and design section 5 decides, and which test shows each decision.

SHOWN_BY is that table; a test here sees to it that every test it names is there. What no other test shows as a whole
is shown here. Section 11's other points are no matter of the workflow: shapes of answers (1), keys and tools (8),
pages (9, 10), dataset files (11) and the two flags (12: *fixed* is the verdict modified, *rejected* the verdict).
"""

import importlib
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User, Workspace
from itag.core.errors import Conflict
from jobs.models import Assignment, Sample
from jobs.services.claim import claim_package
from jobs.services.release import expire_assignments, release_assignment
from tests.factories import make_job
from tests.jobs.flow import claim, label, pass_rest, submit

CONTENT = "tests.exports.test_content:TestKeys"
HERE = "tests.jobs.test_decisions"
SHOWN_BY = {
    "2 Abandoned items are exported with their reason, unfinished ones without a key": [
        f"{CONTENT}.test_abandoned",
        f"{CONTENT}.test_an_unfinished_item_has_no_key",
    ],
    "2 Of several votes the adopted answer is exported, under the plain key": [
        "tests.jobs.test_votes:test_the_last_vote_merges_and_opens_the_check",
    ],
    "3 -check and -verify hold what the stage judged, and only that": [
        f"{CONTENT}.test_passed_modified_sampled_out",
        f"{CONTENT}.test_rejected_relabeled_passed",
        "tests.jobs.test_final:test_a_later_labeling_answer_supersedes_a_modification",
    ],
    "4 A rejection returns the package in the next round, its rejected items open, to the same person first": [
        "tests.jobs.test_submit:test_a_rejected_item_returns_the_package_to_its_labeler",
        "tests.jobs.test_submit:test_from_acceptance_the_default_is_the_stage_before",
        "tests.jobs.test_inspect:test_from_acceptance_a_package_returns_to_check_or_to_labeling",
        "tests.jobs.test_submit:test_after_as_many_rounds_as_allowed_it_waits_for_a_manager",
    ],
    "5 Ratios count items, over all of a person's packages; check and acceptance have one each": [
        f"{HERE}:test_each_stage_draws_its_own_share_of_the_items",
        "tests.jobs.test_sampling:test_packages_of_one_item_are_sampled_at_the_ratio_too",
    ],
    "6 Targets are shares of people and teams that add up to 100, or a list of packages": [
        "tests.jobs.test_targets:test_the_stored_form",
        "tests.jobs.test_targets:test_shares_of_single_packages_are_exactly_their_quotas",
        "tests.jobs.test_targets:test_a_list_takes_the_first_free_slots_in_its_order",
    ],
    "6 By average and by field no package has more than 2,000 items": [
        "tests.jobs.test_allocation:test_a_number_of_packages_leaves_none_empty_and_none_above_2000",
        "tests.jobs.test_allocation:test_groups_are_cut_into_packages_of_2000_at_most",
    ],
    "6 Above 1,000,000 items packages grow, so that there are 20,000 at most; above 4,000,000 it takes several jobs": [
        "tests.jobs.test_allocation:test_the_limits_follow_the_rows_of_itag",
        "tests.jobs.test_allocation:test_no_items_and_too_many_items_are_refused_at_the_dataset",
    ],
    "7 A claim ends after 24 hours without input, three packages a day may be given back, one is held at a time": [
        f"{HERE}:test_what_the_limits_are_unless_the_job_says_otherwise",
        "tests.jobs.test_release:test_the_claim_time_is_the_jobs",
        "tests.jobs.test_claim:test_the_limit_is_the_jobs_setting",
    ],
}


@pytest.mark.parametrize("decision", SHOWN_BY)
def test_every_decision_has_its_tests(decision: str) -> None:
    for name in SHOWN_BY[decision]:
        module, _, path = name.partition(":")
        found = importlib.import_module(module)
        for part in path.split("."):
            found = getattr(found, part)
        assert callable(found)


@pytest.mark.django_db
def test_each_stage_draws_its_own_share_of_the_items(
    workspace: Workspace, labeler: User, checker: User, accepter: User
) -> None:
    """Two packages of four items: half of the items are checked, a quarter accepted."""
    job = make_job(
        items=8,
        size=4,
        workspace=workspace,
        labelers=[labeler],
        checkers=[checker],
        accepters=[accepter],
        check_ratio=50,
        acceptance_ratio=25,
    )
    for _ in range(2):
        label(job, labeler)
    for _ in range(2):
        checking = claim(job, checker, "check")
        pass_rest(checking)
        submit(checking)
    for stage, drawn in (("check", [2, 2]), ("acceptance", [1, 1])):
        slots = Assignment.objects.filter(job=job, stage=stage).order_by("number")
        assert [Sample.objects.filter(assignment=slot).count() for slot in slots] == drawn


@pytest.mark.django_db
def test_what_the_limits_are_unless_the_job_says_otherwise(
    workspace: Workspace, labeler: User
) -> None:
    job = make_job(items=8, size=1, workspace=workspace, workflow="labeling", labelers=[labeler])
    held = claim(job, labeler)
    assert claim_package(job=job, user=labeler, stage="labeling").already_held
    taken = timezone.now()
    assert expire_assignments(taken + timedelta(hours=24) - timedelta(minutes=1)) == 0
    assert expire_assignments(taken + timedelta(hours=24, minutes=1)) == 1
    held.refresh_from_db()
    assert held.state == "expired"
    for _ in range(3):
        release_assignment(assignment_id=claim(job, labeler).pk, user=labeler, reason="too_hard")
    with pytest.raises(Conflict) as refused:
        release_assignment(assignment_id=claim(job, labeler).pk, user=labeler, reason="too_hard")
    assert refused.value.code == "allowance"
