"""Small files and datasets that went the whole way: request, worker, rows."""

import io
from typing import Any

from PIL import Image

from datasets.models import Dataset
from datasets.services.imports import create_dataset, run_import
from datasets.services.storages import incoming_root


def picture(
    form: str = "PNG",
    size: tuple[int, int] = (8, 6),
    *,
    orientation: int = 1,
    mode: str = "RGB",
    color: Any = 120,
) -> io.BytesIO:
    """A small picture as an open file."""
    image = Image.new(mode, size, color)
    exif = Image.Exif()
    if orientation != 1:
        exif[0x0112] = orientation
    file = io.BytesIO()
    image.save(file, form, **({"exif": exif} if orientation != 1 else {}))
    file.seek(0)
    return file


def manifest(*lines: str | bytes, end: bytes = b"\n") -> io.BytesIO:
    """The lines as an open manifest."""
    return io.BytesIO(
        b"".join((line.encode() if isinstance(line, str) else line) + end for line in lines)
    )


def make(workspace: Any, user: Any, **fields: Any) -> Dataset:
    """A dataset whose import has ended, whichever way."""
    if "manifest" in fields:
        fields.setdefault("origin", "manifest")
    elif "storage" in fields:
        fields.setdefault("origin", "folder")
    fields.setdefault("origin", "upload")
    fields.setdefault("kind", "text")
    fields.setdefault("name", f"made {Dataset.objects.count() + 1}")
    dataset = create_dataset(workspace=workspace, user=user, **fields)
    return finish(dataset)


def finish(dataset: Dataset) -> Dataset:
    """Run the dataset's last import here and answer the dataset as it is then."""
    run_import(dataset.imports.values_list("pk", flat=True)[0])
    return Dataset.objects.get(pk=dataset.pk)


def sources(dataset: Dataset) -> list[Any]:
    """What `source` says, in order."""
    return [
        item.data.load()["source"]
        for item in dataset.items.filter(ordinal__lte=dataset.item_count).order_by("ordinal")
    ]


def errors(dataset: Dataset) -> list[tuple[Any, ...]]:
    """(line, field) of each error of the last import."""
    assert dataset.last_import
    return [(e.get("line"), e.get("field")) for e in dataset.last_import.errors]


def incoming() -> list[str]:
    """The uploads that wait."""
    return [path.name for path in incoming_root().iterdir()]
