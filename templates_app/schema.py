"""Shapes of JSON, declared once: they check values with the exact path of what is wrong, and print as TypeScript.

`check(value, path, errors)` appends {"field": path, "message"} and never raises; paths look like
`results[0].data[3].value[1][0]`.
"""

import math
import re
from collections.abc import Callable, Iterator
from typing import Any

from django.utils.translation import gettext as _

from itag.core.errors import FieldError

#: What no text from outside may hold: control characters, and halves of surrogate pairs, which PostgreSQL refuses.
UNCLEAN = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
#: The same for text of several lines.
UNCLEAN_LINES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
#: The most errors that one check reports.
MAX_ERRORS = 100

Errors = list[FieldError]


def fail(errors: Errors, path: str, message: str) -> None:
    """Note one thing that is wrong."""
    if len(errors) < MAX_ERRORS:
        errors.append({"field": path, "message": message})


def join(path: str, key: str) -> str:
    """The path of a member."""
    return f"{path}.{key}" if path else key


class Schema:
    """The shape of a JSON value."""

    #: The name of the TypeScript type; shapes without one are printed where they are used.
    name = ""

    def check(self, value: Any, path: str, errors: Errors) -> None:
        """Note in `errors` everything that is wrong with the value."""
        raise NotImplementedError

    def typescript(self) -> str:
        """The type as TypeScript, parts with a name by their name."""
        raise NotImplementedError

    def parts(self) -> Iterator["Schema"]:
        """The shapes inside this one."""
        return iter(())

    def reference(self) -> str:
        """How other types speak of this one."""
        return self.name or self.typescript()


class Text(Schema):
    """A string of a number of characters, without control characters (`lines`: but new lines and tabs), of a pattern."""

    def __init__(
        self,
        *,
        least: int = 0,
        most: int = 1000,
        pattern: str = "",
        hint: str = "",
        lines: bool = False,
    ) -> None:
        self.least, self.most = least, most
        self.unclean = UNCLEAN_LINES if lines else UNCLEAN
        self.pattern = re.compile(pattern) if pattern else None
        self.hint = hint

    def check(self, value: Any, path: str, errors: Errors) -> None:
        if not isinstance(value, str):
            fail(errors, path, _("A text is expected."))
        elif not self.least <= len(value) <= self.most:
            fail(
                errors,
                path,
                _("Between %(least)d and %(most)d characters are expected.")
                % {"least": self.least, "most": self.most},
            )
        elif self.unclean.search(value):
            fail(errors, path, _("Control characters are not allowed."))
        elif self.pattern and not self.pattern.fullmatch(value):
            fail(
                errors, path, _("Expected: %(hint)s.") % {"hint": self.hint or self.pattern.pattern}
            )

    def typescript(self) -> str:
        return "string"


class Number(Schema):
    """A finite number between two bounds, both included."""

    def __init__(self, *, least: float = -1e9, most: float = 1e9) -> None:
        self.least, self.most = least, most

    def check(self, value: Any, path: str, errors: Errors) -> None:
        # bool is an int to Python, and NaN is a number to its JSON parser.
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
            fail(errors, path, _("A number is expected."))
        elif not self.least <= value <= self.most or math.isinf(value):
            fail(
                errors,
                path,
                _("A number from %(least)s to %(most)s is expected.")
                % {"least": f"{self.least:g}", "most": f"{self.most:g}"},
            )

    def typescript(self) -> str:
        return "number"


class Whole(Number):
    """A whole number between two bounds, both included."""

    def check(self, value: Any, path: str, errors: Errors) -> None:
        # 2.0 is no whole number here: it counts rows and names places.
        if isinstance(value, float):
            fail(errors, path, _("A whole number is expected."))
        else:
            super().check(value, path, errors)


class Flag(Schema):
    """true or false."""

    def check(self, value: Any, path: str, errors: Errors) -> None:
        if not isinstance(value, bool):
            fail(errors, path, _("true or false is expected."))

    def typescript(self) -> str:
        return "boolean"


class Anything(Schema):
    """A value that another check looks at."""

    def __init__(self, typescript: str = "unknown") -> None:
        self._typescript = typescript

    def check(self, value: Any, path: str, errors: Errors) -> None:
        return None

    def typescript(self) -> str:
        return self._typescript


class Literal(Schema):
    """One of these strings."""

    def __init__(self, *values: str, name: str = "") -> None:
        self.values, self.name = values, name

    def check(self, value: Any, path: str, errors: Errors) -> None:
        if not isinstance(value, str) or value not in self.values:
            expected = ", ".join(f"“{known}”" for known in self.values)
            fail(errors, path, _("Expected: %(hint)s.") % {"hint": expected})

    def typescript(self) -> str:
        return " | ".join(f'"{value}"' for value in self.values)


class ListOf(Schema):
    """A list of one kind of value."""

    def __init__(self, item: Schema, *, least: int = 0, most: int = 1000) -> None:
        self.item, self.least, self.most = item, least, most

    def check(self, value: Any, path: str, errors: Errors) -> None:
        if not isinstance(value, list):
            fail(errors, path, _("A list is expected."))
        elif not self.least <= len(value) <= self.most:
            fail(
                errors,
                path,
                _("Between %(least)d and %(most)d entries are expected.")
                % {"least": self.least, "most": self.most},
            )
        else:
            check = self.item.check
            for number, entry in enumerate(value):
                check(entry, f"{path}[{number}]", errors)

    def typescript(self) -> str:
        inner = self.item.reference()
        return f"({inner})[]" if " " in inner and not inner.startswith("[") else f"{inner}[]"

    def parts(self) -> Iterator[Schema]:
        yield self.item


class Pair(Schema):
    """A list of exactly two numbers."""

    name = "Point"

    def __init__(self, item: Schema) -> None:
        self.item = item

    def check(self, value: Any, path: str, errors: Errors) -> None:
        if not isinstance(value, list) or len(value) != 2:
            fail(errors, path, _("A list of two numbers is expected."))
        else:
            self.item.check(value[0], f"{path}[0]", errors)
            self.item.check(value[1], f"{path}[1]", errors)

    def typescript(self) -> str:
        return f"[{self.item.reference()}, {self.item.reference()}]"


class MapOf(Schema):
    """An object whose keys are not known beforehand."""

    def __init__(self, item: Schema, *, most: int = 100) -> None:
        self.item, self.most = item, most

    def check(self, value: Any, path: str, errors: Errors) -> None:
        if not isinstance(value, dict):
            fail(errors, path, _("An object is expected."))
        elif len(value) > self.most:
            fail(errors, path, _("At most %(most)d members are allowed.") % {"most": self.most})
        else:
            for key, entry in value.items():
                if UNCLEAN.search(key):
                    fail(errors, path, _("Control characters are not allowed."))
                self.item.check(entry, join(path, key), errors)

    def typescript(self) -> str:
        return f"Record<string, {self.item.reference()}>"

    def parts(self) -> Iterator[Schema]:
        yield self.item


class Record(Schema):
    """An object with these members and no others."""

    def __init__(
        self,
        members: dict[str, Schema],
        *,
        optional: dict[str, Schema] | None = None,
        name: str = "",
    ) -> None:
        self.name = name
        self.required = members
        self.optional = optional or {}
        self.members = {**members, **self.optional}

    def check(self, value: Any, path: str, errors: Errors) -> None:
        if not isinstance(value, dict):
            fail(errors, path, _("An object is expected."))
            return
        for key, entry in value.items():
            member = self.members.get(key)
            if member is None:
                fail(errors, join(path, str(key)), _("There is no such member here."))
            else:
                member.check(entry, join(path, key), errors)
        for key in self.required:
            if key not in value:
                fail(errors, join(path, key), _("This is missing."))

    def typescript(self) -> str:
        lines = [f"  {key}: {schema.reference()};" for key, schema in self.required.items()]
        lines += [f"  {key}?: {schema.reference()};" for key, schema in self.optional.items()]
        return "{\n" + "\n".join(lines) + "\n}"

    def parts(self) -> Iterator[Schema]:
        yield from self.members.values()


class Nullable(Schema):
    """A value or null."""

    def __init__(self, item: Schema) -> None:
        self.item = item

    def check(self, value: Any, path: str, errors: Errors) -> None:
        if value is not None:
            self.item.check(value, path, errors)

    def typescript(self) -> str:
        return f"{self.item.reference()} | null"

    def parts(self) -> Iterator[Schema]:
        yield self.item


class OneOf(Schema):
    """One of several forms of value; who uses it checks which."""

    def __init__(self, *forms: Schema) -> None:
        self.forms = forms

    def check(self, value: Any, path: str, errors: Errors) -> None:
        found: Errors = []
        for form in self.forms:
            found = []
            form.check(value, path, found)
            if not found:
                return
        for error in found:
            fail(errors, error["field"], error["message"])

    def typescript(self) -> str:
        return " | ".join(form.reference() for form in self.forms)

    def parts(self) -> Iterator[Schema]:
        yield from self.forms


class Union(Schema):
    """One of several objects, told apart by one member."""

    def __init__(self, name: str, key: str, members: Callable[[], dict[str, Schema]]) -> None:
        self.name, self.key, self._members = name, key, members

    def check(self, value: Any, path: str, errors: Errors) -> None:
        members = self._members()
        if not isinstance(value, dict):
            fail(errors, path, _("An object is expected."))
            return
        kind = value.get(self.key)
        if not isinstance(kind, str) or kind not in members:
            Literal(*members).check(kind, join(path, self.key), errors)
        else:
            members[kind].check(value, path, errors)

    def typescript(self) -> str:
        return " | ".join(schema.reference() for schema in self._members().values())

    def parts(self) -> Iterator[Schema]:
        yield from self._members().values()


class Later(Schema):
    """A shape that is declared further down: how a shape holds itself."""

    def __init__(self, schema: Callable[[], Schema]) -> None:
        self._schema = schema

    def check(self, value: Any, path: str, errors: Errors) -> None:
        self._schema().check(value, path, errors)

    def typescript(self) -> str:
        return self._schema().reference()

    def parts(self) -> Iterator[Schema]:
        yield self._schema()


def declarations(*roots: Schema) -> str:
    """The TypeScript declarations of all named shapes reachable from these, in order of first use."""
    named: dict[str, Schema] = {}
    seen: set[int] = set()

    def visit(schema: Schema) -> None:
        if id(schema) in seen:
            return
        seen.add(id(schema))
        for part in schema.parts():
            visit(part)
        if schema.name:
            named.setdefault(schema.name, schema)

    for root in roots:
        visit(root)
    lines = []
    for name, schema in named.items():
        body = schema.typescript()
        lines.append(
            f"export interface {name} {body}"
            if isinstance(schema, Record)
            else f"export type {name} = {body};"
        )
    return "\n\n".join(lines) + "\n"
