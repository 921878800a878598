"""Pages of people's departures: what somebody holds before they go, and what those who are gone still hold."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from accounts.context import current_workspace, person
from accounts.models import Membership, User, Workspace
from itag.core.errors import ItagError
from itag.core.policy import can, require
from itag.web.pages import RulePage
from jobs.models import Assignment
from jobs.selectors.leavers import Takers, left_behind, takers
from jobs.selectors.people import held_by
from jobs.services.leaving import (
    CLOSE,
    INACTIVE,
    KEEP,
    RELEASE,
    REMOVE,
    TRANSFER,
    WAYS,
    Choice,
    Settled,
    leave,
    settle,
)

#: Rows drawn on one page; the others go the way that is chosen for all.
PAGE = 100
Json = dict[str, Any]


class PeoplePage(RulePage):
    """A page of the current workspace; `self.object` is the workspace."""

    rule = "members.list"

    def get_object(self) -> Workspace | None:
        return current_workspace(self.request)


class LeaveMember(PeoplePage):
    """Deactivates or removes a member, or closes the account: what they hold is decided here, row by row or at once."""

    def membership(self, user: int) -> Membership:
        rows = Membership.objects.visible_to(self.request.user).for_list()
        return get_object_or_404(rows.filter(workspace=self.object), user=user)

    def get(self, request: HttpRequest, user: int) -> HttpResponse:
        return self._page(self.membership(user))

    def _page(
        self, found: Membership, error: ItagError | None = None, status: int = 200
    ) -> HttpResponse:
        viewer = self.request.user
        slots = held_by(found.user, self.object)
        count = slots.count()
        shown = list(slots.select_related("job", "package", "holder", "reserved_user")[:PAGE])
        places = takers(shown)
        elsewhere = held_by(found.user).exclude(job__workspace=self.object).count()
        ways = {
            INACTIVE: can(viewer, "members.change", found),
            REMOVE: can(viewer, "members.change", found),
            CLOSE: can(viewer, "users.change", found.user),
        }
        chosen = self.request.POST.get("way") or self.request.GET.get("way", INACTIVE)
        context = {
            "member": found,
            "rows": _rows(shown, places, self.request.POST),
            "count": count,
            "more": max(0, count - PAGE),
            "elsewhere": elsewhere if ways[CLOSE] else 0,
            "people": _everybody(places, without=found.user),
            "ways": [
                {"name": name, "label": label, "meaning": meaning, "verdict": ways[name]}
                for name, label, meaning in _ways()
            ],
            "way": chosen if chosen in WAYS else INACTIVE,
            "default": self.request.POST.get("default", RELEASE),
            "may_assign": can(viewer, "workspaces.lead", self.object),
            "error": error,
        }
        return render(self.request, "jobs/leave.html", context, status=status)

    def post(self, request: HttpRequest, user: int) -> HttpResponse:
        found = self.membership(user)
        way = request.POST.get("way", "")
        if way == CLOSE:
            require(request.user, "users.change", found.user)
        else:
            require(request.user, "members.change", found)
        try:
            default, rows = _choices(request, known=_known(request.user))
            settled = leave(
                user=found.user,
                workspace=self.object,
                actor=person(request),
                way=way,
                default=default,
                rows=rows,
            )
        except ItagError as exc:
            if exc.status in (403, 404):
                raise
            return self._page(found, exc, status=422)
        messages.success(request, _said(found.user, way))
        if text := _settled(settled):
            messages.info(request, text)
        return redirect("members")


class HeldByLeavers(PeoplePage):
    """What people who are gone still hold or have reserved in this workspace's jobs, to be given to others."""

    rule = "workspaces.view"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and current_workspace(request) is None:
            require(request.user, "members.list", None)
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page()

    def _page(self, error: ItagError | None = None, status: int = 200) -> HttpResponse:
        request = self.request
        after = request.GET.get("after", "")
        slots = left_behind(person(request), self.object)
        if after.isascii() and after.isdecimal() and len(after) < 19:
            slots = slots.filter(pk__gt=int(after))
        found = list(slots[: PAGE + 1])
        more = len(found) > PAGE
        found = found[:PAGE]
        places = takers(found)
        context = {
            "rows": _rows(found, places, request.POST),
            "people": _everybody(places),
            "default": request.POST.get("default", KEEP),
            "error": error,
            "pager": {
                "previous": "?" if after else "",
                "next": f"?after={found[-1].pk}" if more else "",
            },
        }
        return render(request, "jobs/held.html", context, status=status)

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            default, rows = _choices(request, known=_known(request.user))
            ids = [int(text) for text in request.POST.getlist("row") if _is_id(text)][:PAGE]
            slots = left_behind(person(request), self.object).filter(pk__in=ids)
            settled = settle(slots=slots, actor=person(request), default=default, rows=rows)
        except ItagError as exc:
            if exc.status in (403, 404):
                raise
            return self._page(exc, status=422)
        messages.success(request, _settled(settled) or _("Nothing was to be done."))
        return redirect("held-by-leavers")


def _ways() -> list[tuple[str, str, str]]:
    return [
        (
            INACTIVE,
            _("Deactivate in this workspace"),
            _(
                "The place in the list stays, every right here ends; it can be given back at any time."
            ),
        ),
        (
            REMOVE,
            _("Remove from this workspace"),
            _(
                "Every right here ends: the role, the stages of jobs, the places in teams. The account stays."
            ),
        ),
        (
            CLOSE,
            _("Close the account everywhere"),
            _(
                "Nobody can sign in with it any more, in any workspace; every session and API token ends for good."
            ),
        ),
    ]


def _known(viewer: Any) -> Any:
    return User.objects.visible_to(viewer).filter(is_active=True)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def _choice(text: str, people: dict[int, User]) -> Choice:
    """`release`, `keep`, or the id of the person who gets it."""
    if _is_id(text):
        return Choice(TRANSFER, people.get(int(text)))
    return Choice(text or RELEASE)


def _choices(request: HttpRequest, *, known: Any) -> tuple[Choice, dict[int, Choice]]:
    """What the form says: `default` for all, `slot-<id>` for one where it says something."""
    given = {
        int(key.removeprefix("slot-")): str(value)
        for key, value in request.POST.items()
        if key.startswith("slot-") and _is_id(key.removeprefix("slot-")) and value
    }
    default = request.POST.get("default", "")
    ids = {int(text) for text in (default, *given.values()) if _is_id(text)}
    people = known.in_bulk(ids)
    return _choice(default, people), {pk: _choice(text, people) for pk, text in given.items()}


def _rows(slots: list[Assignment], places: Takers, chosen: Any) -> list[Json]:
    return [
        {
            "slot": slot,
            "held": slot.state == Assignment.State.CLAIMED,
            "person": slot.holder or slot.reserved_user,
            "takers": [
                user
                for user in places[slot.job_id, str(slot.stage)]
                if user.pk not in (slot.holder_id, slot.reserved_user_id)
            ],
            "chosen": chosen.get(f"slot-{slot.pk}", ""),
        }
        for slot in slots
    ]


def _everybody(places: Takers, without: User | None = None) -> list[User]:
    """Everybody who works in one of the stages, once, by user name."""
    people = {user.pk: user for users in places.values() for user in users}
    if without is not None:
        people.pop(without.pk, None)
    return sorted(people.values(), key=lambda user: user.username)


def _said(user: User, way: str) -> str:
    texts = {
        INACTIVE: _("%(name)s is not active in this workspace any more."),
        REMOVE: _("%(name)s was removed from the workspace."),
        CLOSE: _("The account of %(name)s is closed."),
    }
    return texts[way] % {"name": user}


def _settled(settled: Settled) -> str:
    parts = [
        (_("released: %(count)d"), settled.released),
        (_("given to others: %(count)d"), settled.transferred),
        (_("to be reassigned: %(count)d"), settled.kept),
    ]
    said = [text % {"count": count} for text, count in parts if count]
    return _("Packages – %(parts)s") % {"parts": ", ".join(said)} if said else ""
