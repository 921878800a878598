from django.apps import AppConfig


class ItagConfig(AppConfig):
    name = "itag"

    def ready(self) -> None:
        from itag import celery  # noqa: F401  makes the Celery app the current one
        from itag.core import checks  # noqa: F401
