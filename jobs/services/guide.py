"""The guide of a job: published in versions, each confirmed by whoever goes on claiming."""

from typing import BinaryIO

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from itag.core.clock import now
from itag.core.errors import Conflict, FieldError, Invalid
from itag.web.markdown import PICTURE, pictures_in
from jobs.models import (
    Guide,
    GuideConfirmation,
    GuideFile,
    Job,
    JobEvent,
    NoticeEvent,
    Notification,
)
from jobs.selectors.guide import unconfirmed
from jobs.selectors.recipients import job_people
from jobs.services.events import record_job_event
from jobs.services.guide_files import add_pdf
from jobs.services.notices import tell
from jobs.services.release import UNSTORABLE

MAX_TEXT = 50_000
MAX_NOTE = 500


def publish_guide(
    *, job: Job, user: User, markdown: str, note: str = "", base: int | None = None
) -> Guide:
    """Make this text the job's guide, as its next version; the text in force once more changes nothing.

    `note` says what is new; `base` is the version that was edited. Everybody confirms the new one before their next
    claim; its author has. Raises Invalid at `markdown` (with lines) or `note`, Conflict `changed` where somebody else
    published meanwhile.
    """
    markdown = markdown.replace("\r\n", "\n").strip()
    _check_text(job, markdown)
    return _publish(job, user, note, base, kind=Guide.Kind.MARKDOWN, text=markdown)


def publish_pdf(
    *,
    job: Job,
    user: User,
    file: BinaryIO,
    size: int,
    note: str = "",
    base: int | None = None,
) -> Guide:
    """Make this PDF the job's guide. Raises as `publish_guide`, at `file`."""
    kept = add_pdf(job=job, user=user, file=file, size=size)
    return _publish(job, user, note, base, kind=Guide.Kind.PDF, file=kept)


@transaction.atomic
def _publish(
    job: Job,
    user: User,
    note: str,
    base: int | None,
    *,
    kind: Guide.Kind,
    text: str = "",
    file: GuideFile | None = None,
) -> Guide:
    note = note.strip()
    if len(note) > MAX_NOTE or UNSTORABLE.search(note):
        raise Invalid.field("note", _("At most %(most)d characters of text.") % {"most": MAX_NOTE})
    # Two people who publish at once wait for each other here; the second one is told.
    locked = Job.objects.select_for_update(of=("self",), no_key=True).get(pk=job.pk)
    if base is not None and base != locked.guide_version:
        raise Conflict(
            _("Somebody else has published version %(version)d meanwhile.")
            % {"version": locked.guide_version},
            code="changed",
            version=locked.guide_version,
        )
    current = Guide.objects.filter(job=locked, version=locked.guide_version).first()
    if current and (current.kind, current.text, current.file_id) == (
        kind, text, file.pk if file else None,
    ):  # fmt: skip
        return current
    guide = Guide.objects.create(
        job=locked,
        version=locked.guide_version + 1,
        kind=kind,
        text=text,
        file=file,
        note=note,
        author=user,
        published_at=now(),
    )
    locked.guide_version = job.guide_version = guide.version
    locked.save(update_fields=["guide_version"])
    GuideConfirmation.objects.create(guide=guide, user=user, at=guide.published_at)
    record_job_event(JobEvent.Verb.GUIDE, job=locked, actor=user, note=note, version=guide.version)
    tell(
        event=NoticeEvent.GUIDE_CHANGED,
        users=job_people(locked) - {user.pk},
        job=locked,
        key=guide.version,
    )
    return guide


def confirm_guide(*, job: Job, user: User, version: int) -> GuideConfirmation:
    """Note that the person has read this version; twice is once. Raises Conflict `guide` if it is not in force."""
    guide = Guide.objects.filter(job=job, version=version).first()
    if guide is None or version != job.guide_version:
        raise Conflict(
            _("Version %(version)d of the guide is in force; read that one.")
            % {"version": job.guide_version}
            if job.guide_version
            else _("The job has no guide."),
            code="guide",
            version=job.guide_version,
        )
    found, _made = GuideConfirmation.objects.get_or_create(
        guide=guide, user=user, defaults={"at": now()}
    )
    # Who has read the guide need not be told of it any more.
    Notification.objects.visible_to(user).unread().filter(
        job=job, event=NoticeEvent.GUIDE_CHANGED
    ).update(read_at=now())
    return found


def require_confirmed(*, job: Job, user: User) -> None:
    """Raise Conflict `guide` with the `version` unless the person has confirmed the guide in force.

    Nothing is asked of the database where the job has no guide, else one row of a unique index.
    """
    if job.guide_version and unconfirmed(jobs=[job], user=user):
        raise guide_conflict(job)


def guide_conflict(job: Job) -> Conflict:
    """What to tell somebody who must read the job's guide first."""
    return Conflict(
        _("The guide of %(job)s is new or has changed: read and confirm it first.")
        % {"job": job.name},
        code="guide",
        version=job.guide_version,
        job=job.pk,
    )


def _check_text(job: Job, markdown: str) -> None:
    if not markdown or len(markdown) > MAX_TEXT:
        raise Invalid.field(
            "markdown",
            _("A guide has 1 to %(most)s characters; this has %(count)s.")
            % {"most": MAX_TEXT, "count": len(markdown)},
        )
    if UNSTORABLE.search(markdown):
        raise Invalid.field("markdown", _("The text holds a character that cannot be stored."))
    names = set(
        GuideFile.objects.filter(job=job, kind=GuideFile.Kind.PICTURE).values_list(
            "name", flat=True
        )
    )
    errors: list[FieldError] = [
        {
            "field": "markdown",
            "line": line,
            "message": _("Line %(line)d: upload the picture; those of other places are not shown.")
            % {"line": line},
        }
        for address, line in pictures_in(markdown)
        if not address.startswith(PICTURE) or address.removeprefix(PICTURE) not in names
    ]
    if errors:
        raise Invalid(errors[0]["message"], errors=errors)
