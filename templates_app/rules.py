r"""Rules for typed texts: regular expressions that strangers write, matched in time that grows with the text only.

A rule matches a whole text. Its language is what JavaScript (flag `u`) and this module read the same way, so that
page and server never differ: literals, `.`, classes, `\d \w \s` and their opposites (of ASCII, but \s), `\b`, `^`, `$`,
groups, `|`, and `* + ? {m,n}`, lazy or not. What would need going back over the text is refused: back references and
look-around.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from django.utils.translation import gettext as _

#: The most characters of a rule, and of a text that has one.
MAX_RULE = 500
MAX_TEXT = 2_000
#: The most states of a rule once its counts are written out.
MAX_STATES = 1_000
MAX_DEPTH = 50
#: How many states are remembered in the steps taken so far; above, the memory is begun anew.
MEMORY = 20_000

Test = Callable[[str], bool]


class BadRule(ValueError):
    """What is wrong with a rule, in the reader's language."""


def problem(rule: str) -> str:
    """What is wrong with a rule; "" where nothing is."""
    try:
        _machine(rule)
    except BadRule as error:
        return str(error)
    return ""


def matches(rule: str, text: str) -> bool:
    """Whether the whole text is as the rule says; a text too long for rules is not. Raises BadRule."""
    return len(text) <= MAX_TEXT and _machine(rule).matches(text)


@lru_cache(maxsize=64)
def _machine(rule: str) -> "_Machine":
    return _Machine(rule)


# --- what a rule is made of ------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Node:
    """`kind`: char, seq, or, repeat, start, end, word, inside (`\\B`)."""

    kind: str
    test: Test | None = None
    parts: list["_Node"] = field(default_factory=list)
    least: int = 0
    most: int | None = None


_DIGITS = frozenset("0123456789")
_WORD = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
#: White space and ends of lines as JavaScript counts them.
_SPACE = frozenset(
    "\t\n\v\f\r \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)
_ENDS = frozenset("\n\r\u2028\u2029")
_CLASSES: dict[str, frozenset[str]] = {"d": _DIGITS, "w": _WORD, "s": _SPACE}
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "v": "\v", "f": "\f", "0": "\0"}
#: What may stand behind a backslash to mean itself.
_SIGNS = frozenset("^$\\.*+?()[]{}|/")
_COUNT = re.compile(r"\{(\d+)(,(\d*))?\}")
_POINT = re.compile(r"u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})")


def _is(character: str) -> Test:
    return lambda given: given == character


def _in(members: frozenset[str], *, negated: bool = False) -> Test:
    return lambda given: (given in members) != negated


class _Reader:
    """Reads a rule; recursive descent."""

    def __init__(self, rule: str) -> None:
        if len(rule) > MAX_RULE:
            raise BadRule(_("At most %(most)d characters are allowed.") % {"most": MAX_RULE})
        self.rule, self.place, self.depth = rule, 0, 0

    def read(self) -> _Node:
        node = self._choice()
        if self.place < len(self.rule):
            raise BadRule(_("There is no “(” for a “)”."))
        return node

    def _peek(self) -> str:
        return self.rule[self.place : self.place + 1]

    def _take(self, text: str) -> bool:
        if self.rule.startswith(text, self.place):
            self.place += len(text)
            return True
        return False

    def _choice(self) -> _Node:
        parts = [self._sequence()]
        while self._take("|"):
            parts.append(self._sequence())
        return parts[0] if len(parts) == 1 else _Node("or", parts=parts)

    def _sequence(self) -> _Node:
        parts = []
        while self._peek() not in ("", "|", ")"):
            parts.append(self._repeated(self._atom()))
        return _Node("seq", parts=parts)

    def _repeated(self, node: _Node) -> _Node:
        least, most = 0, None
        if self._take("+"):
            least = 1
        elif self._take("?"):
            most = 1
        elif count := _COUNT.match(self.rule, self.place):
            self.place = count.end()
            least = int(count[1])
            most = least if count[2] is None else int(count[3]) if count[3] else None
            if most is not None and most < least:
                raise BadRule(
                    _("In %(count)s the greater number comes first.") % {"count": count[0]}
                )
            if max(least, most or 0) > MAX_STATES:
                raise BadRule(_("The rule is too large."))
        elif not self._take("*"):
            return node
        self._take("?")
        if node.kind not in ("char", "seq") or self._peek() in ("*", "+", "?"):
            raise BadRule(_("There is nothing to repeat."))
        return _Node("repeat", parts=[node], least=least, most=most)

    def _atom(self) -> _Node:
        if self._take("("):
            return self._group()
        if self._take("["):
            return _Node("char", test=self._class())
        if self._take("."):
            return _Node("char", test=_in(_ENDS, negated=True))
        if self._take("^"):
            return _Node("start")
        if self._take("$"):
            return _Node("end")
        if self._take("\\"):
            return self._escaped()
        sign = self._peek()
        if sign in ("*", "+", "?"):
            raise BadRule(_("There is nothing to repeat."))
        if sign in ("{", "}", "]"):
            raise BadRule(_("Write \\%(sign)s for the character %(sign)s.") % {"sign": sign})
        self.place += 1
        return _Node("char", test=_is(sign))

    def _group(self) -> _Node:
        if self._take("?") and not self._take(":"):
            if not re.match(r"<[A-Za-z_$][\w$]*>", self.rule[self.place :], re.ASCII):
                raise BadRule(_("Looking ahead or behind is not possible in a rule."))
            self.place = self.rule.index(">", self.place) + 1
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise BadRule(_("The rule is too large."))
        node = self._choice()
        self.depth -= 1
        if not self._take(")"):
            raise BadRule(_("There is no “)” for a “(”."))
        return _Node("seq", parts=[node])

    def _escaped(self) -> _Node:
        sign = self._peek()
        if sign in ("b", "B"):
            self.place += 1
            return _Node("word" if sign == "b" else "inside")
        if sign == "k" or (sign.isdigit() and sign != "0"):
            raise BadRule(_("Referring back is not possible in a rule."))
        members, negated = self._members()
        if members is not None:
            return _Node("char", test=_in(members, negated=negated))
        return _Node("char", test=_is(self._character()))

    def _members(self) -> tuple[frozenset[str] | None, bool]:
        r"""The class behind a backslash (`\d`), and whether it is its opposite; None where none is there."""
        sign = self._peek()
        if sign.lower() not in _CLASSES or not sign:
            return None, False
        self.place += 1
        return _CLASSES[sign.lower()], sign.isupper()

    def _character(self) -> str:
        """The character behind a backslash."""
        sign = self._peek()
        if point := _POINT.match(self.rule, self.place):
            self.place = point.end()
            value = int(point[1] or point[2] or point[3], 16)
            if value > 0x10FFFF or 0xD800 <= value <= 0xDFFF:
                raise BadRule(_("There is no character \\%(sign)s.") % {"sign": point[0]})
            return chr(value)
        if sign in _CONTROLS and sign:
            self.place += 1
            return _CONTROLS[sign]
        if sign in _SIGNS and sign:
            self.place += 1
            return sign
        raise BadRule(_("There is no character \\%(sign)s.") % {"sign": sign})

    def _class(self) -> Test:
        negated = self._take("^")
        tests: list[Test] = []
        while not self._take("]"):
            if not self._peek():
                raise BadRule(_("There is no “]” for a “[”."))
            first = self._member()
            if self._peek() == "-" and self.rule[self.place + 1 : self.place + 2] not in ("]", ""):
                self.place += 1
                last = self._member()
                if not isinstance(first, str) or not isinstance(last, str) or last < first:
                    raise BadRule(_("A range in [ ] goes from a character to a later one."))
                tests.append(_between(first, last))
            else:
                tests.append(_is(first) if isinstance(first, str) else first)
        return lambda given: any(test(given) for test in tests) != negated

    def _member(self) -> str | Test:
        if not self._take("\\"):
            sign = self._peek()
            if not sign:
                raise BadRule(_("There is no “]” for a “[”."))
            self.place += 1
            return sign
        members, negated = self._members()
        if members is not None:
            return _in(members, negated=negated)
        if self._take("b"):
            return "\b"
        return "-" if self._take("-") else self._character()


def _between(first: str, last: str) -> Test:
    return lambda given: first <= given <= last


# --- matching --------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _State:
    """Where a match can stand: it goes on by `test` to `then`, or at once to `also`, if `when` allows it there."""

    test: Test | None = None
    then: int = -1
    also: list[int] = field(default_factory=list)
    when: str = ""


class _Machine:
    """All ways through a rule at once, so that no text makes it go back."""

    def __init__(self, rule: str) -> None:
        self.states: list[_State] = []
        self.end = self._new()
        self.begin = self._build(_Reader(rule).read(), self.end)
        self._steps: dict[tuple[frozenset[int], bool, bool, str], frozenset[int]] = {}
        self._held = 0

    def _new(self, **members: object) -> int:
        if len(self.states) >= MAX_STATES:
            raise BadRule(_("The rule is too large."))
        self.states.append(_State(**members))  # type: ignore[arg-type]
        return len(self.states) - 1

    def _build(self, node: _Node, then: int) -> int:
        """The state where the node begins that goes on to `then`."""
        if node.kind == "char":
            return self._new(test=node.test, then=then)
        if node.kind == "seq":
            for part in reversed(node.parts):
                then = self._build(part, then)
            return then
        if node.kind == "or":
            return self._new(also=[self._build(part, then) for part in node.parts])
        if node.kind == "repeat":
            return self._repeat(node, then)
        return self._new(also=[then], when=node.kind)

    def _repeat(self, node: _Node, then: int) -> int:
        (part,) = node.parts
        if node.most is None:
            loop = self._new()
            self.states[loop].also = [self._build(part, loop), then]
            then = loop
        else:
            end = then
            for _number in range(node.most - node.least):
                then = self._new(also=[self._build(part, then), end])
        for _number in range(node.least):
            begin = self._build(part, then)
            if begin == then:
                # Nothing, however often: counts inside counts of it would never end.
                break
            then = begin
        return then

    def matches(self, text: str) -> bool:
        """Whether the whole text is one of the rule's."""
        last = ""
        here = frozenset((self.begin,))
        for following in text:
            here = self._step(here, last, following)
            if not here:
                return False
            last = following
        return self.end in self._reach(here, last, "")

    def _step(self, here: frozenset[int], last: str, following: str) -> frozenset[int]:
        key = (here, not last, last in _WORD, following)
        found = self._steps.get(key)
        if found is None:
            self._held += len(here)
            if self._held > MEMORY:
                self._steps.clear()
                self._held = len(here)
            found = self._steps[key] = frozenset(
                state.then
                for state in map(self.states.__getitem__, self._reach(here, last, following))
                if state.test is not None and state.test(following)
            )
        return found

    def _reach(self, here: frozenset[int], last: str, following: str) -> Iterator[int]:
        """The states to which one gets between two characters ("": the ends of the text)."""
        border = (last in _WORD) != (following in _WORD)
        allowed = {
            "": True,
            "start": not last,
            "end": not following,
            "word": border,
            "inside": not border,
        }
        seen = set(here)
        waiting = list(here)
        while waiting:
            place = waiting.pop()
            yield place
            state = self.states[place]
            if allowed[state.when]:
                for other in state.also:
                    if other not in seen:
                        seen.add(other)
                        waiting.append(other)
