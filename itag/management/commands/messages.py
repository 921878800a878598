"""`manage.py messages extract|compile|check`: the message catalogues, by Babel."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from itag import messages


class Command(BaseCommand):
    help = "Extract, compile or check the message catalogues (itag/locale)."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=["extract", "compile", "check"])

    def handle(self, *args: Any, **options: Any) -> None:
        root, locale = settings.BASE_DIR, settings.LOCALE_PATHS[0]
        if options["verb"] == "compile":
            for path in messages.compile_all(locale):
                self.stdout.write(f"{path} is written.")
            return
        if not (root / "manage.py").is_file():
            raise CommandError("The sources of the messages are in a checkout only.")
        if options["verb"] == "extract":
            messages.update(root, locale)
            return
        problems = messages.check(root, locale)
        for problem in problems:
            self.stderr.write(problem)
        if problems:
            raise CommandError(f"{len(problems)} faults in the message catalogues.")
        self.stdout.write("The message catalogues are complete.")
