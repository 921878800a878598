"""Rows for the figures, written in bulk by the database itself."""

import itertools
from typing import Any

from django.db import connection

from accounts.grants import grant
from accounts.models import Membership, User, Workspace
from datasets.models import Dataset, DatasetVersion
from itag.core.fields import dump
from jobs.models import STAGE_PERMISSION, Batch, Job, JobSummary, SplitRun
from templates_app.models import LabelTemplate

_numbers = itertools.count(1)

CLASSES = [
    {"key": "k1", "label": "cat", "color": "#b4232a", "shortcut": "1"},
    {"key": "k2", "label": "dog", "color": "#1f5fbf", "shortcut": "2"},
]


def workspace() -> Workspace:
    """The workspace that the figures share."""
    found, _ = Workspace.objects.get_or_create(name="Bench")
    return found


def people(count: int, *, prefix: str = "bench") -> list[User]:
    """New people, members of the workspace, with an unusable password."""
    place, number = workspace(), next(_numbers)
    rows = User.objects.bulk_create(
        User(username=f"{prefix}-{number}-{n}", password="!") for n in range(count)
    )
    Membership.objects.bulk_create(
        Membership(workspace=place, user=user, role="operator") for user in rows
    )
    grant("view_workspace", place, users=rows)
    return rows


def dataset(count: int, *, kind: str = "image", media: dict[str, Any] | None = None) -> Dataset:
    """A ready dataset of this many items; pictures of 1,280 × 960 on paper only."""
    owner = people(1)[0]
    row = Dataset.objects.create(
        workspace=workspace(),
        name=f"bench-{next(_numbers)}",
        kind=kind,
        origin="upload",
        state="ready",
        version=1,
        item_count=count,
        fields=[{"name": "source", "type": kind}],
        created_by=owner,
    )
    DatasetVersion.objects.create(dataset=row, version=1, last_ordinal=count)
    picture = media or {
        "type": "image",
        "format": "jpeg",
        "width": 1280,
        "height": 960,
        "size": 100_000,
        "path": "a.jpg",
    }
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO datasets_item
                   (dataset_id, ordinal, data, media, group_key, source_digest, search)
               SELECT %s, n, ('{"source":"pictures/' || lpad(n::text, 8, '0') || '.jpg"}')::json,
                   %s::jsonb, '', '', ''
               FROM generate_series(1, %s) n""",
            [row.pk, dump({"source": picture} if kind in ("image", "pdf") else {}), count],
        )
    return row


def job(
    source: Dataset, *, size: int, workflow: str = "labeling", template: str, **fields: Any
) -> Job:
    """A running job over the dataset whose packages all wait for labelers."""
    chosen = LabelTemplate.objects.latest().get(workspace=None, key=template)
    question = "1.1" if template in ("object-detection", "pdf", "entity-recognition") else "1"
    fields.setdefault("state", "running")
    row = Job.objects.create(
        workspace=source.workspace,
        name=f"bench-{next(_numbers)}",
        dataset=source,
        dataset_version=1,
        last_ordinal=source.item_count,
        item_count=source.item_count,
        package_count=-(-source.item_count // size),
        template=chosen,
        field_bindings={"source": "source"},
        selected_questions=[question],
        options={question: CLASSES},
        workflow=workflow,
        allocation={"type": "fixed", "size": size},
        created_by=source.created_by,
        **fields,
    )
    JobSummary.objects.create(job=row)
    batch = Batch.objects.create(
        job=row, number=1, first_ordinal=1, last_ordinal=source.item_count, closed_at=row.created_at
    )
    SplitRun.objects.create(batch=batch, state="succeeded", total=source.item_count)
    values = {"job": row.pk, "batch": batch.pk, "size": size, "n": source.item_count}
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO jobs_package
                   (job_id, batch_id, number, group_value, priority, stage, round, state, item_count)
               SELECT %(job)s, %(batch)s, p, '', 0, 'labeling', 1, 'open',
                   least(%(size)s, %(n)s - (p - 1) * %(size)s)
               FROM generate_series(1, (%(n)s + %(size)s - 1) / %(size)s) p""",
            values,
        )
        cursor.execute(
            """INSERT INTO jobs_packageitem (job_id, package_id, position, ordinal, item_id, origin)
               SELECT %(job)s, p.id, (i.ordinal - 1) %% %(size)s + 1, i.ordinal, i.id, 'data'
               FROM datasets_item i
               JOIN jobs_package p ON p.job_id = %(job)s AND p.number = (i.ordinal - 1) / %(size)s + 1
               WHERE i.dataset_id = %(dataset)s""",
            values | {"dataset": source.pk},
        )
        cursor.execute(
            """INSERT INTO jobs_assignment
                   (job_id, package_id, round, stage, vote, state, reason, is_return, priority, number,
                    participants, created_at, work_seconds)
               SELECT job_id, id, 1, 'labeling', 0, 'waiting', '', false, 0, number, '{}', now(), 0
               FROM jobs_package WHERE job_id = %(job)s ORDER BY number""",
            values,
        )
        for table in ("datasets_item", "jobs_package", "jobs_packageitem", "jobs_assignment"):
            cursor.execute(f"ANALYZE {table}")
    return row


def join(row: Job, members: list[User], *, stage: str = "labeling") -> None:
    """Let these people work in the job's stage."""
    grant(STAGE_PERMISSION[stage], row, users=members)
    grant("view_job", row, users=members)


def boxes(count: int, *, width: int = 1280, height: int = 960) -> list[dict[str, Any]]:
    """A canonical answer with this many boxes laid out in a grid."""
    columns = max(1, int(count**0.5))
    step_x, step_y = width / columns, height / (-(-count // columns))
    objects = []
    for n in range(count):
        x, y = round(n % columns * step_x, 2), round(n // columns * step_y, 2)
        right, bottom = round(x + step_x * 0.8, 2), round(y + step_y * 0.8, 2)
        objects.append(
            {
                "id": f"00000000-0000-4000-8000-{n:012d}",
                "type": "image/polygon",
                "shape": "rectangle",
                "value": [[x, y], [right, y], [right, bottom], [x, bottom]],
                "labels": {"1.1": "k1" if n % 2 else "k2"},
            }
        )
    return [
        {
            "questionId": "1",
            "type": "image",
            "rotation": 0,
            "width": width,
            "height": height,
            "data": objects,
        }
    ]


def finish(row: Job, results: str) -> None:
    """Mark every item of the job as labeled with these results and every package as finished."""
    holder = people(1)[0]
    values = {"job": row.pk, "user": holder.pk, "results": results}
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE jobs_assignment SET state = 'submitted', holder_id = %(user)s, claimed_at = now(),
                   submitted_at = now(), last_input_at = now() WHERE job_id = %(job)s""",
            values,
        )
        cursor.execute(
            """INSERT INTO jobs_annotation
                   (package_item_id, assignment_id, author_id, source, results, verdict, abandoned, reason,
                    feedback, feedback_object, error_type, severity, version, seconds, answered_at,
                    created_at, updated_at)
               SELECT pi.id, a.id, %(user)s, 'person', %(results)s::json, '', false, '', '', '', '', '', 1, 3,
                   now(), now(), now()
               FROM jobs_packageitem pi JOIN jobs_assignment a ON a.package_id = pi.package_id
               WHERE pi.job_id = %(job)s""",
            values,
        )
        cursor.execute(
            """UPDATE jobs_packageitem pi SET current_annotation_id = n.id
               FROM jobs_annotation n WHERE n.package_item_id = pi.id AND pi.job_id = %(job)s""",
            values,
        )
        cursor.execute(
            """UPDATE jobs_package SET state = 'finished', finished_at = now() WHERE job_id = %(job)s""",
            values,
        )
        for table in ("jobs_annotation", "jobs_packageitem", "jobs_package", "jobs_assignment"):
            cursor.execute(f"VACUUM ANALYZE {table}")
