"""Subtask details: a job's packages, what is done with one or many of them, one package, and one item in all its rounds."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.context import person
from accounts.models import User
from itag.core.errors import Conflict, Invalid, ItagError
from itag.core.policy import Verdict, require
from jobs.models import Assignment, Batch, Package, PackageItem, SkipRecord, Stage
from jobs.policies import abilities
from jobs.selectors.history import item_columns, package_moments
from jobs.selectors.names import Names
from jobs.selectors.operations import ASSIGNING, PACKAGE_VERBS, package_effect, package_verdicts
from jobs.selectors.packages import (
    STATES,
    PackageQuery,
    PackageRow,
    matching_numbers,
    package_row,
    packages_page,
)
from jobs.selectors.progress import expires_at
from jobs.selectors.votes import package_events, require_sight, votes_payload
from jobs.services.correct import adopt_by_manager, why_not_corrected
from jobs.services.manage import BULK, MAX_BULK, Changed, change_packages
from jobs.services.members import job_members, people_of
from jobs.services.release import offer_again
from jobs.views.job_page import JobPage
from jobs.views.parts import PACKAGE_TONES

PAGE = 50
NUMBERS = 10
#: What is done with one voter's part of a package that several people answer.
OF_VOTES = ("transfer", "extend", "submit")


class JobPackages(JobPage):
    """The packages, narrowed, fifty a page; `?part=rows` is what the page asks for again every few seconds."""

    rule = "jobs.assign"
    tab = "job-packages"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        job = self.object
        query = PackageQuery.from_query(request.GET)
        after, before = (_number(request.GET.get(name, "")) for name in ("after", "before"))
        page = packages_page(job, query, after=after, before=before, limit=PAGE)
        base = query.as_query()
        context: dict[str, Any] = {
            "rows": page.rows,
            "query": query,
            "live": request.get_full_path(),
            "tones": PACKAGE_TONES,
            "by_group": job.allocation.get("type") == "field",
            "pager": {
                "previous": f"?{urlencode(base | {'before': page.before})}" if page.before else "",
                "next": f"?{urlencode(base | {'after': page.after})}" if page.after else "",
            },
        }
        if request.GET.get("part") == "rows":
            return self.page("jobs/packages_rows.html", **context)
        may = abilities(request.user, [job])[job.pk]
        context |= {
            "states": STATES.items(),
            "stages": [(stage, Stage(stage).label) for stage in job.stages],
            "reasons": Assignment.BlockedReason.choices,
            "batches": list(
                Batch.objects.filter(job=job)
                .order_by("number")
                .values_list("number", flat=True)[:200]
            ),
            "people": _people(job),
            "verbs": [
                (verb, label, _refusal(verb, may["manage"]))
                for verb, label in PACKAGE_VERBS.items()
            ],
            "may": may,
            "base": base,
            "most": MAX_BULK,
        }
        return self.page("jobs/packages.html", **context)


@dataclass
class Chosen:
    """The packages that a verb is to be done with; `query`: they are all that it finds, at most MAX_BULK."""

    numbers: list[int]
    query: PackageQuery | None = None

    @property
    def shown(self) -> str:
        """Their numbers, as many as a sentence can hold."""
        text = ", ".join(map(str, self.numbers[:NUMBERS]))
        return f"{text}, …" if len(self.numbers) > NUMBERS else text


class ChangePackages(JobPage):
    """Asks for what a verb needs and says what it does (GET), and does it (POST); `?part=dialog` without the frame.

    `number` (many) or `all=1` with the table's filters; `verb`; `back` to the package's own page.
    """

    rule = "jobs.assign"
    tab = "job-packages"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        verb = request.GET.get("verb", "")
        chosen = self._chosen(request.GET)
        if verb not in PACKAGE_VERBS or not chosen.numbers:
            messages.error(request, _("Choose packages first."))
            return redirect("job-packages", pk=pk)
        return self._ask(verb, chosen, request.GET)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        verb = request.POST.get("verb", "")
        numbers = [_number(text) for text in request.POST.getlist("number")]
        chosen = Chosen(sorted({number for number in numbers if number}))
        if verb in PACKAGE_VERBS and verb not in ASSIGNING:
            require(request.user, "jobs.manage", self.object)
        if verb not in PACKAGE_VERBS or not chosen.numbers:
            messages.error(request, _("Choose packages first."))
            return redirect("job-packages", pk=pk)
        single = len(chosen.numbers) == 1
        vote = request.POST.get("vote", "")
        try:
            if single and vote and verb in OF_VOTES:
                changed = self._change_vote(verb, chosen.numbers[0], _number(vote))
            else:
                changed = change_packages(
                    job=self.object,
                    numbers=chosen.numbers,
                    verb=verb,
                    user=person(request),
                    reason=request.POST.get("reason", "").strip(),
                    confirm=1 if single else _number(request.POST.get("confirm", "")),
                    **self._arguments(),
                )
        except Invalid as error:
            return self._ask(verb, chosen, request.POST, error=error)
        if changed["done"]:
            count = len(changed["done"])
            messages.success(
                request,
                ngettext("%(verb)s: %(count)s package.", "%(verb)s: %(count)s packages.", count)
                % {"verb": PACKAGE_VERBS[verb], "count": count},
            )
        for one in changed["failed"][:NUMBERS]:
            messages.error(
                request,
                _("Package %(number)s: %(message)s") % one,
            )
        if len(changed["failed"]) > NUMBERS:
            messages.error(
                request,
                _("%(count)s more packages stayed as they were.")
                % {"count": len(changed["failed"]) - NUMBERS},
            )
        if single and request.POST.get("back") == "package":
            return redirect("package", pk=pk, number=chosen.numbers[0])
        kept = PackageQuery.from_query(request.POST).as_query()
        return redirect(f"{reverse('job-packages', args=[pk])}?{urlencode(kept)}")

    def _change_vote(self, verb: str, number: int, vote: int) -> Changed:
        """The verb with one voter's part of a package."""
        package = get_object_or_404(
            Package.objects.select_related("job"), job=self.object, number=number
        )
        service, names = BULK[verb]
        given = self._arguments()
        fields: dict[str, Any] = {name: given[name] for name in names}
        if missing := next((name for name, value in fields.items() if value is None), ""):
            raise Invalid.field(missing, _("This field is required."))
        if verb != "extend":
            fields["reason"] = self.request.POST.get("reason", "").strip()
        try:
            service(package=package, user=person(self.request), vote=vote, **fields)
        except Conflict as error:
            return {"done": [], "failed": [{"number": number, "message": error.detail}]}
        return {"done": [number], "failed": []}

    def _chosen(self, data: Any) -> Chosen:
        if data.get("all"):
            query = PackageQuery.from_query(data)
            return Chosen(matching_numbers(self.object, query, MAX_BULK), query)
        numbers = {_number(text) for text in data.getlist("number")} - {0}
        return Chosen(sorted(numbers)[:MAX_BULK])

    def _arguments(self) -> dict[str, Any]:
        """What the verbs need beside a reason; what is not there, or nobody of this job, is None."""
        data = self.request.POST
        person_id = _number(data.get("to", ""))
        return {
            "to": User.objects.filter(pk=person_id, pk__in=_ids(self.object)).first(),
            "hours": _number(data.get("hours", "")) or None,
            "stage": data.get("stage") if data.get("stage") in self.object.stages else None,
        }

    def _ask(
        self, verb: str, chosen: Chosen, data: Any, error: ItagError | None = None
    ) -> HttpResponse:
        part = data.get("part") == "dialog"
        slots: list[tuple[Assignment, str]] = []
        if len(chosen.numbers) == 1 and verb in OF_VOTES:
            row = package_row(self.object, chosen.numbers[0])
            slots = (
                [(slot, _whose(slot)) for slot in row.slots if slot.state != "submitted"]
                if row
                else []
            )
        wrong = {one.get("field", ""): one["message"] for one in error.errors} if error else {}
        return self.page(
            "jobs/packages_dialog.html" if part else "jobs/packages_change.html",
            status=422 if error else 200,
            verb=verb,
            part=part,
            slots=slots,
            label=PACKAGE_VERBS[verb],
            chosen=chosen,
            count=len(chosen.numbers),
            effect=package_effect(verb, len(chosen.numbers)),
            capped=bool(chosen.query) and len(chosen.numbers) == MAX_BULK,
            most=MAX_BULK,
            kept=PackageQuery.from_query(data).as_query(),
            back=data.get("back", ""),
            people=_people(self.object) if verb == "transfer" else [],
            stages=[(stage, Stage(stage).label) for stage in self.object.stages],
            given={
                name: data.get(name, "") for name in ("reason", "to", "hours", "stage", "confirm")
            },
            wrong=wrong,
            error=error.detail if error and not wrong else "",
        )


class PackageDetail(JobPage):
    """A package: where it stands, what happened to it, and its items."""

    rule = "jobs.assign"
    tab = "job-packages"

    def get(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        row = package_row(self.object, number)
        if row is None:
            row = PackageRow(get_object_or_404(Package, job=self.object, number=number))
        package = row.package
        items = (
            PackageItem.objects.filter(package=package)
            .order_by("position")
            .annotate(text=F("item__search"), verdict=F("current_annotation__verdict"))
            .annotate(abandoned=F("current_annotation__abandoned"))
        )
        events = package_events(person(request), package, self.object)
        verdicts = package_verdicts(row, self.object)
        may = abilities(request.user, [self.object])[self.object.pk]
        given_back = list(
            SkipRecord.objects.filter(package=package, lifted_at=None).select_related("person")
        )
        return self.page(
            "jobs/package.html",
            package=package,
            standing=row,
            ends=expires_at(row.live) if row.live else None,
            items=items,
            moments=package_moments(events),
            may=may,
            verbs=_buttons(verdicts, may["manage"]),
            given_back=given_back,
        )

    def post(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """Offer the package again to those who gave it back."""
        package = get_object_or_404(Package, job=self.object, number=number)
        try:
            offer_again(package=package, user=person(request))
        except Conflict as error:
            messages.error(request, error.detail)
        else:
            messages.success(request, _("They are offered the package again."))
        return redirect("package", pk=pk, number=number)


class CompareItem(JobPage):
    """An item with everything that was said of it in all rounds and stages, side by side, the differences marked.

    Where the votes on it do not agree, the manager decides here between them.
    """

    rule = "jobs.manage"
    tab = "job-packages"

    def item(self) -> PackageItem:
        return get_object_or_404(
            PackageItem.objects.select_related(
                "item", "package__job__workspace", "current_annotation"
            ),
            package__job=self.object,
            package__number=self.kwargs["number"],
            position=self.kwargs["position"],
        )

    def post(self, request: HttpRequest, pk: int, number: int, position: int) -> HttpResponse:
        try:
            adopt_by_manager(
                package=self.item().package,
                position=position,
                user=person(request),
                vote=_number(request.POST.get("vote", "")),
                reason=request.POST.get("reason", ""),
            )
        except ItagError as error:
            messages.error(request, error.detail)
        else:
            messages.success(request, _("The vote is the item's answer now."))
        return redirect("item-compare", pk=pk, number=number, position=position)

    def get(self, request: HttpRequest, pk: int, number: int, position: int) -> HttpResponse:
        item = self.item()
        require_sight(person(request), item.package, self.object)
        votes = {}
        if item.disputed:
            votes = votes_payload(
                [item], job=self.object, names=Names(person(request), self.object)
            )
        columns = item_columns(self.object, item)
        last = item.package.item_count
        return self.page(
            "jobs/compare.html",
            package=item.package,
            item=item,
            columns=columns,
            correct_why=why_not_corrected(item.package, item),
            votes=votes.get(item.pk, []),
            previous=position - 1 if position > 1 else 0,
            next=position + 1 if position < last else 0,
        )


@dataclass
class Button:
    """A verb with why it is not possible ("" where it is)."""

    verb: str
    label: Any
    reason: str


def _buttons(verdicts: dict[str, Verdict], manage: Verdict) -> list[Button]:
    return [
        Button(verb, PACKAGE_VERBS[verb], _refusal(verb, manage) or verdict.reason)
        for verb, verdict in verdicts.items()
    ]


def _refusal(verb: str, manage: Verdict) -> str:
    """Why somebody who only assigns people and packages may not do this."""
    return "" if verb in ASSIGNING else manage.reason


def _whose(slot: Assignment) -> str:
    person = slot.holder or slot.reserved_user
    return str(person) if person else str(slot.get_state_display())


def _ids(job: Any) -> set[int]:
    """Everybody who works in a stage of the job, directly or through a team."""
    people = people_of(job_members(job), job.workspace)
    return set().union(*(people[stage] for stage in job.stages))


def _people(job: Any) -> list[User]:
    return list(User.objects.filter(pk__in=_ids(job)).order_by("username"))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
