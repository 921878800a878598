"""Small sounds and videos of every kind, written by PyAV: what they hold is known to the sample and the frame."""

import io
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import av
import numpy as np

SECOND = Fraction(1, 30)
MS = Fraction(1, 1000)
#: Distances of frames that no constant rate has.
UNEVEN = [0, 33, 67, 100, 250, 300, 333, 400, 640, 650, 700, 730, 900, 1100, 1133, 1200]


def tone(
    form: str = "wav",
    codec: str = "pcm_s16le",
    *,
    seconds: float = 2.0,
    rate: int = 16_000,
    channels: int = 1,
    click: float | None = None,
    bit_rate: int = 0,
    options: dict[str, str] | None = None,
) -> bytes:
    """A sound of 440 Hz, each further channel half as loud, with one sample of full scale at `click` seconds."""
    count = int(rate * seconds)
    wave = 0.25 * np.sin(2 * np.pi * 440 * np.arange(count) / rate)
    if click is not None:
        wave[round(click * rate)] = 1.0
    sound = np.stack([wave / 2**n for n in range(channels)]).astype("f4")
    output = io.BytesIO()
    layout = {1: "mono", 2: "stereo"}[channels]
    with av.open(output, "w", format=form) as container:
        stream: Any = container.add_stream(codec, rate=rate, layout=layout, options=options or {})
        if bit_rate:
            stream.bit_rate = bit_rate
        _encode_sound(container, stream, sound, rate, layout)
    return output.getvalue()


def clip(
    form: str = "mp4",
    codec: str = "libx264",
    *,
    stamps: Sequence[int] = range(60),
    base: Fraction = SECOND,
    size: tuple[int, int] = (64, 48),
    sound: str = "",
    sound_from: float = 0.0,
    pixels: str = "yuv420p",
    turn: int = 0,
    options: dict[str, str] | None = None,
    wrapping: dict[str, str] | None = None,
) -> bytes:
    """A video whose n-th frame is shown at stamps[n] × base and is grey n × 4; `sound` is a codec of a tone beside it."""
    output = io.BytesIO()
    with av.open(output, "w", format=form, options=wrapping or {}) as container:
        stream: Any = container.add_stream(codec, rate=30, options=options or {})
        stream.width, stream.height = size
        stream.pix_fmt = pixels
        stream.codec_context.time_base = stream.time_base = base
        if turn:
            stream.set_display_rotation(turn)
        beside: Any = container.add_stream(sound, rate=48_000, layout="mono") if sound else None
        for number, stamp in enumerate(stamps):
            grey = np.full((size[1], size[0], 3), number * 4 % 256, dtype="u1")
            frame = av.VideoFrame.from_ndarray(grey, format="rgb24")
            frame.pts, frame.time_base = stamp, base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if beside is not None:
            count = max(4800, int(48_000 * (stamps[-1] - stamps[0]) * base))
            wave = 0.25 * np.sin(2 * np.pi * 440 * np.arange(count) / 48_000)
            _encode_sound(
                container,
                beside,
                wave[None].astype("f4"),
                48_000,
                "mono",
                round(sound_from * 48_000),
            )
    return output.getvalue()


def _encode_sound(
    container: Any, stream: Any, sound: Any, rate: int, layout: str, first: int = 0
) -> None:
    for at in range(0, sound.shape[1], 960):
        part = np.ascontiguousarray(sound[:, at : at + 960])
        frame = av.AudioFrame.from_ndarray(part, format="fltp", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = rate, first + at, Fraction(1, rate)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def stamps_of(content: bytes) -> list[float]:
    """When the frames of a video are shown, in seconds, as a decoder tells."""
    with av.open(io.BytesIO(content), "r") as container:
        return [float(frame.time or 0) for frame in container.decode(video=0)]
