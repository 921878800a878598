"""Answers that came with the dataset: those that answer the job's questions are shown as answers, all leave as they came."""

import json
from typing import Any

import pytest

from accounts.models import User, Workspace
from itag.core.fields import dump
from jobs.models import Package
from jobs.selectors.template import job_questions, template_key
from jobs.selectors.work import items_payload, package_items_payload
from templates_app.answers import to_manifest
from tests.e2e.label import builtin
from tests.factories import make_dataset, make_job
from tests.jobs.flow import claim

pytestmark = pytest.mark.django_db

OPTIONS = {"1.1": [{"key": "k1", "label": "cat", "color": "#123456", "shortcut": ""}]}
BOX = {
    "id": "b1",
    "type": "image/polygon",
    "shape": "rectangle",
    "value": [[1, 2], [9, 2], [9, 6], [1, 6]],
    "labels": {"1.1": "k1"},
}
RESULTS = [
    {
        "questionId": "1", "type": "image", "rotation": 0, "width": 640, "height": 480, "data": [BOX],
    }
]  # fmt: skip


def test_an_exported_answer_is_one_again(
    workspace: Workspace, labeler: User, admin_user: User
) -> None:
    dataset = make_dataset(1, kind="image", workspace=workspace)
    job = make_job(
        dataset=dataset,
        template=builtin("object-detection"),
        selected_questions=["1.1"],
        options=OPTIONS,
        labelers=[labeler],
    )
    exported = to_manifest(RESULTS, job_questions(template_key(job)))
    strange = json.loads(json.dumps(exported).replace('"cat"', '"horse"'))
    prior: dict[str, Any] = {
        "label-1": {"results": exported},
        "label-1-check": {"results": strange},
        "label-2": {"results": [{"questionId": "1", "data": "ok", "type": "survey/value"}]},
        "label-3": "no object",
        "label-4": {"results": [], "abandonFlag": True},
    }
    dataset.items.update(extra=dump({**prior, "other": 1}))
    (payload,) = items_payload(claim(job, labeler), labeler, first=1, limit=1)
    assert payload["prior"] == prior
    assert payload["prior_results"] == {"label-1": RESULTS}
    package = Package.objects.select_related("job").get(job=job)
    (read,) = package_items_payload(package, admin_user, first=1, limit=1)
    assert read["prior_results"] == {"label-1": RESULTS}
