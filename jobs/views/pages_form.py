"""The form that makes a job, and its preview."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from accounts.context import current_workspace, person
from accounts.models import Workspace
from datasets.models import Dataset
from itag.core.errors import Invalid, NotFound
from itag.web.pages import RulePage
from jobs.forms import ROLES, JobForm
from jobs.services.allocation import fixed_size_limits
from jobs.services.jobs import create_job
from jobs.services.preview import preview_packages
from templates_app.contents import SHOWS
from templates_app.models import LabelTemplate
from templates_app.options import PALETTE, SHORTCUTS
from templates_app.questions import TYPES


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
        form = JobForm(workspace=self.object, user=person(request))
        dataset = request.GET.get("dataset", "")
        if any(str(row.pk) == dataset for row in form.datasets):
            form.initial["dataset"] = dataset
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

    def _page(self, form: JobForm, status: int = 200) -> HttpResponse:
        categories: dict[str, list[tuple[LabelTemplate, str]]] = {}
        for template in form.templates:
            marks = any(slot["nested"] for slot in label_slots(template))
            art = "region" if marks else template.category
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
                },
            },
            status=status,
        )

    def _data(self, form: JobForm) -> dict[str, Any]:
        """What the page's script needs to know."""
        try:
            configuration = json.loads(form["configuration"].value() or "null")
        except ValueError:
            configuration = None
        return {
            "datasets": {row.pk: _dataset(row) for row in form.datasets},
            "templates": {
                row.pk: {"views": _views(row), "slots": label_slots(row)} for row in form.templates
            },
            "palette": PALETTE,
            "shortcuts": list(SHORTCUTS),
            "configuration": configuration,
        }


class PreviewJob(_Creates):
    """A part of the form's page: the packages that the chosen dataset and size would make."""

    def post(self, request: HttpRequest) -> HttpResponse:
        form = JobForm(request.POST, workspace=self.object, user=person(request))
        body = form.body()
        context: dict[str, Any] = {}
        if body["dataset"]:
            try:
                context["preview"] = preview_packages(
                    workspace=self.object, user=person(request), **body
                )
            except Invalid as error:
                context["problem"] = error.detail
        return render(request, "jobs/job_preview.html", context)


#: Headings of the template gallery.
CATEGORIES: dict[str, Any] = {"image": gettext_lazy("Image"), "text": gettext_lazy("Text")}


def label_slots(template: LabelTemplate, language: str | None = None) -> list[dict[str, Any]]:
    """The sets of labels that a job gives to the template, each once: alternatives share one.

    [{"title", "nested", "alternatives": [{"id", "multiple", "selected"}]}]
    """
    language = language or get_language() or "en"
    slots: dict[Any, dict[str, Any]] = {}

    def walk(questions: list[dict[str, Any]], parent: dict[str, Any] | None) -> None:
        for question in questions:
            if TYPES[question["type"]].takes_options:
                group = question.get("selectGroup")
                key = (id(parent), group) if group else question["questionId"]
                titled = parent or question
                slot = slots.setdefault(
                    key,
                    {
                        "title": titled.get("titles", {}).get(language, titled["markTitle"]),
                        "nested": parent is not None,
                        "alternatives": [],
                    },
                )
                slot["alternatives"].append(
                    {
                        "id": question["questionId"],
                        "multiple": question["type"] == "CHECKBOX",
                        "selected": bool(question.get("selected")),
                    }
                )
            walk(question.get("children", []), question)

    walk(template.questions, None)
    return list(slots.values())


def _views(template: LabelTemplate) -> list[dict[str, Any]]:
    return [
        {"field": view["bindField"], "type": view["type"], "accepts": SHOWS[view["type"]]}
        for view in template.views
    ]


def _dataset(dataset: Dataset) -> dict[str, Any]:
    try:
        smallest, largest = fixed_size_limits(dataset.item_count)
    except Invalid:
        smallest, largest = 1, 200
    return {
        "items": dataset.item_count,
        "smallest": smallest,
        "largest": largest,
        "fields": [{"name": one["name"], "type": one["type"]} for one in dataset.fields],
    }
