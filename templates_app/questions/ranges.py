"""What stretches of a text and of time have in common: objects along a line, each with nested answers in `labels`."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from templates_app.questions.base import Choosing, Json, Media, Question
from templates_app.questions.nested import Nested
from templates_app.questions.picture import MAX_OBJECTS, Objects
from templates_app.schema import Anything, Errors, ListOf, fail, join

#: The objects of an element, which are checked one by one.
ENTRIES = ListOf(Anything(), most=MAX_OBJECTS)


class Ranges(Question):
    """Objects along one line; `Line` is what is known of the line: a text, or a duration."""

    ranges = True

    def __init__(self, config: Json) -> None:
        super().__init__(config)
        self.field: str = config["field"]
        self.nested = Nested(config["children"])
        self.children = self.nested.by_id

    def inside(self) -> Iterator[Question]:
        yield from self.children.values()

    # --- what a kind of line says -----------------------------------------------------------------------------------

    @abstractmethod
    def _line(self, media: Media, path: str, errors: Errors) -> Any:
        """What is known of the item's line."""

    @abstractmethod
    def _whole(self, value: Any, line: Any, path: str, errors: Errors) -> list[Any]:
        """The entries of a whole element, not looked at yet."""

    @abstractmethod
    def _object(self, value: Any, line: Any, path: str, errors: Errors) -> Json | None:
        """The object in canonical form, or None where `errors` says what is wrong."""

    @abstractmethod
    def _element(self, line: Any, data: list[Json]) -> Json:
        """The element of these objects."""

    @abstractmethod
    def _parts(self, item: Json) -> Nested:
        """The questions asked of this object."""

    def _check_links(self, data: list[Json], path: str, errors: Errors) -> None:
        """Note objects that name others that are not there."""

    def _is_free(self, item: Json | None) -> bool:
        """Whether putting the object in (None: taking one out) leaves all others right."""
        return True

    # --- operations -------------------------------------------------------------------------------------------------

    def apply(
        self, element: Json | None, ops: list[Json], *, media: Media, path: str, errors: Errors
    ) -> Json | None:
        line = self._line(media, path, errors)
        if errors:
            return None
        exists = element is not None
        objects = Objects(element["data"] if element else [])
        for op in ops:
            key, value = op["id"], op["value"]
            if key is None:
                exists = value is not None
                objects = Objects(self._entries(value, line, path, errors) if exists else [])
            elif value is None:
                objects.remove(key)
            elif (item := self._named(key, value, line, f"{path}.data[{key}]", errors)) is not None:
                if key not in objects and len(objects) >= MAX_OBJECTS:
                    fail(
                        errors,
                        f"{path}.data",
                        _("At most %(most)d objects are allowed.") % {"most": MAX_OBJECTS},
                    )
                objects.put(item, op.get("before"))
                exists = True
            if errors:
                return None
        if not exists:
            return None
        data = objects.list()
        self._check_links(data, f"{path}.data", errors)
        return None if errors else self._element(line, data)

    def _named(self, key: str, value: Any, line: Any, path: str, errors: Errors) -> Json | None:
        if isinstance(value, dict) and value.get("id") != key:
            fail(errors, join(path, "id"), _("This is not the id of the operation."))
            return None
        return self._object(value, line, path, errors)

    def _entries(self, value: Any, line: Any, path: str, errors: Errors) -> list[Json]:
        entries = self._whole(value, line, path, errors)
        if errors:
            return []
        if value["questionId"] != self.id:
            fail(errors, f"{path}.questionId", _("This is not the id of the operation."))
        data: list[Json] = []
        seen: set[str] = set()
        for number, entry in enumerate(entries):
            at = f"{path}.data[{number}]"
            item = self._object(entry, line, at, errors)
            if item is None:
                continue
            if item["id"] in seen:
                fail(errors, f"{at}.id", _("Another object has this id."))
            seen.add(item["id"])
            data.append(item)
        return [] if errors else data

    def stands_alone(self, op: Json, *, media: Media, path: str, errors: Errors) -> Json | None:
        key, value = op["id"], op["value"]
        if key is None or not self._is_free(value):
            return None
        if value is None:
            return None if self.must_fill else op
        line = self._line(media, path, errors)
        item = None
        if not errors:
            item = self._named(key, value, line, f"{path}.data[{key}]", errors)
        if item is None or not self._parts(item).is_complete(item["labels"]):
            return None
        return {**op, "value": item}

    # --- completeness -----------------------------------------------------------------------------------------------

    def missing(self, element: Json | None, path: str, top: Choosing) -> Errors:
        if element is None or not element["data"]:
            return self._required(path) if self.must_fill else []
        errors: Errors = []
        for number, item in enumerate(element["data"]):
            for child, problem in self._parts(item).wanting(item["labels"], top):
                at = f"{path}.data[{number}].labels.{child.id}"
                fail(errors, at, problem or self._needs(number, child))
        return errors

    def shown(self, element: Json, top: Choosing) -> Json:
        data = [
            item
            if (labels := self._parts(item).shown(item["labels"], top)) is item["labels"]
            else {**item, "labels": labels}
            for item in element["data"]
        ]
        return {**element, "data": data}

    # --- manifest ---------------------------------------------------------------------------------------------------

    def _named_element(self, element: Json, *, named: bool) -> Json:
        """The members that say whose element it is, where that does not follow from its form."""
        if not named:
            return element
        head = {"questionId": self.id, "markTitle": self.title, "type": self.element_type}
        return {**head, **element}
