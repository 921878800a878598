"""Further data for a job that exists: each time a numbered batch, cut as the first one was."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from datasets.models import Dataset
from itag.core.clock import now
from itag.core.errors import Conflict, NotFound
from jobs.models import Assignment, Batch, Job
from jobs.services.allocation import MAX_ITEMS, MAX_PACKAGES
from jobs.services.events import JobVerb, record_job_event
from jobs.services.locks import lock_job
from jobs.services.plan import last_ordinal
from jobs.services.release import unblock
from jobs.services.split import count_new_packages, start_split

#: States in which a job takes more data.
_OPEN = (Job.State.RUNNING, Job.State.PAUSED, Job.State.OFFLINE, Job.State.FINISHED)


@transaction.atomic
def append_data(*, job: Job, user: User) -> Batch:
    """Make what the dataset has gained since the job's newest batch into the next one; a finished job runs again.

    Its last package waits, unclaimable, until it is full or the batch is closed; packages that are there do not
    change. Done twice at once, the second finds nothing new. Raises Conflict before anything is written: `nothing_new`,
    `too_many`, `preparing`, `state`.
    """
    locked = lock_job(job.pk)
    if locked.archived_at is not None:
        raise Conflict(_("The job is archived: take it out of the archive first."), code="archived")
    if locked.state not in _OPEN:
        raise Conflict(_("Nothing can be appended to the job in this state."), code="state")
    dataset = Dataset.objects.select_for_update(of=("self",), no_key=True).get(pk=locked.dataset_id)
    if dataset.deleted_at is not None or dataset.state != Dataset.State.READY:
        raise Conflict(_("The dataset is not ready yet."), code="dataset")
    first, last = locked.last_ordinal + 1, last_ordinal(dataset)
    if last < first:
        raise Conflict(
            _("The job has every item of the dataset already; import more first."),
            code="nothing_new",
        )
    _require_room(locked, first, last)
    number = locked.batches.count() + 1
    batch = Batch.objects.create(job=locked, number=number, first_ordinal=first, last_ordinal=last)
    start_split(batch=batch, total=last - first + 1)
    locked.dataset_version, locked.last_ordinal = dataset.version, last
    locked.save(update_fields=["dataset_version", "last_ordinal"])
    record_job_event(JobVerb.APPEND, job=locked, actor=user, batch=number, items=last - first + 1)
    return batch


def _require_room(job: Job, first: int, last: int) -> None:
    packages = count_new_packages(job=job, first=first, last=last)
    if packages is not None and job.package_count + packages > MAX_PACKAGES:
        raise Conflict(
            _("The job would have %(count)s packages; at most %(most)s are possible.")
            % {"count": f"{job.package_count + packages:,}", "most": f"{MAX_PACKAGES:,}"},
            code="too_many",
        )
    if last > MAX_ITEMS:
        raise Conflict(
            _("A job holds at most %(count)s items; make several jobs.")
            % {"count": f"{MAX_ITEMS:,}"},
            code="too_many",
        )


@transaction.atomic
def close_batch(*, job: Job, number: int, user: User) -> Batch:
    """Say that nothing more comes for this batch and those before: their last packages are offered as they are.

    A closed batch stays closed. Raises NotFound, and Conflict `preparing` while packages are being cut.
    """
    locked = lock_job(job.pk)
    batch = locked.batches.filter(number=number).first()
    if batch is None:
        raise NotFound(_("The job has no such batch."))
    if batch.closed_at is not None:
        return batch
    if is_being_cut(locked):
        raise Conflict(_("Packages of the data before are still being prepared."), code="preparing")
    batch.closed_at = now()
    locked.batches.filter(number__lte=number, closed_at=None).update(closed_at=batch.closed_at)
    waiting = Assignment.objects.select_for_update(of=("self",), no_key=True).filter(
        package__batch__job=locked,
        package__batch__number__lte=number,
        state=Assignment.State.BLOCKED,
        reason=Assignment.BlockedReason.BATCH_OPEN,
    )
    for slot in waiting.select_related("package", "job__workspace").order_by("pk"):
        unblock(slot, actor=user, keep=True)
    record_job_event(JobVerb.CLOSE_BATCH, job=locked, actor=user, batch=number)
    return batch


def is_being_cut(job: Job) -> bool:
    """Whether packages of some batch are not there yet."""
    return job.batches.filter(split__state__in=("queued", "running")).exists()
