"""Answers: operations on canonical results, what is still missing, and the way to iTAG's manifest and back.

Pure: no database, no clock. `questions` is the list of resolved questions of a job
(`templates_app.services.resolve(…)["questions"]`), or what `compiled` made of it.

Canonical results, the same in browser, wire and database: a list of elements in the order of the questions,
    {"questionId":"1","type":"survey/value","data":"<option key>"}
    {"questionId":"2","type":"survey/multivalue","data":["<option key>", …]}
    {"questionId":"1","type":"image","rotation":0,"width":W,"height":H,"data":[
        {"id","type":"image/polygon","shape":"rectangle","value":[[x,y]×4 TL,TR,BR,BL],"labels":{"1.1":"<key>"}}]}
    {"questionId":"1","type":"pdf","pages":[{"page":1,"rotation":0,"width":W,"height":H,"labels":{…}?,"data":[…]}]}
    {"questionId":"1","type":"table","data":{"rows":R,"cols":C,"cells":[
        {"row":0,"col":0,"rowspan":1,"colspan":1,"header":true,"text":"…","value":[[x,y]×4] or null}]}}
    {"questionId":"1","type":"text","data":[
        {"id","type":"text/span","start","end" (inclusive),"text","labels":{…}},
        {"id","type":"text/relation","from":"<span's id>","to":"<span's id>","labels":{…}}]}
    {"questionId":"1","type":"audio" or "video","duration":seconds,"data":[
        {"id","type":"time/segment","start","end","track"? (absent: 0),"labels":{…}}]}
"""

from collections import Counter
from collections.abc import Container, Sequence
from typing import Any

from django.utils.translation import gettext as _

from itag.core.errors import FieldError, Invalid
from templates_app.conditions import choosing, hidden, shown
from templates_app.questions import build
from templates_app.questions.base import QUESTION_ID, Json, Media, Question, normal
from templates_app.questions.picture import Objects
from templates_app.schema import Anything, Errors, ListOf, Nullable, Record, Text, fail

#: The most operations of one save: all objects of a picture at once.
MAX_OPS = 50_000

#: What an operation may carry, as TypeScript; the question checks it.
OP_VALUE = (
    "ResultElement | PictureObject | PdfObject | PdfPageAnswer | TableCell | TextObject | TimeSegment"
    " | null"
)
OP = Record(
    {
        "questionId": QUESTION_ID,
        "id": Nullable(Text(least=1, most=64)),
        "value": Anything(OP_VALUE),
    },
    optional={"before": Nullable(Text(least=1, most=64))},
    name="Op",
)
OPS = ListOf(OP, least=1, most=MAX_OPS)

Questions = Sequence[Json] | dict[str, Question]


def compiled(questions: Questions) -> dict[str, Question]:
    """Questions made ready for many answers; pass the result wherever `questions` is asked for."""
    if isinstance(questions, dict):
        return questions
    return {config["questionId"]: build(config) for config in questions}


def refuse(errors: list[FieldError]) -> None:
    """Raise Invalid with all of them, or return when there is none."""
    if errors:
        first = errors[0]
        raise Invalid(f"{first['field']}: {first['message']}", errors=errors)


def apply_ops(results: list[Json], ops: Any, *, questions: Questions, media: Media) -> list[Json]:
    """The results after these operations, in the order of the questions; `results` itself is not changed.

    An operation is {"questionId", "id": an object's id, or null for the whole question, "value": the canonical
    object or element, or null to delete it, "before": an object's id, optional}. Only what operations touch is
    checked; what is required is asked at submit (`missing`). Deleting what is not there is no error.

    Raises Invalid; `errors[].field` is a path in the results, or in `ops` where the operation itself is wrong.
    """
    known = compiled(questions)
    errors: Errors = []
    OPS.check(ops, "ops", errors)
    refuse(errors)
    touched: dict[str, list[Json]] = {}
    for number, op in enumerate(ops):
        if op["questionId"] not in known:
            fail(errors, f"ops[{number}].questionId", _("There is no such question."))
        touched.setdefault(op["questionId"], []).append(op)
    refuse(errors)

    elements = {element["questionId"]: element for element in results}
    foreign = [element for element in results if element["questionId"] not in known]
    answered: list[Json] = []
    for key, question in known.items():
        element: Json | None = elements.get(key)
        if key in touched:
            element = question.apply(
                element,
                touched[key],
                media=media,
                path=f"results[{len(answered)}]",
                errors=errors,
            )
            refuse(errors)
        if element is not None:
            answered.append(element)
    return answered + foreign


def stands_alone(
    ops: Any, *, questions: Questions, media: Media, results_path: str = "results"
) -> list[Json] | None:
    """The operations as they may join an answer that is not looked at, or None where it has to be.

    They may where they put or remove objects of elements that are there, and leave what is complete complete; all
    that they carry is checked and comes back in canonical form. Raises Invalid as `apply_ops` does.
    """
    known = compiled(questions)
    errors: Errors = []
    OPS.check(ops, "ops", errors)
    refuse(errors)
    found: list[Json | None] = []
    for number, op in enumerate(ops):
        question = known.get(op["questionId"])
        if question is None:
            fail(errors, f"ops[{number}].questionId", _("There is no such question."))
        else:
            found.append(question.stands_alone(op, media=media, path=results_path, errors=errors))
    refuse(errors)
    alone = [op for op in found if op is not None]
    return alone if len(alone) == len(ops) else None


def fold(results: list[Json], ops: list[Json]) -> list[Json]:
    """The results, with an element of each question named, after what `stands_alone` has let through; unchecked."""
    found = list(results)
    places = {element["questionId"]: number for number, element in enumerate(found)}
    touched: dict[str, Objects] = {}
    for op in ops:
        key = op["questionId"]
        objects = touched.get(key)
        if objects is None:
            objects = touched[key] = Objects(found[places[key]]["data"])
        if op["value"] is None:
            objects.remove(op["id"])
        else:
            objects.put(op["value"], op.get("before"))
    for key, objects in touched.items():
        found[places[key]] = {**found[places[key]], "data": objects.list()}
    return found


def missing(results: list[Json] | None, questions: Questions) -> list[FieldError]:
    """What is required and not answered, or not as its rules ask, of the questions that are shown.

    The path is `questions.<id>`, or the place in the results inside an answer.
    """
    places = {
        element["questionId"]: (number, element) for number, element in enumerate(results or [])
    }
    errors: list[FieldError] = []
    known = compiled(questions)
    out = hidden(results or [], known)
    top = choosing(results or [], known, out)
    for key, question in known.items():
        if key in out:
            continue
        number, element = places.get(key, (None, None))
        path = f"questions.{key}" if number is None else f"results[{number}]"
        errors.extend(question.missing(element, path, top))
    return errors


def to_manifest(results: list[Json], questions: Questions) -> list[Json]:
    """The results as iTAG writes them: titles and labels for keys, `shape` dropped, iTAG's order of members."""
    known = compiled(questions)
    kinds = Counter(question.element_type for question in known.values() if question.unnamed)
    return [
        question.export(element, named=kinds[question.element_type] > 1)
        for element in shown(results, known)
        if (question := known.get(element["questionId"]))
    ]


def from_manifest(elements: Any, questions: Questions) -> list[Json]:
    """The canonical results of what iTAG or itag wrote; `from_manifest(to_manifest(r)) == r`.

    Elements find their question by `questionId`, else by title, else by their form; nested answers by any title or alias of their
    question; labels by their text. Raises Invalid with the path of everything that does not fit.
    """
    known = compiled(questions)
    errors: Errors = []
    by_title = {title: question for question in known.values() for title in question.titles}
    found: dict[str, Json] = {}
    if not isinstance(elements, list):
        fail(errors, "results", _("A list is expected."))
        refuse(errors)
    for number, element in enumerate(elements):
        path = f"results[{number}]"
        if not isinstance(element, dict):
            fail(errors, path, _("An object is expected."))
            continue
        question = _owner(element, known, by_title, found)
        if question is None:
            fail(errors, f"{path}.questionId", _("There is no such question."))
        elif not _fits(element, question):
            fail(
                errors,
                f"{path}.type",
                _("Expected: %(hint)s.") % {"hint": f"“{question.element_type}”"},
            )
        elif question.id in found:
            fail(errors, f"{path}.questionId", _("This question is answered already."))
        elif (read := question.read(element, path, errors)) is not None:
            found[question.id] = read
    refuse(errors)
    return [found[key] for key in known if key in found]


def _owner(
    element: Json,
    known: dict[str, Question],
    by_title: dict[str, Question],
    found: Container[str],
) -> Question | None:
    """The question that an element of a manifest answers."""
    title = element.get("markTitle")
    if question := known.get(str(element.get("questionId"))):
        return question
    if isinstance(title, str):
        return by_title.get(normal(title))
    if "objects" not in element or "questionId" in element:
        return None
    # iTAG does not say whose spans and segments are: they stand in the order of the questions.
    fitting = [question for question in known.values() if _fits(element, question)]
    return next((q for q in fitting if q.id not in found), fitting[0] if fitting else None)


def _fits(element: Json, question: Question) -> bool:
    """Whether the element has the form of the question's; spans and segments need not say their type."""
    if "type" in element or "objects" not in element:
        return bool(element.get("type") == question.element_type)
    return question.ranges and ("duration" in element) == (question.element_type != "text")


#: What follows the job's number in the keys of the later stages.
SUFFIXES = {"labeling": "", "check": "-check", "acceptance": "-verify"}


def manifest_key(task_id: int | str, stage: str = "labeling") -> str:
    """`label-<task id>`, with `-check` or `-verify` for the later stages."""
    return f"label-{task_id}{SUFFIXES[stage]}"
