"""Sounds that the demo makes itself: tones, noise, sweeps, and words in Morse code. 16-bit WAV, one channel."""

import io
import math
import random
import struct
import wave
from collections.abc import Iterable, Iterator

#: Samples a second.
RATE = 16_000
#: Seconds of a dot of Morse code; a dash is three of them.
DOT = 0.06
MORSE = {
    "a": ".-", "b": "-...", "c": "-.-.", "d": "-..", "e": ".", "f": "..-.", "g": "--.", "h": "....",
    "i": "..", "j": ".---", "k": "-.-", "l": ".-..", "m": "--", "n": "-.", "o": "---", "p": ".--.",
    "q": "--.-", "r": ".-.", "s": "...", "t": "-", "u": "..-", "v": "...-", "w": ".--", "x": "-..-",
    "y": "-.--", "z": "--..",
}  # fmt: skip


def tone(hertz: float, seconds: float, level: float = 0.5) -> Iterator[float]:
    """A sine, faded in and out over five milliseconds so that it does not click."""
    count, edge = round(seconds * RATE), round(0.005 * RATE)
    for at in range(count):
        fade = min(1.0, at / edge, (count - at) / edge)
        yield level * fade * math.sin(2 * math.pi * hertz * at / RATE)


def sweep(first: float, last: float, seconds: float, level: float = 0.5) -> Iterator[float]:
    """A tone that glides from one pitch to another."""
    count, phase = round(seconds * RATE), 0.0
    for at in range(count):
        phase += 2 * math.pi * (first + (last - first) * at / count) / RATE
        yield level * math.sin(phase)


def noise(seconds: float, seed: str, level: float = 0.3) -> Iterator[float]:
    dice = random.Random(seed)  # noqa: S311  a sound, not a secret
    for _ in range(round(seconds * RATE)):
        yield dice.uniform(-level, level)


def silence(seconds: float) -> Iterator[float]:
    for _ in range(round(seconds * RATE)):
        yield 0.0


def morse(words: str, hertz: float = 620) -> Iterator[float]:
    """The words in Morse code."""
    for word in words.lower().split():
        for letter in word:
            for sign in MORSE[letter]:
                yield from tone(hertz, DOT if sign == "." else 3 * DOT)
                yield from silence(DOT)
            yield from silence(2 * DOT)
        yield from silence(4 * DOT)


def wav(parts: Iterable[Iterable[float]], seconds: float = 0) -> bytes:
    """The parts one after the other as a file, with silence up to so many seconds."""
    samples = [value for part in parts for value in part]
    samples += [0.0] * (round(seconds * RATE) - len(samples))
    frames = struct.pack(f"<{len(samples)}h", *(round(value * 32_767) for value in samples))
    output = io.BytesIO()
    with wave.open(output, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(frames)
    return output.getvalue()
