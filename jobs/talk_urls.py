"""Pages of guides, questions and appeals."""

from django.urls import path

from jobs.views.pages_guide import GuideFileView

urlpatterns = [
    path("jobs/<int:pk>/guide/files/<str:name>", GuideFileView.as_view(), name="job-guide-file"),
]
