"""What managers do with jobs as a whole and with single packages or many."""

from collections.abc import Callable
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.viewsets import GenericViewSet

from accounts.models import User
from itag.core.errors import Invalid
from itag.core.policy import require
from jobs.api import verb_serializers as shapes
from jobs.api.job_serializers import JobSerializer
from jobs.models import Annotation, Assignment, Job, JobEvent, Package
from jobs.selectors.center import jobs_for_list
from jobs.services import append, correct, lifecycle, manage, split, transfer
from jobs.services.clone import clone_fields
from jobs.services.members import job_members, people_of

#: What may be done in bulk by those who assign; all else needs the management of the job.
ASSIGNING = ("transfer", "release", "extend", "offer")


class _Verbs(GenericViewSet[Any]):
    """The job is looked up among what the person may see, and the action's rule is asked of it."""

    queryset = Job.objects.none()
    serializer_class: Any = JobSerializer
    filter_backends = ()

    def job(self) -> Job:
        jobs = Job.objects.alive().visible_to(self.request.user).select_related("workspace")
        return self._asked(jobs)

    def _asked(self, jobs: Any) -> Job:
        job: Job = get_object_or_404(jobs, pk=self.kwargs["pk"])
        self.check_object_permissions(self.request, job)
        return job

    def user(self) -> User:
        assert isinstance(self.request.user, User)
        return self.request.user

    def valid(self, serializer: type[Serializer[Any]]) -> dict[str, Any]:
        checked = serializer(data=self.request.data)
        checked.is_valid(raise_exception=True)
        return dict(checked.validated_data)


class JobVerbViewSet(_Verbs):
    """What is done with a job as a whole; done twice, the second time changes nothing."""

    rules = {
        **dict.fromkeys(
            ("pause", "resume", "offline", "online", "archive", "unarchive", "clone", "events"),
            "jobs.manage",
        ),
        "append": "jobs.manage",
        "retry": "jobs.manage",
        "close_batch": "jobs.manage",
        "restore": "jobs.delete",
    }

    def _do(self, service: Callable[..., Any]) -> Response:
        service(job=self.job(), user=self.user())
        return self._shown()

    def _shown(self) -> Response:
        job = jobs_for_list(Job.objects.filter(pk=self.kwargs["pk"])).get()
        return Response(JobSerializer(job, context={"request": self.request}).data)

    @extend_schema(summary="Let nobody take packages; what is held goes on", request=None)
    def pause(self, request: Request, pk: int) -> Response:
        return self._do(lifecycle.pause_job)

    @extend_schema(summary="Let packages be taken again", request=None)
    def resume(self, request: Request, pk: int) -> Response:
        return self._do(lifecycle.resume_job)

    @extend_schema(
        summary="Take the job offline",
        description="Nothing moves and no clock runs; what holders save is still kept.",
        request=None,
    )
    def offline(self, request: Request, pk: int) -> Response:
        return self._do(lifecycle.take_offline)

    @extend_schema(
        summary="Bring the job online",
        description="Every clock of the job is put forward by the time that it was offline.",
        request=None,
    )
    def online(self, request: Request, pk: int) -> Response:
        return self._do(lifecycle.bring_online)

    @extend_schema(summary="Put the job into the archive", request=None)
    def archive(self, request: Request, pk: int) -> Response:
        return self._do(lifecycle.archive_job)

    @extend_schema(summary="Take the job out of the archive", request=None)
    def unarchive(self, request: Request, pk: int) -> Response:
        return self._do(lifecycle.unarchive_job)

    @extend_schema(
        summary="Prepare the packages again, from where it failed",
        description="409 where nothing failed.",
        request=None,
    )
    def retry(self, request: Request, pk: int) -> Response:
        return self._do(split.retry_split)

    @extend_schema(summary="Bring a deleted job back, within 30 days", request=None)
    def restore(self, request: Request, pk: int) -> Response:
        deleted = Job.objects.exclude(deleted_at=None).visible_to(request.user)
        lifecycle.restore_job(job=self._asked(deleted), user=self.user())
        return self._shown()

    @extend_schema(
        summary="Make what the dataset has gained into the job's next batch",
        description="409 with code `nothing_new`, `too_many`, `preparing` or `state` changes nothing.",
        request=None,
        responses={200: shapes.BatchSerializer},
    )
    def append(self, request: Request, pk: int) -> Response:
        batch = append.append_data(job=self.job(), user=self.user())
        return Response(shapes.BatchSerializer(batch).data)

    @extend_schema(
        summary="Offer the last package of a batch although it is not full",
        request=None,
        responses={200: shapes.BatchSerializer},
    )
    def close_batch(self, request: Request, pk: int, number: int) -> Response:
        batch = append.close_batch(job=self.job(), number=number, user=self.user())
        return Response(shapes.BatchSerializer(batch).data)

    @extend_schema(
        summary="A body that would create another job like this one",
        responses={200: shapes.CloneSerializer},
    )
    def clone(self, request: Request, pk: int) -> Response:
        return Response({"job": clone_fields(self.job())})

    @extend_schema(
        summary="What was done to the job as a whole, newest first",
        responses={200: shapes.JobEventSerializer(many=True)},
    )
    def events(self, request: Request, pk: int) -> Response:
        rows = JobEvent.objects.filter(job=self.job()).select_related("actor")
        page = self.paginate_queryset(rows.order_by("-pk"))
        return self.get_paginated_response(shapes.JobEventSerializer(page, many=True).data)


class PackageVerbViewSet(_Verbs):
    """What is done with packages; every reason is kept in their history."""

    serializer_class = shapes.StandSerializer
    rules = {
        "transfer": "jobs.assign",
        "extend": "jobs.assign",
        "bulk": "jobs.assign",
        **dict.fromkeys(
            ("submit", "discard", "restore", "reopen", "correct", "abandon", "adopt"), "jobs.manage"
        ),
    }

    def package(self) -> Package:
        packages = Package.objects.select_related("job")
        return get_object_or_404(packages, job=self.job(), number=self.kwargs["number"])

    def _do(self, service: Callable[..., Any], **fields: Any) -> Response:
        package = self.package()
        service(package=package, user=self.user(), **fields)
        live = Assignment.objects.filter(state__in=Assignment.LIVE).order_by("-round", "-id")
        rows = Prefetch(
            "assignments", live.select_related("holder", "reserved_user"), to_attr="live_rows"
        )
        shown = Package.objects.prefetch_related(rows).get(pk=package.pk)
        return Response(shapes.StandSerializer(shown).data)

    @extend_schema(
        summary="Give a package to somebody else",
        description="It waits for them without end and beyond their limit; what its holder answered is kept.",
        request=shapes.TransferSerializer,
    )
    def transfer(self, request: Request, pk: int, number: int) -> Response:
        fields = self.valid(shapes.TransferSerializer)
        to = _person(self.job(), fields.pop("to"))
        return self._do(transfer.transfer_package, to=to, **fields)

    @extend_schema(summary="Make a claim longer", request=shapes.ExtendSerializer)
    def extend(self, request: Request, pk: int, number: int) -> Response:
        return self._do(transfer.extend_claim, **self.valid(shapes.ExtendSerializer))

    @extend_schema(
        summary="Submit what an absent holder has finished",
        description="What is unfinished is 409 `incomplete` with the positions.",
        request=shapes.WhyOfVoteSerializer,
    )
    def submit(self, request: Request, pk: int, number: int) -> Response:
        return self._do(transfer.submit_for, **self.valid(shapes.WhyOfVoteSerializer))

    @extend_schema(
        summary="Set a package aside: it is not worked on, exported or counted as open",
        request=shapes.WhySerializer,
    )
    def discard(self, request: Request, pk: int, number: int) -> Response:
        return self._do(manage.discard_package, **self.valid(shapes.WhySerializer))

    @extend_schema(summary="Take a discarded package back", request=shapes.WhySerializer)
    def restore(self, request: Request, pk: int, number: int) -> Response:
        return self._do(manage.restore_package, **self.valid(shapes.WhySerializer))

    @extend_schema(summary="Open a finished package again", request=shapes.ReopenSerializer)
    def reopen(self, request: Request, pk: int, number: int) -> Response:
        return self._do(manage.reopen_package, **self.valid(shapes.ReopenSerializer))

    @extend_schema(
        summary="Do one thing with many packages",
        description="Each in a transaction of its own; `confirm` is the number of packages, as typed.",
        request=shapes.BulkSerializer,
        responses={200: shapes.ChangedSerializer},
    )
    def bulk(self, request: Request, pk: int) -> Response:
        job, fields = self.job(), self.valid(shapes.BulkSerializer)
        if fields["verb"] not in ASSIGNING:
            require(request.user, "jobs.manage", job)
        if fields["to"] is not None:
            fields["to"] = _person(job, fields["to"])
        return Response(manage.change_packages(job=job, user=self.user(), **fields))

    @extend_schema(
        summary="Correct the answer of an item that is in force",
        request=shapes.CorrectSerializer,
        responses={200: shapes.CorrectedSerializer},
    )
    def correct(self, request: Request, pk: int, number: int, position: int) -> Response:
        return self._corrected(correct.correct_item, self.valid(shapes.CorrectSerializer))

    @extend_schema(
        summary="Say that an item cannot be labeled, as a manager",
        request=shapes.WhySerializer,
        responses={200: shapes.CorrectedSerializer},
    )
    def abandon(self, request: Request, pk: int, number: int, position: int) -> Response:
        return self._corrected(correct.abandon_item_by_manager, self.valid(shapes.WhySerializer))

    @extend_schema(
        summary="Decide between the votes on an item, as a manager",
        request=shapes.AdoptAsManagerSerializer,
        responses={200: shapes.CorrectedSerializer},
    )
    def adopt(self, request: Request, pk: int, number: int, position: int) -> Response:
        fields = self.valid(shapes.AdoptAsManagerSerializer)
        return self._corrected(correct.adopt_by_manager, fields)

    def _corrected(self, service: Callable[..., Annotation], fields: dict[str, Any]) -> Response:
        position = self.kwargs["position"]
        row = service(package=self.package(), position=position, user=self.user(), **fields)
        return Response(
            {
                "position": position,
                "results": row.results,
                "abandoned": row.abandoned,
                "reason": row.reason,
            }
        )


def _person(job: Job, pk: int) -> User:
    """The person with this id, who works in the job; whether they may take the package says the service.

    Anybody else is as unknown as a number that nobody has: the service's refusal names the person.
    """
    people = people_of(job_members(job), job.workspace)
    working = set().union(*(people[stage] for stage in job.stages))
    found = User.objects.filter(pk=pk).first() if pk in working else None
    if found is None:
        raise Invalid.field("to", _("Choose somebody who works in this stage of the job."))
    return found
