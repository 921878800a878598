"""PICTURE: shapes drawn on an image, each with the answers of nested questions in `labels`."""

from collections.abc import Iterator
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
from templates_app.questions.masks import MASK
from templates_app.questions.nested import Nested
from templates_app.questions.shapes import POINTS, SHAPES, Shape
from templates_app.schema import (
    Anything,
    Errors,
    ListOf,
    Literal,
    MapOf,
    Number,
    OneOf,
    Record,
    Schema,
    Text,
    fail,
    join,
)

#: The most objects on one picture.
MAX_OBJECTS = 50_000
#: The most rings cut out of one polygon.
MAX_HOLES = 1_000
#: The widest soft edge of a mask, in pixels.
MAX_FEATHER = 50

FIELD = Text(least=1, most=200)
OBJECT_ID = Text(least=1, most=64)
SIZE = Number(least=0, most=1e6)
SHAPE_NAME = Literal(*SHAPES, name="ShapeName")
LABELS = MapOf(Anything("string | string[]"))
HOLES = ListOf(POINTS, most=MAX_HOLES)
#: Over how many pixels to either side the edge of a mask fades; the mask itself stays as it was drawn.
FEATHER = Number(least=0, most=MAX_FEATHER)
OBJECT = Record(
    {
        "id": OBJECT_ID,
        "type": Literal(*sorted({shape.element_type for shape in SHAPES.values()})),
        "shape": SHAPE_NAME,
        "value": OneOf(POINTS, MASK),
        "labels": LABELS,
    },
    optional={"holes": HOLES, "group": OBJECT_ID, "feather": FEATHER},
    name="PictureObject",
)
#: The object without a look at its value, which its shape checks.
OBJECT_FRAME = Record({**OBJECT.required, "value": Anything()}, optional=OBJECT.optional)
ELEMENT = Record(
    {
        "questionId": QUESTION_ID,
        "type": Literal("image"),
        "rotation": Number(least=0, most=360),
        "width": SIZE,
        "height": SIZE,
        "data": ListOf(OBJECT, most=MAX_OBJECTS),
    },
    name="PictureElement",
)
#: Members of ours that iTAG's readers pass over; written only where an object has them.
EXTRAS = ("holes", "group", "feather")
#: The element without a look at its objects, which are checked one by one.
FRAME = Record({**ELEMENT.members, "data": ListOf(Anything(), most=MAX_OBJECTS)})
CONFIG = config_record(
    "PICTURE",
    "PictureQuestion",
    {
        "view": FIELD,
        "field": FIELD,
        "shapes": ListOf(SHAPE_NAME, least=1, most=20),
        "children": ListOf(CHILD, most=50),
    },
)


class Objects:
    """Objects in their order, found by id; every change costs the same, however many there are."""

    def __init__(self, objects: list[Json]) -> None:
        self._slots: list[Json | None] = list(objects)
        self._place = {item["id"]: place for place, item in enumerate(objects)}
        #: place → places of what was put before it, in that order.
        self._ahead: dict[int, list[int]] = {}

    def __len__(self) -> int:
        return len(self._place)

    def __contains__(self, key: str) -> bool:
        return key in self._place

    def remove(self, key: str) -> None:
        """Take the object out; one that is not there stays away."""
        place = self._place.pop(key, None)
        if place is not None:
            self._slots[place] = None

    def put(self, item: Json, before: str | None) -> None:
        """Replace the object of this id, or add it; `before` another, or at its place, or at the end."""
        place = self._place.get(item["id"])
        target = self._place.get(before) if before is not None else None
        if place is not None and (target is None or target == place):
            self._slots[place] = item
            return
        if place is not None:
            self._slots[place] = None
        self._place[item["id"]] = len(self._slots)
        if target is not None:
            self._ahead.setdefault(target, []).append(len(self._slots))
        self._slots.append(item)

    def index(self, key: str) -> int:
        """Where the object stands in the list, or would stand: at its end."""
        for number, item in enumerate(self.list()):
            if item["id"] == key:
                return number
        return len(self)

    def list(self) -> list[Json]:
        """The objects in order."""
        if not self._ahead:
            return [item for item in self._slots if item is not None]
        moved = {place for places in self._ahead.values() for place in places}
        found = []
        for start in range(len(self._slots)):
            if start in moved:
                continue
            # Depth first without recursion: a chain of insertions may be long.
            stack: list[tuple[int, Iterator[int]]] = [(start, iter(self._ahead.get(start, ())))]
            while stack:
                place, ahead = stack[-1]
                if (inner := next(ahead, None)) is not None:
                    stack.append((inner, iter(self._ahead.get(inner, ()))))
                    continue
                stack.pop()
                if (item := self._slots[place]) is not None:
                    found.append(item)
        return found


class Picture(Question):
    """Objects on one picture; coordinates are pixels of the upright original, inside it."""

    type = "PICTURE"
    element_type = "image"
    view_types = ("Image",)

    def __init__(self, config: Json) -> None:
        super().__init__(config)
        self.field: str = config["field"]
        self.shapes: list[str] = config["shapes"]
        self.nested = Nested(config["children"])
        self.children = self.nested.by_id

    def inside(self) -> Iterator[Question]:
        yield from self.children.values()

    @classmethod
    def config_schema(cls) -> Record:
        return CONFIG

    @classmethod
    def template_members(cls) -> dict[str, Schema]:
        return {
            "view": FIELD,
            "shapes": ListOf(SHAPE_NAME, least=1, most=20),
            #: Those that a job takes unless it chooses others of `shapes`; none given: all of them.
            "defaultShapes": ListOf(SHAPE_NAME, least=1, most=20),
            "children": ListOf(TEMPLATE_CHILD, most=50),
        }

    @classmethod
    def element_schema(cls) -> Record:
        return ELEMENT

    # --- operations -----------------------------------------------------------------------------------------------

    def apply(
        self, element: Json | None, ops: list[Json], *, media: Media, path: str, errors: Errors
    ) -> Json | None:
        width, height = self._size(media, path, errors)
        if errors:
            return None
        exists = element is not None
        rotation = element["rotation"] if element else 0
        objects = Objects(element["data"] if element else [])
        for op in ops:
            key, value = op["id"], op["value"]
            if key is None and value is None:
                exists, rotation, objects = False, 0, Objects([])
            elif key is None:
                objects, rotation = self._whole(value, width, height, path, errors)
                exists = True
            elif value is None:
                objects.remove(key)
            else:
                place = f"{path}.data"
                if isinstance(value, dict) and value.get("id") != key:
                    fail(errors, f"{place}.id", _("This is not the id of the operation."))
                found: Errors = []
                item = self._object(value, width, height, "", found)
                if item is None:
                    at = f"{place}[{objects.index(key)}]"
                    for error in found:
                        fail(errors, join(at, error["field"]), error["message"])
                elif key not in objects and len(objects) >= MAX_OBJECTS:
                    fail(
                        errors,
                        place,
                        _("At most %(most)d objects are allowed.") % {"most": MAX_OBJECTS},
                    )
                else:
                    objects.put(item, op.get("before"))
                    exists = True
            if errors:
                return None
        if not exists:
            return None
        return self._element(rotation, width, height, objects.list())

    def stands_alone(self, op: Json, *, media: Media, path: str, errors: Errors) -> Json | None:
        key, value = op["id"], op["value"]
        if key is None:
            return None
        if value is None:
            return None if self.must_fill else op
        width, height = self._size(media, path, errors)
        place = f"{path}.data[{key}]"
        if isinstance(value, dict) and value.get("id") != key:
            fail(errors, f"{place}.id", _("This is not the id of the operation."))
        item = None if errors else self._object(value, width, height, place, errors)
        if item is None or not self.nested.is_complete(item["labels"]):
            return None
        return {**op, "value": item}

    def _element(self, rotation: float, width: float, height: float, data: list[Json]) -> Json:
        return {
            "questionId": self.id,
            "type": self.element_type,
            "rotation": rotation,
            "width": width,
            "height": height,
            "data": data,
        }

    def _size(self, media: Media, path: str, errors: Errors) -> tuple[float, float]:
        found = media.get(self.field, {})
        width, height = found.get("width"), found.get("height")
        if not width or not height:
            fail(errors, path, _("The size of the picture is not known, so nothing can be marked."))
            return 0, 0
        return width, height

    def _whole(
        self, value: Any, width: float, height: float, path: str, errors: Errors
    ) -> tuple[Objects, float]:
        FRAME.check(value, path, errors)
        if errors:
            return Objects([]), 0
        for side, expected in (("width", width), ("height", height)):
            if value[side] != expected:
                fail(
                    errors,
                    f"{path}.{side}",
                    _("The picture has %(expected)s pixels here.") % {"expected": expected},
                )
        if value["questionId"] != self.id:
            fail(errors, f"{path}.questionId", _("This is not the id of the operation."))
        data, seen = [], set()
        for number, entry in enumerate(value["data"]):
            at = f"{path}.data[{number}]"
            item = self._object(entry, width, height, at, errors)
            if item is None:
                continue
            if item["id"] in seen:
                fail(errors, f"{at}.id", _("Another object has this id."))
            seen.add(item["id"])
            data.append(item)
        return (Objects([]) if errors else Objects(data)), value["rotation"]

    def _object(
        self, value: Any, width: float, height: float, path: str, errors: Errors
    ) -> Json | None:
        """The object in canonical form, or None where `errors` says what is wrong."""
        before = len(errors)
        OBJECT_FRAME.check(value, path, errors)
        if len(errors) > before:
            return None
        shape = SHAPES[value["shape"]]
        at = join(path, "value")
        if value["shape"] not in self.shapes:
            fail(errors, join(path, "shape"), _("This question does not take that shape."))
        elif value["type"] != shape.element_type:
            Literal(shape.element_type).check(value["type"], join(path, "type"), errors)
        else:
            shape.value.check(value["value"], at, errors)
        if len(errors) > before:
            return None
        shape.check(value["value"], at, errors)
        shape.check_inside(value["value"], width, height, at, errors)
        holes = value.get("holes")
        if holes:
            self._check_holes(shape, holes, width, height, join(path, "holes"), errors)
        if value.get("feather") and shape.name != "mask":
            fail(errors, join(path, "feather"), _("Only a mask has soft edges."))
        labels = self.nested.check(value["labels"], join(path, "labels"), errors)
        if len(errors) > before:
            return None
        return {
            "id": value["id"],
            "type": value["type"],
            "shape": value["shape"],
            "value": value["value"],
            **({"holes": holes} if holes else {}),
            **({"group": value["group"]} if value.get("group") else {}),
            **({"feather": value["feather"]} if value.get("feather") else {}),
            "labels": labels,
        }

    @staticmethod
    def _check_holes(
        shape: Shape, holes: list[Any], width: float, height: float, path: str, errors: Errors
    ) -> None:
        if not shape.takes_holes:
            fail(errors, path, _("Only a polygon has holes."))
            return
        for number, ring in enumerate(holes):
            shape.check(ring, f"{path}[{number}]", errors)
            shape.check_inside(ring, width, height, f"{path}[{number}]", errors)

    # --- completeness ---------------------------------------------------------------------------------------------

    def missing(self, element: Json | None, path: str, top: Choosing) -> Errors:
        if element is None or not element["data"]:
            return self._required(path) if self.must_fill else []
        errors: Errors = []
        for number, item in enumerate(element["data"]):
            for child, problem in self.nested.wanting(item["labels"], top):
                at = f"{path}.data[{number}].labels.{child.id}"
                fail(errors, at, problem or self._needs(number, child))
        return errors

    def shown(self, element: Json, top: Choosing) -> Json:
        return {**element, "data": [self._shown(item, top) for item in element["data"]]}

    def _shown(self, item: Json, top: Choosing) -> Json:
        labels = self.nested.shown(item["labels"], top)
        return item if labels is item["labels"] else {**item, "labels": labels}

    # --- manifest -------------------------------------------------------------------------------------------------

    def export(self, element: Json, *, named: bool = False) -> Json:
        labels = self.nested.export
        return {
            "questionId": self.id,
            "data": [
                {
                    "id": item["id"],
                    "type": item["type"],
                    "value": item["value"],
                    **{name: item[name] for name in EXTRAS if name in item},
                    "labels": labels(item["labels"]),
                }
                for item in element["data"]
            ],
            "rotation": element["rotation"],
            "markTitle": self.title,
            "width": element["width"],
            "type": self.element_type,
            "height": element["height"],
        }

    def read(self, element: Json, path: str, errors: Errors) -> Json | None:
        """Objects may lie outside the picture, as in iTAG's own samples; a mask is one of the picture's size."""
        before = len(errors)
        Number(least=0, most=360).check(element.get("rotation", 0), f"{path}.rotation", errors)
        for side in ("width", "height"):
            SIZE.check(element.get(side), f"{path}.{side}", errors)
        ListOf(Anything(), most=MAX_OBJECTS).check(element.get("data"), f"{path}.data", errors)
        if len(errors) > before:
            return None
        data, seen = [], set()
        for number, entry in enumerate(element["data"]):
            at = f"{path}.data[{number}]"
            item = self._read_object(entry, at, errors)
            if item is None:
                continue
            if item["id"] in seen:
                fail(errors, f"{at}.id", _("Another object has this id."))
            if item["shape"] == "mask":
                size = element["width"], element["height"]
                SHAPES["mask"].check_inside(item["value"], *size, f"{at}.value", errors)
            seen.add(item["id"])
            data.append(item)
        return self._element(element.get("rotation", 0), element["width"], element["height"], data)

    def _read_object(self, entry: Any, path: str, errors: Errors) -> Json | None:
        before = len(errors)
        if not isinstance(entry, dict):
            fail(errors, path, _("An object is expected."))
            return None
        OBJECT_ID.check(entry.get("id"), f"{path}.id", errors)
        kind = entry.get("type")
        form = MASK if kind == SHAPES["mask"].element_type else POINTS
        form.check(entry.get("value"), f"{path}.value", errors)
        LABELS.check(entry.get("labels", {}), f"{path}.labels", errors)
        HOLES.check(entry.get("holes", []), f"{path}.holes", errors)
        if "group" in entry:
            OBJECT_ID.check(entry["group"], f"{path}.group", errors)
        FEATHER.check(entry.get("feather", 0), f"{path}.feather", errors)
        if len(errors) > before:
            return None
        holes = entry.get("holes")
        found = self._recognise(kind, entry["value"], with_holes=bool(holes))
        if found is None:
            fail(errors, f"{path}.value", _("This is none of the shapes that the question takes."))
        elif holes:
            for number, ring in enumerate(holes):
                SHAPES[found[0]].check(ring, f"{path}.holes[{number}]", errors)
        labels = self.nested.read(entry.get("labels", {}), f"{path}.labels", errors)
        if found is None or len(errors) > before:
            return None
        name, value = found
        return {
            "id": entry["id"],
            "type": SHAPES[name].element_type,
            "shape": name,
            "value": value,
            **({"holes": holes} if holes else {}),
            **({"group": entry["group"]} if "group" in entry else {}),
            **({"feather": entry["feather"]} if name == "mask" and entry.get("feather") else {}),
            "labels": labels,
        }

    def _recognise(self, kind: Any, value: Any, *, with_holes: bool) -> tuple[str, Any] | None:
        for name, shape in SHAPES.items():
            if name not in self.shapes or kind != shape.element_type:
                continue
            if with_holes and not shape.takes_holes:
                continue
            if (ordered := shape.recognise(value)) is not None:
                return name, ordered
        return None
