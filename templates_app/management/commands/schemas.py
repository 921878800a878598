"""`manage.py schemas`: write the front end's types."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from templates_app.typescript import schemas


class Command(BaseCommand):
    help = "Writes the TypeScript types of views, questions and results (static/src/generated/schemas.ts)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--out", type=Path, default=settings.BASE_DIR / "static/src/generated/schemas.ts"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        out: Path = options["out"]
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(schemas(), encoding="utf-8")
        self.stdout.write(str(out))
