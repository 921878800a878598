"""What the apps above must hear."""

from django.dispatch import Signal

#: A job goes for good, its rows are about to be deleted: `job`. Sent before, and again whenever the purge goes on.
job_purging = Signal()
