"""Every address of the site."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView

from itag.web.views import ApiDocs, choose_language, healthz

api: list[URLPattern | URLResolver] = [
    path("", include("accounts.api.urls")),
    path("", include("datasets.api.urls")),
    path("", include("templates_app.api.urls")),
    path("", include("jobs.api.urls")),
    path("", include("exports.api.urls")),
    path("schema", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs", ApiDocs.as_view(), name="api-docs"),
]

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("api/v1/", include(api)),
    path("language", choose_language, name="language"),
    path("admin/", admin.site.urls),
    path("accounts/", include("accounts.auth_urls")),
    path("", include("accounts.urls")),
    path("", include("datasets.urls")),
    path("", include("templates_app.urls")),
    path("", include("jobs.urls")),
    path("", include("exports.urls")),
]
