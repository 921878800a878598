"""What a manager may do with a job or a package as it stands now, each refusal with its reason; services decide again."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from itag.core.policy import ALLOWED, Verdict, denied
from itag.core.runs import RunState
from jobs.models import Assignment, Batch, Job, SplitRun
from jobs.selectors.packages import PackageRow

#: Operations of a job by name, in the order in which pages list them.
JOB_OPERATIONS = (
    "pause", "resume", "offline", "online", "append", "close_batch", "retry", "clone", "archive", "unarchive",
    "delete",
)  # fmt: skip
#: What may be done with packages, one or many, in the order of the buttons.
PACKAGE_VERBS = {
    "transfer": gettext_lazy("Transfer"),
    "release": gettext_lazy("Release"),
    "extend": gettext_lazy("Extend the claim"),
    "submit": gettext_lazy("Submit for the holder"),
    "offer": gettext_lazy("Offer again"),
    "discard": gettext_lazy("Discard"),
    "restore": gettext_lazy("Restore"),
    "reopen": gettext_lazy("Reopen"),
}

#: Those that need no more than assigning people and packages; the others need the management of the job.
ASSIGNING = ("transfer", "release", "extend", "offer")

State = Job.State


@dataclass(frozen=True)
class JobFacts:
    """What the operations depend on beside the job's own row."""

    held: int
    new_items: int
    open_batch: Batch | None
    split: SplitRun | None


def job_facts(job: Job, split: SplitRun | None) -> JobFacts:
    """Three queries, none of which grows with the job."""
    held = Assignment.objects.filter(job=job, state=Assignment.State.CLAIMED).count()
    open_batch = Batch.objects.filter(job=job, closed_at=None).order_by("number").first()
    newest = job.dataset.versions.order_by("-version").values_list("last_ordinal", flat=True)
    return JobFacts(held, max((newest.first() or 0) - job.last_ordinal, 0), open_batch, split)


def job_verdicts(job: Job, facts: JobFacts) -> dict[str, Verdict]:
    """Whether each of JOB_OPERATIONS is possible as the job stands; who may ask is the rule `jobs.manage`'s question."""
    state = State(job.state)
    archived = None if job.archived_at is None else denied(_("The job is archived."))
    splitting = facts.split is not None and facts.split.state in (RunState.QUEUED, RunState.RUNNING)

    def when(possible: object, reason: str) -> Verdict:
        return _first(archived, ALLOWED if possible else denied(reason))

    return {
        "pause": when(state == State.RUNNING, _only_running(state)),
        "resume": when(state == State.PAUSED, _("The job is not paused.")),
        "offline": when(state in (State.RUNNING, State.PAUSED), _only_running(state)),
        "online": when(state == State.OFFLINE, _("The job is not offline.")),
        "append": _first(archived, _append(state, facts, splitting=splitting)),
        "close_batch": when(facts.open_batch, _("No batch waits to be filled.")),
        "retry": when(state == State.FAILED, _("The preparation of the job has not failed.")),
        "clone": ALLOWED,
        "archive": when(
            state not in (State.RUNNING, State.INITIALISING),
            _("Pause the job first, or wait until it is finished."),
        ),
        "unarchive": ALLOWED if archived is not None else denied(_("The job is not archived.")),
        "delete": ALLOWED
        if state != State.INITIALISING
        else denied(_("The job is still being prepared.")),
    }


def _first(*verdicts: Verdict | None) -> Verdict:
    """The first refusal, else allowed."""
    return next((one for one in verdicts if one is not None and not one), ALLOWED)


def _only_running(state: Job.State) -> str:
    return {
        State.INITIALISING: _("The job is still being prepared."),
        State.PAUSED: _("The job is paused already."),
        State.OFFLINE: _("The job is offline."),
        State.FINISHED: _("The job is finished."),
        State.FAILED: _("The job could not be prepared."),
    }.get(state, "")


def _append(state: Job.State, facts: JobFacts, *, splitting: bool) -> Verdict:
    if state == State.FAILED:
        return denied(_("The job could not be prepared."))
    if state == State.INITIALISING or splitting:
        return denied(_("Packages are being prepared; wait until that is done."))
    if state == State.OFFLINE:
        return denied(_("The job is offline."))
    if not facts.new_items:
        return denied(_("The dataset has no items beyond those of the job."))
    return ALLOWED


def package_verdicts(row: PackageRow, job: Job) -> dict[str, Verdict]:
    """Whether each of PACKAGE_VERBS is possible with the package as it stands; `jobs.assign` says who may ask."""
    states = {slot.state for slot in row.slots}
    discarded = row.state == "discarded"
    finished = row.state == "finished"
    gone = denied(_("The package was discarded.")) if discarded else None
    offline = denied(_("The job is offline.")) if job.state == State.OFFLINE else None
    over = denied(_("The package is finished.")) if finished else None
    free = None if Assignment.State.CLAIMED in states else denied(_("Nobody holds this package."))
    nowhere = (
        None
        if states - {Assignment.State.SUBMITTED}
        else denied(_("The package is with nobody and waits for nobody."))
    )
    kept = any(slot.reserved_user_id for slot in row.slots)
    offered = None
    if Assignment.State.BLOCKED not in states and not row.given_back:
        offered = denied(_("Nobody gave the package back, and nothing blocks it."))
    return {
        "transfer": _first(gone, over, offline, nowhere),
        "release": _first(gone, over, free),
        "extend": _first(gone, over, None if kept else free),
        "submit": _first(gone, over, offline, free),
        "offer": _first(gone, over, offered),
        "discard": _first(gone),
        "restore": ALLOWED if discarded else denied(_("The package was not discarded.")),
        "reopen": _first(
            gone, offline, None if finished else denied(_("The package is not finished."))
        ),
    }


def package_effect(verb: str, count: int) -> str:
    """What the verb does to so many packages: the sentence that its dialog asks about."""
    said: dict[str, Any] = {
        "transfer": ngettext(
            "Package %(n)s goes to the person you choose: whoever holds it loses it, what was saved is kept.",
            "%(n)s packages go to the person you choose: whoever holds one loses it, what was saved is kept.",
            count,
        ),
        "release": ngettext(
            "It is taken from its holder and anybody of the stage may claim it; what was saved is kept.",
            "%(n)s packages are taken from their holders and anybody of the stage may claim them; what was saved is "
            "kept.",
            count,
        ),
        "extend": ngettext(
            "Its holder keeps it for so many hours longer, even without an input.",
            "The holders of %(n)s packages keep them for so many hours longer, even without an input.",
            count,
        ),
        "submit": ngettext(
            "It is submitted in its holder's name, as complete as it is; refused where an item is open.",
            "%(n)s packages are submitted in their holders' names; those with open items are left as they are.",
            count,
        ),
        "offer": ngettext(
            "It is offered again, also to those who gave it back.",
            "%(n)s packages are offered again, also to those who gave them back.",
            count,
        ),
        "discard": ngettext(
            "It is taken out of the work, the figures and the exports; it can be restored.",
            "%(n)s packages are taken out of the work, the figures and the exports; they can be restored.",
            count,
        ),
        "restore": ngettext(
            "It comes back as it was when it was discarded.",
            "%(n)s packages come back as they were when they were discarded.",
            count,
        ),
        "reopen": ngettext(
            "It goes back to the stage that you choose, in a new round, with its answers.",
            "%(n)s packages go back to the stage that you choose, in a new round, with their answers.",
            count,
        ),
    }
    return str(said[verb] % {"n": count})
