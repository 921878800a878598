"""Who may do what with people, workspaces, teams and tokens; each refusal says why."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.grants import granted_ids, held
from accounts.models import (
    STAFF_GRANTS,
    SUPPLIER_GRANT,
    ApiToken,
    Membership,
    OneTimeLink,
    Team,
    User,
    Workspace,
    led_suppliers,
)
from itag.core.policy import ALLOWED, HIDDEN, Verdict, denied, rule


def _workspace(user: Any, workspace: Workspace | None, codename: str, reason: str) -> Verdict:
    if workspace is None:
        return denied(_("You are a member of no workspace."))
    mine = held(user, workspace, "view_workspace", codename)
    if codename in mine:
        return unless_archived(workspace)
    return denied(reason) if mine else HIDDEN


@rule("workspaces.view")
def view_workspace(user: Any, workspace: Workspace) -> Verdict:
    return ALLOWED if held(user, workspace, "view_workspace") else HIDDEN


@rule("workspaces.manage")
def manage_workspace(user: Any, workspace: Workspace | None) -> Verdict:
    """Members, credentials and the workspace itself."""
    reason = _("Only an administrator of the workspace may do this.")
    return _workspace(user, workspace, "manage_workspace", reason)


@rule("workspaces.archive")
def archive_workspace(user: Any, workspace: Workspace | None) -> Verdict:
    """Put it into the archive, and take it out again."""
    if workspace is None:
        return denied(_("You are a member of no workspace."))
    mine = held(user, workspace, "view_workspace", "manage_workspace")
    if "manage_workspace" not in mine:
        reason = _("Only an administrator of the workspace may do this.")
        return denied(reason) if mine else HIDDEN
    if workspace.is_default and workspace.archived_at is None:
        return denied(_("The default workspace is never archived; make another one the default."))
    return ALLOWED


@rule("workspaces.settings")
def see_settings(user: Any, workspace: Workspace | None) -> Verdict:
    """Look at what the workspace is set to, also while it is archived."""
    if workspace is None:
        return denied(_("You are a member of no workspace."))
    mine = held(user, workspace, "view_workspace", "manage_workspace")
    if "manage_workspace" in mine:
        return ALLOWED
    return denied(_("Only an administrator of the workspace may do this.")) if mine else HIDDEN


@rule("workspaces.add")
def add_workspace(user: Any, _nothing: Any = None) -> Verdict:
    """Make a further workspace: superusers, and whoever administers one already."""
    if user.is_superuser or granted_ids(user, Workspace, "manage_workspace").exists():
        return ALLOWED
    return denied(_("Only administrators make workspaces."))


@rule("workspaces.default")
def default_workspace(user: Any, workspace: Workspace) -> Verdict:
    """Make it the one that people without a choice begin in."""
    if not user.is_superuser:
        verdict = view_workspace(user, workspace)
        return verdict and denied(_("Only a superuser chooses the default workspace."))
    return unless_archived(workspace)


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
    """Whoever leads, manages or creates must be able to choose people; a supplier's leader sees their own."""
    if workspace is None:
        return denied(_("You are a member of no workspace."))
    mine = held(user, workspace, "view_workspace", *STAFF_GRANTS, SUPPLIER_GRANT)
    if mine & {*STAFF_GRANTS, SUPPLIER_GRANT}:
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
    if "create_in_workspace" not in mine and mine & {"lead_workspace", SUPPLIER_GRANT}:
        return ALLOWED
    if mine:
        return denied(_("Only administrators and team leaders may change members."))
    return HIDDEN


@rule("members.invite")
def invite_member(user: Any, workspace: Workspace | None) -> Verdict:
    """Bring people in; in which role is asked by members.give, into which team by teams.fill."""
    if workspace is None:
        return denied(_("You are a member of no workspace."))
    verdict = _staff(held(user, workspace, "view_workspace", *STAFF_GRANTS, SUPPLIER_GRANT))
    return verdict and unless_archived(workspace)


@rule("members.give")
def give_role(user: Any, membership: Membership) -> Verdict:
    """Make somebody what this membership's role says: administrators give any role, leaders labeling workers'."""
    mine = held(user, membership.workspace, "view_workspace", *STAFF_GRANTS, SUPPLIER_GRANT)
    verdict = _staff(mine)
    if not verdict:
        return verdict
    if "manage_workspace" not in mine and membership.role != Membership.Role.OPERATOR:
        return denied(_("Team leaders may change labeling workers only."))
    return unless_archived(membership.workspace)


@rule("members.change")
def change_member(user: Any, membership: Membership) -> Verdict:
    """Administrators change everybody; team leaders workers only; a supplier's leader the workers of their team."""
    verdict = give_role(user, membership)
    if not verdict or held(user, membership.workspace, "manage_workspace", "lead_workspace"):
        return verdict
    own = led_suppliers(user).filter(
        workspace=membership.workspace_id, group__user=membership.user_id
    )
    return ALLOWED if own.exists() else HIDDEN


def unless_archived(workspace: Workspace) -> Verdict:
    """Allowed while the workspace is in use; what rules that change something in it end with."""
    if workspace.archived_at is not None:
        return denied(_("The workspace is archived: it can only be read."))
    return ALLOWED


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


@rule("users.reset")
def reset_password(user: Any, person: User) -> Verdict:
    """Give somebody a one-time password: whoever may change the person in every workspace that they belong to.

    Else whoever leads one workspace could enter another in the name of a person who works in both.
    """
    if not view_user(user, person):
        return HIDDEN
    if user.pk == person.pk:
        return denied(_("You change your own password on the page of your account."))
    if user.is_superuser:
        return ALLOWED
    if person.is_superuser or person.is_staff:
        return denied(_("Only a superuser may do this for an administrator of the installation."))
    if not person.is_active:
        return denied(_("The account is closed."))
    memberships = Membership.objects.filter(user=person, active=True).select_related("workspace")
    verdicts = [change_member(user, membership) for membership in memberships]
    reasons = [verdict.reason for verdict in verdicts if not verdict and verdict.reason]
    if reasons:
        return denied(reasons[0])
    if not verdicts or not all(verdicts):
        return denied(_("The person works in other workspaces too; ask a superuser."))
    return ALLOWED


@rule("teams.view")
def view_team(user: Any, team: Team) -> Verdict:
    return ALLOWED if Team.objects.visible_to(user).filter(pk=team.pk).exists() else HIDDEN


@rule("teams.change")
def change_team(user: Any, team: Team) -> Verdict:
    """Its people; a supplier's leader may, its name and leaders are asked by teams.rule."""
    if (
        held(user, team.workspace, "lead_workspace", "manage_workspace")
        or led_suppliers(user).filter(pk=team.pk).exists()
    ):
        return unless_archived(team.workspace)
    if view_team(user, team):
        return denied(_("Only administrators and team leaders may change teams."))
    return HIDDEN


@rule("teams.rule")
def rule_team(user: Any, team: Team) -> Verdict:
    """Name, leaders, and whether it is a supplier."""
    if held(user, team.workspace, "lead_workspace", "manage_workspace"):
        return unless_archived(team.workspace)
    if view_team(user, team):
        return denied(_("Only administrators and team leaders of the workspace may do this."))
    return HIDDEN


@rule("teams.fill")
def fill_team(user: Any, team: Team) -> Verdict:
    """Put new accounts into it: administrators and team leaders, a supplier's leaders into their own."""
    if not invite_member(user, team.workspace):
        return invite_member(user, team.workspace)
    return change_team(user, team)


@rule("links.view", "links.revoke")
def revoke_link(user: Any, link: OneTimeLink) -> Verdict:
    return ALLOWED if OneTimeLink.objects.visible_to(user).filter(pk=link.pk).exists() else HIDDEN


@rule("tokens.view", "tokens.revoke")
def own_token(user: Any, token: ApiToken) -> Verdict:
    return ALLOWED if token.user_id == user.pk else HIDDEN
