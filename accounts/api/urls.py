"""API routes of the app."""

from django.urls import path

from accounts.api.views import (
    Me,
    MemberViewSet,
    TeamViewSet,
    TokenViewSet,
    UserViewSet,
    WorkspaceViewSet,
)

urlpatterns = [
    path("tokens", TokenViewSet.as_view({"get": "list", "post": "create"}), name="api-tokens"),
    path("tokens/<int:pk>", TokenViewSet.as_view({"delete": "destroy"}), name="api-token"),
    path("me", Me.as_view(), name="api-me"),
    path("workspaces", WorkspaceViewSet.as_view({"get": "list"}), name="api-workspaces"),
    path(
        "workspaces/<int:pk>",
        WorkspaceViewSet.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="api-workspace",
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
    path("teams", TeamViewSet.as_view({"get": "list", "post": "create"}), name="api-teams"),
    path(
        "teams/<int:pk>",
        TeamViewSet.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="api-team",
    ),
]
