"""Questions to those who lead a job, and their answers; nothing waits for them."""

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from itag.core.clock import now
from itag.core.errors import Conflict, Invalid, NotFound
from itag.core.policy import can
from itag.core.states import move
from jobs.models import Assignment, Job, Message, NoticeEvent, PackageItem, Thread
from jobs.selectors.recipients import job_managers
from jobs.services.notices import tell
from jobs.services.release import UNSTORABLE

MAX_TEXT = 4000
MAX_MESSAGES = 500

State = Thread.State


@transaction.atomic
def flag_item(
    *, assignment_id: int, position: int, user: User, text: str, write: UUID | None = None
) -> Thread:
    """Say that the holder is unsure of the item, with a question; a further one goes on with the same thread.

    The same `write` again changes nothing. Raises NotFound, Invalid, and Conflict `ended` where the package has gone.
    """
    text = checked_text(text)
    # Two clicks of the holder wait for each other here.
    assignment = (
        Assignment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("job")
        .filter(pk=assignment_id, holder=user)
        .first()
        if assignment_id < 2**63
        else None
    )
    if assignment is None:
        raise NotFound(_("Not found."))
    if (sent := _sent(user, write)) is not None:
        return sent.thread
    if assignment.state != Assignment.State.CLAIMED:
        raise Conflict(_("You do not hold this package any more."), code="ended")
    item = PackageItem.objects.filter(package=assignment.package_id, position=position).first()
    if item is None:
        raise NotFound(_("The package has no such item."))
    thread, made = Thread.objects.get_or_create(
        package_item=item,
        stage=assignment.stage,
        author=user,
        defaults={
            "job": assignment.job,
            "assignment": assignment,
            "vote": assignment.vote,
            "created_at": now(),
            "updated_at": now(),
        },
    )
    if not made:
        thread = _locked(thread.pk)
    _append(thread, user, text, write=write)
    _settle(thread, State.OPEN)
    return thread


@transaction.atomic
def ask_question(*, job: Job, user: User, text: str, write: UUID | None = None) -> Thread:
    """Ask something about the job as a whole. The same `write` again changes nothing. Raises Invalid."""
    text = checked_text(text)
    if (sent := _sent(user, write)) is not None:
        return sent.thread
    try:
        with transaction.atomic():
            moment = now()
            thread = Thread.objects.create(
                job=job, author=user, created_at=moment, updated_at=moment
            )
            _append(thread, user, text, write=write)
            _settle(thread, State.OPEN)
    except IntegrityError:  # the same request came twice at once
        sent = _sent(user, write)
        if sent is None:
            raise
        return sent.thread
    return thread


@transaction.atomic
def post_message(
    *, thread: Thread, user: User, text: str, publish: bool = False, write: UUID | None = None
) -> Message:
    """Write into a thread: who asked opens it again, who leads answers it, with `publish` for everybody in the job.

    The same `write` again answers the same message. Whether the person may write (and publish) is the caller's
    question (`threads.write`, `threads.publish`). Raises Invalid and Conflict.
    """
    text = checked_text(text)
    thread = _locked(thread.pk)
    if (sent := _sent(user, write)) is not None:
        return sent
    if Message.objects.filter(thread=thread).count() >= MAX_MESSAGES:
        raise Conflict(_("The thread is full; ask anew."), code="full")
    # A task administrator who asked something goes on asking, unless they tell everybody.
    answers = publish or (
        thread.author_id != user.pk and bool(can(user, "jobs.assign", thread.job))
    )
    message = _append(thread, user, text, write=write, is_answer=answers, published=publish)
    if publish:
        thread.published = True
    _settle(thread, State.ANSWERED if answers else State.OPEN)
    return message


@transaction.atomic
def publish_answer(*, message: Message, user: User, publish: bool) -> Message:
    """Show an answer to everybody in the job, or to those of the thread alone again. Raises Conflict."""
    thread = _locked(message.thread_id)
    message = Message.objects.select_for_update(of=("self",), no_key=True).get(pk=message.pk)
    if not message.is_answer:
        raise Conflict(_("Only answers are published."))
    message.published = publish
    message.save(update_fields=["published"])
    thread.published = Message.objects.filter(thread=thread, published=True).exists()
    thread.save(update_fields=["published"])
    return message


@transaction.atomic
def close_thread(*, thread: Thread, user: User) -> Thread:
    """Put the question aside; closed twice is closed once. A further message opens it again."""
    thread = _locked(thread.pk)
    _settle(thread, State.CLOSED)
    return thread


def checked_text(text: str, field: str = "text", most: int = MAX_TEXT) -> str:
    """The text without blanks around it. Raises Invalid at the field."""
    text = text.replace("\r\n", "\n").strip()
    if not text or len(text) > most:
        raise Invalid.field(field, _("Write 1 to %(most)d characters.") % {"most": most})
    if UNSTORABLE.search(text):
        raise Invalid.field(field, _("The text holds a character that cannot be stored."))
    return text


def _locked(pk: int) -> Thread:
    return (
        Thread.objects.select_for_update(of=("self",), no_key=True)
        .select_related("job", "author")
        .get(pk=pk)
    )


def _sent(user: User, write: UUID | None) -> Message | None:
    """The message that this request has made before."""
    if write is None:
        return None
    return (
        Message.objects.select_related("thread__job", "thread__author")
        .filter(author=user, write=write)
        .first()
    )


def _append(
    thread: Thread,
    user: User,
    text: str,
    *,
    write: UUID | None,
    is_answer: bool = False,
    published: bool = False,
) -> Message:
    message = Message.objects.create(
        thread=thread,
        author=user,
        text=text,
        write=write,
        is_answer=is_answer,
        published=published,
        created_at=now(),
    )
    _tell(thread, message)
    return message


def _tell(thread: Thread, message: Message) -> None:
    """Tell who asked that there is an answer, and those who lead that there is a question."""
    place = thread.package_item
    asked = message.author_id == thread.author_id
    tell(
        event=NoticeEvent.QUESTION_ASKED if asked else NoticeEvent.QUESTION_ANSWERED,
        users=job_managers(thread.job) - {thread.author_id} if asked else [thread.author_id],
        job=thread.job,
        package=place.package if place is not None else None,
        key=message.pk,
    )


def _settle(thread: Thread, state: Thread.State) -> None:
    """The thread, locked or just made, is in this state from now on: every question and answer comes by here."""
    changes: dict[str, Any] = {"updated_at": now(), "published": thread.published}
    if thread.state == state:
        Thread.objects.filter(pk=thread.pk).update(**changes)
        thread.updated_at = changes["updated_at"]
    else:
        move(thread, state, transitions=Thread.TRANSITIONS, **changes)
