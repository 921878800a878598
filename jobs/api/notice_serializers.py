"""Shapes of notices, webhooks and deliveries in the API."""

from typing import Any

from rest_framework import serializers

from jobs.models import Delivery, NoticeEvent, Webhook


class NoticeJobSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class NoticeSerializer(serializers.Serializer[Any]):
    """The text is in the reader's language; `job` is null where they may not see it any more."""

    id = serializers.IntegerField()
    event = serializers.ChoiceField(choices=NoticeEvent.choices)
    text = serializers.CharField()
    url = serializers.CharField(allow_blank=True)
    job = NoticeJobSerializer(allow_null=True)
    package = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()
    read = serializers.BooleanField()


class ReadSerializer(serializers.Serializer[Any]):
    """`ids` left out: all of them."""

    ids = serializers.ListField(child=serializers.IntegerField(), required=False, max_length=200)


class ReadCountSerializer(serializers.Serializer[Any]):
    read = serializers.IntegerField()
    unread = serializers.IntegerField()


class PreferencesSerializer(serializers.Serializer[Any]):
    """`mail`: the events that are told by mail as well."""

    mail = serializers.ListField(child=serializers.ChoiceField(choices=NoticeEvent.choices))


class WebhookSerializer(serializers.ModelSerializer[Webhook]):
    """Address and key are written, never read: `host` says where it goes."""

    host = serializers.CharField(read_only=True)
    signed = serializers.BooleanField(read_only=True)
    workspace = serializers.IntegerField(source="workspace_id", read_only=True)
    job = serializers.IntegerField(source="job_id", read_only=True, allow_null=True)
    created_by = serializers.CharField(read_only=True)

    class Meta:
        model = Webhook
        fields = (
            "id", "workspace", "job", "name", "kind", "events", "active", "host", "signed", "created_by", "created_at",
        )  # fmt: skip


class WebhookWriteSerializer(serializers.Serializer[Any]):
    """`job`: only this job's events. `url` and `secret` left out stay as they are; an empty secret signs nothing."""

    job = serializers.IntegerField(required=False, allow_null=True)
    name = serializers.CharField(max_length=100)
    kind = serializers.ChoiceField(choices=Webhook.Kind.choices, default=Webhook.Kind.WEBHOOK)
    url = serializers.CharField(max_length=2000)
    secret = serializers.CharField(required=False, allow_blank=True, max_length=200)
    events = serializers.ListField(child=serializers.ChoiceField(choices=NoticeEvent.choices))
    active = serializers.BooleanField(default=True)


class WebhookChangeSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=100, required=False)
    kind = serializers.ChoiceField(choices=Webhook.Kind.choices, required=False)
    url = serializers.CharField(max_length=2000, required=False)
    secret = serializers.CharField(required=False, allow_blank=True, max_length=200)
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=NoticeEvent.choices), required=False
    )
    active = serializers.BooleanField(required=False)


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    """One event on its way: `error` is one word, the HTTP status or the robot's code."""

    class Meta:
        model = Delivery
        fields = (
            "id", "event", "payload", "state", "attempts", "status", "error", "next_at", "created_at", "finished_at",
        )  # fmt: skip
