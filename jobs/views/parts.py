"""What several job pages show of a job."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from itag.core.clock import now
from itag.core.runs import RunState
from jobs.models import Job, SplitRun, Stage
from jobs.policies import sees_stages
from jobs.selectors.center import job_progress, job_split
from jobs.selectors.job_list import lateness

#: The badge's tone for each state of a job.
TONES = {"running": "info", "finished": "ok", "failed": "bad", "paused": "warn", "offline": "warn"}
#: The badge's tone for each place where a package may stand.
PACKAGE_TONES = {"claimed": "info", "blocked": "bad", "finished": "ok", "discarded": "warn"}


@dataclass
class Bar:
    """One line of a job's progress: how many items (and packages) of all have passed; discarded ones are no part."""

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
    """A job with what a list or its own page shows of its state; `late`: "", `late` or `overdue`."""

    job: Job
    tone: str
    bars: list[Bar]
    split: SplitRun | None
    late: str
    forecast_at: datetime | None
    discarded: int = 0

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


def job_row(job: Job, *, every_stage: bool) -> JobRow:
    """What is shown of the job's progress; `every_stage`: see `policies.sees_stages`."""
    labels: dict[str, Any] = {stage.value: stage.label for stage in Stage}
    labels["finished"] = _("Finished")
    summary = getattr(job, "summary", None)
    gone = (summary.discarded_packages, summary.discarded_items) if summary else (0, 0)
    bars = [
        Bar(
            name=name,
            label=str(labels[name]),
            packages=passed["packages"],
            items=passed["items"],
            total_packages=max(job.package_count - gone[0], 0),
            total_items=max(job.item_count - gone[1], 0),
        )
        for name, passed in job_progress(job, every_stage=every_stage).items()
    ]
    return JobRow(
        job,
        TONES.get(job.state, ""),
        bars,
        job_split(job),
        lateness(job, now()),
        summary.forecast_at if summary else None,
        discarded=gone[0],
    )


def job_rows(jobs: Iterable[Job], user: Any) -> list[JobRow]:
    """The same for many jobs; one query where they come from `jobs_for_list`."""
    jobs = list(jobs)
    watched = sees_stages(user, jobs)
    return [job_row(job, every_stage=job.pk in watched) for job in jobs]


@dataclass
class Tab:
    """A page of the job."""

    label: str
    url: str
    current: bool


def job_tabs(job: Job, may: Any, current: str) -> list[Tab]:
    """The pages of the job that the person may open."""
    pages = [
        ("job", _("Overview"), "view"),
        ("job-packages", _("Packages"), "assign"),
        ("job-lots", _("Lots"), "accept" if not may["assign"] else "assign"),
        ("job-figures", _("Figures"), "figures"),
        ("job-guide", _("Guide"), "view"),
        ("job-questions", _("Questions"), "view"),
        ("job-members", _("Members"), "assign"),
        ("job-webhooks", _("Webhooks"), "manage"),
        ("job-history", _("History"), "manage"),
    ]
    if "acceptance" not in job.stages:
        pages = [page for page in pages if page[0] != "job-lots"]
    tabs = []
    for name, label, rule in pages:
        if not may[rule]:
            continue
        try:
            url = reverse(name, args=[job.pk])
        except NoReverseMatch:
            continue
        tabs.append(Tab(str(label), url, name == current))
    return tabs
