"""Votes: several people answer a package without knowing of each other, the last one's submission merges them.

What agrees is adopted as the labeling answer, what does not is disputed: whoever inspects next adjudicates. Where
nobody inspects, an extra voter answers what is disputed, and if that decides nothing, a manager does.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from itag.core.clock import now
from itag.core.errors import Conflict, FieldError, Invalid
from itag.core.fields import dump
from itag.core.states import move
from jobs.models import (
    Annotation,
    AnnotationVersion,
    Assignment,
    Job,
    NoticeEvent,
    Package,
    PackageItem,
    Stage,
)
from jobs.selectors.recipients import job_managers
from jobs.selectors.slots import EMPTY
from jobs.selectors.template import job_questions, template_key
from jobs.selectors.votes import cast_votes, merges_in, vote_num
from jobs.services.answers import modify, package_of
from jobs.services.desk import (
    Cause,
    Saved,
    begin,
    former_version,
    gone,
    is_repeat,
    not_held,
    saved,
    snapshot,
    store,
    take_up,
)
from jobs.services.events import Verb, record_event
from jobs.services.final import reopen_items
from jobs.services.merge import Ballot, Merged, Rules, merge_votes
from jobs.services.notices import tell
from jobs.services.rounds import advance, open_slot
from templates_app.conditions import shown
from templates_app.questions.base import Question, inner

#: The most people who answer one package.
MAX_VOTES = 9
#: Items merged at once: their votes are in memory together.
CHUNK = 100

State = Assignment.State


class VoteCount(NamedTuple):
    """What a merge came to, in items."""

    agreed: int
    disputed: int


# --- the job's setting -----------------------------------------------------------------------------------------------


def check_votes(votes: Any, questions: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """The votes of a job, checked: {question id: {"VoteNum": 1…9, "MinVote": 1…VoteNum}} by the ids in `questions`.

    Questions with one vote are left out, so nothing is left where nobody votes. Raises Invalid naming
    `votes.<question id>.VoteNum`, and so on.
    """
    if votes in (None, ""):
        return {}
    if not isinstance(votes, Mapping):
        raise Invalid.field("votes", _("Give the votes as an object by question."))
    errors: list[FieldError] = []
    checked: dict[str, dict[str, int]] = {}
    for key, entry in votes.items():
        place = f"votes.{key}"
        if key not in questions:
            errors.append({"field": place, "message": _("There is no such question.")})
        elif not isinstance(entry, Mapping) or set(entry) - {"VoteNum", "MinVote"}:
            errors.append({"field": place, "message": _("Give VoteNum and MinVote.")})
        else:
            number = _whole(entry.get("VoteNum"), f"{place}.VoteNum", MAX_VOTES, errors)
            least = _whole(entry.get("MinVote"), f"{place}.MinVote", number, errors)
            if number > 1:
                checked[str(key)] = {"VoteNum": number, "MinVote": least}
    for key, question in questions.items():
        number = checked.get(key, {}).get("VoteNum", 1)
        for other in _asked_for(question):
            if other in questions and checked.get(other, {}).get("VoteNum", 1) < number:
                message = _(
                    "It is shown by the answer to question %(id)s, which fewer people give."
                )
                errors.append({"field": f"votes.{key}.VoteNum", "message": message % {"id": other}})
    if errors:
        raise Invalid(errors[0]["message"], errors=errors)
    return checked


def _asked_for(question: Any) -> set[str]:
    """The questions whose answers show this one, or one inside it."""
    if not isinstance(question, Mapping):
        return set()
    conditions = [each["showIf"] for each in (question, *inner(question)) if "showIf" in each]
    return {condition["questionId"] for condition in conditions}


def _whole(value: Any, field: str, most: int, errors: list[FieldError]) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most:
        return value
    message = _("Enter a whole number from %(least)s to %(most)s.") % {"least": 1, "most": most}
    errors.append({"field": field, "message": message})
    return most


# --- the last vote ---------------------------------------------------------------------------------------------------


def close_vote(*, package: Package, job: Job, actor: User, last: Assignment) -> None:
    """After the submission of `last`: once every vote is in, merge them and let the package go on.

    Called under the package's lock, which makes one of two last voters the last.
    """
    voting = Assignment.objects.filter(package=package, round=1, stage=Stage.LABELING)
    if voting.filter(state__in=(State.BLOCKED, State.WAITING, State.CLAIMED)).exists():
        return
    count = merge_package(package=package, job=job, last=last)
    record_event(Verb.MERGE, package=package, actor=None, **count._asdict())
    if count.disputed and job.next_stage(Stage.LABELING) is None:
        _ask_one_more(package, job, last)
    else:
        advance(package=package, job=job, actor=actor)


def merge_package(*, package: Package, job: Job, last: Assignment) -> VoteCount:
    """Bring what the votes agree on into force, and mark what they do not; items in force already stay as they are."""
    rules = job_rules(job)
    items = list(
        PackageItem.objects.filter(package=package, current_annotation=None).order_by("position")
    )
    agreed, disputed = 0, []
    for start in range(0, len(items), CHUNK):
        chunk = items[start : start + CHUNK]
        votes = cast_votes(chunk)
        rows = []
        for item in chunk:
            merged = merge_votes(ballots_of(votes.get(item.pk, [])), rules)
            if merged.is_disputed:
                disputed.append(item.pk)
            else:
                rows.append(_merged_row(item, merged, last, rules.questions))
        _adopt(Annotation.objects.bulk_create(rows))
        agreed += len(rows)
    PackageItem.objects.filter(pk__in=disputed, disputed=False).update(disputed=True)
    return VoteCount(agreed, len(disputed))


def undo_merge(package: Package) -> None:
    """Open the votes again: what they came to is not in force. For a vote taken back before anybody went on."""
    rows = merges_in(Annotation.objects.filter(package_item__package=package))
    package.items.filter(current_annotation__in=rows).update(current_annotation=None)
    package.items.filter(disputed=True).update(disputed=False)
    rows.update(answered_at=None, updated_at=now())


def settle_disagreement(*, package: Package, job: Job, actor: User) -> bool:
    """After a manager decided an item: if nothing is disputed any more, the package goes on; whether it did.

    Ends the slot that waited for the decision, and an extra voter's that nobody has taken.
    """
    if package.items.filter(disputed=True).exists():
        return False
    slots = Assignment.objects.select_for_update(of=("self",), no_key=True).filter(
        package=package, round=1, stage=Stage.LABELING, vote__gte=job.vote_count,
        state__in=(State.BLOCKED, State.WAITING),
    )  # fmt: skip
    open_ = list(slots.order_by("pk"))
    if not open_ or job.vote_count == 1:
        return False
    for slot in open_:
        move(slot, State.VOID, transitions=Assignment.TRANSITIONS, ended_at=now())
    advance(package=package, job=job, actor=actor)
    return True


def _ask_one_more(package: Package, job: Job, last: Assignment) -> None:
    """Nobody inspects: one extra voter answers what is disputed; after the first, a manager decides."""
    blocked = last.vote >= job.vote_count
    slot = open_slot(
        package=package,
        job=job,
        stage=Stage.LABELING,
        person=None,
        vote=max(last.vote + 1, job.vote_count),
        blocked=Assignment.BlockedReason.DISAGREEMENT if blocked else None,
    )
    disputed = package.items.filter(disputed=True).values_list("pk", flat=True)
    reopen_items(slot, package, list(disputed))
    if blocked:
        record_event(Verb.BLOCK, package=package, actor=None, assignment=slot, note=slot.reason)
        tell(
            event=NoticeEvent.UNCLAIMABLE,
            users=job_managers(job),
            job=job,
            package=package,
            key=slot.pk,
            count=1,
        )


def _merged_row(
    item: PackageItem, merged: Merged, last: Assignment, questions: Mapping[str, Question]
) -> Annotation:
    moment = now()
    main = merged.main
    # By whose submission they were merged: an export that holds that one holds this answer.
    by = {"by": last.pk}
    return Annotation(
        package_item=item,
        author_id=main.author,
        source=Annotation.Source.MERGE,
        results=dump(shown(merged.results(), questions)),
        abandoned=merged.abandoned,
        reason=main.reason if merged.abandoned else "",
        merge={key: outcome.as_json() | by for key, outcome in merged.outcomes.items()},
        version=1,
        answered_at=moment,
        versioned_at=moment,
        created_at=moment,
        updated_at=moment,
    )


def _adopt(rows: list[Annotation]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE jobs_packageitem p SET current_annotation_id = n.id, disputed = false
               FROM jobs_annotation n WHERE n.id = ANY(%s) AND p.id = n.package_item_id""",
            [[row.pk for row in rows]],
        )


def job_rules(job: Job) -> Rules:
    """By which rules the job's votes are merged."""
    return Rules(
        questions=job_questions(template_key(job)),
        votes=job.votes,
        iou_percent=job.limit("vote_iou_percent"),
        gap_ms=job.limit("vote_gap_ms"),
    )


def ballots_of(rows: list[Annotation]) -> list[Ballot]:
    """The votes of one item (`cast_votes`) as the merge takes them."""
    found = []
    for row in rows:
        assert row.assignment is not None  # votes have one
        results = (row.results or EMPTY).load()
        found.append(
            Ballot(
                voter=row.assignment.vote,
                annotation=row.pk,
                author=row.author_id,
                elements={element["questionId"]: element for element in results},
                abandoned=row.abandoned,
                reason=row.reason,
            )
        )
    return found


# --- adjudication ----------------------------------------------------------------------------------------------------


@transaction.atomic
def adopt_vote(*, assignment_id: int, position: int, user: User, write: UUID, vote: int) -> Saved:
    """In check or acceptance: make the answer of voter `vote` (from 1) one's own, the verdict *modified*.

    Questions that this voter was not asked get what the others agree on. Raises NotFound, Conflict, and Invalid where
    there is no such vote.
    """
    desk = take_up(assignment_id=assignment_id, position=position, user=user)
    if desk is None:
        raise gone(not_held(assignment_id, user))
    if not desk.inspecting:
        raise Conflict(_("Only a checker or accepter gives verdicts."))
    if is_repeat(desk, write):
        return saved(desk.standing, write)
    job = Job.objects.get(pk=desk.job.pk)
    ballot, results = chosen_vote(job, desk.standing.item, vote)
    own = begin(desk)
    before = former_version(desk, own)
    if not before and own.pk and own.results is not None:
        before = [snapshot(desk, own, AnnotationVersion.Cause.MODIFY)]
    own.results, own.abandoned, own.reason = dump(results), ballot.abandoned, ballot.reason
    modify(desk, own)
    record_event(
        Verb.ADJUDICATE, package=package_of(desk), actor=user, assignment=desk.assignment,
        position=position, vote=vote,
    )  # fmt: skip
    return store(desk, own, write=write, before=before, cause=Cause.MODIFY)


def chosen_vote(job: Job, item: PackageItem, vote: int) -> tuple[Ballot, list[dict[str, Any]]]:
    """The vote of this number (from 1) and the whole answer that adopting it gives. Raises Invalid at `vote`."""
    ballots = ballots_of(cast_votes([item]).get(item.pk, []) if job.vote_count > 1 else [])
    ballot = next((one for one in ballots if one.voter == vote - 1), None)
    if ballot is None:
        raise Invalid.field("vote", _("Nobody voted on this item with that number."))
    rules = job_rules(job)
    voted_on = {
        key: True
        for key in rules.questions
        if vote_num(job, key) > ballot.voter or ballot.voter >= job.vote_count
    }
    return ballot, merge_votes(ballots, rules).results_with(ballot, voted_on=voted_on)
