"""Which slots are votes, what each voter is asked, and the votes side by side for those who may see them.

In a job with votes several people answer each package in labeling, in its first round only, each in a slot of their
own; voter 1 has slot 0. Where the votes do not agree and nobody inspects, extra voters answer what is disputed.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.grants import held
from accounts.models import User, Workspace
from itag.core.errors import Denied
from jobs.models import (
    Annotation,
    Assignment,
    Job,
    JobGroupPermission,
    JobUserPermission,
    Package,
    PackageEvent,
    PackageItem,
    Stage,
)
from jobs.selectors.names import Names
from templates_app.questions.base import Question

Json = dict[str, Any]
_UNDONE = (Assignment.State.BLOCKED, Assignment.State.WAITING, Assignment.State.CLAIMED)
#: Events that tell what somebody makes of an item.
_SAYING = (PackageEvent.Verb.ABANDON_ITEM, PackageEvent.Verb.RESTORE_ITEM)


def is_vote(assignment: Assignment, job: Job) -> bool:
    """Whether the slot is one of several people's who answer the package without knowing of each other."""
    return assignment.stage == Stage.LABELING and assignment.round == 1 and job.vote_count > 1


def is_extra(assignment: Assignment, job: Job) -> bool:
    """Whether the slot is an extra voter's, who answers only what is disputed, but all of it."""
    return is_vote(assignment, job) and assignment.vote >= job.vote_count


def vote_num(job: Job, question: str) -> int:
    """How many people answer the question."""
    return int(job.votes.get(question, {}).get("VoteNum", 1))


def min_vote(job: Job, question: str) -> int:
    """How many of them must agree."""
    return int(job.votes.get(question, {}).get("MinVote", 1))


def asked(questions: dict[str, Question], assignment: Assignment, job: Job) -> dict[str, Question]:
    """The questions that the slot's holder answers: all, of a voter those with more votes than their slot's number."""
    if not is_vote(assignment, job) or is_extra(assignment, job):
        return questions
    return {
        key: question for key, question in questions.items() if vote_num(job, key) > assignment.vote
    }


def asked_template(template: Json, assignment: Assignment, job: Job) -> Json:
    """The resolved template with only the questions that the slot's holder answers."""
    if not is_vote(assignment, job) or is_extra(assignment, job):
        return template
    questions = [
        question
        for question in template["questions"]
        if vote_num(job, question["questionId"]) > assignment.vote
    ]
    return {**template, "questions": questions}


def votes_are_open(package: Package, job: Job) -> bool:
    """Whether somebody has still to vote on the package."""
    if job.vote_count == 1 or (package.round, package.stage) != (1, Stage.LABELING):
        return False
    open_ = package.assignments.filter(round=1, stage=Stage.LABELING, state__in=_UNDONE)
    return open_.exclude(reason=Assignment.BlockedReason.DISAGREEMENT).exists()


def may_see_votes(user: User, package: Package, job: Job) -> bool:
    """Whether the manager may see what was voted: while votes are open, not if they may be a voter themselves."""
    return not votes_are_open(package, job) or not _labels(user, job)


def _labels(user: User, job: Job) -> bool:
    """Whether the person was put among the labelers; being a superuser alone makes nobody one."""
    found = {"content_object": job, "permission__codename": "label_job"}
    return (
        JobUserPermission.objects.filter(user=user, **found).exists()
        or JobGroupPermission.objects.filter(group__user=user, **found).exists()
    )


def require_sight(user: User, package: Package, job: Job) -> None:
    """Raise Denied where the manager may not see what was voted so far."""
    if not may_see_votes(user, package, job):
        raise Denied(_("While people vote, nobody who may vote sees the others' answers."))


def require_sight_of(user: User, assignment: Assignment) -> None:
    """Raise Denied where the assignment is another one's vote that the person, who may vote too, may not know of."""
    if assignment.holder_id != user.pk and is_vote(assignment, assignment.job):
        require_sight(user, assignment.package, assignment.job)


def package_events(user: User, package: Package, job: Job) -> QuerySet[PackageEvent]:
    """What happened to the package, with its actors; while people vote, not what a fellow voter said of an item."""
    rows = PackageEvent.objects.filter(package=package).select_related("actor")
    if may_see_votes(user, package, job):
        return rows
    return rows.filter(Q(actor=user) | ~Q(verb__in=_SAYING))


def sees_voters(user: User, job: Job) -> bool:
    """Whether the person is told whose vote is whose: those who manage the job; others know voters by number."""
    workspace = Workspace(pk=job.workspace_id)
    return bool(held(user, job, "manage_job") or held(user, workspace, "create_in_workspace"))


def cast_votes(items: Iterable[PackageItem]) -> dict[int, list[Annotation]]:
    """The submitted votes of each item by voter, `assignment` and `author` loaded; one statement."""
    found: dict[int, list[Annotation]] = {}
    rows = Annotation.objects.filter(
        package_item__in=list(items),
        assignment__round=1,
        assignment__stage=Stage.LABELING,
        assignment__state=Assignment.State.SUBMITTED,
        results__isnull=False,
    ).select_related("assignment", "author")
    for row in rows.order_by("assignment__vote"):
        found.setdefault(row.package_item_id, []).append(row)
    return found


def merges_in(rows: QuerySet[Annotation]) -> QuerySet[Annotation]:
    """The merged answers among these annotations that hold: not those whose votes have been opened again since."""
    return rows.filter(source=Annotation.Source.MERGE, answered_at__isnull=False)


def votes_payload(
    items: Sequence[PackageItem], *, job: Job, names: Names | None
) -> dict[int, list[Json]]:
    """By package item: the votes side by side, without `names` only by number; nothing in a job without votes.

    `adopted`: something of it was adopted when the votes were merged, or all of it by whoever inspected.
    """
    if job.vote_count == 1 or not items:
        return {}
    rows = merges_in(Annotation.objects.filter(package_item__in=items))
    merges = {row.package_item_id: row for row in rows}
    current = {item.pk: item.current_annotation for item in items}
    return {
        pk: [
            {
                "voter": _number(row),
                "author": names.of(row.author, Stage.LABELING) if names else None,
                "results": row.results,
                "abandoned": row.abandoned,
                "reason": row.reason,
                "adopted": _is_adopted(row, merges.get(pk), current[pk]),
            }
            for row in rows
        ]
        for pk, rows in cast_votes(items).items()
    }


def _number(row: Annotation) -> int:
    assert row.assignment is not None  # votes have one
    return int(row.assignment.vote) + 1


def _is_adopted(vote: Annotation, merge: Annotation | None, current: Annotation | None) -> bool:
    if merge is not None:
        return any(part["adopted"] == vote.pk for part in (merge.merge or {}).values())
    # Without agreement: what an inspector decided since.
    return (
        current is not None
        and current.abandoned == vote.abandoned
        and current.results == vote.results
    )
