"""Task Center: a person's work by stage, their jobs with progress, and the way to the labeling page."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.context import current_workspace, person
from itag.web.pages import SignedIn
from jobs.models import Assignment, Job, Stage
from jobs.selectors.center import jobs_for_list, my_work
from jobs.selectors.progress import progress_of
from jobs.services.claim import claim_next, claim_package
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
        return render(
            request,
            "jobs/center.html" if part else "jobs/home.html",
            {
                "work": my_work(user, workspace),
                "jobs": job_rows(recent[:RECENT]),
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
        if pk and stage:
            jobs = Job.objects.alive().visible_to(user).select_related("workspace")
            job = get_object_or_404(jobs, pk=int(pk) if pk.isdecimal() and len(pk) < 19 else 0)
            claimed = claim_package(job=job, user=user, stage=stage)
        else:
            claimed = claim_next(user=user, stage=stage, workspace=current_workspace(request))
        if claimed.assignment is None:
            messages.info(request, claimed.reason)
            return redirect("home")
        return redirect(label_url(claimed.assignment))


def label_url(assignment: Assignment) -> str:
    """The address of the labeling page at the first item that is not done."""
    first = progress_of([assignment])[assignment.pk].first
    return reverse("label", args=[assignment.pk, first])
