"""One log: structlog's events and the standard library's records in one short line each, or JSON."""

import logging
import logging.config
import re
from typing import Any

import structlog

HEALTH = "GET /healthz"


def drop_health(
    logger: Any, name: str, event: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """A probe's answer is no event: while something is down it would fill the log."""
    if event.get("request") == HEALTH:
        raise structlog.DropEvent
    return event


def not_health(record: logging.LogRecord) -> bool:
    """The same for the standard library's records of a request."""
    return getattr(getattr(record, "request", None), "path", "") != "/healthz"


#: Addresses whose next part is a secret: whoever reads it in the log could use it.
SECRETS = re.compile(
    r"(/(?:setup|invite|media/file|accounts/password/reset/key)/)[^/\s\"'<>\\]+", re.IGNORECASE
)
#: What stands in their place.
HIDDEN = r"\1…"


class Discreet:
    """A renderer whose lines hold no secret, wherever in them (a request, an error's text, a traceback) one stood."""

    def __init__(self, renderer: structlog.typing.Processor) -> None:
        self.renderer = renderer

    def __call__(self, logger: Any, name: str, event: structlog.typing.EventDict) -> str:
        return SECRETS.sub(HIDDEN, str(self.renderer(logger, name, event)))


def configure(*, level: str = "INFO", json: bool = False) -> None:
    """Set up structlog and logging; `json` for machines, else one readable line an event."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso" if json else "%H:%M:%S", utc=json),
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json
        # Not the renderer's own choice: with rich installed that prints local variables, passwords among them.
        else structlog.dev.ConsoleRenderer(
            colors=False, pad_event_to=0, exception_formatter=structlog.dev.plain_traceback
        )
    )
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "line": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": shared,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        *([structlog.processors.format_exc_info] if json else []),
                        Discreet(renderer),
                    ],
                }
            },
            "filters": {"health": {"()": lambda: not_health}},
            "handlers": {
                "console": {
                    "class": "logging.StreamHandler",
                    "formatter": "line",
                    "filters": ["health"],
                }
            },
            "root": {"handlers": ["console"], "level": level},
            "loggers": {
                "django.request": {"level": "ERROR"},
                "django_structlog": {"level": "WARNING"},
                "celery": {"level": "WARNING"},
                "kombu": {"level": "WARNING"},
                # It tells of every attempt while the database is down; the requests that fail say so themselves.
                "psycopg.pool": {"level": "ERROR"},
            },
        }
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            drop_health,
            *shared,
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
