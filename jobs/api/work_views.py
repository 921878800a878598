"""Claiming, and the assignments of the person who calls; managers may look."""

from collections.abc import Callable
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.viewsets import GenericViewSet

from accounts.models import User, Workspace
from itag.core.errors import Invalid, NotFound
from itag.core.policy import require
from jobs.api import work_serializers as shapes
from jobs.models import Assignment, Job, Package, Stage
from jobs.selectors.progress import assignment_summary, assignments_of, progress_of
from jobs.selectors.verbs import assignment_verbs
from jobs.selectors.work import (
    MAX_ITEMS,
    assignment_payload,
    find_assignment,
    item_payload,
    items_payload,
    package_item_payload,
    package_items_payload,
)
from jobs.services import answers, inspect, release, submit, votes, withdraw
from jobs.services.claim import Claimed, claim_next, claim_package
from jobs.services.desk import Saved, record_input

_FIRST = OpenApiParameter("first", int, description="The position to begin at; 1 without.")
_LIMIT = OpenApiParameter("limit", int, description=f"At most {MAX_ITEMS}; 20 without.")
_IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="The item's version that the page shows, quoted.",
)


class AssignmentFilter(django_filters.FilterSet):
    """A person's own assignments by state and stage."""

    state = django_filters.ChoiceFilter(
        choices=[
            (state.value, state.label)
            for state in (Assignment.State.CLAIMED, Assignment.State.SUBMITTED)
        ]
    )
    stage = django_filters.ChoiceFilter(choices=Stage.choices)

    class Meta:
        model = Assignment
        fields: list[str] = []


class ClaimViewSet(GenericViewSet[Job]):
    """Taking the next package."""

    queryset = Job.objects.none()
    serializer_class = shapes.ClaimedSerializer
    filter_backends = ()
    rules = {"of_job": "jobs.view", "anywhere": "signed_in"}

    @extend_schema(
        summary="Take the next package of a stage of the job",
        description="At your limit it answers the package that you hold.",
        request=shapes.ClaimSerializer,
        responses={200: shapes.ClaimedSerializer},
    )
    def of_job(self, request: Request, pk: int) -> Response:
        job = get_object_or_404(
            Job.objects.alive().visible_to(request.user).select_related("workspace"), pk=pk
        )
        fields = _valid(shapes.ClaimSerializer, request)
        user = _user(request)
        return _claimed(claim_package(job=job, user=user, stage=fields["stage"]), user)

    @extend_schema(
        summary="Take the next package over all your jobs",
        description="What you hold comes first.",
        request=shapes.ClaimNextSerializer,
        responses={200: shapes.ClaimedSerializer},
    )
    def anywhere(self, request: Request) -> Response:
        fields = _valid(shapes.ClaimNextSerializer, request)
        workspace = None
        if "workspace" in fields:
            workspace = get_object_or_404(
                Workspace.objects.visible_to(request.user), pk=fields["workspace"]
            )
        user = _user(request)
        return _claimed(claim_next(user=user, stage=fields.get("stage"), workspace=workspace), user)


class AssignmentViewSet(GenericViewSet[Assignment]):
    """Assignments: one's own to work on, a managed job's to look at."""

    queryset = Assignment.objects.none()
    serializer_class = shapes.AssignmentSerializer
    filterset_class = AssignmentFilter
    # What changes something asks `assignments.work` only where the service did not find the person's own assignment:
    # a save should not pay for the answer that it is allowed.
    rules = {
        "list": "signed_in",
        "retrieve": "assignments.view",
        "items": "assignments.view",
        "item": "assignments.view",
        "save": "signed_in",
        "abandon": "signed_in",
        "restore": "signed_in",
        "unlock": "signed_in",
        "pass_item": "signed_in",
        "reject_item": "signed_in",
        "adopt": "signed_in",
        "submit": "signed_in",
        "release": "signed_in",
        "skip": "signed_in",
        "withdraw": "signed_in",
        "reject": "signed_in",
        "pass_rest": "signed_in",
        "input": "signed_in",
    }

    def get_queryset(self) -> QuerySet[Assignment]:
        return assignments_of(_user(self.request))

    def seen(self) -> Assignment:
        """The assignment, if the person may see it."""
        assignment = find_assignment(self.kwargs["pk"])
        self.check_object_permissions(self.request, assignment)
        return assignment

    @extend_schema(summary="Packages that you hold or have submitted, newest first")
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        progress, verbs = progress_of(page), assignment_verbs(_user(request), page)
        return self.get_paginated_response(
            [assignment_summary(row, progress[row.pk], verbs[row.pk]) for row in page]
        )

    @extend_schema(
        summary="One assignment with its template and the states of its items",
        responses={200: shapes.AssignmentDetailSerializer},
    )
    def retrieve(self, request: Request, pk: int) -> Response:
        return Response(assignment_payload(self.seen(), _user(request)))

    @extend_schema(
        summary="Items of the assignment in order",
        operation_id="assignments_items_list",
        parameters=[_FIRST, _LIMIT],
        responses={200: shapes.WorkItemsSerializer},
    )
    def items(self, request: Request, pk: int) -> Response:
        first, limit = _window(request.query_params)
        found = items_payload(self.seen(), _user(request), first=first, limit=limit)
        return Response({"results": found})

    @extend_schema(summary="One item of the assignment", responses={200: shapes.WorkItemSerializer})
    def item(self, request: Request, pk: int, position: int) -> Response:
        return Response(item_payload(self.seen(), position, _user(request)))

    @extend_schema(
        summary="Save an item's answer",
        description=(
            "Applies the operations to the answer. In check and acceptance the answer becomes your own and the "
            "verdict `modified`. Another version than the stored one is 409 `version_conflict` with both."
        ),
        parameters=[_IF_MATCH],
        request=shapes.SaveSerializer,
        responses={200: shapes.SavedSerializer},
    )
    def save(self, request: Request, pk: int, position: int) -> Response:
        fields = _valid(shapes.SaveSerializer, request)
        version = _if_match(request)
        return self._saved(answers.save_item, version=version, **fields)

    @extend_schema(
        summary="Say that an item cannot be labeled",
        request=shapes.AbandonSerializer,
        responses={200: shapes.SavedSerializer},
    )
    def abandon(self, request: Request, pk: int, position: int) -> Response:
        return self._saved(answers.abandon_item, **_valid(shapes.AbandonSerializer, request))

    @extend_schema(
        summary="Take back that an item was abandoned",
        request=shapes.WriteSerializer,
        responses={200: shapes.SavedSerializer},
    )
    def restore(self, request: Request, pk: int, position: int) -> Response:
        return self._saved(answers.restore_item, **_valid(shapes.WriteSerializer, request))

    @extend_schema(
        summary="Open an item that was not rejected",
        request=shapes.UnlockSerializer,
        responses={200: shapes.SavedSerializer},
    )
    def unlock(self, request: Request, pk: int, position: int) -> Response:
        return self._saved(answers.unlock_item, **_valid(shapes.UnlockSerializer, request))

    @extend_schema(
        summary="Pass an item",
        request=shapes.WriteSerializer,
        responses={200: shapes.SavedSerializer},
    )
    def pass_item(self, request: Request, pk: int, position: int) -> Response:
        return self._saved(inspect.pass_item, **_valid(shapes.WriteSerializer, request))

    @extend_schema(
        summary="Reject an item",
        request=shapes.RejectSerializer,
        responses={200: shapes.SavedSerializer},
    )
    def reject_item(self, request: Request, pk: int, position: int) -> Response:
        fields = _valid(shapes.RejectSerializer, request)
        return self._saved(inspect.reject_item, object_id=fields.pop("object"), **fields)

    @extend_schema(
        summary="Adopt a vote as the item's answer",
        description="In check and acceptance of packages that several people answered; the verdict is `modified`.",
        request=shapes.AdoptSerializer,
        responses={200: shapes.SavedSerializer},
    )
    def adopt(self, request: Request, pk: int, position: int) -> Response:
        return self._saved(votes.adopt_vote, **_valid(shapes.AdoptSerializer, request))

    @extend_schema(
        summary="Pass every drawn item that has no verdict yet",
        request=None,
        responses={200: shapes.PassedSerializer},
    )
    def pass_rest(self, request: Request, pk: int) -> Response:
        return Response({"passed": self._do(inspect.pass_rest)})

    @extend_schema(
        summary="Submit the package",
        description="What is unfinished is 409 `incomplete` with the positions.",
        request=shapes.SubmitSerializer,
        responses={200: shapes.SubmittedSerializer},
    )
    def submit(self, request: Request, pk: int) -> Response:
        fields = _valid(shapes.SubmitSerializer, request)
        return Response(self._do(submit.submit_assignment, return_to=fields["return_to"] or None))

    @extend_schema(
        summary="Reject the package as a whole",
        description="Ends the inspection at once; every item is open again.",
        request=shapes.RejectPackageSerializer,
        responses={200: shapes.SubmittedSerializer},
    )
    def reject(self, request: Request, pk: int) -> Response:
        fields = _valid(shapes.RejectPackageSerializer, request)
        return Response(
            self._do(
                submit.reject_package,
                feedback=fields["feedback"],
                return_to=fields["return_to"] or None,
            )
        )

    @extend_schema(
        summary="Give the package back",
        request=shapes.ReasonSerializer,
        responses={200: shapes.ReleasedSerializer},
    )
    def release(self, request: Request, pk: int) -> Response:
        self._do(
            release.release_assignment, reason=_valid(shapes.ReasonSerializer, request)["reason"]
        )
        return Response({"state": Assignment.State.RELEASED.value})

    @extend_schema(
        summary="Pass the package over for another one",
        description="Draws on the same allowance as giving it back.",
        request=shapes.ReasonSerializer,
        responses={200: shapes.ReleasedSerializer},
    )
    def skip(self, request: Request, pk: int) -> Response:
        self._do(release.skip_assignment, reason=_valid(shapes.ReasonSerializer, request)["reason"])
        return Response({"state": Assignment.State.SKIPPED.value})

    @extend_schema(
        summary="Take a submission back",
        description="Until the next stage has claimed it; answers the assignment in which you go on.",
        request=None,
        responses={200: shapes.AssignmentSerializer},
    )
    def withdraw(self, request: Request, pk: int) -> Response:
        following = self._do(withdraw.withdraw_assignment)
        return Response(_summary(following, _user(request)))

    @extend_schema(
        summary="Say that you are at work",
        request=shapes.InputSerializer,
        responses={200: shapes.TouchedSerializer},
    )
    def input(self, request: Request, pk: int) -> Response:
        _valid(shapes.InputSerializer, request)
        return Response({"expires_at": self._do(record_input)})

    def _saved(self, service: Callable[..., Saved], **fields: Any) -> Response:
        return Response(self._do(service, position=self.kwargs["position"], **fields))

    def _do(self, service: Callable[..., Any], **fields: Any) -> Any:
        """Call the service; where it finds nothing of the person's, say why as far as they may know."""
        user, pk = _user(self.request), self.kwargs["pk"]
        try:
            return service(assignment_id=pk, user=user, **fields)
        except NotFound:
            require(user, "assignments.work", find_assignment(pk))
            raise


class PackageItemViewSet(GenericViewSet[Package]):
    """The items of a package, for those who manage its job."""

    queryset = Package.objects.none()
    serializer_class = shapes.PackageItemSerializer
    filter_backends = ()
    rules = {"items": "jobs.manage", "item": "jobs.manage", "offer_again": "jobs.assign"}

    def package(self) -> Package:
        job = get_object_or_404(
            Job.objects.alive().visible_to(self.request.user), pk=self.kwargs["pk"]
        )
        self.check_object_permissions(self.request, job)
        return get_object_or_404(
            Package.objects.select_related("job"), job=job, number=self.kwargs["number"]
        )

    @extend_schema(
        summary="Items of a package in order, with the answers in force",
        operation_id="jobs_packages_items_list",
        parameters=[_FIRST, _LIMIT],
        responses={200: shapes.PackageItemsSerializer},
    )
    def items(self, request: Request, pk: int, number: int) -> Response:
        first, limit = _window(request.query_params)
        found = package_items_payload(self.package(), _user(request), first=first, limit=limit)
        return Response({"results": found})

    @extend_schema(
        summary="One item of a package with its history",
        responses={200: shapes.PackageItemSerializer},
    )
    def item(self, request: Request, pk: int, number: int, position: int) -> Response:
        return Response(package_item_payload(self.package(), position, _user(request)))

    @extend_schema(
        summary="Offer a package again to those who gave it back",
        request=None,
        responses={200: shapes.OfferedSerializer},
    )
    def offer_again(self, request: Request, pk: int, number: int) -> Response:
        count = release.offer_again(package=self.package(), user=_user(request))
        return Response({"offered_again": count})


def _summary(assignment: Assignment, user: User) -> dict[str, Any]:
    progress, verbs = progress_of([assignment]), assignment_verbs(user, [assignment])
    return assignment_summary(assignment, progress[assignment.pk], verbs[assignment.pk])


def _claimed(claimed: Claimed, user: User) -> Response:
    assignment = claimed.assignment
    shown = assignment and _summary(assignment, user)
    return Response(
        {"assignment": shown, "already_held": claimed.already_held, "reason": claimed.reason}
    )


def _user(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user


def _valid(serializer: type[Serializer[Any]], request: Request) -> dict[str, Any]:
    checked = serializer(data=request.data)
    checked.is_valid(raise_exception=True)
    return dict(checked.validated_data)


def _if_match(request: Request) -> int:
    header = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    if not header.isascii() or not header.isdigit() or len(header) > 9:
        raise Invalid.field("If-Match", _('Name the version that you saw, as in If-Match: "3".'))
    return int(header)


def _window(parameters: QueryDict) -> tuple[int, int]:
    """`first` and `limit` of the query."""
    values = []
    for name, default, most in (("first", "1", 2**31 - 1), ("limit", "20", MAX_ITEMS)):
        text = parameters.get(name, default)
        if not text.isascii() or not text.isdigit() or len(text) > 10 or not 1 <= int(text) <= most:
            raise Invalid.field(
                name, _("A number from 1 to %(most)d is expected.") % {"most": most}
            )
        values.append(int(text))
    return values[0], values[1]
