"""A job as the form's body for another one like it."""

from typing import Any

from jobs.models import Job
from jobs.services.members import job_members

_COPIED = (
    "description", "field_bindings", "selected_questions", "options", "shapes", "overrides", "workflow", "allocation", "limits", "priority",
    "language", "feedback_lists",
)  # fmt: skip
_SAMPLED = ("check_ratio", "acceptance_ratio", "check_count", "acceptance_count")


def clone_fields(job: Job) -> dict[str, Any]:
    """The job body of the API (`POST /jobs`) that would make another job like this one, under a free name.

    Without its deadline. People who may not work in the workspace any more are refused when it is created.
    """
    members = job_members(job)
    sampled = [name for name in _SAMPLED if name.split("_")[0] in job.stages]
    return {
        "workspace": job.workspace_id,
        "name": free_name(job),
        "dataset": job.dataset_id,
        "template": job.template_id,
        **{name: getattr(job, name) for name in _COPIED},
        **{name: getattr(job, name) for name in sampled if getattr(job, name) is not None},
        **({"votes": job.votes} if job.votes else {}),
        "members": {
            role: {
                "users": [user.pk for user in chosen.users if user.is_active],
                "teams": [team.pk for team in chosen.teams],
            }
            for role, chosen in members.items()
        },
    }


def free_name(job: Job) -> str:
    """The job's name with the first number from 2 on that no job of the workspace has."""
    taken = set(
        Job.objects.alive().filter(workspace=job.workspace_id).values_list("name", flat=True)
    )
    number = 2
    while (name := f"{job.name[: 99 - len(str(number))]}-{number}") in taken:
        number += 1
    return name
