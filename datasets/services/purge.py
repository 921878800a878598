"""Deleted datasets that no job uses: their rows go for good after 30 days. Uploaded files stay in their storage."""

from datetime import timedelta

from datasets.models import Dataset, Item
from itag.core.clock import now
from itag.core.purge import children, purge

#: How long a deleted dataset is kept.
KEPT_FOR = timedelta(days=30)
#: Runs of one call, a minute or so; the next one goes on where it stopped.
RUNS = 200


def purge_datasets() -> int:
    """Delete what was deleted more than 30 days ago, bottom up in runs of 5,000 rows; how many datasets are gone."""
    gone, runs = 0, RUNS
    for dataset in Dataset.objects.filter(deleted_at__lt=now() - KEPT_FOR).order_by("deleted_at"):
        if _is_used(dataset):
            continue
        runs = purge(dataset, runs=runs, app="datasets")
        gone += not Dataset.objects.filter(pk=dataset.pk).exists()
        if not runs:
            break
    return gone


def _is_used(dataset: Dataset) -> bool:
    """Whether something of another app still points at it or at its items."""
    return any(
        model._base_manager.filter(**{f"{name}{path}": dataset.pk}).exists()
        for root, path in ((Dataset, ""), (Item, "__dataset"))
        for model, name in children(root)
        if model._meta.app_label != "datasets"
    )
