"""What packages a job would have: how many, of which size, from which groups, for whom; and what may go wrong."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, TypedDict

from django.utils.translation import gettext as _

from accounts.models import Team, User, Workspace
from itag.core.errors import FieldError, Invalid
from jobs.models import Job, Stage, Workflow
from jobs.services.allocation import MAX_PACKAGE_ITEMS, MAX_SIZE, Sizes, fixed_size_limits, sum_up
from jobs.services.groups import TIME_LIMIT, as_json
from jobs.services.layout import Layout, too_few
from jobs.services.members import people_of, resolve_members
from jobs.services.plan import plan_allocation
from jobs.services.targets import Reservation, reserve, subjects
from jobs.services.votes import check_votes

#: Different sizes that are named; packages of groups may have thousands.
MOST_SIZES = 12


class Share(TypedDict):
    """What a person or team gets by the targets."""

    kind: str
    id: int
    name: str
    packages: int
    items: int


class Preview(TypedDict):
    """`packages`, `slots`: None where groups take too long to count. `sizes`: [] for more than twelve different ones.

    `min_size`, `max_size`: the limits of a fixed size. `slots`: packages × votes. `groups`: None but by a field, else
    {"count", "empty": items without a value, "largest": [{"value", "items", "packages"}]}. `free`: slots that are
    reserved for nobody.
    """

    packages: int | None
    items: int
    sizes: list[Sizes]
    min_size: int
    max_size: int
    slots: int | None
    groups: dict[str, Any] | None
    targets: list[Share]
    free: int | None
    warnings: list[FieldError]


def preview_packages(*, workspace: Workspace, user: User, **fields: Any) -> Preview:
    """The packages that a job with this dataset, allocation and votes would have.

    Members and workflow are looked at for warnings, as far as they are given. Raises Invalid at `dataset`,
    `allocation.…` or `votes.…`.
    """
    dataset, allocation, layout = plan_allocation(workspace=workspace, fields=fields)
    smallest, largest = fixed_size_limits(dataset.item_count)
    given = fields.get("votes")
    votes = Job(votes=check_votes(given, given if isinstance(given, Mapping) else {})).vote_count
    warnings: list[FieldError] = []
    sizes: list[Sizes] = []
    targets, reserved = allocation.get("targets"), []
    if layout is None:
        warnings.append({"field": "allocation.field", "message": _slow()})
    else:
        sizes = sum_up(layout.sizes)
        warnings += _group_warnings(layout)
        reserved = reserve(targets, units=layout.units, votes=votes)
    slots = len(layout.sizes) * votes if layout else None
    return {
        "packages": len(layout.sizes) if layout else None,
        "items": dataset.item_count,
        "sizes": sizes if len(sizes) <= MOST_SIZES else [],
        "min_size": smallest,
        "max_size": largest,
        "slots": slots,
        "groups": _groups(layout),
        "targets": _shares(workspace, targets, reserved, layout),
        "free": None if slots is None else slots - sum(r.last - r.first + 1 for r in reserved),
        "warnings": warnings + _people_warnings(workspace, user, fields, votes),
    }


def _slow() -> str:
    return _(
        "Counting the groups takes longer than %(seconds)s seconds here: they are counted while the packages are made, "
        "and the job fails if there are too many."
    ) % {"seconds": TIME_LIMIT}


def _groups(layout: Layout | None) -> dict[str, Any] | None:
    if layout is None or layout.groups is None:
        return None
    groups = layout.groups
    return {"count": len(groups.sizes), "empty": groups.empty, "largest": as_json(groups)}


def _group_warnings(layout: Layout) -> list[FieldError]:
    if layout.groups is None:
        return []
    largest = max(layout.groups.sizes)
    cut = sum(size > MAX_PACKAGE_ITEMS for size in layout.groups.sizes)
    big = sum(size > MAX_SIZE for size in layout.groups.sizes)
    texts = []
    if big:
        texts.append(
            _("Groups above %(most)s items: %(count)s; the largest has %(largest)s.")
            % {"most": MAX_SIZE, "count": f"{big:,}", "largest": f"{largest:,}"}
        )
    if cut:
        texts.append(
            _(
                "Groups above %(most)s items become several packages with the same value, reserved together: %(count)s."
            )
            % {"most": f"{MAX_PACKAGE_ITEMS:,}", "count": f"{cut:,}"}
        )
    return [{"field": "allocation.field", "message": text} for text in texts]


def _shares(
    workspace: Workspace, targets: Any, reserved: list[Reservation], layout: Layout | None
) -> list[Share]:
    """What everybody named gets, in the order of the targets; two queries."""
    named = subjects(targets)
    users = {pk for kind, pk in named if kind == "user"}
    teams = {pk for kind, pk in named if kind == "team"}
    names = {
        ("user", user.pk): user.get_full_name()
        for user in User.objects.filter(pk__in=users, memberships__workspace=workspace)
    } | {("team", t.pk): t.name for t in Team.objects.filter(pk__in=teams, workspace=workspace)}
    if any(one not in names for one in named):
        raise Invalid.field("allocation.targets", _("Choose members and teams of this workspace."))
    packages: Counter[tuple[str, int]] = Counter()
    items: Counter[tuple[str, int]] = Counter()
    for one in reserved:
        packages[one.kind, one.pk] += one.last - one.first + 1
        items[one.kind, one.pk] += layout.items([one]) if layout else 0
    return [
        {
            "kind": kind,
            "id": pk,
            "name": names[kind, pk],
            "packages": packages[kind, pk],
            "items": items[kind, pk],
        }
        for kind, pk in named
    ]


def _people_warnings(
    workspace: Workspace, user: User, fields: Mapping[str, Any], votes: int
) -> list[FieldError]:
    """What the chosen people would make difficult or impossible; nothing before every stage has somebody."""
    workflow, members = fields.get("workflow"), fields.get("members")
    if workflow not in Workflow.values or not isinstance(members, Mapping):
        return []
    stages = str(workflow).split(",")
    chosen = {stage: members.get(stage) for stage in stages}
    if not all(isinstance(who, Mapping) and any(who.values()) for who in chosen.values()):
        return []
    limits = fields.get("limits")
    resolved, errors, warnings = resolve_members(
        workspace=workspace,
        stages=stages,
        members=chosen,
        creator=user,
        allow_own_check=isinstance(limits, Mapping) and limits.get("allow_own_check") is True,
    )
    found = [*errors, *warnings]
    if not errors and (people := len(people_of(resolved, workspace)[Stage.LABELING])) < votes:
        found.append({"field": "votes", "message": too_few(votes, people)})
    return found
