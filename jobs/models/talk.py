"""Questions of those who work, answers of those who lead, and appeals against verdicts."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.grants import granted_ids
from accounts.models import Workspace
from accounts.visibility import visible_people
from jobs.models.annotation import Annotation
from jobs.models.job import Job, Stage
from jobs.models.work import Assignment, PackageItem


def own_jobs(user: Any) -> Q:
    """The jobs in which the person may still look at what they asked: seen ones, and those of packages they hold."""
    holding = Assignment.objects.filter(
        job=models.OuterRef("job"), holder=user, state=Assignment.State.CLAIMED
    )
    seen = Job.objects.visible_to(user).order_by().values("pk")
    return Q(job__in=seen) | Q(models.Exists(holding))


def of_unknown_people(user: Any) -> Q:
    """Rows of people whom a supplier's member may not know of, even in a job that they lead."""
    unknown = Q(pk__in=())
    if user.is_superuser:
        return unknown
    supplied = Workspace.objects.filter(teams__is_supplier=True).filter(
        Q(teams__group__in=user.groups.values("pk")) | Q(teams__leaders=user)
    )
    for workspace in supplied.distinct():
        people = visible_people(user, workspace)
        if not people.everybody:
            unknown |= Q(job__workspace=workspace) & ~people.where("author")
    return unknown


def other_votes(user: Any) -> Q:
    """Threads of voters on packages that are still voted on, for somebody who may vote there, though they lead."""
    return Q(
        ~Q(author=user),
        ~Q(job__votes={}),
        stage=Stage.LABELING,
        package_item__package__stage=Stage.LABELING,
        package_item__package__round=1,
        package_item__package__finished_at=None,
        job__in=granted_ids(user, Job, "label_job"),
    )


def led_jobs(user: Any) -> models.QuerySet[Job, Any]:
    """Ids of the jobs, as a subquery, whose people the person leads: the list's side of the rule `jobs.assign`."""
    if user.is_superuser:
        return Job.objects.order_by().values("pk")
    spaces = granted_ids(user, Workspace, "create_in_workspace", "lead_workspace")
    return (
        Job.objects.order_by()
        .filter(Q(pk__in=granted_ids(user, Job, "manage_job")) | Q(workspace__in=spaces))
        .values("pk")
    )


class ThreadQuerySet(models.QuerySet["Thread"]):
    def visible_to(self, user: Any) -> "ThreadQuerySet":
        """One's own questions, and those of jobs that one leads, but for voters' while one may vote oneself."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        led = Q(job__in=led_jobs(user)) & ~other_votes(user)
        return self.filter((Q(author=user) & own_jobs(user)) | led, job__deleted_at=None).exclude(
            of_unknown_people(user)
        )

    def of_other_voters(self, user: Any) -> "ThreadQuerySet":
        """Those that could tell a voter, who leads the job besides, what another one thinks."""
        return self.filter(other_votes(user))

    def for_list(self) -> "ThreadQuerySet":
        return self.select_related("job__workspace", "author", "package_item__package")


class Thread(models.Model):
    """A question to those who lead a job, mostly about one item that its holder is unsure of; it blocks nothing.

    `stage` and `vote` are those of the slot in which it was asked: later holders of that slot see it, and whoever
    inspects the item later; other voters do not. `published`: at least one of its answers is for everybody.
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("question", "Open")
        ANSWERED = "answered", pgettext_lazy("question", "Answered")
        CLOSED = "closed", pgettext_lazy("question", "Closed")

    TRANSITIONS = {
        "open": {"answered", "closed"},
        "answered": {"open", "closed"},
        "closed": {"open", "answered"},
    }

    job = models.ForeignKey(Job, models.PROTECT, related_name="threads", db_index=False)
    package_item = models.ForeignKey(
        PackageItem, models.PROTECT, null=True, blank=True, related_name="threads", db_index=False
    )
    assignment = models.ForeignKey(
        Assignment, models.PROTECT, null=True, blank=True, related_name="+"
    )
    stage = models.CharField(_("stage"), max_length=12, choices=Stage, blank=True)
    vote = models.PositiveSmallIntegerField(default=0)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.OPEN)
    published = models.BooleanField(_("published"), default=False)
    created_at = models.DateTimeField(_("asked"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("last message"), default=timezone.now)

    objects = ThreadQuerySet.as_manager()

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["package_item", "stage", "author"],
                condition=Q(package_item__isnull=False),
                name="thread_one_per_item_stage_and_person",
            ),
            models.CheckConstraint(
                condition=Q(package_item=None, assignment=None)
                | Q(package_item__isnull=False, assignment__isnull=False),
                name="thread_of_item_names_assignment",
            ),
        ]
        indexes = [
            models.Index(fields=["job", "state", "-id"], name="thread_of_job"),
            models.Index(
                fields=["job", "-id"], condition=Q(published=True), name="thread_published"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job_id} · {self.pk}"


class Message(models.Model):
    """What somebody wrote in a thread; append-only. `published`: it is an answer for all members of the job.

    `write` names the request, so that one sent twice is one message.
    """

    thread = models.ForeignKey(Thread, models.PROTECT, related_name="messages")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField(_("text"))
    is_answer = models.BooleanField(_("answer"), default=False)
    published = models.BooleanField(_("published"), default=False)
    write = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["author", "write"],
                condition=Q(write__isnull=False),
                name="message_once_per_write",
            ),
            models.CheckConstraint(
                condition=Q(published=False) | Q(is_answer=True),
                name="message_published_is_answer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.thread_id} · {self.pk}"


class AppealQuerySet(models.QuerySet["Appeal"]):
    def visible_to(self, user: Any) -> "AppealQuerySet":
        """One's own appeals, and all those of jobs that one leads."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.filter(
            (Q(author=user) & own_jobs(user)) | Q(job__in=led_jobs(user)), job__deleted_at=None
        ).exclude(of_unknown_people(user))

    def for_list(self) -> "AppealQuerySet":
        return self.select_related(
            "job__workspace",
            "author",
            "decided_by",
            "annotation__author",
            "annotation__assignment",
            "annotation__judged",
            "annotation__package_item__package",
        )


class Appeal(models.Model):
    """Whose answer was rejected or modified says that it was right; once a verdict, a leader decides.

    `annotation` is the verdict. *Upheld* means that the verdict counts as the inspector's error, not the author's;
    the answer in force stays what it is.
    """

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("appeal", "Open")
        UPHELD = "upheld", _("Upheld")
        DISMISSED = "dismissed", _("Dismissed")

    TRANSITIONS = {"open": {"upheld", "dismissed"}}

    job = models.ForeignKey(Job, models.PROTECT, related_name="appeals", db_index=False)
    annotation = models.OneToOneField(Annotation, models.PROTECT, related_name="appeal")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField(_("text"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)
    created_at = models.DateTimeField(_("appealed"), default=timezone.now, editable=False)

    objects = AppealQuerySet.as_manager()

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", decided_by=None, decided_at=None)
                | Q(
                    state__in=("upheld", "dismissed"),
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                ),
                name="appeal_decided_iff_by_somebody",
            )
        ]
        indexes = [models.Index(fields=["job", "state", "-id"], name="appeal_of_job")]

    def __str__(self) -> str:
        return f"{self.annotation_id} · {self.state}"
