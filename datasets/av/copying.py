"""A copy that every browser plays, whose frames are shown when the original's are, counted from its beginning.

What browsers play is taken over as it is (a new wrapping only); the rest is coded anew: H.264 without frames that refer
forward, a key frame at least every 30, and AAC.
"""

import errno
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any, BinaryIO

import av
import numpy as np
from av.filter import Graph

from datasets.av.opening import Unreadable, opened, picture_of, sound_of
from datasets.av.probe import wrapped_picture
from datasets.av.sound import Placer, decoded, frame_of
from datasets.packs import Json

#: The longest side of a picture that is coded anew.
LONGEST = 1920
QUALITY = {
    "preset": "veryfast",
    "crf": "21",
    "bf": "0",
    "g": "30",
    "profile": "high",
    "threads": "2",
}
SOUND_BITS = 96_000
#: Rates that AAC has; what is faster is brought down to the last.
AAC_RATES = (8000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)
#: Sound that is taken over, by wrapping.
_WRAPPED_SOUND = {
    "mp4": ("aac", "mp3", "mp3float"),
    "m4a": ("aac", "mp3", "mp3float"),
    "webm": ("opus", "libopus", "vorbis", "libvorbis"),
}
_MUXERS = {"mp4": "mp4", "m4a": "mp4", "webm": "webm"}


class _NotAsItIs(Exception):
    """The stream cannot be taken over after all."""


def make_copy(file: BinaryIO, request: Json, out: str, progress: Callable[[float], None]) -> Json:
    """Write the copy to the path; answers {"form": its format}. Raises Unreadable."""
    try:
        return _copy(file, request, out, progress, anew=False)
    except _NotAsItIs:
        file.seek(0)
        return _copy(file, request, out, progress, anew=True)


def _copy(
    file: BinaryIO, request: Json, out: str, progress: Callable[[float], None], *, anew: bool
) -> Json:
    form = request["form"]
    with opened(file, form) as source:
        sound = sound_of(source)
        picture = picture_of(source) if request["kind"] == "video" else None
        if sound is None and picture is None:
            raise Unreadable("sound")
        wrap = picture is not None and not anew and wrapped_picture(form, picture)
        target = "m4a" if picture is None else "mp4"
        if picture is not None and wrap and picture.codec_context.name != "h264":
            target = "webm"
        options = {} if target == "webm" else _wrapping(picture)
        with av.open(out, "w", format=_MUXERS[target], container_options=options) as made:
            parts: dict[int, Any] = {}
            if picture is not None:
                parts[picture.index] = (
                    _Wrapped(made, picture, request["start"])
                    if wrap
                    else _Picture(made, picture, request)
                )
            if sound is not None:
                known = sound.codec_context.name in _WRAPPED_SOUND[target]
                kind = _Wrapped if known and not anew else _Sound
                parts[sound.index] = kind(made, sound, request["start"], webm=target == "webm")
            _run(source, made, parts, request, progress)
    return {"form": target}


def _run(
    source: Any,
    made: Any,
    parts: dict[int, Any],
    request: Json,
    progress: Callable[[float], None],
) -> None:
    streams = [part.stream for part in parts.values()]
    for packet in source.demux(*streams):
        part = parts[packet.stream_index]
        at = packet.pts if packet.pts is not None else packet.dts
        if at is not None:
            progress((float(at * packet.time_base) - request["start"]) / request["duration"])
        for ready in part.take(packet):
            _mux(made, ready)
    for part in parts.values():
        for ready in part.end():
            _mux(made, ready)
    if not any(part.any for part in parts.values()):
        raise Unreadable("broken")


def _mux(made: Any, packet: Any) -> None:
    try:
        made.mux(packet)
    except av.error.FFmpegError as exc:
        if exc.errno in (errno.ENOSPC, errno.EFBIG):
            raise Unreadable("space") from exc
        raise


def _wrapping(picture: Any) -> dict[str, str]:
    """The index in front; the clock by which the tracks begin as fine as the pictures' own."""
    fine = picture.time_base.denominator if picture is not None else 0
    return {
        "movflags": "+faststart",
        "movie_timescale": str(fine if 1000 <= fine <= 10_000_000 else 90_000),
    }


class _Wrapped:
    """A stream whose packets are taken over."""

    def __init__(self, made: Any, stream: Any, start: float, *, webm: bool = False) -> None:
        self.stream, self.any = stream, False
        self._made = made.add_stream_from_template(stream)
        self._shift = round(start / stream.time_base)

    def take(self, packet: Any) -> Iterator[Any]:
        if not packet.size:
            return
        # What is decoded before the first that is seen is for decoders that know to leave it out again.
        hidden = packet.is_discard and self.stream.type == "video"
        if hidden or packet.pts is None or packet.dts is None:
            raise _NotAsItIs
        packet.pts -= self._shift
        packet.dts -= self._shift
        packet.stream = self._made
        self.any = True
        yield packet

    def end(self) -> Iterator[Any]:
        yield from ()


class _Picture:
    """Frames that are coded anew."""

    def __init__(self, made: Any, stream: Any, request: Json) -> None:
        self.stream, self.any = stream, False
        self._base: Fraction = stream.time_base
        self._shift = round(request["start"] / self._base)
        self._last = -1
        self._failures = [0]
        self._graph: Any = None
        self._key: Any = None
        self._made: Any = None
        stream.thread_count = 2
        stream.thread_type = "AUTO"
        rate = stream.average_rate or stream.guessed_rate or Fraction(25)
        self._made = made.add_stream("libx264", rate=rate, options=QUALITY)
        self._made.width, self._made.height = _size(request["width"], request["height"])
        self._made.pix_fmt = "yuv420p"
        self._made.codec_context.time_base = self._base
        self._made.time_base = self._base

    def take(self, packet: Any) -> Iterator[Any]:
        for frame in decoded(packet, self._failures):
            yield from self._encode(frame)

    def end(self) -> Iterator[Any]:
        if self.any:
            yield from self._made.encode(None)

    def _encode(self, frame: Any) -> Iterator[Any]:
        if frame.pts is None:
            return
        at = frame.pts - self._shift
        if at <= self._last:  # one that another has the moment of
            return
        self._last = at
        for ready in self._fitting(frame):
            ready.pts, ready.time_base = at, self._base
            ready.pict_type = 0
            self.any = True
            yield from self._made.encode(ready)

    def _fitting(self, frame: Any) -> list[Any]:
        """The frame upright, with square pixels, in the size and colours of the copy."""
        key = (frame.width, frame.height, frame.format.name, frame.rotation)
        if key != self._key:
            self._graph, self._key = self._built(frame), key
        self._graph.push(frame)
        found = []
        while True:
            try:
                found.append(self._graph.pull())
            except (av.error.BlockingIOError, av.error.EOFError):
                return found

    def _built(self, frame: Any) -> Any:
        graph = Graph()
        steps = [
            graph.add_buffer(
                width=frame.width,
                height=frame.height,
                format=frame.format,
                time_base=self._base,
            )
        ]
        turn = frame.rotation % 360
        if turn == 180:
            steps += [graph.add("hflip"), graph.add("vflip")]
        elif turn:
            steps.append(graph.add("transpose", "cclock" if turn == 90 else "clock"))
        steps.append(
            graph.add("scale", f"{self._made.width}:{self._made.height}:flags=bicubic:out_range=tv")
        )
        steps += [graph.add("format", "yuv420p"), graph.add("buffersink")]
        for one, other in pairwise(steps):
            one.link_to(other)
        graph.configure()
        return graph


def _size(width: int, height: int) -> tuple[int, int]:
    """Even, as H.264 wants it, and not larger than need be."""
    scale = min(1.0, LONGEST / max(width, height))
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


class _Sound:
    """Sound that is coded anew, without gaps, from 0 on."""

    def __init__(self, made: Any, stream: Any, start: float, *, webm: bool = False) -> None:
        self.stream, self.any = stream, False
        self._placer = Placer(start)
        self._failures = [0]
        self._written = 0
        rate = stream.codec_context.sample_rate
        self.rate = next((one for one in AAC_RATES if one >= rate), AAC_RATES[-1])
        if webm:
            self.rate = 48_000
        self._mono = stream.codec_context.layout.nb_channels == 1
        self._layout = "mono" if self._mono else "stereo"
        self._made = made.add_stream(
            "libopus" if webm else "aac", rate=self.rate, layout=self._layout
        )
        self._made.bit_rate = SOUND_BITS * (1 if self._mono else 2)
        self._resampler: Any = None
        stream.thread_count = 1

    def take(self, packet: Any) -> Iterator[Any]:
        for frame in decoded(packet, self._failures):
            for block in self._placer.place(frame):
                yield from self._encode(block)

    def end(self) -> Iterator[Any]:
        if self._resampler is not None:
            for frame in self._resampler.resample(None):
                yield from self._write(frame)
        if self.any:
            yield from self._made.encode(None)

    def _encode(self, block: Any) -> Iterator[Any]:
        self.any = True
        if len(block) > 2:  # of many channels two are made: all of them, in both
            block = block.mean(axis=0)[None]
        if len(block) == 1 and not self._mono:
            block = np.repeat(block, 2, axis=0)
        layout = "mono" if len(block) == 1 else "stereo"
        position = self._placer.position - block.shape[1]
        frame = frame_of(block, self._placer.rate, position, layout)
        if self._placer.rate == self.rate and layout == self._layout:
            yield from self._write(frame)
            return
        if self._resampler is None:
            self._resampler = av.AudioResampler(format="fltp", layout=self._layout, rate=self.rate)
        for one in self._resampler.resample(frame):
            yield from self._write(one)

    def _write(self, frame: Any) -> Iterator[Any]:
        frame.pts, frame.time_base = self._written, Fraction(1, self.rate)
        frame.sample_rate = self.rate
        self._written += frame.samples
        yield from self._made.encode(frame)
