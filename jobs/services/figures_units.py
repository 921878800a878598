"""How much work an answer is, and which labels it gives. Pure: no database, no clock.

Every shape of canonical `results` is known here, also of question types that templates do not offer yet.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from templates_app.questions.base import Json, Media, Question

#: The units of an answer: marked objects, characters written or marked, milliseconds, pages.
UNITS = ("regions", "characters", "audio_ms", "video_ms", "pages")
#: Counted in a package's labels beside its options.
ANSWERED, ABANDONED = ":answered", ":abandoned"


def choice_ids(questions: Mapping[str, Question]) -> frozenset[str]:
    """The questions, nested ones included, whose answers are option keys; all others are free text."""
    found = set()
    for question in questions.values():
        children: Mapping[str, Question] = getattr(question, "children", {})
        of_pages: Mapping[str, Question] = getattr(question, "page_children", {})
        for each in (question, *children.values(), *of_pages.values()):
            if each.takes_options:
                found.add(each.id)
    return frozenset(found)


def units(results: Iterable[Json], media: Media, choices: frozenset[str]) -> dict[str, int]:
    """How much this answer is: {unit: amount} for every unit of UNITS.

    `regions`: boxes, polygons, masks, spans, relations, segments, table cells; `characters`: of typed text and of
    marked spans; the length of audio and video and the pages of a PDF are the item's own, whatever is marked in it.
    """
    found = dict.fromkeys(UNITS, 0)
    for fact in media.values():
        if fact.get("type") in ("audio", "video"):
            found[f"{fact['type']}_ms"] += _milliseconds(fact.get("duration"))
        elif fact.get("type") == "pdf":
            found["pages"] += int(fact.get("pages") or 0)
    marked_pages = 0
    for element in results:
        objects = list(_objects(element))
        found["regions"] += len(objects) + len(element.get("relations") or ())
        for item in objects:
            if isinstance(item.get("text"), str):
                found["characters"] += len(item["text"])
        for question, value in _answers(element, objects):
            if question not in choices:
                found["characters"] += _length(value)
        marked_pages += len(element.get("pages") or ())
        if not found["audio_ms"] and not found["video_ms"]:
            kind = "video_ms" if element.get("type") == "video" else "audio_ms"
            found[kind] = _milliseconds(element.get("duration"))
    found["pages"] = found["pages"] or marked_pages
    return found


def labels(results: Iterable[Json], choices: frozenset[str]) -> Counter[str]:
    """How often the answer gives each option: {"<question>:<option>": times}."""
    found: Counter[str] = Counter()
    for element in results:
        for question, value in _answers(element, _objects(element)):
            if question in choices:
                found.update(f"{question}:{key}" for key in _keys(value))
    return found


def label_of(results: Iterable[Json], object_id: str, choices: frozenset[str]) -> tuple[str, str]:
    """The (question, option) that an error is about: of the object named, else the answer's only choice; else blank."""
    found = []
    for element in results:
        objects = list(_objects(element))
        if object_id:
            objects = [item for item in objects if str(item.get("id")) == object_id]
            if not objects:
                continue
            element = {}
        found += [
            (question, key)
            for question, value in _answers(element, objects)
            if question in choices
            for key in _keys(value)
        ]
    return found[0] if found and (object_id or len(set(found)) == 1) else ("", "")


def _objects(element: Json) -> Iterator[Json]:
    """What is marked in the element."""
    if element.get("type") == "table":
        yield from (element.get("data") or {}).get("cells") or ()
        return
    data = element.get("data")
    if element.get("type") == "image" and isinstance(data, list):
        yield from data
    for page in element.get("pages") or ():
        yield from page.get("data") or ()
    yield from element.get("objects") or ()


def _answers(element: Json, objects: Iterable[Json]) -> Iterator[tuple[str, Any]]:
    """(question, answer) of the element itself and of the nested questions of its pages and objects."""
    if str(element.get("type", "")).startswith("survey/"):
        yield element.get("questionId", ""), element.get("data")
    for item in (*objects, *(element.get("relations") or ()), *(element.get("pages") or ())):
        for part in ("labels", "result"):
            yield from (item.get(part) or {}).items()


def _keys(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value] if value else []
    return [key for key in value if isinstance(key, str)] if isinstance(value, list) else []


def _length(value: Any) -> int:
    return sum(len(text) for text in _keys(value))


def _milliseconds(seconds: Any) -> int:
    return round(seconds * 1000) if isinstance(seconds, int | float) else 0
