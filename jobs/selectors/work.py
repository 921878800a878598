"""What the labeling page and its API show of an assignment and its items, and managers of a package's.

In the labeling stage nothing here tells what is or will be sampled.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from django.db.models import JSONField, Q, Value
from django.utils.translation import gettext as _

from accounts.models import User
from datasets.services.media import known
from itag.core.errors import Invalid, NotFound
from jobs.feedback import feedback_lists
from jobs.models import (
    Annotation,
    AnnotationVersion,
    Assignment,
    Job,
    Package,
    PackageEvent,
    PackageItem,
    Stage,
)
from jobs.selectors.appeals import appeals_at
from jobs.selectors.markdown import markdown_of
from jobs.selectors.names import Names
from jobs.selectors.progress import Progress, assignment_summary
from jobs.selectors.since import answers_since
from jobs.selectors.slots import EMPTY, Standing, earlier_rejections, standings
from jobs.selectors.talk import flag_of_item
from jobs.selectors.template import job_questions, resolved_template, template_key
from jobs.selectors.verbs import VERBS, assignment_verbs
from jobs.selectors.votes import (
    asked_template,
    is_vote,
    may_see_votes,
    require_sight_of,
    sees_voters,
    votes_payload,
)
from templates_app.answers import from_manifest

Json = dict[str, Any]
State = Assignment.State
#: The most items of one answer.
MAX_ITEMS = 50
#: Characters of a line's earlier answers beyond which they are shown as they came.
MOST_PRIOR = 512 * 1024


def find_assignment(pk: int) -> Assignment:
    """The assignment with its job, package and holder; whether the person may see it is a rule's question."""
    found = (
        Assignment.objects.select_related("job", "package", "holder")
        .filter(pk=pk, job__deleted_at=None, holder__isnull=False)
        .first()
    )
    if found is None:
        raise NotFound(_("Not found."))
    return found


def assignment_payload(assignment: Assignment, user: User) -> Json:
    """All that the labeling page needs beside the items themselves."""
    require_sight_of(user, assignment)
    job = assignment.job
    found = standings(assignment, job=job)
    mine = assignment.holder_id == user.pk and assignment.state == State.CLAIMED
    verbs = assignment_verbs(user, [assignment])[assignment.pk]
    return {
        **assignment_summary(assignment, _progress(assignment, found), verbs),
        "mode": str(assignment.stage) if mine else "read",
        "template": asked_template(resolved_template(job), assignment, job),
        "language": job.language,
        "first": _progress(assignment, found).first,
        "items": [
            {
                "position": standing.item.position,
                "state": str(standing.state),
                "version": standing.version,
                "feedback": _has_feedback(standing),
                "disputed": assignment.stage != Stage.LABELING and standing.item.disputed,
                "flag": standing.item.flag,  # type: ignore[attr-defined]
            }
            for standing in found
        ],
        "returned": _returned(assignment),
        "feedback_lists": feedback_lists(job),
        "api": f"/api/v1/assignments/{assignment.pk}",
    }


def items_payload(assignment: Assignment, user: User, *, first: int, limit: int) -> list[Json]:
    """The items from this position on, at most MAX_ITEMS. Two to four statements for any number."""
    limit = max(1, min(limit, MAX_ITEMS))
    require_sight_of(user, assignment)
    found = standings(
        assignment, job=assignment.job, positions=range(first, first + limit), full=True
    )
    rejections = _rejections(assignment, found)
    judged = appeals_at(assignment, user, [standing.item.pk for standing in found])
    for standing in found:
        standing.item.appeal = judged.get(standing.item.pk)  # type: ignore[attr-defined]
    names = Names(user, assignment.job, stage=assignment.stage)
    # What a former voter saved too late is another one's vote.
    follows = assignment.previous_id and not is_vote(assignment, assignment.job)
    late = _late(assignment, found, names) if follows else {}
    votes: dict[int, list[Json]] = {}
    named = True
    if assignment.stage != Stage.LABELING and assignment.job.vote_count > 1:
        named = sees_voters(user, assignment.job)
        items = [standing.item for standing in found]
        votes = votes_payload(items, job=assignment.job, names=names if named else None)
    since = answers_since(assignment, [standing.item.pk for standing in found])
    return [
        _item(assignment, standing, rejections.get(standing.item.pk, []), late, names, named=named)
        | {"votes": votes.get(standing.item.pk, []), "since": since.get(standing.item.pk)}
        for standing in found
    ]


def item_payload(assignment: Assignment, position: int, user: User) -> Json:
    """One item. Raises NotFound where the package has no such position."""
    found = items_payload(assignment, user, first=position, limit=1)
    if not found:
        raise NotFound(_("The package has no such item."))
    return found[0]


# --- managers, read only ---------------------------------------------------------------------------------------------


def package_payload(package: Package, user: User) -> Json:
    """What the labeling page needs to show a whole package to a manager, in the shape of `assignment_payload`."""
    job = package.job
    items = list(
        PackageItem.objects.filter(package=package)
        .select_related("current_annotation")
        .defer("current_annotation__results")
        .annotate(flag=_flag(user, package))
        .order_by("position")
    )
    rejected = _rejected_last(package)
    return {
        "id": None,
        "job": {"id": job.pk, "name": job.name},
        "package": {"number": package.number, "item_count": package.item_count},
        "stage": str(package.stage),
        "round": package.round,
        "state": str(package.state),
        "is_return": False,
        "claimed_at": None,
        "last_input_at": None,
        "expires_at": None,
        "submitted_at": None,
        "total": package.item_count,
        "done": sum(item.current_annotation_id is not None for item in items),
        "url": f"/jobs/{job.pk}/packages/{package.number}/1",
        "mode": "read",
        "template": resolved_template(job),
        "language": job.language,
        "first": 1,
        "items": [
            {
                "position": item.position,
                "state": _state_in_force(item.current_annotation),
                "version": item.current_annotation.version if item.current_annotation else 0,
                "feedback": item.pk in rejected,
                "disputed": item.disputed,
                "flag": item.flag,  # type: ignore[attr-defined]
            }
            for item in items
        ],
        "returned": None,
        "feedback_lists": feedback_lists(job),
        "warned": 0,
        "can": dict.fromkeys(VERBS, False),
        "why": {},
        "skips_left": 0,
        "lot": None,
        "api": f"/api/v1/jobs/{job.pk}/packages/{package.number}",
    }


def package_items_payload(package: Package, user: User, *, first: int, limit: int) -> list[Json]:
    """The package's items from this position on with the answers in force and everything that was ever said of them.

    While people still vote, a manager who may be one of them is not shown the votes.
    """
    limit = max(1, min(limit, MAX_ITEMS))
    items = list(
        PackageItem.objects.filter(package=package, position__gte=first, position__lt=first + limit)
        .select_related("item", "current_annotation__author", "current_annotation__assignment")
        .annotate(flag=_flag(user, package))
        .order_by("position")
    )
    open_votes = not may_see_votes(user, package, package.job)
    history = _history(items, without_votes=open_votes)
    votes: dict[int, list[Json]] = {}
    if not open_votes:
        votes = votes_payload(items, job=package.job, names=Names(user, package.job))
    return [
        _read_item(package, item, history.get(item.pk, [])) | {"votes": votes.get(item.pk, [])}
        for item in items
    ]


def package_item_payload(package: Package, position: int, user: User) -> Json:
    """One item of a package with its history. Raises NotFound where the package has no such position."""
    found = package_items_payload(package, user, first=position, limit=1)
    if not found:
        raise NotFound(_("The package has no such item."))
    return found[0]


# --- parts -----------------------------------------------------------------------------------------------------------


def _flag(user: User, package: Package) -> Any:
    """The question about an item, as a column; none while it would tell a voter of another one's doubts."""
    hidden = not may_see_votes(user, package, package.job)
    return Value(None, output_field=JSONField()) if hidden else flag_of_item(None)


def _progress(assignment: Assignment, found: list[Standing]) -> Progress:
    if assignment.stage == Stage.LABELING:
        todo = [standing for standing in found if not standing.locked]
    else:
        todo = [standing for standing in found if standing.sampled]
    open_ = [standing for standing in todo if standing.state == "open"]
    first = open_[0].item.position if open_ else 1
    return Progress(total=len(todo), done=len(todo) - len(open_), first=first)


def _has_feedback(standing: Standing) -> bool:
    fed_back: bool = standing.item.fed_back  # type: ignore[attr-defined]
    return fed_back or standing.state == Annotation.Verdict.REJECTED


def _returned(assignment: Assignment) -> Json | None:
    """Who sent the package back, and what was said of it as a whole."""
    if not assignment.is_return:
        return None
    event = (
        PackageEvent.objects.filter(
            package=assignment.package_id,
            verb=PackageEvent.Verb.REJECT_PACKAGE,
            round=assignment.round - 1,
        )
        .order_by("-id")
        .first()
    )
    return {"stage": event.stage, "feedback": event.note} if event else None


def _rejections(assignment: Assignment, found: list[Standing]) -> dict[int, list[Json]]:
    rejected = [s.item.pk for s in found if s.item.fed_back]  # type: ignore[attr-defined]
    said: dict[int, list[Json]] = {}
    if not rejected:
        return said
    rows = earlier_rejections(assignment).filter(package_item__in=rejected)
    for row in rows.select_related("assignment").order_by("assignment"):
        said.setdefault(row.package_item_id, []).append(
            {
                "stage": str(row.assignment.stage) if row.assignment else "",
                "round": row.assignment.round if row.assignment else 0,
                "feedback": row.feedback,
                "object": row.feedback_object,
                "error_type": row.error_type,
                "severity": row.severity,
            }
        )
    return said


def _late(assignment: Assignment, found: list[Standing], names: Names) -> dict[int, list[Json]]:
    """What former holders of the slot saved after it had gone: shown to the present one, not in force."""
    rows = AnnotationVersion.objects.filter(
        cause=AnnotationVersion.Cause.LATE,
        annotation__package_item__in=[standing.item.pk for standing in found],
        annotation__assignment__package=assignment.package_id,
        annotation__assignment__round=assignment.round,
        annotation__assignment__stage=assignment.stage,
        annotation__assignment__vote=assignment.vote,
        annotation__assignment__lt=assignment.pk,
    )
    late: dict[int, list[Json]] = {}
    for row in rows.select_related("annotation", "author").order_by("id"):
        late.setdefault(row.annotation.package_item_id, []).append(
            {
                "author": names.of(row.author, assignment.stage),
                "results": row.results or EMPTY,
                "abandoned": row.abandoned,
                "at": row.created_at,
            }
        )
    return late


def _item(
    assignment: Assignment,
    standing: Standing,
    rejections: list[Json],
    late: dict[int, list[Json]],
    names: Names,
    *,
    named: bool,
) -> Json:
    item, answer, content = standing.item, standing.answer, standing.content
    inspecting = assignment.stage != Stage.LABELING
    verdict = answer if inspecting else None
    return {
        "position": item.position,
        "data": item.item.data,
        "markdown": markdown_of(resolved_template(assignment.job), item.item.data),
        "media": _media(item, f"/media/{assignment.pk}/{item.position}"),
        "results": standing.results,
        "version": standing.version,
        "state": str(standing.state),
        "abandoned": bool(content and content.abandoned),
        "reason": content.reason if content else "",
        "verdict": str(verdict.verdict) if verdict else "",
        "feedback": verdict.feedback if verdict else "",
        "feedback_object": verdict.feedback_object if verdict else "",
        "error_type": verdict.error_type if verdict else "",
        "severity": verdict.severity if verdict else "",
        "base": _base(standing.basis, names if inspecting else None, named=named),
        "disputed": inspecting and item.disputed,
        "previous_feedback": rejections,
        **_prior(item, assignment.job),
        "locked": standing.locked,
        "flag": item.flag,  # type: ignore[attr-defined]
        "appeal": item.appeal,  # type: ignore[attr-defined]
        "late": late.get(item.pk, []),
    }


def _base(basis: Annotation | None, names: Names | None, *, named: bool) -> Json | None:
    """What is judged or gone on from. Labelers are not told who inspected their work, nor voters' names if not `named`."""
    if basis is None:
        return None
    stage = str(basis.assignment.stage) if basis.assignment else ""
    if basis.source == Annotation.Source.MERGE:
        stage, names = str(Stage.LABELING), names if named else None
    return {
        "results": basis.results or EMPTY,
        "abandoned": basis.abandoned,
        "reason": basis.reason,
        "author": names.of(basis.author, stage) if names else None,
        "stage": stage,
        "version": basis.version,
    }


def _media(item: PackageItem, prefix: str) -> Json:
    return {
        field: {"url": f"{prefix}/{quote(field, safe='')}", **known(media)}
        for field, media in item.item.media.items()
    }


def _prior(item: PackageItem, job: Job) -> Json:
    """Answers that the dataset's line came with; they are shown, and leave as they came.

    `prior_results`: those of them that answer this job's questions, as canonical results.
    """
    prior: Json = {}
    readable: Json = {}
    if item.item.extra is not None:
        extra = item.item.extra.load()
        prior = {key: value for key, value in extra.items() if key.startswith("label-")}
        if len(item.item.extra) <= MOST_PRIOR:
            readable = _readable(prior, job)
    return {"prior": prior, "prior_results": readable}


def _readable(prior: Json, job: Job) -> Json:
    found = {}
    for key, value in prior.items():
        if isinstance(value, dict) and value.get("results"):
            # What was asked in another job need not be what is asked in this one.
            with suppress(Invalid):
                found[key] = from_manifest(value["results"], job_questions(template_key(job)))
    return found


def _name(user: User | None) -> str | None:
    return None if user is None else user.get_full_name()


def _rejected_last(package: Package) -> set[int]:
    return set(
        Annotation.objects.filter(
            package_item__package=package,
            verdict=Annotation.Verdict.REJECTED,
            assignment__state=State.SUBMITTED,
        ).values_list("package_item", flat=True)
    )


def _state_in_force(annotation: Annotation | None) -> str:
    if annotation is None:
        return "open"
    return "abandoned" if annotation.abandoned else "answered"


def _history(items: Sequence[PackageItem], *, without_votes: bool = False) -> dict[int, list[Json]]:
    """Everything that was said of each item, oldest first; what came too late is marked."""
    said: dict[int, list[Json]] = {}
    if without_votes:
        # While people vote, nothing else has been said.
        return said
    rows = (
        Annotation.objects.filter(
            Q(results__isnull=False) | ~Q(verdict=""), package_item__in=items, version__gt=0
        )
        .exclude(source=Annotation.Source.MERGE, answered_at=None)
        .select_related("assignment", "author")
        .order_by("assignment")
    )
    for row in rows:
        said.setdefault(row.package_item_id, []).append(
            {
                **_said(row.assignment, row.author, row.results or EMPTY),
                "verdict": str(row.verdict),
                "feedback": row.feedback,
                "object": row.feedback_object,
                "error_type": row.error_type,
                "severity": row.severity,
                "abandoned": row.abandoned,
                "reason": row.reason,
                "version": row.version,
                "late": False,
                "at": row.updated_at,
            }
        )
    late = AnnotationVersion.objects.filter(
        annotation__package_item__in=items, cause=AnnotationVersion.Cause.LATE
    ).select_related("annotation__assignment", "author")
    for version in late.order_by("id"):
        said.setdefault(version.annotation.package_item_id, []).append(
            {
                **_said(version.annotation.assignment, version.author, version.results or EMPTY),
                "verdict": "",
                "feedback": "",
                "object": "",
                "error_type": "",
                "severity": "",
                "abandoned": version.abandoned,
                "reason": "",
                "version": version.version,
                "late": True,
                "at": version.created_at,
            }
        )
    return said


def _said(assignment: Assignment | None, author: User | None, results: Any) -> Json:
    return {
        "assignment": assignment.pk if assignment else None,
        "stage": str(assignment.stage) if assignment else "",
        "round": assignment.round if assignment else 0,
        "author": _name(author),
        "results": results,
    }


def _read_item(package: Package, item: PackageItem, history: list[Json]) -> Json:
    current = item.current_annotation
    return {
        "position": item.position,
        "data": item.item.data,
        "markdown": markdown_of(resolved_template(package.job), item.item.data),
        "media": _media(item, f"/media/job/{package.job_id}/{package.number}/{item.position}"),
        "results": (current.results if current else None) or EMPTY,
        "version": current.version if current else 0,
        "state": _state_in_force(current),
        "abandoned": bool(current and current.abandoned),
        "reason": current.reason if current else "",
        "verdict": str(current.verdict) if current else "",
        "feedback": "",
        "feedback_object": "",
        "error_type": "",
        "severity": "",
        "base": None,
        "disputed": item.disputed,
        "previous_feedback": [
            {
                name: entry[name]
                for name in ("stage", "round", "feedback", "object", "error_type", "severity")
            }
            for entry in history
            if entry["verdict"] == Annotation.Verdict.REJECTED
        ],
        **_prior(item, package.job),
        "locked": False,
        "flag": item.flag,  # type: ignore[attr-defined]
        "appeal": None,
        "late": [],
        "since": None,
        "history": history,
    }
