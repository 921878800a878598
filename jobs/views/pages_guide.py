"""Files of a job's guide, for whoever may read it."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404

from datasets.views.media import DatasetMedia
from itag.core.policy import require
from itag.web.files import serve_file
from jobs.models import GuideFile, Job
from jobs.services.guide_files import content_type, open_guide_file


class GuideFileView(DatasetMedia):
    """A picture in the page, or a PDF to be saved; never as anything else, whatever is in it."""

    http_method_names = ["get", "head", "options"]

    def get(  # type: ignore[override]
        self, request: HttpRequest, pk: int, name: str
    ) -> HttpResponseBase:
        job = get_object_or_404(Job.objects.alive(), pk=pk)
        require(request.user, "guides.view", job)
        found, file = open_guide_file(job=job, name=name)
        pdf = found.kind == GuideFile.Kind.PDF
        return serve_file(
            request,
            file,
            size=found.size,
            etag=found.name.partition(".")[0],
            content_type=content_type(found),
            cache="private, max-age=86400, immutable",
            attachment=f"guide-{job.pk}.pdf" if pdf else None,
        )
