"""What a file is: its streams, how long, when its frames are shown, and whether browsers play it as it is."""

from array import array
from fractions import Fraction
from typing import Any, BinaryIO

import numpy as np

from datasets.av.opening import (
    BROKEN,
    Unreadable,
    is_shown,
    opened,
    packets,
    picture_of,
    sound_of,
)

#: Seconds spent on counting frames; what is longer is estimated, and counted when its frames are asked for.
COUNTING = 15.0
MOST_SECONDS = 24 * 3600
#: A file that begins this close to 0 begins at 0.
NEAR = 0.0015
#: Sound whose encoder put less than this before it is played from its first sample on.
PRIMING = 0.2
_PCM = ("pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_alaw", "pcm_mulaw")
_MP3, _AAC = ("mp3", "mp3float"), ("aac",)
_OPUS = ("opus", "libopus")
_OPEN = (*_OPUS, "vorbis", "libvorbis")
#: Sound that browsers play, by format.
_PLAYED_SOUND: dict[str, tuple[str, ...]] = {
    "wav": _PCM,
    "mp3": _MP3,
    "flac": ("flac",),
    "ogg": _OPEN,
    "webm": _OPEN,
    "m4a": _AAC,
    "mp4": (*_AAC, *_MP3),
}
#: Pictures that browsers play, by format.
_PLAYED_PICTURES: dict[str, tuple[str, ...]] = {
    "mp4": ("h264",),
    "m4a": ("h264",),
    "webm": ("vp8", "libvpx", "vp9", "libvpx-vp9"),
}
#: Formats whose packets say when they are shown.
_WELL_STAMPED = ("mp4", "m4a", "mov", "3gp", "mkv", "webm", "flv")
_PLAYED_PIXELS = ("yuv420p", "yuvj420p")


def look(file: BinaryIO, form: str, kind: str) -> dict[str, Any]:
    """The facts of a file that is to be an `audio` or a `video`. Raises Unreadable."""
    try:
        with opened(file, form) as container:
            sound = sound_of(container)
            picture = picture_of(container) if kind == "video" else None
            if kind == "video" and picture is None:
                raise Unreadable("picture")
            if kind == "audio" and sound is None:
                raise Unreadable("sound")
            first = _first(container, [one for one in (sound, picture) if one is not None])
        # From the beginning once more: not every format can be wound back.
        file.seek(0)
        with opened(file, form) as container:
            sound = sound_of(container)
            picture = picture_of(container) if kind == "video" else None
            facts = _facts(container, form, sound, picture, first)
    except Unreadable:
        raise
    except BROKEN as exc:
        raise Unreadable("broken") from exc
    if not 0 < facts["duration"] <= MOST_SECONDS:
        raise Unreadable("duration" if facts["duration"] > 0 else "broken")
    return facts


def _facts(
    container: Any, form: str, sound: Any, picture: Any, first: dict[int, Any]
) -> dict[str, Any]:
    count = _count(container, sound, picture)
    start = min(
        [float(first[one.index].time) for one in (sound,) if one is not None and one.index in first]
        + ([count.first] if picture is not None else []),
        default=0.0,
    )
    if abs(start) <= NEAR:
        start = 0.0
    duration = _duration(container, form, sound, picture, count, start)
    facts: dict[str, Any] = {"duration": round(duration, 6)}
    if start:
        facts["start"] = round(start, 6)
    if picture is None:
        heard = first[sound.index]  # HE-AAC says half of its rate in its header
        facts["rate"], facts["channels"] = heard.sample_rate, heard.layout.nb_channels
        facts["playable"] = (
            sound.codec_context.name in _PLAYED_SOUND.get(form, ())
            and start < PRIMING
            and not count.uneven
            and facts["channels"] <= 8
        )
        return facts
    width, height = shape(first[picture.index], picture)
    facts |= {"width": width, "height": height, **count.frames(picture, duration)}
    facts["has_audio"] = sound is not None
    facts["playable"] = start == 0 and _plays(form, sound, picture)
    if not facts["playable"] and wrapped_picture(form, picture):
        facts["wrap"] = True
    return facts


def wrapped_picture(form: str, picture: Any) -> bool:
    """Whether the pictures can be taken over as they are, in another wrapping that browsers play."""
    context = picture.codec_context
    played = {name for names in _PLAYED_PICTURES.values() for name in names}
    return form in _WELL_STAMPED and context.name in played and context.pix_fmt in _PLAYED_PIXELS


def _plays(form: str, sound: Any, picture: Any) -> bool:
    context = picture.codec_context
    return (
        context.name in _PLAYED_PICTURES.get(form, ())
        and context.pix_fmt in _PLAYED_PIXELS
        and (sound is None or sound.codec_context.name in _PLAYED_SOUND[form])
    )


def _first(container: Any, streams: list[Any]) -> dict[int, Any]:
    """The first frame of each stream: they can be decoded, and begin then."""
    found: dict[int, Any] = {}
    failed = 0
    for stream in streams:
        stream.thread_count = 1
    for packet in container.demux(*streams):
        if packet.stream_index in found:
            continue
        try:
            frames = packet.decode()
        except BROKEN:
            failed += 1
            if failed > 100:  # cut streams begin with what cannot be decoded
                raise
            continue
        if frames and frames[0].pts is not None:
            found[packet.stream_index] = frames[0]
        if len(found) == len(streams):
            break
    if len(found) < len(streams):
        raise Unreadable("broken")
    return found


def shape(frame: Any, stream: Any) -> tuple[int, int]:
    """Width and height as shown: upright, with square pixels, as browsers make them (nothing gets smaller)."""
    width, height = float(frame.width), float(frame.height)
    aspect = stream.sample_aspect_ratio
    if aspect and 0.01 < aspect < 100:
        width, height = (width * aspect, height) if aspect > 1 else (width, height / aspect)
    if frame.rotation % 180:
        width, height = height, width
    return max(1, round(width)), max(1, round(height))


class _Count:
    """What the packets say: time stamps of frames, and the end of the sound."""

    def __init__(self) -> None:
        self.stamps = array("q")
        self.whole = True
        self.first = 0.0
        self.end = 0.0
        self.base = Fraction(1)
        self.uneven = False

    def frames(self, picture: Any, duration: float) -> dict[str, Any]:
        if self.whole:
            stamps = distinct(self.stamps)
            rate, variable = rate_of(stamps, self.base)
            count = len(stamps)
            said = float(picture.average_rate or 0)
            if not variable and abs(said - rate) < rate / 1000:
                rate = said  # stamps in milliseconds do not tell 29.97 exactly
        else:
            guess = picture.average_rate or picture.guessed_rate
            rate, variable = (float(guess) if guess else 25.0), False
            count = picture.frames or max(1, round(duration * rate))
        if rate <= 0:  # one frame only
            rate = min(1000.0, 1 / duration)
        return {"fps": round(rate, 6), "frames": count, "variable": variable}


def distinct(stamps: Any) -> Any:
    """Time stamps in order, none twice: a frame that is followed at once by another is never shown."""
    return np.unique(np.frombuffer(stamps, dtype=np.int64) if len(stamps) else np.zeros(0, "q"))


def rate_of(stamps: Any, base: Fraction) -> tuple[float, bool]:
    """Frames per second, 0 of a single one; whether their distances differ by more than rounding."""
    count = len(stamps)
    if count < 2:
        return 0.0, False
    step = (stamps[-1] - stamps[0]) / (count - 1)
    off = np.abs(stamps - (stamps[0] + np.arange(count) * step)).max()
    # Stamps were rounded to milliseconds often, whatever they are counted in now.
    return float(1 / (step * base)), bool(off * base > max(1.01 * base, 0.00101))


def _count(container: Any, sound: Any, picture: Any) -> _Count:
    count = _Count()
    streams = [one for one in (sound, picture) if one is not None]
    sizes = [2**62, 0]
    shown = picture.index if picture is not None else -1
    codec = picture.codec_context.name if picture is not None else ""
    bases = {one.index: one.time_base for one in streams}
    ends = dict.fromkeys(bases, 0)
    for packet, at in packets(container, streams, seconds=COUNTING):
        if packet is None:
            count.whole = False
            break
        index = packet.stream_index
        ends[index] = max(ends[index], at + (packet.duration or 0))
        if index == shown:
            if is_shown(codec, packet):
                count.stamps.append(at)
        elif picture is None:
            sizes = [min(sizes[0], packet.size), max(sizes[1], packet.size)]
    count.end = max(float(end * bases[index]) for index, end in ends.items())
    if picture is not None:
        if not count.stamps:
            raise Unreadable("broken")
        count.base = picture.time_base
        count.first = float(min(count.stamps) * count.base)
    # Browsers seek in an MP3 by its bytes: where these are unevenly spread they land elsewhere.
    count.uneven = picture is None and sound.codec_context.name in _MP3 and sizes[1] > sizes[0] + 1
    return count


def _duration(
    container: Any, form: str, sound: Any, picture: Any, count: _Count, start: float
) -> float:
    """Seconds from the first that is presented to the end of the last."""
    counted = count.end - start
    said = 0.0
    if picture is None and sound.duration:
        said = float(sound.duration * sound.time_base)
    elif container.duration:
        said = container.duration / 1_000_000
    if count.whole and (picture is not None or form in ("aac", "amr") or not said):
        return counted
    if picture is None and sound.codec_context.name in _OPUS:
        said -= _skipped(sound)
    # An MP3 without an index has only a guess to tell.
    return counted if form == "mp3" and count.whole and abs(said - counted) > 0.2 else said


def _skipped(sound: Any) -> float:
    """Seconds that an Opus decoder leaves out at the beginning."""
    head = sound.codec_context.extradata or b""
    return int.from_bytes(head[10:12], "little") / 48_000 if head[:8] == b"OpusHead" else 0.0
