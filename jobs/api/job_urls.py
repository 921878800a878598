"""API routes of jobs, members and packages."""

from django.urls import path

from jobs.api.job_views import JobMembersViewSet, JobViewSet
from jobs.api.package_views import (
    BlockedViewSet,
    ItemHistoryViewSet,
    JobBlockedViewSet,
    PackageViewSet,
)

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
    path("blocked", BlockedViewSet.as_view({"get": "list"}), name="api-blocked"),
    path(
        "jobs/<int:pk>/blocked", JobBlockedViewSet.as_view({"get": "list"}), name="api-job-blocked"
    ),
    path(
        "jobs/<int:pk>/packages/<int:number>/items/<int:position>/history",
        ItemHistoryViewSet.as_view({"get": "list"}),
        name="api-job-package-item-history",
    ),
]
