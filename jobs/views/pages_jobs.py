"""The list of jobs, a job's own page, its members and its packages."""

from typing import Any

from django.contrib import messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.context import current_workspace, person
from itag.core.errors import Conflict, Invalid
from itag.core.policy import require
from itag.web.pages import RulePage, SignedIn
from jobs.forms import ROLES, ChangeForm, MembersForm, PeopleTable
from jobs.models import Assignment, Job, Package, PackageEvent, PackageItem, SkipRecord, Stage
from jobs.policies import abilities
from jobs.selectors.center import (
    COUNT_TO,
    jobs_for_list,
    live_assignment,
    packages_for_list,
    unclaimable,
)
from jobs.selectors.template import resolved_template
from jobs.services.jobs import change_job
from jobs.services.members import MANAGE, job_members, people_of, set_members
from jobs.services.release import manager_release, offer_again
from jobs.views.parts import job_row, job_rows

PAGE = 50


class Jobs(SignedIn):
    """The workspace's jobs that the person may see, newest first, fifty a page."""

    def get(self, request: HttpRequest) -> HttpResponse:
        workspace = current_workspace(request)
        if workspace is None:
            return render(request, "jobs/nowhere.html")
        rows = jobs_for_list(
            Job.objects.alive().visible_to(request.user).filter(workspace=workspace)
        )
        state = request.GET.get("state", "")
        if state in Job.State.values:
            rows = rows.filter(state=state)
        before = _number(request.GET.get("before", ""))
        if before:
            rows = rows.filter(pk__lt=before)
        found = list(rows.order_by("-id")[: PAGE + 1])
        more = len(found) > PAGE
        found = found[:PAGE]
        query = f"state={state}&" if state in Job.State.values else ""
        return render(
            request,
            "jobs/jobs.html",
            {
                "jobs": job_rows(found),
                "states": Job.State.choices,
                "state": state,
                "pager": {
                    "previous": f"?{query}" if before else "",
                    "next": f"?{query}before={found[-1].pk}" if more else "",
                },
            },
        )


class JobPage(RulePage):
    """A page of one job; `self.object` is the job."""

    rule = "jobs.view"

    def get_object(self) -> Job:
        rows = jobs_for_list(Job.objects.alive().visible_to(self.request.user))
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def page(self, template: str, status: int = 200, **context: Any) -> HttpResponse:
        job = self.object
        context["job"] = job
        context.setdefault("row", job_row(job))
        context.setdefault("may", abilities(self.request.user, [job])[job.pk])
        return render(self.request, template, context, status=status)


class JobDetail(JobPage):
    """What the job is, how far it is and, for those who assign, its packages; `?part=progress` is asked for again."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        job = self.object
        if request.GET.get("part") == "progress":
            response = self.page("jobs/job_progress.html")
            # Once the packages are there, or the last one is finished, the rest of the page is new as well.
            if request.GET.get("was") != job.state:
                response.headers["HX-Refresh"] = "true"
            return response
        return self._page(ChangeForm(job=job))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Change description, priority and deadline."""
        job = self.object
        require(request.user, "jobs.manage", job)
        form = ChangeForm(request.POST, job=job)
        form.is_valid()
        try:
            change_job(job=job, user=person(request), changes=form.changes())
        except (Conflict, Invalid) as error:
            form.take(error)
            return self._page(form, status=422)
        messages.success(request, _("Saved."))
        return redirect("job", pk=pk)

    def _page(self, form: ChangeForm, status: int = 200) -> HttpResponse:
        request, job = self.request, self.object
        may = abilities(request.user, [job])[job.pk]
        context: dict[str, Any] = {"may": may, "form": form, "questions": _label_sets(job)}
        stages = zip(("label", "check", "accept"), Stage, strict=True)
        context["claims"] = [stage for name, stage in stages if may[name]]
        if may["assign"]:
            members = job_members(job)
            context["members"] = [(ROLES[role], who) for role, who in members.items()]
            people = people_of(members, job.workspace)
            context["stuck"] = [
                (Stage(stage).label, count, count >= COUNT_TO)
                for stage, count in unclaimable(job, people).items()
            ]
            context.update(_package_page(request, job))
        return self.page("jobs/job.html", status=status, **context)


class JobMembers(JobPage):
    """Who works in which stage."""

    rule = "jobs.assign"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._page(MembersForm(), PeopleTable.chosen(job_members(self.object)))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        job = self.object
        chosen = PeopleTable.posted(request.POST, (*job.stages, MANAGE))
        form = MembersForm(request.POST)
        form.is_valid()
        held = request.POST.get("held") or None
        try:
            set_members(job=job, user=person(request), members=chosen, held=held)
        except Conflict as error:
            return self._page(form, chosen, held=error.extra.get("held"), status=409)
        except Invalid as error:
            form.take(error)
            return self._page(form, chosen, status=422)
        messages.success(request, _("Saved."))
        return redirect("job", pk=job.pk)

    def _page(
        self, form: MembersForm, chosen: Any, held: Any = None, status: int = 200
    ) -> HttpResponse:
        job = self.object
        labels = {stage.value: stage.label for stage in Stage}
        for row in held or ():
            row["stage"] = labels[row["stage"]]
        return self.page(
            "jobs/job_members.html",
            status=status,
            form=form,
            people=PeopleTable(job.workspace, chosen),
            roles={role: ROLES[role] for role in (*job.stages, MANAGE)},
            held=held,
        )


class PackageDetail(JobPage):
    """A package: where it stands, what happened to it, and its items."""

    rule = "jobs.assign"

    def get(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        return self._page(number)

    def post(self, request: HttpRequest, pk: int, number: int) -> HttpResponse:
        """Release it from its holder, offer a blocked one, or offer it to those who gave it back (`action=offer`)."""
        package = get_object_or_404(packages_for_list(self.object), number=number)
        user = person(request)
        if request.POST.get("action") == "offer":
            offer_again(package=package, user=user)
            messages.success(request, _("They are offered the package again."))
            return redirect("package", pk=pk, number=number)
        reason = request.POST.get("reason", "").strip() or _("Released by a task administrator.")
        try:
            manager_release(package=package, user=user, reason=reason)
        except (Conflict, Invalid) as error:
            messages.error(request, error.detail)
        else:
            messages.success(
                request, _("Package %(number)s can be claimed again.") % {"number": number}
            )
        return redirect("package", pk=pk, number=number)

    def _page(self, number: int) -> HttpResponse:
        package = get_object_or_404(packages_for_list(self.object), number=number)
        items = (
            PackageItem.objects.filter(package=package)
            .order_by("position")
            .annotate(text=F("item__search"), verdict=F("current_annotation__verdict"))
            .annotate(abandoned=F("current_annotation__abandoned"))
        )
        events = PackageEvent.objects.filter(package=package).select_related("actor")
        live = live_assignment(package)
        reasons = dict(Assignment.BlockedReason.choices)
        return self.page(
            "jobs/package.html",
            package=package,
            live=live,
            blocked=reasons.get(live.reason, "") if live and live.state == "blocked" else "",
            items=items,
            events=events,
            given_back=SkipRecord.objects.filter(package=package, lifted_at=None).select_related(
                "person"
            ),
        )


def _package_page(request: HttpRequest, job: Job) -> dict[str, Any]:
    """Fifty packages by number, after the one that the address names."""
    after = _number(request.GET.get("after", "")) or 0
    rows = packages_for_list(job).filter(number__gt=after)
    show = request.GET.get("show", "")
    if show in SHOWN:
        rows = SHOWN[show](rows, job)
    found = list(rows[: PAGE + 1])
    more = len(found) > PAGE
    found = found[:PAGE]
    query = f"show={show}&" if show in SHOWN else ""
    return {
        "packages": [(package, live_assignment(package)) for package in found],
        "show": show,
        "shown": [("", _("All")), *((name, label) for name, label in LABELS.items())],
        "pager": {
            "previous": f"?{query}#packages" if after else "",
            "next": f"?{query}after={found[-1].number}#packages" if more else "",
        },
    }


def _standing_at(state: str) -> Any:
    def narrow(rows: QuerySet[Package], job: Job) -> QuerySet[Package]:
        live = Assignment.objects.filter(job=job, state=state)
        return rows.filter(pk__in=live.values("package"), state=Package.State.OPEN)

    return narrow


#: What the table of packages may be narrowed to.
SHOWN: dict[str, Any] = {
    "waiting": _standing_at(Assignment.State.WAITING),
    "claimed": _standing_at(Assignment.State.CLAIMED),
    "blocked": _standing_at(Assignment.State.BLOCKED),
    "finished": lambda rows, job: rows.filter(state=Package.State.FINISHED),
}


LABELS = {
    "waiting": gettext_lazy("Waiting"),
    "claimed": gettext_lazy("Claimed"),
    "blocked": gettext_lazy("Blocked"),
    "finished": gettext_lazy("Finished"),
}


def _label_sets(job: Job) -> list[dict[str, Any]]:
    """The job's questions that have labels, those within others with their parent's title."""
    found: list[dict[str, Any]] = []

    def walk(questions: list[dict[str, Any]]) -> None:
        for question in questions:
            if "options" in question:
                found.append(question)
            walk(question.get("children", []))

    walk(resolved_template(job)["questions"])
    return found


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
