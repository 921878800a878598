"""The administration as a whole: every model is in it, and only staff get in."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.factories import UserFactory, make_job, member

pytestmark = pytest.mark.django_db

OURS = ("accounts", "datasets", "templates_app", "jobs", "exports")
MODELS = [
    model
    for app in OURS
    for model in apps.get_app_config(app).get_models()
    if not model.__name__.endswith("Permission")  # guardian's grants are written by services alone
]


def signed_in(user: AbstractBaseUser) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_every_model_is_there():
    assert {model for model in MODELS if not admin.site.is_registered(model)} == set()


def test_lists_open_for_a_superuser(workspace):
    make_job(workspace=workspace)
    root = signed_in(UserFactory(is_staff=True, is_superuser=True))
    for model in MODELS:
        path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        assert (path, root.get(path).status_code) == (path, 200)


def test_nobody_else_gets_in(workspace):
    """People without the staff flag, administrators of a workspace among them, and nobody."""
    clients = {
        "nobody": Client(),
        "operator": signed_in(member(workspace)),
        "admin": signed_in(member(workspace, "admin")),
    }
    for name, arguments in routes():
        path = reverse(f"admin:{name}", args=arguments)
        for who, client in clients.items():
            for method in ("get", "post"):
                answer = getattr(client, method)(path)
                assert (who, path, answer.status_code) in {
                    (who, path, status) for status in (302, 403, 404, 405)
                }
                target = answer.headers.get("location", "").split("?")[0]
                signed_out = path == "/admin/logout/"
                assert signed_out or not target.startswith("/admin/") or target == "/admin/login/"


def routes() -> list[tuple[str, list[int | str]]]:
    """The names of the administration's routes with arguments that fit."""
    found = []
    for resolver in get_resolver().url_patterns:
        if isinstance(resolver, URLResolver) and str(resolver.pattern) == "admin/":
            for pattern in resolver.url_patterns:
                nested = pattern.url_patterns if isinstance(pattern, URLResolver) else [pattern]
                found += [
                    (str(entry.name), [1] * len(entry.pattern.regex.groupindex or ()))
                    for entry in nested
                    if isinstance(entry, URLPattern) and entry.name
                    and not entry.pattern.regex.groups
                ]  # fmt: skip
    assert len(found) > 40
    return found
