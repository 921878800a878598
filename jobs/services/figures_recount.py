"""Counting the figures of a job anew from its assignments and answers: as a repair, or after a change of time zone."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import transaction

from jobs.models import (
    Annotation,
    Assignment,
    ErrorTally,
    Job,
    LabelTally,
    Package,
    PackageEvent,
    PackageTally,
    StageTally,
    TallyDue,
)
from jobs.services.figures import lock_figures
from jobs.services.figures_count import Tallies, count_submitted, labels_in_force, votes_complete

State = Assignment.State
#: How many assignments, and how many packages, are read at once.
STEP = 200


@transaction.atomic
def recount_figures_of(*, job: Job) -> int:
    """Make the job's tallies anew; how many assignments were counted.

    The job stands still meanwhile: whoever claims or submits in it waits. People stay in the teams under which they
    were counted before. Raises Job.DoesNotExist.
    """
    job = Job.objects.select_for_update(of=("self",)).select_related("workspace").get(pk=job.pk)
    lock_figures(job.pk)
    tallies = Tallies(job)
    teams: dict[Any, Any] = {
        (stage, user, day): team
        for stage, user, day, team in StageTally.objects.filter(job=job).values_list(
            "stage", "user", "day", "team"
        )
    }
    for model in (TallyDue, StageTally, ErrorTally, PackageTally, LabelTally):
        model._default_manager.filter(job=job).delete()
    counted = 0
    for rows in _in_steps(job):
        counted += len(rows)
        count_submitted(
            tallies, [row.pk for row in rows if row.submitted_at and row.state != State.WITHDRAWN]
        )
        for row in rows:
            _count_ended(tallies, row)
    _count_corrections(tallies)
    _count_labels(tallies)
    tallies.write()
    _restore_teams(job, teams)
    return counted


def _in_steps(job: Job) -> Iterator[list[Assignment]]:
    """The job's tenures that are over, in runs."""
    after = 0
    while True:
        rows = list(
            Assignment.objects.filter(job=job, pk__gt=after, holder__isnull=False)
            .exclude(state=State.CLAIMED)
            .order_by("pk")[:STEP]
        )
        if not rows:
            return
        yield rows
        after = rows[-1].pk


def _count_ended(tallies: Tallies, row: Assignment) -> None:
    if row.submitted_at and row.state == State.WITHDRAWN:
        tallies.ended(row.stage, row.holder_id, "", row.submitted_at, row.work_seconds)
        tallies.ended(row.stage, row.holder_id, row.state, row.ended_at or row.submitted_at, 0)
    elif not row.submitted_at and row.ended_at:
        state = row.state if row.lot_id is None else ""
        tallies.ended(row.stage, row.holder_id, state, row.ended_at, row.work_seconds)


def _count_corrections(tallies: Tallies) -> None:
    events = list(PackageEvent.objects.filter(job=tallies.job, verb=PackageEvent.Verb.CORRECT_ITEM))
    corrected = (
        Annotation.objects.select_related("assignment")
        .defer("results")
        .in_bulk([event.data["corrected"] for event in events])
    )
    for event in events:
        tallies.corrected(corrected.get(event.data["corrected"]), event.created_at)


def _count_labels(tallies: Tallies) -> None:
    packages = Package.objects.filter(job=tallies.job).order_by("pk").values_list("pk", flat=True)
    found: dict[int, Counter[str]] = {}
    votes: dict[int, datetime] = {}
    ids = list(packages)
    for start in range(0, len(ids), STEP):
        found.update(labels_in_force(tallies, ids[start : start + STEP]))
        votes.update(votes_complete(tallies.job, ids[start : start + STEP]))
    tallies.packages = {
        pk: (labels, votes.get(pk)) for pk, labels in found.items() if labels or pk in votes
    }


def _restore_teams(job: Job, teams: dict[Any, Any]) -> None:
    changed = []
    for row in StageTally.objects.filter(job=job).only("stage", "user", "day", "team"):
        key = (row.stage, row.user_id, row.day)
        if key in teams and row.team_id != teams[key]:
            row.team_id = teams[key]
            changed.append(row)
    StageTally.objects.bulk_update(changed, ["team"], batch_size=500)
