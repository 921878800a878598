"""The guide of a job: read and confirmed by its members, written by its task administrators."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.generics import get_object_or_404
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.viewsets import GenericViewSet

from accounts.models import User
from itag.core.errors import Invalid
from itag.web.pagination import KeysetPagination
from itag.web.parsers import JSONParser
from jobs.api import talk_serializers as shapes
from jobs.models import Guide, Job
from jobs.selectors.guide import file_address, find_guide, guide_payload, readers, with_authors
from jobs.services import guide as guides
from jobs.services.guide_files import MAX_PDF_BYTES, add_picture
from jobs.services.members import job_members, people_of

#: A PDF and the fields beside it.
MAX_BODY = MAX_PDF_BYTES + 2**20


class ByVersion(KeysetPagination):
    """The newest version first."""

    ordering = "-version"


class BoundedUpload(TemporaryFileUploadHandler):
    """Files into the temporary folder, a body larger than MAX_BODY not at all."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, str],
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        if content_length > MAX_BODY:
            raise RequestDataTooBig("The body is larger than a guide may be.")
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        if self.received > MAX_BODY:
            raise RequestDataTooBig("The files are larger than a guide may be.")
        super().receive_data_chunk(raw_data, start)


class _OfJob(GenericViewSet[Any]):
    """Something of one job's guide: the rule is asked before a body is read."""

    queryset = Guide.objects.none()
    serializer_class: Any = shapes.GuideSerializer
    filter_backends = ()
    parser_classes = [JSONParser, MultiPartParser]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method in ("PUT", "POST"):
            request.upload_handlers = [BoundedUpload(request)]  # type: ignore[assignment]
        return super().dispatch(request, *args, **kwargs)

    def handle_exception(self, exc: Exception) -> Any:
        if isinstance(exc, RequestDataTooBig):
            exc = Invalid.field("file", _("At most %(n)d MB at once.") % {"n": MAX_BODY >> 20})
        return super().handle_exception(exc)

    def job(self) -> Job:
        job = get_object_or_404(
            Job.objects.alive().select_related("workspace"), pk=self.kwargs["pk"]
        )
        self.check_object_permissions(self.request, job)
        return job


class GuideViewSet(_OfJob):
    """The guide."""

    rules = {
        "retrieve": "guides.view",
        "update": "guides.edit",
        "confirm": "guides.view",
        "confirmations": "jobs.assign",
        "upload": "guides.edit",
    }

    @extend_schema(
        summary="The job's guide",
        parameters=[OpenApiParameter("version", int, description="Without: the one in force.")],
        responses={200: shapes.GuideSerializer},
    )
    def retrieve(self, request: Request, pk: int) -> Response:
        job = self.job()
        found = find_guide(job, _version(request.query_params.get("version")))
        return Response(self._json(job, found))

    @extend_schema(
        summary="Publish the guide's next version",
        description=(
            "Everybody in the job confirms it before their next claim. A text may show pictures that were uploaded "
            "to the job's guide, as `![text](guide:<name>)`, and no others. HTML in it is shown as text."
        ),
        request={
            "application/json": shapes.GuideWriteSerializer,
            "multipart/form-data": shapes.GuideWriteSerializer,
        },
        responses={200: shapes.GuideSerializer},
    )
    def update(self, request: Request, pk: int) -> Response:
        job = self.job()
        fields = _valid(shapes.GuideWriteSerializer, request)
        file = fields.pop("file", None)
        if (file is None) == ("markdown" not in fields):
            raise Invalid.field("markdown", _("Send a text or a PDF."))
        if file is None:
            made = guides.publish_guide(job=job, user=_user(request), **fields)
        else:
            fields.pop("markdown", None)
            made = guides.publish_pdf(
                job=job, user=_user(request), file=file, size=file.size, **fields
            )
        return Response(self._json(job, made))

    @extend_schema(
        summary="Confirm that you have read the guide",
        description="Another version than the one in force is 409 `guide` with the `version`.",
        request=shapes.ConfirmSerializer,
        responses={200: shapes.ConfirmedSerializer},
    )
    def confirm(self, request: Request, pk: int) -> Response:
        job = self.job()
        version = _valid(shapes.ConfirmSerializer, request)["version"]
        guides.confirm_guide(job=job, user=_user(request), version=version)
        return Response({"version": version, "confirmed": True})

    @extend_schema(
        summary="Who has confirmed the guide in force, and who has not",
        responses={200: shapes.ReadersSerializer},
    )
    def confirmations(self, request: Request, pk: int) -> Response:
        job = self.job()
        found = readers(job, _user(request), member_ids(job))
        shown = shapes.ReaderSerializer(found, many=True).data
        return Response({"version": job.guide_version, "results": shown})

    @extend_schema(
        summary="Upload a picture for the guide",
        description="What is kept are its pixels, at most 2,400 on the longer side.",
        request={"multipart/form-data": shapes.PictureUploadSerializer},
        responses={201: shapes.PictureSerializer},
    )
    def upload(self, request: Request, pk: int) -> Response:
        job = self.job()
        file = request.FILES.get("file")
        if file is None:
            raise Invalid.field("file", _("Send a picture."))
        kept = add_picture(job=job, user=_user(request), file=file, size=file.size or 0)  # type: ignore[arg-type]
        return Response(
            {
                "name": kept.name,
                "url": file_address(job.pk, kept.name),
                "markdown": f"![]({guides.PICTURE}{kept.name})",
                "width": kept.width,
                "height": kept.height,
            },
            status=status.HTTP_201_CREATED,
        )

    def _json(self, job: Job, found: Guide | None) -> Any:
        return shapes.GuideSerializer(guide_payload(job, _user(self.request), found)).data


class GuideVersionViewSet(_OfJob):
    """The versions of the guide."""

    serializer_class = shapes.GuideVersionSerializer
    pagination_class = ByVersion
    rules = {"list": "guides.view"}

    @extend_schema(summary="The versions of the job's guide, newest first")
    def list(self, request: Request, pk: int) -> Response:
        job = self.job()
        rows = Guide.objects.filter(job=job).select_related("author").defer("text")
        page = with_authors(self.paginate_queryset(rows) or [], job, _user(request))
        return self.get_paginated_response(shapes.GuideVersionSerializer(page, many=True).data)


def member_ids(job: Job) -> set[int]:
    """The ids of everybody with a stage or the management of the job."""
    return set().union(*people_of(job_members(job), job.workspace).values())


def _version(text: str | None) -> int | None:
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise Invalid.field("version", _("A number is expected."))
    return int(text)


def _user(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user


def _valid(serializer: type[Serializer[Any]], request: Request) -> dict[str, Any]:
    checked = serializer(data=request.data)
    checked.is_valid(raise_exception=True)
    return dict(checked.validated_data)
