from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


def install(sender: Any, **kwargs: Any) -> None:
    """After every migrate (and every flush of a test database) the built-in templates are there."""
    from templates_app.services import install_builtin

    install_builtin()


class TemplatesAppConfig(AppConfig):
    name = "templates_app"
    verbose_name = _("Label templates")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from templates_app import policies  # noqa: F401  registers the rules

        post_migrate.connect(install, sender=self)
