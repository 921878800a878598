"""Opening a file that strangers wrote: by one demuxer, never another file or address, only decoders of the list."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

import av
from av.stream import Disposition

from datasets.av.formats import DEMUXERS, PICTURE_CODECS, SOUND_CODECS

#: Pixels of a frame, channels, and samples per second that are read.
MOST_PIXELS, MOST_CHANNELS = 36_000_000, 32
LEAST_RATE, MOST_RATE = 1_000, 768_000
#: What FFmpeg's parsers and their wrapping raise on files made to hurt or cut short.
BROKEN = (
    av.error.FFmpegError,
    ValueError,
    TypeError,
    OverflowError,
    ZeroDivisionError,
    AttributeError,
    IndexError,
    KeyError,
    MemoryError,
    RuntimeError,
    OSError,
    EOFError,
    UnicodeDecodeError,
)


class Unreadable(Exception):
    """The file cannot be used; `reason` is a word that the application has a sentence for."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _refuse(url: str, flags: int, options: dict[str, Any]) -> Any:
    """A file that names another one gets nothing."""
    raise PermissionError(url)


@contextmanager
def opened(file: BinaryIO, form: str) -> Iterator[Any]:
    """The file, as the format that it said it is."""
    options = {
        # Neither list holds a protocol: all that is read comes through `file`.
        "protocol_whitelist": "none",
        "format_whitelist": "wav,mp3,aac,flac,ogg,mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,asf,flv,mpegts,mpeg,aiff,caf,"
        "au,amr",
        "max_streams": "64",
    }
    with av.open(
        file,
        format=DEMUXERS[form],
        container_options=options,
        io_open=_refuse,
        metadata_errors="replace",
        buffer_size=2**18,
    ) as container:
        yield container


def sound_of(container: Any) -> Any:
    """The first stream of sound, checked; None where there is none."""
    stream = next(iter(container.streams.audio), None)
    if stream is None:
        return None
    context = _known(stream, SOUND_CODECS)
    channels = context.layout.nb_channels if context.layout else 0
    if not (LEAST_RATE <= context.sample_rate <= MOST_RATE and 1 <= channels <= MOST_CHANNELS):
        raise Unreadable("sound-limits")
    return stream


def picture_of(container: Any) -> Any:
    """The first stream of pictures that is no cover, checked; None where there is none."""
    stream = next(
        (one for one in container.streams.video if not one.disposition & Disposition.attached_pic),
        None,
    )
    if stream is None:
        return None
    context = _known(stream, PICTURE_CODECS)
    if context.width < 1 or context.height < 1:
        raise Unreadable("broken")
    if context.width * context.height > MOST_PIXELS:
        raise Unreadable("picture-limits")
    return stream


def _known(stream: Any, names: frozenset[str]) -> Any:
    context = stream.codec_context
    if context is None or context.name not in names:
        raise Unreadable("codec")
    return context


def packets(
    container: Any, streams: list[Any], *, seconds: float | None = None
) -> Iterator[tuple[Any, int]]:
    """Packets that are shown, and their time stamps; ends early when the time is over (then None is the last packet)."""
    deadline = None if seconds is None else time.monotonic() + seconds
    for number, packet in enumerate(container.demux(*streams)):
        if deadline is not None and number % 64 == 0 and time.monotonic() > deadline:
            yield None, 0
            return
        at = packet.pts if packet.pts is not None else packet.dts
        if at is None or packet.is_discard or not packet.size:
            continue
        yield packet, at


def is_shown(codec: str, packet: Any) -> bool:
    """Whether the packet becomes a frame: VP8 and VP9 know some that only others are made from."""
    if codec not in ("vp8", "libvpx", "vp9", "libvpx-vp9"):
        return True
    content = memoryview(packet)
    first, last = content[0], content[-1]
    if codec in ("vp8", "libvpx"):
        return bool(first >> 4 & 1)
    if last & 0xE0 == 0xC0:  # a bundle, whose last frame is shown
        return True
    if first >> 4 & 3 == 3:  # profile 3 has one bit more in front
        return bool(first & 4 or first & 1)
    return bool(first & 8 or first & 2)
