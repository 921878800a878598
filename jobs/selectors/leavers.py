"""What people who are gone still hold or have reserved, and who could take it over."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Membership, User, Workspace
from jobs.models import (
    STAGE_PERMISSION,
    Assignment,
    JobGroupPermission,
    JobUserPermission,
    led_jobs,
)

State = Assignment.State
#: People offered for one stage of one job; with more, the one is named by user name.
MOST_TAKERS = 200

Takers = dict[tuple[int, str], list[User]]


def left_behind(viewer: User, workspace: Workspace) -> QuerySet[Assignment]:
    """Slots of jobs that the viewer leads which somebody holds, or alone has reserved, who cannot go on with them.

    That is whoever's account is closed, and whoever is no active member of the workspace any more; superusers, who are
    members nowhere, are not meant. Each has its `job`, `package`, `holder` and `reserved_user`.
    """
    places = Membership.objects.filter(workspace=workspace, active=True)
    gone = Q(holder__is_active=False) | (
        ~Exists(places.filter(user=OuterRef("holder"))) & Q(holder__is_superuser=False)
    )
    closed = Membership.objects.filter(workspace=workspace, user__is_active=False)
    reserved = Q(reserved_user__in=closed.values("user"), state__in=(State.WAITING, State.BLOCKED))
    return (
        Assignment.objects.filter(
            (Q(state=State.CLAIMED) & gone) | reserved,
            job__in=led_jobs(viewer),
            job__workspace=workspace,
            job__deleted_at=None,
            package__discarded_at=None,
        )
        .select_related("job", "package", "holder", "reserved_user")
        .order_by("pk")
    )


def takers(rows: Iterable[Assignment]) -> Takers:
    """For each (job, stage) of these slots the active people who work in it, by user name; two queries.

    Whether one of them may take this very package is asked when it is given to them.
    """
    places = {(row.job_id, str(row.stage)) for row in rows}
    found: dict[tuple[int, str], dict[int, User]] = {place: {} for place in places}
    if not places:
        return {}
    stage_of = {codename: stage for stage, codename in STAGE_PERMISSION.items()}
    wanted: dict[str, Any] = {
        "content_object__in": {job for job, _stage in places},
        "permission__codename__in": {STAGE_PERMISSION[stage] for _job, stage in places},
    }
    columns = ("content_object", "permission__codename")
    direct = JobUserPermission.objects.filter(**wanted, user__is_active=True)
    through = JobGroupPermission.objects.filter(**wanted, group__user__is_active=True)
    pairs = [
        *direct.values_list(*columns, "user"),
        *through.values_list(*columns, "group__user"),
    ]
    people = User.objects.in_bulk({pk for _job, _codename, pk in pairs})
    for job, codename, pk in pairs:
        place = (job, str(stage_of[codename]))
        if place in found:
            found[place][pk] = people[pk]
    return {
        place: sorted(users.values(), key=lambda user: user.username)[:MOST_TAKERS]
        for place, users in found.items()
    }
