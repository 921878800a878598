"""What tenures, verdicts and answers in force come to in the tallies; docs/figures.md says what each figure means.

The one place that knows it: `figures` counts what has happened since, `figures_recount` all of a job anew.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import orjson

from itag.core.sql import prepared_cursor
from jobs.models import Annotation, Job, Stage
from jobs.selectors.figures import COUNTERS
from jobs.selectors.template import job_questions, template_key
from jobs.services.figures_sql import FACTS, IN_FORCE, STEP, VOTES, WRITE
from jobs.services.figures_units import ABANDONED, ANSWERED, choice_ids, label_of, labels, units

#: How others' verdicts are counted, by the stage that gave them.
_JUDGED = {Stage.CHECK: "checked", Stage.ACCEPTANCE: "sampled"}
Verdict = Annotation.Verdict


class Fact(NamedTuple):
    """A tenure with one of its answers or verdicts (`annotation` None: it has none), as FACTS selects them."""

    assignment: int
    package: int
    stage: str
    round: int
    state: str
    holder: int | None
    submitted_at: datetime | None
    ended_at: datetime | None
    work_seconds: int
    item_count: int
    stands: str
    package_state: str
    back: str | None
    back_items: str | None
    back_user: int | None
    annotation: int | None
    author: int | None
    abandoned: bool
    verdict: str
    results: str | None
    error_type: str
    severity: str
    feedback_object: str
    in_force: bool | None
    media: str
    credit: int | None
    judged_results: str | None
    judged_stage: str
    undecided: bool
    first: bool
    checker: int | None
    overturned: bool


class StageKey(NamedTuple):
    """Whose figures of what."""

    stage: str
    user_id: int | None
    day: date


class ErrorKey(NamedTuple):
    """One kind of error."""

    stage: str
    user_id: int | None
    day: date
    kind: str
    error_type: str
    severity: str
    question: str
    option: str


@dataclass
class Tallies:
    """What is to be added to the tallies of a job; `packages`: {package: (labels, when the last vote came)}."""

    job: Job
    stages: dict[StageKey, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    errors: Counter[ErrorKey] = field(default_factory=Counter)
    packages: dict[int, tuple[Counter[str], datetime | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.zone = ZoneInfo(self.job.workspace.time_zone)
        self.choices = choice_ids(job_questions(template_key(self.job)))

    def day(self, moment: datetime) -> date:
        """The day of the moment in the workspace's time zone."""
        return moment.astimezone(self.zone).date()

    def add(self, stage: str, user: int | None, day: date, **counts: int) -> None:
        """Add to one person's figures of a day."""
        self.stages[StageKey(stage, user, day)].update(counts)

    # --- tenures ------------------------------------------------------------------------------------------------------

    def submitted(self, fact: Fact, sign: int = 1) -> None:
        """A tenure that was submitted, without its answers; -1 takes it back but for its time."""
        assert fact.submitted_at is not None
        day = self.day(fact.submitted_at)
        counts = {"packages" if fact.round == 1 else "rework_packages": sign}
        if sign > 0:
            counts["work_seconds"] = fact.work_seconds
        if fact.back:
            counts["sent_back"] = sign
        self.add(fact.stage, fact.holder, day, **counts)

    def returned(self, fact: Fact, rejected: int, sign: int = 1) -> None:
        """The package went back to whoever had submitted it."""
        if fact.back and fact.submitted_at:
            items = fact.item_count if fact.back_items == "all" else rejected
            self.add(
                fact.back,
                fact.back_user,
                self.day(fact.submitted_at),
                returned_packages=sign,
                returned_items=sign * items,
            )

    def ended(
        self, stage: str, holder: int | None, state: str, moment: datetime, seconds: int
    ) -> None:
        """A tenure that ended without a submission."""
        counts = {state: 1} if state in COUNTERS else {}
        self.add(stage, holder, self.day(moment), work_seconds=seconds, **counts)

    def corrected(self, annotation: Annotation | None, moment: datetime) -> None:
        """A manager replaced this answer (None: there was none) by their own."""
        manager = annotation is None or annotation.source == Annotation.Source.MANAGER
        own = annotation.assignment if annotation is not None else None
        self.add(
            own.stage if own is not None else Stage.LABELING,
            None if manager or annotation is None else annotation.author_id,
            self.day(moment),
            corrected=1,
        )

    # --- answers and verdicts -----------------------------------------------------------------------------------------

    def annotation(self, fact: Fact, sign: int = 1, *, overturned: bool | None = None) -> None:
        """An answer or verdict of a submitted tenure; `overturned`: as if an appeal had undone it, or had not."""
        if fact.stage == Stage.LABELING:
            self._answer(fact, sign)
        else:
            undone = fact.overturned if overturned is None else overturned
            self._verdict(fact, sign, overturned=undone)

    def _answer(self, fact: Fact, sign: int) -> None:
        assert fact.submitted_at is not None
        day = self.day(fact.submitted_at)
        if fact.round > 1:
            self.add(fact.stage, fact.author, day, rework_items=sign)
            return
        self.add(
            fact.stage,
            fact.author,
            day,
            items=sign,
            abandoned=sign * fact.abandoned,
            **self._units(fact, fact.results, sign),
        )

    def _verdict(self, fact: Fact, sign: int, *, overturned: bool) -> None:
        assert fact.submitted_at is not None
        day, own = self.day(fact.submitted_at), Counter[str]()
        wrong = fact.verdict != Verdict.PASSED and not overturned
        verdict = fact.verdict if wrong else Verdict.PASSED.value
        own["abandoned"] = fact.abandoned and wrong
        if overturned:
            own.update(examined=1, overturned=1)
        if fact.first:
            own["items"] = 1
            own["adjudicated" if fact.undecided else verdict] = 1
            shown = fact.results if fact.verdict == Verdict.MODIFIED else fact.judged_results
            own.update(self._units(fact, shown, 1))
            if not fact.undecided:
                self._credit(fact, day, verdict, sign)
        else:
            own["rework_items"] = 1
            own["rework_errors"] = wrong
        self.add(fact.stage, fact.author, day, **{name: sign * own[name] for name in own})

    def _credit(self, fact: Fact, day: date, verdict: str, sign: int) -> None:
        """The first verdict on an item in its stage is about its answer's author, and about who had let it pass."""
        judged = _JUDGED[Stage(fact.stage)]
        counts = {judged: sign}
        if verdict != Verdict.PASSED:
            counts[f"{judged}_{verdict}"] = sign
            question, option = label_of(
                _load(fact.judged_results), fact.feedback_object, self.choices
            )
            kind = (verdict, fact.error_type, fact.severity, question, option)
            self.errors[ErrorKey(fact.stage, fact.credit, day, *kind)] += sign
        self.add(fact.judged_stage, fact.credit, day, **counts)
        if fact.checker is not None:
            missed = sign * (verdict != Verdict.PASSED)
            self.add(Stage.CHECK, fact.checker, day, examined=sign, missed=missed)

    def _units(self, fact: Fact, results: str | None, sign: int) -> dict[str, int]:
        found = units(_load(results), orjson.loads(fact.media), self.choices)
        return {name: sign * amount for name, amount in found.items() if amount}

    # --- labels -------------------------------------------------------------------------------------------------------

    def label(self, found: Counter[str], results: str | None, *, abandoned: bool) -> None:
        """Add the labels of one answer in force."""
        found[ABANDONED if abandoned else ANSWERED] += 1
        if not abandoned:
            found.update(labels(_load(results), self.choices))

    def write(self) -> None:
        """Add everything to the tables; one statement, none where nothing is to be added."""
        stages = [
            {**key._asdict(), **{name: count for name, count in counts.items() if count}}
            for key, counts in self.stages.items()
            if any(counts.values())
        ]
        errors = [{**key._asdict(), "count": count} for key, count in self.errors.items() if count]
        packages = [
            {"package_id": pk, "labels": found, "voted_at": voted}
            for pk, (found, voted) in self.packages.items()
        ]
        if not (stages or errors or packages):
            return
        with prepared_cursor() as cursor:
            cursor.execute(
                WRITE,
                {
                    "job": self.job.pk,
                    "workspace": self.job.workspace_id,
                    "stages": orjson.dumps(stages).decode(),
                    "errors": orjson.dumps(errors).decode(),
                    "packages": orjson.dumps(packages).decode(),
                },
            )


@dataclass
class Changed:
    """What the answers of a submitted tenure change of the labels in force of its package."""

    head: Fact
    found: Counter[str] = field(default_factory=Counter)
    in_force: int = 0


def count_submitted(
    tallies: Tallies,
    assignments: Iterable[int],
    sign: int = 1,
    *,
    overturned: bool | None = None,
) -> dict[int, Changed]:
    """Count these submitted tenures (-1: take them back); what they changed of labels, by package.

    `overturned`: whether to count verdicts as if an appeal had undone them; None: as it is.
    """
    ids = list(assignments)
    if not ids:
        return {}
    heads: dict[int, Fact] = {}
    rejected: Counter[int] = Counter()
    changed: dict[int, Changed] = {}
    for fact in read_facts(ids):
        if fact.assignment not in heads:
            heads[fact.assignment] = fact
            tallies.submitted(fact, sign)
        if fact.annotation is None:
            continue
        tallies.annotation(fact, sign, overturned=overturned)
        rejected[fact.assignment] += fact.verdict == Verdict.REJECTED
        if fact.results is not None:
            change = changed.setdefault(fact.package, Changed(fact))
            if fact.in_force:
                change.in_force += 1
                tallies.label(change.found, fact.results, abandoned=fact.abandoned)
    for pk, head in heads.items():
        tallies.returned(head, rejected[pk], sign)
    return changed


def read_facts(assignments: Iterable[int], only: int | None = None) -> Iterator[Fact]:
    """What these submitted tenures say, all of a tenure in one go or in several; a statement per STEP of them.

    `only`: this annotation alone.
    """
    ids, after = list(assignments), 0
    while True:
        with prepared_cursor() as cursor:
            cursor.execute(FACTS, {"ids": ids, "after": after, "only": only, "step": STEP})
            facts = [Fact(*row) for row in cursor.fetchall()]
        yield from facts
        found = [fact.annotation for fact in facts if fact.annotation is not None]
        if len(found) < STEP:
            return
        after = found[-1]


def labels_in_force(tallies: Tallies, packages: Iterable[int]) -> dict[int, Counter[str]]:
    """The labels of the answers in force of each package."""
    found: dict[int, Counter[str]] = {pk: Counter() for pk in packages}
    with prepared_cursor() as cursor:
        cursor.execute(IN_FORCE, {"packages": [*found]})
        for package, abandoned, results in cursor.fetchall():
            tallies.label(found[package], results, abandoned=abandoned)
    return found


def relabel(tallies: Tallies, changed: Mapping[int, Changed | None]) -> None:
    """Note the labels in force of the packages; they are read where a tenure does not hold all of them."""
    unknown = [
        pk
        for pk, change in changed.items()
        if change is None or change.in_force < change.head.item_count
    ]
    read = labels_in_force(tallies, unknown) if unknown else {}
    votes = votes_complete(tallies.job, changed)
    for pk, change in changed.items():
        found = read[pk] if change is None or pk in read else change.found
        tallies.packages[pk] = (found, votes.get(pk))


def votes_complete(job: Job, packages: Iterable[int]) -> dict[int, datetime]:
    """When the last vote of each of these packages came, of those that have all; a statement if the job has votes."""
    if job.vote_count == 1:
        return {}
    with prepared_cursor() as cursor:
        cursor.execute(VOTES, {"packages": list(packages), "votes": job.vote_count})
        return dict(cursor.fetchall())


def _load(results: str | None) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = orjson.loads(results or "[]")
    return loaded
