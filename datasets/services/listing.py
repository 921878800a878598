"""The first phase of an import: writing down what is to be read, so that the order and the total are known."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from django.db import connection, transaction

from datasets.models import Dataset, ImportRun, Item
from datasets.services import uploads
from datasets.services.paths import Found, UnsafePath, open_file, walk
from datasets.services.readers import source_digest
from datasets.services.storages import storage_root

#: Names between two signs of life.
BEAT = 5_000


def write_names(
    run: ImportRun, target: Path, *, beat: Callable[[], None], counts: bool
) -> tuple[int, int]:
    """Write the list of names, whole or not at all; answers how many they are and (`counts`) their lines.

    Each line is [name, what is wrong with it or ""]; `beat` is called now and then.
    """
    root, found = _found(run)
    names = lines = 0
    part = target.with_name("names.part")
    with part.open("w", encoding="utf-8") as file:
        for entry in found:
            names += 1
            file.write(json.dumps([entry.path, entry.problem]) + "\n")
            if counts and not entry.problem:
                lines += count_lines(root, entry.path, beat=beat)
            if names % BEAT == 0:
                beat()
    if run.source["type"] == "folder" and run.dataset.item_count:
        names = _keep_new(run.dataset, part)
    part.replace(target)
    return names, lines


def _found(run: ImportRun) -> tuple[Path, Iterator[Found]]:
    """The folder that the names are relative to, and the names."""
    dataset = run.dataset
    folder = uploads.folder_of(run)
    if run.source["type"] == "manifest":
        return folder, iter([Found("data.manifest")])
    if run.source["type"] == "files":
        return folder / "files", walk(folder / "files")
    if dataset.storage is None:
        raise ValueError("a folder import needs a storage")
    root, prefix = storage_root(dataset.storage), dataset.prefix
    skip = len(prefix) + 1 if prefix else 0
    return root / prefix, (Found(entry.path[skip:], entry.problem) for entry in walk(root, prefix))


def _keep_new(dataset: Dataset, path: Path) -> int:
    """Drop from the list what the dataset has: one join in the database, so that memory stays flat."""
    kept = path.with_name("names.new")
    count = 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE found_name (n bigserial, line text, digest text) ON COMMIT DROP"
        )
        with (
            path.open(encoding="utf-8") as file,
            cursor.copy("COPY found_name (line, digest) FROM STDIN") as copy,
        ):
            for line in file:
                copy.write_row((line, source_digest(json.loads(line)[0])))
        cursor.execute("ANALYZE found_name")
        with connection.chunked_cursor() as rows, kept.open("w", encoding="utf-8") as file:
            rows.execute(
                f"""
                SELECT line FROM found_name f WHERE NOT EXISTS (
                    SELECT 1 FROM "{Item._meta.db_table}" i
                    WHERE i.dataset_id = %s AND i.ordinal <= %s AND i.source_digest = f.digest
                ) ORDER BY n
                """,  # the table is our own model's; every value is a parameter
                [dataset.pk, dataset.item_count],
            )
            while batch := rows.fetchmany(1000):
                count += len(batch)
                file.writelines(line for (line,) in batch)
        cursor.execute("DROP TABLE found_name")
    kept.replace(path)
    return count


def count_lines(root: Path, path: str, *, beat: Callable[[], None]) -> int:
    """How many lines the file has; 0 if it cannot be read, which its reader will say."""
    count, blocks, last = 0, 0, b"\n"
    try:
        with open_file(root, path) as file:
            while block := file.read(2**20):
                count += block.count(b"\n")
                last = block
                blocks += 1
                if blocks % 1000 == 0:
                    beat()
    except (UnsafePath, OSError):
        return 0
    return count + (not last.endswith(b"\n"))
