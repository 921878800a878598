"""Each image template's answer: labeled, inspected, exported and read again; every page shows it and keeps it."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings

from accounts.models import User, Workspace
from itag.client.pdfs import A4
from jobs.models import Assignment, Job
from jobs.selectors.template import resolved_template
from jobs.services.answers import save_item
from templates_app.answers import from_manifest
from templates_app.questions.masks import write_runs
from templates_app.services import validate_job_config
from tests.e2e.label import (
    COLORS,
    HEIGHT,
    WIDTH,
    builtin,
    claim,
    draw_picture,
    open_item,
    results_of,
    saves,
    wait_painted,
)
from tests.e2e.test_pdf import pdf_job
from tests.e2e.test_regions import rectangle
from tests.exports.test_content import lines
from tests.factories import make_dataset, make_job
from tests.jobs.flow import pass_rest, submit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PICTURE = {"type": "image", "rotation": 0, "width": WIDTH, "height": HEIGHT}
#: Columns 100 and 101 of the picture, its rows 10 to 59.
MASK = {
    "size": [HEIGHT, WIDTH],
    "counts": write_runs(
        [100 * HEIGHT + 10, 50, HEIGHT - 50, 50, (WIDTH - 101) * HEIGHT - 60],
    ),
}


def region(key: str, shape: str, value: Any, label: str = "car", **more: Any) -> dict[str, Any]:
    kind = {"polyline": "polyline", "point": "point", "mask": "mask"}.get(shape, "polygon")
    found = {"id": key, "type": f"image/{kind}", "shape": shape, "value": value}
    return {**found, "labels": {"1.1": label}, **more}


SHAPES = [
    region("r", "rectangle", [[10.25, 10], [60, 10], [60, 40.5], [10.25, 40.5]], group="g"),
    region("t", "rotated", [[400, 100], [500, 200], [450, 250], [350, 150]], "bus", group="g"),
    region(
        "p",
        "polygon",
        [[200, 300], [300, 300], [300, 400], [200, 400]],
        holes=[[[220, 320], [280, 320], [280, 380], [220, 380]]],
    ),
    region("l", "polyline", [[20, 400], [60.01, 450], [120, 430]], "bike"),
    region("o", "point", [[600, 20]]),
    region("m", "mask", MASK, "bus"),
]
CELL = {"rowspan": 1, "colspan": 1, "header": False}
CELLS = [
    {**CELL, "row": 0, "col": 0, "colspan": 2, "header": True, "text": "Sum",
     "value": [[0, 0], [200, 0], [200, 50], [0, 50]]},
    {**CELL, "row": 1, "col": 0, "text": "a", "value": [[0, 50], [100, 50], [100, 90], [0, 90]]},
    {**CELL, "row": 1, "col": 1, "text": "1\n2",
     "value": [[100, 50], [200, 50], [200, 90], [100, 90]]},
]  # fmt: skip
PAGES = [
    {"page": 1, "width": A4[0], "height": A4[1], "rotation": 0, "data": [
        rectangle("b", 70, 185, 300, 222)
        | {"labels": {"1.3": "Total amount", "1.1": "bus"}}]},
    {"page": 2, "width": 595, "height": 842, "rotation": 0, "labels": {"1.4": "cover"}, "data": []},
]  # fmt: skip

#: Template → the questions asked, their labels, the answer, and what every page that shows it has.
ROADS: dict[str, tuple[list[str], dict[str, Any], list[dict[str, Any]], dict[str, int]]] = {
    "object-detection": (
        ["1.1"],
        {"1.1": COLORS},
        [{"questionId": "1", **PICTURE, "data": SHAPES}],
        {"[data-region]": 6},
    ),
    "image-classification": (
        ["2"],
        {"2": COLORS},
        [{"questionId": "2", "type": "survey/multivalue", "data": ["bus", "car"]}],
        {"[data-option][aria-pressed=true]": 2},
    ),
    "ocr": (
        ["1.1", "1.3"],
        {"1.1": COLORS},
        [
            {
                "questionId": "1",
                **PICTURE,
                "data": [
                    rectangle("b", 60, 40, 320, 76) | {"labels": {"1.3": "号码", "1.1": "bus"}}
                ],
            }
        ],
        {"[data-region]:has-text('号码')": 1},
    ),
    "matting": (
        ["2", "3.1", "4"],
        {"1": COLORS, "2": COLORS, "3.1": COLORS},
        [
            {"questionId": "1", "type": "survey/value", "data": "bus"},
            {"questionId": "2", "type": "survey/multivalue", "data": ["car"]},
            {
                "questionId": "3",
                **PICTURE,
                "data": [region("m", "mask", MASK, feather=3) | {"labels": {"3.1": "car"}}],
            },
            {"questionId": "4", "type": "survey/value", "data": "one only"},
        ],
        {"[data-region]": 1, "[data-option][aria-pressed=true]": 2},
    ),
    "table": (
        [],
        {},
        [{"questionId": "1", "type": "table", "data": {"rows": 2, "cols": 2, "cells": CELLS}}],
        {"[data-cell]": 3},
    ),
    "pdf": (
        ["1.1", "1.3", "1.4", "2"],
        {},
        [
            {"questionId": "1", "type": "pdf", "pages": PAGES},
            {"questionId": "2", "type": "survey/value", "data": "body"},
        ],
        {"[data-region]:has-text('Total amount')": 1, "[data-topic='2'] [aria-pressed=true]": 1},
    ),
}


def job_of(name: str, people: dict[str, User], workspace: Workspace) -> Job:
    """A running job of the template: one item, check and acceptance."""
    selected, options, _answer, _seen = ROADS[name]
    staff: dict[str, Any] = {"checkers": [people["checker"]], "accepters": [people["boss"]]}
    if name == "pdf":
        return pdf_job(people["labeler"], people["boss"], workspace=workspace, items=1, **staff)
    dataset = make_dataset(1, kind="image", workspace=workspace)
    assert dataset.storage is not None
    draw_picture(Path(settings.FILES_ROOT) / dataset.storage.root / "1.jpg", 1)
    template = builtin(name)
    if not options:
        options, *_rest = validate_job_config(
            template, options=None, selected=None, bindings=None, dataset_fields=dataset.fields
        )
    return make_job(
        dataset=dataset,
        template=template,
        selected_questions=selected,
        options=options,
        shapes={"1": [one["shape"] for one in SHAPES]} if name == "object-detection" else {},
        size=1,
        labelers=[people["labeler"]],
        **staff,
    )


def answer(assignment: Assignment, elements: list[dict[str, Any]]) -> None:
    assert assignment.holder is not None
    ops = [{"questionId": one["questionId"], "id": None, "value": one} for one in elements]
    save_item(
        assignment_id=assignment.pk,
        position=1,
        user=assignment.holder,
        write=uuid4(),
        ops=ops,
        version=0,
    )


def shown(page: Any, seen: dict[str, int]) -> None:
    for what, count in seen.items():
        page.locator(what).nth(count - 1).wait_for()
        assert page.locator(what).count() == count


def test_answers_are_shown_to_all_and_come_back(
    sign_in: Any, workspace: Workspace, labeler: User, checker: User, admin_user: User
) -> None:
    people = {"labeler": labeler, "checker": checker, "boss": admin_user}
    pages = {"check": sign_in(checker), "acceptance": sign_in(admin_user)}
    failures: list[str] = []
    for page in pages.values():
        page.on("pageerror", lambda error: failures.append(str(error)))
    for number, (name, (_selected, _options, elements, seen)) in enumerate(ROADS.items()):
        job = job_of(name, people, workspace)
        first = claim(job, labeler)
        answer(first, elements)
        stored = results_of(first)
        assert stored == elements, name
        submit(first)
        for stage, page in pages.items():
            held = claim(job, checker if stage == "check" else admin_user, stage)
            # The two pages are one: each template is judged by hand in one of the stages.
            if (stage == "check") == (number % 2 == 0):
                pass_rest(held)
                submit(held)
                continue
            open_item(page, held)
            shown(page, seen)
            # Nothing that is pressed changes what is only judged.
            for key in ("j", "Delete", "1", "Control+z", "Escape"):
                page.keyboard.press(key)
            shown(page, seen)
            with saves(page):
                page.keyboard.press("p")
            submit(held)
        (line,) = lines(job)
        questions = resolved_template(job)["questions"]
        keys = [key for key in line if key.startswith(f"label-{job.task_id}")]
        assert keys, name
        for key in keys:
            back = from_manifest(json.loads(json.dumps(line[key]["results"])), questions)
            assert back == elements, name
        page.goto(f"/jobs/{job.pk}/packages/1/1")
        wait_painted(page, 1)
        shown(page, seen)
    assert failures == []
