"""DRF's side of the rules: `rules = {action: rule name}` on every view; an action without a rule is refused."""

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from rest_framework.permissions import SAFE_METHODS, BasePermission

from itag.core.errors import Denied
from itag.core.policy import require

if TYPE_CHECKING:  # at run time DRF imports this module while importing its own views
    from rest_framework.request import Request
    from rest_framework.views import APIView

#: The rule of views whose objects are already narrowed by `visible_to` or that show only the person's own things.
SIGNED_IN = "signed_in"


class RulePermission(BasePermission):
    """Signed in, and the action has a rule; the rule itself is asked for the object."""

    def has_permission(self, request: "Request", view: "APIView") -> bool:
        user = request.user
        if not user or not user.is_authenticated or not user.is_active:
            return False
        # An API token may be narrower than its person; a session has no scopes.
        if "read" in (getattr(request.auth, "scopes", None) or ()) and (
            request.method not in SAFE_METHODS
        ):
            raise Denied(_("This token may only read."))
        return self._rule(view) is not None

    def has_object_permission(self, request: "Request", view: "APIView", obj: Any) -> bool:
        name = self._rule(view)
        if name is None:
            return False
        if name != SIGNED_IN:
            require(request.user, name, obj)
        return True

    @staticmethod
    def _rule(view: "APIView") -> str | None:
        rules: dict[str, str] = getattr(view, "rules", {})
        action = getattr(view, "action", None) or str(view.request.method).lower()
        if action in ("metadata", "options", "head"):
            return None
        return rules.get(action)
