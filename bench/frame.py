"""The registry of figures, their one JSON line, and the database they run on."""

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Figure:
    """One measured figure. `ratio` is value against baseline as `reach` words it; None where there is no baseline."""

    name: str
    value: float
    unit: str
    reach: str
    ok: bool
    baseline: float | None = None
    ratio: float | None = None
    detail: dict[str, Any] = field(default_factory=dict)

    def line(self) -> str:
        """The JSON line that scripts read."""
        row = {key: _short(value) for key, value in asdict(self).items()}
        order = ("name", "value", "unit", "baseline", "ratio", "reach", "detail", "ok")
        return json.dumps({key: row[key] for key in order}, ensure_ascii=False)


def _short(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, dict):
        return {key: _short(item) for key, item in value.items()}
    return value


Measure = Callable[[], Figure]
FIGURES: dict[str, Measure] = {}


def figure(name: str) -> Callable[[Measure], Measure]:
    """Register the function that measures the figure of this name."""

    def register(function: Measure) -> Measure:
        FIGURES[name] = function
        return function

    return register


def say(text: str) -> None:
    """Progress goes to standard error; standard output holds only the lines of the figures."""
    print(text, file=sys.stderr, flush=True)


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100).__int__() - 1)]


@contextlib.contextmanager
def own_database() -> Iterator[None]:
    """A database, a broker and an ITAG_HOME of this run alone: embedded, or a new database on DATABASE_URL's server."""
    with contextlib.ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="itag-bench-")))
        os.environ["ITAG_HOME"] = str(home)
        if url := os.environ.get("DATABASE_URL"):
            os.environ["DATABASE_URL"] = stack.enter_context(_fresh_database(url))
        else:
            from itag.cli import embedded

            database, broker = stack.enter_context(embedded.servers(home, durable=True))
            os.environ.update(DATABASE_URL=database, REDIS_URL=broker)
        os.environ["DJANGO_SETTINGS_MODULE"] = "itag.settings"
        os.environ.setdefault("LOG_LEVEL", "ERROR")
        os.environ["ALLOWED_HOSTS"] = "127.0.0.1,localhost,testserver"
        import django
        from django.core.management import call_command

        from itag import frontend

        django.setup()
        call_command("migrate", verbosity=0)
        # Pages are rendered here and by web servers of the figures: with the front end as it is now.
        frontend.build(ROOT / "static", say=say)
        call_command("collectstatic", interactive=False, verbosity=0)
        try:
            yield
        finally:
            from django.db import connections

            connections.close_all()
            for connection in connections.all():
                connection.close_pool()


@contextlib.contextmanager
def _fresh_database(url: str) -> Iterator[str]:
    import psycopg

    name = f"itag_bench_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    try:
        yield urlsplit(url)._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
