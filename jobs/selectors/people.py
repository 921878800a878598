"""What a person has in hand over all jobs: what to look at before their account is closed or they leave."""

from django.db.models import Q, QuerySet

from accounts.models import User, Workspace
from jobs.models import Assignment

State = Assignment.State


def held_by(user: User, workspace: Workspace | None = None) -> QuerySet[Assignment]:
    """What the person holds, and what waits or is blocked reserved for them alone, job by job.

    Each has its `job` and `package`; `state` says which of the two it is. `transfer_package` gives one to somebody
    else, `manager_release` to everybody.
    """
    mine = Q(holder=user, state=State.CLAIMED) | Q(
        reserved_user=user, state__in=(State.WAITING, State.BLOCKED)
    )
    rows = Assignment.objects.filter(mine, job__deleted_at=None, package__discarded_at=None)
    if workspace is not None:
        rows = rows.filter(job__workspace=workspace)
    return rows.select_related("job", "package").order_by("job", "number", "pk")
