"""Jobs and their members, for those who manage them."""

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
from itag.core.errors import Invalid, NotFound
from itag.core.policy import require
from jobs.api.job_filters import JobListQuery, checked
from jobs.api.job_serializers import (
    JobChangeSerializer,
    JobSerializer,
    JobWriteSerializer,
    MembersSerializer,
    MembersWriteSerializer,
    PreviewRequestSerializer,
    PreviewSerializer,
    members_json,
)
from jobs.models import Job
from jobs.policies import abilities, sees_stages
from jobs.selectors.center import jobs_for_list
from jobs.selectors.job_list import JobQuery, narrowed, sorted_page
from jobs.selectors.keyset import BadCursor
from jobs.services.jobs import change_job, create_job
from jobs.services.lifecycle import delete_job
from jobs.services.members import job_members, set_members
from jobs.services.plan import pick
from jobs.services.preview import preview_packages


class JobViewSet(GenericViewSet[Job]):
    """Jobs."""

    queryset = Job.objects.none()
    serializer_class = JobSerializer
    filter_backends = ()
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

    @extend_schema(
        summary="Jobs that you may see, newest first or as `sort` says; archived ones only with `archived`",
        parameters=[JobListQuery],
        responses={200: JobSerializer(many=True)},
    )
    def list(self, request: Request) -> Response:
        asked = checked(JobListQuery, request.query_params)
        query = JobQuery.from_query(request.query_params.dict())
        rows = narrowed(self.get_queryset(), query, user_of(request))
        if workspace := asked.get("workspace"):
            rows = rows.filter(workspace=workspace)
        try:
            page = sorted_page(rows, query, limit=asked["limit"], cursor=asked.get("cursor", ""))
        except BadCursor as exc:
            raise NotFound(_("Invalid cursor")) from exc
        context = {
            "request": request,
            "abilities": abilities(request.user, page.rows),
            "watched": sees_stages(request.user, page.rows),
        }
        return Response(
            linked(
                request,
                JobSerializer(page.rows, many=True, context=context).data,
                previous={"cursor": page.previous} if page.previous else None,
                following={"cursor": page.next} if page.next else None,
            )
        )

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
        user, workspace, fields = self._input(request)
        return Response(preview_packages(workspace=workspace, user=user, **fields))

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
        change_job(job=job, user=user_of(request), changes=object_of(request.data))
        return Response(self._json(job))

    @extend_schema(
        summary="Delete a job; it can be restored for 30 days",
        description='The body names the job as it is: `{"name": …}`.',
        responses={204: None},
    )
    def destroy(self, request: Request, pk: int) -> Response:
        name = object_of(request.data).get("name")
        delete_job(job=self.get_object(), user=user_of(request), typed_name=str(name or ""))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _json(self, job: Job) -> Any:
        return JobSerializer(job, context={"request": self.request}).data

    def _input(self, request: Request) -> tuple[User, Workspace, dict[str, Any]]:
        """The person, the workspace that they may create in, and the other fields of the body."""
        fields = object_of(request.data)
        user = user_of(request)
        workspace = pick(
            Workspace.objects.visible_to(user).filter(archived_at=None),
            fields.pop("workspace", None),
        )
        if workspace is None:
            raise Invalid.field("workspace", _("Choose a workspace."))
        require(user, "jobs.create", workspace)
        return user, workspace, fields


class OfJob(GenericViewSet[Any]):
    """Something of one job: the job is looked up among what the person may see, and the rule is asked of it."""

    serializer_class: Any = JobSerializer
    filter_backends = ()

    def job(self) -> Job:
        job = get_object_or_404(
            Job.objects.alive().visible_to(self.request.user), pk=self.kwargs["pk"]
        )
        self.check_object_permissions(self.request, job)
        return job


class JobMembersViewSet(OfJob):
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
        members = object_of(request.data)
        held = members.pop("held", None)
        return Response(
            members_json(set_members(job=job, user=user_of(request), members=members, held=held))
        )


def linked(
    request: Request,
    results: Any,
    *,
    previous: dict[str, Any] | None,
    following: dict[str, Any] | None,
) -> dict[str, Any]:
    """A page of a list with the addresses of those beside it; each names what it begins at."""

    def address(begin: dict[str, Any] | None) -> str | None:
        if begin is None:
            return None
        query = request.query_params.copy()
        for name in ("cursor", "after", "before"):
            query.pop(name, None)
        for name, value in begin.items():
            query[name] = str(value)
        return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")

    return {"next": address(following), "previous": address(previous), "results": results}


def user_of(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user


def object_of(data: Any) -> dict[str, Any]:
    """The body, which must be a JSON object."""
    if not isinstance(data, dict):
        raise Invalid(_("Send a JSON object."))
    return dict(data)
