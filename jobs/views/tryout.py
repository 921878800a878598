"""The labeling page as a preview: framed by our own pages, which tell it what to show."""

from csp.constants import SELF
from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.clickjacking import xframe_options_sameorigin

from itag.web.pages import SignedIn
from jobs.views.label import reader, shell


@method_decorator(xframe_options_sameorigin, name="dispatch")
@method_decorator(csp_replace({"frame-ancestors": [SELF]}), name="dispatch")
class TryOutPage(SignedIn):
    """Empty until the page around it names a template and a dataset; what is answered here is stored nowhere."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return shell(request, "jobs/tryout.html", reader(request))
