"""Questions and appeals of a job: all of them for those who lead it, their own and published answers for the others."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.context import person
from itag.core.errors import Conflict, Invalid, ItagError, NotFound
from itag.core.policy import can, require
from jobs.models import Annotation, Appeal, Job, Message, Thread
from jobs.policies import abilities
from jobs.selectors.differences import QuestionDifference, diff_results
from jobs.selectors.talk import (
    Eyes,
    answers_payload,
    appeal_payload,
    find_appeal,
    find_thread,
    published_answers,
    thread_payload,
    with_messages,
)
from jobs.selectors.template import resolved_template
from jobs.services.appeals import decide_appeal
from jobs.services.talk import (
    MAX_TEXT,
    ask_question,
    close_thread,
    post_message,
    publish_answer,
)
from jobs.views.job_page import JobPage

PAGE = 50
#: What the page shows: questions, published answers, appeals.
SHOWN = ("questions", "answers", "appeals")
LABELS = {
    "questions": gettext_lazy("Questions"),
    "answers": gettext_lazy("Answers for everybody"),
    "appeals": gettext_lazy("Appeals"),
}
TONES = {"open": "warn", "answered": "ok", "closed": "", "upheld": "ok", "dismissed": "bad"}


class _OfTalk(JobPage):
    """A page about what people of the job ask; `eyes`: whom the reader may know of."""

    rule = "jobs.view"
    tab = "job-questions"

    def eyes(self) -> Eyes:
        user, job = person(self.request), self.object
        leads = bool(abilities(user, [job])[job.pk]["assign"])
        return Eyes(user, {job.pk: leads})


class Questions(_OfTalk):
    """The list; posting asks about the job as a whole."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._page()

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        text = request.POST.get("text", "")
        require(request.user, "threads.ask", self.object)
        try:
            thread = ask_question(job=self.object, user=person(request), text=text)
        except Invalid as error:
            return self._page(text=text, error=error.errors[0]["message"], status=422)
        messages.success(request, _("Your question is with those who lead the job."))
        return redirect("job-question", pk=pk, thread=thread.pk)

    def _page(self, status: int = 200, **context: Any) -> HttpResponse:
        request, job, eyes = self.request, self.object, self.eyes()
        leads = eyes.leads(job)
        show = request.GET.get("show", "")
        show = show if show in SHOWN else SHOWN[0]
        states = {"questions": Thread.State, "appeals": Appeal.State}.get(show)
        state = request.GET.get("state", "open" if leads else "")
        state = state if states is not None and state in states.values else ""
        found, more = self._rows(show, state)
        query = {"show": show} | ({"state": state} if states is not None else {})
        rows = {"questions": self._threads, "answers": self._answers, "appeals": self._appeals}
        return self.page(
            "jobs/questions.html",
            status=status,
            leads=leads,
            show=show,
            shown=[(name, label, name == show) for name, label in LABELS.items()],
            states=states.choices if states is not None else (),
            state=state,
            rows=rows[show](found, eyes),
            ask=can(request.user, "threads.ask", job),
            most=MAX_TEXT,
            pager={
                "previous": f"?{urlencode(query)}" if request.GET.get("before") else "",
                "next": f"?{urlencode(query | {'before': found[-1].pk})}" if more else "",
            },
            **context,
        )

    def _rows(self, show: str, state: str) -> tuple[list[Any], bool]:
        """A page of what is shown, newest first, and whether there is more; one statement."""
        job, user = self.object, person(self.request)
        rows: Any
        if show == "answers":
            rows = published_answers(job)
        elif show == "appeals":
            rows = Appeal.objects.visible_to(user).for_list().filter(job=job)
        else:
            first = Message.objects.filter(thread=OuterRef("pk")).order_by("id").values("text")[:1]
            rows = Thread.objects.visible_to(user).for_list().filter(job=job)
            rows = rows.annotate(text=Subquery(first))
        if state:
            rows = rows.filter(state=state)
        if before := _number(self.request.GET.get("before", "")):
            rows = rows.filter(pk__lt=before)
        found = list(rows.order_by("-pk")[: PAGE + 1])
        return found[:PAGE], len(found) > PAGE

    def _threads(self, found: list[Any], eyes: Eyes) -> list[dict[str, Any]]:
        return [
            thread_payload(row, eyes)
            | {"text": row.text, "tone": TONES[row.state], "label": row.get_state_display()}
            for row in found
        ]

    def _answers(self, found: list[Any], eyes: Eyes) -> list[Any]:
        return answers_payload(self.object, found)

    def _appeals(self, found: list[Any], eyes: Eyes) -> list[dict[str, Any]]:
        return [
            appeal_payload(row, eyes)
            | {
                "tone": TONES[row.state],
                "label": row.get_state_display(),
                "verdict_label": row.annotation.get_verdict_display(),
            }
            for row in found
        ]


class Question(_OfTalk):
    """One question with its messages; posting `action` answers, publishes, or closes it."""

    thread: Thread

    def get_object(self) -> Job:
        self.thread = find_thread(self.kwargs["thread"])
        require(self.request.user, "threads.view", self.thread)
        job = super().get_object()
        if self.thread.job_id != job.pk:
            raise NotFound(_("Not found."))
        return job

    def get(self, request: HttpRequest, pk: int, thread: int) -> HttpResponse:
        return self._page()

    def post(self, request: HttpRequest, pk: int, thread: int) -> HttpResponse:
        action, text = request.POST.get("action", ""), request.POST.get("text", "")
        try:
            self._act(action, text)
        except (Invalid, Conflict) as error:
            shown = error.errors[0]["message"] if error.errors else error.detail
            return self._page(text=text, error=shown, status=422)
        return redirect("job-question", pk=pk, thread=thread)

    def _act(self, action: str, text: str) -> None:
        user, thread = person(self.request), self.thread
        if action == "close":
            require(user, "threads.close", thread)
            close_thread(thread=thread, user=user)
        elif action in ("publish", "hide"):
            require(user, "threads.publish", thread)
            number = _number(self.request.POST.get("message", "")) or 0
            message = get_object_or_404(Message, thread=thread, pk=number)
            publish_answer(message=message, user=user, publish=action == "publish")
        else:
            publish = "publish" in self.request.POST
            require(user, "threads.write", thread)
            if publish:
                require(user, "threads.publish", thread)
            post_message(thread=thread, user=user, text=text, publish=publish)

    def _page(self, status: int = 200, **context: Any) -> HttpResponse:
        eyes = self.eyes()
        shown = with_messages(Thread.objects.for_list()).get(pk=self.thread.pk)
        return self.page(
            "jobs/question.html",
            status=status,
            leads=eyes.leads(self.object),
            thread=thread_payload(shown, eyes),
            tone=TONES[shown.state],
            label=shown.get_state_display(),
            stage=shown.get_stage_display(),
            write=can(self.request.user, "threads.write", self.thread),
            most=MAX_TEXT,
            **context,
        )


class AppealPage(_OfTalk):
    """An appeal with both answers side by side; posting decides it."""

    appeal: Appeal

    def get_object(self) -> Job:
        self.appeal = find_appeal(self.kwargs["appeal"])
        require(self.request.user, "appeals.view", self.appeal)
        job = super().get_object()
        if self.appeal.job_id != job.pk:
            raise NotFound(_("Not found."))
        return job

    def get(self, request: HttpRequest, pk: int, appeal: int) -> HttpResponse:
        return self._page()

    def post(self, request: HttpRequest, pk: int, appeal: int) -> HttpResponse:
        require(request.user, "appeals.decide", self.appeal)
        note = request.POST.get("note", "")
        try:
            decide_appeal(
                appeal=self.appeal,
                user=person(request),
                uphold=request.POST.get("decision") == "uphold",
                note=note,
            )
        except ItagError as error:
            shown = error.errors[0]["message"] if error.errors else error.detail
            return self._page(note=note, error=shown, status=422)
        messages.success(request, _("Decided; both people see it."))
        return redirect("job-appeal", pk=pk, appeal=appeal)

    def _page(self, status: int = 200, **context: Any) -> HttpResponse:
        appeal, eyes = self.appeal, self.eyes()
        verdict = appeal.annotation
        own, theirs = _both(self.object, verdict)
        return self.page(
            "jobs/appeal.html",
            status=status,
            leads=eyes.leads(self.object),
            appeal=appeal_payload(appeal, eyes),
            tone=TONES[appeal.state],
            label=appeal.get_state_display(),
            verdict=verdict.get_verdict_display(),
            judged=verdict.judged,
            own=own,
            theirs=theirs,
            decide=can(self.request.user, "appeals.decide", appeal),
            most=MAX_TEXT,
            **context,
        )


def _both(
    job: Job, verdict: Annotation
) -> tuple[list[QuestionDifference], list[QuestionDifference] | None]:
    """What was judged, and what the inspector made of it, marked by how it differs; None where it was only rejected."""
    questions = resolved_template(job)["questions"]
    judged = verdict.judged.results.load() if verdict.judged and verdict.judged.results else []
    own = diff_results(None, judged, questions)
    if verdict.results is None:
        return own, None
    return own, diff_results(judged, verdict.results.load(), questions)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
