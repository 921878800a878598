"""API routes of the app."""

from typing import Any

from django.urls import path

from templates_app.api.views import LabelTemplateViewSet


def _view(**actions: Any) -> Any:
    return LabelTemplateViewSet.as_view(actions)


urlpatterns = [
    path("label-templates", _view(get="list", post="create"), name="api-label-templates"),
    path("label-templates/check", _view(post="check"), name="api-label-templates-check"),
    path("label-templates/file", _view(post="read"), name="api-label-templates-file"),
    path(
        "label-templates/<int:pk>",
        _view(get="retrieve", patch="partial_update"),
        name="api-label-template",
    ),
    path("label-templates/<int:pk>/clone", _view(post="clone"), name="api-label-template-clone"),
    path("label-templates/<int:pk>/share", _view(post="share"), name="api-label-template-share"),
    path(
        "label-templates/<int:pk>/archive",
        _view(post="archive"),
        name="api-label-template-archive",
    ),
    path("label-templates/<int:pk>/file", _view(get="file"), name="api-label-template-file"),
]
