"""A job's guide: read and confirmed by its members, written by its task administrators, and its files."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from accounts.context import person
from datasets.views.media import DatasetMedia
from itag.core.errors import Conflict, Invalid
from itag.core.policy import can, require
from itag.web.files import serve_file
from jobs.models import Guide, GuideFile, Job
from jobs.selectors.center import jobs_for_list
from jobs.selectors.guide import find_guide, guide_payload, preview_html, readers, with_authors
from jobs.services.guide import MAX_NOTE, MAX_TEXT, confirm_guide, publish_guide
from jobs.services.guide_files import content_type, open_guide_file
from jobs.services.members import job_members, people_of
from jobs.views.job_page import JobPage

#: Versions in the list beside the guide; older ones are reached by their number.
VERSIONS = 30


class _OfGuide(JobPage):
    """Also for who holds a package that they were left to finish, though they do not see the job any more."""

    rule = "guides.view"
    tab = "job-guide"

    def get_object(self) -> Job:
        return get_object_or_404(jobs_for_list(Job.objects.alive()), pk=self.kwargs["pk"])


class GuidePage(_OfGuide):
    """The guide in force, or `?version=` an older one; posting `version` confirms it."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        job, user = self.object, person(request)
        shown = find_guide(job, _number(request.GET.get("version", "")))
        payload = guide_payload(job, user, shown)
        context: dict[str, Any] = {
            "guide": payload,
            "html": _safe(payload["html"]),
            "versions": with_authors(
                Guide.objects.filter(job=job)
                .select_related("author")
                .defer("text")
                .order_by("-version")[:VERSIONS],
                job,
                user,
            ),
            "edits": can(user, "guides.edit", job),
        }
        if job.guide_version and can(user, "jobs.assign", job):
            members = people_of(job_members(job), job.workspace)
            found = readers(job, user, set().union(*members.values()))
            context["readers"] = found
            context["read_count"] = sum(reader["current"] for reader in found)
        return self.page("jobs/guide.html", **context)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        job, version = self.object, _number(request.POST.get("version", "")) or 0
        try:
            confirm_guide(job=job, user=person(request), version=version)
        except Conflict as error:
            messages.error(request, error.detail)
            return redirect("job-guide", pk=pk)
        messages.success(request, _("Thank you: you can claim packages now."))
        return redirect("job", pk=pk) if can(request.user, "jobs.view", job) else redirect("home")


class EditGuide(_OfGuide):
    """The editor: text with a preview, pictures by paste or drop, or a PDF in its stead (both sent by the page's script)."""

    rule = "guides.edit"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        job = self.object
        current = find_guide(job)
        return self._page(current.text if current else job.description, base=job.guide_version)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        text, note = request.POST.get("markdown", ""), request.POST.get("note", "")
        base = _number(request.POST.get("base", "")) or 0
        try:
            made = publish_guide(
                job=self.object, user=person(request), markdown=text, note=note, base=base
            )
        except Invalid as error:
            return self._page(text, note=note, base=base, errors=error.errors, status=422)
        except Conflict as error:
            base = error.extra.get("version", base)
            errors = [{"field": "markdown", "message": error.detail}]
            return self._page(text, note=note, base=base, errors=errors, status=409)
        messages.success(request, _("Version %(version)d is in force.") % {"version": made.version})
        return redirect("job-guide", pk=pk)

    def _page(
        self, text: str, *, base: int, note: str = "", errors: Any = (), status: int = 200
    ) -> HttpResponse:
        job = self.object
        return self.page(
            "jobs/guide_edit.html",
            status=status,
            text=text,
            note=note,
            base=base,
            errors=errors,
            html=_safe(preview_html(job.pk, text[:MAX_TEXT])),
            most=MAX_TEXT,
            most_note=MAX_NOTE,
            api=reverse("api-job-guide", args=[job.pk]),
            files=reverse("api-job-guide-files", args=[job.pk]),
            texts={
                "uploading": _("Uploading the picture…"),
                "failed": _("The picture could not be uploaded."),
                "picture": _("Picture"),
            },
        )


class PreviewGuide(_OfGuide):
    """A part of the editor: the text as the guide would show it."""

    rule = "guides.edit"

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        text = request.POST.get("markdown", "")[:MAX_TEXT]
        html = _safe(preview_html(self.object.pk, text))
        return render(request, "jobs/guide_text.html", {"html": html})


class GuideFileView(DatasetMedia):
    """A picture in the page, or a PDF to be saved; never as anything else, whatever is in it."""

    http_method_names = ["get", "head", "options"]

    def get(  # type: ignore[override]
        self, request: HttpRequest, pk: int, name: str
    ) -> HttpResponseBase:
        job = get_object_or_404(Job.objects.alive(), pk=pk)
        require(request.user, "guides.view", job)
        found, file = open_guide_file(job=job, name=name)
        pdf = found.kind == GuideFile.Kind.PDF
        return serve_file(
            request,
            file,
            size=found.size,
            etag=found.name.partition(".")[0],
            content_type=content_type(found),
            cache="private, max-age=86400, immutable",
            attachment=f"guide-{job.pk}.pdf" if pdf else None,
        )


def _safe(html: str) -> Any:
    return mark_safe(html)  # noqa: S308  render_markdown has cleaned it


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
