"""What a list of jobs may be narrowed by: a closed set, never names from the request."""

import django_filters
from django.db.models import QuerySet

from accounts.grants import granted_ids
from jobs.models import Job


class JobFilter(django_filters.FilterSet):
    """`mine`: only jobs in which the person has a stage or manages."""

    workspace = django_filters.NumberFilter(field_name="workspace_id")
    state = django_filters.ChoiceFilter(choices=Job.State.choices)
    mine = django_filters.BooleanFilter(method="only_mine")

    class Meta:
        model = Job
        fields: list[str] = []

    def only_mine(self, queryset: QuerySet[Job], name: str, value: bool) -> QuerySet[Job]:  # noqa: FBT001
        """Jobs with a grant of one's own."""
        if not value:
            return queryset
        return queryset.filter(pk__in=granted_ids(self.request.user, Job, "view_job"))
