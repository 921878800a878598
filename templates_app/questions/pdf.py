"""PDF: shapes drawn on the pages of a document, and questions answered once for a page.

Coordinates are points (1/72 inch) of the upright page, its upper left corner 0, 0. On the wire an object says which
`page` it is on, and a page's own answers are an object of the id `page:<n>`; a page without either is left out.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from templates_app.questions.base import (
    CHILD,
    QUESTION_ID,
    TEMPLATE_CHILD,
    Choosing,
    Json,
    Media,
    Question,
    config_record,
)
from templates_app.questions.nested import Nested
from templates_app.questions.picture import (
    FIELD,
    LABELS,
    MAX_OBJECTS,
    OBJECT,
    SIZE,
    Objects,
    Picture,
)
from templates_app.questions.shapes import SHAPES
from templates_app.schema import (
    Anything,
    Errors,
    ListOf,
    Literal,
    Number,
    Record,
    Schema,
    Text,
    Whole,
    fail,
)

#: The most pages with an answer.
MAX_PAGES = 10_000
PAGE_ID = re.compile(r"page:([1-9]\d{0,5})")
PAGE_NUMBER = Whole(least=1, most=MAX_PAGES)
#: A page has no pixels that a mask could name.
PDF_SHAPE = Literal(*(name for name in SHAPES if name != "mask"), name="PdfShapeName")
PDF_OBJECT = Record(
    {**OBJECT.required, "page": PAGE_NUMBER}, optional=OBJECT.optional, name="PdfObject"
)
#: What an operation says of a page as a whole.
PAGE_ANSWER = Record(
    {"id": Text(least=1, most=64), "type": Literal("page"), "labels": LABELS}, name="PdfPageAnswer"
)
PAGE = Record(
    {
        "page": PAGE_NUMBER,
        "width": SIZE,
        "height": SIZE,
        "rotation": Number(least=0, most=360),
        "data": ListOf(OBJECT, most=MAX_OBJECTS),
    },
    optional={"labels": LABELS},
    name="PdfPage",
)
ELEMENT = Record(
    {
        "questionId": QUESTION_ID,
        "type": Literal("pdf"),
        "pages": ListOf(PAGE, most=MAX_PAGES),
    },
    name="PdfElement",
)
#: A page without a look at its objects, which are checked one by one.
PAGE_FRAME = Record(
    {**PAGE.required, "data": ListOf(Anything(), most=MAX_OBJECTS)}, optional=PAGE.optional
)
FRAME = Record({**ELEMENT.required, "pages": ListOf(PAGE_FRAME, most=MAX_PAGES)})
CONFIG = config_record(
    "PDF",
    "PdfQuestion",
    {
        "view": FIELD,
        "field": FIELD,
        "shapes": ListOf(PDF_SHAPE, least=1, most=20),
        "children": ListOf(CHILD, most=50),
        "pageChildren": ListOf(CHILD, most=50),
    },
)


def page_size(media: Any, page: Any) -> tuple[float, float] | None:
    """Width and height of a page (from 1) by Item.media; None where there is no such page."""
    if not isinstance(page, int) or page < 1:
        return None
    for width, height, count in media.get("sizes", ()):
        if page <= count:
            return width, height
        page -= count
    return None


class _Pages:
    """The pages of an answer while operations change them."""

    def __init__(self, pages: Iterable[Json]) -> None:
        self.known = {page["page"]: page for page in pages}
        self.objects: dict[int, Objects] = {}
        self.labels: dict[int, Json] = {}
        #: The page of each object.
        self.place = {
            item["id"]: number for number, page in self.known.items() for item in page["data"]
        }

    def of(self, number: int) -> Objects:
        if number not in self.objects:
            page = self.known.get(number)
            self.objects[number] = Objects(page["data"] if page else [])
        return self.objects[number]

    def remove(self, key: str) -> None:
        number = self.place.pop(key, None)
        if number is not None:
            self.of(number).remove(key)

    def put(self, number: int, item: Json, before: str | None) -> None:
        if self.place.get(item["id"], number) != number:
            self.remove(item["id"])
        self.of(number).put(item, before)
        self.place[item["id"]] = number

    def list(self, media: Json) -> list[Json]:
        """The pages that have something, in their order; those that nothing touched are shared."""
        found = []
        for number in sorted({*self.known, *self.objects, *self.labels}):
            page = self.known.get(number)
            if page is not None and number not in self.objects and number not in self.labels:
                found.append(page)
                continue
            data = self.of(number).list()
            before: Json = page.get("labels", {}) if page else {}
            labels = self.labels.get(number, before)
            if data or labels:
                found.append(_page(number, media, page, data, labels))
        return found


def _page(number: int, media: Json, known: Json | None, data: list[Json], labels: Json) -> Json:
    width, height = page_size(media, number) or (0, 0)
    return {
        "page": number,
        "width": known["width"] if known else width,
        "height": known["height"] if known else height,
        "rotation": known["rotation"] if known else 0,
        **({"labels": labels} if labels else {}),
        "data": data,
    }


class Pdf(Picture):
    """Objects on the pages of a PDF, inside their page."""

    type = "PDF"
    element_type = "pdf"
    view_types = ("Pdf",)

    def __init__(self, config: Json) -> None:
        super().__init__(config)
        self.of_page = Nested(config["pageChildren"])
        self.page_children = self.of_page.by_id

    def inside(self) -> Iterator[Question]:
        yield from self.children.values()
        yield from self.page_children.values()

    @classmethod
    def config_schema(cls) -> Record:
        return CONFIG

    @classmethod
    def template_members(cls) -> dict[str, Schema]:
        return {
            "view": FIELD,
            "shapes": ListOf(PDF_SHAPE, least=1, most=20),
            "defaultShapes": ListOf(PDF_SHAPE, least=1, most=20),
            "children": ListOf(TEMPLATE_CHILD, most=50),
            #: Asked once for each page.
            "pageChildren": ListOf(TEMPLATE_CHILD, most=50),
        }

    @classmethod
    def element_schema(cls) -> Record:
        return ELEMENT

    # --- operations -----------------------------------------------------------------------------------------------

    def stands_alone(self, op: Json, *, media: Media, path: str, errors: Errors) -> Json | None:
        return None

    def apply(
        self, element: Json | None, ops: list[Json], *, media: Media, path: str, errors: Errors
    ) -> Json | None:
        found = dict(media.get(self.field, {}))
        if not found.get("pages"):
            fail(errors, path, _("The pages of the file are not known, so nothing can be marked."))
            return None
        exists = element is not None
        pages = _Pages(element["pages"] if element else ())
        for op in ops:
            key, value = op["id"], op["value"]
            if key is None:
                exists = value is not None
                pages = self._whole_pages(value, found, path, errors) if exists else _Pages(())
            elif number := _page_of(key):
                labels = self._page_answer(key, number, value, found, path, errors)
                pages.labels[number] = labels
                exists = exists or bool(labels)
            elif value is None:
                pages.remove(key)
            else:
                exists = self._put(pages, op, found, path, errors) or exists
            if errors:
                return None
        if not exists:
            return None
        return {"questionId": self.id, "type": self.element_type, "pages": pages.list(found)}

    def _put(self, pages: _Pages, op: Json, media: Json, path: str, errors: Errors) -> bool:
        key, value = op["id"], op["value"]
        place = f"{path}.{key}"
        if not isinstance(value, dict) or value.get("id") != key:
            fail(errors, f"{place}.id", _("This is not the id of the operation."))
            return False
        size = self._size_of(value.get("page"), media, f"{place}.page", errors)
        if size is None:
            return False
        bare = {name: member for name, member in value.items() if name != "page"}
        item = self._object(bare, *size, place, errors)
        if item is None:
            return False
        if key not in pages.place and len(pages.place) >= MAX_OBJECTS:
            fail(errors, path, _("At most %(most)d objects are allowed.") % {"most": MAX_OBJECTS})
            return False
        pages.put(value["page"], item, op.get("before"))
        return True

    @staticmethod
    def _size_of(page: Any, media: Json, path: str, errors: Errors) -> tuple[float, float] | None:
        size = page_size(media, page) if not isinstance(page, bool) else None
        if size is None:
            fail(
                errors,
                path,
                _("The file has no such page; it has %(n)d.") % {"n": media["pages"]},
            )
        return size

    def _page_answer(
        self, key: str, number: int, value: Any, media: Json, path: str, errors: Errors
    ) -> Json:
        place = f"{path}.{key}"
        self._size_of(number, media, place, errors)
        if value is None or errors:
            return {}
        PAGE_ANSWER.check(value, place, errors)
        if errors:
            return {}
        return self.of_page.check(value["labels"], f"{place}.labels", errors)

    def _whole_pages(self, value: Any, media: Json, path: str, errors: Errors) -> _Pages:
        FRAME.check(value, path, errors)
        if errors:
            return _Pages(())
        if value["questionId"] != self.id:
            fail(errors, f"{path}.questionId", _("This is not the id of the operation."))
        pages: dict[int, Json] = {}
        seen: set[str] = set()
        for number, page in enumerate(value["pages"]):
            at = f"{path}.pages[{number}]"
            size = self._size_of(page["page"], media, f"{at}.page", errors)
            if size is None:
                continue
            if page["page"] in pages:
                fail(errors, f"{at}.page", _("Another entry is of this page."))
            for side, expected in zip(("width", "height"), size, strict=True):
                if page[side] != expected:
                    fail(
                        errors,
                        f"{at}.{side}",
                        _("The page measures %(expected)s points here.") % {"expected": expected},
                    )
            data = self._objects(page["data"], size, f"{at}.data", seen, errors)
            labels = self.of_page.check(page.get("labels", {}), f"{at}.labels", errors)
            pages[page["page"]] = _page(page["page"], media, page, data, labels)
        return _Pages([page for page in pages.values() if page["data"] or page.get("labels")])

    def _objects(
        self,
        entries: list[Any],
        size: tuple[float, float],
        path: str,
        seen: set[str],
        errors: Errors,
    ) -> list[Json]:
        data = []
        for number, entry in enumerate(entries):
            item = self._object(entry, *size, f"{path}[{number}]", errors)
            if item is None:
                continue
            if item["id"] in seen or _page_of(item["id"]):
                fail(errors, f"{path}[{number}].id", _("Another object has this id."))
            seen.add(item["id"])
            data.append(item)
        return data

    # --- completeness ---------------------------------------------------------------------------------------------

    def missing(self, element: Json | None, path: str, top: Choosing) -> Errors:
        """A page's own questions are asked of the pages that have an answer at all."""
        if element is None or not element["pages"]:
            return self._required(path) if self.must_fill else []
        errors: Errors = []
        for number, page in enumerate(element["pages"]):
            at = f"{path}.pages[{number}]"
            if page["data"]:
                errors.extend(super().missing(page, at, top))
            for child, problem in self.of_page.wanting(page.get("labels", {}), top):
                needs = _("Page %(number)d needs “%(title)s”.")
                fail(
                    errors,
                    f"{at}.labels.{child.id}",
                    problem or needs % {"number": page["page"], "title": child.title},
                )
        return errors

    def shown(self, element: Json, top: Choosing) -> Json:
        return {**element, "pages": [self._shown_page(page, top) for page in element["pages"]]}

    def _shown_page(self, page: Json, top: Choosing) -> Json:
        found = {**page, "data": [self._shown(item, top) for item in page["data"]]}
        labels = self.of_page.shown(found.pop("labels", {}), top)
        return {**found, "labels": labels} if labels else found

    # --- manifest -------------------------------------------------------------------------------------------------

    def export(self, element: Json, *, named: bool = False) -> Json:
        return {
            "questionId": self.id,
            "markTitle": self.title,
            "type": self.element_type,
            "pages": [self._export_page(page) for page in element["pages"]],
        }

    def _export_page(self, page: Json) -> Json:
        labels = self.of_page.export(page.get("labels", {}))
        return {
            "page": page["page"],
            "width": page["width"],
            "height": page["height"],
            "rotation": page["rotation"],
            **({"labels": labels} if labels else {}),
            "data": super().export(page)["data"],
        }

    def read(self, element: Json, path: str, errors: Errors) -> Json | None:
        before = len(errors)
        ListOf(Anything(), most=MAX_PAGES).check(element.get("pages"), f"{path}.pages", errors)
        if len(errors) > before:
            return None
        pages: dict[int, Json] = {}
        seen: set[str] = set()
        for number, page in enumerate(element["pages"]):
            at = f"{path}.pages[{number}]"
            read = self._read_page(page, at, errors)
            if read is None:
                continue
            if read["page"] in pages:
                fail(errors, f"{at}.page", _("Another entry is of this page."))
            for item in read["data"]:
                if item["id"] in seen or _page_of(item["id"]):
                    fail(errors, f"{at}.data", _("Another object has this id."))
                seen.add(item["id"])
            pages[read["page"]] = read
        found = [pages[number] for number in sorted(pages)]
        return {"questionId": self.id, "type": self.element_type, "pages": found}

    def _read_page(self, page: Any, path: str, errors: Errors) -> Json | None:
        if not isinstance(page, dict):
            fail(errors, path, _("An object is expected."))
            return None
        before = len(errors)
        PAGE_NUMBER.check(page.get("page"), f"{path}.page", errors)
        LABELS.check(page.get("labels", {}), f"{path}.labels", errors)
        if len(errors) > before:
            return None
        read = super().read(page, path, errors)
        labels = self.of_page.read(page.get("labels", {}), f"{path}.labels", errors)
        if read is None:
            return None
        return {
            "page": page["page"],
            "width": read["width"],
            "height": read["height"],
            "rotation": read["rotation"],
            **({"labels": labels} if labels else {}),
            "data": read["data"],
        }


def _page_of(key: str) -> int:
    """The page that this id is of as a whole, or 0."""
    match = PAGE_ID.fullmatch(key)
    return int(match[1]) if match else 0
