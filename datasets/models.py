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


class Storage(models.Model):
    """A named place that files are read from; a local folder for now."""

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


class Dataset(models.Model):
    """Collected material: items in a fixed order, append-only."""

    class Kind(models.TextChoices):
        IMAGE = "image", _("Image")
        TEXT = "text", _("Text")
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


class DatasetUserPermission(UserObjectPermissionBase):
    content_object = models.ForeignKey(Dataset, on_delete=models.CASCADE)


class DatasetGroupPermission(GroupObjectPermissionBase):
    content_object = models.ForeignKey(Dataset, on_delete=models.CASCADE)


class Item(models.Model):
    """One picture, text …: `data` and the foreign members of its line leave as they came.

    `media`: {field: {"path", "type": "image", "format", "width", "height", "size"}}, width and height in pixels after
    EXIF orientation. `search`: the first 1,000 characters of its text.
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
    """One import into a dataset; `source` says what is read: {"type": "files" | "folder" | "manifest", "path"}."""

    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="imports")
    source = models.JSONField(_("source"), default=dict)
    first_ordinal = models.PositiveIntegerField(null=True, blank=True)
    errors = models.JSONField(_("errors"), default=list, blank=True)
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
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("dataset version")
        verbose_name_plural = _("dataset versions")
        constraints = [
            models.UniqueConstraint(fields=["dataset", "version"], name="dataset_version_unique")
        ]

    def __str__(self) -> str:
        return f"{self.dataset_id} v{self.version}"
