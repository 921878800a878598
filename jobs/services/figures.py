"""Figures: noted by the transactions that do the work, counted into the tallies in passes.

A `note_…` is called in the transaction of what it notes and costs one INSERT, which waits for nobody. `settle_figures`
counts what was noted, at the latest when somebody looks; `figures_count` says what it comes to.
"""

from collections.abc import Iterable

from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.models import Workspace
from jobs.models import Annotation, Assignment, Job, Package, PackageEvent, TallyDue
from jobs.services.figures_count import Changed, Tallies, count_submitted, read_facts, relabel

Kind = TallyDue.Kind

#: The advisory lock on the counting of a job: (LOCK | job).
LOCK = 0x17A7 << 44
#: How many things one transaction counts.
STEP = 500

# A lot that is dissolved gives nothing back that its accepter had taken.
_ENDED = """
SELECT id, stage, holder_id, CASE WHEN lot_id IS NULL THEN state ELSE '' END, ended_at, work_seconds FROM jobs_assignment WHERE id = ANY(%s)
"""


def note_submit(assignment: Assignment) -> None:
    """The assignment was submitted, by its holder, a manager, or with its lot."""
    _note(Kind.SUBMIT, assignment)


def note_withdraw(assignment: Assignment) -> None:
    """Its submission was taken back: what it counted counts no more, but for the time that was worked."""
    _note(Kind.WITHDRAW, assignment)


def note_end(assignment: Assignment) -> None:
    """The tenure ended without a submission."""
    _note(Kind.END, assignment)


def note_correction(event: PackageEvent) -> None:
    """A manager's answer came into force; the event's `corrected` is the id of the one before, None where none was."""
    TallyDue.objects.create(
        job_id=event.job_id,
        package_id=event.package_id,
        kind=Kind.CORRECT,
        annotation_id=event.data["corrected"],
        created_at=event.created_at,
    )


def note_labels(package: Package) -> None:
    """Answers came into force without a submission, or the package was discarded or restored."""
    TallyDue.objects.create(job_id=package.job_id, package=package, kind=Kind.LABELS)


def reverse_error(*, annotation: Annotation) -> None:
    """An appeal against this verdict was upheld: it is no error of the author's, but one of the inspector's."""
    assert annotation.assignment is not None
    _note(Kind.APPEAL, annotation.assignment, annotation)


def _note(
    kind: TallyDue.Kind, assignment: Assignment, annotation: Annotation | None = None
) -> None:
    TallyDue.objects.create(
        job_id=assignment.job_id,
        package_id=assignment.package_id,
        kind=kind,
        assignment=assignment,
        annotation=annotation,
    )


def settle_figures(job: Job) -> int:
    """Count what has been noted of the job; how many things there were. One statement where there are none."""
    done = 0
    while TallyDue.objects.filter(job=job).exists():
        with transaction.atomic():
            lock_figures(job.pk)
            counted = _settle(job)
        if not counted:
            break
        done += counted
    return done


def settle_workspace(workspace: Workspace) -> int:
    """The same for every job of the workspace; one statement where nothing is to be counted."""
    return sum(map(settle_figures, _due().filter(workspace=workspace)))


def settle_all_figures() -> int:
    """The same for every job; for the beat."""
    return sum(map(settle_figures, _due()))


def _due() -> QuerySet[Job]:
    due = TallyDue.objects.order_by().values("job")
    return Job.objects.select_related("workspace").filter(pk__in=due).order_by("pk")


def lock_figures(job_id: int) -> None:
    """Let nobody else count the job's figures until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK | job_id])


def _settle(job: Job) -> int:
    due = list(
        TallyDue.objects.filter(job=job)
        .select_related("annotation__assignment")
        .order_by("pk")[:STEP]
    )
    of: dict[str, list[TallyDue]] = {kind: [] for kind in Kind}
    for row in due:
        of[row.kind].append(row)
    tallies = Tallies(job)
    changed: dict[int, Changed | None] = {
        row.package_id: None for row in (*of[Kind.LABELS], *of[Kind.CORRECT])
    }
    # An appeal that was upheld since comes with its own row; what is taken back had been upheld before, if it was.
    for kind, sign, overturned in ((Kind.SUBMIT, 1, False), (Kind.WITHDRAW, -1, None)):
        ids = [row.assignment_id for row in of[kind] if row.assignment_id]
        for pk, change in count_submitted(tallies, ids, sign, overturned=overturned).items():
            # Two tenures of one package: what is in force is read.
            changed[pk] = None if pk in changed or sign < 0 else change
    _count_ended(tallies, [*of[Kind.END], *of[Kind.WITHDRAW]])
    for row in of[Kind.CORRECT]:
        tallies.corrected(row.annotation, row.created_at)
    for row in of[Kind.APPEAL]:
        _reverse(tallies, row)
    relabel(tallies, changed)
    tallies.write()
    TallyDue.objects.filter(pk__in=[row.pk for row in due]).delete()
    return len(due)


def _count_ended(tallies: Tallies, rows: Iterable[TallyDue]) -> None:
    ids = [row.assignment_id for row in rows]
    if not ids:
        return
    withdrawn = Assignment.State.WITHDRAWN
    with connection.cursor() as cursor:
        cursor.execute(_ENDED, [ids])
        for _pk, stage, holder, state, ended_at, seconds in cursor.fetchall():
            # The time before a submission that was withdrawn has been counted with it.
            tallies.ended(stage, holder, state, ended_at, 0 if state == withdrawn else seconds)


def _reverse(tallies: Tallies, row: TallyDue) -> None:
    assert row.assignment_id is not None
    for fact in read_facts([row.assignment_id], only=row.annotation_id):
        if fact.annotation is not None:
            tallies.annotation(fact, -1, overturned=False)
            tallies.annotation(fact, overturned=True)
