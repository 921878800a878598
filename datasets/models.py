"""Datasets, their items, where their files lie, and the runs that fill them."""

from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from accounts.grants import granted_ids
from accounts.models import Workspace
from itag.core.fields import RawJSONField
from itag.core.runs import Run


class StorageQuerySet(models.QuerySet["Storage"]):
    def visible_to(self, user) -> "StorageQuerySet":  # type: ignore[no-untyped-def]
        """Storages of the workspaces in which the person may create datasets."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        return self.filter(workspace__in=granted_ids(user, Workspace, "create_in_workspace"))


class Storage(models.Model):
    """A named place that files are read from; a local folder for now.

    `root` is relative to ITAG_HOME/files, or absolute below one of ITAG_LOCAL_ROOTS. Files are written only to the
    one storage of a workspace that holds its uploads.
    """

    class Kind(models.TextChoices):
        LOCAL = "local", _("Local folder")

    workspace = models.ForeignKey(
        "accounts.Workspace", models.PROTECT, related_name="+", verbose_name=_("workspace")
    )
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind, default=Kind.LOCAL)
    root = models.CharField(
        _("folder"),
        max_length=1000,
        help_text=_("A folder below ITAG_HOME/files or below one named by ITAG_LOCAL_ROOTS."),
    )
    is_upload = models.BooleanField(_("holds uploads"), default=False, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects = StorageQuerySet.as_manager()

    class Meta:
        verbose_name = _("storage")
        verbose_name_plural = _("storages")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "name"], name="storage_name_unique_in_workspace"
            ),
            models.UniqueConstraint(
                fields=["workspace"],
                condition=Q(is_upload=True),
                name="storage_one_for_uploads_per_workspace",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DatasetQuerySet(models.QuerySet["Dataset"]):
    def visible_to(self, user) -> "DatasetQuerySet":  # type: ignore[no-untyped-def]
        """Datasets whose workspace lets the person create, or that were granted to them."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        return self.filter(
            Q(workspace__in=granted_ids(user, Workspace, "create_in_workspace"))
            | Q(pk__in=granted_ids(user, Dataset, "view_dataset"))
        )

    def alive(self) -> "DatasetQuerySet":
        return self.filter(deleted_at=None)

    def for_list(self) -> "DatasetQuerySet":
        """With what a row of the list shows, and without what it does not."""
        return self.select_related("workspace", "created_by", "storage").prefetch_related(
            models.Prefetch(
                "imports",
                ImportRun.objects.order_by("dataset_id", "-id")
                .distinct("dataset_id")
                .defer("source", "cursor"),
                to_attr="last_imports",
            )
        )


class Dataset(models.Model):
    """Collected material: items in a fixed order, numbered from 1 without gaps, append-only.

    `fields`: [{"name", "type": "text" | "image" | "pdf" | "audio" | "video" | "number" | "json", "count": items that have it}]. `digest`: a chain
    of SHA-256 over every item's texts and media, so equal content in equal order has an equal digest.
    """

    class Kind(models.TextChoices):
        IMAGE = "image", _("Image")
        PDF = "pdf", "PDF"
        TEXT = "text", _("Text")
        AUDIO = "audio", _("Audio")
        VIDEO = "video", _("Video")
        CUSTOM = "custom", _("Custom")

    class Origin(models.TextChoices):
        UPLOAD = "upload", _("Uploaded files")
        FOLDER = "folder", _("Folder of a storage")
        MANIFEST = "manifest", _("Uploaded manifest")

    class State(models.TextChoices):
        IMPORTING = "importing", _("Importing")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")

    TRANSITIONS = {
        "importing": {"ready", "failed"},
        "ready": {"importing"},
        "failed": {"importing"},
    }

    workspace = models.ForeignKey(
        "accounts.Workspace", models.PROTECT, related_name="+", verbose_name=_("workspace")
    )
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    origin = models.CharField(_("origin"), max_length=16, choices=Origin)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.IMPORTING)
    storage = models.ForeignKey(
        Storage, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("storage")
    )
    prefix = models.CharField(
        _("folder in the storage"), max_length=1000, blank=True, help_text=_("No slash at the end.")
    )
    version = models.PositiveIntegerField(_("version"), default=0)
    item_count = models.PositiveIntegerField(_("items"), default=0)
    fields = models.JSONField(_("fields"), default=list, blank=True)
    digest = models.CharField(_("content digest"), max_length=64, blank=True)
    created_by = models.ForeignKey(
        get_user_model(), models.PROTECT, related_name="+", verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = DatasetQuerySet.as_manager()

    class Meta:
        verbose_name = _("dataset")
        verbose_name_plural = _("datasets")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "name"],
                condition=Q(deleted_at=None),
                name="dataset_name_unique_in_workspace",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def of_files(self) -> bool:
        """Whether each file is an item, not each line of one."""
        return self.kind in FILE_KINDS

    @property
    def last_import(self) -> "ImportRun | None":
        """The newest import, asked for once; `for_list` brings it along."""
        if not hasattr(self, "last_imports"):
            self.last_imports = list(self.imports.defer("source", "cursor")[:1])
        return self.last_imports[0] if self.last_imports else None


#: Kinds of which each file is an item.
FILE_KINDS = frozenset(
    (Dataset.Kind.IMAGE, Dataset.Kind.PDF, Dataset.Kind.AUDIO, Dataset.Kind.VIDEO)
)


class DatasetUserPermission(UserObjectPermissionBase):
    content_object = models.ForeignKey(Dataset, on_delete=models.CASCADE)


class DatasetGroupPermission(GroupObjectPermissionBase):
    content_object = models.ForeignKey(Dataset, on_delete=models.CASCADE)


class Item(models.Model):
    """One picture, text …: `data` and the foreign members of its line leave as they came.

    Rows above the dataset's `item_count` belong to an import that has not ended; nobody reads them.

    `media`: {field: {"path", "type": "image", "format", "width", "height", "size", "upright"?}}: path below the
    storage's root, width and height in pixels after EXIF orientation; `upright` is false where browsers would not
    show the file itself upright (or not at all), so that a converted copy is served. Of a PDF: {"path", "type": "pdf",
    "format": "pdf", "pages", "sizes": [[width, height, how many pages in a row], …] in points, "size"}. Of a sound:
    {"path", "type": "audio", "format", "duration", "rate", "channels", "playable", "size"}; of a video: {"path", "type":
    "video", "format", "width", "height", "duration", "fps", "frames", "variable", "has_audio", "playable", "size"}:
    seconds, upright pixels; `playable`: browsers play the file itself; `start`, where its own time stamps begin elsewhere
    than at 0, in both. `source_digest`: SHA-256 of the text of `source`. `search`: the first 1,000 characters of its text.
    """

    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="items")
    ordinal = models.PositiveIntegerField(_("number"))
    data = RawJSONField(_("data"))
    extra = RawJSONField(_("other members of its line"), null=True, blank=True)
    media = models.JSONField(_("media"), default=dict, blank=True)
    group_key = models.CharField(max_length=200, blank=True)
    source_digest = models.CharField(max_length=64, blank=True)
    search = models.CharField(max_length=1000, blank=True)

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "ordinal"], name="item_ordinal_unique_in_dataset"
            )
        ]

    def __str__(self) -> str:
        return f"{self.dataset_id}/{self.ordinal}"


class ImportRun(Run):
    """One import into a dataset.

    `source`: {"type": "files" | "folder" | "manifest", "incoming": the folder below ITAG_HOME/files/incoming that
    holds what was uploaded and the list of names, "leave_out": bool (go on without what cannot be read)}.
    `cursor`: how far it is; written in the transaction of each batch of rows. `attempt`: counts the workers that took
    it; only the last one may write. `stalls`: workers in a row that got nothing done. `errors`: the first 100 of
    {"field", "line", "message"}; `error_count`: all of them.
    """

    MAX_ERRORS = 100

    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="imports")
    source = models.JSONField(_("source"), default=dict)
    first_ordinal = models.PositiveIntegerField(null=True, blank=True)
    cursor = models.JSONField(_("position"), default=dict, blank=True)
    attempt = models.PositiveIntegerField(_("attempt"), default=0)
    stalls = models.PositiveSmallIntegerField(_("attempts without progress"), default=0)
    errors = models.JSONField(_("errors"), default=list, blank=True)
    error_count = models.PositiveIntegerField(_("number of errors"), default=0)
    requested_by = models.ForeignKey(get_user_model(), models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["dataset"],
                condition=Q(state__in=["queued", "running"]),
                name="import_one_at_a_time_per_dataset",
            )
        ]

    def __str__(self) -> str:
        return f"{self.dataset} · {self.get_state_display()}"


class DatasetVersion(models.Model):
    """Which items a version of a dataset has: all up to `last_ordinal`."""

    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    last_ordinal = models.PositiveIntegerField()
    digest = models.CharField(_("content digest"), max_length=64, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("dataset version")
        verbose_name_plural = _("dataset versions")
        constraints = [
            models.UniqueConstraint(fields=["dataset", "version"], name="dataset_version_unique")
        ]

    def __str__(self) -> str:
        return f"{self.dataset_id} v{self.version}"
