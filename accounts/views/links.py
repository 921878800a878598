"""Pages behind one-time links: the first administrator, and invitations."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views import View

from accounts.context import SESSION_KEY, person
from accounts.forms import NewPersonForm
from accounts.models import OneTimeLink, User
from accounts.services.links import (
    find_link,
    join_by_invitation,
    use_invitation,
    use_setup_link,
)
from itag.core.errors import Invalid, ItagError
from itag.web.forms import add_errors

BACKEND = "django.contrib.auth.backends.ModelBackend"


class LinkPage(View):
    """Anybody who has the link; the form makes an account and signs in with it."""

    purpose = ""
    template = ""
    use: Callable[..., User]

    def page(
        self, link: OneTimeLink, form: NewPersonForm | None, status: int = 200
    ) -> HttpResponse:
        context = {"link": link, "form": form}
        response = render(self.request, self.template, context, status=status)
        # The address is a secret: it goes into no cache, and to no other site as a referrer. Not "no-referrer":
        # with that browsers send the form with "Origin: null", which the protection against forgery refuses.
        response["Cache-Control"] = "no-store"
        response["Referrer-Policy"] = "same-origin"
        return response

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self.page(find_link(secret=token, purpose=self.purpose), NewPersonForm())

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        link = find_link(secret=token, purpose=self.purpose)
        form = NewPersonForm(request.POST)
        if form.is_valid():
            try:
                user = self.use(secret=token, **form.account())
            except Invalid as exc:
                add_errors(form, exc)
            else:
                login(request, user, backend=BACKEND)
                return redirect("/")
        return self.page(link, form, status=422)


class Setup(LinkPage):
    """Makes the first administrator."""

    purpose = OneTimeLink.Purpose.SETUP
    template = "accounts/setup.html"
    use = staticmethod(use_setup_link)


class Invite(LinkPage):
    """Lets an invited person in: with a new account, or with the one that they are signed in with."""

    purpose = OneTimeLink.Purpose.INVITE
    template = "accounts/invite.html"
    use = staticmethod(use_invitation)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        if not request.user.is_authenticated:
            return super().post(request, token)
        try:
            workspace = join_by_invitation(secret=token, user=person(request))
        except ItagError as exc:
            if exc.status == 404:
                raise
            messages.error(request, exc.detail)
            return redirect("/")
        request.session[SESSION_KEY] = workspace.pk
        messages.success(
            request, _("You are now in the workspace %(name)s.") % {"name": workspace.name}
        )
        return redirect("/")
