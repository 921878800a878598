"""What datasets, items, imports and storages look like in JSON."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.serializers import PersonSerializer
from datasets.models import Dataset, ImportRun, Item, Storage
from datasets.services.media import THUMBNAIL, media_payload
from itag.web.schema import FieldErrorSerializer


class FieldSerializer(serializers.Serializer):
    """A field of the items' data; `count`: how many items have it."""

    name = serializers.CharField()
    type = serializers.ChoiceField(
        choices=["text", "image", "pdf", "audio", "video", "number", "json"]
    )
    count = serializers.IntegerField(required=False)


class ImportStateSerializer(serializers.ModelSerializer[ImportRun]):
    """How far an import is; `errors` are the first hundred, `error_count` is all of them."""

    errors = FieldErrorSerializer(many=True)  # type: ignore[assignment]

    class Meta:
        model = ImportRun
        fields = ["state", "done", "total", "percent", "error", "error_count", "errors"]
        read_only_fields = fields


class ImportSerializer(ImportStateSerializer):
    type = serializers.ChoiceField(
        source="source.type", choices=["files", "folder", "manifest"], read_only=True
    )
    requested_by = PersonSerializer(read_only=True)

    class Meta(ImportStateSerializer.Meta):
        fields = [
            "id",
            "dataset",
            "type",
            *ImportStateSerializer.Meta.fields,
            "first_ordinal",
            "requested_by",
            "created_at",
            "finished_at",
        ]
        read_only_fields = fields


class DatasetSerializer(serializers.ModelSerializer[Dataset]):
    """`import` is the last one."""

    created_by = PersonSerializer(read_only=True)

    class Meta:
        model = Dataset
        fields = [
            "id",
            "workspace",
            "name",
            "kind",
            "origin",
            "state",
            "version",
            "item_count",
            "digest",
            "storage",
            "prefix",
            "created_at",
            "created_by",
        ]
        read_only_fields = fields

    def get_fields(self) -> dict[str, Any]:
        # Two of the names are taken: `fields` by the serializer itself, `import` by the language.
        return {
            **super().get_fields(),
            "fields": FieldSerializer(many=True, read_only=True),
            "import": ImportStateSerializer(source="last_import", read_only=True, allow_null=True),
        }


class DatasetWriteSerializer(serializers.Serializer):
    """`files` and `manifest` come as multipart/form-data; a folder may be named in JSON."""

    workspace = serializers.IntegerField()
    name = serializers.CharField(max_length=1000, allow_blank=True)
    kind = serializers.ChoiceField(choices=Dataset.Kind.choices)
    origin = serializers.ChoiceField(choices=Dataset.Origin.choices)
    files = serializers.ListField(child=serializers.FileField(), required=False)
    paths = serializers.CharField(
        required=False,
        help_text="JSON list of the files' relative names, in their order; without it, their own names.",
    )
    manifest = serializers.FileField(required=False)
    storage = serializers.IntegerField(required=False, allow_null=True)
    prefix = serializers.CharField(required=False, allow_blank=True, max_length=1000, default="")
    leave_out = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Of kinds of which each file is an item: list those that cannot be opened and go on without them.",
    )


class ImportWriteSerializer(serializers.Serializer):
    """`files`, or `manifest`, or neither: what is new in the dataset's folder."""

    files = serializers.ListField(child=serializers.FileField(), required=False)
    paths = serializers.CharField(required=False)
    manifest = serializers.FileField(required=False)
    leave_out = serializers.BooleanField(required=False, default=False)
    repeat = serializers.BooleanField(
        required=False,
        default=False,
        help_text="Repeat the failed import of files without those that cannot be opened.",
    )


class MediaSerializer(serializers.Serializer):
    url = serializers.CharField()
    thumbnail = serializers.CharField(
        required=False, help_text="A small picture of it; of a sound there is none."
    )
    type = serializers.ChoiceField(choices=["image", "pdf", "audio", "video"])
    format = serializers.CharField()
    width = serializers.IntegerField(
        required=False, help_text="Of a picture or a video, in pixels, upright."
    )
    height = serializers.IntegerField(required=False)
    pages = serializers.IntegerField(required=False, help_text="Of a PDF.")
    sizes = serializers.ListField(
        child=serializers.ListField(child=serializers.FloatField()),
        required=False,
        help_text="Of a PDF, runs of pages of one size: [width, height, how many], in points.",
    )
    tiles = serializers.BooleanField(
        required=False, help_text="Of a picture: there is a pyramid of tiles at ?size=tiles."
    )
    duration = serializers.FloatField(required=False, help_text="Of what is played, in seconds.")
    rate = serializers.IntegerField(required=False, help_text="Of a sound: samples per second.")
    channels = serializers.IntegerField(required=False, help_text="Of a sound.")
    fps = serializers.FloatField(
        required=False, help_text="Of a video: frames per second, on average where they vary."
    )
    frames = serializers.IntegerField(required=False, help_text="Of a video.")
    variable = serializers.BooleanField(
        required=False, help_text="Of a video: its frames are shown for unequal times."
    )
    has_audio = serializers.BooleanField(required=False, help_text="Of a video.")
    playable = serializers.BooleanField(
        required=False,
        help_text="Browsers play the file as it is; where not there is a copy at ?size=play.",
    )


class ItemSerializer(serializers.ModelSerializer[Item]):
    """`data` and `extra` (the other members of its line, labels of earlier jobs among them) as they came."""

    data = serializers.DictField(read_only=True)  # type: ignore[assignment]
    extra = serializers.DictField(read_only=True, allow_null=True)
    media = serializers.SerializerMethodField()

    class Meta:
        model = Item
        fields = ["ordinal", "data", "extra", "media"]
        read_only_fields = fields

    @extend_schema_field(serializers.DictField(child=MediaSerializer()))
    def get_media(self, item: Item) -> dict[str, Any]:
        found = {}
        for field in item.media:
            url = reverse("media-dataset", args=[item.dataset_id, item.ordinal, field])
            found[field] = media_payload(item, field, url)
            if item.media[field]["type"] != "audio":
                found[field]["thumbnail"] = f"{url}?size={THUMBNAIL}"
        return found

    def to_representation(self, instance: Item) -> dict[str, Any]:
        # The raw texts pass through undecoded.
        return {
            "ordinal": instance.ordinal,
            "data": instance.data,
            "extra": instance.extra,
            "media": self.get_media(instance),
        }


class StorageSerializer(serializers.ModelSerializer[Storage]):
    class Meta:
        model = Storage
        fields = ["id", "workspace", "name", "kind", "root", "is_upload", "created_at"]
        read_only_fields = fields


class StorageWriteSerializer(serializers.Serializer):
    workspace = serializers.IntegerField()
    name = serializers.CharField(max_length=1000, allow_blank=True)
    root: Any = serializers.CharField(max_length=1000, allow_blank=True)


class FolderSerializer(serializers.Serializer):
    """A folder of a storage; `more`: it holds more than is shown."""

    path = serializers.CharField()
    folders = serializers.ListField(child=serializers.CharField())
    files = serializers.IntegerField()
    more = serializers.BooleanField()
