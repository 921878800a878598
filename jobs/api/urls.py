"""API routes of the app: jobs and packages for managers, assignments for workers."""

from django.urls import include, path

from jobs.api.tryout_views import TryOut

urlpatterns = [
    path("label-templates/preview", TryOut.as_view(), name="api-label-templates-preview"),
    path("", include("jobs.api.job_urls")),
    path("", include("jobs.api.verb_urls")),
    path("", include("jobs.api.work_urls")),
    path("", include("jobs.api.talk_urls")),
    path("", include("jobs.api.people_urls")),
    path("", include("jobs.api.lot_urls")),
    path("", include("jobs.api.notice_urls")),
    path("", include("jobs.api.figure_urls")),
]
