"""The list of jobs: what it may be narrowed and sorted by, for pages and API alike, and when a job is late."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import BigIntegerField, Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.grants import granted_ids
from accounts.models import User, Workspace
from itag.core.clock import now
from jobs.models import Job
from jobs.models.talk import led_jobs
from jobs.selectors.keyset import Page, page_of, typed

#: Stands for "none" at the end of a list by moments.
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Sort:
    """One way to sort: the key is never null; `kind` is what a cursor must carry."""

    label: Any
    key: Any
    kind: type
    descending: bool = False


_ITEMS = F("item_count") - Coalesce(F("summary__discarded_items"), 0)
#: Millionths of the items that are finished.
_PROGRESS = Case(
    When(item_count=0, then=Value(0)),
    When(item_count__lte=Coalesce(F("summary__discarded_items"), 0), then=Value(1_000_000)),
    default=Coalesce(F("summary__finished_items"), 0) * Value(1_000_000) / _ITEMS,
    output_field=BigIntegerField(),
)
SORTS = {
    "newest": Sort(_("Newest"), F("id"), int, descending=True),
    "deadline": Sort(_("Deadline"), Coalesce("deadline", Value(NEVER)), datetime),
    "priority": Sort(_("Priority"), F("priority"), int, descending=True),
    "progress": Sort(_("Progress, least first"), _PROGRESS, int),
    "forecast": Sort(_("Forecast end"), Coalesce("summary__forecast_at", Value(NEVER)), datetime),
}
#: What the list may be narrowed by, in the query string of the page and of the API.
FILTERS = ("state", "template", "dataset", "member", "late", "archived", "mine", "search")
ON = ("1", "true", "on", "yes")


@dataclass(frozen=True)
class JobQuery:
    """A narrowing of the list; `from_query` makes one from a query string, of which it takes only what it knows."""

    state: str = ""
    template: int = 0
    dataset: int = 0
    member: int = 0
    late: bool = False
    archived: bool = False
    mine: bool = False
    search: str = ""
    sort: str = "newest"

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "JobQuery":
        state, sort = query.get("state", ""), query.get("sort", "")
        return cls(
            state=state if state in Job.State.values else "",
            template=_number(query.get("template")),
            dataset=_number(query.get("dataset")),
            member=_number(query.get("member")),
            late=query.get("late", "").lower() in ON,
            archived=query.get("archived", "").lower() in ON,
            mine=query.get("mine", "").lower() in ON,
            search=query.get("search", "").replace("\0", "").strip()[:100],
            sort=sort if sort in SORTS else "newest",
        )

    def as_query(self) -> dict[str, str]:
        """What differs from the unnarrowed list, for links."""
        found: dict[str, str] = {}
        for name in (*FILTERS, "sort"):
            value = getattr(self, name)
            if value and (name, value) != ("sort", "newest"):
                found[name] = "1" if value is True else str(value)
        return found

    @property
    def is_narrowed(self) -> bool:
        return any(name != "sort" for name in self.as_query())


def narrowed(rows: QuerySet[Job], query: JobQuery, user: User) -> QuerySet[Job]:
    """Those of the jobs that the query asks for. Whose jobs they are (`member`) is asked only of jobs one assigns in."""
    rows = rows.filter(archived_at__isnull=not query.archived)
    if query.state:
        rows = rows.filter(state=query.state)
    if query.template:
        rows = rows.filter(template=query.template)
    if query.dataset:
        rows = rows.filter(dataset=query.dataset)
    if query.mine:
        rows = rows.filter(pk__in=granted_ids(user, Job, "view_job"))
    if query.member:
        rows = rows.filter(pk__in=granted_ids(User(pk=query.member), Job, "view_job"))
        if query.member != user.pk and not user.is_superuser:
            rows = rows.filter(pk__in=led_jobs(user))
    if query.search:
        rows = rows.filter(
            Q(name__icontains=query.search)
            | Q(description__icontains=query.search)
            | Q(dataset__name__icontains=query.search)
        )
    return rows.filter(late_at(now())) if query.late else rows


def sorted_page(rows: QuerySet[Job], query: JobQuery, *, limit: int, cursor: str) -> Page[Job]:
    """A page of these jobs in the query's order. Raises BadCursor for one of another order."""
    sort = SORTS[query.sort]
    return page_of(
        rows.annotate(sort_key=sort.key),
        descending=sort.descending,
        limit=limit,
        cursor=typed(cursor, sort.kind),
    )


def deleted_by(user: User) -> Q:
    """Jobs that the person may delete and restore; the rule `jobs.delete` says the same of one job."""
    if user.is_superuser:
        return Q()
    return Q(workspace__in=granted_ids(user, Workspace, "create_in_workspace"))


#: States in which a deadline can still be missed.
_OPEN = (Job.State.RUNNING, Job.State.PAUSED, Job.State.OFFLINE, Job.State.INITIALISING)


def late_at(moment: datetime) -> Q:
    """Jobs whose deadline has passed, or lies before the forecast of their end."""
    return Q(state__in=_OPEN) & (Q(deadline__lt=moment) | Q(summary__forecast_at__gt=F("deadline")))


def lateness(job: Job, moment: datetime) -> str:
    """`overdue` where the deadline has passed, `late` where the forecast lies behind it, else ""."""
    if job.deadline is None or job.state not in _OPEN:
        return ""
    if job.deadline < moment:
        return "overdue"
    ends = job.summary.forecast_at if hasattr(job, "summary") else None
    return "late" if ends is not None and ends > job.deadline else ""


def late_jobs(moment: datetime | None = None) -> list[tuple[Job, str]]:
    """Every job that is late or overdue, with which of both; one query. For whoever tells people of it."""
    moment = moment or now()
    jobs = Job.objects.alive().filter(late_at(moment), archived_at=None)
    return [(job, lateness(job, moment)) for job in jobs.select_related("summary", "workspace")]


def _number(text: Any) -> int:
    text = str(text or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
