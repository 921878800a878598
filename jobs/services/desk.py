"""Taking an item up to change it: the first statements of every save, verdict and abandon."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypedDict, cast
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from itag.core.clock import now
from itag.core.errors import Conflict, NotFound
from itag.core.fields import RawJSON
from itag.core.sql import prepared_cursor
from jobs.models import Annotation, AnnotationVersion, Assignment, Job, PackageItem, Stage
from jobs.selectors.progress import expires_at
from jobs.selectors.slots import Standing, sort_out
from jobs.selectors.template import Key, job_questions
from jobs.selectors.votes import asked
from templates_app import answers
from templates_app.questions.base import Question

#: How often saves leave a version behind.
VERSION_EVERY = timedelta(minutes=10)
#: Answers of more characters are not read for a change of a few of their objects.
HEAVY = 64 * 1024
#: The longest pause between two inputs that counts as work.
WORK_GAP = 60

Cause = AnnotationVersion.Cause

#: What makes an answer or a verdict, and whose it is.
COPIED = (
    "author_id",
    "results",
    "judged_id",
    "judged_version",
    "verdict",
    "abandoned",
    "reason",
    "feedback",
    "feedback_object",
    "error_type",
    "severity",
    "answered_at",
)


class Saved(TypedDict):
    """What a save answers: the item's version and state after it; `late`: kept, but not in force."""

    write: str
    version: int
    state: str
    verdict: str
    late: bool


@dataclass
class Desk:
    """One item in the hands of its holder: the assignment's row is locked, so nobody else changes the item."""

    user: User
    moment: datetime
    assignment: Assignment
    job: Job
    template: Key
    standing: Standing

    @property
    def inspecting(self) -> bool:
        return self.assignment.stage != Stage.LABELING

    @property
    def questions(self) -> dict[str, Question]:
        """The questions that the holder answers."""
        return asked(job_questions(self.template), self.assignment, self.job)


# Work time is counted in whole seconds since the claim, so that many short gaps never add up to more than has passed.
# The assignment's row is locked by being moved to now, the job's columns come along: one statement.
_TOUCH = """
UPDATE jobs_assignment a SET
    last_input_at = greatest(a.last_input_at, %(now)s), warned = 0,
    work_seconds = a.work_seconds + least(%(gap)s, greatest(0, floor(extract(epoch FROM %(now)s - a.claimed_at))
        - floor(extract(epoch FROM a.last_input_at - a.claimed_at))))::int
FROM jobs_job j
WHERE a.id = %(id)s AND a.holder_id = %(user)s AND a.state = 'claimed' AND j.id = a.job_id
RETURNING a.package_id, a.round, a.stage, a.vote, a.claimed_at, a.holder_id, a.job_id, j.limits::text,
    j.template_id, j.options::text, j.selected_questions::text, j.language, j.field_bindings::text,
    j.shapes::text, j.overrides::text, j.votes::text, a.extended_until, j.state
"""


def touch(*, assignment_id: int, user: User) -> tuple[Any, ...] | None:
    """Note that the holder is at work, and lock the assignment; None if the person does not hold it now."""
    if assignment_id >= 2**63:
        return None
    with prepared_cursor() as cursor:
        cursor.execute(
            _TOUCH, {"id": assignment_id, "user": user.pk, "now": now(), "gap": WORK_GAP}
        )
        found: tuple[Any, ...] | None = cursor.fetchone()
        return found


def work_since(assignment: Assignment, moment: datetime) -> int:
    """Seconds of work from the last input until this one, as `touch` counts them."""
    start, last = assignment.claimed_at, assignment.last_input_at
    if start is None or last is None:
        return 0
    gap = int((moment - start).total_seconds()) - int((last - start).total_seconds())
    return min(WORK_GAP, max(0, gap))


def record_input(*, assignment_id: int, user: User) -> datetime | None:
    """Note that the holder is at work without saving; answers when the claim ends if nothing more comes (see expires_at).

    Raises NotFound, and Conflict where the package has gone.
    """
    with transaction.atomic():
        row = touch(assignment_id=assignment_id, user=user)
        if row is None:
            raise gone(not_held(assignment_id, user))
    *_before, extended, state = row
    return expires_at(
        Assignment(
            state=Assignment.State.CLAIMED,
            last_input_at=now(),
            extended_until=extended,
            job=Job(limits=json.loads(row[7]), state=state),
        )
    )


def take_up(*, assignment_id: int, position: int, user: User) -> Desk | None:
    """Lock the assignment and look at the item; None if the person does not hold it now. Two statements.

    Raises NotFound where the package has no such position.
    """
    row = touch(assignment_id=assignment_id, user=user)
    if row is None:
        return None
    (package, round_, stage, vote, claimed_at, holder, job_id, limits, *template) = row[:15]
    job = Job(pk=job_id, limits=json.loads(limits), votes=json.loads(row[15]))
    assignment = Assignment(
        pk=assignment_id,
        job_id=job_id,
        package_id=package,
        round=round_,
        stage=stage,
        vote=vote,
        claimed_at=claimed_at,
        holder_id=holder,
        state=Assignment.State.CLAIMED,
    )
    return Desk(
        user=user,
        moment=now(),
        assignment=assignment,
        job=job,
        template=cast(Key, tuple(template)),
        standing=look_at(assignment, job, position),
    )


# By hand, since every save does it: composing the same through the ORM took longer than all the rest of a save.
_FIELDS = [field.attname for field in Annotation._meta.concrete_fields]
_LOOK = """
SELECT i.id, d.media::text, t.holder_id, {current}, {slot}
FROM jobs_packageitem i
JOIN datasets_item d ON d.id = i.item_id
LEFT JOIN jobs_annotation c ON c.id = i.current_annotation_id
LEFT JOIN (jobs_annotation n JOIN jobs_assignment t ON t.id = n.assignment_id)
    ON n.package_item_id = i.id AND t.package_id = i.package_id AND t.round = %(round)s AND t.stage = %(stage)s
    AND t.vote = %(vote)s AND t.id <= %(assignment)s
WHERE i.package_id = %(package)s AND i.position = %(position)s
ORDER BY t.id DESC
""".format(
    **{
        name: ", ".join(
            f"{table}.{field}::text"
            if field == "tail"
            else f"CASE WHEN {table}.size > {HEAVY} THEN '' ELSE {table}.results::text END"
            if field == "results"
            else f"{table}.{field}"
            for field in _FIELDS
        )
        for name, table in (("current", "c"), ("slot", "n"))
    }
)


def look_at(assignment: Assignment, job: Job, position: int) -> Standing:
    """What stands at one item, its media included. One statement. Raises NotFound."""
    with prepared_cursor() as cursor:
        cursor.execute(
            _LOOK,
            {
                "package": assignment.package_id,
                "round": assignment.round,
                "stage": assignment.stage,
                "vote": assignment.vote,
                "assignment": assignment.pk,
                "position": position,
            },
        )
        rows = cursor.fetchall()
    if not rows:
        raise NotFound(_("The package has no such item."))
    item = PackageItem(
        pk=rows[0][0], job_id=assignment.job_id, package_id=assignment.package_id, position=position
    )
    item.media = json.loads(rows[0][1])  # type: ignore[attr-defined]
    item.current_annotation = _annotation(rows[0][3 : 3 + len(_FIELDS)])
    found = []
    for row in rows:
        if (annotation := _annotation(row[3 + len(_FIELDS) :])) is not None:
            annotation.assignment = Assignment(pk=annotation.assignment_id, holder_id=row[2])
            found.append(annotation)
    return sort_out(assignment, [item], found, job=job)[0]


def _annotation(values: tuple[Any, ...]) -> Annotation | None:
    """The annotation with these columns, or None where the join found none."""
    if values[0] is None:
        return None
    columns = dict(zip(_FIELDS, values, strict=True))
    if columns["results"] == "":
        # Large: read when it is asked for, with its tail.
        tail = columns.pop("tail")
        del columns["results"]
        found = Annotation.from_db(connection.alias, list(columns), list(columns.values()))
        found.has_results = True  # type: ignore[attr-defined]
        found.tail_text = tail or "[]"  # type: ignore[attr-defined]
        return found
    for name in ("results", "tail"):
        if columns[name] is not None:
            columns[name] = RawJSON(columns[name])
    return Annotation.from_db(connection.alias, list(columns), list(columns.values()))


def begin(desk: Desk) -> Annotation:
    """The holder's own annotation of the item: the one there is, else a new one, a copy of what is gone on from."""
    standing = desk.standing
    if standing.own is not None:
        return standing.own
    own = Annotation(
        package_item=standing.item,
        assignment_id=desk.assignment.pk,
        author=desk.user,
        versioned_at=desk.moment,
        created_at=desk.moment,
    )
    if standing.carried is not None:
        for name in COPIED:
            setattr(own, name, getattr(standing.carried, name))
    return own


def take_over(desk: Desk, own: Annotation) -> None:
    """Let the holder's annotation have results of its own, begun as a copy of what they see."""
    content = desk.standing.content
    if own.results is None:
        own.results = desk.standing.results
        if content is not None:
            own.abandoned, own.reason = content.abandoned, content.reason


def former_version(desk: Desk, own: Annotation) -> list[AnnotationVersion]:
    """What somebody else left, before the holder goes on from it, under its author's name."""
    if own.author_id == desk.user.pk or own.results is None:
        return []
    return [snapshot(desk, own, Cause.AUTHOR)]


def snapshot(desk: Desk, own: Annotation, cause: str) -> AnnotationVersion:
    """The version to leave behind of what the annotation says now."""
    return AnnotationVersion(
        annotation=own,
        version=own.version,
        cause=cause,
        author_id=own.author_id,
        results=own.results,
        abandoned=own.abandoned,
        created_at=desk.moment,
    )


def store(
    desk: Desk,
    own: Annotation,
    *,
    write: UUID | None,
    before: list[AnnotationVersion],
    cause: str = "",
    seconds: int = 0,
) -> Saved:
    """Write the annotation as its next version; leave behind `before`, and this one for a cause or when it is time.

    Two statements at most.
    """
    since = own.updated_at if own.pk else desk.assignment.claimed_at or desk.moment
    elapsed = max(0, int((desk.moment - since).total_seconds()))
    own.seconds += max(0, min(seconds, elapsed))
    own.author = desk.user
    own.version += 1
    own.last_write = write
    own.updated_at = desk.moment
    own.size = len(own.results or "")
    own.tail = None
    if not cause and own.versioned_at and desk.moment - own.versioned_at >= VERSION_EVERY:
        cause = Cause.SAVE
    if cause:
        own.versioned_at = desk.moment
    versions = before + ([snapshot(desk, own, cause)] if cause else [])
    own.save(force_insert=own.pk is None, force_update=own.pk is not None)
    if versions:
        AnnotationVersion.objects.bulk_create(versions)
    desk.standing.own = own
    desk.standing.opened = True
    return saved(desk.standing, write)


def saved(standing: Standing, write: UUID | None, *, late: bool = False, version: int = 0) -> Saved:
    """The answer to a save."""
    answer = standing.answer
    return {
        "write": str(write or ""),
        "version": version or standing.version,
        "state": standing.state,
        "verdict": answer.verdict if answer else "",
        "late": late,
    }


def is_repeat(desk: Desk, write: UUID) -> bool:
    """Whether this write has been stored already: its answer was lost on the way."""
    own = desk.standing.own
    return own is not None and own.last_write == write


def complete(results: RawJSON, questions: dict[str, Question]) -> bool:
    """Whether everything required is answered."""
    return not answers.missing(results.load(), questions)


def not_held(
    assignment_id: int, user: User, *, position: int = 0, write: UUID | None = None
) -> Assignment:
    """The assignment that the person does not hold any more, for a late save; locked.

    Raises NotFound where it never was theirs, Conflict where it was submitted, unless the write is the one stored
    last: its answer was lost on the way, and the page submitted meanwhile.
    """
    assignment = (
        Assignment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("job")
        .filter(pk=assignment_id, holder=user)
        .first()
    )
    if assignment is None:
        raise NotFound(_("Not found."))
    if assignment.state == Assignment.State.SUBMITTED:
        stored = Annotation.objects.filter(
            assignment=assignment, package_item__position=position, last_write=write
        )
        if write is None or not stored.exists():
            raise Conflict(_("The package has been submitted already."), code="submitted")
    return assignment


def gone(assignment: Assignment) -> Conflict:
    """What to tell the former holder who wants more than to save."""
    return Conflict(
        _("You do not hold this package any more (%(state)s).")
        % {"state": assignment.get_state_display()},
        code="ended",
    )
