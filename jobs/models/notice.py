"""What people and machines are told: notices in the app and by mail, webhooks, and each attempt to deliver."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.grants import granted_ids
from accounts.models import Workspace
from itag.core.sealing import SealBroken, seal, unseal
from jobs.models.job import Job


class NoticeEvent(models.TextChoices):
    """What is told; a person chooses for each whether by mail as well, a webhook which it takes."""

    PACKAGE_RETURNED = "package_returned", _("A package was returned")
    CLAIM_EXPIRING = "claim_expiring", _("A claim is about to expire")
    JOB_LATE = "job_late", _("A job will be late")
    JOB_OVERDUE = "job_overdue", _("A job is overdue")
    JOB_FINISHED = "job_finished", _("A job is finished")
    EXPORT_READY = "export_ready", _("An export is ready")
    RUN_FAILED = "run_failed", _("A background run failed")
    GUIDE_CHANGED = "guide_changed", _("A guide has a new version")
    QUESTION_ASKED = "question_asked", _("A question was asked")
    QUESTION_ANSWERED = "question_answered", _("A question was answered")
    APPEAL_OPENED = "appeal_opened", _("An appeal was made")
    APPEAL_DECIDED = "appeal_decided", _("An appeal was decided")
    UNCLAIMABLE = "unclaimable", _("Nobody may take a package")


class NotificationQuerySet(models.QuerySet["Notification"]):
    def visible_to(self, user: Any) -> "NotificationQuerySet":
        """One's own; nobody, superusers included, reads another person's."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.filter(user=user)

    def unread(self) -> "NotificationQuerySet":
        return self.filter(read_at=None)


class Notification(models.Model):
    """One thing told to one person. `key` makes telling it twice impossible; the text is made when it is read.

    `data`: what the sentence needs, numbers and names only. `mail`: whether a mail is wanted, sent or could not be.
    """

    class Mail(models.TextChoices):
        NONE = "none", _("No mail")
        QUEUED = "queued", _("Queued")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notifications", db_index=False
    )
    event = models.CharField(_("what"), max_length=24, choices=NoticeEvent)
    key = models.CharField(max_length=100)
    job = models.ForeignKey(Job, models.CASCADE, null=True, blank=True, related_name="+")
    package_number = models.PositiveIntegerField(null=True, blank=True)
    data = models.JSONField(default=dict, blank=True)
    mail = models.CharField(_("mail"), max_length=8, choices=Mail, default=Mail.NONE)
    mail_attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="notification_told_once")
        ]
        indexes = [
            models.Index(F("user"), F("id").desc(), name="notification_of_user"),
            models.Index(
                fields=["user"], condition=Q(read_at=None), name="notification_unread_of_user"
            ),
            models.Index(fields=["id"], condition=Q(mail="queued"), name="notification_mail_queue"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} · {self.event}"


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def visible_to(self, user: Any) -> "WebhookQuerySet":
        """Those of the workspaces that the person manages, and of the jobs of which they are a task administrator."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_superuser:
            return self
        return self.filter(
            Q(workspace__in=granted_ids(user, Workspace, "manage_workspace"))
            | Q(job__in=granted_ids(user, Job, "manage_job"))
            | Q(
                job__isnull=False,
                workspace__in=granted_ids(user, Workspace, "create_in_workspace"),
            )
        )


class Webhook(models.Model):
    """Where events of a workspace (or of one job) go: a signed request, or a group robot.

    The address of a robot is a secret, and so is the key that signs: both are sealed at rest and never shown again.
    """

    class Kind(models.TextChoices):
        WEBHOOK = "webhook", _("Webhook")
        DINGTALK = "dingtalk", _("DingTalk robot")
        WECOM = "wecom", _("WeCom robot")
        FEISHU = "feishu", _("Feishu robot")

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="webhooks")
    job = models.ForeignKey(Job, models.CASCADE, null=True, blank=True, related_name="webhooks")
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.WEBHOOK)
    sealed_url = models.TextField(editable=False)
    sealed_secret = models.TextField(blank=True, editable=False)
    events = models.JSONField(_("events"), default=list)
    active = models.BooleanField(_("active"), default=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def url(self) -> str:
        return unseal(self.sealed_url)

    @url.setter
    def url(self, value: str) -> None:
        self.sealed_url = seal(value)

    @property
    def host(self) -> str:
        """Where it goes, without what in the address may be secret."""
        try:
            parts = urlsplit(self.url)
        except SealBroken:
            return "?"
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def signed(self) -> bool:
        return bool(self.sealed_secret)

    @property
    def secret(self) -> str:
        return unseal(self.sealed_secret)

    @secret.setter
    def secret(self, value: str) -> None:
        self.sealed_secret = seal(value)


class Delivery(models.Model):
    """One event on its way to one webhook; the row is the truth, the broker only wakes a worker.

    `error`: one word, or the HTTP status or the robot's own error code; never what the other side wrote.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SUCCEEDED = "succeeded", _("Delivered")
        FAILED = "failed", _("Given up")

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries", db_index=False)
    event = models.CharField(_("what"), max_length=24)
    key = models.CharField(max_length=100)
    payload = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    status = models.PositiveSmallIntegerField(_("status"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=40, blank=True)
    next_at = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["webhook", "key"], name="delivery_once_per_webhook")
        ]
        indexes = [
            models.Index(F("webhook"), F("id").desc(), name="delivery_of_webhook"),
            models.Index(fields=["next_at"], condition=Q(state="queued"), name="delivery_queue"),
        ]

    def __str__(self) -> str:
        return f"{self.webhook_id} · {self.event} · {self.state}"
