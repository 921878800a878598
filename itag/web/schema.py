"""drf-spectacular with the one error shape on every operation."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import Direction
from rest_framework import serializers


class FieldErrorSerializer(serializers.Serializer):
    """What is wrong with one field, line, or item of a package."""

    field = serializers.CharField(required=False)
    line = serializers.IntegerField(required=False)
    position = serializers.IntegerField(required=False)
    message = serializers.CharField()


class ErrorSerializer(serializers.Serializer):
    """The shape of every error."""

    code = serializers.CharField()
    detail = serializers.CharField()
    errors = FieldErrorSerializer(many=True)  # type: ignore[assignment]


class Schema(AutoSchema):
    """Adds 400, 401, 403, 404 and 409 with the one error shape."""

    def get_tags(self) -> list[str]:
        return [self.path.removeprefix("/api/v1/").split("/")[0]]

    def _get_response_bodies(self, direction: Direction = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        error = self._get_response_for_code(ErrorSerializer, "400")
        for status, text in (
            ("400", "Something in the request is wrong."),
            ("401", "Not signed in."),
            ("403", "Not allowed, with the reason."),
            ("404", "No such object, or none that you may know of."),
            ("409", "The state of things does not allow this now."),
        ):
            bodies.setdefault(status, {**error, "description": text})
        return bodies
