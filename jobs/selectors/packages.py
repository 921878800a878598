"""A job's packages as its managers see them: where each stands, with whom, since when, how far; what nobody can take."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.models import Assignment, Job, Package, PackageEvent, SkipRecord, Stage
from jobs.models.talk import Thread
from jobs.selectors.progress import Progress, progress_of

State = Assignment.State
#: Where a package may stand, as lists are narrowed by it; without one everything but what was discarded is shown.
STATES = {
    "waiting": gettext_lazy("Waiting"),
    "claimed": gettext_lazy("Claimed"),
    "blocked": gettext_lazy("Blocked"),
    "finished": gettext_lazy("Finished"),
    "discarded": gettext_lazy("Discarded"),
}
_SLOTS = {"waiting": State.WAITING, "claimed": State.CLAIMED, "blocked": State.BLOCKED}
FILTERS = (
    "state", "stage", "holder", "reserved", "round", "reason", "batch", "group", "returned", "flags",
)  # fmt: skip
ON = ("1", "true", "on", "yes")


@dataclass(frozen=True)
class PackageQuery:
    """A narrowing of a job's packages; `from_query` takes of a query string only what it knows.

    `holder`, `reserved`: a person's id; `reason`: a BlockedReason; `group`: the value that the package was made from;
    `flags`: with a question that is not answered yet.
    """

    state: str = ""
    stage: str = ""
    holder: int = 0
    reserved: int = 0
    round: int = 0
    reason: str = ""
    batch: int = 0
    group: str = ""
    returned: bool = False
    flags: bool = False

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "PackageQuery":
        state, stage, reason = (query.get(name, "") for name in ("state", "stage", "reason"))
        return cls(
            state=state if state in STATES else "",
            stage=stage if stage in Stage.values else "",
            holder=_number(query.get("holder")),
            reserved=_number(query.get("reserved")),
            round=_number(query.get("round"), digits=4),
            reason=reason if reason in Assignment.BlockedReason.values else "",
            batch=_number(query.get("batch"), digits=9),
            group=query.get("group", "").replace("\0", "")[:500],
            returned=query.get("returned", "").lower() in ON,
            flags=query.get("flags", "").lower() in ON,
        )

    def as_query(self) -> dict[str, str]:
        """What differs from the unnarrowed list, for links."""
        values = ((name, getattr(self, name)) for name in FILTERS)
        return {name: "1" if value is True else str(value) for name, value in values if value}

    @property
    def of_slots(self) -> bool:
        """Whether only a package with a slot that is not submitted can answer it."""
        return bool(
            self.state in _SLOTS or self.holder or self.reserved or self.reason or self.returned
        )


@dataclass
class PackageRow:
    """A package with where it stands. `slots`: the live ones of its round and stage, more than one with votes.

    `since`: when it came to where it stands; `done` of `total` items; `rejected`: how many the last inspection sent
    back, None for the package as a whole; `flags`: questions about its items that nobody has answered; `given_back`: people who
    gave it back and are not offered it again.
    """

    package: Package
    slots: list[Assignment] = field(default_factory=list)
    since: datetime | None = None
    work_seconds: int = 0
    done: int = 0
    total: int = 0
    rejected: int | None = 0
    flags: int = 0
    given_back: int = 0

    @property
    def live(self) -> Assignment | None:
        """The slot that says most of where it stands: held before blocked before waiting before submitted."""
        order = (State.CLAIMED, State.BLOCKED, State.WAITING, State.SUBMITTED)
        return min(self.slots, key=lambda slot: order.index(State(slot.state)), default=None)

    @property
    def state(self) -> str:
        """One of STATES, or `submitted` while only other votes are out."""
        if self.package.discarded_at is not None:
            return "discarded"
        if self.package.state == Package.State.FINISHED:
            return "finished"
        return str(self.live.state) if self.live else "waiting"

    @property
    def state_label(self) -> Any:
        return STATES.get(self.state) or State(self.state).label

    @property
    def whose(self) -> list[tuple[str, bool]]:
        """Who has it, as texts, each with whether they hold it just now; nobody's slots are left out."""
        if self.state in ("finished", "discarded"):
            return []
        found = []
        for slot in self.slots:
            kept = slot.reserved_user or slot.reserved_team
            if slot.state == State.CLAIMED:
                found.append((str(slot.holder), True))
            elif slot.state == State.SUBMITTED:
                found.append((_("%(name)s has submitted") % {"name": slot.holder}, False))
            elif kept is not None:
                found.append((_("kept for %(name)s") % {"name": kept}, False))
        return found

    @property
    def is_return(self) -> bool:
        return any(slot.is_return for slot in self.slots if slot.state != State.SUBMITTED)

    @property
    def blocked(self) -> str:
        """Why nobody may take it, in words; "" where it is not blocked."""
        return blocked_reason(self.live) if self.live else ""


@dataclass(frozen=True)
class PackagePage:
    """Packages by number, and the numbers after and before which the pages beside it begin (0: none)."""

    rows: Sequence[PackageRow]
    after: int
    before: int


def packages_page(
    job: Job, query: PackageQuery, *, after: int = 0, before: int = 0, limit: int = 50
) -> PackagePage:
    """A page of the job's packages; seven queries at most, and no more work for more packages."""
    back = before > 0
    found = _numbered(job, query, after=after, before=before, limit=limit + 1)
    more = len(found) > limit
    found = found[:limit]
    if back:
        found.reverse()
    packages = (
        Package.objects.filter(pk__in=found).select_related("batch").in_bulk() if found else {}
    )
    rows = package_rows([packages[pk] for pk in found if pk in packages])
    if not rows:
        return PackagePage([], 0, 0)
    has_next = bool(back) or more
    has_previous = more if back else after > 0
    return PackagePage(
        rows,
        rows[-1].package.number if has_next else 0,
        rows[0].package.number if has_previous else 0,
    )


def matching_numbers(job: Job, query: PackageQuery, most: int) -> list[int]:
    """The numbers of the packages that the query finds, in order, at most so many."""
    found = _numbered(job, query, limit=most)
    return sorted(Package.objects.filter(pk__in=found).values_list("number", flat=True))


def package_rows(packages: Iterable[Package]) -> list[PackageRow]:
    """The packages with where they stand; five queries for any number."""
    rows = {package.pk: PackageRow(package) for package in packages}
    if not rows:
        return []
    tenures = (
        Assignment.objects.filter(package__in=rows)
        .select_related("holder", "reserved_user", "reserved_team", "job")
        .order_by("vote", "id")
    )
    for slot in tenures:
        row = rows[slot.package_id]
        row.work_seconds += slot.work_seconds
        if (slot.round, slot.stage) != (row.package.round, row.package.stage):
            continue
        row.since = min(slot.created_at, row.since or slot.created_at)
        if slot.state in Assignment.LIVE:
            row.slots.append(slot)
    _count(rows)
    returns = PackageEvent.objects.filter(package__in=rows, verb=PackageEvent.Verb.RETURN)
    for package_id, data in returns.order_by("id").values_list("package", "data"):
        items = data.get("items")
        rows[package_id].rejected = items if isinstance(items, int) else None
    threads = Thread.objects.filter(package_item__package__in=rows, state=Thread.State.OPEN)
    for package_id, count in (
        threads.order_by().values_list("package_item__package").annotate(count=Count("pk"))
    ):
        rows[package_id].flags = count
    records = SkipRecord.objects.filter(package__in=rows, lifted_at=None)
    for package_id, count in records.order_by().values_list("package").annotate(count=Count("pk")):
        rows[package_id].given_back = count
    return list(rows.values())


def package_row(job: Job, number: int) -> PackageRow | None:
    """One package with where it stands, None where the job has no such number."""
    found = Package.objects.select_related("batch", "job").filter(job=job, number=number)
    rows = package_rows(found)
    return rows[0] if rows else None


def blocked_reason(slot: Assignment) -> str:
    """Why nobody may take the slot, in words."""
    if slot.state != State.BLOCKED:
        return ""
    known = dict(Assignment.BlockedReason.choices)
    return str(known.get(slot.reason, slot.reason))


def blocked_slots(jobs: Any) -> QuerySet[Assignment]:
    """What nobody can take in these jobs (a queryset of jobs or ids), oldest first; each with its reason."""
    return (
        Assignment.objects.filter(
            job__in=jobs, state=State.BLOCKED, package__discarded_at=None, job__deleted_at=None
        )
        .select_related("job", "package", "reserved_user")
        .order_by("pk")
    )


def _numbered(
    job: Job, query: PackageQuery, *, after: int = 0, before: int = 0, limit: int
) -> list[int]:
    """Ids of packages by number, backwards with `before`; driven by the slots' index where slots are asked for."""
    rows: QuerySet[Any]
    prefix = "package__" if query.of_slots else ""
    rows = Assignment.objects.filter(job=job) if query.of_slots else Package.objects.filter(job=job)
    if before:
        rows = rows.filter(number__lt=before)
    elif after:
        rows = rows.filter(number__gt=after)
    rows = rows.filter(_of_package(job, query, prefix))
    if query.of_slots:
        rows = rows.filter(_of_slot(query))
    order = "-number" if before else "number"
    pk = "package" if query.of_slots else "pk"
    # Votes are several slots of one package: equal pairs are one row.
    pairs = rows.order_by(order).values_list("number", pk)
    return [found for _number, found in (pairs.distinct() if query.of_slots else pairs)[:limit]]


def _of_slot(query: PackageQuery) -> Q:
    wanted = [_SLOTS[query.state]] if query.state in _SLOTS else list(_SLOTS.values())
    if query.holder:
        wanted = [State.CLAIMED] if State.CLAIMED in wanted else []
    if query.reason:
        wanted = [State.BLOCKED] if State.BLOCKED in wanted else []
    narrow = Q(state__in=wanted)
    if query.holder:
        narrow &= Q(holder=query.holder)
    if query.reserved:
        narrow &= Q(reserved_user=query.reserved)
    if query.reason:
        narrow &= Q(reason=query.reason)
    if query.returned:
        narrow &= Q(is_return=True)
    return narrow


def _of_package(job: Job, query: PackageQuery, prefix: str) -> Q:
    narrow = Q(**{f"{prefix}discarded_at__isnull": query.state != "discarded"})
    if query.state == "finished":
        narrow &= Q(**{f"{prefix}state": Package.State.FINISHED})
    if query.state in _SLOTS:
        narrow &= Q(**{f"{prefix}state": Package.State.OPEN})
    for name in ("stage", "round"):
        if value := getattr(query, name):
            narrow &= Q(**{f"{prefix}{name}": value})
    if query.batch:
        narrow &= Q(**{f"{prefix}batch__number": query.batch})
    if query.group:
        narrow &= Q(**{f"{prefix}group_value": query.group})
    if query.flags:
        asked = Thread.objects.filter(job=job, state=Thread.State.OPEN, package_item__isnull=False)
        narrow &= Q(**{f"{prefix}pk__in": asked.values("package_item__package")})
    return narrow


def _count(rows: dict[int, PackageRow]) -> None:
    """How far each is: the sum over its slots of what is to be done in them; all of it once it is finished."""
    asked = [
        slot
        for row in rows.values()
        for slot in row.slots
        # Nothing can have been done in what was never taken.
        if slot.previous_id or slot.round > 1 or slot.stage != Stage.LABELING or slot.holder_id
    ]
    progress = progress_of(asked)
    for row in rows.values():
        count = row.package.item_count
        if row.state == "finished" or not row.slots:
            row.done = row.total = count
            continue
        for slot in row.slots:
            one = progress.get(slot.pk, Progress(count, 0, 1))
            row.total += one.total
            row.done += one.total if slot.state == State.SUBMITTED else one.done


def _number(text: Any, *, digits: int = 18) -> int:
    text = str(text or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else 0
