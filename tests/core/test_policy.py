"""Rules answer with a reason, and a name that nobody declared is an error."""

import pytest

from itag.core import policy
from itag.core.errors import Denied, NotFound
from itag.core.policy import ALLOWED, HIDDEN, can, denied, require, rule


class Person:
    is_authenticated = True
    is_active = True


@pytest.fixture
def rules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy, "_rules", {})

    @rule("things.see", "things.touch")
    def see(user: object, obj: object) -> policy.Verdict:
        return {"open": ALLOWED, "secret": HIDDEN}.get(str(obj), denied("It is locked."))


@pytest.mark.usefixtures("rules")
class TestCan:
    def test_answers_by_the_rule_with_its_reason(self):
        assert can(Person(), "things.see", "open")
        verdict = can(Person(), "things.touch", "locked")
        assert not verdict
        assert verdict.reason == "It is locked."

    def test_an_undeclared_name_is_an_error(self):
        with pytest.raises(ValueError, match=r"things\.eat"):
            can(Person(), "things.eat", "open")

    def test_a_name_is_declared_once(self):
        with pytest.raises(ValueError, match="twice"):
            rule("things.see")(lambda user, obj: ALLOWED)

    def test_nobody_and_inactive_people_see_nothing(self):
        inactive = Person()
        inactive.is_active = False
        assert can(None, "things.see", "open").hidden
        assert can(inactive, "things.see", "open").hidden

    def test_require_hides_or_refuses(self):
        require(Person(), "things.see", "open")
        with pytest.raises(NotFound):
            require(Person(), "things.see", "secret")
        with pytest.raises(Denied, match="locked"):
            require(Person(), "things.see", "locked")
