"""`import_manifest`: a million lines into a dataset, against a bare COPY of the same rows into the same table."""

import os
import tempfile
import time
from pathlib import Path

from bench.frame import Figure, figure

LINES = int(os.environ.get("BENCH_IMPORT_LINES", 1_000_000))


@figure("import_manifest")
def measure() -> Figure:
    import psutil

    from accounts.models import User, Workspace
    from datasets.models import Dataset, Item
    from datasets.services.imports import create_dataset, run_import

    workspace = Workspace.objects.create(name="bench import")
    user = User.objects.create_user("bench-import")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.manifest"
        with path.open("w", encoding="utf-8") as file:
            for number in range(LINES):
                file.write(
                    f'{{"data":{{"source":"Text number {number} of a million: 第 {number} 条，长度与评论相当, '
                    f'good quality, quick delivery","page":{number % 97}}}}}\n'
                )
        begin = time.perf_counter()
        dataset = create_dataset(
            workspace=workspace,
            user=user,
            name="bench",
            kind=Dataset.Kind.TEXT,
            origin=Dataset.Origin.MANIFEST,
            manifest=path,
        )
        asked = time.perf_counter() - begin
    process = psutil.Process()
    before = process.memory_info().rss
    begin = time.perf_counter()
    run = dataset.imports.get()
    while run.state in ("queued", "running"):
        run_import(run.pk)
        run.refresh_from_db()
    seconds = time.perf_counter() - begin
    grown = (process.memory_info().rss - before) / 2**20
    dataset.refresh_from_db()
    value = LINES / seconds
    baseline = LINES / _bare_copy(dataset.pk)
    fine = dataset.item_count == LINES and Item.objects.filter(dataset=dataset).count() == LINES
    return Figure(
        name="import_manifest",
        value=value,
        unit="lines/s",
        baseline=baseline,
        ratio=value / baseline,
        reach="≥ 1/3 of a bare COPY of the same rows into the same table; memory flat",
        ok=fine and value >= baseline / 3 and grown < 100,
        detail={
            "lines": LINES,
            "seconds": seconds,
            "request_seconds": asked,
            "memory_grown_mb": grown,
        },
    )


def _bare_copy(dataset: int) -> float:
    """Seconds of one COPY of the dataset's rows, as text that PostgreSQL wrote itself, into a second dataset."""
    from django.db import connection, transaction

    from datasets.models import Dataset, Item

    columns = "ordinal, data, extra, media, group_key, source_digest, search"
    source = Dataset.objects.get(pk=dataset)
    other = Dataset.objects.create(
        workspace=source.workspace,
        name="bare",
        kind="text",
        origin="manifest",
        created_by=source.created_by,
    )
    with tempfile.TemporaryFile() as file, connection.cursor() as cursor:
        with cursor.copy(
            f"COPY (SELECT {other.pk}, {columns} FROM {Item._meta.db_table} WHERE dataset_id = {dataset} "
            "ORDER BY ordinal) TO STDOUT"
        ) as copy:
            for block in copy:
                file.write(block)
        file.seek(0)
        begin = time.perf_counter()
        with (
            transaction.atomic(),
            cursor.copy(f"COPY {Item._meta.db_table} (dataset_id, {columns}) FROM STDIN") as copy,
        ):
            while block := file.read(2**18):
                copy.write(block)
        return time.perf_counter() - begin
