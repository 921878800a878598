"""The list of jobs, what nobody can take in them, and a job's own page, its members and its history."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.context import current_workspace, person
from accounts.grants import held
from accounts.models import Membership, User
from datasets.models import Dataset
from itag.core.errors import Conflict, Invalid
from itag.web.pages import SignedIn
from jobs.forms import ROLES, MembersForm, PeopleTable
from jobs.models import Job, JobEvent, Stage
from jobs.models.talk import led_jobs
from jobs.policies import abilities
from jobs.selectors.center import job_split, jobs_for_list
from jobs.selectors.differences import heading
from jobs.selectors.history import job_moments
from jobs.selectors.job_list import SORTS, JobQuery, narrowed, sorted_page
from jobs.selectors.keyset import BadCursor
from jobs.selectors.names import Names
from jobs.selectors.operations import job_facts, job_verdicts
from jobs.selectors.packages import blocked_reason, blocked_slots
from jobs.selectors.template import resolved_template
from jobs.services.members import MANAGE, job_members, set_members
from jobs.views.job_page import JobPage
from jobs.views.label_form import chosen_parts
from jobs.views.operations import operation_texts
from jobs.views.parts import job_rows
from templates_app.models import LabelTemplate
from templates_app.questions.base import inner

PAGE = 50
#: Blocked packages that a job's own page names; the overview has the rest.
BLOCKED_SHOWN = 8


class Jobs(SignedIn):
    """The workspace's jobs that the person may see, narrowed and sorted, fifty a page."""

    def get(self, request: HttpRequest) -> HttpResponse:
        workspace = current_workspace(request)
        if workspace is None:
            return render(request, "jobs/nowhere.html")
        user = person(request)
        query = JobQuery.from_query(request.GET)
        seen = Job.objects.alive().visible_to(user).filter(workspace=workspace)
        rows = narrowed(jobs_for_list(seen), query, user)
        try:
            page = sorted_page(rows, query, limit=PAGE, cursor=request.GET.get("cursor", ""))
        except BadCursor:
            page = sorted_page(rows, query, limit=PAGE, cursor="")
        base = query.as_query()
        leads = bool(held(user, workspace, "lead_workspace", "create_in_workspace"))
        return render(
            request,
            "jobs/jobs.html",
            {
                "jobs": job_rows(page.rows, request.user),
                "query": query,
                "states": Job.State.choices,
                "sorts": [(name, sort.label) for name, sort in SORTS.items()],
                "templates": LabelTemplate.objects.filter(
                    pk__in=seen.order_by().values("template")
                ).order_by("category", "id"),
                "datasets": Dataset.objects.filter(
                    pk__in=seen.order_by().values("dataset")
                ).order_by("name"),
                "people": _people(workspace) if leads else [],
                "pager": {
                    "previous": f"?{urlencode(base | {'cursor': page.previous})}"
                    if page.previous
                    else "",
                    "next": f"?{urlencode(base | {'cursor': page.next})}" if page.next else "",
                },
            },
        )


class JobsProgress(SignedIn):
    """The progress of the jobs named by `ids` (commas), at most fifty, for rows that are on the screen."""

    def get(self, request: HttpRequest) -> HttpResponse:
        ids = [int(pk) for pk in request.GET.get("ids", "").split(",") if _is_id(pk)][:PAGE]
        rows = jobs_for_list(Job.objects.alive().visible_to(request.user)).filter(pk__in=ids)
        return render(request, "jobs/jobs_live.html", {"jobs": job_rows(rows, request.user)})


class BlockedOverview(SignedIn):
    """What nobody can take, in all jobs in which the person assigns, oldest first, fifty a page."""

    def get(self, request: HttpRequest) -> HttpResponse:
        workspace = current_workspace(request)
        if workspace is None:
            return render(request, "jobs/nowhere.html")
        jobs = Job.objects.alive().filter(
            pk__in=led_jobs(request.user), workspace=workspace, archived_at=None
        )
        after = request.GET.get("after", "")
        rows = blocked_slots(jobs)
        found = list(rows.filter(pk__gt=int(after) if _is_id(after) else 0)[: PAGE + 1])
        more = len(found) > PAGE
        found = found[:PAGE]
        return render(
            request,
            "jobs/blocked.html",
            {
                "rows": [(slot, blocked_reason(slot)) for slot in found],
                "pager": {
                    "previous": "?" if _is_id(after) else "",
                    "next": f"?after={found[-1].pk}" if more else "",
                },
            },
        )


class JobDetail(JobPage):
    """What the job is, how far it is, and what may be done with it; `?part=progress` is asked for again."""

    tab = "job"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        job = self.object
        if request.GET.get("part") == "progress":
            response = self.page("jobs/job_progress.html")
            # Once the packages are there, or the last one is finished, the rest of the page is new as well.
            if request.GET.get("was") != job.state:
                response.headers["HX-Refresh"] = "true"
            return response
        may = abilities(request.user, [job])[job.pk]
        names = Names(person(request), job)
        stages = zip(("label", "check", "accept"), Stage, strict=True)
        context: dict[str, Any] = {
            "may": may,
            "questions": _label_sets(job),
            "chosen": chosen_parts(job),
            "claims": [stage for name, stage in stages if may[name]],
            "created_by": names.of(job.created_by, ""),
        }
        if may["assign"]:
            context["members"] = [(ROLES[role], who) for role, who in job_members(job).items()]
            blocked = list(blocked_slots([job.pk])[: BLOCKED_SHOWN + 1])
            context["blocked"] = [(slot, blocked_reason(slot)) for slot in blocked[:BLOCKED_SHOWN]]
            context["more_blocked"] = len(blocked) > BLOCKED_SHOWN
        if may["assign"] or may["manage"]:
            facts = job_facts(job, job_split(job))
            verdicts = job_verdicts(job, facts)
            context["operations"] = operation_texts(job, facts, verdicts, may)
        return self.page("jobs/job.html", **context)


class JobHistory(JobPage):
    """What was done to the job as a whole, newest first, fifty a page."""

    rule = "jobs.manage"
    tab = "job-history"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        before = request.GET.get("before", "")
        rows = JobEvent.objects.filter(job=self.object).select_related("actor").order_by("-id")
        if _is_id(before):
            rows = rows.filter(pk__lt=int(before))
        found = list(rows[: PAGE + 1])
        more = len(found) > PAGE
        found = found[:PAGE]
        pager = {
            "previous": "?" if _is_id(before) else "",
            "next": f"?before={found[-1].pk}" if more else "",
        }
        return self.page("jobs/job_history.html", moments=job_moments(found), pager=pager)


class JobMembers(JobPage):
    """Who works in which stage."""

    rule = "jobs.assign"
    tab = "job-members"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._page(MembersForm(), PeopleTable.chosen(job_members(self.object)))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        job = self.object
        chosen = PeopleTable.posted(request.POST, (*job.stages, MANAGE))
        form = MembersForm(request.POST)
        form.is_valid()
        fate = request.POST.get("held") or None
        try:
            set_members(job=job, user=person(request), members=chosen, held=fate)
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
            people=PeopleTable(job.workspace, chosen, viewer=person(self.request)),
            roles={role: ROLES[role] for role in (*job.stages, MANAGE)},
            held=held,
        )


def _label_sets(job: Job) -> list[dict[str, Any]]:
    """The job's questions that have labels; `heading` is empty where the title says no more than the type."""
    found: list[dict[str, Any]] = []

    def walk(questions: list[dict[str, Any]]) -> None:
        for question in questions:
            if "options" in question:
                found.append(question | {"heading": heading(question)})
            walk(inner(question))

    walk(resolved_template(job)["questions"])
    return found


def _people(workspace: Any) -> list[User]:
    rows = Membership.objects.filter(workspace=workspace, active=True, user__is_active=True)
    return [row.user for row in rows.select_related("user").order_by("user__username")]


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
