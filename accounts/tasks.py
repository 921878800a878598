"""Celery's entry points of this app."""

from celery import shared_task


@shared_task
def beat_heartbeat() -> None:
    """Sent by beat every few seconds, executed by a worker: its row proves that work is done."""
    from accounts.services import health

    health.beat("task")


@shared_task
def clear_sessions() -> None:
    """Delete sessions that are over."""
    from importlib import import_module

    from django.conf import settings

    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
