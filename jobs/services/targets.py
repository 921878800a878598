"""Which packages are reserved for whom: shares in percent, or a list of package numbers. Pure: no database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

from django.utils.translation import gettext as _

from itag.core.errors import Invalid
from jobs.services.allocation import MAX_PACKAGES

FIELD = "allocation.targets"
KINDS = {"users": "user", "teams": "team"}
#: Rows of an explicit list; each may name any number of consecutive packages.
MAX_ROWS = 1_000


@dataclass(frozen=True)
class Reservation:
    """The slots of vote `vote` of packages `first` to `last` are for this user or team."""

    first: int
    last: int
    vote: int
    kind: str  # user | team
    pk: int


def check_targets(targets: Any) -> dict[str, Any] | None:
    """The targets in their stored form, or None for none; raises Invalid at `allocation.targets`.

    {"users": {"<id>": percent}, "teams": {"<id>": percent}} with 100 in all, or
    {"packages": [{"first": 1, "last": 20, "user": id} | {…, "team": id}]}. Who the ids are is not looked at.
    """
    if targets is None or targets == {}:
        return None
    if not isinstance(targets, Mapping):
        raise Invalid.field(FIELD, _("Give the targets as an object."))
    if "packages" in targets:
        if set(targets) != {"packages"}:
            raise Invalid.field(FIELD, _("Give either shares or package numbers, not both."))
        return {"packages": _rows(targets["packages"])} if targets["packages"] else None
    if set(targets) - set(KINDS):
        raise Invalid.field(FIELD, _("Targets are users and teams with their shares."))
    shares = {kind: _shares(targets.get(kind)) for kind in KINDS}
    total = sum(sum(share.values()) for share in shares.values())
    if total == 0:
        return None
    if total != 100:
        raise Invalid.field(
            FIELD, _("The shares make %(total)s %% together; make it 100 %%.") % {"total": total}
        )
    return {kind: share for kind, share in shares.items() if share}


def subjects(targets: Mapping[str, Any] | None) -> list[tuple[str, int]]:
    """("user" | "team", id) of everybody that the targets name, each once, in the order they are served."""
    if not targets:
        return []
    if "packages" in targets:
        named = [_subject(row) for row in targets["packages"]]
        return list(dict.fromkeys(named))
    # Sorted, since the database keeps no order of keys.
    return sorted(
        ((KINDS[kind], int(pk)) for kind in KINDS for pk in targets.get(kind, {})),
        key=lambda one: (one[0] == "team", one[1]),
    )


def quotas(percents: Sequence[int], packages: int) -> list[int]:
    """How many of the packages each share (100 in all) gets: the largest remainders get one more."""
    parts = [divmod(percent * packages, 100) for percent in percents]
    missing = packages - sum(whole for whole, _rest in parts)
    by_rest = sorted(range(len(parts)), key=lambda n: (-parts[n][1], n))
    more = set(by_rest[:missing])
    return [whole + (n in more) for n, (whole, _rest) in enumerate(parts)]


def reserve(
    targets: Mapping[str, Any] | None, *, units: Sequence[int], first: int = 1, votes: int = 1
) -> list[Reservation]:
    """Who gets which packages; `units`: the numbers of consecutive packages that stay together, from `first` on.

    By share everybody gets consecutive packages, and a unit that lies across two shares belongs to the one that has
    its middle. By list each reservation takes the first vote slot of its package that is still free. Raises Invalid at
    `allocation.targets` for numbers that no package has, and where a package has more reservations than votes.
    """
    if not targets:
        return []
    if "packages" in targets:
        return _listed(targets["packages"], first, first + sum(units) - 1, votes)
    named = subjects(targets)
    percents = [targets[f"{kind}s"][str(pk)] for kind, pk in named]
    ends = list(accumulate(quotas(percents, sum(units))))
    found: list[Reservation] = []
    who, before = 0, 0
    for unit in units:
        # Twice the middle against twice the end: whole numbers.
        while 2 * before + unit >= 2 * ends[who] and who < len(ends) - 1:
            who += 1
        kind, pk = named[who]
        start, end = first + before, first + before + unit - 1
        if found and (found[-1].kind, found[-1].pk) == (kind, pk):
            found[-1] = Reservation(found[-1].first, end, 0, kind, pk)
        else:
            found.append(Reservation(start, end, 0, kind, pk))
        before += unit
    return found


def _listed(
    rows: Sequence[Mapping[str, Any]], first: int, last: int, votes: int
) -> list[Reservation]:
    for row in rows:
        if row["first"] < first or row["last"] > last:
            raise Invalid.field(
                FIELD,
                _("Packages %(first)s to %(last)s were named, but the job has %(least)s to %(most)s.")
                % {"first": row["first"], "last": row["last"], "least": first, "most": last},
            )  # fmt: skip
    edges = sorted({edge for row in rows for edge in (row["first"], row["last"] + 1)})
    found: list[Reservation] = []
    for start, after in pairwise(edges):
        here = [_subject(row) for row in rows if row["first"] <= start <= row["last"]]
        where = f"{start}–{after - 1}" if after - start > 1 else str(start)
        if len(here) > votes:
            raise Invalid.field(
                FIELD,
                _("Package %(numbers)s: %(count)s reservations, but only %(votes)s may label it.")
                % {"numbers": where, "count": len(here), "votes": votes},
            )
        if len({one for one in here if one[0] == "user"}) < sum(one[0] == "user" for one in here):
            raise Invalid.field(
                FIELD,
                _("Package %(numbers)s is reserved for the same person twice.")
                % {"numbers": where},
            )
        found += [
            Reservation(start, after - 1, vote, kind, pk) for vote, (kind, pk) in enumerate(here)
        ]
    return found


def _subject(row: Mapping[str, Any]) -> tuple[str, int]:
    return ("user", row["user"]) if "user" in row else ("team", row["team"])


def _shares(value: Any) -> dict[str, int]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise Invalid.field(FIELD, _("Give shares as {id: percent}."))
    shares: dict[str, int] = {}
    for key, percent in value.items():
        pk = _id(key)
        if pk is None:
            raise Invalid.field(FIELD, _("Choose for whom packages are reserved."))
        if isinstance(percent, bool) or not isinstance(percent, int) or not 0 <= percent <= 100:
            raise Invalid.field(FIELD, _("A share is a whole number from 1 to 100."))
        if percent:
            shares[str(pk)] = percent
    return shares


def _rows(value: Any) -> list[dict[str, int]]:
    if not isinstance(value, list) or len(value) > MAX_ROWS:
        raise Invalid.field(
            FIELD, _("Give a list of at most %(count)s rows.") % {"count": f"{MAX_ROWS:,}"}
        )
    rows = []
    for row in value:
        if not isinstance(row, Mapping):
            raise Invalid.field(FIELD, _("Give every row as an object."))
        numbers = [row.get("first"), row.get("last", row.get("first"))]
        if not all(isinstance(n, int) and not isinstance(n, bool) for n in numbers):
            raise Invalid.field(FIELD, _("Enter the first and the last package of every row."))
        first, last = numbers
        if not 1 <= first <= last <= MAX_PACKAGES:
            raise Invalid.field(
                FIELD,
                _("%(first)s to %(last)s is no range of packages.")
                % {"first": first, "last": last},
            )
        named = [(kind, _id(row[kind])) for kind in ("user", "team") if row.get(kind) is not None]
        if len(named) != 1 or named[0][1] is None:
            raise Invalid.field(FIELD, _("Choose for whom packages are reserved."))
        rows.append({"first": first, "last": last, named[0][0]: named[0][1]})
    return rows


def _id(value: Any) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**63:
        return None
    return value
