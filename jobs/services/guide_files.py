"""Files of guides: pictures, made anew from what was uploaded, and PDFs. They are only ever added."""

import hashlib
import io
import shutil
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext as _
from PIL import Image

from accounts.models import User
from datasets.services import images
from datasets.services.storages import GUIDES, files_root
from itag.core.clock import now
from itag.core.errors import Conflict, Invalid, NotFound
from jobs.models import GuideFile, Job

MAX_PICTURE_BYTES = 10 * 2**20
MAX_PDF_BYTES = 20 * 2**20
#: A picture with more is refused; what is kept has at most MAX_SIDE on its longer side.
MAX_PIXELS = 40_000_000
MAX_SIDE = 2400
#: Files of one job.
MAX_FILES = 500
CONTENT_TYPES = {"jpg": "image/jpeg", "png": "image/png", "pdf": "application/pdf"}


def add_picture(*, job: Job, user: User, file: BinaryIO, size: int) -> GuideFile:
    """Keep a copy of the picture for the job's guide: its pixels only, upright; the same picture is kept once.

    What the file is says its content, whatever its name. Raises Invalid at `file`.
    """
    if size > MAX_PICTURE_BYTES:
        raise _invalid(_("A picture may have %(n)d MB.") % {"n": MAX_PICTURE_BYTES >> 20})
    try:
        picture = images.look_at(file, size)
        if picture.width * picture.height > MAX_PIXELS:
            raise images.NotAnImage(
                _("The picture has more than %(n)s million pixels.") % {"n": MAX_PIXELS // 10**6}
            )
        file.seek(0)
        copy, _form = images.displayable(file)
    except images.NotAnImage as exc:
        raise _invalid(str(exc)) from exc
    except images.Busy as exc:
        raise Conflict(_("Another picture is just being read; try again in a moment.")) from exc
    content, suffix, width, height = _pixels(copy)
    return _keep(
        job, user, content, suffix, kind=GuideFile.Kind.PICTURE, width=width, height=height
    )


def add_pdf(*, job: Job, user: User, file: BinaryIO, size: int) -> GuideFile:
    """Keep the PDF for the job's guide. Raises Invalid at `file`."""
    if size > MAX_PDF_BYTES:
        raise _invalid(_("A PDF may have %(n)d MB.") % {"n": MAX_PDF_BYTES >> 20})
    content = file.read(MAX_PDF_BYTES + 1)
    if not content.startswith(b"%PDF-") or b"%%EOF" not in content[-2048:]:
        raise _invalid(_("This is no PDF, or not all of it."))
    return _keep(job, user, content, "pdf", kind=GuideFile.Kind.PDF)


def open_guide_file(*, job: Job, name: str) -> tuple[GuideFile, BinaryIO]:
    """A file of the job's guide, in whatever version. Raises NotFound."""
    found = GuideFile.objects.filter(job=job, name=name).first()
    if found is None:
        raise NotFound(_("Not found."))
    try:
        return found, _path(found.job_id, found.name).open("rb")
    except FileNotFoundError as exc:
        raise NotFound(_("The file is not there any more.")) from exc


def remove_files(*, job: Job) -> None:
    """Remove every file of the job's guides; for a job that goes for good."""
    shutil.rmtree(_path(job.pk, "x").parent, ignore_errors=True)


def content_type(file: GuideFile) -> str:
    """What the file is, by its kind and our own name."""
    return CONTENT_TYPES[file.name.rpartition(".")[2]]


def _pixels(copy: bytes) -> tuple[bytes, str, int, int]:
    """The picture without anything beside its pixels: comments and profiles may hold whatever somebody put there."""
    with Image.open(io.BytesIO(copy), formats=["JPEG", "PNG"]) as image:
        image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
        clean = Image.new(image.mode, image.size)
        clean.paste(image)
    output = io.BytesIO()
    if clean.mode == "RGB":
        clean.save(output, "JPEG", quality=92, subsampling=0)
        return output.getvalue(), "jpg", *clean.size
    clean.save(output, "PNG", optimize=True)
    return output.getvalue(), "png", *clean.size


def _keep(
    job: Job,
    user: User,
    content: bytes,
    suffix: str,
    *,
    kind: GuideFile.Kind,
    width: int | None = None,
    height: int | None = None,
) -> GuideFile:
    name = f"{hashlib.sha256(content).hexdigest()[:32]}.{suffix}"
    known = GuideFile.objects.filter(job=job)
    if (kept := known.filter(name=name).first()) is not None:
        return kept
    if known.count() >= MAX_FILES:
        raise _invalid(_("A job's guides hold at most %(n)d files.") % {"n": MAX_FILES})
    path = _path(job.pk, name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(f".{user.pk}-{now().timestamp()}.part")
    part.write_bytes(content)
    # The row comes last: what it names is there. A file without a row is overwritten by the next try.
    part.replace(path)
    kept, _made = GuideFile.objects.get_or_create(
        job=job,
        name=name,
        defaults={
            "kind": kind,
            "size": len(content),
            "width": width,
            "height": height,
            "author": user,
            "created_at": now(),
        },
    )
    return kept


def _path(job_id: int, name: str) -> Path:
    return files_root() / GUIDES / str(job_id) / name


def _invalid(message: str) -> Invalid:
    return Invalid.field("file", message)
