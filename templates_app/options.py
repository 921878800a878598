"""Options that a job gives to a question: trimmed labels, stable keys, colours and shortcuts."""

import re
from typing import Any

from django.utils.translation import gettext as _

from templates_app.questions.base import normal
from templates_app.questions.choice import COLOR, KEY, LABEL, MAX_OPTIONS, SHORTCUT
from templates_app.schema import Errors, Text, fail

#: Far from each other in OKLab; each has ≥ 4.5:1 against white and ≥ 3:1 against the dark page, so that white text
#: on it and its outline on either page can be read.
PALETTE = (
    "#d22a1e", "#0054fc", "#008a00", "#c600de", "#66667e", "#966c00", "#8460d8", "#ae3684",
    "#1e78c6", "#9000fc", "#008472", "#a86066", "#e41272", "#546c2a", "#9c36ba", "#d800a8",
    "#9066a2", "#a84800", "#6642f0", "#5a5ab4", "#006c90", "#787860", "#c01e54", "#845a4e",
)  # fmt: skip
#: Keys given to labels that name none, in this order: digits, then the letters that the labeling page leaves free.
SHORTCUTS = "1234567890qyi"
#: How deep options may be nested.
MAX_DEPTH = 5

Option = dict[str, Any]


class _Options:
    """One question's options while they are read: what is taken, what is wrong."""

    def __init__(self, errors: Errors) -> None:
        self.errors = errors
        self.labels: set[str] = set()
        self.keys: set[str] = set()
        self.colors: set[str] = set()
        self.shortcuts: set[str] = set()
        self.count = 0

    def read(self, given: Any, path: str, depth: int = 1) -> list[Option]:
        """The options with what they name themselves; None stands for what is to be chosen."""
        if not isinstance(given, list):
            fail(self.errors, path, _("A list is expected."))
            return []
        self.count += len(given)
        if self.count > MAX_OPTIONS:
            fail(
                self.errors, path, _("At most %(most)d labels are allowed.") % {"most": MAX_OPTIONS}
            )
            return []
        if depth > MAX_DEPTH:
            fail(self.errors, path, _("At most %(most)d levels are allowed.") % {"most": MAX_DEPTH})
            return []
        return [
            self._option(option, f"{path}[{number}]", depth) for number, option in enumerate(given)
        ]

    def _option(self, given: Any, path: str, depth: int) -> Option:
        if not isinstance(given, dict):
            fail(self.errors, path, _("An object is expected."))
            return {}
        for member in given:
            if member not in ("key", "label", "color", "shortcut", "remark", "children"):
                fail(self.errors, f"{path}.{member}", _("There is no such member here."))
        option: Option = {
            "key": self._unique(given.get("key"), f"{path}.key", KEY, self.keys),
            "label": self._label(given.get("label"), f"{path}.label"),
            "color": self._color(given.get("color"), f"{path}.color"),
            "shortcut": self._shortcut(given.get("shortcut"), f"{path}.shortcut"),
        }
        if remark := given.get("remark"):
            Text(most=500).check(remark, f"{path}.remark", self.errors)
            option["remark"] = remark
        if nested := given.get("children"):
            option["children"] = self.read(nested, f"{path}.children", depth + 1)
        return option

    def _label(self, label: Any, path: str) -> str:
        if not isinstance(label, str) or not label.strip():
            fail(self.errors, path, _("Give the label a name."))
            return ""
        label = label.strip()
        LABEL.check(label, path, self.errors)
        if normal(label) in self.labels:
            fail(self.errors, path, _("There is a label “%(label)s” already.") % {"label": label})
        self.labels.add(normal(label))
        return label

    def _unique(self, value: Any, path: str, schema: Text, taken: set[str]) -> str | None:
        if value is None:
            return None
        before = len(self.errors)
        schema.check(value, path, self.errors)
        if len(self.errors) > before:
            return None
        if value in taken:
            fail(self.errors, path, _("“%(value)s” is used twice.") % {"value": value})
        taken.add(value)
        return str(value)

    def _color(self, color: Any, path: str) -> str | None:
        if color is None or color == "":
            return None
        color = color.lower() if isinstance(color, str) else color
        COLOR.check(color, path, self.errors)
        if isinstance(color, str):
            self.colors.add(color)
        return color  # type: ignore[no-any-return]

    def _shortcut(self, shortcut: Any, path: str) -> str | None:
        if shortcut == "":
            return ""
        shortcut = shortcut.lower() if isinstance(shortcut, str) else shortcut
        return self._unique(shortcut, path, SHORTCUT, self.shortcuts)

    def complete(self, options: list[Option]) -> None:
        """Choose keys, colours and shortcuts where none was named."""
        numbers = [int(key[1:]) for key in self.keys if re.fullmatch(r"k\d{1,9}", key)]
        next_key = max(numbers, default=0) + 1
        free_shortcuts = iter([key for key in SHORTCUTS if key not in self.shortcuts])
        free_colors = [color for color in PALETTE if color not in self.colors] or list(PALETTE)
        chosen = 0
        for option in _walk(options):
            if option["key"] is None:
                option["key"] = f"k{next_key}"
                next_key += 1
            if option["color"] is None:
                option["color"] = free_colors[chosen % len(free_colors)]
                chosen += 1
            if option["shortcut"] is None:
                option["shortcut"] = next(free_shortcuts, "")


def _walk(options: list[Option]) -> list[Option]:
    found = []
    for option in options:
        found.append(option)
        found.extend(_walk(option.get("children", [])))
    return found


def normalise(given: Any, path: str, errors: Errors) -> list[Option]:
    """The options complete: {"key", "label", "color", "shortcut"} and, where given, "remark" and "children".

    Keys that are given stay, so that renaming a label orphans no answer; new ones are k1, k2, … above the highest.
    A shortcut that is absent or null is chosen, "" means none. Labels, keys and shortcuts are unique in the question.
    """
    reader = _Options(errors)
    before = len(errors)
    options = reader.read(given, path)
    if len(errors) == before and not options:
        fail(errors, path, _("Give at least one label."))
    if len(errors) > before:
        return []
    reader.complete(options)
    return options
