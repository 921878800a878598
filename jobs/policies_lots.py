"""Who may take lots, look at them and decide on them; each refusal says why."""

from typing import Any

from django.utils.translation import gettext as _

from itag.core.policy import ALLOWED, HIDDEN, Verdict, can, denied, rule
from jobs.models import Job, Lot, Stage


@rule("lots.list")
def list_lots(user: Any, job: Job) -> Verdict:
    """The lots of a job: its accepters and whoever assigns."""
    verdict = can(user, "jobs.view", job)
    if not verdict:
        return verdict
    if Stage.ACCEPTANCE not in job.stages:
        return denied(_("This job has no acceptance."))
    if can(user, "jobs.assign", job) or can(user, "jobs.accept", job) or _was_accepter(user, job):
        return ALLOWED
    return denied(_("You are not among the accepters of this job."))


@rule("lots.open")
def open_lot(user: Any, job: Job) -> Verdict:
    """Accepters, while the job runs."""
    return can(user, "jobs.accept", job)


@rule("lots.view")
def view_lot(user: Any, lot: Lot) -> Verdict:
    """Its accepter, and whoever assigns in the job."""
    if can(user, "jobs.assign", lot.job):
        return ALLOWED
    return can(user, "jobs.view", lot.job) if lot.accepter_id == user.pk else HIDDEN


@rule("lots.decide")
def decide(user: Any, lot: Lot) -> Verdict:
    """Its accepter; a task administrator may dissolve it."""
    verdict = view_lot(user, lot)
    if not verdict:
        return verdict
    if lot.state != Lot.State.OPEN:
        return denied(_("The lot has been decided on, or is still being drawn."))
    if lot.job.state == Job.State.OFFLINE:
        return denied(_("The job is offline: nothing moves until it is online again."))
    if lot.accepter_id != user.pk:
        return denied(_("Only its accepter decides on the lot."))
    return ALLOWED


@rule("lots.dissolve")
def dissolve(user: Any, lot: Lot) -> Verdict:
    """Its accepter, or a task administrator for somebody who is away."""
    verdict = decide(user, lot)
    if verdict or verdict.hidden or lot.accepter_id == user.pk or lot.state != Lot.State.OPEN:
        return verdict
    return can(user, "jobs.manage", lot.job)


def _was_accepter(user: Any, job: Job) -> bool:
    return bool(Lot.objects.filter(job=job, accepter=user).exists())
