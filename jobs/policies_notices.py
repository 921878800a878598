"""Who may set up webhooks and read their deliveries."""

from typing import Any

from accounts.policies import unless_archived
from itag.core.policy import ALLOWED, HIDDEN, Verdict, can, rule
from jobs.models import Job, Webhook


@rule("webhooks.list")
def list_webhooks(user: Any, workspace: Any) -> Verdict:
    """The webhooks of a workspace: who manages it."""
    return can(user, "workspaces.manage", workspace)


@rule("webhooks.of_job")
def of_job(user: Any, job: Job) -> Verdict:
    """The webhooks of a job: its task administrators."""
    verdict = can(user, "jobs.manage", job)
    return verdict and unless_archived(job.workspace)


@rule("webhooks.change")
def change(user: Any, webhook: Webhook) -> Verdict:
    """Who may set one up there may look at it, change it, and read what it was sent; to others it does not exist."""
    if webhook.job is not None:
        allowed = can(user, "webhooks.of_job", webhook.job)
    else:
        allowed = can(user, "webhooks.list", webhook.workspace)
    return ALLOWED if allowed else HIDDEN
