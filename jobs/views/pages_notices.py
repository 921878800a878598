"""The bell, the list of notices, what is told by mail; webhooks with their delivery log."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.context import current_workspace, person
from accounts.models import Workspace
from itag.core.errors import Conflict, Invalid
from itag.core.mail import mail_works
from itag.core.outbound import OutboundError
from itag.core.policy import require
from itag.web.pages import SignedIn
from jobs.models import Delivery, Job, NoticeEvent, Webhook
from jobs.selectors.notices import COUNT_TO, notice_payloads, notices_for, unread_count
from jobs.services import deliveries
from jobs.services.notices import mail_events, mark_read, set_mail_events
from jobs.views.job_page import JobPage

PAGE = 50
TONES = {"queued": "info", "succeeded": "ok", "failed": "bad"}


class Bell(SignedIn):
    """How many notices are unread, for the frame of every page."""

    def get(self, request: HttpRequest) -> HttpResponse:
        count = unread_count(person(request))
        return render(
            request, "jobs/bell.html", {"count": count, "many": count >= COUNT_TO, "asked": True}
        )


class Notices(SignedIn):
    """The person's notices, newest first; what is shown counts as read once they say so."""

    def get(self, request: HttpRequest) -> HttpResponse:
        user = person(request)
        rows = notices_for(user)
        before = _number(request.GET.get("before", ""))
        if before:
            rows = rows.filter(pk__lt=before)
        found = list(rows[: PAGE + 1])
        more, found = len(found) > PAGE, found[:PAGE]
        chosen = mail_events(user)
        return render(
            request,
            "jobs/notices.html",
            {
                "notices": notice_payloads(found, user),
                "unread": unread_count(user),
                "mail_works": mail_works(),
                "events": [(value, label, value in chosen) for value, label in NoticeEvent.choices],
                "pager": {
                    "previous": "?" if before else "",
                    "next": f"?before={found[-1].pk}" if more else "",
                },
            },
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        """`read`: all are read, or this one (and on to its page); else the events that are told by mail."""
        user = person(request)
        if "read" in request.POST:
            one = _number(request.POST["read"])
            mark_read(user=user, ids=[one] if one else None)
            if one and (row := notices_for(user).filter(pk=one).first()):
                return redirect(notice_payloads([row], user)[0]["url"] or "notices")
        else:
            set_mail_events(user=user, events=request.POST.getlist("mail"))
            messages.success(request, _("Saved."))
        return redirect("notices")


class _OfHooks:
    """What both lists of webhooks do."""

    def list_page(
        self, request: HttpRequest, hooks: Any, status: int = 200, **more: Any
    ) -> dict[str, Any]:
        return {
            "hooks": hooks.select_related("created_by", "job"),
            "hook": Webhook(),
            "kinds": Webhook.Kind.choices,
            "events": NoticeEvent.choices,
            "values": request.POST,
            "picked": request.POST.getlist("events"),
            **more,
        }


class Webhooks(SignedIn, _OfHooks):
    """The webhooks of the current workspace."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(self._workspace())

    def post(self, request: HttpRequest) -> HttpResponse:
        workspace = self._workspace()
        try:
            hook = deliveries.save_webhook(
                user=person(request), workspace=workspace, **hook_fields(request.POST)
            )
        except Invalid as error:
            return self._page(workspace, errors=_by_field(error), status=422)
        messages.success(request, _("The webhook is set up: send a test."))
        return redirect("webhook", pk=hook.pk)

    def _workspace(self) -> Workspace:
        workspace = current_workspace(self.request)
        require(self.request.user, "webhooks.list", workspace)
        assert workspace is not None  # the rule hides what is not there
        return workspace

    def _page(self, workspace: Workspace, status: int = 200, **more: Any) -> HttpResponse:
        hooks = Webhook.objects.filter(workspace=workspace)
        return render(
            self.request,
            "jobs/webhooks.html",
            self.list_page(self.request, hooks, **more),
            status=status,
        )


class JobWebhooks(JobPage, _OfHooks):
    """The webhooks of one job."""

    rule = "webhooks.of_job"
    tab = "job-webhooks"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._page()

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        job: Job = self.object
        try:
            hook = deliveries.save_webhook(
                user=person(request), workspace=job.workspace, job=job, **hook_fields(request.POST)
            )
        except Invalid as error:
            return self._page(422, errors=_by_field(error))
        messages.success(request, _("The webhook is set up: send a test."))
        return redirect("webhook", pk=hook.pk)

    def _page(self, status: int = 200, **more: Any) -> HttpResponse:
        hooks = Webhook.objects.filter(job=self.object)
        return self.page(
            "jobs/job_webhooks.html",
            status,
            title=_("Webhooks"),
            **self.list_page(self.request, hooks, **more),
        )


class WebhookPage(SignedIn):
    """One webhook: its settings and what it was sent."""

    def hook(self) -> Webhook:
        rows = Webhook.objects.visible_to(self.request.user).select_related("workspace", "job")
        hook: Webhook = get_object_or_404(rows, pk=self.kwargs["pk"])
        require(self.request.user, "webhooks.change", hook)
        return hook

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._page(self.hook())

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        hook = self.hook()
        what = request.POST.get("do", "save")
        try:
            if what == "test":
                deliveries.test_webhook(webhook=hook, user=person(request))
                messages.success(request, _("A test is on its way."))
            elif what == "again":
                rows = Delivery.objects.filter(webhook=hook)
                delivery = get_object_or_404(rows, pk=_number(request.POST.get("delivery", "")))
                deliveries.redeliver(delivery=delivery)
                messages.success(request, _("It is on its way once more."))
            elif what == "delete":
                hook.delete()
                messages.success(request, _("The webhook is removed."))
                return redirect(*(("job-webhooks", hook.job_id) if hook.job_id else ("webhooks",)))
            else:
                deliveries.save_webhook(
                    user=person(request),
                    workspace=hook.workspace,
                    webhook=hook,
                    active="active" in request.POST,
                    **hook_fields(request.POST, changing=True),
                )
                messages.success(request, _("Saved."))
        except Invalid as error:
            hook.refresh_from_db()
            return self._page(hook, errors=_by_field(error), status=422)
        except Conflict as error:
            messages.error(request, error.detail)
        return redirect("webhook", pk=pk)

    def _page(self, hook: Webhook, status: int = 200, **more: Any) -> HttpResponse:
        rows = Delivery.objects.filter(webhook=hook).order_by("-pk")
        before = _number(self.request.GET.get("before", ""))
        if before:
            rows = rows.filter(pk__lt=before)
        found = list(rows[: PAGE + 1])
        over, found = len(found) > PAGE, found[:PAGE]
        context = {
            "hook": hook,
            "kinds": Webhook.Kind.choices,
            "events": NoticeEvent.choices,
            "picked": self.request.POST.getlist("events") or hook.events,
            "values": self.request.POST,
            "deliveries": [
                (
                    row,
                    TONES[row.state],
                    dict(NoticeEvent.choices).get(row.event, _("Test")),
                    _why(row, hook),
                )
                for row in found
            ],
            "live": any(row.state == Delivery.State.QUEUED for row in found) and not before,
            "pager": {
                "previous": "?" if before else "",
                "next": f"?before={found[-1].pk}" if over else "",
            },
            **more,
        }
        part = (
            "jobs/deliveries.html" if self.request.GET.get("part") == "log" else "jobs/webhook.html"
        )
        return render(self.request, part, context, status=status)


def _why(row: Delivery, hook: Webhook) -> str:
    """Why the delivery did not arrive, in words; "" where the status or the robot's code says all there is."""
    words = {
        "inactive": _("The webhook was switched off."),
        "sealed": _("What is kept sealed cannot be read any more: enter the address again."),
    }
    if row.error == "forbidden":
        return f"{OutboundError.MESSAGES['forbidden']} " + (
            _("A job's webhook reaches public addresses only.")
            if hook.job_id
            else _("Whoever runs the server allows it with ITAG_ALLOW_NETWORKS.")
        )  # fmt: skip
    return words.get(row.error) or str(OutboundError.MESSAGES.get(row.error, ""))


def hook_fields(form: Any, *, changing: bool = False) -> dict[str, Any]:
    """What the form says; in a change an empty address or key leaves the old one."""
    fields: dict[str, Any] = {
        "name": form.get("name", ""),
        "kind": form.get("kind", ""),
        "events": form.getlist("events"),
    }
    for name in ("url", "secret"):
        if form.get(name) or not changing:
            fields[name] = form.get(name, "").strip()
    return fields


def _by_field(error: Invalid) -> dict[str, str]:
    return {entry.get("field", ""): entry["message"] for entry in error.errors}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else 0
