"""What a person may do with their assignments now, each refusal with its reason; the same cost for one and for many."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.translation import gettext as _

from accounts.models import User
from itag.core.clock import now
from itag.core.policy import ALLOWED, Verdict, denied
from jobs.models import Assignment, Job, JobEvent, Package, SkipRecord, Stage

State = Assignment.State
#: What is asked of an assignment.
VERBS = ("submit", "release", "skip", "reject", "withdraw")


@dataclass(frozen=True, slots=True)
class AssignmentVerbs:
    """The verdict of each of VERBS, and how many more packages of the job the person may give back or skip today."""

    verdicts: dict[str, Verdict]
    skips_left: int

    @property
    def can(self) -> dict[str, bool]:
        return {name: bool(verdict) for name, verdict in self.verdicts.items()}

    @property
    def why(self) -> dict[str, str]:
        """The reasons of what is refused."""
        return {name: verdict.reason for name, verdict in self.verdicts.items() if not verdict}


def assignment_verbs(user: User, assignments: Iterable[Assignment]) -> dict[int, AssignmentVerbs]:
    """What the person may do with each, by its id; at most three statements, `job` and `package` loaded."""
    rows = list(assignments)
    left = _skips_left(user, {row.job_id: row.job for row in rows})
    submitted = [row for row in rows if row.state == State.SUBMITTED and row.holder_id == user.pk]
    taken = went_on([row.pk for row in submitted])
    stood_still = offline_times(row for row in submitted if _is_finished(row))
    found = {}
    for row in rows:
        if row.holder_id != user.pk:
            verdicts = dict.fromkeys(VERBS, denied(_("Somebody else holds this package.")))
        elif row.state == State.CLAIMED:
            verdicts = _of_held(row, left[row.job_id])
        else:
            verdicts = dict.fromkeys(VERBS, denied(_("You do not hold this package any more.")))
            if row.state == State.SUBMITTED:
                verdicts["withdraw"] = may_withdraw(
                    row, taken=row.pk in taken, stood_still=stood_still.get(row.pk, timedelta())
                )
        found[row.pk] = AssignmentVerbs(verdicts, left[row.job_id])
    return found


def _of_held(row: Assignment, left: int) -> dict[str, Verdict]:
    moves = _moves(row)
    returned = row.is_return and row.reserved_user_id == row.holder_id
    gives_back = moves if row.lot_id is not None else ALLOWED
    if not left and not returned:
        gives_back = denied(
            _("You have given back as many packages of this job today as is possible.")
        )
    inspects = moves
    if row.stage == Stage.LABELING:
        inspects = denied(_("Only a checker or accepter rejects a package."))
    return {
        "submit": moves,
        "release": gives_back,
        "skip": gives_back,
        "reject": inspects,
        "withdraw": denied(_("You have not submitted this package yet.")),
    }


def _moves(row: Assignment) -> Verdict:
    """Whether the package may move at all."""
    if row.job.state == Job.State.OFFLINE:
        return denied(_("The job is offline: what you save is kept, nothing is submitted."))
    if row.package.discarded_at is not None:
        return denied(_("The package was discarded; what was answered is kept."))
    if row.lot_id is not None:
        return denied(_("The package belongs to a lot: decide on the lot as a whole."))
    return ALLOWED


def may_withdraw(row: Assignment, *, taken: bool, stood_still: timedelta) -> Verdict:
    """Whether its holder may take the submission back: until the next stage has claimed, after the end for minutes.

    `taken`: see `went_on`; `stood_still`: how long the job was offline since.
    """
    if not (moves := _moves(row)):
        return moves
    if row.job.archived_at is not None:
        return denied(_("The job is archived."))
    if taken:
        return denied(_("Somebody has gone on with the package already."))
    minutes = row.job.limit("withdraw_minutes")
    since = row.submitted_at or row.created_at
    if _is_finished(row) and now() - since - stood_still > timedelta(minutes=minutes):
        return denied(
            _("What ended the last stage can be taken back for %(count)d minutes only.")
            % {"count": minutes}
        )
    return ALLOWED


def went_on(ids: Iterable[int]) -> set[int]:
    """Which of these assignments' packages somebody has taken in another stage or round since; one statement.

    So does an extra voter, who is asked once all have voted.
    """
    if not (wanted := list(ids)):
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT a.id FROM jobs_assignment a WHERE a.id = ANY(%s) AND EXISTS (
                SELECT 1 FROM jobs_assignment b
                WHERE b.package_id = a.package_id AND b.id > a.id AND b.holder_id IS NOT NULL
                    AND ((b.round, b.stage) <> (a.round, a.stage)
                        OR b.vote <> a.vote AND b.previous_id IS NULL AND b.created_at >= a.submitted_at))""",
            [wanted],
        )
        return {row[0] for row in cursor.fetchall()}


def offline_times(submitted: Iterable[Assignment]) -> dict[int, timedelta]:
    """How long the job of each was offline since its submission; one statement, none for none."""
    rows = list(submitted)
    if not rows:
        return {}
    pauses = JobEvent.objects.filter(
        job__in={row.job_id for row in rows},
        verb=JobEvent.Verb.ONLINE,
        created_at__gte=min(row.submitted_at or row.created_at for row in rows),
    )
    found = {row.pk: timedelta() for row in rows}
    for job_id, at, data in pauses.values_list("job", "created_at", "data"):
        for row in rows:
            if row.job_id == job_id and at >= (row.submitted_at or row.created_at):
                found[row.pk] += timedelta(seconds=data.get("offline_seconds", 0))
    return found


def day_begins(zone: str, moment: datetime) -> datetime:
    """The midnight before the moment in this time zone."""
    here = moment.astimezone(ZoneInfo(zone))
    return here.replace(hour=0, minute=0, second=0, microsecond=0)


def _skips_left(user: User, jobs: dict[int, Job]) -> dict[int, int]:
    """How many packages of each job the person may still give back today, in the time zone of its workspace."""
    moment = now()
    used: Counter[int] = Counter()
    records = SkipRecord.objects.filter(
        person=user, job__in=jobs, counted=True, created_at__gte=moment - timedelta(days=2)
    )
    for job_id, at, zone in records.values_list("job", "created_at", "job__workspace__time_zone"):
        used[job_id] += at >= day_begins(zone, moment)
    return {pk: max(0, job.limit("give_back_limit") - used[pk]) for pk, job in jobs.items()}


def _is_finished(row: Assignment) -> bool:
    return row.package.state == Package.State.FINISHED
