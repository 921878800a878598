from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("People and workspaces")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from accounts import policies  # noqa: F401  registers the rules
