"""API routes of managers' verbs: on jobs as a whole, on packages, on items."""

from django.urls import path

from jobs.api.verb_views import JobVerbViewSet, PackageVerbViewSet

_JOB = "jobs/<int:pk>"
_PACKAGE = f"{_JOB}/packages/<int:number>"
_ITEM = f"{_PACKAGE}/items/<int:position>"

urlpatterns = [
    *(
        path(f"{_JOB}/{verb}", JobVerbViewSet.as_view({"post": verb}), name=f"api-job-{verb}")
        for verb in (
            "pause",
            "resume",
            "offline",
            "online",
            "archive",
            "unarchive",
            "restore",
            "append",
            "retry",
        )
    ),
    *(
        path(f"{_JOB}/{what}", JobVerbViewSet.as_view({"get": what}), name=f"api-job-{what}")
        for what in ("clone", "events")
    ),
    path(
        f"{_JOB}/batches/<int:number>/close",
        JobVerbViewSet.as_view({"post": "close_batch"}),
        name="api-job-batch-close",
    ),
    path(
        f"{_JOB}/packages/bulk",
        PackageVerbViewSet.as_view({"post": "bulk"}),
        name="api-job-packages-bulk",
    ),
    *(
        path(
            f"{_PACKAGE}/{verb}",
            PackageVerbViewSet.as_view({"post": verb}),
            name=f"api-job-package-{verb}",
        )
        for verb in ("transfer", "extend", "submit", "discard", "restore", "reopen")
    ),
    *(
        path(
            f"{_ITEM}/{verb}",
            PackageVerbViewSet.as_view({"post": verb}),
            name=f"api-job-package-item-{verb}",
        )
        for verb in ("correct", "abandon", "adopt")
    ),
]
