"""One's own account: name, language, API tokens."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.context import person
from accounts.forms import ProfileForm, TokenForm
from accounts.models import ApiToken
from accounts.services.tokens import create_token, revoke_token
from accounts.services.users import update_profile
from itag.core.clock import now
from itag.core.errors import Invalid
from itag.core.policy import require
from itag.web.forms import add_errors
from itag.web.middleware import language_cookie
from itag.web.pages import SignedIn

SHOWN_TOKENS = 100


class AccountPage(SignedIn):
    """Shared by the page and its two forms, which show the same page with their mistakes."""

    def page(self, status: int = 200, **context: Any) -> HttpResponse:
        user = person(self.request)
        profile = {"name": user.name, "email": user.email, "language": user.language}
        tokens = ApiToken.objects.visible_to(user)
        context.setdefault("profile", ProfileForm(initial=profile))
        context.setdefault("token_form", TokenForm())
        context["tokens"] = tokens[:SHOWN_TOKENS]
        context["now"] = now()
        return render(self.request, "accounts/account.html", context, status=status)


class Account(AccountPage):
    """The page; posting to it changes the profile."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page()

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ProfileForm(request.POST)
        if form.is_valid():
            try:
                user = update_profile(user=person(request), **form.cleaned_data)
            except Invalid as exc:
                add_errors(form, exc)
            else:
                language = user.language or request.LANGUAGE_CODE
                with override(language):
                    messages.success(request, _("Saved."))
                response = redirect("account")
                if user.language:
                    language_cookie(response, user.language)
                return response
        return self.page(status=422, profile=form)


class NewToken(AccountPage):
    """Makes an API token and shows its secret, this once."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        form = TokenForm(request.POST)
        if not form.is_valid():
            return self.page(status=422, token_form=form)
        fields = form.cleaned_data
        _token, secret = create_token(
            user=person(request),
            name=fields["name"],
            hours=fields["hours"],
            scopes=["read"] if fields["read_only"] else [],
        )
        response = self.page(secret=secret)
        response["Cache-Control"] = "no-store"
        return response


class RevokeToken(SignedIn):
    """Ends an API token."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        token = get_object_or_404(ApiToken.objects.visible_to(request.user), pk=pk)
        require(request.user, "tokens.revoke", token)
        revoke_token(token=token)
        messages.success(request, _("The token is revoked."))
        return redirect("account")
