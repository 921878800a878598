"""API routes of figures."""

from django.urls import path

from jobs.api.figure_views import JobFiguresViewSet, MyFiguresViewSet, MyPaceViewSet

urlpatterns = [
    path(
        "jobs/<int:pk>/figures", JobFiguresViewSet.as_view({"get": "list"}), name="api-job-figures"
    ),
    path(
        "jobs/<int:pk>/figures.csv",
        JobFiguresViewSet.as_view({"get": "table"}),
        name="api-job-figures-csv",
    ),
    path(
        "jobs/<int:pk>/agreement",
        JobFiguresViewSet.as_view({"get": "agreement"}),
        name="api-job-agreement",
    ),
    path("me/figures", MyFiguresViewSet.as_view({"get": "list"}), name="api-my-figures"),
    path("me/pace", MyPaceViewSet.as_view({"get": "list"}), name="api-my-pace"),
]
