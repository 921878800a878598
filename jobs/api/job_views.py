"""Jobs, their members and their packages, for those who manage them."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.models import User, Workspace
from itag.core.errors import Invalid
from itag.core.policy import require
from itag.web.pagination import KeysetPagination
from jobs.api.job_filters import JobFilter
from jobs.api.job_serializers import (
    JobChangeSerializer,
    JobSerializer,
    JobWriteSerializer,
    MembersSerializer,
    MembersWriteSerializer,
    PackageDetailSerializer,
    PackageSerializer,
    PreviewRequestSerializer,
    PreviewSerializer,
    ReleaseSerializer,
    members_json,
)
from jobs.models import Job, Package, PackageEvent
from jobs.policies import abilities
from jobs.selectors.center import jobs_for_list, packages_for_list
from jobs.services.jobs import change_job, create_job
from jobs.services.lifecycle import delete_job
from jobs.services.members import job_members, set_members
from jobs.services.plan import pick
from jobs.services.preview import preview_packages
from jobs.services.release import manager_release


class ByNumber(KeysetPagination):
    """Packages by their number."""

    ordering = "number"


class JobViewSet(GenericViewSet[Job]):
    """Jobs."""

    queryset = Job.objects.none()
    serializer_class = JobSerializer
    filterset_class = JobFilter
    rules = {
        "list": "signed_in",
        "create": "jobs.create",
        "preview": "jobs.create",
        "retrieve": "jobs.view",
        "partial_update": "jobs.manage",
        "destroy": "jobs.delete",
    }

    def get_queryset(self) -> QuerySet[Job]:
        return jobs_for_list(Job.objects.alive().visible_to(self.request.user))

    @extend_schema(summary="Jobs that you may see, newest first")
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        context = {"request": request, "abilities": abilities(request.user, page or [])}
        return self.get_paginated_response(JobSerializer(page, many=True, context=context).data)

    @extend_schema(
        summary="Create a job",
        request=JobWriteSerializer,
        responses={201: JobSerializer},
    )
    def create(self, request: Request) -> Response:
        user, workspace, fields = self._input(request)
        job = create_job(user=user, workspace=workspace, **fields)
        shown = self.get_queryset().get(pk=job.pk)
        return Response(self._json(shown), status=status.HTTP_201_CREATED)

    @extend_schema(
        summary="How many packages of which size a job would have",
        request=PreviewRequestSerializer,
        responses={200: PreviewSerializer},
    )
    def preview(self, request: Request) -> Response:
        _user, workspace, fields = self._input(request)
        return Response(preview_packages(workspace=workspace, **fields))

    @extend_schema(summary="One job")
    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(self._json(self.get_object()))

    @extend_schema(
        summary="Change what may be changed of a job: never its dataset, allocation or workflow",
        request=JobChangeSerializer,
        responses={200: JobSerializer},
    )
    def partial_update(self, request: Request, pk: int) -> Response:
        job = self.get_object()
        change_job(job=job, user=_user(request), changes=_object(request.data))
        return Response(self._json(job))

    @extend_schema(
        summary="Delete a job; it can be restored for 30 days",
        description="The body names the job as it is: `{\"name\": …}`.",
        responses={204: None},
    )
    def destroy(self, request: Request, pk: int) -> Response:
        name = _object(request.data).get("name")
        delete_job(job=self.get_object(), user=_user(request), typed_name=str(name or ""))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _json(self, job: Job) -> Any:
        return JobSerializer(job, context={"request": self.request}).data

    def _input(self, request: Request) -> tuple[User, Workspace, dict[str, Any]]:
        """The person, the workspace that they may create in, and the other fields of the body."""
        fields = _object(request.data)
        user = _user(request)
        workspace = pick(
            Workspace.objects.visible_to(user).filter(archived_at=None),
            fields.pop("workspace", None),
        )
        if workspace is None:
            raise Invalid.field("workspace", _("Choose a workspace."))
        require(user, "jobs.create", workspace)
        return user, workspace, fields


class _OfJob(GenericViewSet[Any]):
    """Something of one job: the job is looked up among what the person may see, and the rule is asked of it."""

    serializer_class: Any = JobSerializer
    filter_backends = ()

    def job(self) -> Job:
        job = get_object_or_404(
            Job.objects.alive().visible_to(self.request.user), pk=self.kwargs["pk"]
        )
        self.check_object_permissions(self.request, job)
        return job


class JobMembersViewSet(_OfJob):
    """Who works in the job."""

    queryset = Job.objects.none()
    rules = {"retrieve": "jobs.assign", "update": "jobs.assign"}

    @extend_schema(summary="Who works in which stage", responses={200: MembersSerializer})
    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(members_json(job_members(self.job())))

    @extend_schema(
        summary="Change who works in which stage",
        description=(
            "Names everybody of every role. If people would lose a stage in which they hold packages, the answer is "
            "409 with code `held` until the body says what becomes of these."
        ),
        request=MembersWriteSerializer,
        responses={200: MembersSerializer},
    )
    def update(self, request: Request, pk: int) -> Response:
        job = self.job()
        members = _object(request.data)
        held = members.pop("held", None)
        return Response(
            members_json(set_members(job=job, user=_user(request), members=members, held=held))
        )


class PackageViewSet(_OfJob):
    """The packages of a job."""

    queryset = Package.objects.none()
    serializer_class = PackageSerializer
    pagination_class = ByNumber
    rules = {"list": "jobs.assign", "retrieve": "jobs.assign", "release": "jobs.assign"}

    def package(self) -> Package:
        return get_object_or_404(packages_for_list(self.job()), number=self.kwargs["number"])

    @extend_schema(summary="The packages of a job by number")
    def list(self, request: Request, pk: int) -> Response:
        page = self.paginate_queryset(packages_for_list(self.job()))
        return self.get_paginated_response(PackageSerializer(page, many=True).data)

    @extend_schema(summary="A package with its history", responses={200: PackageDetailSerializer})
    def retrieve(self, request: Request, pk: int, number: int) -> Response:
        return Response(_detail(self.package()))

    @extend_schema(
        summary="Take a package from its holder, so that others may claim it",
        request=ReleaseSerializer,
        responses={200: PackageDetailSerializer},
    )
    def release(self, request: Request, pk: int, number: int) -> Response:
        package = self.package()
        reason = _object(request.data).get("reason", "")
        manager_release(
            package=package, user=_user(request), reason=reason if isinstance(reason, str) else ""
        )
        return Response(_detail(self.package()))


def _detail(package: Package) -> Any:
    package.events_list = list(  # type: ignore[attr-defined]
        PackageEvent.objects.filter(package=package).select_related("actor")
    )
    return PackageDetailSerializer(package).data


def _user(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user


def _object(data: Any) -> dict[str, Any]:
    """The body, which must be a JSON object."""
    if not isinstance(data, dict):
        raise Invalid(_("Send a JSON object."))
    return dict(data)
