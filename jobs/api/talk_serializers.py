"""The JSON of guides, questions and appeals: the shapes for the schema, and the check of what comes in."""

from typing import Any

from rest_framework import serializers

from accounts.api.serializers import PersonSerializer
from jobs.api.job_serializers import SeenPersonSerializer
from jobs.models import Annotation, Appeal, Guide, Stage, Thread

# --- the guide -------------------------------------------------------------------------------------------------------


class GuideSerializer(serializers.Serializer[Any]):
    """A version of a job's guide; version 0 where there is none, with nothing to confirm."""

    version = serializers.IntegerField()
    current = serializers.IntegerField(help_text="The version in force.")
    kind = serializers.ChoiceField(Guide.Kind.choices)
    markdown = serializers.CharField()
    html = serializers.CharField(help_text="Safe to put into a page; empty for a PDF.")
    file = serializers.CharField(allow_null=True, help_text="The address of the PDF.")
    note = serializers.CharField(help_text="What is new in it.")
    author = SeenPersonSerializer(allow_null=True)
    published_at = serializers.DateTimeField(allow_null=True)
    confirmed = serializers.BooleanField(help_text="You have confirmed this version.")


class GuideWriteSerializer(serializers.Serializer[Any]):
    """The next version: a text, or as multipart a PDF; `base`: the version that was edited."""

    markdown = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)
    file = serializers.FileField(required=False)
    note = serializers.CharField(required=False, allow_blank=True, default="")
    base = serializers.IntegerField(required=False, min_value=0, max_value=2**31 - 1)


class GuideVersionSerializer(serializers.ModelSerializer[Guide]):
    """A version in the list of them."""

    author = SeenPersonSerializer(source="seen_author", allow_null=True)

    class Meta:
        model = Guide
        fields = ["version", "kind", "note", "author", "published_at"]


class ConfirmSerializer(serializers.Serializer[Any]):
    """The version that was read."""

    version = serializers.IntegerField(min_value=0, max_value=2**31 - 1)


class ConfirmedSerializer(serializers.Serializer[Any]):
    """That it is confirmed."""

    version = serializers.IntegerField()
    confirmed = serializers.BooleanField()


class ReaderSerializer(serializers.Serializer[Any]):
    """A member of the job and the version they confirmed last."""

    user = PersonSerializer()
    version = serializers.IntegerField(allow_null=True)
    confirmed_at = serializers.DateTimeField(allow_null=True)
    current = serializers.BooleanField(help_text="They have confirmed the version in force.")


class ReadersSerializer(serializers.Serializer[Any]):
    """Everybody in the job."""

    version = serializers.IntegerField()
    results = ReaderSerializer(many=True)


class PictureSerializer(serializers.Serializer[Any]):
    """A picture for the guide: `markdown` is how the text shows it."""

    name = serializers.CharField()
    url = serializers.CharField()
    markdown = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()


class PictureUploadSerializer(serializers.Serializer[Any]):
    """JPEG, PNG, GIF, WebP, BMP or TIFF of at most 10 MB."""

    file = serializers.FileField()


# --- questions -------------------------------------------------------------------------------------------------------


class MessageSerializer(serializers.Serializer[Any]):
    """What somebody wrote."""

    id = serializers.IntegerField()
    author = serializers.CharField(allow_null=True)
    mine = serializers.BooleanField()
    text = serializers.CharField()
    is_answer = serializers.BooleanField()
    published = serializers.BooleanField(help_text="Everybody in the job sees it.")
    created_at = serializers.DateTimeField()


class ThreadCanSerializer(serializers.Serializer[Any]):
    """What you may do with the question."""

    write = serializers.BooleanField()
    close = serializers.BooleanField()
    publish = serializers.BooleanField()


class ThreadJobSerializer(serializers.Serializer[Any]):
    """A job by id and name."""

    id = serializers.IntegerField()
    name = serializers.CharField()


class ThreadSerializer(serializers.Serializer[Any]):
    """A question with its messages; `package` and `position` are null where it is about the job as a whole."""

    id = serializers.IntegerField()
    job = ThreadJobSerializer()
    package = serializers.IntegerField(allow_null=True)
    position = serializers.IntegerField(allow_null=True)
    stage = serializers.CharField()
    state = serializers.ChoiceField(Thread.State.choices)
    published = serializers.BooleanField()
    author = serializers.CharField(allow_null=True)
    mine = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    url = serializers.CharField(allow_null=True, help_text="Where you can look at the item.")
    can = ThreadCanSerializer()
    text = serializers.CharField(help_text="The question.")
    messages = MessageSerializer(many=True)


class ThreadsSerializer(serializers.Serializer[Any]):
    """The questions about one item, the one of its flag first."""

    results = ThreadSerializer(many=True)


class FlagSerializer(serializers.Serializer[Any]):
    """What the holder asks. `write` names the request: sent again, it changes nothing."""

    text = serializers.CharField(allow_blank=True, trim_whitespace=False)
    write = serializers.UUIDField(required=False, default=None, allow_null=True)


class AskSerializer(FlagSerializer):
    """A question about the job as a whole."""

    job = serializers.IntegerField(min_value=0, max_value=2**63 - 1)


class MessageWriteSerializer(FlagSerializer):
    """`publish`: it is an answer for everybody in the job."""

    publish = serializers.BooleanField(required=False, default=False)


class PublishSerializer(serializers.Serializer[Any]):
    """Whether everybody sees the answer."""

    publish = serializers.BooleanField()


class AnswerSerializer(serializers.Serializer[Any]):
    """A published answer; `question` is empty where it could tell what one of several voters thinks."""

    id = serializers.IntegerField()
    question = serializers.CharField()
    answer = serializers.CharField()
    published_at = serializers.DateTimeField()


# --- appeals ---------------------------------------------------------------------------------------------------------


class AppealCanSerializer(serializers.Serializer[Any]):
    """What you may do with the appeal."""

    decide = serializers.BooleanField()


class AppealSerializer(serializers.Serializer[Any]):
    """An appeal with the verdict it is about."""

    id = serializers.IntegerField()
    job = ThreadJobSerializer()
    package = serializers.IntegerField()
    position = serializers.IntegerField()
    stage = serializers.ChoiceField(Stage.choices)
    round = serializers.IntegerField()
    verdict = serializers.ChoiceField(Annotation.Verdict.choices)
    feedback = serializers.CharField()
    error_type = serializers.CharField()
    severity = serializers.CharField()
    judged_by = serializers.CharField(allow_null=True, help_text="Only those who lead are told.")
    author = serializers.CharField(allow_null=True)
    mine = serializers.BooleanField()
    text = serializers.CharField()
    state = serializers.ChoiceField(Appeal.State.choices)
    created_at = serializers.DateTimeField()
    decided_by = serializers.CharField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField()
    can = AppealCanSerializer()


class AppealWriteSerializer(serializers.Serializer[Any]):
    """Why the answer was right."""

    text = serializers.CharField(allow_blank=True, trim_whitespace=False)


class DecideSerializer(serializers.Serializer[Any]):
    """`uphold`: the verdict was the inspector's error. A dismissal needs a note."""

    uphold = serializers.BooleanField()
    note = serializers.CharField(required=False, default="", allow_blank=True)
