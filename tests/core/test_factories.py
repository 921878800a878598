"""The factories build legal rows."""

import pytest

from itag.core.policy import Verdict
from jobs.models import Assignment, PackageItem
from tests.factories import make_job, member

pytestmark = pytest.mark.django_db


def test_a_job_has_its_packages_items_and_waiting_slots(workspace):
    labeler = member(workspace)
    job = make_job(items=12, size=5, labelers=[labeler], workspace=workspace)
    assert list(job.packages.order_by("number").values_list("item_count", flat=True)) == [5, 5, 2]
    assert PackageItem.objects.filter(job=job).count() == 12
    assert Assignment.objects.filter(job=job, state="waiting").count() == 3


def test_a_verdict_speaks_for_itself():
    assert Verdict(allowed=True)
    assert not Verdict(allowed=False, reason="no")
