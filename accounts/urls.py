"""Pages of the app."""

from django.urls import path

from accounts.views.preferences import ChooseWorkspace, choose_theme

urlpatterns = [
    path("theme", choose_theme, name="theme"),
    path("workspace", ChooseWorkspace.as_view(), name="workspace-choose"),
]
