"""What stands at an item for whoever holds its package: their own answer, or one they go on from.

A slot (package, round, stage, vote) may have had several tenures. What an earlier one saved is gone on from by the
same person always, by another one if the job says so; never another one's vote.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from itag.core.fields import RawJSON
from jobs.models import Annotation, Assignment, Job, PackageItem, Sample, Stage
from jobs.selectors.talk import flag_of_item
from jobs.selectors.votes import is_extra, is_vote

EMPTY = RawJSON("[]")


@dataclass(slots=True)
class Standing:
    """One item of a package for one assignment.

    `own`: the annotation of this tenure; `carried`: the one of an earlier tenure that it goes on from; `partial`: only
    what was opened is to be done, as in rework or by an extra voter; `opened`: reopened by a rejection, unlocked, or
    disputed between voters; `sampled`: in inspection, drawn (where the item was loaded with it).
    """

    assignment: Assignment
    item: PackageItem
    own: Annotation | None = None
    carried: Annotation | None = None
    opened: bool = False
    partial: bool = False

    @property
    def sampled(self) -> bool:
        return bool(getattr(self.item, "sampled", False))

    @property
    def answer(self) -> Annotation | None:
        """What was saved so far in this slot and counts for this tenure."""
        return self.own if self.own is not None and _has_content(self.own) else self.carried

    @property
    def locked(self) -> bool:
        """Rework leaves what was not rejected as it was, until it is unlocked; extra voters see what is disputed."""
        return self.partial and not self.opened

    @property
    def state(self) -> str:
        """open, answered, abandoned, locked; in inspection passed, modified, rejected, open (drawn) or unsampled."""
        answer = self.answer
        if self.assignment.stage != Stage.LABELING:
            if answer is not None:
                return answer.verdict
            return "open" if self.sampled else "unsampled"
        if self.locked:
            return "locked"
        if answer is None or not answer.answered_at:
            return "open"
        return "abandoned" if answer.abandoned else "answered"

    @property
    def basis(self) -> Annotation | None:
        """What is judged, or in rework gone on from: the answer in force; None in the first labeling."""
        if self.assignment.stage == Stage.LABELING and self.assignment.round == 1:
            return None
        current = self.item.current_annotation
        if current is None or self.assignment.state == Assignment.State.CLAIMED:
            return current
        # The tenure is over: it shows what was judged, never what others have answered since.
        if self.answer is not None and self.answer.judged_id:
            return self.answer.judged
        return current if _place(current) < _place_of(self.assignment) else None

    @property
    def content(self) -> Annotation | None:
        """The row whose results and abandoned flag the holder sees and changes."""
        answer = self.answer
        if answer is not None and answer.results is not None:
            return answer
        return self.basis

    @property
    def results(self) -> RawJSON:
        content = self.content
        return EMPTY if content is None or content.results is None else content.results

    @property
    def version(self) -> int:
        """What the next save must name."""
        return self.own.version if self.own is not None else 0


def standings(
    assignment: Assignment, *, job: Job, positions: range | None = None, full: bool = False
) -> list[Standing]:
    """The items of the package (at these positions) for the assignment, in order. Two statements.

    Only if `full` are results, authors, the answers in force and the items' data loaded; else `content` and `basis`
    must not be asked for. On every item: `sampled`, `media`, `current_version`, `flag` and
    `fed_back`: it was rejected before.
    """
    items, annotations = slot_items(assignment), slot_annotations(assignment)
    if positions is not None:
        items = items.filter(position__gte=positions.start, position__lt=positions.stop)
        annotations = annotations.filter(
            package_item__position__gte=positions.start, package_item__position__lt=positions.stop
        )
    if full:
        items = items.select_related(
            "item", "current_annotation__author", "current_annotation__assignment"
        )
        annotations = annotations.select_related(
            "assignment", "author", "judged__author", "judged__assignment"
        )
    else:
        annotations = annotations.select_related("assignment").defer("results")
        annotations = annotations.annotate(has_results=Q(results__isnull=False))
    return sort_out(assignment, items, annotations, job=job)


def slot_items(assignment: Assignment) -> QuerySet[PackageItem]:
    """The items of the assignment's package in order, each with what the slot knows of it."""
    return (
        PackageItem.objects.filter(package=assignment.package_id)
        .annotate(
            media=F("item__media"),
            flag=flag_of_item(assignment),
            current_version=F("current_annotation__version"),
            sampled=Exists(
                Sample.objects.filter(
                    assignment__package=assignment.package_id,
                    assignment__round=assignment.round,
                    assignment__stage=assignment.stage,
                    assignment__vote=assignment.vote,
                    package_item=OuterRef("pk"),
                )
            ),
            fed_back=Exists(earlier_rejections(assignment).filter(package_item=OuterRef("pk"))),
        )
        .order_by("position")
    )


def earlier_rejections(assignment: Assignment) -> QuerySet[Annotation]:
    """What inspectors rejected in the package before this assignment's round."""
    return Annotation.objects.filter(
        assignment__package=assignment.package_id,
        assignment__round__lt=assignment.round,
        assignment__state=Assignment.State.SUBMITTED,
        verdict=Annotation.Verdict.REJECTED,
    )


def slot_annotations(assignment: Assignment) -> QuerySet[Annotation]:
    """Annotations of the slot's tenures up to this one, the latest tenure first."""
    return Annotation.objects.filter(
        assignment__package=assignment.package_id,
        assignment__round=assignment.round,
        assignment__stage=assignment.stage,
        assignment__vote=assignment.vote,
        assignment__lte=assignment.pk,
    ).order_by("-assignment")


def sort_out(
    assignment: Assignment,
    items: Iterable[PackageItem],
    annotations: Iterable[Annotation],
    *,
    job: Job,
) -> list[Standing]:
    """Put the slot's annotations (latest tenure first, `assignment` loaded) to their items."""
    continues = job.limit("continue_answers") and not is_vote(assignment, job)
    partial = is_extra(assignment, job) or (
        assignment.stage == Stage.LABELING and assignment.round > 1
    )
    found = {item.pk: Standing(assignment, item, partial=partial) for item in items}
    for annotation in annotations:
        standing = found.get(annotation.package_item_id)
        if standing is not None:
            _put(standing, annotation, continues=continues)
    return list(found.values())


def _put(standing: Standing, annotation: Annotation, *, continues: bool) -> None:
    assignment = standing.assignment
    if annotation.assignment_id == assignment.pk:
        standing.own = annotation
    has_content = _has_content(annotation)
    standing.opened = standing.opened or has_content
    if annotation.assignment_id == assignment.pk or not has_content or standing.carried:
        return
    earlier: Any = annotation.assignment
    if continues or earlier.holder_id == assignment.holder_id:
        standing.carried = annotation


def _place_of(assignment: Assignment) -> tuple[int, int]:
    return assignment.round, Stage.values.index(assignment.stage)


def _place(annotation: Annotation) -> tuple[float, int]:
    """Where in the package's history it was answered; what a manager corrected comes after everything."""
    if annotation.assignment is not None:
        return _place_of(annotation.assignment)
    return (1, 0) if annotation.source == Annotation.Source.MERGE else (float("inf"), 0)


def _has_content(annotation: Annotation) -> bool:
    # Lists leave the results in the database and select only whether there are any.
    known: bool | None = getattr(annotation, "has_results", None)
    has_results = annotation.results is not None if known is None else known
    return has_results or annotation.verdict != ""
