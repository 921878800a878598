"""What an open labeling page asks for now and then."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.models import User
from jobs.api.work_serializers import CanSerializer
from jobs.models import Assignment, Job, Thread
from jobs.selectors.pulse import pulse
from jobs.selectors.work import find_assignment


class PulseGuideSerializer(serializers.Serializer[Any]):
    """The version of the guide in force, and whether the person has confirmed it."""

    version = serializers.IntegerField()
    confirmed = serializers.BooleanField()


class PulseFlagSerializer(serializers.Serializer[Any]):
    """The question about an item of the package."""

    position = serializers.IntegerField()
    thread = serializers.IntegerField()
    state = serializers.ChoiceField(Thread.State.choices)


class PulseSerializer(serializers.Serializer[Any]):
    """What may change while a page is open. `now` is the server's time, by which the claim's end counts."""

    now = serializers.DateTimeField()
    state = serializers.ChoiceField(Assignment.State.choices)
    job_state = serializers.ChoiceField(Job.State.choices)
    expires_at = serializers.DateTimeField(
        allow_null=True, help_text="When the claim ends if nothing more is done."
    )
    claim_seconds = serializers.IntegerField(help_text="How long a claim stands without input.")
    labels = serializers.CharField(help_text="Another one when the job's labels have changed.")
    can = CanSerializer()
    why = serializers.DictField(
        child=serializers.CharField(), help_text="Why what `can` refuses is refused."
    )
    skips_left = serializers.IntegerField()
    guide = PulseGuideSerializer(allow_null=True)
    flags = PulseFlagSerializer(many=True)


class PulseViewSet(GenericViewSet[Assignment]):
    """The present standing of an assignment."""

    queryset = Assignment.objects.none()
    serializer_class = PulseSerializer
    filter_backends = ()
    rules = {"retrieve": "assignments.view"}

    @extend_schema(summary="What may have changed since the assignment was opened")
    def retrieve(self, request: Request, pk: int) -> Response:
        assignment = find_assignment(pk)
        self.check_object_permissions(request, assignment)
        assert isinstance(request.user, User)
        return Response(pulse(assignment, request.user))
