"""Pages of guides, questions and appeals."""

from django.urls import path

from jobs.views.pages_guide import EditGuide, GuideFileView, GuidePage, PreviewGuide
from jobs.views.pages_talk import AppealPage, Question, Questions

urlpatterns = [
    path("jobs/<int:pk>/guide/", GuidePage.as_view(), name="job-guide"),
    path("jobs/<int:pk>/guide/edit/", EditGuide.as_view(), name="job-guide-edit"),
    path("jobs/<int:pk>/guide/preview/", PreviewGuide.as_view(), name="job-guide-preview"),
    path("jobs/<int:pk>/guide/files/<str:name>", GuideFileView.as_view(), name="job-guide-file"),
    path("jobs/<int:pk>/questions/", Questions.as_view(), name="job-questions"),
    path("jobs/<int:pk>/questions/<int:thread>/", Question.as_view(), name="job-question"),
    path("jobs/<int:pk>/appeals/<int:appeal>/", AppealPage.as_view(), name="job-appeal"),
]
