"""`manage.py load_demo`: the demo workspace, once."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from itag.core.errors import ItagError
from itag.demo.accounts import FILE_NAME, read_accounts
from itag.demo.workspace import load_demo


class Command(BaseCommand):
    help = "Load the demo workspace into an empty itag: people, pictures, texts, running jobs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--drawn",
            action="store_true",
            help="draw the pictures instead of fetching photographs from a package registry",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        home = Path(settings.ITAG_HOME)
        try:
            loaded = load_demo(home=home, drawn=options["drawn"])
        except ItagError as exc:
            raise CommandError(str(exc)) from exc
        for dataset in loaded.datasets.values():
            self.stdout.write(f"dataset {dataset.name}: {dataset.item_count} items")
        for job in loaded.jobs:
            self.stdout.write(f"job {job.name}: {job.package_count} packages, {job.state}")
        if loaded.drawn:
            self.stdout.write("No photographs could be fetched; the pictures are drawn scenes.")
        self.stdout.write(f"Demo accounts (also in {home / FILE_NAME}):")
        for account in read_accounts(home / FILE_NAME):
            self.stdout.write(f"  {account.username:<9} {account.password}")
