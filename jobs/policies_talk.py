"""Who may read and write a job's guide, its questions and its appeals; each refusal says why."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.policies import unless_archived
from accounts.visibility import visible_people
from itag.core.policy import ALLOWED, HIDDEN, Verdict, can, denied, rule
from jobs.models import Appeal, Assignment, Job, Stage, Thread


@rule("guides.view")
def view_guide(user: Any, job: Job) -> Verdict:
    """Whoever may see the job, and who was left a package of it to finish."""
    verdict = can(user, "jobs.view", job)
    if verdict or not _holds(user, job):
        return verdict
    return ALLOWED


@rule("guides.edit")
def edit_guide(user: Any, job: Job) -> Verdict:
    verdict = can(user, "jobs.manage", job)
    return verdict and _unless_closed(job)


@rule("threads.ask")
def ask(user: Any, job: Job) -> Verdict:
    """A question about the job as a whole: everybody who may see it."""
    verdict = can(user, "guides.view", job)
    return verdict and _unless_closed(job)


@rule("threads.view")
def view_thread(user: Any, thread: Thread) -> Verdict:
    """Who asked, who leads, and who holds the same slot now or inspects the item; never another voter."""
    if thread.author_id == user.pk:
        return can(user, "guides.view", thread.job)
    if can(user, "jobs.assign", thread.job):
        # The list leaves out the same: another vote's, and of a supplier's people those whom they do not know of.
        unknown = thread.author_id not in visible_people(user, thread.job.workspace)
        return HIDDEN if unknown or _is_another_vote(user, thread) else ALLOWED
    return ALLOWED if _works_on(user, thread) else HIDDEN


@rule("threads.write")
def write(user: Any, thread: Thread) -> Verdict:
    """Who asked may go on asking; those who lead answer."""
    verdict = view_thread(user, thread)
    if not verdict:
        return verdict
    if not (verdict := _unless_closed(thread.job)):
        return verdict
    if thread.author_id == user.pk:
        return ALLOWED
    return _leads(user, thread.job)


@rule("threads.close")
def close(user: Any, thread: Thread) -> Verdict:
    return write(user, thread)


@rule("threads.publish")
def publish(user: Any, thread: Thread) -> Verdict:
    verdict = view_thread(user, thread)
    return verdict and _leads(user, thread.job) and _unless_closed(thread.job)


@rule("appeals.view")
def view_appeal(user: Any, appeal: Appeal) -> Verdict:
    """Who appealed, and who leads; of a supplier's people those who know the author."""
    if appeal.author_id == user.pk:
        return can(user, "guides.view", appeal.job)
    if not can(user, "jobs.assign", appeal.job):
        return HIDDEN
    known = appeal.author_id in visible_people(user, appeal.job.workspace)
    return ALLOWED if known else HIDDEN


@rule("appeals.decide")
def decide(user: Any, appeal: Appeal) -> Verdict:
    """A leader or task administrator, but neither of the two whose figures it is about."""
    verdict = view_appeal(user, appeal)
    if not verdict:
        return verdict
    if appeal.author_id == user.pk:
        return denied(_("Somebody else decides your appeal."))
    if appeal.annotation.author_id == user.pk:
        return denied(_("The verdict is yours: somebody else decides."))
    return _leads(user, appeal.job) and _unless_closed(appeal.job)


def _unless_closed(job: Job) -> Verdict:
    """Allowed while neither the job nor its workspace lies in the archive."""
    if job.archived_at or job.deleted_at:
        return denied(_("The job is archived."))
    return unless_archived(job.workspace)


def _leads(user: Any, job: Job) -> Verdict:
    if can(user, "jobs.assign", job):
        return ALLOWED
    return denied(_("Only task administrators and team leaders answer."))


def _holds(user: Any, job: Job) -> bool:
    return Assignment.objects.filter(holder=user, job=job, state=Assignment.State.CLAIMED).exists()


def _is_another_vote(user: Any, thread: Thread) -> bool:
    """Whether the person, who leads, may vote on the item beside whoever asked."""
    if thread.job.vote_count == 1:
        return False
    return Thread.objects.filter(pk=thread.pk).of_other_voters(user).exists()


def _works_on(user: Any, thread: Thread) -> bool:
    """Whether the person holds the package now in the question's slot, or in a later stage."""
    if thread.package_item is None:
        return False
    held = Assignment.objects.filter(
        holder=user, package=thread.package_item.package_id, state=Assignment.State.CLAIMED
    ).values_list("stage", "vote")
    order = Stage.values.index
    return any(
        order(stage) > order(thread.stage) or (stage, vote) == (thread.stage, thread.vote)
        for stage, vote in held
    )
