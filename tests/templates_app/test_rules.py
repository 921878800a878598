"""Rules of typed texts: they mean what JavaScript means, and no rule takes long on any text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates_app.rules import MAX_STATES, MAX_TEXT, matches, problem


@pytest.mark.parametrize(
    ("rule", "fits", "fails"),
    [
        (r"\w+", ["abc_1"], ["", "a b", "é", "中"]),
        (r"\d{3}-\d{4}", ["123-4567"], ["1234567", "123-45678", "12-4567"]),
        (r"1[3-9]\d{9}", ["13812345678"], ["12812345678", "1381234567"]),
        ("a|bc|", ["a", "bc", ""], ["b", "abc"]),
        ("(?:ab)+c?", ["ab", "ababc"], ["abb", ""]),
        ("(?<year>[12]\\d{3})", ["1999"], ["999"]),
        ("[^a-c]{2,}", ["xy", "xyz"], ["x", "xa"]),
        (r"[\d.,-]*", ["1.5", "-3,2", ""], ["1a"]),
        ("^a$", ["a"], ["a\n"]),
        (r"a\b.*\Bb", ["a xb"], ["ab", "a b"]),
        (".", ["x", "😀"], ["\n", "\u2028", "xy"]),
        (r"\s\S", [" x", "\u3000中"], ["x ", "\x85x"]),
        (r"\u{1F600}\x41B", ["😀AB"], ["AB"]),
        ("a{0}b{2,3}?", ["bb", "bbb"], ["ab", "b", "bbbb"]),
        ("(a*)*b", ["b", "aab"], ["a"]),
        (r"[\]\-\\^]+", ["]-\\^"], ["x"]),
        ("[一-龥]{2,4}", ["阿里", "阿里巴巴"], ["阿", "ab"]),
        ("((){1000}){1000}", [""], ["x"]),
    ],
)
def test_what_fits(rule: str, fits: list[str], fails: list[str]) -> None:
    assert problem(rule) == ""
    assert [text for text in fits if not matches(rule, text)] == []
    assert [text for text in fails if matches(rule, text)] == []


@pytest.mark.parametrize(
    "rule",
    [
        "(", ")", "a)", "[a", "*a", "a**", "^*", r"(a)\1", r"\k<x>(?<x>a)", "(?=a)", "(?!a)", "(?<=a)", "(?i)a", "{", "}",
        "]", "a{3,2}", "[b-a]", r"[\d-z]", r"\q", "\\", r"\u{110000}", r"\ud800", "a{1001}", "((a{30}){30}){30}", r"\-",
        "(" * 60 + ")" * 60, "x" * 501,
    ],
)  # fmt: skip
def test_what_is_no_rule(rule: str) -> None:
    assert problem(rule)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("(a+)+b", "a" * MAX_TEXT),
        ("(a|aa)+$b", "a" * MAX_TEXT),
        ("(.*)(.*)(.*)(.*)(.*)x", "a" * MAX_TEXT),
        ("(a|b)*a(a|b){150}", "ab" * (MAX_TEXT // 2)),
        (f"(a?){{{MAX_STATES // 3}}}a*b", "a" * MAX_TEXT),
    ],
)
def test_no_text_makes_a_rule_hang(rule: str, text: str) -> None:
    """Python's own engine would not come back in this life."""
    assert not matches(rule, text[:-1] + "c")


def test_a_text_too_long_for_rules_fits_none() -> None:
    assert matches("a*", "a" * MAX_TEXT)
    assert not matches("a*", "a" * (MAX_TEXT + 1))


parts = st.recursive(
    st.sampled_from(["a", "b", "[ab]", "[^a]", ".", r"\w", r"\d", "1"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map("".join),
        st.lists(inner, min_size=1, max_size=3).map(lambda each: f"(?:{'|'.join(each)})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{0,}"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
    ),
    max_leaves=6,
)


@given(parts, st.text("ab1", max_size=6))
def test_it_agrees_with_pythons_engine(rule: str, text: str) -> None:
    assert matches(rule, text) == bool(re.fullmatch(rule, text, re.ASCII))
