"""What a person prefers in this browser: theme and workspace (the language is itag.web.views.choose_language)."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.context import SESSION_KEY
from accounts.models import Workspace
from itag.core.errors import NotFound
from itag.web.context import THEMES
from itag.web.pages import SignedIn


@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Remember the theme in a cookie (`light`, `dark`; anything else: the system's) and return to the page."""
    theme = request.POST.get("theme", "")
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    response = redirect(target)
    if theme in THEMES:
        response.set_cookie(
            "theme",
            theme,
            max_age=365 * 86400,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response


class ChooseWorkspace(SignedIn):
    """Make another of the person's workspaces the current one, and go to its start page; archived ones to be read."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        wanted = request.POST.get("workspace", "")
        found = Workspace.objects.visible_to(request.user).filter(
            pk=int(wanted) if wanted.isdecimal() and len(wanted) < 19 else 0
        )
        workspace = found.first()
        if workspace is None:
            raise NotFound(_("Not found."))
        request.session[SESSION_KEY] = workspace.pk
        return redirect("/")
