"""The packages of a job, what nobody can take, and an item with all that was said of it, for those who manage them."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from itag.web.pagination import OldestFirst
from jobs.api.job_filters import PackageListQuery, checked
from jobs.api.job_serializers import ReleaseSerializer
from jobs.api.job_views import OfJob, linked, object_of, user_of
from jobs.api.package_serializers import (
    BlockedSerializer,
    PackageRowDetailSerializer,
    PackageRowSerializer,
    SaidSerializer,
)
from jobs.models import Assignment, Job, Package, PackageItem
from jobs.models.talk import led_jobs
from jobs.selectors.history import item_columns
from jobs.selectors.packages import (
    PackageQuery,
    blocked_slots,
    package_row,
    packages_page,
)
from jobs.selectors.votes import package_events, require_sight
from jobs.services.release import manager_release


class PackageViewSet(OfJob):
    """The packages of a job."""

    queryset = Package.objects.none()
    serializer_class = PackageRowSerializer
    rules = {"list": "jobs.assign", "retrieve": "jobs.assign", "release": "jobs.assign"}

    @extend_schema(
        summary="The packages of a job by number, without discarded ones unless asked for",
        parameters=[PackageListQuery],
        responses={200: PackageRowSerializer(many=True)},
    )
    def list(self, request: Request, pk: int) -> Response:
        job = self.job()
        asked = checked(PackageListQuery, request.query_params)
        page = packages_page(
            job,
            PackageQuery.from_query(request.query_params.dict()),
            after=asked.get("after", 0),
            before=asked.get("before", 0),
            limit=asked["limit"],
        )
        return Response(
            linked(
                request,
                PackageRowSerializer(page.rows, many=True, context={"job": job}).data,
                previous={"before": page.before} if page.before else None,
                following={"after": page.after} if page.after else None,
            )
        )

    @extend_schema(
        summary="A package with its history", responses={200: PackageRowDetailSerializer}
    )
    def retrieve(self, request: Request, pk: int, number: int) -> Response:
        return self._detail(self.job(), number)

    @extend_schema(
        summary="Take a package from its holder, so that others may claim it",
        request=ReleaseSerializer,
        responses={200: PackageRowDetailSerializer},
    )
    def release(self, request: Request, pk: int, number: int) -> Response:
        job = self.job()
        package = get_object_or_404(Package, job=job, number=number)
        reason = object_of(request.data).get("reason", "")
        manager_release(
            package=package,
            user=user_of(request),
            reason=reason if isinstance(reason, str) else "",
        )
        return self._detail(job, number)

    def _detail(self, job: Job, number: int) -> Response:
        package = get_object_or_404(Package, job=job, number=number)
        events = package_events(user_of(self.request), package, job)
        context: dict[str, Any] = {"job": job, "events": events}
        return Response(PackageRowDetailSerializer(package_row(job, number), context=context).data)


class BlockedViewSet(GenericViewSet[Assignment]):
    """What nobody can take in all jobs in which you assign people."""

    queryset = Assignment.objects.none()
    serializer_class = BlockedSerializer
    pagination_class = OldestFirst
    filter_backends = ()
    rules = {"list": "signed_in"}

    @extend_schema(summary="What nobody can take in the jobs whose people you assign, with reasons")
    def list(self, request: Request) -> Response:
        jobs = Job.objects.alive().filter(pk__in=led_jobs(request.user), archived_at=None)
        page = self.paginate_queryset(blocked_slots(jobs))
        return self.get_paginated_response(BlockedSerializer(page, many=True).data)


class JobBlockedViewSet(OfJob):
    """What nobody can take in one job."""

    queryset = Assignment.objects.none()
    serializer_class = BlockedSerializer
    pagination_class = OldestFirst
    rules = {"list": "jobs.assign"}

    @extend_schema(summary="What nobody can take in a job, with reasons")
    def list(self, request: Request, pk: int) -> Response:
        page = self.paginate_queryset(blocked_slots([self.job().pk]))
        return self.get_paginated_response(BlockedSerializer(page, many=True).data)


class ItemHistoryViewSet(OfJob):
    """An item of a package in all its rounds and stages."""

    queryset = PackageItem.objects.none()
    serializer_class = SaidSerializer
    rules = {"list": "jobs.manage"}

    @extend_schema(
        summary="Everything that was said of an item, in words, with the differences marked",
        responses={200: SaidSerializer(many=True)},
    )
    def list(self, request: Request, pk: int, number: int, position: int) -> Response:
        job = self.job()
        item = get_object_or_404(
            PackageItem.objects.select_related("package"),
            package__job=job,
            package__number=number,
            position=position,
        )
        require_sight(user_of(request), item.package, job)
        return Response(SaidSerializer(item_columns(job, item), many=True).data)
