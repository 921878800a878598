"""API routes of guides, questions and appeals."""

from django.urls import path

from jobs.api.talk_guide import GuideVersionViewSet, GuideViewSet
from jobs.api.talk_views import (
    AnswerViewSet,
    AppealViewSet,
    FlagViewSet,
    MessageViewSet,
    ThreadViewSet,
)

_GUIDE = "jobs/<int:pk>/guide"
_ITEM = "assignments/<int:pk>/items/<int:position>"

urlpatterns = [
    path(_GUIDE, GuideViewSet.as_view({"get": "retrieve", "put": "update"}), name="api-job-guide"),
    path(
        f"{_GUIDE}/versions",
        GuideVersionViewSet.as_view({"get": "list"}),
        name="api-job-guide-versions",
    ),
    path(
        f"{_GUIDE}/confirm",
        GuideViewSet.as_view({"post": "confirm"}),
        name="api-job-guide-confirm",
    ),
    path(
        f"{_GUIDE}/confirmations",
        GuideViewSet.as_view({"get": "confirmations"}),
        name="api-job-guide-confirmations",
    ),
    path(f"{_GUIDE}/files", GuideViewSet.as_view({"post": "upload"}), name="api-job-guide-files"),
    path("jobs/<int:pk>/answers", AnswerViewSet.as_view({"get": "list"}), name="api-job-answers"),
    path(
        f"{_ITEM}/flag",
        FlagViewSet.as_view({"get": "list", "post": "create"}),
        name="api-assignment-item-flag",
    ),
    path(
        f"{_ITEM}/appeal",
        FlagViewSet.as_view({"post": "appeal"}),
        name="api-assignment-item-appeal",
    ),
    path("threads", ThreadViewSet.as_view({"get": "list", "post": "create"}), name="api-threads"),
    path("threads/<int:pk>", ThreadViewSet.as_view({"get": "retrieve"}), name="api-thread"),
    path(
        "threads/<int:pk>/messages",
        MessageViewSet.as_view({"get": "list", "post": "create"}),
        name="api-thread-messages",
    ),
    path(
        "threads/<int:pk>/messages/<int:message>/publish",
        MessageViewSet.as_view({"post": "publish"}),
        name="api-thread-message-publish",
    ),
    path(
        "threads/<int:pk>/close", ThreadViewSet.as_view({"post": "close"}), name="api-thread-close"
    ),
    path("appeals", AppealViewSet.as_view({"get": "list"}), name="api-appeals"),
    path("appeals/<int:pk>", AppealViewSet.as_view({"get": "retrieve"}), name="api-appeal"),
    path(
        "appeals/<int:pk>/decide",
        AppealViewSet.as_view({"post": "decide"}),
        name="api-appeal-decide",
    ),
]
