"""The figures of a job worked out from its raw rows, without a look at how the engine keeps them.

Written apart from jobs.services.figures_count on purpose: what both say must be the same.
"""

import json
from collections import Counter, defaultdict
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from jobs.models import (
    Annotation,
    Appeal,
    Assignment,
    ErrorTally,
    Job,
    LabelTally,
    Package,
    PackageEvent,
    PackageItem,
    PackageTally,
    StageTally,
)
from jobs.services.figures import settle_figures
from jobs.services.figures_recount import recount_figures_of

HANDED_OVER = ("submit", "submit_for", "reject_package")
Figures = dict[tuple[str, Any, date], dict[str, int]]


class Recount:
    """`stages`: {(stage, user id, day): {figure: count}}; `errors`, `labels`: counts by key."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.zone = ZoneInfo(job.workspace.time_zone)
        self.counts: dict[tuple[str, Any, date], Counter[str]] = defaultdict(Counter)
        self.errors: Counter[tuple[Any, ...]] = Counter()
        self.labels: Counter[tuple[str, str]] = Counter()
        self.assignments = list(Assignment.objects.filter(job=job).order_by("pk"))
        self.upheld = set(
            Appeal.objects.filter(job=job, state="upheld").values_list("annotation", flat=True)
        )
        self.returns = self._returns()
        self._inspected: set[tuple[str, int]] = set()
        for assignment in self.assignments:
            self._tenure(assignment)
        self._corrections()
        self._labels()

    @property
    def stages(self) -> Figures:
        return without_zeros(self.counts)

    def day(self, moment: datetime | None) -> date:
        assert moment is not None
        return moment.astimezone(self.zone).date()

    def _returns(self) -> dict[int, PackageEvent]:
        """The return that each inspection brought about."""
        found, last = {}, {}
        for event in PackageEvent.objects.filter(job=self.job).order_by("pk"):
            if event.verb in HANDED_OVER:
                last[event.package_id] = event.assignment_id
            elif event.verb == "return":
                found[last[event.package_id]] = event
        return found

    def _tenure(self, a: Assignment) -> None:
        if not a.holder_id or a.state == "claimed":
            return
        if not a.submitted_at:
            row = self.counts[a.stage, a.holder_id, self.day(a.ended_at)]
            row["work_seconds"] += a.work_seconds
            if a.state != "void" and a.lot_id is None:
                row[a.state] += 1
            return
        row = self.counts[a.stage, a.holder_id, self.day(a.submitted_at)]
        row["work_seconds"] += a.work_seconds
        if a.state == "withdrawn":
            self.counts[a.stage, a.holder_id, self.day(a.ended_at)]["withdrawn"] += 1
            return
        row["packages" if a.round == 1 else "rework_packages"] += 1
        answers = list(
            Annotation.objects.filter(assignment=a, package_item__origin="data").select_related(
                "judged__assignment", "package_item__item"
            )
        )
        if a.stage == "labeling":
            for answer in answers:
                if answer.results is not None:
                    self._labeled(a, answer)
            return
        for verdict in answers:
            if verdict.verdict:
                self._judged(a, verdict)
        if event := self.returns.get(a.pk):
            row["sent_back"] += 1
            earlier = [
                b
                for b in self.assignments
                if (b.package_id, b.stage) == (a.package_id, event.stage)
                and b.pk < a.pk and b.submitted_at and b.state != "withdrawn"
            ]  # fmt: skip
            # A stage that was passed with nothing drawn was nobody's work.
            last = max(earlier, key=lambda b: (b.round, b.pk), default=None)
            whose = last.holder_id if last else None
            back = self.counts[event.stage, whose, self.day(a.submitted_at)]
            back["returned_packages"] += 1
            count = event.data["items"]
            back["returned_items"] += a.package.item_count if count == "all" else count

    def _labeled(self, a: Assignment, answer: Annotation) -> None:
        row = self.counts["labeling", answer.author_id, self.day(a.submitted_at)]
        if a.round > 1:
            row["rework_items"] += 1
            return
        row["items"] += 1
        row["abandoned"] += answer.abandoned
        row["regions"] += regions(answer)

    def _judged(self, a: Assignment, verdict: Annotation) -> None:
        row = self.counts[a.stage, verdict.author_id, self.day(a.submitted_at)]
        overturned = verdict.pk in self.upheld
        error = verdict.verdict in ("rejected", "modified") and not overturned
        row["overturned"] += overturned
        row["examined"] += overturned
        row["abandoned"] += verdict.abandoned and error
        place = (a.stage, verdict.package_item_id)
        if place in self._inspected:
            row["rework_items"] += 1
            row["rework_errors"] += error
            return
        self._inspected.add(place)
        row["items"] += 1
        shown = verdict if verdict.verdict == "modified" else verdict.judged
        row["regions"] += regions(shown)
        judged = verdict.judged
        if judged is None:
            row["adjudicated"] += 1
            return
        row[verdict.verdict if error else "passed"] += 1
        author = None if judged.source == "manager" else judged.author_id
        where = judged.assignment.stage if judged.assignment else "labeling"
        theirs = self.counts[where, author, self.day(a.submitted_at)]
        name = {"check": "checked", "acceptance": "sampled"}[a.stage]
        theirs[name] += 1
        if error:
            theirs[f"{name}_{verdict.verdict}"] += 1
            key = (
                a.stage,
                author,
                self.day(a.submitted_at),
                verdict.verdict,
                verdict.error_type,
                verdict.severity,
            )
            self.errors[key] += 1
        if a.stage == "acceptance":
            self._examined(a, verdict, error=error)

    def _examined(self, a: Assignment, verdict: Annotation, *, error: bool) -> None:
        """The checker who had let the very answer pass, or made it, is judged along with it."""
        for b in reversed(self.assignments):
            if b.pk > a.pk or b.stage != "check" or not b.submitted_at or b.state == "withdrawn":
                continue
            for own in Annotation.objects.filter(assignment=b, package_item=verdict.package_item):
                stood = own.pk if own.verdict == "modified" else own.judged_id
                if own.verdict in ("passed", "modified") and verdict.judged_id in (
                    stood,
                    own.judged_id,
                ):
                    row = self.counts["check", own.author_id, self.day(a.submitted_at)]
                    row["examined"] += 1
                    row["missed"] += error
                    return

    def _corrections(self) -> None:
        for event in PackageEvent.objects.filter(job=self.job, verb="correct_item"):
            old = Annotation.objects.filter(pk=event.data["corrected"]).first()
            stage = old.assignment.stage if old and old.assignment else "labeling"
            whose = old.author_id if old and old.source != "manager" else None
            self.counts[stage, whose, self.day(event.created_at)]["corrected"] += 1

    def _labels(self) -> None:
        for item in PackageItem.objects.filter(
            package__in=Package.objects.filter(job=self.job, discarded_at=None), origin="data"
        ).select_related("current_annotation"):
            current = item.current_annotation
            if current is None:
                continue
            self.labels["", "abandoned" if current.abandoned else "answered"] += 1
            if current.abandoned:
                continue
            for element in json.loads(current.results or "[]"):
                given = element["data"]
                if element["type"] == "image":
                    for shape in given:
                        for question, key in shape["labels"].items():
                            self.labels[question, key] += 1
                else:
                    for key in [given] if isinstance(given, str) else given:
                        self.labels[element["questionId"], key] += 1


def regions(answer: Annotation | None) -> int:
    """Objects drawn on pictures."""
    if answer is None or answer.results is None:
        return 0
    elements = json.loads(answer.results)
    return sum(len(element["data"]) for element in elements if element["type"] == "image")


def without_zeros(counts: Any) -> Figures:
    found = {
        key: {name: int(count) for name, count in row.items() if count}
        for key, row in counts.items()
    }
    return {key: row for key, row in found.items() if row}


def kept(job: Job) -> tuple[Figures, dict[Any, int], dict[Any, int]]:
    """What the tallies say: stages, errors (without their labels), labels."""
    own = {field.attname for field in StageTally._meta.fields}
    names = own - {"id", "job_id", "stage", "user_id", "team_id", "day"}
    stages = {
        (row["stage"], row["user_id"], row["day"]): {name: row[name] for name in names}
        for row in StageTally.objects.filter(job=job).values()
    }
    errors: Counter[tuple[Any, ...]] = Counter()
    for error in ErrorTally.objects.filter(job=job).values():
        names_ = ("stage", "user_id", "day", "kind", "error_type", "severity")
        errors[tuple(error[name] for name in names_)] += error["count"]
    labels = {
        (row.question, row.option): row.count
        for row in LabelTally.objects.filter(job=job)
        if row.count
    }
    return without_zeros(stages), {key: n for key, n in errors.items() if n}, labels


def assert_figures(job: Job, *, repair: bool = True) -> None:
    """The tallies are what the raw rows say, and stay so when they are made anew."""
    settle_figures(job)
    expected = Recount(job)
    for _again in range(2 if repair else 1):
        stages, errors, labels = kept(job)
        assert stages == expected.stages
        assert errors == dict(expected.errors)
        assert labels == dict(expected.labels)
        if repair:
            voted = (
                PackageTally.objects.filter(job=job)
                .exclude(voted_at=None)
                .values_list("package", flat=True)
            )
            voted_before = sorted(voted)
            recount_figures_of(job=job)
            assert sorted(voted.all()) == voted_before
