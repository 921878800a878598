"""Having the text of a region read."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.api.throttles import CountingThrottle
from accounts.models import User
from itag.core.errors import NotFound
from itag.core.policy import require
from jobs.models import Assignment
from jobs.selectors.work import find_assignment
from jobs.services.recognise import READABLE, recognise_region

MAX_POINTS = 1000


class RecogniseThrottle(CountingThrottle):
    """How often one person may have something read."""

    scope = "recognise"

    def get_cache_key(self, request: Request, view: Any) -> str:
        return f"throttle_recognise_{request.user.pk}"


class RecogniseSerializer(serializers.Serializer[Any]):
    """A region as the answer holds it: the question, the shape, and its corners in pixels of the picture."""

    question = serializers.CharField(max_length=40)
    shape = serializers.ChoiceField(choices=READABLE)
    points = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField(), min_length=2, max_length=2),
        min_length=3,
        max_length=MAX_POINTS,
    )


class RecognisedSerializer(serializers.Serializer[Any]):
    """What stands in the region; empty where nothing does."""

    text = serializers.CharField(allow_blank=True)


class RecogniseViewSet(GenericViewSet[Assignment]):
    """Text recognition for whoever works on the item."""

    queryset = Assignment.objects.none()
    serializer_class = RecogniseSerializer
    filter_backends = ()
    # As of a save: the service looks whether the person holds the package.
    rules = {"recognise": "signed_in"}

    def get_throttles(self) -> Any:
        return [RecogniseThrottle()]

    @extend_schema(
        summary="Recognise the text of a region",
        description=(
            "Stores nothing. 409 `no_recogniser` where the site has none, 502 `not_recognised` where the picture or "
            "the recogniser failed."
        ),
        request=RecogniseSerializer,
        responses={200: RecognisedSerializer},
    )
    def recognise(self, request: Request, pk: int, position: int) -> Response:
        assert isinstance(request.user, User)
        checked = RecogniseSerializer(data=request.data)
        checked.is_valid(raise_exception=True)
        try:
            text = recognise_region(
                assignment_id=pk, position=position, user=request.user, **checked.validated_data
            )
        except NotFound:
            require(request.user, "assignments.work", find_assignment(pk))
            raise
        return Response({"text": text})
