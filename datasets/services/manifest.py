"""Lines of a manifest: what each member says and, byte for byte, how it says it.

A line is one JSON object with a member `data`, itself an object; the other members (labels of earlier jobs, foreign
keys) are kept. Python's own scanner finds where a value ends, so what is cut out is exactly what it read.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from json import JSONDecodeError
from typing import Any, BinaryIO, NoReturn

from django.utils.translation import gettext as _

MAX_LINE_BYTES = 16 * 2**20
MAX_DEPTH = 100
MAX_FIELDS = 1000
MAX_FIELD_NAME = 200
_PLAIN = ('{"data":{', '{"data": {')
_BOM = b"\xef\xbb\xbf"

_space = re.compile(r"[ \t\n\r]*").match
_string = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
#: Leaves only brackets of what is not a string, all of one kind.
_brackets: dict[int, int | None] = dict.fromkeys(range(128))
_brackets.update({ord(a): ord(b) for a, b in zip("[]{}", "[][]", strict=True)})
#: An escape; its first group is the number of a \u escape that may be NUL or a surrogate.
_escape = re.compile(r"\\(?:u(0000|[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL)
_suspect = re.compile(r"\\u(?:0000|[dD][89a-fA-F])").search


class LineError(ValueError):
    """What is wrong with a line; `field` names the member where that is known."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.message, self.field = message, field


@dataclass(slots=True)
class Line:
    """`data` decoded, its raw text, and the raw text of an object of all other members (None without any)."""

    data: dict[str, Any]
    raw: str
    extra: str | None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _value in pairs:
            if key in seen:
                raise LineError(_twice(key))
            seen.add(key)
    return found


def _twice(key: str) -> str:
    return _("The key “%(key)s” stands twice in one object.") % {"key": key[:100]}


def _constant(name: str) -> NoReturn:
    raise LineError(_("%(name)s is not JSON.") % {"name": name})


_decoder = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_constant)
_decode = _decoder.raw_decode


def members(text: str) -> Iterator[tuple[str, str, Any, str]]:
    """(key, raw key, value, raw value) of each member of the JSON object that the text is. Raises LineError."""
    position = _space(text, 0).end()  # type: ignore[union-attr]
    if text[position : position + 1] != "{":
        raise LineError(_("The line is not a JSON object."))
    position = _space(text, position + 1).end()  # type: ignore[union-attr]
    if text[position : position + 1] == "}":
        position += 1
    else:
        while True:
            if text[position : position + 1] != '"':
                raise JSONDecodeError(
                    "Expecting property name enclosed in double quotes", text, position
                )
            key, end = _decode(text, position)
            raw_key = text[position:end]
            position = _space(text, end).end()  # type: ignore[union-attr]
            if text[position : position + 1] != ":":
                raise JSONDecodeError("Expecting ':' delimiter", text, position)
            position = _space(text, position + 1).end()  # type: ignore[union-attr]
            value, end = _decode(text, position)
            yield key, raw_key, value, text[position:end]
            position = _space(text, end).end()  # type: ignore[union-attr]
            mark = text[position : position + 1]
            position += 1
            if mark == "}":
                break
            if mark != ",":
                raise JSONDecodeError("Expecting ',' delimiter", text, position - 1)
            position = _space(text, position).end()  # type: ignore[union-attr]
    if _space(text, position).end() != len(text):  # type: ignore[union-attr]
        raise JSONDecodeError("Extra data", text, position)


def parse_line(line: bytes) -> Line:
    """Read one line, without its line end. Raises LineError."""
    try:
        text = line.decode()
    except UnicodeDecodeError as exc:
        raise LineError(_("Not UTF-8 at byte %(n)d of the line.") % {"n": exc.start + 1}) from exc
    try:
        return _parse(text)
    except JSONDecodeError as exc:
        raise LineError(
            _("Not JSON at character %(n)d: %(what)s.") % {"what": exc.msg, "n": exc.pos + 1}
        ) from exc
    except RecursionError as exc:
        raise LineError(_("The values are nested too deeply.")) from exc
    except LineError:
        raise
    except ValueError as exc:  # a number of thousands of digits
        raise LineError(_("Not JSON: %(what)s.") % {"what": exc}) from exc


def _parse(text: str) -> Line:
    data: Any = None
    raw: str | None = None
    others: list[str] = []
    if text.startswith(_PLAIN):  # most lines have nothing but their data
        begin = text.index("{", 1)
        data, end = _decode(text, begin)
        if text[end:] == "}":
            raw = text[begin:end]
    if raw is None:
        seen: set[str] = set()
        for key, raw_key, value, raw_value in members(text):
            if key in seen:
                raise LineError(_twice(key))
            seen.add(key)
            if key == "data":
                data, raw = value, raw_value
            else:
                others.append(f"{raw_key}:{raw_value}")
    if raw is None:
        raise LineError(_("The line has no member “data”."), "data")
    if not isinstance(data, dict):
        raise LineError(_('“data” must be an object, as in {"data": {"source": "…"}}.'), "data")
    if not data:
        raise LineError(_("“data” has no fields."), "data")
    if "\\u" in text and _suspect(text):
        check_escapes(text)
    if text.count("[") + text.count("{") > MAX_DEPTH and too_deep(text):
        raise LineError(_("The values are nested more than %(n)d levels deep.") % {"n": MAX_DEPTH})
    return Line(data, raw, "{" + ",".join(others) + "}" if others else None)


def check_escapes(text: str) -> None:
    """Raise LineError where valid JSON text escapes a NUL or half of a surrogate pair: no database keeps them."""
    high_ends = -1  # where the high surrogate before this place ended
    for escape in _escape.finditer(text):
        number = escape[1]
        if high_ends >= 0:
            if escape.start() != high_ends or number is None or number[1] not in "cdefCDEF":
                break
            high_ends = -1
        elif number == "0000":
            raise LineError(_("A text holds the character NUL (\\u0000)."))
        elif number is not None:
            if number[1] not in "89abAB":
                break
            high_ends = escape.end()
    else:
        if high_ends < 0:
            return
    raise LineError(_("A text holds half of a surrogate pair (\\ud800 … \\udfff)."))


def too_deep(text: str) -> bool:
    """Whether arrays and objects of valid JSON text are nested deeper than MAX_DEPTH."""
    brackets = _string.sub("", text).translate(_brackets)
    for _level in range(MAX_DEPTH):
        if not brackets:
            return False
        brackets = brackets.replace("[]", "")
    return bool(brackets)


def lines(file: BinaryIO, *, offset: int = 0) -> Iterator[tuple[bytes, int]]:
    """(line without its end, position after it) from an offset; a byte order mark at the beginning is dropped.

    A line longer than MAX_LINE_BYTES comes cut, one byte longer than that, so that its reader refuses it.
    """
    file.seek(offset)
    if offset == 0 and file.read(len(_BOM)) != _BOM:
        file.seek(0)
    position = file.tell()
    while line := file.readline(MAX_LINE_BYTES + 2):
        position += len(line)
        if len(line) > MAX_LINE_BYTES and not line.endswith(b"\n"):
            while (rest := file.readline(MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
                position += len(rest)
            position += len(rest)
            yield line[: MAX_LINE_BYTES + 1], position
            continue
        yield line.removesuffix(b"\n").removesuffix(b"\r"), position
