"""`manage.py recount`: counts the figures of jobs anew."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from jobs.models import Job
from jobs.services.figures_recount import recount_figures_of
from jobs.services.summary import recount_figures


class Command(BaseCommand):
    help = "Counts the figures of jobs anew from what was done in them, one job after the other."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("jobs", nargs="*", type=int, metavar="JOB", help="numbers of jobs")
        parser.add_argument("--all", action="store_true", help="all jobs")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = options["jobs"]
        if bool(wanted) == options["all"]:
            raise CommandError("Name jobs by their numbers, or give --all.")
        jobs = Job.objects.order_by("pk")
        if wanted:
            jobs = jobs.filter(pk__in=wanted)
            missing = set(wanted) - set(jobs.values_list("pk", flat=True))
            if missing:
                raise CommandError(f"There is no job {', '.join(map(str, sorted(missing)))}.")
        for job in jobs:
            counted = recount_figures_of(job=job)
            recount_figures(job=job)
            self.stdout.write(f"{job.pk} {job.name}: {counted} assignments")
