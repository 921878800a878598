"""The samples of a file in blocks, each where it is heard: gaps are silence, what was there before 0 is left out."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, BinaryIO

import av
import numpy as np

from datasets.av.opening import BROKEN, Unreadable, opened, sound_of

#: Samples that are handed on at once, about.
BLOCK = 65_536
#: Stamps that are off by less are rounding; of more they are gaps.
SLACK = 0.05
#: A longer gap is a broken stamp.
MOST_GAP = 6 * 3600.0
#: Frames in a row that cannot be decoded before the file counts as broken.
MOST_FAILURES = 2_000
_SCALES = {"s16": 2**15, "s32": 2**31, "s64": 2**63, "u8": 2**7}


def samples(frame: Any) -> Any:
    """The frame as float32, one row a channel, full scale 1."""
    name = frame.format.name.removesuffix("p")
    raw = frame.to_ndarray()
    if not frame.format.is_planar:
        raw = raw.reshape(-1, frame.layout.nb_channels).T
    if name in ("flt", "dbl"):
        return raw.astype(np.float32)
    if name not in _SCALES:
        raise Unreadable("codec")
    centre = 128 if name == "u8" else 0
    return (raw.astype(np.float32) - centre) / _SCALES[name]


class Placer:
    """Frames one after the other, as blocks of samples that lie where their stamps say."""

    def __init__(self, start: float, most_channels: int = 64) -> None:
        self.start, self.most = start, most_channels
        self.rate = 0
        self.channels = 0
        #: Samples handed on so far.
        self.position = 0
        self._layout = ""
        self._resampler: Any = None

    def place(self, frame: Any) -> Iterator[Any]:
        """The frame's block, and silence before it where there is a gap."""
        if not self.rate:
            self.rate, self._layout = frame.sample_rate, frame.layout.name
            self.channels = min(self.most, frame.layout.nb_channels)
        at = None if frame.pts is None else float(frame.pts * frame.time_base) - self.start
        for part in self._fitting(frame):
            block = samples(part)[: self.channels]
            if at is not None:
                yield from self._silence(at)
                # What overlaps what was there already, or lies before the beginning, is dropped.
                late = self.position - round(at * self.rate)
                if late > (0 if self.position == 0 else SLACK * self.rate):
                    block = block[:, late:]
                at = None
            if block.shape[1]:
                self.position += block.shape[1]
                yield block

    def _silence(self, at: float) -> Iterator[Any]:
        gap = round(at * self.rate) - self.position
        slack = 0 if self.position == 0 else SLACK * self.rate
        if not slack < gap < MOST_GAP * self.rate:
            return
        while gap > 0:
            part = min(gap, BLOCK)
            self.position += part
            gap -= part
            yield np.zeros((self.channels, part), dtype=np.float32)

    def _fitting(self, frame: Any) -> list[Any]:
        """The frame in the rate and layout of the first one."""
        if frame.sample_rate == self.rate and frame.layout.name == self._layout:
            return [frame]
        key = (frame.sample_rate, frame.layout.name, frame.format.name)
        if self._resampler is None or self._resampler[0] != key:
            fresh = av.AudioResampler(format="fltp", layout=self._layout, rate=self.rate)
            self._resampler = (key, fresh)
        frame.pts = None
        return list(self._resampler[1].resample(frame))


def decoded(packet: Any, failures: list[int]) -> list[Any]:
    """The packet's frames; what cannot be decoded is passed over, up to MOST_FAILURES in a row."""
    try:
        frames = list(packet.decode())
    except BROKEN:
        failures[0] += 1
        if failures[0] > MOST_FAILURES:
            raise
        return []
    failures[0] = 0
    return frames


def blocks(
    file: BinaryIO, form: str, start: float, most_channels: int
) -> Iterator[tuple[Placer, Any]]:
    """(where we are, samples of about BLOCK, one row a channel) to the end of the file. Raises Unreadable."""
    placer = Placer(start, most_channels)
    failures = [0]
    kept: list[Any] = []
    count = 0
    with opened(file, form) as container:
        stream = sound_of(container)
        if stream is None:
            raise Unreadable("sound")
        stream.thread_count = 1
        for packet in container.demux(stream):
            for frame in decoded(packet, failures):
                for block in placer.place(frame):
                    kept.append(block)
                    count += block.shape[1]
            if count >= BLOCK:
                yield placer, np.concatenate(kept, axis=1)
                kept, count = [], 0
    if count:
        yield placer, np.concatenate(kept, axis=1)
    if not placer.position:
        raise Unreadable("broken")


def frame_of(block: Any, rate: int, position: int, layout: str) -> Any:
    """Samples as a frame to be encoded."""
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), format="fltp", layout=layout)
    frame.sample_rate, frame.pts, frame.time_base = rate, position, Fraction(1, rate)
    return frame
