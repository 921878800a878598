"""Who may ask for, see, download and call off an export: it goes with the job."""

from typing import Any

from exports.models import Export
from itag.core.policy import Verdict, can, rule
from jobs.models import Job


@rule("exports.create")
def create(user: Any, job: Job) -> Verdict:
    """Whoever manages the job."""
    return can(user, "jobs.manage", job)


@rule("exports.view")
def view(user: Any, export: Export) -> Verdict:
    """Whoever may see the job sees that there is an export."""
    return can(user, "jobs.view", export.job)


@rule("exports.download", "exports.cancel")
def download(user: Any, export: Export) -> Verdict:
    """Everybody's answers are in the file: whoever manages the job."""
    return can(user, "jobs.manage", export.job)
