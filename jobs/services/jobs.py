"""Making a job, and changing what may be changed of one."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User, Workspace
from datasets.models import Dataset
from itag.core.clock import now
from itag.core.errors import Conflict, FieldError, Invalid
from itag.core.states import move
from jobs.models import Assignment, Batch, Job, JobSummary, NoticeEvent, Package
from jobs.selectors.recipients import job_managers
from jobs.services.append import is_being_cut
from jobs.services.edit import COPIED_TO_SLOTS, check_changes
from jobs.services.events import JobVerb, record_job_event
from jobs.services.locks import lock_job
from jobs.services.members import write_grants
from jobs.services.notices import tell
from jobs.services.plan import JobPlan, last_ordinal, plan_job
from jobs.services.release import wake_review
from jobs.services.split import start_split

#: States from which a job finishes.
OPEN_STATES = (Job.State.RUNNING, Job.State.PAUSED)


def check_job(*, user: User, workspace: Workspace, **fields: Any) -> list[FieldError]:
    """Say what is wrong with a job that would be created (Invalid), and warn of what may go wrong later."""
    return plan_job(user=user, workspace=workspace, fields=fields).warnings


def create_job(*, user: User, workspace: Workspace, **fields: Any) -> Job:
    """Create a job (initialising), give its people their stages, and have it cut into packages.

    `fields` is the job body of the API; `dataset`, `template` and members may be ids or rows. Raises Invalid with
    everything that is wrong, each at its field.
    """
    plan = plan_job(user=user, workspace=workspace, fields=fields)
    try:
        return _create(plan, user, workspace)
    except IntegrityError as exc:
        if "job_name_unique_in_workspace" in str(exc):
            raise Invalid.field(
                "name", _("A job of this workspace has this name already.")
            ) from exc
        raise


@transaction.atomic
def _create(plan: JobPlan, user: User, workspace: Workspace) -> Job:
    dataset = Dataset.objects.select_for_update(of=("self",), no_key=True).get(pk=plan.dataset.pk)
    # It was looked at without a lock; an import or a deletion may have come between.
    if dataset.deleted_at or dataset.state != Dataset.State.READY:
        raise Invalid.field("dataset", _("The dataset is not ready yet."))
    if dataset.version != plan.dataset.version:
        raise Invalid.field("dataset", _("The dataset has grown just now; look at the preview."))
    job = Job.objects.create(
        workspace=workspace,
        name=plan.name,
        description=plan.description,
        dataset=dataset,
        dataset_version=dataset.version,
        last_ordinal=last_ordinal(dataset),
        template=plan.template,
        field_bindings=plan.field_bindings,
        selected_questions=plan.selected_questions,
        options=plan.options,
        shapes=plan.shapes,
        overrides=plan.overrides,
        language=plan.language,
        workflow=plan.workflow,
        check_ratio=plan.check_ratio,
        acceptance_ratio=plan.acceptance_ratio,
        check_count=plan.check_count,
        acceptance_count=plan.acceptance_count,
        votes=plan.votes,
        allocation=plan.allocation,
        limits=plan.limits,
        feedback_lists=plan.feedback_lists,
        priority=plan.priority,
        deadline=plan.deadline,
        item_count=dataset.item_count,
        created_by=user,
    )
    JobSummary.objects.create(job=job)
    write_grants(job, before={}, after=plan.members)
    batch = Batch.objects.create(
        job=job, number=1, first_ordinal=1, last_ordinal=job.last_ordinal, closed_at=now()
    )
    start_split(batch=batch, total=dataset.item_count)
    record_job_event(JobVerb.CREATE, job=job, actor=user)
    return job


@transaction.atomic
def change_job(*, job: Job, user: User, changes: Mapping[str, Any]) -> Job:
    """Change what may be changed of a job at any time (see `check_changes`); waiting packages follow in one UPDATE.

    Raises Invalid naming every field that is wrong or may not be changed, Conflict while the job is being prepared.
    """
    locked = lock_job(job.pk)
    cleaned = check_changes(locked, changes)
    copies = {field: cleaned[field] for field in COPIED_TO_SLOTS if field in cleaned}
    # The split copies both to its packages as it goes; it takes seconds.
    if copies and (locked.state == Job.State.INITIALISING or is_being_cut(locked)):
        raise Conflict(_("The job is still being prepared; try again in a moment."))
    before = {field: getattr(locked, field) for field in cleaned}
    for field, value in cleaned.items():
        setattr(locked, field, value)
        setattr(job, field, value)
    changed = [field for field, value in cleaned.items() if before[field] != value]
    if not changed:
        return job
    locked.save(update_fields=changed)
    if copies:
        # By primary key, the order of all locks on assignments.
        waiting = Assignment.objects.select_for_update(no_key=True).filter(
            job=job, state__in=(Assignment.State.WAITING, Assignment.State.BLOCKED)
        )
        ids = waiting.order_by("pk").values_list("pk", flat=True)
        Assignment.objects.filter(pk__in=list(ids)).update(**copies)
    record_job_event(JobVerb.EDIT, job=locked, actor=user, fields=changed)
    if "limits" in changed:
        wake_review()
    return job


def finish_jobs() -> int:
    """Finish the jobs whose packages are all finished or discarded; what closed the last one may have been killed."""
    ready = Job.objects.alive().filter(state__in=OPEN_STATES, package_count__gt=0)
    ready = ready.exclude(Exists(_open_packages(OuterRef("pk"))))
    return sum(finish_job(job_id=pk) for pk in list(ready.values_list("pk", flat=True)))


@transaction.atomic
def finish_job(*, job_id: int) -> bool:
    """Finish the job if nothing of it is open any more; the Job is locked, so call it before locking packages."""
    job = Job.objects.select_for_update(of=("self",), no_key=True).get(pk=job_id)
    if job.state not in OPEN_STATES or _open_packages(job.pk).exists() or is_being_cut(job):
        return False
    move(job, Job.State.FINISHED, transitions=Job.TRANSITIONS, finished_at=now(), paused_at=None)
    event = record_job_event(JobVerb.FINISH, job=job, actor=None)
    tell(event=NoticeEvent.JOB_FINISHED, users=job_managers(job), job=job, key=event.pk)
    return True


def _open_packages(job: Any) -> QuerySet[Package]:
    return Package.objects.filter(job=job, state=Package.State.OPEN, discarded_at=None)
