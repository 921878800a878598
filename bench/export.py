"""`export_manifest`: 100,000 finished items to a manifest, against a bare cursor that decodes and encodes them once."""

import time

from bench.frame import Figure, figure

ITEMS = 100_000
ROWS = """SELECT i.data::text, i.extra::text, n.results::text
FROM jobs_packageitem pi
JOIN datasets_item i ON i.id = pi.item_id
JOIN jobs_annotation n ON n.id = pi.current_annotation_id
WHERE pi.job_id = %s ORDER BY pi.ordinal"""


@figure("export_manifest")
def measure() -> Figure:
    import psutil

    from bench import rows
    from exports.models import Export
    from exports.services import build_export, request_export
    from itag.core.fields import dump

    job = rows.job(rows.dataset(ITEMS), size=200, template="object-detection")
    rows.finish(job, dump(rows.boxes(3)))
    _read(job.pk, decode=False)  # the tables are in memory for all three
    undecoded = ITEMS / _read(job.pk, decode=False)
    baseline = ITEMS / _read(job.pk, decode=True)
    process = psutil.Process()
    before = process.memory_info().rss
    export = request_export(
        job=job, user=job.created_by, format="manifest", scope="finished", idempotency_key=""
    )
    begin = time.perf_counter()
    build_export(export_id=export.pk)
    seconds = time.perf_counter() - begin
    grown = (process.memory_info().rss - before) / 2**20
    export = Export.objects.get(pk=export.pk)
    value = ITEMS / seconds
    ok = export.state == "succeeded" and export.done == ITEMS and value >= baseline / 2
    return Figure(
        name="export_manifest",
        value=value,
        unit="rows/s",
        baseline=baseline,
        ratio=value / baseline,
        reach="≥ 1/2 of one process that decodes and encodes the same rows once",
        ok=ok,
        detail={
            "items": ITEMS,
            "seconds": seconds,
            "bytes": export.size,
            "undecoded_rows_per_s": undecoded,
            "ratio_undecoded": value / undecoded,
            "memory_grown_mb": grown,
        },
    )


def _read(job: int, *, decode: bool) -> float:
    """Seconds that a server-side cursor takes over the job's rows."""
    import orjson
    from django.db import connection, transaction

    begin = time.perf_counter()
    count = 0
    with transaction.atomic():
        connection.ensure_connection()
        with connection.connection.cursor(name="bench") as cursor:
            cursor.itersize = 2000
            for data, extra, results in cursor.execute(ROWS, [job]):
                count += 1
                if decode:
                    orjson.dumps(orjson.loads(results))
                else:
                    len(data) + len(extra or "") + len(results)
    if count != ITEMS:
        raise RuntimeError(f"{count} rows")
    return time.perf_counter() - begin
