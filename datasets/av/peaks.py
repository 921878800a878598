"""The waveform in levels: the least and the greatest sample of every so many, four times as many a level further."""

from collections.abc import Callable
from typing import Any, BinaryIO

import numpy as np

from datasets.av.sound import blocks
from datasets.packs import Json, Pack

#: Pairs of a chunk; of the finest level, about; of the coarsest, at most.
CHUNK, FINEST, COARSEST = 8192, 2**21, 2048
#: Samples of a pair of the finest level, at least; pairs of a level that are one of the next.
LEAST_STEP, FACTOR = 16, 4
#: Channels that are drawn.
CHANNELS = 8


class Level:
    """One level: what comes is written in chunks, and handed on to the next in groups of FACTOR."""

    def __init__(self, number: int, pack: Pack, chunk: int) -> None:
        self.number, self.count, self.chunks = number, 0, 0
        self._pack, self._chunk = pack, chunk
        self._kept: list[Any] = []
        self._held = 0

    def add(self, pairs: Any) -> None:
        """Pairs of shape (count, channels, 2), int16."""
        self.count += len(pairs)
        while len(pairs):
            part = pairs[: self._chunk - self._held]
            pairs = pairs[len(part) :]
            self._kept.append(part)
            self._held += len(part)
            if self._held == self._chunk:
                self.flush()

    def flush(self) -> None:
        if self._held:
            content = np.concatenate(self._kept).astype("<i2").tobytes()
            self._pack.put(f"{self.number}/{self.chunks}/0", content)
            self.chunks += 1
            self._kept, self._held = [], 0


def least_and_greatest(values: Any) -> Any:
    """Of shape (count, channels, 2, group): (count, channels, 2)."""
    return np.stack((values[:, :, 0].min(axis=-1), values[:, :, 1].max(axis=-1)), axis=-1)


class Pyramid:
    """Levels above each other, made while the samples pass: no more is held than a chunk of each."""

    def __init__(self, pack: Pack, step: int) -> None:
        self.pack, self.step = pack, step
        self.levels: list[Level] = []
        self._rests: list[Any] = []

    def add(self, block: Any) -> None:
        """Samples, one row a channel."""
        whole = np.clip(np.rint(block * 32768), -32768, 32767).astype(np.int16)
        self._pass(0, np.repeat(whole.T[:, :, None], 2, axis=2), self.step)

    def _pass(self, number: int, fine: Any, group: int) -> None:
        """What comes from below becomes pairs of this level in groups, as far as they are full."""
        if number == len(self.levels):
            self.levels.append(Level(number, self.pack, CHUNK))
            self._rests.append(fine[:0])
        rest = self._rests[number]
        fine = np.concatenate((rest, fine)) if len(rest) else fine
        full = len(fine) // group * group
        self._rests[number] = fine[full:]
        if full:
            grouped = fine[:full].reshape(full // group, group, *fine.shape[1:])
            pairs = least_and_greatest(np.moveaxis(grouped, 1, -1))
            self.levels[number].add(pairs)
            self._pass(number + 1, pairs, FACTOR)

    def close(self) -> list[Level]:
        """What is left over becomes a last pair of each level; answers the levels that are worth having."""
        for number, level in enumerate(self.levels):
            rest = self._rests[number]
            if len(rest):
                pair = least_and_greatest(np.moveaxis(rest[None], 1, -1))
                level.add(pair)
                if number + 1 < len(self.levels):
                    self._rests[number + 1] = np.concatenate((self._rests[number + 1], pair))
            level.flush()
        coarse = next((n for n, one in enumerate(self.levels) if one.count <= COARSEST), None)
        return self.levels if coarse is None else self.levels[: coarse + 1]


def step_for(count: float) -> int:
    """Samples of a pair of the finest level, by the number of samples: a power of two."""
    step = LEAST_STEP
    while count / step > FINEST:
        step *= 2
    return step


def make_peaks(
    file: BinaryIO, request: Json, pack: Pack, progress: Callable[[float], None]
) -> Json:
    """Write the levels into the pack; answers what its manifest says. Raises Unreadable."""
    pyramid: Pyramid | None = None
    placer = None
    for placer, block in blocks(file, request["form"], request["start"], CHANNELS):
        seconds = max(request["duration"], placer.position / placer.rate)
        if pyramid is None:
            pyramid = Pyramid(pack, step_for(seconds * placer.rate))
        pyramid.add(block)
        progress(placer.position / placer.rate / seconds)
    if pyramid is None or placer is None:
        raise ValueError("blocks are never none")
    levels = pyramid.close()
    rate = placer.rate / pyramid.step
    return {
        "sampleRate": placer.rate,
        "channels": placer.channels,
        "duration": placer.position / placer.rate,
        "rate": rate,
        "chunk": CHUNK,
        "levels": [
            {"rate": rate / FACTOR**one.number, "pairs": one.count, "chunks": one.chunks}
            for one in levels
        ],
    }
