"""Addresses of the app's background work: an id in, one service call, safe to deliver twice."""

from celery import shared_task


@shared_task
def run_import(run_id: int) -> None:
    from datasets.services import imports

    imports.run_import(run_id)


@shared_task
def requeue_stuck_imports() -> None:
    from datasets.services import imports

    imports.requeue_stuck_imports()


@shared_task
def clean_files() -> None:
    from datasets.services.media import prune
    from datasets.services.uploads import sweep

    sweep()
    prune()


@shared_task
def purge_datasets() -> None:
    """Delete for good what was deleted more than 30 days ago and no job uses."""
    from datasets.services.purge import purge_datasets as run

    run()
