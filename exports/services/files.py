"""Where exports lie: EXPORTS_ROOT/<workspace>/, names made by us from numbers and random letters alone."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from exports.models import Export
from itag.core.errors import NotFound
from jobs.models import Job


def folder(export: Export) -> Path:
    """The folder of the job's workspace; it may not be there yet."""
    return Path(settings.EXPORTS_ROOT) / str(export.job.workspace_id)


def new_name(export: Export, suffix: str) -> str:
    """A name that nobody had before, so that no two workers ever write to one file."""
    return f"{export.pk}-{secrets.token_hex(8)}{suffix}"


def leftovers(export: Export) -> Iterator[Path]:
    """Every file that was ever begun for the export."""
    yield from folder(export).glob(f"{export.pk}-*")


def clear(export: Export, *, keep: str = "") -> None:
    """Remove what was begun for the export, except one file."""
    for path in leftovers(export):
        if path.name != keep:
            path.unlink(missing_ok=True)


def on_job_purging(job: Job, **_more: Any) -> None:
    """The receiver of jobs' signal: no file outlives its export's row."""
    for export in Export.objects.filter(job=job).select_related("job"):
        clear(export)


def locate(export: Export) -> Path:
    """The finished file, certainly below EXPORTS_ROOT. Raises NotFound."""
    root = Path(settings.EXPORTS_ROOT).resolve()
    path = (root / export.file).resolve()
    if not export.file or not path.is_relative_to(root) or not path.is_file():
        raise NotFound(_("The file is not there any more."))
    return path
