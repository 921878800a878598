"""Administration of jobs and of the work in them: a window; what has a lifecycle changes through services."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from itag.core.errors import ItagError
from itag.web.admin import GuardedAdmin
from jobs.models import (
    Annotation,
    AnnotationVersion,
    Appeal,
    Assignment,
    Batch,
    Delivery,
    ErrorTally,
    Guide,
    GuideConfirmation,
    GuideFile,
    Job,
    JobEvent,
    JobPace,
    JobSummary,
    LabelTally,
    Lot,
    Message,
    Notification,
    Package,
    PackageEvent,
    PackageItem,
    PackageTally,
    Sample,
    SamplingCarry,
    SkipRecord,
    SplitRun,
    StageTally,
    TallyDue,
    Thread,
    Webhook,
)
from jobs.services.jobs import change_job
from jobs.services.release import manager_release, offer_again


@admin.register(Job)
class JobAdmin(GuardedAdmin):
    """Jobs; description, priority and deadline may be changed."""

    rules: ClassVar[dict[str, str]] = {"view": "jobs.view", "change": "jobs.manage"}
    editable: ClassVar[Sequence[str]] = ("description", "priority", "deadline")
    list_display = ["name", "workspace", "dataset", "template", "workflow", "state", "created_at"]
    list_select_related = ["workspace", "dataset", "template"]
    list_filter = ["state", "workflow"]
    search_fields = ["name", "=task_id"]

    def save_model(self, request: HttpRequest, obj: Job, form: Any, change: Any) -> None:
        """Through the service, which takes the waiting packages along."""
        changes = {name: form.cleaned_data[name] for name in form.changed_data}
        try:
            change_job(job=obj, user=request.user, changes=changes)  # type: ignore[arg-type]
        except ItagError as exc:
            self.message_user(request, exc.detail, messages.ERROR)


class OfJobAdmin(GuardedAdmin):
    """Something within jobs: for superusers, who see all jobs; found by the number of its job."""

    list_select_related = ["job"]  # type: ignore[assignment]
    search_fields = ["=job__id", "=job__name"]


@admin.register(Package)
class PackageAdmin(OfJobAdmin):
    """Packages; they are released and offered again through the services."""

    list_display = ["id", "job", "number", "stage", "round", "state", "item_count"]
    list_filter = ["state", "stage"]
    actions = ["release", "offer"]

    def has_release_permission(self, request: HttpRequest) -> bool:
        return self.allowed(request, "release")

    @admin.action(
        description=_("Release from the holder, or offer blocked ones again"),
        permissions=["release"],
    )
    def release(self, request: HttpRequest, queryset: QuerySet[Package]) -> None:
        for package in queryset:
            try:
                manager_release(
                    package=package,
                    user=request.user,  # type: ignore[arg-type]
                    reason=gettext("Released in the administration."),
                )
            except ItagError as exc:
                self.message_user(request, f"{package}: {exc.detail}", messages.ERROR)

    @admin.action(description=_("Offer again to those who gave them back"), permissions=["release"])
    def offer(self, request: HttpRequest, queryset: QuerySet[Package]) -> None:
        for package in queryset:
            offer_again(package=package, user=request.user)  # type: ignore[arg-type]


@admin.register(Assignment)
class AssignmentAdmin(OfJobAdmin):
    """Who holds, held, or may take which package."""

    list_display = ["id", "job", "number", "stage", "round", "state", "holder", "claimed_at"]
    list_select_related = ["job", "holder"]
    list_filter = ["state", "stage"]
    search_fields = ["=job__id", "=job__name", "=holder__username"]


@admin.register(PackageItem)
class PackageItemAdmin(OfJobAdmin):
    """Items at their places."""

    list_display = ["id", "job", "package", "position", "ordinal", "origin"]
    list_select_related = ["job", "package"]
    list_filter = ["origin"]


@admin.register(Annotation)
class AnnotationAdmin(GuardedAdmin):
    """Answers and verdicts."""

    list_display = ["id", "package_item", "author", "source", "verdict", "abandoned", "version"]
    list_select_related = ["package_item", "author"]
    list_filter = ["source", "verdict", "abandoned"]
    search_fields = ["=package_item__job__id", "=author__username"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Annotation]:
        """The list leaves answers, which may be large, in the database."""
        return super().get_queryset(request).defer("results")


@admin.register(AnnotationVersion)
class AnnotationVersionAdmin(GuardedAdmin):
    """What answers were before."""

    list_display = ["id", "annotation", "version", "cause", "author", "created_at"]
    list_select_related = ["annotation", "author"]
    list_filter = ["cause"]
    search_fields = ["=annotation__id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[AnnotationVersion]:
        """The list leaves answers, which may be large, in the database."""
        return super().get_queryset(request).defer("results", "annotation__results")


@admin.register(Sample)
class SampleAdmin(GuardedAdmin):
    """What was drawn for inspection."""

    list_display = ["id", "assignment", "package_item", "reason"]
    list_select_related = ["assignment", "package_item"]
    list_filter = ["reason"]
    search_fields = ["=assignment__id", "=assignment__job__id"]


@admin.register(SamplingCarry)
class SamplingCarryAdmin(OfJobAdmin):
    """How many items of whom were seen before a draw."""

    list_display = ["id", "job", "stage", "subject", "ratio", "seen"]
    list_select_related = ["job", "subject"]
    list_filter = ["stage"]


@admin.register(SkipRecord)
class SkipRecordAdmin(OfJobAdmin):
    """Packages that people gave back."""

    list_display = ["id", "job", "package", "person", "counted", "created_at", "lifted_at"]
    list_select_related = ["job", "package", "person"]


@admin.register(PackageEvent)
class PackageEventAdmin(OfJobAdmin):
    """What happened."""

    list_display = ["id", "created_at", "job", "package", "verb", "actor", "stage", "round"]
    list_select_related = ["job", "package", "actor"]
    list_filter = ["verb", "stage"]


@admin.register(JobEvent)
class JobEventAdmin(OfJobAdmin):
    """What happened to jobs as a whole."""

    list_display = ["id", "created_at", "job", "verb", "actor", "note"]
    list_select_related = ["job", "actor"]
    list_filter = ["verb"]


@admin.register(Batch)
class BatchAdmin(OfJobAdmin):
    """Items that were added to a job at once."""

    list_display = ["id", "job", "number", "first_ordinal", "last_ordinal", "closed_at"]


@admin.register(SplitRun)
class SplitRunAdmin(GuardedAdmin):
    """The runs that cut batches into packages."""

    list_display = ["id", "batch", "state", "done", "total", "heartbeat_at", "finished_at"]
    list_select_related = ["batch"]
    list_filter = ["state"]
    search_fields = ["=batch__job__id", "=batch__job__name"]


@admin.register(JobSummary)
class JobSummaryAdmin(OfJobAdmin):
    """The figures that lists of jobs show."""

    list_display = ["job", "labeling_items", "check_items", "acceptance_items", "finished_items"]


@admin.register(JobPace)
class JobPaceAdmin(OfJobAdmin):
    """How far jobs were at earlier moments."""

    list_display = ["id", "job", "taken_at", "labeling_items", "check_items", "acceptance_items"]


@admin.register(Guide)
class GuideAdmin(OfJobAdmin):
    """Versions of guides."""

    list_display = ["id", "job", "version", "kind", "author", "published_at"]
    list_select_related = ["job", "author"]
    list_filter = ["kind"]


@admin.register(GuideFile)
class GuideFileAdmin(OfJobAdmin):
    """Pictures and PDFs of guides."""

    list_display = ["id", "job", "name", "kind", "size", "author", "created_at"]
    list_select_related = ["job", "author"]
    list_filter = ["kind"]


@admin.register(GuideConfirmation)
class GuideConfirmationAdmin(GuardedAdmin):
    """Who has read which version."""

    list_display = ["id", "guide", "user", "at"]
    list_select_related = ["guide", "user"]
    search_fields = ["=guide__job__id", "=user__username"]


@admin.register(Thread)
class ThreadAdmin(OfJobAdmin):
    """Questions."""

    list_display = ["id", "job", "package_item", "author", "state", "published", "updated_at"]
    list_select_related = ["job", "package_item", "author"]
    list_filter = ["state", "published"]


@admin.register(Message)
class MessageAdmin(GuardedAdmin):
    """What was written in them."""

    list_display = ["id", "thread", "author", "is_answer", "published", "created_at"]
    list_select_related = ["thread", "author"]
    search_fields = ["=thread__id", "=thread__job__id"]


@admin.register(Appeal)
class AppealAdmin(OfJobAdmin):
    """Appeals against verdicts."""

    list_display = ["id", "job", "annotation", "author", "state", "decided_by", "created_at"]
    list_select_related = ["job", "annotation", "author", "decided_by"]
    list_filter = ["state"]


@admin.register(StageTally)
class StageTallyAdmin(OfJobAdmin):
    """Figures by person, stage and day."""

    list_display = ["id", "job", "stage", "user", "team", "day", "packages", "items"]
    list_select_related = ["job", "user", "team"]
    list_filter = ["stage"]


@admin.register(ErrorTally)
class ErrorTallyAdmin(OfJobAdmin):
    """Errors by person, kind and day."""

    list_display = ["id", "job", "stage", "user", "day", "kind", "error_type", "count"]
    list_select_related = ["job", "user"]
    list_filter = ["stage", "kind"]


@admin.register(PackageTally)
class PackageTallyAdmin(OfJobAdmin):
    """Labels in force by package."""

    list_display = ["package_id", "job", "voted_at"]
    list_select_related = ["job"]


@admin.register(LabelTally)
class LabelTallyAdmin(OfJobAdmin):
    """Labels in force by job."""

    list_display = ["id", "job", "question", "option", "count"]
    list_select_related = ["job"]


@admin.register(TallyDue)
class TallyDueAdmin(OfJobAdmin):
    """What is to be counted yet."""

    list_display = ["id", "job", "package", "kind", "created_at"]
    list_select_related = ["job", "package"]
    list_filter = ["kind"]


@admin.register(Lot)
class LotAdmin(OfJobAdmin):
    """Acceptance lots."""

    list_display = ["id", "job", "accepter", "state", "package_count", "decision", "created_at"]
    list_select_related = ["job", "accepter"]
    list_filter = ["state", "decision"]


@admin.register(Notification)
class NotificationAdmin(GuardedAdmin):
    """What people were told."""

    list_display = ["id", "created_at", "user", "event", "job", "mail", "read_at"]
    list_select_related = ["user", "job"]
    list_filter = ["event", "mail"]
    search_fields = ["=user__username", "=job__id"]


@admin.register(Webhook)
class WebhookAdmin(GuardedAdmin):
    """Where events go; addresses and keys are sealed."""

    list_display = ["id", "name", "kind", "workspace", "job", "active"]
    list_select_related = ["workspace", "job"]
    list_filter = ["kind", "active"]
    search_fields = ["name"]


@admin.register(Delivery)
class DeliveryAdmin(GuardedAdmin):
    """Events on their way to webhooks."""

    list_display = ["id", "created_at", "webhook", "event", "state", "attempts", "status", "error"]
    list_select_related = ["webhook"]
    list_filter = ["state", "event"]
    search_fields = ["=webhook__id"]
