"""What happened to packages and jobs, in words; and everything that was said of one item, side by side."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from jobs.models import Annotation, Job, JobEvent, PackageEvent, PackageItem, Stage
from jobs.selectors.differences import QuestionDifference, diff_results
from jobs.selectors.template import resolved_template

#: What names a person: answers "" where the reader may not know them.
Namer = Callable[[Any], str]
#: What an event's data names people by, with their ids.
_PEOPLE = ("to", "holder")
Verb = PackageEvent.Verb
JobVerb = JobEvent.Verb


@dataclass
class Moment:
    """A line of a time line: what happened, in words, who did it, when; `tone` for its mark."""

    text: str
    at: datetime
    note: str = ""
    where: str = ""
    tone: str = ""


_TONES = {
    Verb.RETURN: "bad",
    Verb.REJECT_PACKAGE: "bad",
    Verb.REJECT_ITEM: "bad",
    Verb.BLOCK: "bad",
    Verb.DISCARD: "bad",
    Verb.EXPIRE: "warn",
    Verb.RELEASE: "warn",
    Verb.SKIP: "warn",
    Verb.WITHDRAW: "warn",
    Verb.TRANSFER: "warn",
    Verb.FINISH: "ok",
    Verb.SUBMIT: "ok",
}


def package_moments(events: Iterable[PackageEvent], name: Namer = str) -> list[Moment]:
    """Events of packages as sentences; one query for the people that they name beside their actors."""
    events = list(events)
    ids = {event.data.get(key) for event in events for key in _PEOPLE}
    known = User.objects.in_bulk([pk for pk in ids if isinstance(pk, int)])
    return [_package_moment(event, known, name) for event in events]


def _package_moment(event: PackageEvent, known: dict[int, User], name: Namer) -> Moment:
    who = name(event.actor) if event.actor_id else ""
    sentence = _PACKAGE.get(event.verb)
    values = {"who": who or _("The system"), **_values(event.data)}
    for key in _PEOPLE:
        if person := known.get(event.data.get(key, 0)):
            values[key] = name(person)
    text = (
        str(sentence()) % values
        if sentence
        else f"{event.get_verb_display()}{' · ' if who else ''}{who}"
    )
    stage = Stage(event.stage).label if event.stage in Stage.values else ""
    where = _("%(stage)s, round %(round)d") % {"stage": stage, "round": event.round}
    return Moment(text, event.created_at, event.note, where, _TONES.get(Verb(event.verb), ""))


def job_moments(events: Iterable[JobEvent], name: Namer = str) -> list[Moment]:
    """Events of a job as sentences; their actors should be there without a query."""
    return [_job_moment(event, name) for event in events]


def _job_moment(event: JobEvent, name: Namer) -> Moment:
    who = name(event.actor) if event.actor_id else _("The system")
    text = f"{event.get_verb_display()} · {who}"
    if sentence := _JOB.get(event.verb):
        text = str(sentence()) % {"who": who}
    return Moment(text, event.created_at, event.note or _changes(event.data))


def _values(data: dict[str, Any]) -> dict[str, Any]:
    items = data.get("items")
    if isinstance(items, int):
        said = ngettext("%(n)d item", "%(n)d items", items) % {"n": items}
    else:
        said = _("all items")
    position = data.get("position")
    return {
        "items": said,
        "position": position if position is not None else "?",
        "to": _("somebody"),
        "holder": _("the holder"),
        "hours": data.get("hours", "?"),
    }


def _changes(data: dict[str, Any]) -> str:
    """What an event of a job says beside its sentence: what changed, the batch, how many items, the version."""
    fields = data.get("fields") or data.get("changed") or ()
    words = (
        [_field_name(str(field)) for field in fields] if isinstance(fields, list | tuple) else []
    )
    if isinstance(batch := data.get("batch"), int):
        words.append(_("batch %(n)d") % {"n": batch})
    if isinstance(items := data.get("items"), int):
        words.append(ngettext("%(n)d item", "%(n)d items", items) % {"n": items})
    if isinstance(version := data.get("version"), int):
        words.append(_("version %(n)d") % {"n": version})
    return ", ".join(words)


def _field_name(name: str) -> str:
    """The field of a job as people know it; what is no field of its own stays as it is."""
    try:
        return str(Job._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    except FieldDoesNotExist:
        return name


#: Sentences by verb; each is made when it is asked for, in the reader's language.
_PACKAGE: dict[str, Callable[[], str]] = {
    Verb.CLAIM: lambda: _("%(who)s claimed it."),
    Verb.RELEASE: lambda: _("%(who)s released it."),
    Verb.SKIP: lambda: _("%(who)s skipped it."),
    Verb.TRANSFER: lambda: _("%(who)s transferred it to %(to)s."),
    Verb.EXTEND: lambda: _("%(who)s extended the claim by %(hours)s hours."),
    Verb.EXPIRE: lambda: _("The claim expired without an input."),
    Verb.SUBMIT: lambda: _("%(who)s submitted it."),
    Verb.SUBMIT_FOR: lambda: _("%(who)s submitted it for %(holder)s."),
    Verb.WITHDRAW: lambda: _("%(who)s took the submission back."),
    Verb.RESERVE: lambda: _("It was reserved for %(to)s."),
    Verb.DISCARD: lambda: _("%(who)s discarded it."),
    Verb.RESTORE: lambda: _("%(who)s restored it."),
    Verb.REOPEN: lambda: _("%(who)s reopened it."),
    Verb.MERGE: lambda: _("The votes were merged."),
    Verb.LOT_OPEN: lambda: _("%(who)s took it into a lot."),
    Verb.LOT_CLOSE: lambda: _("Its lot was closed."),
    Verb.CORRECT_ITEM: lambda: _("%(who)s corrected item %(position)s."),
    Verb.ADJUDICATE: lambda: _("%(who)s decided between the votes on item %(position)s."),
    Verb.APPEAL: lambda: _("%(who)s appealed against the verdict on item %(position)s."),
    Verb.PASS_STAGE: lambda: _("It passed the stage, since nothing of it was drawn."),
    Verb.RETURN: lambda: _("%(who)s returned it for rework: %(items)s."),
    Verb.REJECT_PACKAGE: lambda: _("%(who)s rejected the whole package."),
    Verb.BLOCK: lambda: _("It waits for a manager."),
    Verb.UNBLOCK: lambda: _("%(who)s offered it again."),
    Verb.LIFT: lambda: _("%(who)s offered it again to those who gave it back."),
    Verb.FINISH: lambda: _("It is finished."),
    Verb.ABANDON_ITEM: lambda: _("%(who)s abandoned item %(position)s."),
    Verb.RESTORE_ITEM: lambda: _("%(who)s restored item %(position)s."),
    Verb.UNLOCK_ITEM: lambda: _("%(who)s unlocked item %(position)s."),
    Verb.PASS_ITEM: lambda: _("%(who)s passed item %(position)s."),
    Verb.PASS_REST: lambda: _("%(who)s passed the rest."),
    Verb.MODIFY_ITEM: lambda: _("%(who)s modified item %(position)s."),
    Verb.REJECT_ITEM: lambda: _("%(who)s rejected item %(position)s."),
}
_JOB: dict[str, Callable[[], str]] = {
    JobVerb.CREATE: lambda: _("%(who)s created the job."),
    JobVerb.EDIT: lambda: _("%(who)s changed the job."),
    JobVerb.MEMBERS: lambda: _("%(who)s changed the people."),
    JobVerb.PAUSE: lambda: _("%(who)s paused the job."),
    JobVerb.RESUME: lambda: _("%(who)s let the job go on."),
    JobVerb.OFFLINE: lambda: _("%(who)s took the job offline."),
    JobVerb.ONLINE: lambda: _("%(who)s brought the job online."),
    JobVerb.APPEND: lambda: _("%(who)s appended data."),
    JobVerb.CLOSE_BATCH: lambda: _("%(who)s closed a batch."),
    JobVerb.FINISH: lambda: _("The job is finished."),
    JobVerb.ARCHIVE: lambda: _("%(who)s archived the job."),
    JobVerb.UNARCHIVE: lambda: _("%(who)s took the job out of the archive."),
    JobVerb.DELETE: lambda: _("%(who)s deleted the job."),
    JobVerb.RESTORE: lambda: _("%(who)s restored the job."),
    JobVerb.GUIDE: lambda: _("%(who)s published a new guide."),
}


# --- one item --------------------------------------------------------------------------------------------------------


@dataclass
class Said:
    """A column of the side-by-side view: who said what of the item when, marked by how it differs from `compared_to`."""

    number: int
    title: str
    who: str
    at: datetime
    answers: list[QuestionDifference]
    verdict: str = ""
    tone: str = ""
    feedback: str = ""
    abandoned: bool = False
    reason: str = ""
    in_force: bool = False
    compared_to: int = 0
    seconds: int = 0


_VERDICT_TONES = {"passed": "ok", "modified": "warn", "rejected": "bad"}


def item_columns(job: Job, item: PackageItem, name: Namer = str) -> list[Said]:
    """Everything that was said of the item, oldest first, in one query; each marked against what it was begun from.

    An inspector's verdict is compared with what was judged, a later round and a correction with what stood before it,
    votes with the first vote. *Passed* and *rejected* have no answer of their own.
    """
    rows = list(
        Annotation.objects.filter(
            Q(results__isnull=False) | ~Q(verdict="") | Q(abandoned=True),
            package_item=item,
            version__gt=0,
        )
        .exclude(source=Annotation.Source.MERGE, answered_at=None)
        .select_related("assignment", "author", "judged")
        .order_by("id")
    )
    questions = resolved_template(job)["questions"]
    columns: list[Said] = []
    number_of: dict[int, int] = {}
    results: dict[int, list[Any] | None] = {}
    first_vote: dict[int, int] = {}
    before = 0
    for row in rows:
        own = _loaded(row)
        results[row.pk] = own
        compared = row.judged_id if row.judged_id in results else before
        other_vote = False
        if row.assignment is not None and row.assignment.stage == "labeling":
            vote = first_vote.setdefault(row.assignment.round, row.pk)
            if other_vote := vote != row.pk:
                compared = vote
        shown = own if own is not None else results.get(compared or 0)
        against = results.get(compared or 0) if compared and own is not None else None
        column = Said(
            number=len(columns) + 1,
            title=_title(row),
            who=name(row.author) if row.author_id else "",
            at=row.updated_at,
            answers=diff_results(against, shown, questions),
            verdict=str(row.get_verdict_display()) if row.verdict else "",
            tone=_VERDICT_TONES.get(row.verdict, ""),
            feedback=row.feedback,
            abandoned=row.abandoned,
            reason=row.reason,
            in_force=row.pk == item.current_annotation_id,
            compared_to=number_of.get(compared or 0, 0) if against is not None else 0,
            seconds=row.seconds,
        )
        columns.append(column)
        number_of[row.pk] = column.number
        if own is not None and not other_vote:
            before = row.pk
    return columns


def _title(row: Annotation) -> str:
    if row.assignment is None:
        return str(row.get_source_display())
    title = _("%(stage)s, round %(round)d") % {
        "stage": row.assignment.get_stage_display(),
        "round": row.assignment.round,
    }
    if row.assignment.vote:
        title = _("%(title)s, vote %(vote)d") % {"title": title, "vote": row.assignment.vote + 1}
    return title


def _loaded(row: Annotation) -> list[Any] | None:
    if row.results is None:
        return None
    value = row.results.load()
    return value if isinstance(value, list) else None
