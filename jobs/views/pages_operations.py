"""What a manager does with a job as a whole, its settings, and the jobs that were deleted."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.context import current_workspace, person
from accounts.models import User
from itag.core.clock import now
from itag.core.errors import Conflict, Invalid
from itag.core.policy import require
from itag.web.pages import SignedIn
from jobs.models import Batch, Job
from jobs.selectors.job_list import deleted_by
from jobs.services.append import append_data, close_batch
from jobs.services.lifecycle import (
    KEPT_FOR,
    archive_job,
    bring_online,
    delete_job,
    pause_job,
    restore_job,
    resume_job,
    take_offline,
    unarchive_job,
)
from jobs.services.split import retry_split
from jobs.views.job_page import JobPage

PAGE = 50


def _close_open_batch(*, job: Job, user: User) -> None:
    batch = Batch.objects.filter(job=job, closed_at=None).order_by("number").first()
    if batch is None:
        raise Conflict(_("No batch waits to be filled."))
    close_batch(job=job, number=batch.number, user=user)


#: Operation: its service and what is said when it is done.
OPERATIONS: dict[str, tuple[Callable[..., Any], Any]] = {
    "pause": (pause_job, gettext_lazy("The job is paused.")),
    "resume": (resume_job, gettext_lazy("The job goes on.")),
    "offline": (take_offline, gettext_lazy("The job is offline.")),
    "online": (bring_online, gettext_lazy("The job is online again.")),
    "append": (append_data, gettext_lazy("The new items are being cut into packages.")),
    "close_batch": (_close_open_batch, gettext_lazy("The batch is closed.")),
    "retry": (retry_split, gettext_lazy("The packages are being prepared again.")),
    "archive": (archive_job, gettext_lazy("The job is in the archive.")),
    "unarchive": (unarchive_job, gettext_lazy("The job is back in the lists.")),
}


class OperateJob(JobPage):
    """Does one of OPERATIONS, or deletes the job (`name`: its name, typed)."""

    rule = "jobs.manage"

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        job, user = self.object, person(request)
        operation = request.POST.get("operation", "")
        try:
            if operation == "delete":
                require(user, "jobs.delete", job)
                delete_job(job=job, user=user, typed_name=request.POST.get("name", ""))
                messages.success(
                    request, _("%(name)s is deleted; it can be restored.") % {"name": job.name}
                )
                return redirect("jobs")
            if operation not in OPERATIONS:
                raise Conflict(_("There is no such operation."))
            service, done = OPERATIONS[operation]
            service(job=job, user=user)
        except (Conflict, Invalid) as error:
            messages.error(request, error.detail)
        else:
            messages.success(request, done)
        return redirect("job", pk=pk)


class DeletedJobs(SignedIn):
    """Deleted jobs that the person may still restore, the latest first, fifty a page."""

    def get(self, request: HttpRequest) -> HttpResponse:
        workspace = current_workspace(request)
        if workspace is None:
            return render(request, "jobs/nowhere.html")
        oldest = now() - KEPT_FOR
        before = request.GET.get("before", "")
        rows = (
            Job.objects.filter(workspace=workspace, deleted_at__gte=oldest)
            .filter(deleted_by(person(request)))
            .select_related("template", "dataset")
            .order_by("-pk")
        )
        is_id = before.isascii() and before.isdigit() and len(before) < 19
        found = list((rows.filter(pk__lt=int(before)) if is_id else rows)[: PAGE + 1])
        more = len(found) > PAGE
        found = found[:PAGE]
        return render(
            request,
            "jobs/deleted.html",
            {
                "rows": [(job, job.deleted_at + KEPT_FOR) for job in found if job.deleted_at],
                "days": KEPT_FOR.days,
                "pager": {
                    "previous": "?" if is_id else "",
                    "next": f"?before={found[-1].pk}" if more else "",
                },
            },
        )


class RestoreJob(SignedIn):
    """Brings a deleted job back."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        user = person(request)
        jobs = Job.objects.exclude(deleted_at=None).visible_to(user).select_related("workspace")
        job = get_object_or_404(jobs, pk=pk)
        require(user, "jobs.delete", job)
        try:
            restore_job(job=job, user=user)
        except Conflict as error:
            messages.error(request, error.detail)
            return redirect("jobs-deleted")
        messages.success(request, _("%(name)s is restored.") % {"name": job.name})
        return redirect("job", pk=pk)
