"""Base of the pages: sign-in required, rules asked before the view runs."""

from typing import Any

from django.contrib.auth.mixins import AccessMixin
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _
from django.views import View

from itag.core.policy import require


def is_part(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of a page: a redirect would put another whole page in its place."""
    return request.headers.get("HX-Request") == "true"


class SignedIn(AccessMixin, View):
    """Anonymous people go to the sign-in page (302); a part of a page that asks for itself is told so (401)."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            if is_part(request):
                words = {
                    "code": "not_authenticated",
                    "detail": _("You are signed out. Sign in again."),
                }
                return JsonResponse({**words, "errors": []}, status=401)
            return self.handle_no_permission()
        return super().dispatch(request, *args, **kwargs)


class RulePage(SignedIn):
    """`get_object()` finds the row through `visible_to`; `rule` is asked of it: 404 when hidden, 403 with a reason."""

    rule = ""

    def get_object(self) -> Any:
        return None

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.object: Any = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            self.object = self.get_object()
            if self.rule:
                require(request.user, self.rule, self.object)
        return super().dispatch(request, *args, **kwargs)
