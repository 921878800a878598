"""Small changes of large answers: they are kept beside the answer and put into it from time to time.

One moved box of ten thousand would else read, check and write a megabyte. The operations wait in the annotation's
`tail`, at most MOST of them; the next change after that, any change of another kind, and the end of the tenure put
them into `results`. Whoever loads an annotation gets the whole answer anyway (Annotation.from_db).
"""

from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from itag.core.fields import dump
from jobs.models import Annotation, Assignment
from jobs.services.desk import VERSION_EVERY, Desk, Saved, saved
from jobs.services.given import item_media
from templates_app.answers import stands_alone

#: The most operations that wait beside an answer.
MOST = 50
#: The most characters of them.
MOST_TEXT = 64 * 1024


def append(
    desk: Desk, ops: list[dict[str, Any]], *, write: UUID, version: int, seconds: int
) -> Saved | None:
    """Let the operations wait beside the holder's large answer, whose next version it is; one statement.

    None where the whole answer has to be looked at: it is small or incomplete, others began it, a version of it is to
    be left behind, or the operations are many or of another kind. Raises Invalid as `apply_ops` does.
    """
    own = desk.standing.own
    waiting = getattr(own, "tail_text", None)
    if own is None or waiting is None or not ops or not _settled(desk, own):
        return None
    tail = orjson.loads(waiting)
    if len(tail) + len(ops) > MOST:
        return None
    media = item_media(desk.standing.item, ops, desk.questions)
    alone = stands_alone(ops, questions=desk.questions, media=media)
    if alone is None:
        return None
    text = dump([*tail, *alone])
    if len(text) > MOST_TEXT or not _have_elements(desk, own, alone, tail):
        return None
    elapsed = max(0, int((desk.moment - own.updated_at).total_seconds()))
    own.seconds += max(0, min(seconds, elapsed))
    own.version = version + 1
    own.last_write = write
    own.updated_at = desk.moment
    Annotation.objects.filter(pk=own.pk).update(
        tail=text,
        seconds=own.seconds,
        version=own.version,
        last_write=write,
        updated_at=desk.moment,
        **({} if desk.inspecting else {"answered_at": desk.moment}),
    )
    own.tail_text = str(text)  # type: ignore[attr-defined]
    return saved(desk.standing, write)


def _have_elements(
    desk: Desk, own: Annotation, ops: list[dict[str, Any]], tail: list[dict[str, Any]]
) -> bool:
    """Whether the answer has an element of every question that is named; what waits already was asked of before."""
    asked = {op["questionId"] for op in ops} - {op["questionId"] for op in tail}
    for key in asked:
        # As canonical results begin an element; quotes inside a text of theirs are escaped.
        start = f'{{"questionId":"{key}","type":"{desk.questions[key].element_type}"'
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT strpos(results::text, %s) > 0 FROM jobs_annotation WHERE id = %s",
                [start, own.pk],
            )
            if not cursor.fetchone()[0]:
                return False
    return True


def _settled(desk: Desk, own: Annotation) -> bool:
    """Whether a change of some objects changes nothing else about the annotation."""
    if own.abandoned or own.author_id != desk.user.pk or own.versioned_at is None:
        return False
    if desk.moment - own.versioned_at >= VERSION_EVERY:
        return False
    if not desk.inspecting:
        return own.answered_at is not None
    basis = desk.standing.basis
    return (
        own.verdict == Annotation.Verdict.MODIFIED
        and basis is not None
        and (own.judged_id, own.judged_version) == (basis.pk, basis.version)
    )


def fold_tails(assignment: Assignment) -> None:
    """Put what waits beside the assignment's answers into them; before anything reads the column in SQL."""
    for row in Annotation.objects.filter(assignment=assignment, tail__isnull=False):
        row.size = len(row.results or "")
        row.save(update_fields=["results", "tail", "size"])
