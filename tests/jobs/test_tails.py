"""Small changes of large answers wait beside them; nobody who reads the answer can tell."""

import random
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User, Workspace
from itag.core.errors import Conflict, Invalid
from itag.core.fields import dump
from jobs.models import Annotation, Assignment
from jobs.selectors.template import resolved_template
from jobs.services import answers
from jobs.services.release import release_assignment
from jobs.services.tails import MOST
from templates_app.answers import apply_ops
from templates_app.models import LabelTemplate
from tests.e2e.label import builtin
from tests.factories import loads, make_dataset, make_job
from tests.jobs.flow import claim, pass_rest, submit, version_of

pytestmark = pytest.mark.django_db

BOXES = 800
COLORS = [{"key": key, "label": key, "color": "#123456", "shortcut": ""} for key in ("k1", "k2")]


def box(name: str, x: float, y: float, label: str | None = "k1") -> dict[str, Any]:
    return {
        "id": name,
        "type": "image/polygon",
        "shape": "rectangle",
        "value": [[x, y], [x + 5, y], [x + 5, y + 5], [x, y + 5]],
        "labels": {"1.1": label} if label else {},
    }


def put(value: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"questionId": "1", "id": value["id"], "value": value, **more}


def remove(name: str) -> dict[str, Any]:
    return {"questionId": "1", "id": name, "value": None}


@pytest.fixture
def held(workspace: Workspace, labeler: User, checker: User) -> Assignment:
    job = make_job(
        dataset=make_dataset(1, kind="image", workspace=workspace),
        template=builtin("object-detection"),
        selected_questions=["1.1"],
        options={"1.1": COLORS},
        workflow="labeling,check",
        labelers=[labeler],
        checkers=[checker],
    )
    assignment = claim(job, labeler)
    save(assignment, [put(box(f"b{n}", n % 600, n // 600)) for n in range(BOXES)])
    assert row(assignment).size > 64 * 1024
    return assignment


def save(assignment: Assignment, ops: list[dict[str, Any]], **fields: Any) -> Any:
    if "version" not in fields:
        fields["version"] = version_of(assignment, 1)
    fields = {"write": uuid4(), "user": assignment.holder} | fields
    return answers.save_item(assignment_id=assignment.pk, position=1, ops=ops, **fields)


def row(assignment: Assignment) -> Annotation:
    return assignment.annotations.get()


def stored(assignment: Assignment) -> tuple[str, str | None]:
    """The two columns as they are in the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT results::text, tail::text FROM jobs_annotation WHERE assignment_id = %s",
            [assignment.pk],
        )
        found: tuple[str, str | None] = cursor.fetchone()
        return found


def objects(annotation: Annotation) -> list[dict[str, Any]]:
    return loads(annotation.results)[0]["data"]


def test_a_moved_box_leaves_the_large_answer_alone(held: Assignment) -> None:
    before, _ = stored(held)
    write = uuid4()
    save(held, [put(box("b8", 300, 400))])  # the template is looked up once
    with CaptureQueriesContext(connection) as queries:
        answer = save(held, [put(box("b7", 300, 400))], write=write, version=2)
    assert len(queries) <= 5  # two of them are the savepoint
    assert answer["version"] == 3
    assert answer["state"] == "answered"
    after, tail = stored(held)
    assert after == before
    assert tail is not None
    assert objects(row(held))[7] == box("b7", 300, 400)
    # The same write again, and one that saw another version.
    assert save(held, [put(box("b7", 300, 400))], write=write, version=2) == answer
    with pytest.raises(Conflict) as caught:
        save(held, [put(box("b7", 1, 1))], version=1)
    assert caught.value.extra["results"].load()[0]["data"][7] == box("b7", 300, 400)


def test_what_is_wrong_is_refused_as_ever(held: Assignment) -> None:
    for value, field in (
        (box("b1", 9000, 1), "value"),
        ({**box("b1", 1, 1), "shape": "mask"}, "shape"),
        ({**box("b1", 1, 1), "labels": {"1.1": "no"}}, "labels"),
        ({**box("b1", 1, 1), "id": "other"}, "id"),
    ):
        with pytest.raises(Invalid) as caught:
            save(held, [{"questionId": "1", "id": "b1", "value": value}])
        assert field in caught.value.errors[0]["field"]
    with pytest.raises(Invalid):
        save(held, [{**put(box("b1", 1, 1)), "questionId": "9"}])
    assert row(held).version == 1
    assert stored(held)[1] is None


def test_what_makes_it_incomplete_is_put_into_it(held: Assignment) -> None:
    save(held, [put(box("b7", 300, 400))])
    answer = save(held, [put(box("new", 1, 1, label=None))])
    assert answer["state"] == "open"
    assert stored(held)[1] is None
    found = objects(row(held))
    assert found[7] == box("b7", 300, 400)
    assert found[-1]["id"] == "new"


def test_an_element_that_is_not_there_yet_is_begun_in_the_answer(
    workspace: Workspace, labeler: User
) -> None:
    preset = builtin("object-detection")
    label = {**preset.questions[0]["children"][0], "mustFill": False}
    del label["selectGroup"]
    first = {**preset.questions[0], "children": [label]}
    second = {**first, "questionId": "2", "markTitle": "Second", "titles": {}}
    second["children"] = [{**label, "questionId": "2.1"}]
    template = LabelTemplate.objects.create(
        workspace=workspace,
        key="two",
        name="Two",
        names={"en": "Two"},
        category="image",
        views=preset.views,
        questions=[first, second],
    )
    job = make_job(
        dataset=make_dataset(1, kind="image", workspace=workspace),
        template=template,
        selected_questions=[],
        options={"1.1": COLORS, "2.1": COLORS},
        workflow="labeling",
        labelers=[labeler],
    )
    assignment = claim(job, labeler)
    save(assignment, [put(box(f"b{n}", n % 600, n // 600)) for n in range(BOXES)])
    save(assignment, [remove("b8"), {**remove("b9"), "questionId": "2"}])
    for x in (1, 2):
        other = box("b1", x, 40, label=None)
        save(assignment, [remove("b8"), {**put(other), "questionId": "2"}])
    assert stored(assignment)[1] is not None
    one, two = loads(row(assignment).results)
    assert len(one["data"]) == BOXES - 1
    assert two["data"] == [other]


def test_an_answer_does_not_grow_without_end(
    held: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "MAX_RESULTS", row(held).size + 10)
    # Incomplete, so it is put into the answer at once.
    with pytest.raises(Invalid) as caught:
        save(held, [put(box("new", 1, 1, label=None))])
    assert caught.value.errors[0]["field"] == "results"
    monkeypatch.setattr(answers, "MAX_RESULTS", 10)
    save(held, [remove("b1"), put(box("b2", 1, 1, label=None))])
    assert len(objects(row(held))) == BOXES - 1


def test_what_waits_is_canonical(held: Assignment) -> None:
    moved = box("b7", 300, 400)
    backwards = {name: moved[name] for name in reversed(moved)}
    save(held, [put({**backwards, "holes": [], "feather": 0})])
    assert stored(held)[1] is not None
    assert dump(objects(row(held))[7]) == dump(moved)


def test_it_is_put_into_it_after_a_while(held: Assignment) -> None:
    for n in range(MOST + 2):
        save(held, [put(box(f"b{n}", 10, 20 + n))])
    _, tail = stored(held)
    assert tail is not None
    assert len(loads(tail)) == 1
    found = objects(row(held))
    assert [found[n]["value"][0] for n in range(MOST + 2)] == [
        [10, 20 + n] for n in range(MOST + 2)
    ]


@pytest.mark.parametrize("end", ["submit", "release", "abandon"])
def test_the_end_of_the_tenure_puts_it_into_it(held: Assignment, labeler: User, end: str) -> None:
    save(held, [put(box("b7", 300, 400)), remove("b3")])
    if end == "submit":
        submit(held)
    elif end == "release":
        release_assignment(assignment_id=held.pk, user=labeler, reason="ill")
    else:
        answers.abandon_item(
            assignment_id=held.pk, position=1, user=labeler, write=uuid4(), reason="Invalid"
        )
    results, tail = stored(held)
    assert tail is None
    found = loads(results)[0]["data"]
    assert len(found) == BOXES - 1
    assert found[6] == box("b7", 300, 400)
    if end != "abandon":
        assert row(held).versions.order_by("-id").first().results == results


def test_a_checker_moves_boxes_too(held: Assignment, checker: User) -> None:
    submit(held)
    mine = claim(held.job, checker, "check")
    save(mine, [put(box("b5", 300, 300))])
    save(mine, [put(box("b6", 310, 300))])
    assert stored(mine)[1] is not None
    pass_rest(mine)
    submit(mine)
    found = objects(row(mine))
    assert stored(mine)[1] is None
    assert [found[n]["value"][0] for n in (5, 6)] == [[300, 300], [310, 300]]
    assert objects(row(held))[5] == box("b5", 5, 0)


@given(seed=st.integers(0, 2**32))
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_it_is_what_the_operations_say(held: Assignment, seed: int) -> None:
    rng = random.Random(seed)
    questions = resolved_template(held.job)["questions"]
    media = {"source": {"width": 640, "height": 480}}
    expected = loads(row(held).results)
    for _ in range(rng.randint(1, 12)):
        ops = []
        for _ in range(rng.randint(1, 8)):
            name = f"b{rng.randrange(BOXES + 40)}"
            value = box(name, rng.randrange(600), rng.randrange(400), rng.choice(["k1", "k2"]))
            more = {"before": f"b{rng.randrange(BOXES)}"} if rng.random() < 0.3 else {}
            ops.append(remove(name) if rng.random() < 0.2 else put(value, **more))
        expected = apply_ops(expected, ops, questions=questions, media=media)
        save(held, ops)
        assert loads(row(held).results) == expected
