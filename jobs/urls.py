"""Pages of the app: job pages for managers, the labeling page and media for workers."""

from django.urls import include, path

urlpatterns = [
    path("", include("jobs.page_urls")),
    path("", include("jobs.label_urls")),
    path("", include("jobs.talk_urls")),
]
