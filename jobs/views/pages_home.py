"""Task Center: a person's work by stage, what they have done, their jobs with progress, and the way to the labeling page."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.context import current_workspace, person
from itag.core.errors import Conflict
from itag.web.pages import SignedIn
from jobs.models import Assignment, Job, Stage
from jobs.selectors.center import done_work, jobs_for_list, my_work
from jobs.selectors.progress import expires_at, progress_of
from jobs.services.claim import claim_next, claim_package
from jobs.services.preferences import set_claim_next
from jobs.services.withdraw import withdraw_assignment
from jobs.views.parts import job_rows

#: Jobs on the page; the list of jobs has the rest.
RECENT = 12


class Home(SignedIn):
    """Task Center; `?part=center` is what the page asks for again every few seconds."""

    def get(self, request: HttpRequest) -> HttpResponse:
        workspace = current_workspace(request)
        if workspace is None:
            return render(request, "jobs/nowhere.html")
        user = person(request)
        jobs = jobs_for_list(
            Job.objects.alive().visible_to(user).filter(workspace=workspace, archived_at=None)
        )
        recent = list(jobs[: RECENT + 1])
        part = request.GET.get("part") == "center"
        work = my_work(user, workspace)
        return render(
            request,
            "jobs/center.html" if part else "jobs/home.html",
            {
                "work": work,
                "ends": {
                    row.pk: expires_at(row) for entry in work for row, _progress in entry.held
                },
                "done": done_work(user, workspace),
                "jobs": job_rows(recent[:RECENT], person(request)),
                "more": len(recent) > RECENT,
            },
        )


class Claim(SignedIn):
    """Takes the next package: of one job's stage (`job`, `stage`), else the best of all of the person's jobs."""

    def post(self, request: HttpRequest) -> HttpResponse:
        user = person(request)
        stage = request.POST.get("stage") or None
        if stage is not None and stage not in Stage.values:
            stage = None
        pk = request.POST.get("job", "")
        try:
            if pk and stage:
                jobs = Job.objects.alive().visible_to(user).select_related("workspace")
                number = int(pk) if pk.isdecimal() and len(pk) < 19 else 0
                job = get_object_or_404(jobs, pk=number)
                claimed = claim_package(job=job, user=user, stage=stage)
            else:
                claimed = claim_next(user=user, stage=stage, workspace=current_workspace(request))
        except Conflict as conflict:
            if conflict.code != "guide":
                raise
            messages.info(request, conflict.detail)
            return redirect("job-guide", pk=conflict.extra["job"])
        if claimed.assignment is None:
            messages.info(request, claimed.reason)
            return redirect("home")
        return redirect(label_url(claimed.assignment))


class Withdraw(SignedIn):
    """Takes back a package that the person has submitted, and opens it."""

    def post(self, request: HttpRequest, assignment: int) -> HttpResponse:
        try:
            taken = withdraw_assignment(assignment_id=assignment, user=person(request))
        except Conflict as error:
            messages.error(request, error.detail)
            return redirect("home")
        messages.success(request, _("You have the package again."))
        return redirect(label_url(taken))


class ClaimNext(SignedIn):
    """Whether the next package is claimed by itself after a submission (`on`)."""

    def post(self, request: HttpRequest) -> HttpResponse:
        set_claim_next(user=person(request), on="on" in request.POST)
        return redirect("home")


def label_url(assignment: Assignment) -> str:
    """The address of the labeling page at the first item that is not done."""
    first = progress_of([assignment])[assignment.pk].first
    return reverse("label", args=[assignment.pk, first])
