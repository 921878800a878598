"""Who may see whose figures; each refusal says why."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.models import led_suppliers
from itag.core.policy import ALLOWED, Verdict, can, denied, rule
from jobs.models import Job


@rule("jobs.figures")
def view_figures(user: Any, job: Job) -> Verdict:
    """Whoever assigns people in the job; a supplier's leaders as well, who see their own people only."""
    verdict = can(user, "jobs.assign", job)
    if verdict or verdict.hidden:
        return verdict
    if led_suppliers(user).filter(workspace=job.workspace_id).exists():
        return ALLOWED
    return denied(
        _("Only task administrators and team leaders see these figures; your own are on My page.")
    )
