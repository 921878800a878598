"""Which waiting packages a lot may take: a closed set of filters, checked before anything is looked up.

`{"labelers": [user ids], "checkers": [user ids], "teams": [team ids], "from": "2026-11-01", "to": "2026-11-30",
"numbers": "1-20, 25", "answer": {"question": "1", "option": "k1"}}`; every one may be left out. Labelers and checkers
submitted the package in that stage; teams are those of its labelers; the dates, days of the workspace's time zone
with both ends, say when it came to acceptance; `answer`: some item's answer in force has this option.
"""

import datetime as dt
import json
import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import BooleanField, Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.visibility import visible_teams
from itag.core.clock import now
from itag.core.errors import FieldError, Invalid
from jobs.models import Assignment, Job, Stage
from jobs.selectors.names import Names
from jobs.services.allocation import MAX_PACKAGES

PEOPLE = ("labelers", "checkers", "teams")
MAX_RANGES = 200
MAX_IDS = 1000
_RANGE = re.compile(r"(\d{1,5})(?:\s*[-–]\s*(\d{1,5}))?")

# A choice by itself, or the label of a box, a span or a segment; lax paths look into lists by themselves.
_HAS_OPTION = """EXISTS (
    SELECT 1 FROM jobs_packageitem i JOIN jobs_annotation n ON n.id = i.current_annotation_id
    WHERE i.package_id = jobs_assignment.package_id AND jsonb_path_exists(n.results::jsonb,
        '$[*] ? (@.questionId == $q) ? (@.data == $k || @.data.labels.* == $k || @.objects.result.* == $k)',
        %s::jsonb))"""


def check_filters(job: Job, filters: Any, *, viewer: User) -> dict[str, Any]:
    """The filters in their stored form; raises Invalid naming every wrong one as `filters.<name>`.

    By people and teams whom the viewer does not know of nothing is filtered: what was found would tell who they are.
    """
    if filters in (None, ""):
        return {}
    errors: list[FieldError] = []
    if not isinstance(filters, Mapping):
        raise Invalid.field("filters", _("Give the filters as an object."))
    known = {*PEOPLE, "from", "to", "numbers", "answer"}
    errors.extend(
        {"field": f"filters.{name}", "message": _("There is no such field.")}
        for name in set(filters) - known
    )
    cleaned: dict[str, Any] = {}
    for name in PEOPLE:
        ids = filters.get(name) or []
        if not isinstance(ids, list) or not all(type(pk) is int and 0 < pk < 2**63 for pk in ids):
            errors.append({"field": f"filters.{name}", "message": _("Give a list of ids.")})
        elif len(ids) > MAX_IDS or not _knows(viewer, job, name, ids):
            errors.append(
                {"field": f"filters.{name}", "message": _("There is no such person or team.")}
            )
        elif ids:
            cleaned[name] = sorted(set(ids))
    for name in ("from", "to"):
        if filters.get(name):
            try:
                day = dt.date.fromisoformat(str(filters[name]))
                # In some time zone the first and the last years are none.
                cleaned[name] = day.replace(year=min(max(day.year, 1970), 9000)).isoformat()
            except ValueError:
                errors.append(
                    {"field": f"filters.{name}", "message": _("Enter a date as YYYY-MM-DD.")}
                )
    if filters.get("numbers"):
        ranges = parse_numbers(str(filters["numbers"]))
        if ranges is None:
            message = _("Enter package numbers such as 1-20, 25.")
            errors.append({"field": "filters.numbers", "message": message})
        else:
            cleaned["numbers"] = str(filters["numbers"]).strip()
    if filters.get("answer"):
        answer = filters["answer"]
        if _is_answer(job, answer):
            cleaned["answer"] = {name: str(answer[name]) for name in ("question", "option")}
        else:
            message = _("Choose one of the job's labels.")
            errors.append({"field": "filters.answer", "message": message})
    if errors:
        raise Invalid(errors[0]["message"], errors=errors)
    return cleaned


def parse_numbers(text: str) -> list[tuple[int, int]] | None:
    """`1-20, 25` as [(1, 20), (25, 25)]; None for anything else, and for more than 200 ranges."""
    ranges = []
    for part in text.replace("，", ",").split(","):
        found = _RANGE.fullmatch(part.strip())
        if found is None:
            return None
        first = int(found[1])
        last = int(found[2] or first)
        if not 1 <= first <= last <= MAX_PACKAGES:
            return None
        ranges.append((first, last))
    return ranges if len(ranges) <= MAX_RANGES else None


def lot_candidates(job: Job, accepter: User, filters: Mapping[str, Any]) -> QuerySet[Assignment]:
    """The waiting acceptance slots that the accepter may take into a lot; own work and what waits for others is not."""
    moment = now()
    rows = Assignment.objects.filter(
        Q(reserved_user=None) | Q(reserved_user=accepter) | Q(reserved_until__lte=moment),
        Q(reserved_team=None) | Q(reserved_team__group__user=accepter),
        job=job,
        stage=Stage.ACCEPTANCE,
        state=Assignment.State.WAITING,
        package__discarded_at=None,
    )
    if not job.limit("allow_own_check"):
        rows = rows.exclude(participants__contains=[accepter.pk])
    for name, stage in (("labelers", Stage.LABELING), ("checkers", Stage.CHECK)):
        if filters.get(name):
            rows = rows.filter(Exists(_submitted(stage).filter(holder__in=filters[name])))
    if filters.get("teams"):
        by = _submitted(Stage.LABELING).filter(holder__groups__team__in=filters["teams"])
        rows = rows.filter(Exists(by))
    zone = ZoneInfo(job.workspace.time_zone)
    if filters.get("from"):
        rows = rows.filter(created_at__gte=_midnight(filters["from"], zone))
    if filters.get("to"):
        rows = rows.filter(created_at__lt=_midnight(filters["to"], zone, days=1))
    if filters.get("numbers"):
        within = Q()
        for first, last in parse_numbers(filters["numbers"]) or []:
            within |= Q(number__range=(first, last))
        rows = rows.filter(within)
    if filters.get("answer"):
        answer = filters["answer"]
        variables = json.dumps({"q": answer["question"], "k": answer["option"]})
        rows = rows.annotate(
            has_answer=RawSQL(_HAS_OPTION, [variables], BooleanField())  # noqa: S611  the text is ours
        ).filter(has_answer=True)
    return rows


def _knows(viewer: User, job: Job, name: str, ids: list[int]) -> bool:
    """Whether the viewer may know of all these people, who worked in the filter's stage, or of these teams."""
    if not ids:
        return True
    if name == "teams":
        known = visible_teams(viewer, job.workspace)
        return known is None or known.issuperset(ids)
    names = Names(viewer, job, stage=Stage.ACCEPTANCE)
    stage = Stage.LABELING if name == "labelers" else Stage.CHECK
    return all(names.sees(pk, stage) for pk in ids)


def _submitted(stage: Stage) -> QuerySet[Assignment]:
    return Assignment.objects.filter(
        package=OuterRef("package"), stage=stage, state=Assignment.State.SUBMITTED
    )


def _midnight(day: str, zone: ZoneInfo, days: int = 0) -> dt.datetime:
    return dt.datetime.combine(
        dt.date.fromisoformat(day) + dt.timedelta(days=days), dt.time(), zone
    )


def _is_answer(job: Job, answer: Any) -> bool:
    if not isinstance(answer, Mapping):
        return False
    question, option = answer.get("question"), answer.get("option")
    # The labels of a box belong to a question within the box's: "1.1" within "1".
    return any(
        (key == question or key.startswith(f"{question}."))
        and any(entry.get("key") == option for entry in options)
        for key, options in job.options.items()
    )
