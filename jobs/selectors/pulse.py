"""What may change under an open labeling page; it asks for this now and then, and shows it without being reloaded."""

import hashlib
import json
from typing import Any

from accounts.models import User
from itag.core.clock import now
from jobs.models import Assignment, Job
from jobs.selectors.guide import unconfirmed
from jobs.selectors.progress import expires_at
from jobs.selectors.talk import flags
from jobs.selectors.verbs import assignment_verbs
from jobs.selectors.votes import require_sight_of

Json = dict[str, Any]


def pulse(assignment: Assignment, user: User) -> Json:
    """How the assignment and its job stand now, for this person. A few statements, whatever the package's size."""
    require_sight_of(user, assignment)
    job = assignment.job
    verbs = assignment_verbs(user, [assignment])[assignment.pk]
    return {
        **moment(job),
        "state": str(assignment.state),
        "expires_at": expires_at(assignment),
        "can": verbs.can,
        "why": verbs.why,
        "skips_left": verbs.skips_left,
        "guide": _guide(job, user),
        "flags": [{"position": at, **flag} for at, flag in flags(assignment).items()],
    }


def moment(job: Job) -> Json:
    """What the page knows of this from the start, without a statement."""
    return {
        "now": now(),
        "job_state": str(job.state),
        "claim_seconds": int(job.limit("claim_hours")) * 3600,
        "labels": hashlib.sha256(json.dumps(job.options, sort_keys=True).encode()).hexdigest()[:16],
    }


def _guide(job: Job, user: User) -> Json | None:
    """The guide in force and whether the person has confirmed it; None where the job has none."""
    if not job.guide_version:
        return None
    return {"version": job.guide_version, "confirmed": not unconfirmed(jobs=[job], user=user)}
