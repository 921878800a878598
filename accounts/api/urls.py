"""API routes of the app."""

from django.urls import path

from accounts.api.user_views import UserViewSet
from accounts.api.views import Me, TeamViewSet, TokenViewSet
from accounts.api.workspace_views import InvitationViewSet, MemberViewSet, WorkspaceViewSet

urlpatterns = [
    path("tokens", TokenViewSet.as_view({"get": "list", "post": "create"}), name="api-tokens"),
    path("tokens/<int:pk>", TokenViewSet.as_view({"delete": "destroy"}), name="api-token"),
    path("me", Me.as_view(), name="api-me"),
    path(
        "workspaces",
        WorkspaceViewSet.as_view({"get": "list", "post": "create"}),
        name="api-workspaces",
    ),
    path(
        "workspaces/<int:pk>",
        WorkspaceViewSet.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="api-workspace",
    ),
    path(
        "workspaces/<int:pk>/archive",
        WorkspaceViewSet.as_view({"post": "archive"}),
        name="api-workspace-archive",
    ),
    path(
        "workspaces/<int:pk>/restore",
        WorkspaceViewSet.as_view({"post": "restore"}),
        name="api-workspace-restore",
    ),
    path(
        "workspaces/<int:pk>/default",
        WorkspaceViewSet.as_view({"post": "default"}),
        name="api-workspace-default",
    ),
    path(
        "workspaces/<int:workspace>/invitations",
        InvitationViewSet.as_view({"get": "list", "post": "create"}),
        name="api-invitations",
    ),
    path(
        "workspaces/<int:workspace>/invitations/<int:pk>",
        InvitationViewSet.as_view({"delete": "destroy"}),
        name="api-invitation",
    ),
    path(
        "workspaces/<int:workspace>/members",
        MemberViewSet.as_view({"get": "list"}),
        name="api-members",
    ),
    path(
        "workspaces/<int:workspace>/members/<int:user>",
        MemberViewSet.as_view({"put": "update", "delete": "destroy"}),
        name="api-member",
    ),
    path("users", UserViewSet.as_view({"get": "list", "post": "create"}), name="api-users"),
    path("users/import", UserViewSet.as_view({"post": "import_table"}), name="api-users-import"),
    path("users/<int:pk>", UserViewSet.as_view({"patch": "partial_update"}), name="api-user"),
    path(
        "users/<int:pk>/password-reset",
        UserViewSet.as_view({"post": "reset"}),
        name="api-user-password-reset",
    ),
    path("teams", TeamViewSet.as_view({"get": "list", "post": "create"}), name="api-teams"),
    path(
        "teams/<int:pk>",
        TeamViewSet.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="api-team",
    ),
]
