"""What the guide page, the labeling page and the API show of a job's guide."""

from collections.abc import Iterable
from typing import Any, TypedDict

from django.core.cache import cache
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.visibility import visible_people
from itag.core.errors import NotFound
from itag.web.markdown import render_markdown
from jobs.models import Guide, GuideConfirmation, GuideFile, Job
from jobs.selectors.names import Names

#: Part of the key under which HTML is cached: it grows when `render_markdown` makes something else of a text.
RENDERING = 1
_DAY = 86_400


class GuidePayload(TypedDict):
    """A version of a guide as the API shows it; `version` 0 where the job has none, with nothing to confirm."""

    version: int
    current: int
    kind: str
    markdown: str
    html: str
    file: str | None
    note: str
    author: Any
    published_at: Any
    confirmed: bool


def find_guide(job: Job, version: int | None = None) -> Guide | None:
    """The version (without a number: the one in force), with author and file; None where the job has no guide.

    Raises NotFound for a number that there is not.
    """
    wanted = job.guide_version if version is None else version
    found = (
        Guide.objects.select_related("author", "file").filter(job=job, version=wanted).first()
        if 0 < wanted < 2**31
        else None
    )
    if found is None and version is not None:
        raise NotFound(_("The guide has no such version."))
    return found


def guide_payload(job: Job, user: User, guide: Guide | None) -> GuidePayload:
    """Two statements at most; `html` is safe to put into a page, and empty for a PDF, whose address is `file`."""
    if guide is None:
        return {
            "version": 0,
            "current": job.guide_version,
            "kind": Guide.Kind.MARKDOWN.value,
            "markdown": "",
            "html": "",
            "file": None,
            "note": "",
            "author": None,
            "published_at": None,
            "confirmed": True,
        }
    return {
        "version": guide.version,
        "current": job.guide_version,
        "kind": str(guide.kind),
        "markdown": guide.text,
        "html": guide_html(guide),
        "file": file_address(guide.job_id, guide.file.name) if guide.file else None,
        "note": guide.note,
        "author": Names(user, job).person(guide.author, ""),
        "published_at": guide.published_at,
        "confirmed": GuideConfirmation.objects.filter(guide=guide, user=user).exists(),
    }


def with_authors(guides: Iterable[Guide], job: Job, user: User) -> list[Guide]:
    """The versions, each with its author as this reader may know them, as `seen_author`."""
    names, found = Names(user, job), list(guides)
    for guide in found:
        guide.seen_author = names.person(guide.author, "")  # type: ignore[attr-defined]
    return found


def guide_html(guide: Guide) -> str:
    """The text of this version as HTML."""
    if guide.kind == Guide.Kind.PDF:
        return ""
    html = cache.get_or_set(
        f"guide:{guide.pk}:{RENDERING}", lambda: preview_html(guide.job_id, guide.text), _DAY
    )
    return str(html)


def preview_html(job_id: int, text: str) -> str:
    """The text as the job's guide would show it."""
    names = set(
        GuideFile.objects.filter(job=job_id, kind=GuideFile.Kind.PICTURE).values_list(
            "name", flat=True
        )
    )
    return render_markdown(
        text, picture=lambda name: file_address(job_id, name) if name in names else None
    )


def file_address(job_id: int, name: str) -> str:
    """Where a file of the job's guide is served."""
    return reverse("job-guide-file", args=[job_id, name])


def unconfirmed(*, jobs: Iterable[Job], user: User) -> set[int]:
    """Ids of those of the jobs whose guide in force the person has not confirmed; one query, none without guides."""
    wanted = {job.pk: job.guide_version for job in jobs if job.guide_version}
    if not wanted:
        return set()
    read = GuideConfirmation.objects.filter(user=user, guide__job__in=wanted).values_list(
        "guide__job", "guide__version"
    )
    return wanted.keys() - {pk for pk, version in read if wanted[pk] == version}


class Reader(TypedDict):
    """A member of the job, and which version of the guide they confirmed last (None: none)."""

    user: User
    version: int | None
    confirmed_at: Any
    current: bool


def readers(job: Job, viewer: User, members: set[int]) -> list[Reader]:
    """Who of the members (by id) has confirmed the guide in force and who has not, those first; three statements.

    Only people whom the viewer may know of.
    """
    people = visible_people(viewer, job.workspace)
    users = User.objects.filter(people.where(), pk__in=members, is_active=True)
    last: dict[int, tuple[int, Any]] = {}
    rows = GuideConfirmation.objects.filter(guide__job=job).order_by("guide__version")
    for user_id, version, at in rows.values_list("user", F("guide__version"), "at"):
        last[user_id] = (version, at)
    found: list[Reader] = []
    for user in users.order_by("username"):
        version, at = last.get(user.pk, (None, None))
        found.append(
            {
                "user": user,
                "version": version,
                "confirmed_at": at,
                "current": version == job.guide_version,
            }
        )
    return sorted(found, key=lambda reader: reader["current"])
