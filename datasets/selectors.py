"""What the pages show: lists by key, and items without the texts that a list does not need."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.postgres.fields import ArrayField
from django.db.models import F, Func, QuerySet, TextField, Value
from django.db.models.functions import Left

from datasets.models import FILE_KINDS, Dataset

DATASETS, TILES, ROWS = 50, 60, 50
MAX_COLUMNS = 4
CELL_CHARACTERS = 300


@dataclass(frozen=True)
class Page:
    """Rows of a list, and the query strings of its neighbours (empty at the ends)."""

    rows: Sequence[Any]
    previous: str = ""
    next: str = ""


def dataset_page(
    rows: QuerySet[Dataset], *, params: dict[str, str], before: int | None, after: int | None
) -> Page:
    """Datasets, newest first: those older than `after`, or the newer ones next to `before`."""
    if before is not None:
        found = list(rows.filter(pk__gt=before).order_by("pk")[: DATASETS + 1])
        more = len(found) > DATASETS
        found = found[:DATASETS][::-1]
        return Page(
            found,
            _query(params, before=found[0].pk) if found and more else "",
            _query(params, after=found[-1].pk) if found else "",
        )
    if after is not None:
        rows = rows.filter(pk__lt=after)
    found = list(rows.order_by("-pk")[: DATASETS + 1])
    more = len(found) > DATASETS
    found = found[:DATASETS]
    return Page(
        found,
        _query(params, before=found[0].pk) if found and after is not None else "",
        _query(params, after=found[-1].pk) if more else "",
    )


def item_page(dataset: Dataset, *, first: int) -> Page:
    """The items from this number on, as a gallery or a table shows them.

    Ordinals have no gaps, so a page is found by arithmetic. Each row has `labels` (the names of the other members of
    its line) and `cells` (the first texts of `columns(dataset)`).
    """
    size = TILES if dataset.of_files else ROWS
    first = min(max(1, first), max(1, dataset.item_count))
    first -= (first - 1) % size
    rows = dataset.items.filter(
        ordinal__gte=first, ordinal__lt=first + size, ordinal__lte=dataset.item_count
    ).only("dataset_id", "ordinal", "media")
    rows = rows.annotate(
        labels=Func(
            F("extra"),
            function="json_object_keys",
            template="ARRAY(SELECT %(function)s(%(expressions)s))",
            output_field=ArrayField(TextField()),
        )
    )
    names = columns(dataset)
    for number, name in enumerate(names):
        text = Func(
            F("data"),
            Value(name),
            arg_joiner=" ->> ",
            template="(%(expressions)s)",
            output_field=TextField(),
        )
        rows = rows.annotate(**{f"cell_{number}": Left(text, CELL_CHARACTERS)})
    found = list(rows.order_by("ordinal"))
    for row in found:
        row.cells = [getattr(row, f"cell_{number}") for number in range(len(names))]  # type: ignore[attr-defined]
    last = first + size - 1
    return Page(
        found,
        _query({}, first=first - size) if first > 1 else "",
        _query({}, first=last + 1) if last < dataset.item_count else "",
    )


def columns(dataset: Dataset) -> list[str]:
    """The fields that a table of the dataset's items shows as text."""
    if dataset.of_files:
        return []
    return [f["name"] for f in dataset.fields if f["type"] not in FILE_KINDS][:MAX_COLUMNS]


def picture_fields(dataset: Dataset) -> list[str]:
    """The fields that hold pictures or PDFs."""
    return [f["name"] for f in dataset.fields if f["type"] in FILE_KINDS]


def _query(params: dict[str, str], **key: int) -> str:
    return "?" + urlencode({**{name: value for name, value in params.items() if value}, **key})
