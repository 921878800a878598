"""People: whom one may choose or manage, new accounts one by one and by table, one-time passwords."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import parsers, status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.api.serializers import (
    ImportedSerializer,
    ImportSerializer,
    OneTimePasswordSerializer,
    UserChangeSerializer,
    UserCreateSerializer,
    UserSerializer,
)
from accounts.api.views import IN_WORKSPACE, asked_workspace, workspace_or_404
from accounts.context import person
from accounts.models import Team, User
from accounts.services.imports import MAX_CHARACTERS, Account, import_accounts, read_csv, read_rows
from accounts.services.users import create_user, reset_password, set_user_active
from itag.core.errors import Invalid
from itag.core.policy import require


class CsvParser(parsers.BaseParser):
    """A table as text; UTF-8, or what GB 18030 reads where it is none."""

    media_type = "text/csv"

    # A table is a text, no mapping.
    def parse(  # type: ignore[override]
        self, stream: Any, media_type: Any = None, parser_context: Any = None
    ) -> str:
        # Four bytes are the longest character; one more shows that the table is too large.
        data: bytes = stream.read(4 * MAX_CHARACTERS + 1)
        try:
            return data.decode()
        except UnicodeDecodeError:
            return data.decode("gb18030", errors="replace")


class UserViewSet(GenericViewSet[User]):
    """People."""

    queryset = User.objects.none()
    serializer_class = UserSerializer
    rules = {
        "list": "members.list",
        "create": "members.invite",
        "partial_update": "users.change",
        "import_table": "members.invite",
        "reset": "users.reset",
    }

    def get_queryset(self) -> QuerySet[User]:
        return User.objects.visible_to(self.request.user)

    def get_parsers(self) -> Any:
        found = super().get_parsers()
        return [*found, CsvParser()] if self.action_map.get("post") == "import_table" else found

    @extend_schema(
        summary="People that you may choose or manage",
        parameters=[
            IN_WORKSPACE,
            OpenApiParameter("search", str, description="Part of a user name, name or address."),
        ],
    )
    def list(self, request: Request) -> Response:
        people = self.get_queryset()
        workspace = asked_workspace(request)
        if workspace is not None:
            require(request.user, "members.list", workspace)
            people = people.filter(memberships__workspace=workspace, memberships__active=True)
        search = request.query_params.get("search", "").replace("\0", "").strip()[:100]
        if search:
            people = people.filter(
                Q(username__icontains=search)
                | Q(name__icontains=search)
                | Q(email__icontains=search)
            )
        page = self.paginate_queryset(people)
        return self.get_paginated_response(UserSerializer(page, many=True).data)

    @extend_schema(
        summary="Make an account in a workspace",
        description="Administrators give any role, team leaders make labeling workers, a supplier's leader those of "
        "their own team.",
        request=UserCreateSerializer,
        responses={201: UserSerializer},
    )
    def create(self, request: Request) -> Response:
        asked = UserCreateSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        fields = dict(asked.validated_data)
        workspace = workspace_or_404(request.user, fields.pop("workspace"))
        require(request.user, "members.invite", workspace)
        if (team := fields.pop("team", None)) is not None:
            teams = Team.objects.visible_to(request.user).filter(workspace=workspace)
            fields["team"] = get_object_or_404(teams, pk=team)
        user = create_user(workspace=workspace, actor=person(request), **fields)
        return Response(UserSerializer(user).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="Close or reopen an account (superusers)",
        description="Closing ends every session and token for good. Packages that the person holds are listed to be "
        "reassigned, or released with `held`.",
        request=UserChangeSerializer,
        responses=UserSerializer,
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        user = self.get_object()
        asked = UserChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        fields = dict(asked.validated_data)
        user = set_user_active(
            user=user, active=fields.pop("is_active"), actor=person(request), **fields
        )
        return Response(UserSerializer(user).data)

    @extend_schema(
        summary="Make accounts from a table: all or none",
        description="The table is text/csv with the columns username, name, email, role, team, password (all but the "
        "first optional), or JSON rows with the same names. Whoever has no password gets a one-time one, which only "
        "this answer holds. Mistakes are named by line (position in JSON) and field.",
        parameters=[
            OpenApiParameter("workspace", OpenApiTypes.INT, description="With text/csv: where to."),
            OpenApiParameter(
                "dry_run", OpenApiTypes.BOOL, description="With text/csv: check, and make nothing."
            ),
        ],
        request={"application/json": ImportSerializer, "text/csv": OpenApiTypes.STR},
        responses={200: ImportedSerializer, 201: ImportedSerializer},
    )
    def import_table(self, request: Request) -> Response:
        if isinstance(request.data, str):
            workspace = asked_workspace(request)
            if workspace is None:
                raise Invalid.field("workspace", _("Choose a workspace."))
            require(request.user, "members.invite", workspace)
            rows = read_csv(request.data)
            dry_run = request.query_params.get("dry_run", "").lower() in ("1", "true", "yes")
        else:
            asked = ImportSerializer(data=request.data)
            asked.is_valid(raise_exception=True)
            fields = asked.validated_data
            workspace = workspace_or_404(request.user, fields["workspace"])
            require(request.user, "members.invite", workspace)
            rows = read_rows(fields["rows"])
            dry_run = fields["dry_run"]
        made = import_accounts(
            workspace=workspace, actor=person(request), rows=rows, dry_run=dry_run
        )
        body = {"dry_run": dry_run, "count": len(made), "accounts": [_account(one) for one in made]}
        response = Response(body, status=status.HTTP_200_OK if dry_run else status.HTTP_201_CREATED)
        response["Cache-Control"] = "no-store"
        return response

    @extend_schema(
        summary="Give a person a one-time password",
        description="They choose another when they sign in; their sessions and tokens end. Only this answer holds it.",
        request=None,
        responses=OneTimePasswordSerializer,
    )
    def reset(self, request: Request, pk: str) -> Response:
        password = reset_password(user=self.get_object(), actor=person(request))
        response = Response({"password": password})
        response["Cache-Control"] = "no-store"
        return response


def _account(made: Account) -> dict[str, Any]:
    return {
        "id": made.user.pk,
        "username": made.user.username,
        "name": made.user.name,
        "email": made.user.email,
        "role": made.role,
        "team": made.team.pk if made.team else None,
        "password": made.password or None,
    }
