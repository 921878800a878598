from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "jobs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.core.checks import register

        from accounts.signals import access_lost, workspace_archived
        from jobs import policies, policies_figures, policies_lots, policies_notices, policies_talk  # noqa: F401  they register the rules
        from jobs.services.lifecycle import on_workspace_archived
        from jobs.services.members import on_access_lost
        from jobs.services.recognise import check_recogniser

        access_lost.connect(on_access_lost, dispatch_uid="jobs.access_lost")
        workspace_archived.connect(on_workspace_archived, dispatch_uid="jobs.workspace_archived")
        register(check_recogniser)
