"""Base of the pages: sign-in required, rules asked before the view runs."""

from typing import Any

from django.contrib.auth.mixins import AccessMixin
from django.http import HttpRequest, HttpResponseBase
from django.views import View

from itag.core.policy import require


class SignedIn(AccessMixin, View):
    """Anonymous people go to the sign-in page (302)."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
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
