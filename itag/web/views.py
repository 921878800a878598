"""Pages that belong to no app."""

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.module_loading import import_string
from django.views.decorators.http import require_GET, require_POST
from drf_spectacular.views import SpectacularSwaggerSplitView

from itag.web.middleware import language_cookie


@method_decorator(csp_replace({"style-src": [SELF, UNSAFE_INLINE]}), name="dispatch")
class ApiDocs(SpectacularSwaggerSplitView):
    """The API's reference, served from our own files; Swagger UI writes style attributes, no script of that kind."""

    url_name = "api-schema"
    rules = {"get": "signed_in"}


@require_GET
def healthz(request: HttpRequest) -> JsonResponse:
    """200 once web, database, broker and a worker are alive; else 503 with which is not."""
    # By name: the heartbeat rows belong to an app above this module.
    alive = import_string("accounts.services.health.alive")()
    status = 200 if all(alive.values()) else 503
    return JsonResponse({"ok": status == 200, **alive}, status=status)


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Remember the language in a cookie and return to the page."""
    language = request.POST.get("language", "")
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    response = redirect(target)
    if language in dict(settings.LANGUAGES):
        language_cookie(response, language)
        if request.user.is_authenticated:
            get_user_model()._default_manager.filter(pk=request.user.pk).update(language=language)
    return response
