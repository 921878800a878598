"""Label templates: views and questions as data; no code knows a template's name."""

from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from accounts.models import Workspace


class LabelTemplateQuerySet(models.QuerySet["LabelTemplate"]):
    def visible_to(self, user) -> "LabelTemplateQuerySet":  # type: ignore[no-untyped-def]
        """The built-in ones, those of the person's workspaces, and what other workspaces share with everybody."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        shared = Q(shared=LabelTemplate.Shared.EVERYBODY, archived_at=None)
        mine = Q(workspace__in=Workspace.objects.visible_to(user))
        return self.filter(Q(workspace=None) | mine | shared)

    def latest(self) -> "LabelTemplateQuerySet":  # type: ignore[override]
        """Only the newest version of each."""
        return self.filter(superseded_at=None)


class LabelTemplate(models.Model):
    """What is shown and asked. Immutable once a job uses it; editing makes the next version.

    `views`: [{"type": "Image", "bindField": "source", …}] with iTAG's ViewPlugin fields in camelCase.
    `questions`: iTAG's QuestionPlugin fields in camelCase; built-in titles also as "titles": {"en", "zh-hans"}.
    `names`: {"en", "zh-hans"} for built-in ones. `layout`: where its parts stand on the labeling page, rows of cells
    (see templates_app.layout); an empty one is views on the stage, questions at the side. `shared`: who finds it
    beside the people of its workspace.
    """

    class Shared(models.TextChoices):
        WORKSPACE = "workspace", _("In the workspace")
        EVERYBODY = "everybody", _("With everybody")

    workspace = models.ForeignKey(
        "accounts.Workspace", models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("workspace"),
    )  # fmt: skip
    key = models.SlugField(_("key"), max_length=64)
    name = models.CharField(_("name"), max_length=100)
    names = models.JSONField(default=dict, blank=True)
    description = models.TextField(_("description"), blank=True, db_default="")
    category = models.CharField(_("category"), max_length=16)
    version = models.PositiveIntegerField(_("version"), default=1)
    views = models.JSONField(_("content components"), default=list)
    questions = models.JSONField(_("topic components"), default=list)
    layout = models.JSONField(_("layout"), default=list, blank=True, db_default=[])
    shared = models.CharField(
        _("shared"), max_length=16, choices=Shared, default=Shared.WORKSPACE,
        db_default=Shared.WORKSPACE,
    )  # fmt: skip
    abandon_reasons = models.JSONField(_("reasons to abandon an item"), default=list, blank=True)
    created_by = models.ForeignKey(
        get_user_model(), models.PROTECT, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    superseded_at = models.DateTimeField(null=True, blank=True, editable=False)
    #: Not offered for new jobs any more; jobs that use it go on.
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = LabelTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("label template")
        verbose_name_plural = _("label templates")
        ordering = ["category", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "key", "version"],
                nulls_distinct=False,
                name="label_template_version_unique",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_builtin(self) -> bool:
        return self.workspace_id is None

    @property
    def title(self) -> str:
        """The name in the reader's language."""
        return self.names.get(get_language() or "en") or self.name


class LabelTemplateUserPermission(UserObjectPermissionBase):
    content_object = models.ForeignKey(LabelTemplate, on_delete=models.CASCADE)


class LabelTemplateGroupPermission(GroupObjectPermissionBase):
    content_object = models.ForeignKey(LabelTemplate, on_delete=models.CASCADE)
