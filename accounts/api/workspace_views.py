"""Workspaces, their members, and invitations into them."""

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.api.serializers import (
    InvitationSerializer,
    InvitationWriteSerializer,
    MemberSerializer,
    MemberWriteSerializer,
    NewInvitationSerializer,
    WorkspaceChangeSerializer,
    WorkspaceSerializer,
    WorkspaceWriteSerializer,
)
from accounts.api.views import workspace_or_404
from accounts.context import person
from accounts.models import Membership, OneTimeLink, Team, User, Workspace
from accounts.services.links import create_link, revoke_link
from accounts.services.workspaces import (
    KEEP,
    RELEASE,
    archive_workspace,
    create_workspace,
    make_default,
    remove_membership,
    restore_workspace,
    set_membership,
    update_workspace,
)
from itag.core.errors import Invalid
from itag.core.policy import require

ARCHIVED = OpenApiParameter(
    "archived", OpenApiTypes.BOOL, description="The archived ones instead of those in use."
)
HELD = OpenApiParameter(
    "held",
    str,
    enum=[RELEASE, KEEP],
    description="What becomes of the packages that the person holds; released without it.",
)


class WorkspaceViewSet(GenericViewSet[Workspace]):
    """Workspaces."""

    queryset = Workspace.objects.none()
    serializer_class = WorkspaceSerializer
    rules = {
        "list": "signed_in",
        "create": "signed_in",
        "retrieve": "workspaces.view",
        "partial_update": "workspaces.manage",
        "archive": "workspaces.archive",
        "restore": "workspaces.archive",
        "default": "workspaces.default",
    }

    def get_queryset(self) -> QuerySet[Workspace]:
        return Workspace.objects.visible_to(self.request.user)

    @extend_schema(summary="Your workspaces", parameters=[ARCHIVED])
    def list(self, request: Request) -> Response:
        archived = request.query_params.get("archived", "").lower() in ("1", "true", "yes")
        rows = self.get_queryset().filter(archived_at__isnull=not archived)
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(WorkspaceSerializer(page, many=True).data)

    @extend_schema(
        summary="Make a workspace, whose administrator you are",
        request=WorkspaceWriteSerializer,
        responses={201: WorkspaceSerializer},
    )
    def create(self, request: Request) -> Response:
        require(request.user, "workspaces.add")
        asked = WorkspaceWriteSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        user = person(request)
        workspace = create_workspace(user=user, actor=user, **asked.validated_data)
        return Response(WorkspaceSerializer(workspace).data, status=status.HTTP_201_CREATED)

    @extend_schema(summary="One workspace")
    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(WorkspaceSerializer(self.get_object()).data)

    @extend_schema(
        summary="Rename a workspace, or set its time zone or working hours",
        request=WorkspaceChangeSerializer,
        responses=WorkspaceSerializer,
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        workspace = self.get_object()
        asked = WorkspaceChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        workspace = update_workspace(
            workspace=workspace, actor=person(request), **asked.validated_data
        )
        return Response(WorkspaceSerializer(workspace).data)

    @extend_schema(
        summary="Archive a workspace",
        description="Its jobs go offline; everything in it can be read, and nothing changed, until it is restored.",
        request=None,
    )
    def archive(self, request: Request, pk: str) -> Response:
        workspace = archive_workspace(workspace=self.get_object(), actor=person(request))
        return Response(WorkspaceSerializer(workspace).data)

    @extend_schema(summary="Take a workspace out of the archive", request=None)
    def restore(self, request: Request, pk: str) -> Response:
        workspace = restore_workspace(workspace=self.get_object(), actor=person(request))
        return Response(WorkspaceSerializer(workspace).data)

    @extend_schema(summary="Make it the default workspace (superusers)", request=None)
    def default(self, request: Request, pk: str) -> Response:
        workspace = make_default(workspace=self.get_object(), actor=person(request))
        return Response(WorkspaceSerializer(workspace).data)


class MemberViewSet(GenericViewSet[Membership]):
    """Members of a workspace; the person's id addresses one."""

    queryset = Membership.objects.none()
    serializer_class = MemberSerializer
    rules = {"list": "members.list", "update": "members.change", "destroy": "members.change"}

    def _workspace(self) -> Workspace:
        workspace = workspace_or_404(self.request.user, self.kwargs["workspace"])
        require(self.request.user, "members.list", workspace)
        return workspace

    def _rows(self, workspace: Workspace) -> QuerySet[Membership]:
        rows = Membership.objects.visible_to(self.request.user).for_list()
        return rows.filter(workspace=workspace)

    @extend_schema(
        summary="The members of a workspace; a supplier's leader sees their own",
        parameters=[
            OpenApiParameter("search", str, description="Part of a user name, name or address."),
            OpenApiParameter("role", str, enum=Membership.Role.values),
            OpenApiParameter("active", OpenApiTypes.BOOL),
        ],
    )
    def list(self, request: Request, workspace: int) -> Response:
        rows = self._rows(self._workspace())
        search = request.query_params.get("search", "").replace("\0", "").strip()[:100]
        if search:
            rows = rows.filter(
                Q(user__username__icontains=search)
                | Q(user__name__icontains=search)
                | Q(user__email__icontains=search)
            )
        role = request.query_params.get("role", "")
        if role and role not in Membership.Role.values:
            raise Invalid.field("role", _("There is no such role."))
        if role:
            rows = rows.filter(role=role)
        if active := request.query_params.get("active", "").lower():
            rows = rows.filter(active=active in ("1", "true", "yes"))
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(MemberSerializer(page, many=True).data)

    @extend_schema(
        summary="Add a person to a workspace, or change their role",
        request=MemberWriteSerializer,
        responses=MemberSerializer,
    )
    def update(self, request: Request, workspace: int, user: int) -> Response:
        space = self._workspace()
        found = get_object_or_404(User.objects.visible_to(request.user), pk=user)
        asked = MemberWriteSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        membership = set_membership(
            workspace=space, user=found, actor=person(request), **asked.validated_data
        )
        return Response(MemberSerializer(membership).data)

    @extend_schema(
        summary="Remove a person from a workspace", parameters=[HELD], responses={204: None}
    )
    def destroy(self, request: Request, workspace: int, user: int) -> Response:
        space = self._workspace()
        membership = get_object_or_404(self._rows(space), user=user)
        held = request.query_params.get("held", RELEASE)
        if held not in (RELEASE, KEEP):
            raise Invalid.field("held", _("Choose “release” or “keep”."))
        remove_membership(workspace=space, user=membership.user, actor=person(request), held=held)
        return Response(status=status.HTTP_204_NO_CONTENT)


class InvitationViewSet(GenericViewSet[OneTimeLink]):
    """Links by which one person each comes into the workspace."""

    queryset = OneTimeLink.objects.none()
    serializer_class = InvitationSerializer
    rules = {"list": "members.invite", "create": "members.invite", "destroy": "links.revoke"}

    def _workspace(self) -> Workspace:
        workspace = workspace_or_404(self.request.user, self.kwargs["workspace"])
        require(self.request.user, "members.invite", workspace)
        return workspace

    def get_queryset(self) -> QuerySet[OneTimeLink]:
        rows = OneTimeLink.objects.visible_to(self.request.user).open().select_related("team")
        return rows.filter(workspace=self._workspace(), purpose=OneTimeLink.Purpose.INVITE)

    @extend_schema(summary="Open invitations, without their secrets")
    def list(self, request: Request, workspace: int) -> Response:
        page = self.paginate_queryset(self.get_queryset().select_related("created_by"))
        return self.get_paginated_response(InvitationSerializer(page, many=True).data)

    @extend_schema(
        summary="Make an invitation",
        description="The answer is the only one that holds the link, which works once.",
        request=InvitationWriteSerializer,
        responses={201: NewInvitationSerializer},
    )
    def create(self, request: Request, workspace: int) -> Response:
        space = self._workspace()
        asked = InvitationWriteSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        fields = dict(asked.validated_data)
        if (team := fields.pop("team", None)) is not None:
            teams = Team.objects.visible_to(request.user).filter(workspace=space)
            fields["team"] = get_object_or_404(teams, pk=team)
        secret = create_link(
            purpose=OneTimeLink.Purpose.INVITE, workspace=space, actor=person(request), **fields
        )
        url = request.build_absolute_uri(reverse("invite", args=[secret]))
        response = Response({"url": url}, status=status.HTTP_201_CREATED)
        response["Cache-Control"] = "no-store"
        return response

    @extend_schema(summary="Withdraw an invitation", responses={204: None})
    def destroy(self, request: Request, workspace: int, pk: int) -> Response:
        revoke_link(link=self.get_object(), actor=person(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
