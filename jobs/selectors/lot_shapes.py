"""A lot as its reader sees it, for the page and the API: people by the names that the reader may know."""

from typing import Any

from django.urls import reverse

from accounts.models import User
from jobs.models import Lot, Stage
from jobs.selectors.lots import lot_items, lot_people, lot_total, next_unjudged, unjudged
from jobs.selectors.names import Names


def lot_payload(lot: Lot, viewer: User) -> dict[str, Any]:
    """What lists show of the lot."""
    names = Names(viewer, lot.job, stage=Stage.ACCEPTANCE)
    fields = (
        "state", "filters", "method", "amount", "target", "package_count", "item_count", "drawn_count", "decision",
        "return_to", "note", "done", "total", "error", "created_at", "closed_at",
    )  # fmt: skip
    return {
        "id": lot.pk,
        "job": lot.job_id,
        "accepter": names.person(lot.accepter, Stage.ACCEPTANCE),
        **{name: getattr(lot, name) for name in fields},
    }


def lot_detail(lot: Lot, viewer: User) -> dict[str, Any]:
    """`lot_payload` with what was judged so far, by person and in all; `next` is where judging goes on."""
    names = Names(viewer, lot.job, stage=Stage.ACCEPTANCE)
    people = lot_people(lot)
    users = User.objects.in_bulk([row["person"] for row in people if row["person"] is not None])
    place = next_unjudged(lot) if lot.state == Lot.State.OPEN else None
    return {
        **lot_payload(lot, viewer),
        "people": [
            {**row, "person": names.person(users.get(row["person"] or 0), Stage.LABELING)}
            for row in people
        ],
        "lot": lot_total(people),
        "unjudged": unjudged(lot) if lot.state == Lot.State.OPEN else 0,
        "next": reverse("label", args=place) if place else None,
    }


def known_people(lot: Lot, viewer: User, people: list[int]) -> list[int]:
    """Those of these labelers of whom the viewer may know who they are."""
    names = Names(viewer, lot.job, stage=Stage.ACCEPTANCE)
    return [pk for pk in people if names.sees(pk, Stage.LABELING)]


def lot_items_page(lot: Lot, after: str, limit: int = 100) -> dict[str, Any]:
    """Drawn and judged items from behind `after` (`<package>-<position>`, "" for the first), and the next `after`."""
    package, _dash, position = after.partition("-")
    number = [
        int(part) if part.isascii() and part.isdecimal() and len(part) < 18 else 0
        for part in (package, position)
    ]
    rows = lot_items(lot, after=(number[0], number[1]), limit=limit + 1)
    more, rows = len(rows) > limit, rows[:limit]
    return {
        "next": f"{rows[-1]['package']}-{rows[-1]['position']}" if more else None,
        "results": [
            {
                **{
                    name: row[name]
                    for name in ("assignment", "number", "position", "reason", "verdict")
                },
                "url": reverse("label", args=[row["assignment"], row["position"]]),
            }
            for row in rows
        ],
    }
