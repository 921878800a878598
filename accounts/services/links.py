"""One-time links: the first administrator's, and invitations. Only a hash of the secret is kept."""

import secrets
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import Membership, OneTimeLink, Team, User, Workspace, hash_token
from accounts.services.teams import add_to_team
from accounts.services.users import create_user, team_to_fill
from accounts.services.workspaces import (
    default_workspace,
    require_open,
    require_role,
    set_membership,
)
from itag.core.clock import now
from itag.core.errors import Conflict, Denied, Invalid, NotFound
from itag.core.policy import require

Purpose = OneTimeLink.Purpose
MAX_DAYS = 30
#: The advisory lock under which the first administrator is made.
SETUP_LOCK = 0x17A6_5E70


@transaction.atomic
def create_link(
    *,
    purpose: str,
    workspace: Workspace | None = None,
    role: str = "",
    team: Team | None = None,
    actor: User | None = None,
    days: int = 7,
) -> str:
    """Make a link of this purpose and return its secret, which is seen this once.

    An invitation names the workspace, the role and perhaps a team; who may give the role and fill the team may invite
    to it, a supplier's leader into their own team alone. The link that makes the first administrator,
    `/setup/<secret>/`, is refused where there is one (Conflict) and ends those made before it.
    """
    if not 1 <= days <= MAX_DAYS:
        raise Invalid.field("days", _("Between 1 and %(most)s days.") % {"most": MAX_DAYS})
    if purpose == Purpose.INVITE:
        if workspace is None:
            raise Invalid.field("workspace", _("Choose a workspace."))
        role = role or Membership.Role.OPERATOR
        if actor is not None:
            require_role(actor, workspace, role)
            team = team_to_fill(actor, workspace, team)
        require_open(workspace)
        return _create(purpose, days, workspace=workspace, role=role, team=team, created_by=actor)
    _one_at_a_time()
    if has_administrator():
        raise Conflict(_("There is an administrator already."), code="administrator_exists")
    OneTimeLink.objects.open().filter(purpose=purpose).update(expires_at=now())
    return _create(purpose, days, created_by=actor)


def _create(purpose: str, days: int, **fields: Any) -> str:
    secret = secrets.token_urlsafe(32)
    OneTimeLink.objects.create(
        purpose=purpose,
        digest=hash_token(secret),
        expires_at=now() + timedelta(days=days),
        **fields,
    )
    return secret


def _one_at_a_time() -> None:
    """Setup links are made and used one after another: of two at once, each used, two administrators would come."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SETUP_LOCK])


def has_administrator() -> bool:
    """Whether somebody can administer this installation."""
    return User.objects.filter(is_superuser=True, is_active=True).exists()


def find_link(*, secret: str, purpose: str) -> OneTimeLink:
    """The link if it may still be used; used, expired, ended and unknown ones are all NotFound."""
    link = (
        OneTimeLink.objects.open()
        .select_related("workspace", "created_by", "team__group", "team__workspace")
        .filter(digest=hash_token(secret), purpose=purpose)
        .first()
    )
    if link is None or (purpose == Purpose.SETUP and has_administrator()):
        raise NotFound(_("This link was used already, has expired or never existed."))
    return link


def _use(link: OneTimeLink) -> None:
    """Mark the link as used; of two people at once one is told that it is too late."""
    moment = now()
    if OneTimeLink.objects.open().filter(pk=link.pk).update(used_at=moment) != 1:
        raise Conflict(_("This link was used a moment ago."), code="link_used")
    link.used_at = moment


@transaction.atomic
def use_setup_link(
    *, secret: str, username: str, password: str, name: str = "", email: str = ""
) -> User:
    """Make the first administrator: a superuser who also administers the default workspace."""
    _one_at_a_time()
    link = find_link(secret=secret, purpose=Purpose.SETUP)
    _use(link)
    user = create_user(
        username=username, password=password, name=name, email=email, is_superuser=True
    )
    set_membership(workspace=default_workspace(), user=user, role=Membership.Role.ADMIN, actor=None)
    return user


@transaction.atomic
def use_invitation(
    *, secret: str, username: str, password: str, name: str = "", email: str = ""
) -> User:
    """Make an account for an invited person, a member of the workspace from the start."""
    link = find_link(secret=secret, purpose=Purpose.INVITE)
    _use(link)
    user = create_user(username=username, password=password, name=name, email=email)
    _join(link, user)
    return user


@transaction.atomic
def join_by_invitation(*, secret: str, user: User) -> Workspace:
    """Let somebody who has an account into the workspace; members learn that they are in already (Conflict)."""
    link = find_link(secret=secret, purpose=Purpose.INVITE)
    present = Membership.objects.filter(workspace=link.workspace, user=user).first()
    if present is not None and present.active:
        raise Conflict(_("You are a member of this workspace already."), code="member_already")
    if present is not None:
        raise Denied(_("Your membership of this workspace was ended; ask its administrator."))
    _use(link)
    return _join(link, user)


def _join(link: OneTimeLink, user: User) -> Workspace:
    workspace = link.workspace
    if workspace is None or workspace.archived_at is not None:
        raise NotFound(_("The workspace of this link is gone."))
    # Asked again, since whoever made the link may have lost the right meanwhile.
    if link.created_by is not None:
        require_role(link.created_by, workspace, link.role)
        if link.team is not None:
            require(link.created_by, "teams.fill", link.team)
    set_membership(workspace=workspace, user=user, role=link.role, actor=None)
    if link.team is not None:
        add_to_team(team=link.team, users=[user])
    return workspace


def revoke_link(*, link: OneTimeLink, actor: User) -> None:
    """End a link that was not used yet."""
    require(actor, "links.revoke", link)
    OneTimeLink.objects.open().filter(pk=link.pk).update(expires_at=now())
