from django.apps import AppConfig


class DatasetsConfig(AppConfig):
    name = "datasets"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.db.models.signals import post_save

        from datasets import policies  # noqa: F401  the rules register themselves
        from datasets.receivers import prepare_workspace

        post_save.connect(
            prepare_workspace,
            sender="accounts.Workspace",
            dispatch_uid="datasets.prepare_workspace",
        )
