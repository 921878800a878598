"""API routes of jobs, members and packages."""

from django.urls import path

from jobs.api.job_views import JobMembersViewSet, JobViewSet, PackageViewSet

urlpatterns = [
    path("jobs", JobViewSet.as_view({"get": "list", "post": "create"}), name="api-jobs"),
    path("jobs/preview", JobViewSet.as_view({"post": "preview"}), name="api-jobs-preview"),
    path(
        "jobs/<int:pk>",
        JobViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        name="api-job",
    ),
    path(
        "jobs/<int:pk>/members",
        JobMembersViewSet.as_view({"get": "retrieve", "put": "update"}),
        name="api-job-members",
    ),
    path(
        "jobs/<int:pk>/packages",
        PackageViewSet.as_view({"get": "list"}),
        name="api-job-packages",
    ),
    path(
        "jobs/<int:pk>/packages/<int:number>",
        PackageViewSet.as_view({"get": "retrieve"}),
        name="api-job-package",
    ),
    path(
        "jobs/<int:pk>/packages/<int:number>/release",
        PackageViewSet.as_view({"post": "release"}),
        name="api-job-package-release",
    ),
]
