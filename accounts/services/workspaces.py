"""Workspaces and who is what in them: a membership names the role, and the grants follow in the same transaction."""

from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import available_timezones

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from guardian.models import UserObjectPermissionBase

from accounts.grants import grant, user_grants
from accounts.models import SUPPLIER_GRANT, Membership, OneTimeLink, Team, User, Workspace
from accounts.signals import access_lost, workspace_archived
from itag.core.clock import now
from itag.core.errors import Conflict, Invalid
from itag.core.policy import require
from itag.core.text import UNSTORABLE
from itag.core.worktime import Hours

Role = Membership.Role
#: What becomes of the packages that somebody holds who leaves: back to the pool, or kept until they are reassigned.
RELEASE, KEEP = "release", "keep"

#: What each role holds on its workspace.
ROLE_GRANTS: dict[str, frozenset[str]] = {
    Role.ADMIN: frozenset(
        {"view_workspace", "manage_workspace", "create_in_workspace", "lead_workspace"}
    ),
    Role.LABEL_ADMIN: frozenset({"view_workspace", "create_in_workspace", "lead_workspace"}),
    Role.LEADER: frozenset({"view_workspace", "lead_workspace"}),
    Role.OPERATOR: frozenset({"view_workspace"}),
}


def default_workspace() -> Workspace:
    """The workspace that a fresh installation starts with; made at the first call."""
    workspace = Workspace.objects.filter(is_default=True).first()
    if workspace is not None:
        return workspace
    try:
        with transaction.atomic():
            return Workspace.objects.create(name=_free_name("Default"), is_default=True)
    except IntegrityError:  # another process made it meanwhile
        return Workspace.objects.get(is_default=True)


def _free_name(name: str) -> str:
    taken = set(Workspace.objects.filter(name__startswith=name).values_list("name", flat=True))
    if name not in taken:
        return name
    number = 2
    while f"{name} {number}" in taken:
        number += 1
    return f"{name} {number}"


@transaction.atomic
def create_workspace(
    *,
    name: str,
    user: User | None = None,
    time_zone: str = "UTC",
    calendar: Mapping[str, Any] | None = None,
    actor: User | None = None,
) -> Workspace:
    """Make a workspace; the user, if one is named, becomes its administrator. With an actor, the rule is asked."""
    if actor is not None:
        require(actor, "workspaces.add")
    workspace = Workspace(name=name.strip(), time_zone=time_zone, calendar=dict(calendar or {}))
    _check(workspace)
    workspace.save()
    if user is not None:
        _write_membership(workspace, user, Role.ADMIN)
    return workspace


@transaction.atomic
def update_workspace(
    *,
    workspace: Workspace,
    actor: User,
    name: str | None = None,
    time_zone: str | None = None,
    calendar: Mapping[str, Any] | None = None,
) -> Workspace:
    """Rename the workspace, or set the zone in which its days begin, or its working hours ({}: the default ones)."""
    require(actor, "workspaces.manage", workspace)
    workspace = lock_workspace(workspace)
    require_open(workspace)
    if name is not None:
        workspace.name = name.strip()
    if time_zone is not None:
        workspace.time_zone = time_zone
    if calendar is not None:
        workspace.calendar = dict(calendar)
    _check(workspace)
    workspace.save(update_fields=["name", "time_zone", "calendar"])
    return workspace


@transaction.atomic
def archive_workspace(*, workspace: Workspace, actor: User) -> Workspace:
    """Close the workspace for everything but reading; a second time changes nothing.

    Its jobs go offline in the same transaction: answers that are under way are still saved, nothing else moves.
    """
    require(actor, "workspaces.archive", workspace)
    workspace = lock_workspace(workspace)
    if workspace.archived_at is not None:
        return workspace
    # While it is still open: what has to be stopped could not be touched afterwards.
    workspace_archived.send(sender=Workspace, workspace=workspace, actor=actor)
    OneTimeLink.objects.open().filter(workspace=workspace).update(expires_at=now())
    workspace.archived_at = now()
    workspace.save(update_fields=["archived_at"])
    return workspace


@transaction.atomic
def restore_workspace(*, workspace: Workspace, actor: User) -> Workspace:
    """Open an archived workspace again; its jobs stay offline until somebody brings them online."""
    require(actor, "workspaces.archive", workspace)
    workspace = lock_workspace(workspace)
    workspace.archived_at = None
    workspace.save(update_fields=["archived_at"])
    return workspace


@transaction.atomic
def make_default(*, workspace: Workspace, actor: User) -> Workspace:
    """Let people without a choice begin in this workspace."""
    require(actor, "workspaces.default", workspace)
    # In the order of their keys, as everything that locks several of them does.
    rows = Workspace.objects.select_for_update(no_key=True).order_by("pk")
    list(rows.filter(Q(is_default=True) | Q(pk=workspace.pk)))
    Workspace.objects.filter(is_default=True).exclude(pk=workspace.pk).update(is_default=False)
    workspace.is_default = True
    workspace.save(update_fields=["is_default"])
    return workspace


def _check(workspace: Workspace) -> None:
    if not workspace.name:
        raise Invalid.field("name", _("Enter a name."))
    if len(workspace.name) > 100:
        raise Invalid.field("name", _("At most 100 characters."))
    if UNSTORABLE.search(workspace.name):
        raise Invalid.field("name", _("The text holds a character that cannot be stored."))
    if Workspace.objects.filter(name=workspace.name).exclude(pk=workspace.pk).exists():
        raise Invalid.field("name", _("Another workspace has this name."))
    if workspace.time_zone not in available_timezones():
        raise Invalid.field("time_zone", _("There is no such time zone."))
    try:
        Hours.of(workspace.calendar)
    except (ValueError, TypeError) as exc:
        raise Invalid.field(
            "calendar",
            _("Name at least one working day, and an hour of closing after that of opening."),
        ) from exc


@transaction.atomic
def set_membership(
    *,
    workspace: Workspace,
    user: User,
    role: str,
    actor: User | None,
    active: bool = True,
    held: str = RELEASE,
) -> Membership:
    """Give the person this role, its grants and no others on the workspace; `active=False` takes them all.

    `held`: what becomes of the packages that somebody holds who is made inactive, "release" or "keep".

    Without an actor (start-up, links) nothing is asked. With one: whoever manages the workspace gives any role;
    whoever leads it makes and changes labeling workers. The last active administrator keeps the place (Conflict).
    """
    if role not in ROLE_GRANTS:
        raise Invalid.field("role", _("There is no such role."))
    workspace = lock_workspace(workspace)
    require_open(workspace)
    before = Membership.objects.filter(workspace=workspace, user=user).first()
    if actor is not None:
        if before is not None:
            require(actor, "members.change", before)
            require(actor, "members.give", Membership(workspace=workspace, role=role))
        else:
            require(actor, "members.change", Membership(workspace=workspace, user=user, role=role))
    if before is not None and before.active and not (active and role == Role.ADMIN):
        _keep_an_administrator(before)
    membership = _write_membership(workspace, user, role, active=active)
    if before is not None and before.active and not active:
        take_everything(workspace=workspace, users=[user], held=held)
    return membership


@transaction.atomic
def remove_membership(
    *, workspace: Workspace, user: User, actor: User | None, held: str = RELEASE
) -> None:
    """End the membership: every grant in the workspace, on jobs and in teams too, is gone with it.

    `held`: what becomes of the packages that the person holds, "release" or "keep" until somebody reassigns them.
    """
    workspace = lock_workspace(workspace)
    membership = Membership.objects.filter(workspace=workspace, user=user).first()
    if membership is None:
        return
    if actor is not None:
        require(actor, "members.change", membership)
    if membership.active:
        _keep_an_administrator(membership)
    membership.delete()
    take_everything(workspace=workspace, users=[user], held=held)


def lock_workspace(workspace: Workspace) -> Workspace:
    """Members of one workspace change one after another, so that two last administrators cannot both go."""
    return Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)


def require_open(workspace: Workspace) -> None:
    """An archived workspace is there to be read (Conflict)."""
    if workspace.archived_at is not None:
        raise Conflict(
            _("The workspace %(name)s is archived: it can only be read.")
            % {"name": workspace.name},
            code="workspace_archived",
        )


def _write_membership(
    workspace: Workspace, user: User, role: str, *, active: bool = True
) -> Membership:
    membership, _made = Membership.objects.update_or_create(
        workspace=workspace, user=user, defaults={"role": role, "active": active}
    )
    write_workspace_grants(membership)
    return membership


def write_workspace_grants(membership: Membership) -> None:
    """Let the person hold on the workspace what the role gives them, and nothing else.

    A team leader in a supplier team does not lead the workspace: its leaders manage its people, its members nobody.
    """
    workspace, user = membership.workspace, membership.user
    wanted = ROLE_GRANTS[membership.role] if membership.active else frozenset()
    if membership.active and membership.role == Role.LEADER:
        suppliers = Team.objects.filter(workspace=workspace, is_supplier=True)
        if suppliers.filter(leaders=user).exists():
            wanted = frozenset({"view_workspace", SUPPLIER_GRANT})
        elif suppliers.filter(group__user=user).exists():
            wanted = frozenset({"view_workspace"})
    user_grants(workspace).objects.filter(user=user, content_object=workspace).exclude(
        permission__codename__in=wanted
    ).delete()
    for codename in sorted(wanted):
        grant(codename, workspace, users=[user])


def administrators(workspace: Workspace) -> Any:
    """The active administrators whose accounts are active too."""
    return Membership.objects.filter(
        workspace=workspace, role=Role.ADMIN, active=True, user__is_active=True
    )


def _keep_an_administrator(leaving: Membership) -> None:
    if leaving.role != Role.ADMIN:
        return
    if not administrators(leaving.workspace).exclude(pk=leaving.pk).exists():
        raise Conflict(
            _("The workspace would have no administrator left. Make somebody else one first."),
            code="last_administrator",
        )


def take_everything(*, workspace: Workspace, users: Iterable[User], held: str = RELEASE) -> None:
    """Take every grant that these people hold on the workspace and on whatever belongs to it, and their teams.

    The grant tables of the apps above are found by their shape: a direct foreign key to a model that has a
    `workspace`. So a kind of object that is added later is covered too.
    """
    people = [user.pk for user in users]
    for model in apps.get_models():
        if not issubclass(model, UserObjectPermissionBase) or model._meta.abstract:
            continue
        grants: Any = model
        target = grants._meta.get_field("content_object").related_model
        if target is Workspace:
            rows = grants.objects.filter(content_object=workspace)
        elif (
            target is None
        ):  # guardian's own table for objects of any kind, which itag does not use
            continue
        else:
            try:
                target._meta.get_field("workspace")
            except FieldDoesNotExist:
                continue
            rows = grants.objects.filter(content_object__workspace=workspace)
        rows.filter(user__in=people).delete()
    # Two statements for any number of teams.
    User.groups.through.objects.filter(
        user__in=people, group__in=Team.objects.filter(workspace=workspace).values("group_id")
    ).delete()
    Team.leaders.through.objects.filter(user__in=people, team__workspace=workspace).delete()
    access_lost.send(sender=Workspace, workspace=workspace, users=people, held=held)


def require_role(actor: User, workspace: Workspace, role: str) -> None:
    """Raise Denied unless the actor may give this role in the workspace."""
    if role not in ROLE_GRANTS:
        raise Invalid.field("role", _("There is no such role."))
    require(actor, "members.give", Membership(workspace=workspace, role=role))
