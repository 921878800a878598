"""Who may do what with people, workspaces, teams and tokens; each refusal says why."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.grants import held
from accounts.models import STAFF_GRANTS, ApiToken, Membership, OneTimeLink, Team, User, Workspace
from itag.core.policy import ALLOWED, HIDDEN, Verdict, denied, rule


def _workspace(user: Any, workspace: Workspace | None, codename: str, reason: str) -> Verdict:
    if workspace is None:
        return denied(_("You are a member of no workspace."))
    mine = held(user, workspace, "view_workspace", codename)
    if codename in mine:
        return ALLOWED
    return denied(reason) if mine else HIDDEN


@rule("workspaces.view")
def view_workspace(user: Any, workspace: Workspace) -> Verdict:
    return ALLOWED if held(user, workspace, "view_workspace") else HIDDEN


@rule("workspaces.manage")
def manage_workspace(user: Any, workspace: Workspace | None) -> Verdict:
    """Members, credentials and the workspace itself."""
    reason = _("Only an administrator of the workspace may do this.")
    return _workspace(user, workspace, "manage_workspace", reason)


@rule("workspaces.lead", "teams.create")
def lead_workspace(user: Any, workspace: Workspace | None) -> Verdict:
    """Teams, and who works on which job."""
    reason = _("Only administrators and team leaders of the workspace may do this.")
    return _workspace(user, workspace, "lead_workspace", reason)


@rule("workspaces.create")
def create_in_workspace(user: Any, workspace: Workspace | None) -> Verdict:
    """Datasets, label templates and jobs."""
    reason = _("Only administrators and annotation administrators may do this.")
    return _workspace(user, workspace, "create_in_workspace", reason)


@rule("members.list")
def list_members(user: Any, workspace: Workspace | None) -> Verdict:
    """Whoever leads, manages or creates must be able to choose people."""
    if workspace is None:
        return denied(_("You are a member of no workspace."))
    mine = held(user, workspace, "view_workspace", *STAFF_GRANTS)
    if mine & set(STAFF_GRANTS):
        return ALLOWED
    if mine:
        return denied(_("Only administrators and team leaders see the members."))
    return HIDDEN


def _staff(mine: set[str]) -> Verdict:
    """Whether these workspace grants let a person change labeling workers: administrators and team leaders.

    An annotation administrator leads too, but members are none of theirs; that they create tells them apart.
    """
    if "manage_workspace" in mine:
        return ALLOWED
    if "lead_workspace" in mine and "create_in_workspace" not in mine:
        return ALLOWED
    if mine:
        return denied(_("Only administrators and team leaders may change members."))
    return HIDDEN


@rule("members.invite")
def invite_member(user: Any, workspace: Workspace | None) -> Verdict:
    """Bring people in; in which role is asked by members.change."""
    if workspace is None:
        return denied(_("You are a member of no workspace."))
    return _staff(held(user, workspace, "view_workspace", *STAFF_GRANTS))


@rule("members.change")
def change_member(user: Any, membership: Membership) -> Verdict:
    """Administrators change everybody; team leaders workers only. The role aimed at is asked the same way."""
    mine = held(user, membership.workspace, "view_workspace", *STAFF_GRANTS)
    verdict = _staff(mine)
    if not verdict or "manage_workspace" in mine:
        return verdict
    if membership.role == Membership.Role.OPERATOR:
        return ALLOWED
    return denied(_("Team leaders may change labeling workers only."))


@rule("users.view")
def view_user(user: Any, person: User) -> Verdict:
    return ALLOWED if User.objects.visible_to(user).filter(pk=person.pk).exists() else HIDDEN


@rule("users.change")
def change_user(user: Any, person: User) -> Verdict:
    """Accounts as such belong to their owners and to superusers; workspaces change memberships."""
    if user.is_superuser:
        return ALLOWED
    if not view_user(user, person):
        return HIDDEN
    return denied(_("Only a superuser may change accounts."))


@rule("teams.view")
def view_team(user: Any, team: Team) -> Verdict:
    return ALLOWED if Team.objects.visible_to(user).filter(pk=team.pk).exists() else HIDDEN


@rule("teams.change")
def change_team(user: Any, team: Team) -> Verdict:
    if held(user, team.workspace, "lead_workspace", "manage_workspace"):
        return ALLOWED
    if view_team(user, team):
        return denied(_("Only administrators and team leaders may change teams."))
    return HIDDEN


@rule("links.view", "links.revoke")
def revoke_link(user: Any, link: OneTimeLink) -> Verdict:
    return ALLOWED if OneTimeLink.objects.visible_to(user).filter(pk=link.pk).exists() else HIDDEN


@rule("tokens.view", "tokens.revoke")
def own_token(user: Any, token: ApiToken) -> Verdict:
    return ALLOWED if token.user_id == user.pk else HIDDEN
