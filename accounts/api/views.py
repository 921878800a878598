"""Tokens, oneself, teams."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.authentication import BaseAuthentication
from rest_framework.generics import get_object_or_404
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from accounts.api.serializers import (
    MeChangeSerializer,
    MeSerializer,
    NewTokenSerializer,
    TeamChangeSerializer,
    TeamSerializer,
    TeamWriteSerializer,
    TokenRequestSerializer,
    TokenSerializer,
)
from accounts.api.throttles import TokenAddressThrottle, TokenThrottle
from accounts.context import person
from accounts.models import ApiToken, Team, User, Workspace
from accounts.services.teams import create_team, update_team
from accounts.services.tokens import create_token, revoke_token, sign_in
from itag.core.errors import Invalid
from itag.core.policy import require

IN_WORKSPACE = OpenApiParameter("workspace", OpenApiTypes.INT, description="Only this workspace's.")


class NoCredentials(BaseAuthentication):
    """For signing in: looks at no credentials, so a stale token or cookie cannot get in the way."""

    def authenticate(self, request: Request) -> None:
        return None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def workspace_or_404(user: Any, pk: Any) -> Workspace:
    """A workspace that the person may know of; whether anything may be done in an archived one, the rules say."""
    return get_object_or_404(Workspace.objects.visible_to(user), pk=pk)


def asked_workspace(request: Request) -> Workspace | None:
    """The workspace of `?workspace=`, or None where it is not given."""
    text = request.query_params.get("workspace", "")
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 18:
        raise Invalid.field("workspace", _("This is not a number."))
    return workspace_or_404(request.user, int(text))


class TokenViewSet(GenericViewSet[ApiToken]):
    """API tokens."""

    queryset = ApiToken.objects.none()
    serializer_class = TokenSerializer
    rules = {"list": "signed_in", "create": "signed_in", "destroy": "tokens.revoke"}

    def get_queryset(self) -> QuerySet[ApiToken]:
        return ApiToken.objects.visible_to(self.request.user)

    def _signing_in(self) -> bool:
        return self.request is not None and self.request.method == "POST"

    def get_authenticators(self) -> Any:
        return [NoCredentials()] if self._signing_in() else super().get_authenticators()

    def get_permissions(self) -> Any:
        return [AllowAny()] if self._signing_in() else super().get_permissions()

    def get_throttles(self) -> Any:
        return [TokenThrottle(), TokenAddressThrottle()] if self._signing_in() else []

    @extend_schema(summary="Your tokens, without their secrets")
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(TokenSerializer(page, many=True).data)

    @extend_schema(
        summary="Sign in for a token of 12 hours",
        description="The only call that needs no credentials. Its answer is the only one that holds the secret.",
        request=TokenRequestSerializer,
        responses={201: NewTokenSerializer},
        auth=[],
    )
    def create(self, request: Request) -> Response:
        asked = TokenRequestSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        fields = asked.validated_data
        user = sign_in(username=fields["username"], password=fields["password"])
        token, secret = create_token(user=user, name=fields["name"])
        body = {"id": token.pk, "token": secret, "expires_at": token.expires_at}
        return Response(NewTokenSerializer(body).data, status=status.HTTP_201_CREATED)

    @extend_schema(summary="Revoke a token of yours", responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        revoke_token(token=self.get_object())
        return Response(status=status.HTTP_204_NO_CONTENT)


class Me(APIView):
    """Who is asking."""

    rules = {"get": "signed_in", "patch": "signed_in"}

    @extend_schema(
        summary="You, and the workspaces that you are in", responses=MeSerializer, operation_id="me"
    )
    def get(self, request: Request) -> Response:
        return Response(MeSerializer(person(request)).data)

    @extend_schema(
        summary="Change what you have set for yourself",
        request=MeChangeSerializer,
        responses=MeSerializer,
        operation_id="me_change",
    )
    def patch(self, request: Request) -> Response:
        checked = MeChangeSerializer(person(request), data=request.data, partial=True)
        checked.is_valid(raise_exception=True)
        checked.save()
        return Response(MeSerializer(person(request)).data)


class TeamViewSet(GenericViewSet[Team]):
    """Teams: people who take work together."""

    queryset = Team.objects.none()
    serializer_class = TeamSerializer
    rules = {
        "list": "signed_in",
        "create": "teams.create",
        "retrieve": "teams.view",
        "partial_update": "teams.change",
    }

    def get_queryset(self) -> QuerySet[Team]:
        return Team.objects.visible_to(self.request.user).for_list()

    @extend_schema(summary="Teams that you may see", parameters=[IN_WORKSPACE])
    def list(self, request: Request) -> Response:
        teams = self.get_queryset()
        workspace = asked_workspace(request)
        if workspace is not None:
            teams = teams.filter(workspace=workspace)
        page = self.paginate_queryset(teams)
        return self.get_paginated_response(TeamSerializer(page, many=True).data)

    @extend_schema(
        summary="Make a team", request=TeamWriteSerializer, responses={201: TeamSerializer}
    )
    def create(self, request: Request) -> Response:
        asked = TeamWriteSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        fields = asked.validated_data
        workspace = workspace_or_404(request.user, fields["workspace"])
        require(request.user, "teams.create", workspace)
        team = create_team(
            workspace=workspace,
            name=fields["name"],
            members=self._people(fields["members"], "members"),
            leaders=self._people(fields["leaders"], "leaders"),
            is_supplier=fields["is_supplier"],
            actor=person(request),
        )
        return Response(self._json(team), status=status.HTTP_201_CREATED)

    @extend_schema(summary="One team")
    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(TeamSerializer(self.get_object()).data)

    @extend_schema(summary="Change a team", request=TeamChangeSerializer, responses=TeamSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        team = self.get_object()
        asked = TeamChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        fields: dict[str, Any] = dict(asked.validated_data)
        for key in ("members", "leaders"):
            if key in fields:
                fields[key] = self._people(fields[key], key)
        return Response(self._json(update_team(team=team, actor=person(request), **fields)))

    def _people(self, ids: Sequence[int], field: str) -> Sequence[User]:
        """The people of these ids that the caller may see; any other id is an error at the field."""
        found = {
            one.pk: one for one in User.objects.visible_to(self.request.user).filter(pk__in=ids)
        }
        for pk in ids:
            if pk not in found:
                raise Invalid.field(field, _("There is no person %(id)s.") % {"id": pk})
        return [found[pk] for pk in dict.fromkeys(ids)]

    def _json(self, team: Team) -> dict[str, Any]:
        return TeamSerializer(self.get_queryset().get(pk=team.pk)).data
