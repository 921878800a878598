"""Which questions are asked: a question with a condition, only while the other one's answer meets it.

What was answered to a question that is hidden now stays in the draft; it is not submitted, misses nothing and is
neither compared nor exported.
"""

from collections.abc import Mapping
from typing import Any

from templates_app.questions.base import Choosing, DataQuestion, Json, Question


def hidden(results: list[Json], questions: Mapping[str, Question]) -> set[str]:
    """The questions outside objects whose condition is not met; one that hangs on a hidden one is hidden too."""
    if all(question.show_if is None for question in questions.values()):
        return set()
    answers = {element["questionId"]: element.get("data") for element in results}
    known: dict[str, bool] = {}

    def is_shown(key: str) -> bool:
        if key not in known:
            # Conditions in a circle are refused in templates; here they would hide each other.
            known[key] = False
            known[key] = meets(questions[key])
        return known[key]

    def meets(question: Question) -> bool:
        rule = question.show_if
        if rule is None:
            return True
        other = questions.get(rule.question)
        if not isinstance(other, DataQuestion) or not is_shown(other.id):
            return False
        return bool(rule.keys & _chosen(other, answers.get(other.id)))

    return {key for key in questions if not is_shown(key)}


def choosing(results: list[Json], questions: Mapping[str, Question], hidden: set[str]) -> Choosing:
    """What is chosen outside objects, which conditions inside them may ask for."""
    return {
        element["questionId"]: _chosen(question, element.get("data"))
        for element in results
        if element["questionId"] not in hidden
        and isinstance(question := questions.get(element["questionId"]), DataQuestion)
    }


def shown(results: list[Json], questions: Mapping[str, Question]) -> list[Json]:
    """The results without the answers of hidden questions; the same list where no question has a condition."""
    if not any(conditional(question) for question in questions.values()):
        return results
    out = hidden(results, questions)
    top = choosing(results, questions, out)
    return [
        question.shown(element, top)
        if (question := questions.get(element["questionId"]))
        else element
        for element in results
        if element["questionId"] not in out
    ]


def conditional(question: Question) -> bool:
    """Whether the question, or one inside it, has a condition."""
    return question.show_if is not None or any(
        child.show_if is not None for child in question.inside()
    )


def _chosen(question: DataQuestion, data: Any) -> frozenset[str]:
    return frozenset() if data is None else question.chosen(data)
