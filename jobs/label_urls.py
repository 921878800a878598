"""The labeling page and the media of its items."""

from django.urls import path

from jobs.views.label import LabelPage, Media, PackageItemPage, PackageMedia
from jobs.views.tryout import TryOutPage

urlpatterns = [
    path("label-templates/preview/", TryOutPage.as_view(), name="label-template-preview"),
    path("label/<int:assignment>/<int:position>", LabelPage.as_view(), name="label"),
    path(
        "jobs/<int:pk>/packages/<int:number>/<int:position>",
        PackageItemPage.as_view(),
        name="package-item",
    ),
    path(
        "media/job/<int:pk>/<int:number>/<int:position>/<path:field>",
        PackageMedia.as_view(),
        name="package-media",
    ),
    path("media/<int:assignment>/<int:position>/<path:field>", Media.as_view(), name="media"),
]
