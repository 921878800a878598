"""Departures: what somebody holds, letting them go, and what those who are gone have left."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.api.views import asked_workspace, workspace_or_404
from accounts.context import person
from accounts.models import Membership, User, Workspace
from itag.core.errors import Invalid
from itag.core.policy import require
from itag.web.pagination import OldestFirst
from jobs.models import Assignment, Stage
from jobs.selectors.leavers import left_behind
from jobs.selectors.people import held_by
from jobs.services.leaving import ACTIONS, CLOSE, KEEP, WAYS, Choice, Settled, leave, settle

#: Packages that one call decides on by name.
MOST = 1000


class HeldSerializer(serializers.ModelSerializer[Assignment]):
    """A package that somebody holds (`state` claimed), or that waits or is blocked, reserved for them alone."""

    job = serializers.IntegerField(source="job_id")
    job_name = serializers.CharField(source="job.name")
    package = serializers.IntegerField(source="number")
    stage = serializers.ChoiceField(choices=Stage.choices)
    person = serializers.SerializerMethodField()

    class Meta:
        model = Assignment
        fields = [
            "id", "job", "job_name", "package", "stage", "round", "vote", "state", "is_return",
            "person", "claimed_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_person(self, row: Assignment) -> int | None:
        return row.holder_id or row.reserved_user_id


class ChoiceSerializer(serializers.Serializer):
    """What becomes of a package; `to` is the person who gets it."""

    action = serializers.ChoiceField(ACTIONS)
    to = serializers.IntegerField(required=False, allow_null=True, default=None)


class RowChoiceSerializer(ChoiceSerializer):
    assignment = serializers.IntegerField()


class LeaveSerializer(serializers.Serializer):
    """`way`: no rights in the workspace, out of it, or the account closed everywhere; `rows` differ from `default`."""

    way = serializers.ChoiceField(WAYS)
    default = ChoiceSerializer()
    rows = serializers.ListField(
        child=RowChoiceSerializer(), required=False, default=list, max_length=MOST
    )


class SettleSerializer(serializers.Serializer):
    rows = serializers.ListField(child=RowChoiceSerializer(), max_length=MOST)


class SettledSerializer(serializers.Serializer):
    """How many packages went which way."""

    released = serializers.IntegerField()
    transferred = serializers.IntegerField()
    kept = serializers.IntegerField()


class LeaverViewSet(GenericViewSet[Assignment]):
    """What a member holds, and letting them go."""

    queryset = Assignment.objects.none()
    serializer_class = HeldSerializer
    pagination_class = OldestFirst
    filter_backends = ()
    rules = {"list": "members.list", "leave": "members.change"}

    def _membership(self) -> Membership:
        workspace = workspace_or_404(self.request.user, self.kwargs["workspace"])
        require(self.request.user, "members.list", workspace)
        rows = Membership.objects.visible_to(self.request.user).for_list()
        return get_object_or_404(rows.filter(workspace=workspace), user=self.kwargs["user"])

    @extend_schema(
        summary="What a member holds or has reserved in the workspace",
        operation_id="workspaces_members_held_list",
    )
    def list(self, request: Request, workspace: int, user: int) -> Response:
        found = self._membership()
        page = self.paginate_queryset(held_by(found.user, found.workspace))
        return self.get_paginated_response(HeldSerializer(page, many=True).data)

    @extend_schema(
        summary="Deactivate or remove a member, or close the account",
        description="All or nothing: `errors` names the packages that the chosen person may not take, by "
        "`rows.<assignment>`. What is kept is listed at /held.",
        request=LeaveSerializer,
        responses=SettledSerializer,
    )
    def leave(self, request: Request, workspace: int, user: int) -> Response:
        found = self._membership()
        asked = LeaveSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        fields = asked.validated_data
        if fields["way"] == CLOSE:
            require(request.user, "users.change", found.user)
        else:
            require(request.user, "members.change", found)
        people = _people(request.user, [fields["default"], *fields["rows"]])
        settled = leave(
            user=found.user,
            workspace=found.workspace,
            actor=person(request),
            way=fields["way"],
            default=_choice(fields["default"], people),
            rows={row["assignment"]: _choice(row, people) for row in fields["rows"]},
        )
        return Response(_json(settled))


class HeldViewSet(GenericViewSet[Assignment]):
    """What people who are gone still hold or have reserved in jobs that you lead."""

    queryset = Assignment.objects.none()
    serializer_class = HeldSerializer
    pagination_class = OldestFirst
    filter_backends = ()
    rules = {"list": "signed_in", "settle": "signed_in"}

    def _workspace(self) -> Workspace:
        workspace = asked_workspace(self.request)
        if workspace is None:
            raise Invalid.field("workspace", _("Choose a workspace."))
        return workspace

    @extend_schema(
        summary="Packages to be reassigned",
        parameters=[OpenApiParameter("workspace", OpenApiTypes.INT, required=True)],
    )
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(left_behind(person(request), self._workspace()))
        return self.get_paginated_response(HeldSerializer(page, many=True).data)

    @extend_schema(
        summary="Release or reassign some of them, all or nothing",
        parameters=[OpenApiParameter("workspace", OpenApiTypes.INT, required=True)],
        request=SettleSerializer,
        responses=SettledSerializer,
    )
    def settle(self, request: Request) -> Response:
        workspace = self._workspace()
        asked = SettleSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data["rows"]
        people = _people(request.user, given)
        rows = {row["assignment"]: _choice(row, people) for row in given}
        slots = left_behind(person(request), workspace).filter(pk__in=rows)
        settled = settle(slots=slots, actor=person(request), default=Choice(KEEP), rows=rows)
        return Response(_json(settled))


def _people(viewer: Any, choices: list[dict[str, Any]]) -> dict[int, User]:
    ids = {choice["to"] for choice in choices if choice["to"] is not None}
    return User.objects.visible_to(viewer).filter(is_active=True).in_bulk(ids)


def _choice(fields: dict[str, Any], people: dict[int, User]) -> Choice:
    to = fields["to"]
    if to is not None and to not in people:
        raise Invalid.field("to", _("There is no person %(id)s.") % {"id": to})
    return Choice(fields["action"], people[to] if to is not None else None)


def _json(settled: Settled) -> dict[str, int]:
    return {
        "released": settled.released,
        "transferred": settled.transferred,
        "kept": settled.kept,
    }
