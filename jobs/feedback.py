"""The kinds of errors and the severities that inspectors choose from when they reject an item.

A job may have lists of its own, whose entries are texts shown as they are; the usual ones have names that every
language translates.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from itag.core.errors import Invalid
from jobs.models import Job

USUAL: dict[str, tuple[str, ...]] = {
    "error_types": ("wrong_label", "missing", "extra", "imprecise", "other"),
    "severities": ("minor", "major", "critical"),
}
#: How people of every language read the usual kinds of errors.
NAMES: dict[str, Any] = {
    "wrong_label": gettext_lazy("Wrong label"),
    "missing": gettext_lazy("Something is not marked"),
    "extra": gettext_lazy("Something is marked that should not be"),
    "imprecise": gettext_lazy("Not precise enough"),
    "other": gettext_lazy("Other"),
}
#: The most characters of an entry: what a rejection has room for.
LONGEST = {"error_types": 64, "severities": 16}
MOST = 50


def feedback_lists(job: Job) -> dict[str, list[str]]:
    """{"error_types", "severities"} of the job: its own lists, or the usual ones."""
    return {name: list(job.feedback_lists.get(name) or usual) for name, usual in USUAL.items()}


def error_name(kind: str) -> str:
    """A kind of error in words; a job's own is its own word."""
    return str(NAMES.get(kind, kind))


def check_lists(value: Any, fail: Callable[[str, str], None]) -> dict[str, list[str]]:
    """The job's own lists, trimmed, without empty ones; `fail` is told each field that is wrong and why."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        fail("feedback_lists", _("An object is expected."))
        return {}
    found = {}
    for name, entries in value.items():
        field = f"feedback_lists.{name}"[:100]
        if name not in USUAL:
            fail(field, _("There is no such list."))
        elif not isinstance(entries, list) or not all(isinstance(one, str) for one in entries):
            fail(field, _("A list of texts is expected."))
        else:
            texts = list(dict.fromkeys(one.strip() for one in entries if one.strip()))
            if len(texts) > MOST:
                fail(field, _("At most %(most)d entries are allowed.") % {"most": MOST})
            for text in texts:
                if len(text) > LONGEST[name] or not text.isprintable():
                    fail(
                        field,
                        _("“%(text)s” is not a text of at most %(most)d characters.")
                        % {"text": text[:40], "most": LONGEST[name]},
                    )
            if texts:
                found[name] = texts
    return found


def check_choice(job: Job, *, error_type: str, severity: str) -> None:
    """Refuse what is not in a list of the job's own; raises Invalid."""
    for name, field, given in (
        ("error_types", "error_type", error_type),
        ("severities", "severity", severity),
    ):
        own = job.feedback_lists.get(name)
        if own and given and given not in own:
            raise Invalid.field(field, _("Choose one of: %(values)s.") % {"values": ", ".join(own)})
