"""Label templates: read by those who see them, made and changed by those who create in their workspace."""

from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.viewsets import GenericViewSet

from accounts.api.views import workspace_or_404
from accounts.context import person
from accounts.models import Workspace
from itag.core.errors import Invalid
from itag.core.policy import require
from itag.web.files import tame
from itag.web.pagination import OldestFirst
from itag.web.renderers import JSONRenderer
from templates_app.api.serializers import (
    ArchiveSerializer,
    CloneSerializer,
    FaultsSerializer,
    LabelTemplateContentSerializer,
    LabelTemplateCreateSerializer,
    LabelTemplateFileSerializer,
    LabelTemplateSerializer,
    ShareSerializer,
)
from templates_app.models import LabelTemplate, LabelTemplateQuerySet
from templates_app.services import library
from templates_app.services.files import MAX_FILE, read_file, template_file


class LabelTemplateFilter(filters.FilterSet):
    """`?key=`, `?category=`, `?workspace=` (that workspace's own; without it all that one sees), `?archived=true`."""

    workspace = filters.NumberFilter(field_name="workspace_id")
    archived = filters.BooleanFilter(field_name="archived_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = LabelTemplate
        fields = ("key", "category")


class LabelTemplateViewSet(GenericViewSet[LabelTemplate]):
    """Label templates: the newest version of each in the list, any version by its id."""

    rules = {
        "list": "signed_in",
        "retrieve": "templates.view",
        "create": "templates.create",
        "partial_update": "templates.change",
        "share": "templates.share",
        "archive": "templates.archive",
        "clone": "templates.view",
        "file": "templates.view",
        "read": "templates.create",
        "check": "signed_in",
    }
    queryset = LabelTemplate.objects.none()
    serializer_class = LabelTemplateSerializer
    pagination_class = OldestFirst
    filterset_class = LabelTemplateFilter

    def get_queryset(self) -> Any:
        found: LabelTemplateQuerySet = LabelTemplate.objects.visible_to(self.request.user)
        if self.action != "list":
            return found
        # Without a word about the archive what lies in it is left out.
        found = found.latest()
        return found if "archived" in self.request.query_params else found.filter(archived_at=None)

    @extend_schema(summary="Label templates that you may see: the newest version of each")
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(LabelTemplateSerializer(page, many=True).data)

    @extend_schema(summary="One version of a label template")
    def retrieve(self, request: Request, pk: int) -> Response:
        return _shown(self.get_object())

    @extend_schema(
        summary="Make a label template",
        request=LabelTemplateCreateSerializer,
        responses={201: LabelTemplateSerializer},
    )
    def create(self, request: Request) -> Response:
        workspace = self._workspace(request)
        made = library.create_template(
            workspace=workspace, user=person(request), **_content(request.data)
        )
        return _shown(made, status.HTTP_201_CREATED)

    @extend_schema(
        summary="Make the next version of a label template",
        description=(
            "What is not given is as in this version. Jobs keep the version that they were made with. 409 with "
            "`code` `superseded` and the newest one's id as `latest` where this is not the newest version."
        ),
        request=LabelTemplateContentSerializer,
    )
    def partial_update(self, request: Request, pk: int) -> Response:
        return _shown(
            library.save_version(
                template=self.get_object(), user=person(request), **_content(request.data)
            )
        )

    @extend_schema(
        summary="Share a label template with everybody, or with its workspace alone",
        description=(
            "With everybody: every person who can sign in to this installation sees its name, description, "
            "components, questions and labels, and makes jobs with it. Its workspace's people, datasets and jobs "
            "stay unseen."
        ),
        request=ShareSerializer,
        responses=LabelTemplateSerializer,
    )
    def share(self, request: Request, pk: int) -> Response:
        template = self.get_object()
        shared = _valid(ShareSerializer, request)["shared"]
        return _shown(library.share_template(template=template, shared=shared))

    @extend_schema(
        summary="Put a label template into the archive, or take it out again",
        request=ArchiveSerializer,
        responses=LabelTemplateSerializer,
    )
    def archive(self, request: Request, pk: int) -> Response:
        template = self.get_object()
        archived = _valid(ArchiveSerializer, request)["archived"]
        return _shown(library.archive_template(template=template, archived=archived))

    @extend_schema(
        summary="Copy a label template into a workspace",
        request=CloneSerializer,
        responses={201: LabelTemplateSerializer},
    )
    def clone(self, request: Request, pk: int) -> Response:
        template = self.get_object()
        fields = _valid(CloneSerializer, request)
        workspace = workspace_or_404(request.user, fields["workspace"])
        require(request.user, "templates.create", workspace)
        made = library.clone_template(
            template=template,
            workspace=workspace,
            user=person(request),
            language=_language(),
            name=fields.get("name", "").strip(),
        )
        return _shown(made, status.HTTP_201_CREATED)

    @extend_schema(summary="A label template as a file", responses=LabelTemplateFileSerializer)
    def file(self, request: Request, pk: int) -> HttpResponseBase:
        template = self.get_object()
        content = JSONRenderer().render(template_file(template, _language()))
        name = f"{template.title}.label-template.json"
        return tame(HttpResponse(content), "application/json", "no-store", name)

    @extend_schema(
        summary="Make a label template from a file",
        description="The body is what the file holds, at most 1 MB.",
        parameters=[OpenApiParameter("workspace", int, required=True)],
        request=LabelTemplateFileSerializer,
        responses={201: LabelTemplateSerializer},
    )
    def read(self, request: Request) -> Response:
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_FILE:
            raise Invalid(_("The file is larger than 1 MB."), code="too_large")
        workspace = self._workspace(request, request.query_params)
        made = read_file(workspace=workspace, user=person(request), value=request.data)
        return _shown(made, status.HTTP_201_CREATED)

    @extend_schema(
        summary="What would keep a label template from being saved",
        request=LabelTemplateContentSerializer,
        responses=FaultsSerializer,
    )
    def check(self, request: Request) -> Response:
        try:
            library.check_content(_content(request.data))
        except Invalid as found:
            return Response({"errors": found.errors})
        return Response({"errors": []})

    def _workspace(self, request: Request, given: Any = None) -> Workspace:
        """The workspace that is named, if the person may make templates in it."""
        if given is None:
            given = request.data if isinstance(request.data, dict) else {}
        text = str(given.get("workspace", ""))
        if not text.isascii() or not text.isdecimal() or len(text) > 18:
            raise Invalid.field("workspace", _("This is not a number."))
        workspace = workspace_or_404(request.user, int(text))
        require(request.user, "templates.create", workspace)
        return workspace


def _content(data: Any) -> dict[str, Any]:
    """What the body says of a version."""
    if not isinstance(data, dict):
        raise Invalid(_("An object is expected."))
    return {name: data[name] for name in library.CONTENT if name in data}


def _valid(serializer: type[Serializer[Any]], request: Request) -> dict[str, Any]:
    found = serializer(data=request.data)
    found.is_valid(raise_exception=True)
    return dict(found.validated_data)


def _language() -> str:
    return get_language() or "en"


def _shown(template: LabelTemplate, code: int = status.HTTP_200_OK) -> Response:
    return Response(LabelTemplateSerializer(template).data, status=code)
