"""A manager's own answer to an item: it replaces what is in force, and nobody is charged with an error for it."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from itag.core.clock import now
from itag.core.errors import Conflict, NotFound
from itag.core.fields import RawJSON, dump
from jobs.models import Annotation, Package, PackageItem
from jobs.selectors.slots import EMPTY
from jobs.selectors.template import job_questions, template_key
from jobs.services.events import Verb, record_event
from jobs.services.figures import note_correction
from jobs.services.locks import refuse_discarded, take_package
from jobs.services.release import check_reason
from templates_app.answers import apply_ops, missing


@transaction.atomic
def correct_item(
    *, package: Package, position: int, user: User, ops: list[dict[str, Any]], reason: str
) -> Annotation:
    """Change the answer in force by these operations; the result is in force under every key that the item has.

    Possible once the item has an answer in force, whoever holds the package now. Raises NotFound, Invalid with paths
    in the results, and Conflict: `incomplete` where something required would be missing, `unanswered`.
    """
    reason = check_reason(reason)
    package = take_package(package)
    item, current = _in_force(package, position)
    before = EMPTY if current.results is None else current.results
    questions = job_questions(template_key(package.job))
    results = apply_ops(before.load(), ops, questions=questions, media=item.item.media or {})
    if lacking := missing(results, questions):
        raise Conflict(lacking[0]["message"], code="incomplete", errors=lacking)
    return _put(package, item, user=user, results=dump(results), reason=reason)


@transaction.atomic
def abandon_item_by_manager(
    *, package: Package, position: int, user: User, reason: str
) -> Annotation:
    """Say that the item cannot be labeled; its answer so far stays with it. Raises as `correct_item`."""
    reason = check_reason(reason)
    package = take_package(package)
    item, current = _in_force(package, position)
    results = EMPTY if current.results is None else current.results
    return _put(package, item, user=user, results=results, reason=reason, abandoned=True)


def _in_force(package: Package, position: int) -> tuple[PackageItem, Annotation]:
    refuse_discarded(package)
    item = (
        PackageItem.objects.select_for_update(of=("self",), no_key=True)
        .select_related("item", "current_annotation")
        .filter(package=package, position=position)
        .first()
    )
    if item is None:
        raise NotFound(_("The package has no such item."))
    if item.current_annotation is None:
        raise Conflict(
            _("The item has no submitted answer yet; nothing of it can be corrected."),
            code="unanswered",
        )
    return item, item.current_annotation


def _put(
    package: Package,
    item: PackageItem,
    *,
    user: User,
    results: RawJSON,
    reason: str,
    abandoned: bool = False,
) -> Annotation:
    moment = now()
    annotation = Annotation.objects.create(
        package_item=item,
        author=user,
        source=Annotation.Source.MANAGER,
        results=results,
        abandoned=abandoned,
        reason=reason if abandoned else "",
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
