"""Saving, abandoning, restoring and unlocking items; in check and acceptance a save modifies.

A save locks only its own assignment. What its holder saves counts; what comes after the package has gone is kept
under its author's name and is not in force.
"""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from itag.core.clock import now
from itag.core.errors import Conflict, Invalid
from itag.core.fields import RawJSON, dump
from jobs.models import Annotation, AnnotationVersion, Package, PackageItem
from jobs.selectors.slots import EMPTY, Standing
from jobs.selectors.template import job_questions, template_key
from jobs.selectors.votes import asked, is_extra
from jobs.services.desk import (
    Cause,
    Desk,
    Saved,
    begin,
    complete,
    former_version,
    gone,
    is_repeat,
    look_at,
    not_held,
    saved,
    store,
    take_over,
    take_up,
)
from jobs.services.events import Verb, record_event
from jobs.services.given import item_media
from jobs.services.tails import append
from templates_app.answers import apply_ops
from templates_app.questions.base import Question

MAX_REASON = 500
#: Answers of more characters do not grow: whoever reads one holds it whole in memory. 50 masks of 100 megapixels fit.
MAX_RESULTS = 32 * 2**20


@transaction.atomic
def save_item(
    *,
    assignment_id: int,
    position: int,
    user: User,
    write: UUID,
    ops: list[dict[str, Any]],
    version: int,
    seconds: int = 0,
) -> Saved:
    """Apply the operations to the item's answer; without any, confirm it as it is.

    `version` is the one the page saw: another one is Conflict `version_conflict` with what is stored. The same
    `write` again answers what it answered before. In an inspecting stage the answer becomes the holder's own, begun
    as a copy of what is judged, and the verdict *modified*. For an assignment that has ended its former holder gets
    `late`: kept, not in force. Raises NotFound, Conflict (`locked`, `submitted`), Invalid with paths in the results.
    """
    desk = take_up(assignment_id=assignment_id, position=position, user=user)
    if desk is None:
        return _save_late(assignment_id, position, user, write, ops, version)
    standing = desk.standing
    if is_repeat(desk, write):
        return saved(standing, write)
    _refuse_locked(standing)
    if version != standing.version:
        raise _version_conflict(standing.version, standing.results)
    if done := append(desk, ops, write=write, version=version, seconds=seconds):
        return done
    own = begin(desk)
    before = former_version(desk, own)
    take_over(desk, own)
    own.results = _applied(own.results or EMPTY, ops, desk.questions, standing.item)
    return _settle(desk, own, write=write, before=before, seconds=seconds)


@transaction.atomic
def abandon_item(
    *, assignment_id: int, position: int, user: User, write: UUID, reason: str
) -> Saved:
    """Say that the item cannot be labeled, and why; it counts as answered and is always inspected.

    What was answered before stays with it, for `restore_item`. Raises as `save_item`, and Invalid without a reason.
    """
    reason = reason.strip()
    if not reason or len(reason) > MAX_REASON:
        raise Invalid.field(
            "reason", _("Say why, in at most %(most)d characters.") % {"most": MAX_REASON}
        )
    return _set_abandoned(assignment_id, position, user, write, abandoned=True, reason=reason)


@transaction.atomic
def restore_item(*, assignment_id: int, position: int, user: User, write: UUID) -> Saved:
    """Take back that the item was abandoned; its answer is what it was before. Raises as `save_item`."""
    return _set_abandoned(assignment_id, position, user, write, abandoned=False, reason="")


@transaction.atomic
def unlock_item(
    *, assignment_id: int, position: int, user: User, write: UUID | None = None
) -> Saved:
    """Open an item that the rejection left locked; its answer begins as a copy of the one in force.

    An item that is open already stays as it is. Raises NotFound, and Conflict where the package has gone.
    """
    desk = take_up(assignment_id=assignment_id, position=position, user=user)
    if desk is None:
        raise gone(not_held(assignment_id, user))
    if not desk.standing.locked:
        return saved(desk.standing, write)
    if is_extra(desk.assignment, desk.job):
        raise Conflict(
            _("The votes on this item agree: there is nothing to decide."), code="locked"
        )
    own = begin(desk)
    take_over(desk, own)
    # It was good enough before; only what is changed from here joins the next sample.
    own.answered_at = desk.moment
    record_event(
        Verb.UNLOCK_ITEM, package=package_of(desk), actor=user, assignment=desk.assignment,
        position=position,
    )  # fmt: skip
    return store(desk, own, write=write, before=[])


def package_of(desk: Desk) -> Package:
    """The package of the assignment on the desk, as far as an event needs it."""
    return Package(pk=desk.assignment.package_id, job_id=desk.assignment.job_id)


def modify(desk: Desk, own: Annotation) -> bool:
    """Make the verdict *modified* of what is judged; whether it was another one before."""
    changed = own.verdict != Annotation.Verdict.MODIFIED
    own.verdict = Annotation.Verdict.MODIFIED
    judge(desk, own)
    own.feedback = own.feedback_object = own.error_type = own.severity = ""
    return changed


def judge(desk: Desk, own: Annotation) -> None:
    """Point the verdict at the answer in force, which is what the inspector was shown."""
    basis = desk.standing.basis
    own.judged = basis
    own.judged_version = basis.version if basis is not None else None
    own.answered_at = desk.moment


def _settle(
    desk: Desk,
    own: Annotation,
    *,
    write: UUID,
    before: list[AnnotationVersion],
    seconds: int = 0,
) -> Saved:
    """Store an answer that the holder changed: what it is now in its stage."""
    if not desk.inspecting:
        done = own.abandoned or complete(own.results or EMPTY, desk.questions)
        own.answered_at = desk.moment if done else None
        return store(desk, own, write=write, before=before, seconds=seconds)
    changed = modify(desk, own)
    if changed:
        record_event(
            Verb.MODIFY_ITEM, package=package_of(desk), actor=desk.user,
            assignment=desk.assignment, position=desk.standing.item.position,
        )  # fmt: skip
    cause = Cause.MODIFY if changed else ""
    return store(desk, own, write=write, before=before, cause=cause, seconds=seconds)


def _set_abandoned(
    assignment_id: int, position: int, user: User, write: UUID, *, abandoned: bool, reason: str
) -> Saved:
    desk = take_up(assignment_id=assignment_id, position=position, user=user)
    if desk is None:
        return _abandon_late(assignment_id, position, user, write, abandoned=abandoned)
    if is_repeat(desk, write):
        return saved(desk.standing, write)
    _refuse_locked(desk.standing)
    own = begin(desk)
    before = former_version(desk, own)
    take_over(desk, own)
    own.abandoned, own.reason = abandoned, reason
    record_event(
        Verb.ABANDON_ITEM if abandoned else Verb.RESTORE_ITEM, package=package_of(desk),
        actor=user, assignment=desk.assignment, note=reason, position=position,
    )  # fmt: skip
    return _settle(desk, own, write=write, before=before)


def _save_late(
    assignment_id: int,
    position: int,
    user: User,
    write: UUID,
    ops: list[dict[str, Any]],
    version: int,
) -> Saved:
    late = _Late(assignment_id, position, user, write)
    if late.own.last_write == write:
        return late.saved(write)
    if version != late.version:
        raise _version_conflict(late.version, late.results)
    results = _applied(late.results, ops, late.questions, late.standing.item)
    return late.keep(write, results, abandoned=late.abandoned)


def _abandon_late(
    assignment_id: int, position: int, user: User, write: UUID, *, abandoned: bool
) -> Saved:
    late = _Late(assignment_id, position, user, write)
    if late.own.last_write == write:
        return late.saved(write)
    return late.keep(write, late.results, abandoned=abandoned)


class _Late:
    """An item of an assignment that has ended: what comes now becomes a LATE version, the annotation stays."""

    def __init__(self, assignment_id: int, position: int, user: User, write: UUID) -> None:
        self.user = user
        self.assignment = not_held(assignment_id, user, position=position, write=write)
        self.standing = look_at(self.assignment, self.assignment.job, position)
        self.own = self.standing.own or Annotation.objects.create(
            package_item=self.standing.item,
            assignment=self.assignment,
            author=user,
            versioned_at=now(),
        )
        self.last = self.own.versions.filter(cause=Cause.LATE).order_by("-version", "-id").first()

    @property
    def version(self) -> int:
        return self.last.version if self.last else self.own.version

    @property
    def results(self) -> RawJSON:
        found = self.last.results if self.last else self.standing.results
        return found or EMPTY

    @property
    def questions(self) -> dict[str, Question]:
        job = self.assignment.job
        return asked(job_questions(template_key(job)), self.assignment, job)

    @property
    def abandoned(self) -> bool:
        if self.last:
            return self.last.abandoned
        content = self.standing.content
        return bool(content and content.abandoned)

    def keep(self, write: UUID, results: RawJSON, *, abandoned: bool) -> Saved:
        self.last = AnnotationVersion.objects.create(
            annotation=self.own,
            version=self.version + 1,
            cause=Cause.LATE,
            author=self.user,
            results=results,
            abandoned=abandoned,
            created_at=now(),
        )
        Annotation.objects.filter(pk=self.own.pk).update(last_write=write)
        return self.saved(write)

    def saved(self, write: UUID) -> Saved:
        return saved(self.standing, write, late=self.last is not None, version=self.version)


def _applied(
    results: RawJSON, ops: list[dict[str, Any]], questions: dict[str, Question], item: PackageItem
) -> RawJSON:
    if not ops:
        return results
    media = item_media(item, ops, questions)
    return within_limit(
        dump(apply_ops(results.load(), ops, questions=questions, media=media)), before=results
    )


def within_limit(results: RawJSON, *, before: RawJSON) -> RawJSON:
    """The results, if they are not too large, or smaller than before. Raises Invalid."""
    if len(results) > max(MAX_RESULTS, len(before)):
        raise Invalid.field(
            "results",
            _("The answer is larger than %(most)d MB.") % {"most": MAX_RESULTS >> 20},
        )
    return results


def _refuse_locked(standing: Standing) -> None:
    if standing.locked:
        raise Conflict(_("This item was not rejected; unlock it to change it."), code="locked")


def _version_conflict(version: int, results: RawJSON) -> Conflict:
    return Conflict(
        _("The item was saved from elsewhere; look at both answers."),
        code="version_conflict",
        version=version,
        results=results,
    )
