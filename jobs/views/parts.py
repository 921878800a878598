"""What several job pages show of a job."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from itag.core.runs import RunState
from jobs.models import Job, SplitRun, Stage
from jobs.selectors.center import job_progress, job_split

#: The badge's tone for each state of a job.
TONES = {"running": "info", "finished": "ok", "failed": "bad", "paused": "warn", "offline": "warn"}


@dataclass
class Bar:
    """One line of a job's progress: how many items (and packages) of all have passed."""

    name: str
    label: str
    packages: int
    items: int
    total_packages: int
    total_items: int

    @property
    def percent(self) -> int:
        """Rounded down, so that only what is complete shows 100."""
        return self.items * 100 // self.total_items if self.total_items else 0


@dataclass
class JobRow:
    """A job with what a list or its own page shows of its state."""

    job: Job
    tone: str
    bars: list[Bar]
    split: SplitRun | None

    @property
    def finished(self) -> Bar:
        return self.bars[-1]

    @property
    def is_splitting(self) -> bool:
        return self.split is not None and self.split.state in (RunState.QUEUED, RunState.RUNNING)

    @property
    def error(self) -> str:
        """Why the job failed, in the reader's language where the reason is one of ours."""
        return _(self.split.error) if self.split is not None and self.split.error else ""


def job_row(job: Job) -> JobRow:
    """What is shown of the job's progress."""
    labels: dict[str, Any] = {stage.value: stage.label for stage in Stage}
    labels["finished"] = _("Finished")
    bars = [
        Bar(
            name=name,
            label=str(labels[name]),
            packages=passed["packages"],
            items=passed["items"],
            total_packages=job.package_count,
            total_items=job.item_count,
        )
        for name, passed in job_progress(job).items()
    ]
    return JobRow(job, TONES.get(job.state, ""), bars, job_split(job))


def job_rows(jobs: Iterable[Job]) -> list[JobRow]:
    """The same for many jobs; no queries of its own where they come from `jobs_for_list`."""
    return [job_row(job) for job in jobs]
