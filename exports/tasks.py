"""Addresses of the background work: an id in, one service call, safe to deliver twice."""

from celery import shared_task

#: A slice of a build is ten minutes and its last step, joining, may take longer.
HARD_LIMIT = 6 * 3600


@shared_task(soft_time_limit=HARD_LIMIT - 60, time_limit=HARD_LIMIT)
def build_export(export_id: int) -> None:
    from exports import services

    services.build_export(export_id=export_id)


@shared_task
def requeue_stuck_exports() -> None:
    from exports import services

    services.requeue_stuck()
