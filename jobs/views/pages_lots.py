"""Lots of a job: taking one, judging it, deciding on it."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import formats
from django.utils.translation import gettext as _

from accounts.context import person
from accounts.models import Team, User
from accounts.visibility import visible_teams
from itag.core.errors import Conflict, Invalid
from itag.core.policy import can, require
from jobs.models import Job, Lot, Stage
from jobs.selectors.lot_shapes import lot_detail, lot_items_page, lot_payload
from jobs.selectors.names import Names
from jobs.selectors.template import resolved_template
from jobs.services.lots import open_lot, preview_lot
from jobs.services.lots_close import close_lot, lot_effect
from jobs.services.members import job_members, people_of
from jobs.views.job_page import JobPage
from templates_app.questions.base import inner

PAGE = 50
TONES = {"drawing": "info", "open": "info", "closing": "info", "closed": "ok", "cancelled": "warn"}


class Lots(JobPage):
    """The job's lots, and the form that takes one."""

    rule = "lots.list"
    tab = "job-lots"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._page({})

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        require(request.user, "lots.open", self.object)
        try:
            lot = open_lot(job=self.object, user=person(request), **form_fields(request.POST))
        except Invalid as error:
            return self._page({e.get("field", ""): e["message"] for e in error.errors}, 422)
        except Conflict as error:
            return self._page({"": error.detail}, 409)
        return redirect("lot", pk=pk, lot=lot.pk)

    def _page(self, errors: dict[str, str], status: int = 200) -> HttpResponse:
        request, job = self.request, self.object
        before = request.GET.get("before", "")
        rows = Lot.objects.visible_to(request.user).filter(job=job)
        if before.isascii() and before.isdecimal() and len(before) < 18:
            rows = rows.filter(pk__lt=int(before))
        found = list(rows.select_related("job__workspace", "accepter").order_by("-pk")[: PAGE + 1])
        more, found = len(found) > PAGE, found[:PAGE]
        opens = can(request.user, "lots.open", job)
        return self.page(
            "jobs/lots.html",
            status,
            title=_("Lots"),
            lots=[with_words(lot, lot_payload(lot, person(request))) for lot in found],
            pager={
                "previous": "?" if before else "",
                "next": f"?before={found[-1].pk}" if more else "",
            },
            opens=opens,
            errors=errors,
            values=request.POST,
            choices=_choices(job, person(request)) if opens else {},
        )


class PreviewLot(JobPage):
    """What the form would take now, as part of the page."""

    rule = "lots.open"

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        context: dict[str, Any] = {}
        try:
            fields = form_fields(request.POST)
            fields.pop("target")
            context["preview"] = preview_lot(job=self.object, user=person(request), **fields)
        except Invalid as error:
            context["errors"] = [e["message"] for e in error.errors]
        return render(request, "jobs/lot_preview.html", context)


class LotPage(JobPage):
    """One lot: what was judged so far, by person, the drawn items, and the decision; `?part=state` while it works."""

    rule = "jobs.view"
    tab = "job-lots"

    def lot(self) -> Lot:
        rows = Lot.objects.visible_to(self.request.user).filter(job=self.object)
        lot: Lot = get_object_or_404(
            rows.select_related("job__workspace", "accepter"), pk=self.kwargs["lot"]
        )
        require(self.request.user, "lots.view", lot)
        return lot

    def get(self, request: HttpRequest, pk: int, lot: int) -> HttpResponse:
        found = self.lot()
        if request.GET.get("part") == "state":
            response = render(
                request,
                "jobs/lot_state.html",
                {"job": self.object, **_shown(found, person(request))},
            )
            if request.GET.get("was") != found.state:
                response.headers["HX-Refresh"] = "true"
            return response
        return self._page(found)

    def post(self, request: HttpRequest, pk: int, lot: int) -> HttpResponse:
        """Decide; without `confirm` the effect of the decision is shown first."""
        found = self.lot()
        decision = request.POST.get("decision", "")
        dissolve = decision == Lot.Decision.DISSOLVE
        require(request.user, "lots.dissolve" if dissolve else "lots.decide", found)
        confirm = request.POST.get("confirm", "").strip()
        note, return_to = request.POST.get("note", ""), request.POST.get("return_to", "")
        try:
            if "confirm" not in request.POST:
                return self._page(
                    found,
                    asked=decision,
                    effect=lot_effect(lot=found, decision=decision),
                    note=note,
                )
            close_lot(
                lot=found,
                user=person(request),
                decision=decision,
                confirm=int(confirm)
                if confirm.isascii() and confirm.isdecimal() and len(confirm) < 9
                else -1,
                return_to=return_to,
                note=note,
            )
        except (Conflict, Invalid) as error:
            effect = (
                lot_effect(lot=found, decision=decision)
                if decision in Lot.Decision.values
                else None
            )
            return self._page(
                found, error.status, asked=decision, effect=effect, note=note, problem=error.detail
            )
        messages.success(request, _("The lot is being closed."))
        return redirect("lot", pk=pk, lot=lot)

    def _page(self, lot: Lot, status: int = 200, **context: Any) -> HttpResponse:
        request, viewer = self.request, person(self.request)
        decisions = [
            {
                "value": decision.value,
                "label": decision.label,
                "verdict": can(
                    viewer,
                    "lots.dissolve" if decision == Lot.Decision.DISSOLVE else "lots.decide",
                    lot,
                ),
                "danger": decision in (Lot.Decision.REJECT, Lot.Decision.DISSOLVE),
            }
            for decision in Lot.Decision
            if decision != Lot.Decision.RETURN_PEOPLE or lot.target is not None
        ]
        asked = next((d for d in decisions if d["value"] == context.get("asked")), None)
        stages = dict(Stage.choices)
        earlier = self.object.stages[: self.object.stages.index(Stage.ACCEPTANCE)]
        return self.page(
            "jobs/lot.html",
            status,
            title=_("Lot %(number)s") % {"number": lot.pk},
            **_shown(lot, viewer),
            items=lot_items_page(lot, request.GET.get("after", "")),
            decisions=decisions,
            decision=asked,
            earlier=[(stage, stages[stage]) for stage in reversed(earlier)],
            **{name: value for name, value in context.items() if name != "asked"},
        )


def form_fields(form: Any) -> dict[str, Any]:
    """What the form says, as the service takes it; numbers that are none are left to it to refuse."""
    question, _bar, option = form.get("answer", "").partition("|")
    filters: dict[str, Any] = {
        name: [_number(value) for value in form.getlist(name)]
        for name in ("labelers", "checkers", "teams")
        if form.getlist(name)
    }
    filters |= {name: form[name] for name in ("from", "to", "numbers") if form.get(name)}
    if option:
        filters["answer"] = {"question": question, "option": option}
    return {
        "filters": filters,
        "method": form.get("method", "rate"),
        "amount": _number(form.get("amount", "")),
        "target": _number(form["target"]) if form.get("target") else None,
    }


def with_words(lot: Lot, payload: dict[str, Any]) -> dict[str, Any]:
    """The payload with what a page says of it."""
    return {
        **payload,
        "label": lot.get_state_display(),
        "tone": TONES[lot.state],
        "decided": lot.get_decision_display() if lot.decision else "",
        "why": _(lot.error) if lot.error else "",
        "works": lot.state in (Lot.State.DRAWING, Lot.State.CLOSING),
    }


def _shown(lot: Lot, viewer: User) -> dict[str, Any]:
    detail = lot_detail(lot, viewer)
    for row in (*detail["people"], detail["lot"]):
        row["share"] = _percent(row["accuracy"])
        row["interval"] = (
            f"{_percent(row['low'])} – {_percent(row['high'])}" if row["judged"] else "–"
        )
    return {"lot": with_words(lot, detail)}


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{formats.number_format(share * 100, 1)} %"


def _number(text: str) -> Any:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else text


def _choices(job: Job, viewer: User) -> dict[str, Any]:
    """What the form offers: people and teams of the stages by the names that the reader may know, and the labels."""
    members = job_members(job)
    ids = people_of(members, job.workspace)
    names = Names(viewer, job, stage=Stage.ACCEPTANCE)
    known = User.objects.in_bulk(ids[Stage.LABELING] | ids.get(Stage.CHECK, set()))

    def people(stage: str) -> list[User]:
        found = (known[pk] for pk in ids.get(stage, set()) if pk in known and names.sees(pk, stage))
        return sorted(found, key=lambda user: user.username)

    questions = resolved_template(job)["questions"]
    answers = [
        (f"{question['questionId']}|{option['key']}", option["label"])
        for question in questions
        for one in (question, *inner(question))
        for option in one.get("options", ())
    ]
    seen = visible_teams(viewer, job.workspace)
    teams: list[Team] = [
        team for team in members[Stage.LABELING].teams if seen is None or team.pk in seen
    ]
    return {
        "labelers": people(Stage.LABELING),
        "checkers": people(Stage.CHECK),
        "teams": teams,
        "answers": answers,
    }
