"""A manager's own answer to an item: it replaces what is in force, and nobody is charged with an error for it."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services.workspaces import require_open
from itag.core.clock import now
from itag.core.errors import Conflict, NotFound
from itag.core.fields import RawJSON, dump
from jobs.models import Annotation, Package, PackageItem
from jobs.selectors.slots import EMPTY
from jobs.selectors.template import job_questions, template_key
from jobs.services.answers import within_limit
from jobs.services.events import Verb, record_event
from jobs.services.figures import note_correction
from jobs.services.given import item_media
from jobs.services.locks import refuse_archived, refuse_discarded, take_package
from jobs.services.release import check_reason
from jobs.services.submit import finish_if_done
from jobs.services.summary import move_figures, places_passed
from jobs.services.votes import chosen_vote, settle_disagreement
from templates_app.answers import apply_ops, missing
from templates_app.conditions import shown
from templates_app.questions.base import Question


def correct_item(
    *, package: Package, position: int, user: User, ops: list[dict[str, Any]], reason: str
) -> Annotation:
    """Change the answer in force by these operations; the result is in force under every key that the item has.

    Possible once the item has an answer in force, whoever holds the package now, or its votes do not agree; a package
    that waited for such decisions goes on with the last. Raises NotFound, Invalid with paths in the results, and
    Conflict: `incomplete` where something required would be missing, `unanswered`.
    """

    def answer(item: PackageItem, questions: dict[str, Question]) -> Content:
        media = item_media(item, ops, questions)
        before = _results(item)
        results = apply_ops(before.load(), ops, questions=questions, media=media)
        results = shown(results, questions)
        if lacking := missing(results, questions):
            raise Conflict(lacking[0]["message"], code="incomplete", errors=lacking)
        return Content(within_limit(dump(results), before=before))

    return _correct(package, position, user=user, reason=reason, answer=answer)


def abandon_item_by_manager(
    *, package: Package, position: int, user: User, reason: str
) -> Annotation:
    """Say that the item cannot be labeled; its answer so far stays with it. Raises as `correct_item`."""
    return _correct(
        package,
        position,
        user=user,
        reason=reason,
        answer=lambda item, _questions: Content(_results(item), reason),
    )


def adopt_by_manager(
    *, package: Package, position: int, user: User, vote: int, reason: str
) -> Annotation:
    """Decide between the votes: voter `vote`'s answer (from 1) is in force. Raises as `correct_item`, Invalid at `vote`."""

    def answer(item: PackageItem, questions: dict[str, Question]) -> Content:
        ballot, results = chosen_vote(package.job, item, vote)
        if not ballot.abandoned and (lacking := missing(results, questions)):
            raise Conflict(lacking[0]["message"], code="incomplete", errors=lacking)
        return Content(dump(results), ballot.reason if ballot.abandoned else "")

    return _correct(package, position, user=user, reason=reason, answer=answer)


def why_not_corrected(package: Package, item: PackageItem | None = None) -> str:
    """Why no answer of the package, or not this item's, can be corrected as it stands; "" where it can."""
    try:
        require_open(package.job.workspace)
        refuse_archived(package.job)
        refuse_discarded(package)
        if item is not None:
            _refuse_unanswered(item)
    except Conflict as error:
        return error.detail
    return ""


class Content(NamedTuple):
    """An answer; with `abandoned`, why the item cannot be labeled, it is that."""

    results: RawJSON
    abandoned: str = ""


def _correct(
    package: Package,
    position: int,
    *,
    user: User,
    reason: str,
    answer: Callable[[PackageItem, dict[str, Question]], Content],
) -> Annotation:
    reason = check_reason(reason)
    with transaction.atomic():
        package = take_package(package)
        job = package.job
        item = _in_force(package, position)
        content = answer(item, job_questions(template_key(job)))
        row = _put(package, item, user=user, content=content, reason=reason)
        before = places_passed(job, package)
        if item.disputed and settle_disagreement(package=package, job=job, actor=user):
            move_figures(job=job, package=package, before=before)
    if package.state == Package.State.FINISHED:
        finish_if_done(job_id=package.job_id)
    return row


def _results(item: PackageItem) -> RawJSON:
    current = item.current_annotation
    return EMPTY if current is None or current.results is None else current.results


def _in_force(package: Package, position: int) -> PackageItem:
    refuse_discarded(package)
    item = (
        PackageItem.objects.select_for_update(of=("self",), no_key=True)
        .select_related("item", "current_annotation")
        .filter(package=package, position=position)
        .first()
    )
    if item is None:
        raise NotFound(_("The package has no such item."))
    _refuse_unanswered(item)
    return item


def _refuse_unanswered(item: PackageItem) -> None:
    if item.current_annotation is None and not item.disputed:
        raise Conflict(
            _("The item has no submitted answer yet; nothing of it can be corrected."),
            code="unanswered",
        )


def _put(
    package: Package,
    item: PackageItem,
    *,
    user: User,
    content: Content,
    reason: str,
) -> Annotation:
    moment, abandoned = now(), bool(content.abandoned)
    annotation = Annotation.objects.create(
        package_item=item,
        author=user,
        source=Annotation.Source.MANAGER,
        results=content.results,
        abandoned=abandoned,
        reason=content.abandoned,
        version=1,
        answered_at=moment,
        created_at=moment,
        updated_at=moment,
    )
    PackageItem.objects.filter(pk=item.pk).update(current_annotation=annotation, disputed=False)
    event = record_event(
        Verb.CORRECT_ITEM,
        package=package,
        actor=user,
        note=reason,
        position=item.position,
        abandoned=abandoned,
        annotation=annotation.pk,
        corrected=item.current_annotation_id,
    )
    note_correction(event)
    return annotation
