"""Sounds and videos: what a file really is, how long, whether browsers play it, and a picture of a video.

FFmpeg opens files that strangers wrote, in a process of its own (`datasets.av`).
"""

import atexit
import contextlib
import json
from pathlib import Path
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from datasets.av import formats
from datasets.services.helper import Helper

SOUND_SUFFIXES = (
    *(".wav", ".mp3", ".m4a", ".m4b", ".aac", ".ogg", ".oga", ".opus", ".flac", ".weba"),
    *(".mka", ".wma", ".aiff", ".aif", ".aifc", ".caf", ".au", ".snd", ".amr"),
)
VIDEO_SUFFIXES = (
    *(".mp4", ".m4v", ".webm", ".mov", ".qt", ".mkv", ".avi", ".wmv", ".asf", ".flv", ".ogv"),
    *(".mpg", ".mpeg", ".vob", ".ts", ".mts", ".m2ts", ".3gp", ".3g2"),
)
MAX_FILE_BYTES = 50 * 2**30
POSTER_PIXELS = 512
#: Seconds for one file: less than an import may go without a sign of life.
PATIENCE = 40.0
#: Files after which a fresh process takes over.
FILES = 500
#: The script that runs apart from the application.
SCRIPT = Path(__file__).parent.parent / "av" / "__main__.py"


class NotARecording(ValueError):
    """The file is no sound or video that can be used; the message says why."""


def look_at(file: BinaryIO, size: int, kind: str) -> dict[str, Any]:
    """What Item.media says of the file as an `audio` or a `video`, but for its path and size. Raises NotARecording."""
    if size == 0:
        raise NotARecording(_("The file is empty."))
    if size > MAX_FILE_BYTES:
        raise NotARecording(_("The file is larger than %(n)d MB.") % {"n": MAX_FILE_BYTES >> 20})
    form = formats.sniff(file)
    if not form:
        raise NotARecording(_not_one(kind))
    found = json.loads(_helper.ask(file, {"what": "look", "form": form, "kind": kind}))
    if problem := found.get("error"):
        raise NotARecording(problem_text(problem))
    return {"format": form, **found}


def poster(file: BinaryIO, media: dict[str, Any]) -> bytes:
    """A picture of the video as a WebP. Raises NotARecording or Busy."""
    request = {
        "what": "poster",
        "form": media["format"],
        "duration": media["duration"],
        "pixels": POSTER_PIXELS,
    }
    if formats.sniff(file) != media["format"]:
        raise NotARecording(problem_text("broken"))
    answer = _helper.ask(file, request, patience=5)
    if answer.startswith(b"{"):
        raise NotARecording(problem_text(json.loads(answer)["error"]))
    return answer


def content_type(media: dict[str, Any]) -> str | None:
    """As what the file is sent; None for what browsers do not play, which is saved instead."""
    names = formats.CONTENT_TYPES.get(media["format"])
    return (names[media["type"] == "video"] or None) if names else None


def problem_text(reason: str) -> str:
    """The sentence for a word of `datasets.av`."""
    if reason == "picture":
        return _("The file holds no video; as a sound it can be used in an audio dataset.")
    if reason == "sound":
        return _("The file holds no sound.")
    if reason == "codec":
        return _("The file is coded in a way that is not read.")
    if reason == "sound-limits":
        return _("The sound has more channels or samples per second than are read.")
    if reason == "picture-limits":
        return _("The video's frames have more pixels than are read.")
    if reason == "space":
        return _("The copy is too large, or the server's disk is full.")
    if reason == "slow":
        return _("Opening the file takes too long.")
    if reason == "duration":
        return _("The file is longer than 24 hours.")
    return _("The file is broken and cannot be opened.")


def _not_one(kind: str) -> str:
    if kind == "audio":
        return _("Not a sound: WAV, MP3, M4A, AAC, Ogg, Opus, FLAC, WebM and others are read.")
    return _("Not a video: MP4, WebM, MOV, MKV, AVI, MPEG, WMV and others are read.")


_helper = Helper(
    SCRIPT,
    patience=PATIENCE,
    files=FILES,
    broken=lambda: NotARecording(problem_text("broken")),
    slow=lambda: NotARecording(problem_text("slow")),
)


@atexit.register
def _end() -> None:
    with contextlib.suppress(OSError):
        _helper.close()
