"""API routes of claiming and assignments, and of managers' look at items."""

from django.urls import path

from jobs.api.pulse_views import PulseViewSet
from jobs.api.recognise_views import RecogniseViewSet
from jobs.api.work_views import AssignmentViewSet, ClaimViewSet, PackageItemViewSet

_ITEM = "assignments/<int:pk>/items/<int:position>"
_PACKAGE = "jobs/<int:pk>/packages/<int:number>"

urlpatterns = [
    path("claim", ClaimViewSet.as_view({"post": "anywhere"}), name="api-claim"),
    path("jobs/<int:pk>/claim", ClaimViewSet.as_view({"post": "of_job"}), name="api-job-claim"),
    path("assignments", AssignmentViewSet.as_view({"get": "list"}), name="api-assignments"),
    path(
        "assignments/<int:pk>",
        AssignmentViewSet.as_view({"get": "retrieve"}),
        name="api-assignment",
    ),
    path(
        "assignments/<int:pk>/submit",
        AssignmentViewSet.as_view({"post": "submit"}),
        name="api-assignment-submit",
    ),
    path(
        "assignments/<int:pk>/release",
        AssignmentViewSet.as_view({"post": "release"}),
        name="api-assignment-release",
    ),
    path(
        "assignments/<int:pk>/skip",
        AssignmentViewSet.as_view({"post": "skip"}),
        name="api-assignment-skip",
    ),
    path(
        "assignments/<int:pk>/withdraw",
        AssignmentViewSet.as_view({"post": "withdraw"}),
        name="api-assignment-withdraw",
    ),
    path(
        "assignments/<int:pk>/reject",
        AssignmentViewSet.as_view({"post": "reject"}),
        name="api-assignment-reject",
    ),
    path(
        "assignments/<int:pk>/pass-rest",
        AssignmentViewSet.as_view({"post": "pass_rest"}),
        name="api-assignment-pass-rest",
    ),
    path(
        "assignments/<int:pk>/input",
        AssignmentViewSet.as_view({"post": "input"}),
        name="api-assignment-input",
    ),
    path(
        "assignments/<int:pk>/pulse",
        PulseViewSet.as_view({"get": "retrieve"}),
        name="api-assignment-pulse",
    ),
    path(
        "assignments/<int:pk>/items",
        AssignmentViewSet.as_view({"get": "items"}),
        name="api-assignment-items",
    ),
    path(
        _ITEM,
        AssignmentViewSet.as_view({"get": "item", "patch": "save"}),
        name="api-assignment-item",
    ),
    path(
        f"{_ITEM}/abandon",
        AssignmentViewSet.as_view({"post": "abandon"}),
        name="api-assignment-item-abandon",
    ),
    path(
        f"{_ITEM}/restore",
        AssignmentViewSet.as_view({"post": "restore"}),
        name="api-assignment-item-restore",
    ),
    path(
        f"{_ITEM}/unlock",
        AssignmentViewSet.as_view({"post": "unlock"}),
        name="api-assignment-item-unlock",
    ),
    path(
        f"{_ITEM}/pass",
        AssignmentViewSet.as_view({"post": "pass_item"}),
        name="api-assignment-item-pass",
    ),
    path(
        f"{_ITEM}/reject",
        AssignmentViewSet.as_view({"post": "reject_item"}),
        name="api-assignment-item-reject",
    ),
    path(
        f"{_ITEM}/adopt",
        AssignmentViewSet.as_view({"post": "adopt"}),
        name="api-assignment-item-adopt",
    ),
    path(
        f"{_ITEM}/recognise",
        RecogniseViewSet.as_view({"post": "recognise"}),
        name="api-assignment-item-recognise",
    ),
    path(
        f"{_PACKAGE}/items",
        PackageItemViewSet.as_view({"get": "items"}),
        name="api-job-package-items",
    ),
    path(
        f"{_PACKAGE}/items/<int:position>",
        PackageItemViewSet.as_view({"get": "item"}),
        name="api-job-package-item",
    ),
    path(
        f"{_PACKAGE}/offer-again",
        PackageItemViewSet.as_view({"post": "offer_again"}),
        name="api-job-package-offer-again",
    ),
]
