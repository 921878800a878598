"""The operations of a job in words: what each does before it is confirmed, or why it is not possible."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from itag.core.policy import Verdict
from jobs.models import Job
from jobs.selectors.operations import JobFacts

#: Days for which a deleted job can be restored.
KEPT_DAYS = 30


@dataclass
class Operation:
    """A button of the job's page. `effect`: what it does, shown beside it and in its dialog; `reason`: why not.

    `link`: it is a link and needs no dialog; `typed`: the job's name must be typed.
    """

    name: str
    label: str
    effect: str
    reason: str
    danger: bool = False
    link: bool = False
    typed: bool = False


#: Of each pair only the one that is possible is shown, the first where neither is.
_PAIRS = (("pause", "resume"), ("offline", "online"), ("archive", "unarchive"))


def operation_texts(
    job: Job, facts: JobFacts, verdicts: Mapping[str, Verdict], may: Mapping[str, Verdict]
) -> list[Operation]:
    """The operations in their order; `may`: the reader's abilities, whose reasons come first."""
    hidden = {b if verdicts[a] or not verdicts[b] else a for a, b in _PAIRS}
    if not verdicts["retry"]:
        hidden.add("retry")
    said = _said(job, facts)
    found = []
    for name, verdict in verdicts.items():
        if name in hidden:
            continue
        label, effect = said[name]
        right = may["delete" if name == "delete" else "manage"]
        found.append(
            Operation(
                name,
                label,
                effect,
                right.reason or verdict.reason,
                danger=name == "delete",
                link=name == "clone",
                typed=name == "delete",
            )
        )
    return found


def _said(job: Job, facts: JobFacts) -> dict[str, tuple[str, str]]:
    held = ngettext(
        "%(n)s package is in hand: what its holder saves is kept, and it can be submitted once the job is online "
        "again.",
        "%(n)s packages are in hand: what their holders save is kept, and they can be submitted once the job is "
        "online again.",
        facts.held,
    ) % {"n": facts.held}
    goes_on = ngettext(
        "%(n)s package is in hand and goes on.",
        "%(n)s packages are in hand and go on.",
        facts.held,
    ) % {"n": facts.held}
    batch: Any = facts.open_batch.number if facts.open_batch else ""
    return {
        "pause": (
            _("Pause"),
            _("Nobody takes further packages.") + (f" {goes_on}" if facts.held else ""),
        ),
        "resume": (_("Resume"), _("People may take packages again.")),
        "offline": (
            _("Take offline"),
            _("Nobody claims, submits or takes back; the clocks stand still.")
            + (f" {held}" if facts.held else ""),
        ),
        "online": (
            _("Bring online"),
            _("Work goes on; every clock is put forward by the time that the job was offline."),
        ),
        "append": (
            _("Append data"),
            ngettext(
                "The dataset has %(n)s new item; it becomes the job's next batch.",
                "The dataset has %(n)s new items; they become the job's next batch.",
                facts.new_items,
            )
            % {"n": facts.new_items},
        ),
        "close_batch": (
            _("Close the batch"),
            _("The last package of batch %(number)s is offered although it is not full.")
            % {"number": batch},
        ),
        "retry": (_("Try again"), _("The packages are prepared anew from where it stopped.")),
        "clone": (
            _("Clone"),
            _("A new job with the same template, labels, workflow, people and settings."),
        ),
        "archive": (
            _("Archive"),
            _("It leaves the lists and nobody takes packages of it; exports stay possible."),
        ),
        "unarchive": (_("Take out of the archive"), _("It appears in the lists again.")),
        "delete": (
            _("Delete"),
            _(
                "It is gone for everybody. For %(days)d days it can be restored from the deleted jobs."
            )
            % {"days": KEPT_DAYS},
        ),
    }
