"""Answers in words, and what differs between two of them; pure, for the view of an item with all rounds side by side.

`results` are canonical (`[{"questionId", "type", "data" | "objects" | "pages" …}]`), `questions` those of
`resolved_template`. An answer is a list of lines, one for each thing that was said: a choice, a text, a region, a span,
a segment, a cell. Two answers differ by lines that are new, gone or changed; of texts the changed words are marked.
"""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from templates_app.questions.base import inner

Json = Mapping[str, Any]
#: What happened to a line since the answer before it.
SAME, NEW, GONE, CHANGED = "same", "new", "gone", "changed"
#: Longer texts are compared as a whole.
MOST_WORDS = 2000
#: With more pairs of objects than these nobody looks for what was moved: it is gone, and new.
MOST_NEAR = 250_000
#: More objects than these are counted, not listed.
MOST_LINES = 200


@dataclass(frozen=True)
class Line:
    """One thing that was said.

    `id` tells which object it is, `place` where it lies, as numbers that may be compared, `form` what belongs to it
    that nobody reads (a mask's pixels, holes, a cell's spans), and `what` it is beside that.
    """

    text: str
    id: str = ""
    place: tuple[Any, ...] = ()
    what: str = ""
    form: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Piece:
    """A part of a text: kept, new or gone."""

    text: str
    mark: str = SAME


@dataclass
class Difference:
    """A line with its mark; `note` says what changed, `pieces` are the text with the changed words marked."""

    text: str
    mark: str
    note: str = ""
    pieces: list[Piece] = field(default_factory=list)


@dataclass
class QuestionDifference:
    """What was answered to one question; `title` is its heading, `lines` hold what is gone too."""

    question: str
    title: str
    lines: list[Difference]
    #: Objects beyond those that are listed.
    more: int = 0

    @property
    def differs(self) -> bool:
        return any(line.mark != SAME for line in self.lines)


#: Titles of built-in templates that say no more than what type the question is.
_TYPE_TITLES = frozenset(("single-choice", "multiple-choice", "单选", "多选", "label", "标签"))


def heading(question: Json) -> str:
    """The question's title where it says more than its type, else ""."""
    title = str(question["markTitle"])
    return "" if title.lower() in _TYPE_TITLES else title


def diff_results(
    a: Sequence[Json] | None, b: Sequence[Json] | None, questions: Sequence[Json]
) -> list[QuestionDifference]:
    """What `b` says, question by question, marked by how it differs from `a`; with None for `a` nothing is marked.

    Regions, spans and segments are matched by their id, then those that say the same, then those of one label that
    lie close. Questions without an answer on either side are left out; answers to unknown questions come last.
    """
    old, new = _by_question(a or ()), _by_question(b or ())
    known = {str(question["questionId"]): question for question in questions}
    order = [*known, *(key for key in (*old, *new) if key not in known)]
    found = []
    for key in dict.fromkeys(order):
        question = known.get(key, {"questionId": key, "markTitle": key})
        before, after = (readable(side.get(key), question) for side in (old, new))
        if not before and not after:
            continue
        lines = (
            [Difference(line.text, SAME) for line in after]
            if a is None
            else _compare(before, after)
        )
        found.append(
            QuestionDifference(
                key,
                heading(question),
                lines[:MOST_LINES],
                more=max(len(lines) - MOST_LINES, 0),
            )
        )
    return found


def readable(element: Json | None, question: Json) -> list[Line]:
    """The element in words, one line for each thing that it says."""
    if element is None:
        return []
    if "objects" in element:
        return [_segment(row, question) for row in element["objects"]]
    kind, data = element.get("type"), element.get("data")
    if kind == "image":
        return [_region(row, question) for row in data or ()]
    if kind == "pdf":
        return [line for page in element.get("pages", ()) for line in _on_page(page, question)]
    if kind == "table":
        return list(_cells(data or {}))
    if isinstance(data, list) and any(isinstance(row, Mapping) for row in data):
        relations = element.get("relations") or ()
        spans = [_span(row, question) for row in data]
        return [*spans, *_relations(relations, data, question)]
    labels = _labels(question)
    values = data if isinstance(data, list) else [] if data in (None, "", {}) else [data]
    return [Line(_name(value, labels)) for value in values]


def word_diff(a: str, b: str) -> list[Piece]:
    """The words of both texts in order, marked; CJK characters count as words."""
    left, right = (re.findall(r"[\u3400-\u9fff]|\w+|\s+|[^\w\s]", text) for text in (a, b))
    if len(left) > MOST_WORDS or len(right) > MOST_WORDS:
        return [Piece(a, GONE), Piece(b, NEW)]
    pieces = []
    # In longer texts words that come very often pair with nothing by themselves: "a,a,a,…" would take minutes.
    matcher = difflib.SequenceMatcher(None, left, right)
    for kind, i, j, k, m in matcher.get_opcodes():
        if kind == "equal":
            pieces.append(Piece("".join(left[i:j])))
            continue
        if i != j:
            pieces.append(Piece("".join(left[i:j]), GONE))
        if k != m:
            pieces.append(Piece("".join(right[k:m]), NEW))
    return pieces


# --- comparing -------------------------------------------------------------------------------------------------------


def _compare(before: list[Line], after: list[Line]) -> list[Difference]:
    partner = _partners(before, after)
    lines = []
    for number, line in enumerate(after):
        other = partner.get(number)
        if other is None:
            lines.append(Difference(line.text, NEW))
        elif (other.text, other.place, other.form) == (line.text, line.place, line.form):
            lines.append(Difference(line.text, SAME))
        else:
            lines.append(_changed(other, line))
    paired = {id(line) for line in partner.values()}
    gone = [line for line in before if id(line) not in paired]
    return [*lines, *(Difference(line.text, GONE) for line in gone)]


def _changed(before: Line, after: Line) -> Difference:
    if (before.text, before.place) == (after.text, after.place):
        return Difference(after.text, CHANGED, _("its shape changed"))
    if before.place and before.what == after.what:
        return Difference(after.text, CHANGED, _moved(before.place, after.place))
    if before.place or after.place:
        note = _("was: %(before)s") % {"before": before.what}
        return Difference(after.text, CHANGED, note)
    return Difference(after.text, CHANGED, pieces=word_diff(before.text, after.text))


def _moved(before: tuple[Any, ...], after: tuple[Any, ...]) -> str:
    if len(before) != len(after):
        return _("its shape changed")
    offsets = [abs(a - b) for a, b in zip(before, after, strict=True) if a != b]
    return _("moved by up to %(count)s") % {"count": _round(max(offsets, default=0))}


def _partners(before: list[Line], after: list[Line]) -> dict[int, Line]:
    """Which line of `before` each line of `after` (by its place in the list) was."""
    partner: dict[int, Line] = {}
    left = list(before)

    def pair(key: Any) -> None:
        pool: dict[Any, list[Line]] = {}
        for line in left:
            if (value := key(line)) is not None:
                pool.setdefault(value, []).append(line)
        for number, line in enumerate(after):
            if number not in partner and pool.get(key(line)):
                partner[number] = pool[key(line)].pop(0)
        taken = {id(line) for line in partner.values()}
        left[:] = [line for line in left if id(line) not in taken]

    pair(lambda line: line.id or None)
    pair(lambda line: (line.text, line.place, line.form))
    some = (len(after) - len(partner)) * len(left) <= MOST_NEAR
    for number, line in enumerate(after if some else ()):
        if number not in partner and (near := next((o for o in left if _near(o, line)), None)):
            partner[number] = near
            left.remove(near)
    single = [number for number in range(len(after)) if number not in partner]
    # One text that became another is the same text, changed; with more of them nobody can tell which is which.
    if len(single) == len(left) == 1 and len(before) == len(after) == 1:
        partner[single[0]] = left[0]
    return partner


def _near(before: Line, after: Line) -> bool:
    """Whether the one may be the other, moved by no more than it is large."""
    a, b = before.place, after.place
    if not a or before.what != after.what or len(a) != len(b):
        return False
    sides = (a,) if len(a) == 2 else (a[::2], a[1::2])
    size = max(max(side) - min(side) for side in sides)
    return max(abs(x - y) for x, y in zip(a, b, strict=True)) <= size


# --- words -----------------------------------------------------------------------------------------------------------


def _region(row: Json, question: Json, page: int = 0) -> Line:
    labels = _said(row.get("labels") or {}, question)
    shape = _shape(str(row.get("shape") or row.get("type", "").removeprefix("image/")))
    value = row.get("value")
    points = value if isinstance(value, list) else []
    flat = tuple(number for point in points for number in _numbers(point))
    outline = value.get("counts") if isinstance(value, Mapping) else str(row.get("holes") or "")
    where = _box(flat) if points else ""
    on_page = _("page %(page)d") % {"page": page} if page else ""
    what = " · ".join(part for part in (labels, shape, on_page) if part)
    text = f"{what} · {where}" if where else what
    form = (outline, row.get("feather") or 0)
    return Line(text, id=str(row.get("id") or ""), place=flat, what=what, form=form)


def _on_page(page: Json, question: Json) -> Iterator[Line]:
    """What was said of a page as a whole, then its regions."""
    number = page.get("page", 0)
    if labels := _said(page.get("labels") or {}, question):
        where = _("page %(page)d") % {"page": number}
        yield Line(f"{where}: {labels}", id=f"page:{number}", what=labels)
    for row in page.get("data", ()):
        yield _region(row, question, page=number)


def _shape(name: str) -> str:
    return {
        "rectangle": _("rectangle"),
        "rotated": _("rotated rectangle"),
        "polygon": _("polygon"),
        "polyline": _("line"),
        "point": _("point"),
        "mask": _("mask"),
    }.get(name, name)


def _box(flat: tuple[Any, ...]) -> str:
    """Where a region lies and how large it is, in whole pixels."""
    xs, ys = flat[::2], flat[1::2]
    if not xs or not ys:
        return ""
    left, top, width, height = min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)
    return f"{_round(left)}, {_round(top)} · {_round(width)} × {_round(height)}"


def _span(row: Json, question: Json) -> Line:
    labels = _said(row.get("result") or row.get("labels") or {}, question)
    start, end = row.get("start"), row.get("end")
    text = f"{labels}: {row.get('text', '')}" if labels else str(row.get("text", ""))
    place = tuple(number for number in (start, end) if isinstance(number, int | float))
    return Line(text, id=str(row.get("id") or ""), place=place, what=text)


def _segment(row: Json, question: Json) -> Line:
    labels = _said(row.get("result") or {}, question)
    start, end = (float(row.get(name) or 0) for name in ("start", "end"))
    what = ": ".join(part for part in (labels, str(row.get("text") or "")) if part)
    text = f"{start:.2f} – {end:.2f} s" + (f" · {what}" if what else "")
    return Line(text, id=str(row.get("id") or ""), place=(start, end), what=what)


def _relations(rows: Sequence[Json], spans: Sequence[Json], question: Json) -> list[Line]:
    texts = {str(span.get("id")): str(span.get("text", "")) for span in spans}
    return [
        Line(
            f"{texts.get(str(row.get('from')), '?')} → {texts.get(str(row.get('to')), '?')}"
            f" · {_said(row.get('result') or {}, question)}",
            id=str(row.get("id") or ""),
        )
        for row in rows
    ]


def _cells(data: Json) -> Iterator[Line]:
    for cell in data.get("cells", ()):
        row, column = int(cell.get("row", 0)) + 1, int(cell.get("col", 0)) + 1
        where = _("row %(row)d, column %(column)d") % {"row": row, "column": column}
        names = ("rowspan", "colspan", "header", "value")
        yield Line(
            f"{where}: {cell.get('text', '')}",
            id=f"{row}/{column}",
            form=tuple(str(cell.get(name)) for name in names),
        )


def _said(answers: Mapping[str, Any], question: Json) -> str:
    """The answers of nested questions, by key or by title, as words."""
    children = list(_walk(inner(question)))
    by_name: dict[str, Json] = {}
    for child in children:
        by_name[str(child.get("markTitle"))] = child
        by_name[str(child["questionId"])] = child
    words = []
    for name, value in answers.items():
        labels = _labels(by_name.get(name, {}))
        values = value if isinstance(value, list) else [value]
        words += [_name(one, labels) for one in values if one not in (None, "")]
    return ", ".join(words)


def _walk(questions: Sequence[Json]) -> Iterator[Json]:
    for question in questions:
        yield question
        yield from _walk(inner(question))


def _labels(question: Json) -> dict[str, str]:
    """The display names of a question's options by key, those of all levels."""
    found: dict[str, str] = {}
    stack = list(question.get("options") or ())
    while stack:
        option = stack.pop()
        found[str(option["key"])] = str(option["label"])
        stack.extend(option.get("children", ()))
    return found


def _name(value: Any, labels: dict[str, str]) -> str:
    return labels.get(str(value), str(value))


def _by_question(results: Sequence[Json]) -> dict[str, Json]:
    return {str(element.get("questionId", "")): element for element in results}


def _numbers(point: Any) -> list[float]:
    if isinstance(point, list | tuple):
        return [number for number in point if isinstance(number, int | float)]
    return []


def _round(number: float) -> str:
    return f"{round(number, 1):g}" if abs(number) < 10 else f"{round(number)}"
