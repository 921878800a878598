"""The labeling page for whoever holds an assignment, the same page read-only for managers, and the items' media."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404
from django.template.loader import get_template
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from datasets.services.media import media_response
from datasets.views.media import DatasetMedia
from itag.core.errors import NotFound
from itag.core.policy import require
from itag.web.context import site
from itag.web.pages import RulePage
from itag.web.renderers import JSONRenderer
from jobs.models import Assignment, Job, Package, PackageItem
from jobs.selectors.pulse import moment
from jobs.selectors.work import (
    assignment_payload,
    find_assignment,
    item_payload,
    package_item_payload,
    package_payload,
)
from jobs.services.correct import why_not_corrected
from jobs.services.recognise import why_not_recognised

#: What would end a script element, as JSON spells it.
_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


class LabelPage(RulePage):
    """The labeling page at one item; who held the assignment before, or manages its job, may look."""

    rule = "assignments.view"
    object: Assignment

    def get_object(self) -> Assignment:
        return find_assignment(self.kwargs["assignment"])

    def get(self, request: HttpRequest, assignment: int, position: int) -> HttpResponse:
        found = self.object
        item = item_payload(found, position, _person(request))
        payload = assignment_payload(found, _person(request))
        own = found.holder_id == _person(request).pk
        back = reverse("home") if own else reverse("job", args=[found.job_id])
        return _page(request, payload, item, found.job, back, own=own)


class PackageItemPage(RulePage):
    """The same page for a manager: the answers in force and their history, for correction."""

    rule = "jobs.manage"
    object: Job

    def get_object(self) -> Job:
        jobs = Job.objects.alive().visible_to(self.request.user)
        return get_object_or_404(jobs, pk=self.kwargs["pk"])

    def get(self, request: HttpRequest, pk: int, number: int, position: int) -> HttpResponse:
        package = get_object_or_404(
            Package.objects.select_related("job__workspace"), job=self.object, number=number
        )
        item = package_item_payload(package, position, _person(request))
        payload = package_payload(package, _person(request))
        back = reverse("package", args=[pk, number])
        correct = {"why": why_not_corrected(package)}
        return _page(request, payload, item, package.job, back, correct=correct)


class Media(DatasetMedia):
    """An item's file for those who may see the assignment; `?size=thumb` for a small picture."""

    def get(  # type: ignore[override]
        self, request: HttpRequest, assignment: int, position: int, field: str
    ) -> HttpResponse:
        found = find_assignment(assignment)
        require(request.user, "assignments.view", found)
        return _media(request, field, package=found.package_id, position=position)


class PackageMedia(DatasetMedia):
    """An item's file for the job's managers, who may have no rights on its dataset."""

    def get(  # type: ignore[override]
        self, request: HttpRequest, pk: int, number: int, position: int, field: str
    ) -> HttpResponse:
        job = get_object_or_404(Job.objects.alive().visible_to(request.user), pk=pk)
        require(request.user, "jobs.manage", job)
        return _media(request, field, package__job=job, package__number=number, position=position)


def _media(request: HttpRequest, field: str, **where: Any) -> HttpResponse:
    """Send on to the file of the package item found by `where`."""
    row = (
        PackageItem.objects.select_related("item")
        .only("item__media", "item__dataset_id", "item__ordinal")
        .filter(**where)
        .first()
    )
    if row is None:
        raise NotFound(_("The package has no such item."))
    return media_response(request, item=row.item, field=field)


def _page(
    request: HttpRequest,
    assignment: dict[str, Any],
    item: dict[str, Any],
    job: Job,
    back: str,
    *,
    own: bool = False,
    correct: dict[str, str] | None = None,
) -> HttpResponse:
    bootstrap = {
        "assignment": assignment,
        "position": item["position"],
        "item": item,
        "guide": job.description,
        "own": own,
        "correct": correct,
        "recogniser": {"why": why_not_recognised()},
        **moment(job),
        "workspace": job.workspace_id,
        "back": back,
        **reader(request),
    }
    return shell(request, "jobs/label.html", bootstrap, job=job)


def reader(request: HttpRequest) -> dict[str, Any]:
    """What the labeling page is told of the person in front of it."""
    person = _person(request)
    return {
        "user": {
            "id": person.pk,
            "username": person.username,
            "name": str(person),
            "claim_next": person.claim_next,
            "shortcuts": person.shortcuts,
        },
        "csrf": get_token(request),
        "language": get_language() or settings.LANGUAGE_CODE,
        "home": reverse("home"),
        "signin": reverse("account_login"),
        "preferences": {
            "theme": reverse("theme"),
            "language": reverse("language"),
            "languages": settings.LANGUAGES,
        },
    }


def shell(
    request: HttpRequest, template: str, bootstrap: dict[str, Any], **context: Any
) -> HttpResponse:
    """A page that is nothing but its script and what that begins with."""
    values = {**site(request), "bootstrap": _script(bootstrap), **context}
    # Without the request: the frame of the other pages asks the database four times, and is not shown here.
    return HttpResponse(get_template(template).render(values))


def _script(value: dict[str, Any]) -> SafeString:
    """JSON for a script element. Raw JSON columns pass undecoded, and nothing in them can end the element."""
    text = JSONRenderer().render(value).decode().translate(_ESCAPES)
    return mark_safe(text)  # noqa: S308  escaped above


def _person(request: HttpRequest) -> Any:
    return request.user
