"""Scenarios of sounds and videos: what they are, where something is heard, and what is said."""

from collections.abc import Iterable, Mapping
from typing import Any

from itag.client import sounds
from itag.client.answers import Choice
from itag.client.clips import ball
from itag.client.drawn import Fill
from itag.client.manifest import latest, read_choices
from itag.client.marked import Segment, Segments
from itag.client.scenarios import Sample, Scenario

# --- classification --------------------------------------------------------------------------------------------------

RED, BLUE = (208, 48, 40), (40, 84, 200)
GROUND = (224, 222, 214)
WAYS = {
    "to the right": ((0.15, 0.5), (0.85, 0.5)),
    "to the left": ((0.85, 0.5), (0.15, 0.5)),
    "down": ((0.5, 0.15), (0.5, 0.85)),
}


def video_classification() -> Scenario:
    """What rolls, and where to? Several labels a clip."""

    def sample(number: int) -> Sample:
        way = list(WAYS)[number % 3]
        colour, name = (RED, "red ball") if number % 2 else (BLUE, "blue ball")
        truth = {"2": [name, way]}
        return Sample(
            source=f"ball-{number:02}.mp4",
            first={"2": [name]} if number in (1, 3) else truth,
            truth=truth,
            content=ball(WAYS[way], colour, GROUND),
            size=(160, 120),
        )

    return Scenario(
        name="video-classification",
        template="video-classification",
        kind="video",
        language="en",
        questions=(Choice("2", "multiple-choice", multiple=True),),
        labels={"2": ("red ball", "blue ball", *WAYS)},
        asked=("2",),
        samples=tuple(sample(number) for number in range(1, 7)),
        read=read_choices,
        package_size=2,
    )


def audio_classification() -> Scenario:
    """What does it sound like? One label a sound."""
    kinds = ("tone", "noise", "sweep")

    def sample(number: int) -> Sample:
        kind = kinds[number % 3]
        made = {
            "tone": lambda: sounds.tone(300 + 40 * number, 1.5),
            "noise": lambda: sounds.noise(1.5, f"noise {number}"),
            "sweep": lambda: sounds.sweep(200, 2400 + 100 * number, 1.5),
        }[kind]()
        truth = {"1": kind}
        slip = {"1": kinds[(number + 1) % 3]}
        return Sample(
            source=f"sound-{number:02}.wav",
            first=slip if number in (1, 3) else truth,
            truth=truth,
            content=sounds.wav([sounds.silence(0.25), made, sounds.silence(0.25)]),
        )

    return Scenario(
        name="audio-classification",
        template="audio-classification",
        kind="audio",
        language="zh-hans",
        questions=(Choice("1", "单选"),),
        labels={"1": kinds},
        asked=("1",),
        samples=tuple(sample(number) for number in range(1, 7)),
        read=read_choices,
        package_size=2,
    )


# --- segmentation ----------------------------------------------------------------------------------------------------

#: Seconds of every sound that is cut into segments.
LENGTH = 8.0
WORDS = ("sos", "hello", "itag", "label", "audio", "morse")


def audio_segmentation() -> Scenario:
    """Who signals when, and what? Two stations send Morse code, one high and one low."""

    def sample(number: int) -> Sample:
        parts: list[Iterable[float]] = [sounds.silence(0.5)]
        truth, at = [], 0.5
        for place, (station, hertz) in enumerate((("high", 880.0), ("low", 440.0))):
            word = WORDS[(number + place) % len(WORDS)]
            signal = list(sounds.morse(word, hertz))
            seconds = len(signal) / sounds.RATE
            said = {"1.3": word, "1.1": station}
            end = round(at + seconds, 6)
            truth.append(Segment(round(at, 6), end, said, f"signal-{number}-{place}"))
            parts += [signal, sounds.silence(0.4)]
            at = end + 0.4
        wrong = Segment(truth[0].start, round(truth[0].end + 0.05, 6), truth[0].said, truth[0].id)
        return Sample(
            source=f"signals-{number:02}.wav",
            first={"1": [wrong, *truth[1:]]} if number in (1, 3) else {"1": truth},
            truth={"1": truth},
            content=sounds.wav(parts, LENGTH),
        )

    return Scenario(
        name="audio-segmentation",
        template="audio-segmentation",
        kind="audio",
        language="en",
        questions=(
            Segments("1", {"1.3": "Audio recognition result", "1.1": "single-choice"}, LENGTH),
        ),
        labels={"1.1": ("high", "low")},
        asked=("1.1", "1.3"),
        samples=tuple(_same_where_right(sample(number)) for number in range(1, 7)),
        read=read_segments,
        package_size=2,
    )


def _same_where_right(sample: Sample) -> Sample:
    """Where nothing is wrong, the first answer is the right one itself, which is how a scenario says it."""
    if sample.first == sample.truth:
        sample.first = sample.truth
    return sample


def read_segments(row: Mapping[str, Any], task: str) -> list[tuple[float, float, str, str]]:
    """What a program that trains on speech sees: (from, to, who, what) of every segment, in seconds."""
    (element,) = latest(row, task)["results"]
    return [
        (
            entry["start"],
            entry["end"],
            entry["result"]["single-choice"],
            entry["result"]["Audio recognition result"],
        )
        for entry in element["objects"]
    ]


def audio_recognition() -> Scenario:
    """What is signalled? The words of the whole clip, in Morse code."""

    def sample(number: int) -> Sample:
        words = f"{WORDS[number % 6]} {WORDS[(number + 2) % 6]}"
        truth = {"1": f"{words.capitalize()}."}
        return Sample(
            source=f"morse-{number:02}.wav",
            first={"1": words} if number in (1, 3) else truth,
            truth=truth,
            content=sounds.wav([sounds.silence(0.3), sounds.morse(words), sounds.silence(0.3)]),
        )

    return Scenario(
        name="audio-recognition",
        template="audio-recognition",
        kind="audio",
        language="en",
        questions=(Fill("1", "Audio recognition result"),),
        labels={},
        samples=tuple(sample(number) for number in range(1, 7)),
        read=read_choices,
        package_size=2,
    )
