"""Pages of the app."""

from django.urls import path

from accounts.views.account import Account, NewToken, RevokeToken
from accounts.views.links import Invite, Setup
from accounts.views.members import (
    Invitations,
    Member,
    Members,
    NewMember,
    ResetPassword,
    RevokeInvitation,
)
from accounts.views.preferences import ChooseWorkspace, choose_theme
from accounts.views.tables import ImportAccounts
from accounts.views.teams import NewTeam, TeamDetail, Teams
from accounts.views.workspaces import RestoreWorkspace, WorkspacePage, Workspaces

urlpatterns = [
    path("theme", choose_theme, name="theme"),
    path("workspace", ChooseWorkspace.as_view(), name="workspace-choose"),
    path("setup/<str:token>/", Setup.as_view(), name="setup"),
    path("invite/<str:token>/", Invite.as_view(), name="invite"),
    path("account/", Account.as_view(), name="account"),
    path("account/tokens/new/", NewToken.as_view(), name="token-new"),
    path("account/tokens/<int:pk>/revoke/", RevokeToken.as_view(), name="token-revoke"),
    path("members/", Members.as_view(), name="members"),
    path("members/new/", NewMember.as_view(), name="member-new"),
    path("members/import/", ImportAccounts.as_view(), name="member-import"),
    path("members/<int:user>/password/", ResetPassword.as_view(), name="member-password"),
    path("workspaces/", Workspaces.as_view(), name="workspaces"),
    path("workspaces/<int:pk>/restore/", RestoreWorkspace.as_view(), name="workspace-restore"),
    path("members/<int:user>/", Member.as_view(), name="member"),
    path("members/teams/", Teams.as_view(), name="teams"),
    path("members/teams/new/", NewTeam.as_view(), name="team-new"),
    path("members/teams/<int:pk>/", TeamDetail.as_view(), name="team"),
    path("members/invitations/", Invitations.as_view(), name="invitations"),
    path(
        "members/invitations/<int:pk>/revoke/",
        RevokeInvitation.as_view(),
        name="invitation-revoke",
    ),
    path("members/workspace/", WorkspacePage.as_view(), name="workspace"),
]
