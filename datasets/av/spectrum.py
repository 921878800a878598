"""The spectrogram in levels: grey pictures of 1,024 columns, four columns a level further being one, the loudest."""

import io
from collections.abc import Callable
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

from datasets.av.sound import blocks
from datasets.packs import Json, Pack

#: Columns of a picture; of the finest level, at most.
CHUNK, FINEST = 1024, 2**19
FACTOR, CHANNELS, MOST_ROWS = 4, 8, 512
#: Decibels of black and white.
LOW, HIGH = -100.0, 0.0
#: Seconds that a column looks at, at least; columns computed at once.
WINDOW, BATCH = 0.025, 512


def window_for(rate: int) -> int:
    """Samples that a column looks at: a power of two."""
    size = 256
    while size < rate * WINDOW and size < 8192:
        size *= 2
    return size


class Columns:
    """One level: columns are gathered to pictures, and handed on in groups of FACTOR."""

    def __init__(self, number: int, pack: Pack) -> None:
        self.number, self.pack = number, pack
        self.count = self.chunks = 0
        self.next: Columns | None = None
        self._kept: list[Any] = []
        self._held = 0
        self._rest: Any = None

    def add(self, columns: Any) -> None:
        """Columns of shape (count, rows), values 0 to 255."""
        self.count += len(columns)
        self._hand_on(columns)
        while len(columns):
            part = columns[: CHUNK - self._held]
            columns = columns[len(part) :]
            self._kept.append(part)
            self._held += len(part)
            if self._held == CHUNK:
                self._write()

    def close(self) -> None:
        if self._rest is not None and len(self._rest) and self.next is not None:
            self.next.add(self._rest.max(axis=0)[None])
        self._write()
        if self.next is not None:
            self.next.close()

    def _hand_on(self, columns: Any) -> None:
        fine = columns if self._rest is None else np.concatenate((self._rest, columns))
        full = len(fine) // FACTOR * FACTOR
        self._rest = fine[full:]
        if full:
            if self.next is None:
                self.next = Columns(self.number + 1, self.pack)
            self.next.add(fine[:full].reshape(-1, FACTOR, fine.shape[1]).max(axis=1))

    def _write(self) -> None:
        if not self._held:
            return
        grey = np.ascontiguousarray(np.concatenate(self._kept).T[::-1])
        output = io.BytesIO()
        Image.fromarray(grey).save(output, "WEBP", quality=80, method=1)
        self.pack.put(f"{self.number}/{self.chunks}/0", output.getvalue())
        self.chunks += 1
        self._kept, self._held = [], 0


class Transform:
    """Samples in, columns out; holds no more than a window and what came last."""

    def __init__(self, rate: int, seconds: float) -> None:
        self.window = window_for(rate)
        self.rows = min(MOST_ROWS, self.window // 2)
        self.hop = self.window // 4
        while seconds * rate / self.hop > FINEST:
            self.hop *= 2
        self._shape = np.hanning(self.window + 1)[:-1].astype(np.float32)
        # The first column is centred on the first sample.
        self._kept = np.zeros(self.window // 2, dtype=np.float32)
        self._skip = 0

    def add(self, mono: Any) -> Any:
        """The columns that the samples complete: (count, rows) of bytes."""
        self._kept = np.concatenate((self._kept, mono))
        if self._skip:
            gone = min(self._skip, len(self._kept))
            self._kept, self._skip = self._kept[gone:], self._skip - gone
        if len(self._kept) < self.window:
            return np.zeros((0, self.rows), dtype=np.uint8)
        views = np.lib.stride_tricks.sliding_window_view(self._kept, self.window)[:: self.hop]
        found = np.concatenate(
            [self._columns(views[at : at + BATCH]) for at in range(0, len(views), BATCH)]
        )
        used = len(views) * self.hop
        self._skip = max(0, used - len(self._kept))
        self._kept = self._kept[used:].copy()
        return found

    def _columns(self, views: Any) -> Any:
        loud = np.abs(np.fft.rfft(views * self._shape, axis=1))[:, 1:] * (2 / self._shape.sum())
        loud = loud.reshape(len(loud), self.rows, -1).max(axis=2)
        level = 20 * np.log10(np.maximum(loud, 1e-6))
        return np.clip((level - LOW) * (255 / (HIGH - LOW)), 0, 255).astype(np.uint8)


def make_spectrum(
    file: BinaryIO, request: Json, pack: Pack, progress: Callable[[float], None]
) -> Json:
    """Write the levels into the pack; answers what its manifest says. Raises Unreadable."""
    finest = Columns(0, pack)
    transform: Transform | None = None
    placer = None
    for placer, block in blocks(file, request["form"], request["start"], CHANNELS):
        seconds = max(request["duration"], placer.position / placer.rate)
        if transform is None:
            transform = Transform(placer.rate, seconds)
        finest.add(transform.add(block.mean(axis=0)))
        progress(placer.position / placer.rate / seconds)
    if transform is None or placer is None:
        raise ValueError("blocks are never none")
    finest.add(transform.add(np.zeros(transform.window // 2, dtype=np.float32)))
    finest.close()
    levels = [finest]
    while levels[-1].next is not None and levels[-1].count > CHUNK:
        levels.append(levels[-1].next)
    rate = placer.rate / transform.hop
    return {
        "rate": rate,
        "rows": transform.rows,
        "maxFrequency": placer.rate / 2,
        "low": LOW,
        "high": HIGH,
        "duration": placer.position / placer.rate,
        "chunk": CHUNK,
        "levels": [
            {"rate": rate / FACTOR**one.number, "columns": one.count, "chunks": one.chunks}
            for one in levels
        ],
    }
