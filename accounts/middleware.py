"""What stands between a signed-in person and every page."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.services.tokens import PASSWORD_CHANGE
from itag.web.pages import is_part

#: Routes that are open to people who have yet to choose a password of their own.
OPEN = frozenset(
    {
        "account_change_password",
        "account_logout",
        "account_inactive",
        "language",
        "theme",
        "healthz",
    }
)


class OwnPasswordMiddleware:
    """Nobody works with a password that somebody else chose: every page leads to the one where it is changed.

    Requests with an API token are refused where the token is looked up.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        match = request.resolver_match
        if match is not None and match.url_name in OPEN and not match.namespaces:
            return None
        user = request.user
        if not user.is_authenticated or not getattr(user, "must_change_password", False):
            return None
        if request.path.startswith("/api/") or is_part(request):
            words = {"code": PASSWORD_CHANGE, "detail": _("Choose a password of your own first.")}
            return JsonResponse({**words, "errors": []}, status=403)
        return redirect("account_change_password")
