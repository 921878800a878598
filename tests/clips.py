"""Short video clips for tests: every frame says its own number in a row of black and white blocks.

A browser test reads the blocks back from the pixels that are shown, and so knows which frame it is.
"""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image, ImageDraw, ImageFont

#: Blocks of the number, the highest bit first; each as wide and as high as this.
BITS = 10
BLOCK = 32
WIDTH, HEIGHT = BITS * BLOCK, 240
#: Ticks per second of the clips' time stamps.
TICKS = 90_000

#: 25 frames a second, 30000/1001 of them, and seconds between frames of a clip whose rate varies.
PAL = Fraction(25)
NTSC = Fraction(30_000, 1001)


def steady(rate: Fraction, count: int) -> list[int]:
    """The time stamps, in ticks, of so many frames at this rate."""
    return [round(number * TICKS / rate) for number in range(count)]


def unsteady(count: int) -> list[int]:
    """Time stamps whose distance goes from 11 ms to 200 ms and back."""
    steps = [1000, 3003, 6006, 9000, 18_000, 3000, 1500]
    stamps = [0]
    for number in range(count - 1):
        stamps.append(stamps[-1] + steps[number % len(steps)])
    return stamps


def picture(number: int) -> Image.Image:
    """Frame `number`: its bits along the upper edge, its digits, and a bar that moves."""
    image = Image.new("RGB", (WIDTH, HEIGHT), (58, 74, 92))
    canvas = ImageDraw.Draw(image)
    for place in range(BITS):
        bit = number >> (BITS - 1 - place) & 1
        left = place * BLOCK
        canvas.rectangle((left, 0, left + BLOCK - 1, BLOCK - 1), fill=(255 * bit,) * 3)
    x = number * 7 % (WIDTH - 40)
    canvas.rectangle((x, 170, x + 40, 210), fill=(213, 140, 40))
    canvas.text((110, 80), str(number), fill=(240, 240, 240), font=ImageFont.load_default(60))
    return image


def write_clip(
    path: Path,
    stamps: Sequence[int],
    *,
    codec: str = "libx264",
    reordered: bool = False,
    rotation: int = 0,
    tone: bool = False,
    key_every: int = 48,
) -> Path:
    """A clip with a frame at each of these ticks. `reordered`: with B frames; `rotation`: how players turn it."""
    options: dict[str, Any] = {}
    if codec == "libx264":
        frames = {"bf": "3", "b-adapt": "0"} if reordered else {"bf": "0"}
        options = {"preset": "veryfast", "crf": "20", "sc_threshold": "0", **frames}
    elif codec.startswith("libvpx"):
        options = {"deadline": "realtime", "cpu-used": "8", "crf": "10", "b:v": "1M"}
    elif codec == "mpeg4":
        options = {"qscale": "3"}
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(
            codec, rate=25 if codec == "mpeg4" else 30, options=options
        )
        stream.width, stream.height = WIDTH, HEIGHT
        stream.pix_fmt = "yuv420p"
        # MPEG-4, which stands in AVI, counts no finer than its frames.
        tick = 1 / PAL if codec == "mpeg4" else Fraction(1, TICKS)
        stream.time_base = stream.codec_context.time_base = tick
        stream.codec_context.gop_size = key_every
        if rotation:
            stream.set_display_rotation(rotation)
        sound: Any = container.add_stream("aac", rate=48_000, layout="mono") if tone else None
        for number, stamp in enumerate(stamps):
            frame: Any = av.VideoFrame.from_image(picture(number))
            frame.pts, frame.time_base = stamp, Fraction(1, TICKS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if sound is not None:
            _write_tone(container, sound, stamps[-1] / TICKS)
    return path


def _write_tone(container: Any, stream: Any, seconds: float) -> None:
    """A beep at every second."""
    for start in range(0, int(seconds * 48_000), 1024):
        at = np.arange(start, start + 1024) / 48_000
        wave = 0.4 * np.sin(2 * np.pi * 440 * at) * (at % 1 < 0.1)
        frame = av.AudioFrame.from_ndarray(
            wave.astype(np.float32)[None, :], format="fltp", layout="mono"
        )
        frame.sample_rate, frame.pts, frame.time_base = 48_000, start, Fraction(1, 48_000)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))
