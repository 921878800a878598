"""What lists of jobs, packages and blocked slots are asked with: closed words, never names from the request."""

from typing import Any

from rest_framework import serializers

from jobs.models import Assignment, Job, Stage
from jobs.selectors.job_list import SORTS
from jobs.selectors.packages import STATES


class _PageQuery(serializers.Serializer[Any]):
    limit = serializers.IntegerField(required=False, min_value=1, max_value=200, default=50)


class JobListQuery(_PageQuery):
    """`member`: jobs in which this person has a part, among those whose people you assign. `archived`: only those."""

    workspace = serializers.IntegerField(required=False)
    state = serializers.ChoiceField(Job.State.choices, required=False)
    template = serializers.IntegerField(required=False)
    dataset = serializers.IntegerField(required=False)
    member = serializers.IntegerField(required=False)
    late = serializers.BooleanField(
        required=False, help_text="overdue, or forecast after the deadline"
    )
    archived = serializers.BooleanField(required=False)
    mine = serializers.BooleanField(required=False, help_text="only jobs in which you have a part")
    search = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=100,
        help_text="in name, description and dataset",
    )
    sort = serializers.ChoiceField([*SORTS], required=False)
    cursor = serializers.CharField(required=False, max_length=300)


class PackageListQuery(_PageQuery):
    """`after`, `before`: numbers at which a page begins; `flags`: with questions that nobody has answered."""

    state = serializers.ChoiceField([*STATES], required=False)
    stage = serializers.ChoiceField(Stage.choices, required=False)
    holder = serializers.IntegerField(required=False)
    reserved = serializers.IntegerField(required=False)
    round = serializers.IntegerField(required=False, min_value=1, max_value=9999)
    reason = serializers.ChoiceField(Assignment.BlockedReason.choices, required=False)
    batch = serializers.IntegerField(required=False, min_value=1)
    group = serializers.CharField(required=False, max_length=500)
    returned = serializers.BooleanField(required=False)
    flags = serializers.BooleanField(required=False)
    after = serializers.IntegerField(required=False, min_value=0)
    before = serializers.IntegerField(required=False, min_value=1)


def checked(query: type[_PageQuery], params: Any) -> dict[str, Any]:
    """The values of a query string; raises DRF's ValidationError at what is no such word."""
    found = query(data=params)
    found.is_valid(raise_exception=True)
    return dict(found.validated_data)
