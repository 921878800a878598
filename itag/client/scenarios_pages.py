"""Scenarios of what is read cell by cell and page by page: tables on pictures, and PDF documents."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from itag.client.answers import Choice, Json, Keys, same
from itag.client.drawn import Region, rectangle
from itag.client.manifest import latest
from itag.client.pdfs import PdfPage, TextLine, write_pdf
from itag.client.pictures import Canvas, digits
from itag.client.scenarios import Sample, Scenario

# --- tables ----------------------------------------------------------------------------------------------------------

#: Columns and rows of the drawn tables, the side of a cell, and where the table begins.
COLUMNS, ROWS, CELL_WIDTH, CELL_HEIGHT, EDGE = 3, 4, 92, 44, 16


@dataclass(frozen=True)
class Tables:
    """A table on a picture; the answer is its data as the manifest has it."""

    id: str
    title: str

    def element(self, answer: Json, keys: Keys, size: tuple[int, int]) -> Json:
        return {"questionId": self.id, "type": "table", "data": answer}

    def ops(self, answer: Json, keys: Keys, size: tuple[int, int], now: Json | None) -> list[Json]:
        """The whole table at first, afterwards the cells that differ."""
        if now is None:
            return [{"questionId": self.id, "id": None, "value": self.element(answer, keys, size)}]
        before = {(cell["row"], cell["col"]): cell for cell in now["data"]["cells"]}
        return [
            {"questionId": self.id, "id": f"{cell['row']}:{cell['col']}", "value": cell}
            for cell in answer["cells"]
            if not same(before.get((cell["row"], cell["col"])), cell)
        ]

    def exported(self, answer: Json, size: tuple[int, int]) -> Json:
        return {
            "questionId": self.id,
            "markTitle": self.title,
            "type": "table",
            "data": answer,
        }


def table() -> Scenario:
    """What does the table say? A head over two columns, numbers below."""

    def sample(number: int) -> Sample:
        dice = random.Random(f"table {number}")  # noqa: S311  a picture, not a secret
        width, height = COLUMNS * CELL_WIDTH + 2 * EDGE, ROWS * CELL_HEIGHT + 2 * EDGE
        canvas = Canvas(width, height, (250, 250, 246))
        cells: list[Json] = []
        for row in range(ROWS):
            for column in range(COLUMNS):
                if (row, column) == (0, 2):
                    continue  # under the head of two columns
                wide = 2 if (row, column) == (0, 1) else 1
                text = "".join(dice.choices("0123456789", k=3))
                left, top = EDGE + column * CELL_WIDTH, EDGE + row * CELL_HEIGHT
                right, bottom = left + wide * CELL_WIDTH, top + CELL_HEIGHT
                canvas.rectangle((left, top, right, bottom), (96, 96, 104))
                paper = (222, 230, 240) if row == 0 else (252, 252, 250)
                canvas.rectangle((left + 1, top + 1, right - 1, bottom - 1), paper)
                digits(canvas, text, left + 12, top + 12, 4, (20, 20, 24))
                cells.append(
                    {
                        "row": row,
                        "col": column,
                        "rowspan": 1,
                        "colspan": wide,
                        "header": row == 0,
                        "text": text,
                        "value": [[left, top], [right, top], [right, bottom], [left, bottom]],
                    }
                )
        truth = {"rows": ROWS, "cols": COLUMNS, "cells": cells}
        slip = {**truth, "cells": [*cells[:-1], {**cells[-1], "text": cells[-1]["text"] + "?"}]}
        return Sample(
            source=f"table-{number:02}.png",
            first={"1": slip if number in (1, 3) else truth},
            truth={"1": truth},
            content=canvas.png(),
            size=(width, height),
        )

    return Scenario(
        name="table",
        template="table",
        kind="image",
        language="en",
        questions=(Tables("1", "Table recognition label configuration"),),
        labels={},
        samples=tuple(_same_where_right(sample(number)) for number in range(1, 7)),
        read=read_table,
        package_size=2,
    )


def _same_where_right(sample: Sample) -> Sample:
    """Where nothing is wrong, the first answer is the right one itself, which is how a scenario says it."""
    if sample.first == sample.truth:
        sample.first = sample.truth
    return sample


def read_table(row: Mapping[str, Any], task: str) -> list[list[str]]:
    """The table as a program sees it: rows of texts, a cell over several places repeated in each."""
    (element,) = latest(row, task)["results"]
    data = element["data"]
    grid = [[""] * data["cols"] for _ in range(data["rows"])]
    for cell in data["cells"]:
        for down in range(cell["rowspan"]):
            for across in range(cell["colspan"]):
                grid[cell["row"] + down][cell["col"] + across] = cell["text"]
    return grid


# --- PDF -------------------------------------------------------------------------------------------------------------

#: Points of the pages of the written documents.
PAGE_SIZE = (420, 300)


@dataclass(frozen=True)
class Page:
    """What is said of one page: its class, and its regions."""

    number: int
    said: Mapping[str, str]
    regions: tuple[Region, ...]


@dataclass(frozen=True)
class Pages:
    """Regions on the pages of a document (a list of Page). `titles`: {nested question: its title in the manifest}."""

    id: str
    title: str
    titles: Mapping[str, str]
    page_titles: Mapping[str, str]

    def element(self, answer: Sequence[Page], keys: Keys, size: tuple[int, int]) -> Json:
        return {
            "questionId": self.id,
            "type": "pdf",
            "pages": [
                {
                    **self._head(page),
                    "labels": _keyed(page.said, keys),
                    "data": [_object(region, keys) for region in page.regions],
                }
                for page in answer
            ],
        }

    def ops(
        self, answer: Sequence[Page], keys: Keys, size: tuple[int, int], now: Json | None
    ) -> list[Json]:
        before: dict[str, Json] = {}
        for page in (now or {}).get("pages", []):
            before |= {entry["id"]: {**entry, "page": page["page"]} for entry in page["data"]}
        wanted: dict[str, Json] = {}
        for page in answer:
            key = f"page:{page.number}"
            wanted[key] = {"id": key, "type": "page", "labels": _keyed(page.said, keys)}
            for region in page.regions:
                wanted[region.id] = {**_object(region, keys), "page": page.number}
        gone = [{"questionId": self.id, "id": key, "value": None} for key in before.keys() - wanted]
        return gone + [
            {"questionId": self.id, "id": key, "value": value}
            for key, value in wanted.items()
            if not same(before.get(key), value)
        ]

    def exported(self, answer: Sequence[Page], size: tuple[int, int]) -> Json:
        return {
            "questionId": self.id,
            "markTitle": self.title,
            "type": "pdf",
            "pages": [
                {
                    **self._head(page),
                    "labels": {
                        title: page.said[child] for child, title in self.page_titles.items()
                    },
                    "data": [
                        {
                            "id": region.id,
                            "type": "image/polygon",
                            "value": region.value,
                            "labels": {
                                title: region.said[child] for child, title in self.titles.items()
                            },
                        }
                        for region in page.regions
                    ],
                }
                for page in answer
            ],
        }

    @staticmethod
    def _head(page: Page) -> Json:
        width, height = PAGE_SIZE
        return {"page": page.number, "width": width, "height": height, "rotation": 0}


def _keyed(said: Mapping[str, str], keys: Keys) -> Json:
    return {child: keys[child][label] if child in keys else label for child, label in said.items()}


def _object(region: Region, keys: Keys) -> Json:
    return {
        "id": region.id,
        "type": "image/polygon",
        "shape": region.shape,
        "value": region.value,
        "labels": _keyed(region.said, keys),
    }


def documents() -> Scenario:
    """What kind of document is it, what is on each page, and what do its lines say?"""

    def sample(number: int) -> Sample:
        kind = ("Invoice", "Letter")[number % 2]
        sheets, pages = [], []
        for page in (1, 2):
            title, body = f"{kind} {number}-{page}", f"Amount due: {number * 17 + page} EUR"
            lines = [TextLine(40, 54, title, 20), TextLine(40, 130, body, 12)]
            sheets.append(PdfPage(lines, size=PAGE_SIZE))
            pages.append(
                Page(
                    page,
                    {"1.4": "Cover" if page == 1 else "Contents"},
                    (
                        rectangle(
                            (38.0, 34.0, 300.0, 60.0),
                            {"1.3": title, "1.1": "Title"},
                            f"title-{number}-{page}",
                        ),
                        rectangle(
                            (38.0, 116.0, 300.0, 136.0),
                            {"1.3": body, "1.1": "Amount"},
                            f"body-{number}-{page}",
                        ),
                    ),
                )
            )
        truth = {"1": pages, "2": kind}
        hasty = {"1": [pages[0], Page(2, pages[1].said, pages[1].regions[:1])], "2": kind}
        return Sample(
            source=f"document-{number:02}.pdf",
            first=hasty if number in (1, 3) else truth,
            truth=truth,
            content=write_pdf(sheets),
        )

    return Scenario(
        name="pdf",
        template="pdf",
        kind="pdf",
        language="en",
        questions=(
            Pages(
                "1",
                "PDF label configuration",
                {"1.3": "Text", "1.1": "Label"},
                {"1.4": "Page class"},
            ),
            Choice("2", "Document class"),
        ),
        labels={
            "1.1": ("Title", "Amount"),
            "1.4": ("Cover", "Contents"),
            "2": ("Invoice", "Letter"),
        },
        asked=("1.1", "1.3", "1.4", "2"),
        samples=tuple(sample(number) for number in range(1, 7)),
        read=read_pages,
        package_size=2,
    )


def read_pages(row: Mapping[str, Any], task: str) -> tuple[str, list[tuple[int, str, str]]]:
    """What a program that reads documents sees: the class, and (page, class, text) of every region."""
    marks, kind = latest(row, task)["results"]
    return kind["data"], [
        (page["page"], entry["labels"]["Label"], entry["labels"]["Text"])
        for page in marks["pages"]
        for entry in page["data"]
    ]
