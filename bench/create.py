"""`create_1m`: a job's packages ready, against the bare INSERT … SELECT of the same package items into the same table."""

import os
import time

from bench.frame import Figure, figure, say

ITEMS = int(os.environ.get("BENCH_CREATE_ITEMS", 1_000_000))
#: Megabytes by which the worker may grow from the first step to the last.
GROWTH = 50


@figure("create_1m")
def measure() -> Figure:
    import psutil

    from bench import rows
    from datasets.models import Dataset

    source = rows.dataset(ITEMS, kind="text")
    _add_field(source)
    process = psutil.Process()
    size = max(1, -(-ITEMS // 20_000))
    before = _bare(source, size)
    rss = process.memory_info().rss
    fixed = _split(source, {"type": "fixed", "size": size})
    grown = (process.memory_info().rss - rss) / 2**20
    after = _bare(source, size)
    by_field = _split(Dataset.objects.get(pk=source.pk), {"type": "field", "field": "group"})
    # The table grows from one to the next: the bare INSERT is taken before and after.
    baseline = (before + after) / 2
    return Figure(
        name="create_1m",
        value=fixed,
        unit="s",
        baseline=baseline,
        ratio=fixed / baseline,
        reach="≤ 2 × the bare INSERT … SELECT of its package items; memory flat",
        ok=fixed <= 2 * baseline and grown < GROWTH,
        detail={
            "items": ITEMS,
            "package_size": size,
            "bare_before": before,
            "bare_after": after,
            "by_field_seconds": by_field,
            "by_field_ratio": by_field / baseline,
            "memory_grown_mb": grown,
        },
    )


def _add_field(source):  # type: ignore[no-untyped-def]
    """Every item gets a value of the field `group`, of which there are at most 5,000, far from their order."""
    from django.db import connection

    from datasets.models import Item

    source.fields = [*source.fields, {"name": "group", "type": "number"}]
    source.save(update_fields=["fields"])
    table = Item._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE {table} SET data = json_build_object(
                'source', data->'source', 'group', (ordinal * 7919::bigint) %% least(5000, %s)) WHERE dataset_id = %s""",
            [max(1, ITEMS // 50), source.pk],
        )
        cursor.execute(f"VACUUM ANALYZE {table}")


def _job(source, allocation, **fields):  # type: ignore[no-untyped-def]
    """A job as create_job leaves it, its batch, and the moment."""
    from django.utils import timezone

    from bench import rows
    from jobs.models import Batch, Job, JobSummary
    from templates_app.models import LabelTemplate

    job = Job.objects.create(
        workspace=source.workspace,
        name=f"create-{time.time_ns()}",
        dataset=source,
        dataset_version=1,
        last_ordinal=source.item_count,
        item_count=source.item_count,
        template=LabelTemplate.objects.latest().get(workspace=None, key="text-classification"),
        selected_questions=["1"],
        options={"1": rows.CLASSES},
        workflow="labeling",
        allocation=allocation,
        created_by=source.created_by,
        **fields,
    )
    JobSummary.objects.create(job=job)
    batch = Batch.objects.create(
        job=job, number=1, first_ordinal=1, last_ordinal=job.last_ordinal, closed_at=timezone.now()
    )
    return job, batch


def _split(source, allocation) -> float:  # type: ignore[no-untyped-def]
    """Seconds from the worker's start until the job runs; every item is in a package."""
    from jobs.models import PackageItem, SplitRun
    from jobs.services import split

    job, batch = _job(source, allocation)
    run = SplitRun.objects.create(batch=batch, total=source.item_count)
    begin = time.perf_counter()
    split.split_batch(run_id=run.pk)
    seconds = time.perf_counter() - begin
    job.refresh_from_db()
    if job.state != "running" or PackageItem.objects.filter(job=job).count() != source.item_count:
        run.refresh_from_db()
        raise RuntimeError(f"the split ended {run.state}: {run.error}")
    say(f"  {allocation['type']}: {job.package_count} packages in {seconds:.1f} s")
    return seconds


def _bare(source, size: int) -> float:  # type: ignore[no-untyped-def]
    """Seconds of one INSERT … SELECT of the package items of a job whose packages are there."""
    from django.db import connection, transaction

    from jobs.models import Package, PackageItem

    job, batch = _job(source, {"type": "fixed", "size": size}, state="running")
    values = {"job": job.pk, "batch": batch.pk, "size": size, "dataset": source.pk}
    values["packages"] = -(-source.item_count // size)
    package, items = Package._meta.db_table, PackageItem._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO {package}
                (job_id, batch_id, number, group_value, priority, stage, round, state, item_count)
            SELECT %(job)s, %(batch)s, p, '', 0, 'labeling', 1, 'open', %(size)s
            FROM generate_series(1, %(packages)s) p""",
            values,
        )
        cursor.execute(f"ANALYZE {package}")
        begin = time.perf_counter()
        with transaction.atomic():
            cursor.execute(
                f"""INSERT INTO {items} (job_id, package_id, position, ordinal, item_id, origin)
                SELECT %(job)s, p.id, (i.ordinal - 1) %% %(size)s + 1, i.ordinal, i.id, 'data'
                FROM datasets_item i
                JOIN {package} p ON p.job_id = %(job)s AND p.number = (i.ordinal - 1) / %(size)s + 1
                WHERE i.dataset_id = %(dataset)s ORDER BY i.ordinal""",
                values,
            )
        seconds = time.perf_counter() - begin
    say(f"  bare INSERT: {seconds:.1f} s")
    return seconds
