"""Lines of a manifest: every value text leaves as it came, and what no database could keep is refused."""

import io
import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from datasets.services.manifest import (
    MAX_DEPTH,
    MAX_LINE_BYTES,
    LineError,
    check_escapes,
    lines,
    members,
    parse_line,
    too_deep,
)

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
values = st.recursive(
    scalars,
    lambda below: st.lists(below, max_size=4) | st.dictionaries(texts, below, max_size=4),
    max_leaves=12,
)
blanks = st.text(" \t\n\r", max_size=3)


@st.composite
def spelled(draw: Any) -> tuple[str, list[tuple[str, str, str]]]:
    """An object with blanks everywhere, and its (key, key text, value text)."""
    names = draw(st.lists(texts, unique=True, max_size=5))
    found, parts = [], []
    for name in names:
        key = json.dumps(name, ensure_ascii=draw(st.booleans()))
        value = json.dumps(
            draw(values),
            ensure_ascii=draw(st.booleans()),
            indent=draw(st.sampled_from([None, 1])),
            separators=draw(st.sampled_from([(",", ":"), (" , ", " : ")])),
        )
        found.append((name, key, value))
        parts.append(f"{draw(blanks)}{key}{draw(blanks)}:{draw(blanks)}{value}{draw(blanks)}")
    inside = ",".join(parts) if parts else draw(blanks)
    return f"{draw(blanks)}{{{inside}}}{draw(blanks)}", found


@given(spelled())
@settings(max_examples=400)
def test_members_are_cut_out_exactly(case: tuple[str, list[tuple[str, str, str]]]) -> None:
    text, expected = case
    found = list(members(text))
    assert [(key, raw_key, raw) for key, raw_key, _value, raw in found] == expected
    assert {key: value for key, _raw_key, value, _raw in found} == json.loads(text)


@given(st.text(max_size=40) | spelled().map(lambda case: case[0][:-2]))
@example('{"a":1,}')
@example('{"a" 1}')
@example('{"a":1 "b":2}')
@example("{a:1}")
@example('{"a":1}}')
@example('{"a":1} x')
@example("{,}")
@example('{"a":')
@example("{")
@example('{"a":01}')
@example('{"a":"\t"}')
@settings(max_examples=400)
def test_what_json_refuses_is_refused(text: str) -> None:
    try:
        expected = json.loads(text)
    except (ValueError, RecursionError):
        expected = None
    try:
        found = {key: value for key, _raw_key, value, _raw in members(text)}
    except (LineError, ValueError):
        found = None
    if found is not None:
        assert found == expected
    elif isinstance(expected, dict):
        # Only what the line's own rules refuse: a key twice, NaN.
        assert '"' in text or "NaN" in text or "Infinity" in text


@given(st.dictionaries(texts.filter(bool), values, min_size=1, max_size=4), spelled())
@settings(max_examples=300)
def test_a_line_keeps_its_texts(data: dict[str, Any], case: Any) -> None:
    text, other = case
    if any(key == "data" for key, _k, _v in other):
        return
    raw = json.dumps(data, ensure_ascii=False, separators=(" ,", ": "))
    body = text.strip()[1:-1].strip(" \t\n\r")
    line = parse_line(('{"data" : ' + raw + (f" , {body}" if body else "") + " }").encode())
    assert line.raw == raw
    assert line.data == data
    if other:
        assert line.extra == "{" + ",".join(f"{key}:{value}" for _name, key, value in other) + "}"
    else:
        assert line.extra is None


@pytest.mark.parametrize(
    "text",
    [
        '{"data":{"source":"a"}}',
        '{"data": {"source": "a"}}',
        '{"data":{"source":"a"} }',
        '{ "data":{"source":"a"}}',
        '{"data":{"source":"a"},"x":1}',
        '{"x":1,"data":{"source":"a"}}',
    ],
)
def test_the_short_way_answers_as_the_long_one(text: str) -> None:
    line = parse_line(text.encode())
    assert json.loads(line.raw) == {"source": "a"}
    assert line.extra == ('{"x":1}' if "x" in text else None)


REFUSED = {
    "not an object": (b"[1]", "not a JSON object"),
    "no object at all": (b"data", "not a JSON object"),
    "two values": (b'{"data":{"a":1}} {}', "Extra data"),
    "no data": (b'{"date":{"a":1}}', "no member"),
    "data is a text": (b'{"data":"a"}', "must be an object"),
    "data is empty": (b'{"data":{}}', "no fields"),
    "a key twice": (b'{"data":{"a":1},"x":1,"x":2}', "twice"),
    "data twice": (b'{"data":{"a":1},"data":{"a":1}}', "twice"),
    "a key twice inside": (b'{"data":{"a":1,"a":1}}', "twice"),
    "a key twice deep inside": (b'{"data":{"a":1},"x":[{"b":{"c":1,"c":2}}]}', "twice"),
    "a key twice, once escaped": (b'{"data":{"a":1,"\\u0061":2}}', "twice"),
    "NaN": (b'{"data":{"a":NaN}}', "NaN"),
    "Infinity": (b'{"data":{"a":-Infinity}}', "Infinity"),
    "NUL escaped": (b'{"data":{"a":"x\\u0000"}}', "NUL"),
    "NUL in a key": (b'{"data":{"a":1},"\\u0000":1}', "NUL"),
    "NUL raw": (b'{"data":{"a":"x\0"}}', "Not JSON"),
    "a high surrogate": (b'{"data":{"a":"\\ud83d"}}', "surrogate"),
    "a low surrogate": (b'{"data":{"a":"\\uDE00"}}', "surrogate"),
    "surrogates the wrong way round": (b'{"data":{"a":"\\ude00\\ud83d"}}', "surrogate"),
    "a high surrogate before another escape": (b'{"data":{"a":"\\ud83d\\n\\ude00"}}', "surrogate"),
    "a surrogate in UTF-8": (b'{"data":{"a":"\xed\xa0\x80"}}', "UTF-8"),
    "Latin 1": (b'{"data":{"a":"caf\xe9"}}', "UTF-8 at byte 18"),
    "UTF-16": ('{"data":{"a":1}}'.encode("utf-16"), "UTF-8"),
    "a control character": (b'{"data":{"a":"\x01"}}', "Not JSON"),
    "a number of 5,000 digits": (b'{"data":{"a":' + b"9" * 5000 + b"}}", "Not JSON"),
    "a thousand levels": (b'{"data":{"a":' + b"[" * 5000 + b"]" * 5000 + b"}}", "nested"),
    "a hundred levels and one": (
        b'{"data":{"a":' + b"[" * (MAX_DEPTH - 1) + b"]" * (MAX_DEPTH - 1) + b"}}",
        "nested",
    ),
    "cut off": (b'{"data":{"a":"b', "Not JSON"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    line, expected = REFUSED[name]
    with pytest.raises(LineError, match=expected):
        parse_line(line)


@pytest.mark.parametrize(
    "line",
    [
        '{"data":{"a":"\\ud83d\\ude00"}}',
        '{"data":{"a":"\\\\u0000 \\\\ud800"}}',
        '{"data":{"a":"😀 \\u00e9 \\/ \\""}}',
        '{"data":{"a":1e400,"b":-0,"c":1.10,"d":123456789012345678901234567890}}',
        '{"data":{"a":' + "[" * (MAX_DEPTH - 2) + "]" * (MAX_DEPTH - 2) + "}}",
        '{"data":{"":1}}',
    ],
)
def test_kept(line: str) -> None:
    assert parse_line(line.encode()).raw == line[len('{"data":') : -1]


@given(st.text(alphabet='\\u0dD8acf"n', max_size=24))
@settings(max_examples=500)
def test_escapes_against_the_decoded_text(inside: str) -> None:
    text = f'"{inside}"'
    try:
        value = json.loads(text)
    except ValueError:
        return
    bad = "\0" in value or any("\ud800" <= character <= "\udfff" for character in value)
    if bad:
        with pytest.raises(LineError):
            check_escapes(text)
    else:
        check_escapes(text)


@given(values)
def test_depth(value: Any) -> None:
    def depth(one: Any) -> int:
        below = one.values() if isinstance(one, dict) else one if isinstance(one, list) else None
        return 0 if below is None else 1 + max(map(depth, below), default=0)

    for levels in (MAX_DEPTH - depth(value), MAX_DEPTH - depth(value) + 1):
        text = "[" * levels + json.dumps(value) + "]" * levels
        assert too_deep(text) == (levels + depth(value) > MAX_DEPTH)


def test_brackets_in_texts_are_not_levels() -> None:
    assert not too_deep(json.dumps({"a": "[{" * 500 + '\\"' + "[" * 200}))


# --- lines of a file ----------------------------------------------------------------------------------------------


@given(
    st.lists(st.binary(max_size=12).map(lambda b: b.replace(b"\n", b"").rstrip(b"\r")), max_size=8),
    st.booleans(),
)
def test_lines_and_where_they_end(found: list[bytes], crlf: bool) -> None:
    end = b"\r\n" if crlf else b"\n"
    content = end.join(found)
    if content.startswith(b"\xef\xbb\xbf"):
        return
    read = list(lines(io.BytesIO(content)))
    assert [line for line, _at in read] == (found if found and found[-1] else found[:-1])
    for number, (_line, at) in enumerate(read):
        assert list(lines(io.BytesIO(content), offset=at)) == read[number + 1 :]


def test_a_byte_order_mark_is_no_part_of_the_first_line() -> None:
    assert [line for line, _at in lines(io.BytesIO(b"\xef\xbb\xbfa\nb"))] == [b"a", b"b"]
    assert [line for line, _at in lines(io.BytesIO(b"\xef\xbb\xbf"))] == []


def test_a_line_that_is_too_long_is_cut_and_the_next_one_is_whole() -> None:
    content = b"x" * (3 * MAX_LINE_BYTES) + b"\n" + b"y" * MAX_LINE_BYTES + b"\r\nz"
    read = list(lines(io.BytesIO(content)))
    assert [len(line) for line, _at in read] == [MAX_LINE_BYTES + 1, MAX_LINE_BYTES, 1]
    assert read[-1][1] == len(content)
    assert [line for line, _at in lines(io.BytesIO(content), offset=read[0][1])][-1] == b"z"
