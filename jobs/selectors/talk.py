"""What pages and API show of questions and appeals, and of whose names."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import (
    Case,
    IntegerField,
    JSONField,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.visibility import People, visible_people
from itag.core.errors import NotFound
from jobs.models import Appeal, Assignment, Job, Message, Stage, Thread
from jobs.selectors.names import title

Json = dict[str, Any]
#: Which question stands for an item that has several.
_RANK = {Thread.State.OPEN: 0, Thread.State.ANSWERED: 1, Thread.State.CLOSED: 2}


# --- at items --------------------------------------------------------------------------------------------------------


def slot_threads(assignment: Assignment) -> QuerySet[Thread]:
    """The questions about the package's items that the holder of the assignment may see.

    Those of their own slot, whoever held it; inspectors also those of the stages before. Never another voter's.
    """
    rows = Thread.objects.filter(package_item__package=assignment.package_id)
    return rows.filter(_seen_from(assignment))


def _seen_from(assignment: Assignment) -> Q:
    if assignment.stage == Stage.LABELING:
        return Q(stage=assignment.stage, vote=assignment.vote)
    return Q(stage__in=Stage.values[: Stage.values.index(assignment.stage) + 1])


def flags(assignment: Assignment) -> dict[int, Json]:
    """{position: {"thread": id, "state"}} of the package's items with a question; one statement."""
    found: dict[int, tuple[tuple[int, int], Json]] = {}
    rows = slot_threads(assignment).order_by()
    for position, pk, state in rows.values_list("package_item__position", "pk", "state"):
        rank = (_RANK[Thread.State(state)], -pk)
        if position not in found or rank < found[position][0]:
            found[position] = (rank, {"thread": pk, "state": str(state)})
    return {position: flag for position, (_rank, flag) in sorted(found.items())}


def flag_of_item(assignment: Assignment | None) -> Subquery:
    """The same as a column of a query of package items; without an assignment for those who lead the job."""
    rows = Thread.objects.filter(package_item=OuterRef("pk"))
    rows = rows if assignment is None else rows.filter(_seen_from(assignment))
    rank = Case(
        *(When(state=state, then=Value(number)) for state, number in _RANK.items()),
        output_field=IntegerField(),
    )
    shown = rows.order_by(rank, "-pk").values(found=JSONObject(thread="pk", state="state"))
    return Subquery(shown[:1], output_field=JSONField())


def item_threads(assignment: Assignment, position: int) -> list[Thread]:
    """The questions about one item that the holder may see, with their messages, the one of its flag first."""
    rows = with_messages(
        slot_threads(assignment).filter(package_item__position=position).for_list()  # type: ignore[attr-defined]
    )
    return sorted(rows, key=lambda thread: (_RANK[Thread.State(thread.state)], -thread.pk))


# --- threads ---------------------------------------------------------------------------------------------------------


def find_thread(pk: int) -> Thread:
    """The question; whether the person may see it is a rule's question. Raises NotFound."""
    rows = Thread.objects.for_list()
    found = rows.filter(pk=pk, job__deleted_at=None).first() if pk < 2**63 else None
    if found is None:
        raise NotFound(_("Not found."))
    return found


def with_messages(threads: QuerySet[Thread]) -> QuerySet[Thread]:
    """The threads with their messages and who wrote them, one statement more for any number."""
    rows = Message.objects.select_related("author").order_by("id")
    return threads.prefetch_related(Prefetch("messages", rows, to_attr="all_messages"))


class Eyes:
    """Whom a reader may know of in which job; what is asked once a workspace is remembered.

    `leads`: by the id of the job whether the reader leads it (`jobs.assign`).
    """

    def __init__(self, viewer: User, leads: Mapping[int, bool]) -> None:
        self.viewer = viewer
        self._leads = leads
        self._people: dict[int, People] = {}

    def leads(self, job: Job) -> bool:
        return self._leads.get(job.pk, False)

    def name(self, job: Job, user: User | None, stage: str = "") -> str | None:
        """The name to show, or what somebody of this stage ("": who leads) is called; None for nobody."""
        if user is None:
            return None
        if user.pk == self.viewer.pk:
            return user.get_full_name()
        if job.limit("hide_names") and not self.leads(job):
            return title(stage)
        if job.workspace_id not in self._people:
            self._people[job.workspace_id] = visible_people(self.viewer, job.workspace)
        known = user.pk in self._people[job.workspace_id]
        return user.get_full_name() if known else title(stage)


def thread_payload(thread: Thread, eyes: Eyes) -> Json:
    """A question with its place; with `text` and `messages` where they were loaded (`with_messages`)."""
    item, job = thread.package_item, thread.job
    own, leads = thread.author_id == eyes.viewer.pk, eyes.leads(job)
    payload: Json = {
        "id": thread.pk,
        "job": {"id": job.pk, "name": job.name},
        "package": item.package.number if item else None,
        "position": item.position if item else None,
        "stage": str(thread.stage),
        "state": str(thread.state),
        "published": thread.published,
        "author": eyes.name(job, thread.author, thread.stage),
        "mine": own,
        "created_at": thread.created_at,
        "updated_at": thread.updated_at,
        "url": item_address(thread, eyes),
        "can": {"write": own or leads, "close": own or leads, "publish": leads},
    }
    messages: list[Message] | None = getattr(thread, "all_messages", None)
    if messages is not None:
        payload["text"] = messages[0].text if messages else ""
        payload["messages"] = [message_payload(thread, message, eyes) for message in messages]
    return payload


def message_payload(thread: Thread, message: Message, eyes: Eyes) -> Json:
    """One message of the thread."""
    stage = thread.stage if message.author_id == thread.author_id else ""
    return {
        "id": message.pk,
        "author": eyes.name(thread.job, message.author, stage),
        "mine": message.author_id == eyes.viewer.pk,
        "text": message.text,
        "is_answer": message.is_answer,
        "published": message.published,
        "created_at": message.created_at,
    }


def item_address(thread: Thread, eyes: Eyes) -> str | None:
    """Where the item can be looked at: for those who lead in its package, for who asked in their own assignment."""
    item = thread.package_item
    if item is None:
        return None
    if eyes.leads(thread.job):
        return reverse("package-item", args=[thread.job_id, item.package.number, item.position])
    if thread.author_id == eyes.viewer.pk:
        return reverse("label", args=[thread.assignment_id, item.position])
    return None


# --- answers for everybody -------------------------------------------------------------------------------------------


def published_answers(job: Job) -> QuerySet[Message]:
    """The published answers of the job, with their threads."""
    return Message.objects.filter(thread__job=job, published=True).select_related("thread")


def answers_payload(job: Job, messages: Iterable[Message]) -> list[Json]:
    """Answers with the question that each belongs to; nobody is named. One statement more for any number.

    Where several people answer the same item, a question could tell one what the other makes of it: there the answer
    stands alone.
    """
    messages = list(messages)
    questions: dict[int, str] = {}
    if job.vote_count == 1:
        asked = Message.objects.filter(
            thread__in=[message.thread_id for message in messages], is_answer=False
        ).order_by("thread", "-id")
        for pk, thread, text in asked.values_list("pk", "thread", "text"):
            for message in messages:
                # The last thing that was asked before the answer.
                if message.thread_id == thread and pk < message.pk:
                    questions.setdefault(message.pk, text)
    return [
        {
            "id": message.pk,
            "question": questions.get(message.pk, ""),
            "answer": message.text,
            "published_at": message.created_at,
        }
        for message in messages
    ]


# --- appeals ---------------------------------------------------------------------------------------------------------


def find_appeal(pk: int) -> Appeal:
    """The appeal; whether the person may see it is a rule's question. Raises NotFound."""
    rows = Appeal.objects.for_list()
    found = rows.filter(pk=pk, job__deleted_at=None).first() if pk < 2**63 else None
    if found is None:
        raise NotFound(_("Not found."))
    return found


def appeal_payload(appeal: Appeal, eyes: Eyes) -> Json:
    """An appeal with the verdict it is about. Labelers are not told who inspected their work."""
    verdict, job = appeal.annotation, appeal.job
    item, leads = verdict.package_item, eyes.leads(job)
    stage = str(verdict.assignment.stage) if verdict.assignment else ""
    involved = eyes.viewer.pk in (appeal.author_id, verdict.author_id)
    return {
        "id": appeal.pk,
        "job": {"id": job.pk, "name": job.name},
        "package": item.package.number,
        "position": item.position,
        "stage": stage,
        "round": verdict.assignment.round if verdict.assignment else 0,
        "verdict": str(verdict.verdict),
        "feedback": verdict.feedback,
        "error_type": verdict.error_type,
        "severity": verdict.severity,
        "judged_by": eyes.name(job, verdict.author, stage) if leads else None,
        "author": eyes.name(job, appeal.author, Stage.LABELING),
        "mine": appeal.author_id == eyes.viewer.pk,
        "text": appeal.text,
        "state": str(appeal.state),
        "created_at": appeal.created_at,
        "decided_by": eyes.name(job, appeal.decided_by),
        "decided_at": appeal.decided_at,
        "note": appeal.note,
        "can": {"decide": leads and not involved and appeal.state == Appeal.State.OPEN},
    }
