"""What a person has done today, for themselves alone: items and time by stage, unsubmitted work included.

Unlike the figures that those who lead a job see, which count a package when it is submitted, this moves as one works.
"""

from typing import Any

from django.db.models import Count, F, Q, Sum

from accounts.models import User, Workspace
from itag.core.clock import now
from jobs.models import Annotation, Assignment, Stage
from jobs.selectors.verbs import day_begins

NOTHING = {"items": 0, "seconds": 0}


def pace_today(user: User, workspace: Workspace) -> dict[str, Any]:
    """{"day", "items", "seconds", "stages": [{"stage", "items", "seconds"}]}; two statements.

    The time of a package that was begun before today is that of the items saved today.
    """
    begins = day_begins(workspace.time_zone, now())
    touched = Assignment.objects.filter(
        holder=user, job__workspace=workspace, job__deleted_at=None, last_input_at__gte=begins
    )
    begun = {
        row["stage"]: row["seconds"]
        for row in touched.filter(claimed_at__gte=begins)
        .values("stage")
        .annotate(seconds=Sum("work_seconds"))
    }
    done: dict[str, dict[str, int]] = {
        row["assignment__stage"]: {"items": row["items"], "seconds": row["seconds"]}
        for row in Annotation.objects.filter(
            assignment__in=touched, author=user, updated_at__gte=begins
        )
        .values("assignment__stage")
        .annotate(
            items=Count("package_item", filter=Q(answered_at__gte=begins), distinct=True),
            seconds=Sum(F("seconds"), filter=Q(assignment__claimed_at__lt=begins), default=0),
        )
    }
    stages = [
        {
            "stage": str(stage),
            "items": done.get(stage, NOTHING)["items"],
            "seconds": begun.get(stage, 0) + done.get(stage, NOTHING)["seconds"],
        }
        for stage in Stage.values
        if stage in begun or stage in done
    ]
    return {
        "day": begins.date().isoformat(),
        "items": sum(row["items"] for row in stages),
        "seconds": sum(row["seconds"] for row in stages),
        "stages": stages,
    }
