"""Celery's entry points: an id in, one service call, safe to deliver twice."""

from celery import shared_task
from django.db import OperationalError


@shared_task(autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def split_batch(run_id: int) -> None:
    """Cut a batch into packages."""
    from jobs.services import split

    split.split_batch(run_id=run_id)


@shared_task
def requeue_stuck_splits() -> None:
    """Send splits again that nobody works on."""
    from jobs.services import split

    split.requeue_stuck_splits()


@shared_task
def finish_jobs() -> None:
    """Close running jobs whose packages are all finished."""
    from jobs.services import jobs

    jobs.finish_jobs()


@shared_task
def expire_assignments() -> None:
    """Take back packages on which nobody has worked for their claim time."""
    from jobs.services import release

    release.expire_assignments()


@shared_task
def forecast_jobs() -> None:
    """Say when running jobs will be done."""
    from jobs.services import forecast

    forecast.forecast_jobs()


@shared_task
def warn_claims() -> None:
    """Warn holders whose claim time is half over, and nearly over."""
    from jobs.services import release

    release.warn_claims()


@shared_task
def review_slots() -> None:
    """Block what nobody may take any more, and offer what somebody may take again."""
    from jobs.services import unclaimable

    unclaimable.block_unclaimable()


@shared_task
def send_mails() -> None:
    """Send the mails of notices that are queued."""
    from jobs.services import notices

    notices.send_mails()


@shared_task
def send_deliveries() -> None:
    """Send what is queued for webhooks and due."""
    from jobs.services import deliveries

    deliveries.send_due()


@shared_task
def prune_notices() -> None:
    """Remove deliveries and notices that are past keeping."""
    from jobs.services import deliveries

    deliveries.prune()


@shared_task(autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def work_on_lot(lot_id: int) -> None:
    """Draw or close a lot."""
    from jobs.services import lots

    lots.work_on_lot(lot_id=lot_id)


@shared_task
def requeue_stuck_lots() -> None:
    """Send lots again that nobody works on."""
    from jobs.services import lots

    lots.requeue_stuck_lots()


@shared_task
def purge_jobs() -> None:
    """Delete for good what was deleted more than 30 days ago."""
    from jobs.services import purge

    purge.purge_jobs()


@shared_task
def settle_figures() -> None:
    """Count into the figures what has happened."""
    from jobs.services import figures

    figures.settle_all_figures()
