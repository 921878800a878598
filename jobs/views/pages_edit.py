"""Changing a job that exists."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.context import person
from itag.core.errors import Conflict, Invalid
from jobs.change_form import NUMBERS, SWITCHES, ChangeForm
from jobs.selectors.differences import heading
from jobs.selectors.template import resolved_template
from jobs.services.jobs import change_job
from jobs.views.job_page import JobPage
from jobs.views.label_form import chosen_parts
from templates_app.options import PALETTE, SHORTCUTS
from templates_app.questions.base import inner


class EditJob(JobPage):
    """Description, limits, priority, deadline, ratios and labels, within the rules for a running job."""

    rule = "jobs.manage"
    tab = "job"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._page(ChangeForm(job=self.object))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        job = self.object
        form = ChangeForm(request.POST, job=job)
        form.is_valid()
        changes = form.changes()
        try:
            change_job(job=job, user=person(request), changes=changes)
        except (Conflict, Invalid) as error:
            form.take(error)
            return self._page(form, status=422)
        messages.success(request, _("Saved."))
        return redirect("job", pk=pk)

    def _page(self, form: ChangeForm, status: int = 200) -> HttpResponse:
        job = self.object
        sets = [
            {
                "id": question["questionId"],
                "title": heading(question),
                "options": question["options"],
            }
            for question in _with_options(resolved_template(job)["questions"])
            if question["questionId"] in job.options
        ]
        return self.page(
            "jobs/job_edit.html",
            status=status,
            form=form,
            chosen=chosen_parts(job),
            numbers=[form[name] for name in NUMBERS],
            switches=[form[name] for name in SWITCHES],
            ratios=[(form[ratio], form[count]) for ratio, count in form.ratios],
            data={"sets": sets, "palette": PALETTE, "shortcuts": list(SHORTCUTS)},
            texts={
                "duplicate": _("“{label}” is there already."),
                "shortcutTaken": _("Another label has this shortcut."),
                "shortcutKind": _("A shortcut is a digit or a letter."),
                "empty": _("Give the label a name."),
            },
        )


def _with_options(questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for question in questions:
        if "options" in question:
            found.append(question)
        found += _with_options(inner(question))
    return found
