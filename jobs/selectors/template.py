"""A job's label template as the labeling page gets it, resolved once per process."""

import json
from functools import lru_cache
from typing import Any

from jobs.models import Job
from templates_app import answers
from templates_app import services as templates
from templates_app.models import LabelTemplate
from templates_app.questions.base import Question

#: A job's template, options, selected questions, language, bindings, shapes and overrides; JSON columns
#: as text.
Key = tuple[int, str, str, str, str, str, str]


def template_key(job: Job) -> Key:
    """What the job's resolved template depends on."""
    return (
        job.template_id,
        _dump(job.options),
        _dump(job.selected_questions),
        job.language,
        _dump(job.field_bindings),
        _dump(job.shapes),
        _dump(job.overrides),
    )


def resolved_template(job: Job) -> dict[str, Any]:
    """{"views", "questions", "abandon_reasons", "layout"} of the job; shared between callers, so never to be changed."""
    return _resolved(template_key(job))


@lru_cache(maxsize=256)
def job_questions(key: Key) -> dict[str, Question]:
    """The job's questions made ready to check answers."""
    return answers.compiled(_resolved(key)["questions"])


@lru_cache(maxsize=256)
def _resolved(key: Key) -> dict[str, Any]:
    # A template that a job uses does not change, so this never goes stale.
    template_id, options, selected, language, bindings, shapes, overrides = key
    return templates.resolve(
        LabelTemplate.objects.get(pk=template_id),
        options=json.loads(options),
        selected=json.loads(selected),
        language=language,
        bindings=json.loads(bindings),
        shapes=json.loads(shapes),
        overrides=json.loads(overrides),
    )


def _dump(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
