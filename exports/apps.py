from django.apps import AppConfig


class ExportsConfig(AppConfig):
    name = "exports"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from exports import policies  # noqa: F401  registers the rules
        from exports.services.files import on_job_purging
        from jobs.signals import job_purging

        job_purging.connect(on_job_purging, dispatch_uid="exports.job_purging")
