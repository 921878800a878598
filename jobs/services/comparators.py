"""When two people's answers to one question are equal, and how far they agree; pure.

`a` and `b` are canonical elements of `results` (or None: not answered) of one question. Text is compared after NFC
and trim, lists of choices as sets, rankings in their order. What consists of objects is matched one to one, within
the same labels only:

- image areas (rectangle, rotated, polygon without its holes) by intersection over union; a polyline is taken as the band, a point as
  the disc, that reaches REACH of the picture's longer side around it; masks by their pixels;
- text spans must have the same offsets, relations the same ends; segments of one track may be off by `gap_ms` at
  either end;
- table cells must have place, spans, header and text in common, and their boxes overlap as image areas.

Nothing marked is the same as not answered.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson
import shapely

from jobs.services.masks import Mask, mask_iou, read_mask
from jobs.services.matching import Graph, best_weight, has_perfect
from templates_app.questions.base import Question, normal

Json = dict[str, Any]

#: How far a point or a line reaches, as a share of the picture's longer side: at an IoU of 0.8 two points may be off
#: by about a hundredth of it.
REACH = 0.05
#: More pairs than these are not compared; their objects are then paired in the order of their places.
MAX_PAIRS = 200_000
#: Digits after the point to which similarities are compared.
DIGITS = 9

_AREAS = frozenset(("rectangle", "rotated", "polygon"))


@dataclass(frozen=True, slots=True)
class Thing:
    """One object of an answer; only things of one `group` can match. `value` is what their kind compares."""

    group: tuple[Hashable, ...]
    value: Any = None


def equal(
    question: Question, a: Json | None, b: Json | None, *, iou_percent: int, gap_ms: int
) -> bool:
    """Whether the two answers count as the same."""
    if a == b:
        return True
    if not _has_objects(a) and not _has_objects(b):
        return nominal(question, a) == nominal(question, b)
    a, b = _in_order(a, b)
    left, right = _grouped(question, a), _grouped(question, b)
    if {key: len(things) for key, things in left.items()} != {
        key: len(things) for key, things in right.items()
    }:
        return False
    enough = iou_percent / 100
    for group, things in left.items():
        found = _equal_pairs(group, things, right[group], enough=enough, gap_ms=gap_ms)
        if not has_perfect(found, len(things)):
            return False
    return True


def agreement(question: Question, a: Json | None, b: Json | None) -> float:
    """From 0 (nothing in common) to 1 (the same): of objects the matched ones' mean overlap, of choices the share."""
    if a == b:
        return 1.0
    if not _has_objects(a) and not _has_objects(b):
        return _data_agreement(question, a, b)
    a, b = _in_order(a, b)
    left, right = _grouped(question, a), _grouped(question, b)
    most = max(_count(left), _count(right))
    if not most:
        return 1.0
    total = sum(
        best_weight(_similar_pairs(group, things, right[group]))
        for group, things in left.items()
        if group in right
    )
    return min(1.0, round(total / most, DIGITS))


def nominal(question: Question, element: Json | None) -> Hashable:
    """The answer of a question without objects as a value that is equal where answers are; None without an answer."""
    data = None if element is None else element.get("data")
    return _key(question.type, data)


# --- single values ---------------------------------------------------------------------------------------------------


def _key(kind: str, value: Any) -> Hashable:
    if isinstance(value, str):
        text = normal(value)
        return (_number(text) if kind == "RATING" else text) or None
    if isinstance(value, list):
        entries = [normal(entry) if isinstance(entry, str) else _dump(entry) for entry in value]
        if not entries:
            return None
        return tuple(entries) if kind == "RANKING" else frozenset(entries)
    return None if value is None else _dump(value)


def _number(text: str) -> str:
    """4 and 4.0 are one rating."""
    try:
        return str(Decimal(text).normalize())
    except InvalidOperation:
        return text


def _data_agreement(question: Question, a: Json | None, b: Json | None) -> float:
    left, right = nominal(question, a), nominal(question, b)
    if left == right:
        return 1.0
    if isinstance(left, tuple) and isinstance(right, tuple):
        left, right = _orders(left), _orders(right)
    if isinstance(left, frozenset) and isinstance(right, frozenset):
        return len(left & right) / len(left | right) if left | right else 0.0
    return 0.0


def _orders(ranked: tuple[Hashable, ...]) -> frozenset[tuple[Hashable, Hashable]]:
    """Which stands before which."""
    return frozenset(
        (first, later) for place, first in enumerate(ranked) for later in ranked[place + 1 :]
    )


# --- objects ---------------------------------------------------------------------------------------------------------


def _has_objects(element: Json | None) -> bool:
    if element is None:
        return False
    return element.get("type") in ("image", "pdf", "table", "text", "audio", "video")


def _in_order(a: Json | None, b: Json | None) -> tuple[Json | None, Json | None]:
    """Always the same of the two first, so that no rounding depends on who is asked first."""
    return (b, a) if _dump(b) < _dump(a) else (a, b)


def _grouped(question: Question, element: Json | None) -> dict[tuple[Hashable, ...], list[Thing]]:
    groups: dict[tuple[Hashable, ...], list[Thing]] = {}
    for thing in _things(question, element):
        groups.setdefault(thing.group, []).append(thing)
    return groups


def _count(groups: Mapping[Any, list[Thing]]) -> int:
    return sum(map(len, groups.values()))


def _things(question: Question, element: Json | None) -> Iterator[Thing]:
    if element is None:
        return
    kinds: dict[str, str] = {
        key: child.type for key, child in getattr(question, "children", {}).items()
    }
    kind = element.get("type")
    if kind == "pdf":
        of_pages: dict[str, str] = {
            key: child.type for key, child in getattr(question, "page_children", {}).items()
        }
        for page in element["pages"]:
            if labels := _labels(of_pages, page.get("labels")):
                yield Thing(("page", page["page"], labels))
            for item in page["data"]:
                yield _drawn(item, kinds, page, page["page"])
    elif kind == "table":
        yield from _cells(element["data"])
    elif kind == "image":
        for item in element["data"]:
            yield _drawn(item, kinds, element)
    elif kind == "text":
        of_relations: dict[str, str] = {
            key: child.type for key, child in getattr(question, "relation_children", {}).items()
        }
        yield from _spans(element["data"], kinds, of_relations)
    else:
        for item in element["data"]:
            between = (_ms(item["start"]), _ms(item["end"]))
            yield Thing(("segment", item.get("track", 0), _labels(kinds, item["labels"])), between)


def _labels(kinds: Mapping[str, str], labels: Mapping[str, Any] | None) -> Hashable:
    """What the nested questions were answered, those left open left out."""
    keys = {key: _key(kinds.get(key, ""), value) for key, value in (labels or {}).items()}
    return frozenset((key, value) for key, value in keys.items() if value is not None)


def _drawn(item: Json, kinds: Mapping[str, str], frame: Json, page: int = 0) -> Thing:
    labels = _labels(kinds, item.get("labels"))
    if item["type"] == "image/mask":
        size = tuple(item["value"]["size"])
        return Thing(("mask", page, size, labels), item["value"]["counts"])
    shape = item.get("shape", "polygon")
    if shape in _AREAS:
        return Thing(("area", page, labels), _area(item["value"], item.get("holes", ())))
    reach = REACH * max(frame.get("width", 0), frame.get("height", 0), 1)
    points = item["value"]
    line = shapely.Point(points[0]) if len(points) == 1 else shapely.LineString(points)
    return Thing((shape, page, labels), shapely.buffer(line, reach))


def _area(points: list[list[float]], holes: Sequence[list[list[float]]] = ()) -> Any:
    if len(points) < 3:
        return shapely.MultiPoint(points)
    area = shapely.Polygon(points, [ring for ring in holes if len(ring) > 2])
    if area.is_valid:
        return area
    # A polygon that crosses itself is what its parts cover; one that covers nothing still lies where it lies.
    parts = shapely.buffer(shapely.make_valid(area), 0)
    return shapely.MultiPoint(points) if parts.is_empty else parts


def _cells(table: Json) -> Iterator[Thing]:
    yield Thing(("size", table["rows"], table["cols"]))
    for cell in table["cells"]:
        box = cell.get("value")
        place = (
            cell["row"],
            cell["col"],
            cell.get("rowspan", 1),
            cell.get("colspan", 1),
            bool(cell.get("header")),
            normal(str(cell.get("text") or "")),
        )
        if box is None:
            yield Thing(("cell", *place))
        else:
            yield Thing(("area", *place), _area(box))


def _spans(
    data: list[Json], kinds: Mapping[str, str], of_relations: Mapping[str, str]
) -> Iterator[Thing]:
    """Spans, and relations between them, told by what they join."""
    ends: dict[str, Hashable] = {}
    for item in data:
        if item["type"] == "text/span":
            labels = _labels(kinds, item["labels"])
            span = (item["start"], item["end"])
            ends[item["id"]] = (span, labels)
            yield Thing(("span", labels), span)
    for item in data:
        if item["type"] == "text/relation":
            between = [ends.get(item[end]) for end in ("from", "to")]
            yield Thing(("relation", *between, _labels(of_relations, item["labels"])))


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


# --- pairs -----------------------------------------------------------------------------------------------------------


def _equal_pairs(
    group: tuple[Hashable, ...],
    left: list[Thing],
    right: list[Thing],
    *,
    enough: float,
    gap_ms: int,
) -> Graph:
    """The pairs that count as the same object."""
    kind = group[0]
    if kind == "span":
        return _pairs(left, right, lambda a, b: float(a == b))
    if kind == "segment":
        return _pairs(
            left,
            right,
            lambda a, b: float(abs(a[0] - b[0]) <= gap_ms and abs(a[1] - b[1]) <= gap_ms),
        )
    found = _similar_pairs(group, left, right)
    return {
        place: {other: weight for other, weight in edges.items() if weight >= enough}
        for place, edges in found.items()
    }


def _similar_pairs(group: tuple[Hashable, ...], left: list[Thing], right: list[Thing]) -> Graph:
    """The pairs that have something in common, with how much."""
    kind = group[0]
    if kind == "span":
        return _pairs(left, right, lambda a, b: _overlap(a, b, inclusive=1))
    if kind == "segment":
        return _pairs(left, right, lambda a, b: _overlap(a, b, inclusive=0))
    if kind == "mask":
        return _mask_pairs(group, left, right)
    if kind in ("size", "cell", "relation", "page"):
        return _pairs(left, right, lambda a, b: 1.0)
    return _area_pairs(left, right)


def _mask_pairs(group: tuple[Hashable, ...], left: list[Thing], right: list[Thing]) -> Graph:
    height = group[2][0]  # type: ignore[index]
    #: Every mask is read once, however many it is compared with.
    masks: dict[str, Mask] = {
        thing.value: read_mask(thing.value, height) for thing in (*left, *right)
    }
    return _pairs(
        left,
        right,
        lambda a, b: 1.0 if a == b else round(mask_iou(masks[a], masks[b]), DIGITS),
    )


def _overlap(a: tuple[int, int], b: tuple[int, int], *, inclusive: int) -> float:
    if a == b:
        return 1.0
    common = min(a[1], b[1]) - max(a[0], b[0]) + inclusive
    union = a[1] - a[0] + b[1] - b[0] + 2 * inclusive - max(common, 0)
    return round(max(common, 0) / union, DIGITS) if union > 0 else 0.0


def _pairs(left: list[Thing], right: list[Thing], weigh: Callable[[Any, Any], float]) -> Graph:
    if len(left) * len(right) > MAX_PAIRS:
        return _in_line(left, right, weigh, repr)
    graph: Graph = {}
    for place, thing in enumerate(left):
        for other, candidate in enumerate(right):
            if (weight := weigh(thing.value, candidate.value)) > 0:
                graph.setdefault(place, {})[other] = weight
    return graph


def _in_line(
    left: list[Thing],
    right: list[Thing],
    weigh: Callable[[Any, Any], float],
    key: Callable[[Any], Any],
) -> Graph:
    """The first with the first, the second with the second, in the order of `key`."""
    places = [
        sorted(range(len(side)), key=lambda place, side=side: key(side[place].value))  # type: ignore[misc]
        for side in (left, right)
    ]
    graph: Graph = {}
    for place, other in zip(*places, strict=False):
        if (weight := weigh(left[place].value, right[other].value)) > 0:
            graph[place] = {other: weight}
    return graph


def _area_pairs(left: list[Thing], right: list[Thing]) -> Graph:
    ours, theirs = [thing.value for thing in left], [thing.value for thing in right]
    tree = shapely.STRtree(theirs)
    graph: Graph = {}
    count = 0
    for start in range(0, len(ours), 500):
        chunk = ours[start : start + 500]
        places, others = tree.query(chunk, predicate="intersects")
        count += len(places)
        if count > MAX_PAIRS:
            return _in_line(left, right, _iou, lambda area: (*area.bounds, area.area))
        for place, other in zip(places.tolist(), others.tolist(), strict=True):
            if (weight := _iou(chunk[place], theirs[other])) > 0:
                graph.setdefault(start + place, {})[other] = weight
    return graph


def _iou(a: Any, b: Any) -> float:
    if shapely.equals_exact(a, b):
        return 1.0
    common = float(shapely.area(shapely.intersection(a, b)))
    union = float(a.area + b.area) - common
    return round(common / union, DIGITS) if union > 0 else 0.0


def _dump(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
