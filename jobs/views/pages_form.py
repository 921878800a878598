"""The form that makes a job, and its preview."""

import json
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.context import current_workspace, person
from accounts.models import User, Workspace
from datasets.models import Dataset
from itag.core.errors import Invalid, NotFound
from itag.core.policy import require
from itag.web.pages import RulePage
from jobs.forms import JobForm
from jobs.models import Job
from jobs.people import ROLES, PeopleTable
from jobs.services.allocation import average_limits, fixed_size_limits
from jobs.services.clone import clone_fields
from jobs.services.jobs import create_job
from jobs.services.members import MANAGE
from jobs.services.plan import pick
from jobs.services.preview import preview_packages
from jobs.services.votes import MAX_VOTES
from jobs.views.job_page import JobPage
from jobs.views.label_form import (
    adjustable,
    drawn_questions,
    label_slots,
    optional_questions,
    vote_questions,
)
from templates_app.contents import SHOWS
from templates_app.models import LabelTemplate
from templates_app.options import PALETTE, SHORTCUTS


class _Creates(RulePage):
    """Needs a workspace in which the person may create jobs."""

    rule = "jobs.create"

    def get_object(self) -> Workspace:
        workspace = current_workspace(self.request)
        if workspace is None:
            raise NotFound(_("Not found."))
        return workspace


class NewJob(_Creates):
    """Makes a job; what is wrong stands at its field."""

    def get(self, request: HttpRequest) -> HttpResponse:
        user = person(request)
        like = self._like(user, request.GET["from"]) if "from" in request.GET else None
        form = JobForm(workspace=self.object, user=user, like=like)
        dataset = request.GET.get("dataset", "")
        if any(str(row.pk) == dataset for row in form.datasets):
            form.initial["dataset"] = dataset
        template = request.GET.get("template", "")
        if any(str(row.pk) == template for row in form.templates):
            form.initial["template"] = template
        return self._page(form)

    def post(self, request: HttpRequest) -> HttpResponse:
        user = person(request)
        form = JobForm(request.POST, workspace=self.object, user=user)
        form.is_valid()
        try:
            job = create_job(user=user, workspace=self.object, **form.body())
        except Invalid as error:
            form.take(error)
            return self._page(form, status=422)
        messages.success(request, _("The job is made; its packages are being prepared."))
        return redirect("job", pk=job.pk)

    def _like(self, user: User, pk: str) -> dict[str, Any]:
        """The body of another job like the one that the page was asked for."""
        job = pick(Job.objects.alive().visible_to(user).filter(workspace=self.object), pk)
        if job is None:
            raise NotFound(_("Not found."))
        require(user, "jobs.manage", job)
        return clone_fields(job)

    def _page(self, form: JobForm, status: int = 200) -> HttpResponse:
        categories: dict[str, list[tuple[LabelTemplate, str]]] = {}
        for template in form.templates:
            marks = any(slot["parent"] for slot in label_slots(template))
            art = (
                "region"
                if marks and template.category == "image"
                else ARTS.get(template.category, "dataset")
            )
            categories.setdefault(template.category, []).append((template, art))
        return render(
            self.request,
            "jobs/job_new.html",
            {
                "form": form,
                "categories": [
                    {"key": key, "label": CATEGORIES.get(key, key), "templates": templates}
                    for key, templates in categories.items()
                ],
                "roles": ROLES,
                "data": self._data(form),
                "texts": {
                    "duplicate": _("“{label}” is there already."),
                    "shortcutTaken": _("Another label has this shortcut."),
                    "shortcutKind": _("A shortcut is a digit or a letter."),
                    "noField": _("The dataset has no field that the view “{view}” can show."),
                    "binding": _("Field shown by the view “{view}”"),
                    "empty": _("Give the label a name."),
                    "noTool": _("Choose at least one tool."),
                    "badRule": _("This is no regular expression: {message}"),
                    "unfitDefault": _("What items begin with is not as the rule asks."),
                    "nothing": _("Nothing"),
                    "any": _("any"),
                    "shareOf": _("Share of {name} in percent"),
                    "shareSum": _("{sum} % of 100 %"),
                    "noLabelers": _("Choose labelers first."),
                    "voteNum": _("{title}: people who answer"),
                    "minVote": _("{title}: of whom at least so many must agree"),
                },
                "most_votes": MAX_VOTES,
            },
            status=status,
        )

    def _data(self, form: JobForm) -> dict[str, Any]:
        """What the page's script needs to know."""
        written = ("configuration", "targets", "votes")
        return {
            "datasets": {row.pk: _dataset(row) for row in form.datasets},
            "templates": {
                row.pk: {
                    "views": _views(row),
                    "slots": label_slots(row),
                    "questions": vote_questions(row),
                    "optional": optional_questions(row),
                    "drawn": drawn_questions(row),
                    "adjustable": adjustable(row),
                }
                for row in form.templates
            },
            "field": form["allocation_field"].value() or "",
            **{name: _json_of(form, name) for name in written},
            "palette": PALETTE,
            "shortcuts": list(SHORTCUTS),
        }


class PreviewJob(_Creates):
    """A part of the form's page: the packages that the chosen dataset and size would make."""

    def post(self, request: HttpRequest) -> HttpResponse:
        user = person(request)
        body = JobForm(request.POST, workspace=self.object, user=user).body()
        context: dict[str, Any] = {"fixed": body["allocation"]["type"] == "fixed"}
        if body["dataset"]:
            try:
                context["preview"] = preview_packages(workspace=self.object, user=user, **body)
            except Invalid as error:
                context["problem"] = error.detail
        return render(request, "jobs/job_preview.html", context)


class FindPeople(_Creates):
    """A part of the form's page: the people and teams that match what was typed."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return found_people(request, self.object, ROLES)


class FindMembers(JobPage):
    """A part of the members' page of a job: the people and teams that match what was typed."""

    rule = "jobs.assign"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        roles = {role: ROLES[role] for role in (*self.object.stages, MANAGE)}
        return found_people(request, self.object.workspace, roles)


def found_people(
    request: HttpRequest, workspace: Workspace, roles: Mapping[str, Any]
) -> HttpResponse:
    """The rows of a people table that match `people`, with a column for each role."""
    search = request.GET.get("people", "").strip()[:100].replace("\x00", "")
    table = PeopleTable(workspace, {}, search=search, viewer=person(request))
    return render(request, "jobs/people_found.html", {"people": table, "roles": roles})


#: Headings of the template gallery.
CATEGORIES: dict[str, Any] = {
    "image": gettext_lazy("Image"),
    "text": gettext_lazy("Text"),
    "audio": gettext_lazy("Audio"),
    "video": gettext_lazy("Video"),
    "mixed": gettext_lazy("Mixed"),
}
#: What stands for a template in the gallery.
ARTS: dict[str, str] = {"image": "image", "text": "text", "audio": "sound", "video": "film"}


def _json_of(form: JobForm, name: str) -> Any:
    """What stands in a field that the page's script writes; None for nothing and for what cannot be read."""
    try:
        return json.loads(form[name].value() or "null")
    except ValueError:
        return None


def _views(template: LabelTemplate) -> list[dict[str, Any]]:
    return [
        {
            "field": view["bindField"],
            "name": view.get("title") or view["type"],
            "accepts": SHOWS[view["type"]],
        }
        for view in template.views
    ]


def _dataset(dataset: Dataset) -> dict[str, Any]:
    try:
        smallest, largest = fixed_size_limits(dataset.item_count)
        least, most = average_limits(dataset.item_count)
    except Invalid:
        smallest, largest, least, most = 1, 200, 1, 20_000
    return {
        "items": dataset.item_count,
        "smallest": smallest,
        "largest": largest,
        "least": least,
        "most": most,
        "fields": [{"name": one["name"], "type": one["type"]} for one in dataset.fields],
    }
