"""The base of the pages of one job, and the texts of their tabs and disabled buttons."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from itag.core.policy import can
from itag.web.pages import RulePage
from jobs.models import Job
from jobs.policies import abilities
from jobs.selectors.center import jobs_for_list
from jobs.views.parts import job_rows, job_tabs


class JobPage(RulePage):
    """A page of one job; `self.object` is the job, `tab` the name of its address among the job's pages."""

    rule = "jobs.view"
    tab = ""

    def get_object(self) -> Job:
        rows = jobs_for_list(Job.objects.alive().visible_to(self.request.user))
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def page(self, template: str, status: int = 200, **context: Any) -> HttpResponse:
        """The template with `job`, its `row`, what the reader `may`, and the job's `tabs`."""
        job = self.object
        context["job"] = job
        context.setdefault("row", job_rows([job], self.request.user)[0])
        context.setdefault("may", abilities(self.request.user, [job])[job.pk])
        figures = context["may"]["assign"] or can(self.request.user, "jobs.figures", job)
        context["tabs"] = job_tabs(job, {**context["may"], "figures": figures}, self.tab)
        return render(self.request, template, context, status=status)
