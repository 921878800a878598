"""The page of exports: asked for, watched, downloaded, called off."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.context import current_workspace, person
from accounts.visibility import EVERYBODY, visible_people
from exports import services
from exports.forms import MEANINGS, ExportForm
from exports.models import Export
from exports.selectors import exportable_jobs
from itag.core.errors import ItagError
from itag.core.policy import require
from itag.core.runs import RunState
from itag.web.forms import add_errors
from itag.web.pages import SignedIn
from jobs.models import Job, JobQuerySet
from jobs.policies import abilities
from jobs.selectors.names import title

PAGE = 30
MAX_ID = 2**63 - 1
TONES = {
    RunState.QUEUED: "info",
    RunState.RUNNING: "info",
    RunState.SUCCEEDED: "ok",
    RunState.FAILED: "bad",
    RunState.CANCELLED: "",
}


class Exports(SignedIn):
    """Exports of the current workspace's jobs, newest first; `?job=` those of one; posting asks for a new one."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if request.GET.get("part") == "table":
            return render(request, "exports/table.html", self.table())
        return self.page(ExportForm(jobs=self.jobs(), initial={"job": self.chosen()}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ExportForm(request.POST, jobs=self.jobs())
        if form.is_valid():
            job: Job = form.cleaned_data["job"]
            require(request.user, "exports.create", job)
            try:
                services.request_export(
                    job=job,
                    user=person(request),
                    scope=form.cleaned_data["scope"],
                    idempotency_key=form.cleaned_data["key"],
                )
            except ItagError as exc:
                add_errors(form, exc)
            else:
                return redirect(f"{reverse('exports')}?{urlencode({'job': job.pk})}")
        return self.page(form, status=422)

    def jobs(self) -> JobQuerySet:
        """The jobs that the person may export here."""
        return exportable_jobs(person(self.request), current_workspace(self.request))

    def chosen(self) -> int | None:
        """The job that the address names."""
        return _number(self.request.GET.get("job", ""))

    def page(self, form: ExportForm, status: int = 200) -> HttpResponse:
        context = {**self.table(), "form": form, "meanings": MEANINGS}
        return render(self.request, "exports/exports.html", context, status=status)

    def table(self) -> dict[str, Any]:
        user = person(self.request)
        job, before = self.chosen(), _number(self.request.GET.get("before", ""))
        workspace = current_workspace(self.request)
        found = Export.objects.visible_to(user).for_list()
        found = found.filter(job__workspace=workspace)
        known = visible_people(user, workspace) if workspace else EVERYBODY
        if job:
            found = found.filter(job=job)
        if before:
            found = found.filter(pk__lt=before)
        exports = list(found[: PAGE + 1])
        more, exports = len(exports) > PAGE, exports[:PAGE]
        may = abilities(user, {export.job for export in exports})
        query: dict[str, Any] = {"job": job} if job else {}
        here = {**query, "before": before} if before else query
        return {
            "rows": [
                {
                    "export": export,
                    "tone": TONES[RunState(export.state)],
                    "may": may[export.job_id]["manage"],
                    "by": export.requested_by if export.requested_by_id in known else title(""),
                    "is_open": export.state in (RunState.QUEUED, RunState.RUNNING),
                }
                for export in exports
            ],
            "is_moving": any(e.state in (RunState.QUEUED, RunState.RUNNING) for e in exports),
            "job": Job.objects.visible_to(user).filter(pk=job).first() if job else None,
            "table_url": f"?{urlencode({**here, 'part': 'table'})}",
            "pager": {
                "previous": f"?{urlencode(query)}" if before else "",
                "next": f"?{urlencode({**query, 'before': exports[-1].pk})}" if more else "",
            },
        }


def _number(text: str) -> int | None:
    """A primary key from an address, if it can be one."""
    small = text.isascii() and text.isdigit() and len(text) < 20
    return int(text) if small and int(text) <= MAX_ID else None


class CancelExport(SignedIn):
    """Calls an export off."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        export = get_object_or_404(
            Export.objects.visible_to(request.user).select_related("job"), pk=pk
        )
        require(request.user, "exports.cancel", export)
        try:
            services.cancel_export(export=export, user=person(request))
        except ItagError as exc:
            messages.warning(request, exc.detail)
        else:
            messages.success(request, _("The export is called off."))
        return redirect(f"{reverse('exports')}?{urlencode({'job': export.job_id})}")
