"""May-you is asked once and answers with a reason: one registry of rules for pages, API and admin."""

from collections.abc import Callable
from typing import Any

from itag.core.errors import Denied, NotFound


class Verdict:
    """Truthy when allowed; `reason` says why not, `hidden` that the person may not know the object exists."""

    __slots__ = ("allowed", "hidden", "reason")

    def __init__(self, *, allowed: bool, reason: str = "", hidden: bool = False) -> None:
        self.allowed, self.reason, self.hidden = allowed, reason, hidden

    def __bool__(self) -> bool:
        return self.allowed

    def __repr__(self) -> str:
        return "ALLOWED" if self.allowed else f"denied({self.reason!r})"


ALLOWED = Verdict(allowed=True)
HIDDEN = Verdict(allowed=False, hidden=True)

Rule = Callable[[Any, Any], Verdict]
_rules: dict[str, Rule] = {}


def denied(reason: str) -> Verdict:
    """Refuse, with a reason that the page can show on the button."""
    return Verdict(allowed=False, reason=str(reason))


def rule(*names: str) -> Callable[[Rule], Rule]:
    """Register the function that answers these rules; a name is declared once."""

    def register(function: Rule) -> Rule:
        for name in names:
            if name in _rules:
                raise ValueError(f"rule {name} is declared twice")
            _rules[name] = function
        return function

    return register


def can(user: Any, name: str, obj: Any = None) -> Verdict:
    """Ask whether the user may do this; an undeclared name is an error, never an answer."""
    if name not in _rules:
        raise ValueError(f"no rule is named {name}")
    if user is None or not user.is_authenticated or not user.is_active:
        return HIDDEN
    return _rules[name](user, obj)


def require(user: Any, name: str, obj: Any = None) -> None:
    """Raise NotFound or Denied unless the user may do this."""
    verdict = can(user, name, obj)
    if verdict:
        return
    if verdict.hidden:
        raise NotFound("Not found.")
    raise Denied(verdict.reason)
