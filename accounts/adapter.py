"""allauth's decisions: sign-up is closed; people come by invitation or are made by an administrator."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponse

from itag.core.text import fold
from itag.web.middleware import language_cookie


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """User names are looked up in the spelling in which they are kept."""
        if name := credentials.get("username"):
            credentials["username"] = fold(name)
        return super().authenticate(request, **credentials)

    def set_password(self, user: Any, password: str) -> None:
        """A password of one's own: what somebody else chose is over."""
        user.must_change_password = False
        super().set_password(user, password)

    def post_login(self, request: HttpRequest, user: Any, **options: Any) -> HttpResponse:
        """The language of the person's account comes with them to a browser where they sign in."""
        response = super().post_login(request, user, **options)
        if user.language:
            language_cookie(response, user.language)
        return response

    def add_message(self, *args: Any, **options: Any) -> None:
        """Silent: that somebody has signed in or out, the page shows by itself."""
