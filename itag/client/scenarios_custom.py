"""Scenarios of templates that a team composes itself: several contents side by side, and two answers of a model."""

import json
import random
from collections.abc import Mapping
from typing import Any

from itag.client import sounds
from itag.client.answers import Choice, Json
from itag.client.drawn import Fill, Regions, rectangle
from itag.client.manifest import latest
from itag.client.marked import Segment, Segments, Spans, find
from itag.client.pictures import scene
from itag.client.scenarios import Sample, Scenario


def _options(*labels: str, colours: tuple[str, ...] = ()) -> list[Json]:
    return [
        {
            "key": f"o{number}",
            "label": label,
            "color": (colours or ("#2f6f4f", "#b3541e", "#3355aa"))[number % 3],
            "shortcut": str(number + 1),
        }
        for number, label in enumerate(labels)
    ]


# --- a picture, a paragraph and a sound ------------------------------------------------------------------------------

SECONDS = 3.0
PLACES = ("the harbour", "a village", "our street", "the old town", "a valley", "the station")

MIX: Json = {
    "name": "Street report",
    "description": "A picture, what somebody wrote about it, and what was heard there.",
    "views": [
        {"type": "Image", "bindField": "picture", "title": "Picture"},
        {"type": "Text", "bindField": "source", "title": "Report"},
        {"type": "Audio", "bindField": "sound", "title": "Sound"},
    ],
    "questions": [
        {
            "questionId": "1",
            "type": "PICTURE",
            "markTitle": "Things",
            "mustFill": False,
            "view": "picture",
            "shapes": ["rectangle", "polygon"],
            "children": [
                {
                    "questionId": "1.1",
                    "type": "RADIO",
                    "markTitle": "Kind",
                    "mustFill": True,
                    "options": _options("house", "tree", "car", "lamp"),
                }
            ],
        },
        {
            "questionId": "2",
            "type": "SLOT",
            "markTitle": "Words",
            "mustFill": False,
            "view": "source",
            "children": [
                {
                    "questionId": "2.1",
                    "type": "CHECKBOX",
                    "markTitle": "NER",
                    "mustFill": True,
                    "options": _options("place", "time"),
                }
            ],
        },
        {
            "questionId": "3",
            "type": "VIDEO",
            "markTitle": "Signals",
            "mustFill": False,
            "view": "sound",
            "children": [
                {
                    "questionId": "3.1",
                    "type": "RADIO",
                    "markTitle": "Signal",
                    "mustFill": True,
                    "options": _options("bell", "horn"),
                }
            ],
        },
        {
            "questionId": "4",
            "type": "INPUT",
            "markTitle": "Number of the report",
            "mustFill": True,
            "rule": r"R-\d{3}",
            "ruleHint": "R- and three digits, such as R-017",
        },
        {
            "questionId": "5",
            "type": "RADIO",
            "markTitle": "Do they belong together?",
            "mustFill": True,
            "options": _options("yes", "no"),
        },
    ],
    "layout": [
        {
            "cells": [
                {"width": 7, "blocks": [{"view": "picture"}]},
                {"width": 5, "blocks": [{"view": "source"}, {"question": "4"}]},
            ],
            "height": 8,
        },
        {"cells": [{"width": 12, "blocks": [{"view": "sound"}]}], "height": 4},
    ],
    "abandon_reasons": ["Unreadable"],
}


def custom_mix() -> Scenario:
    """One page with a picture, a paragraph and a sound side by side, each with questions of its own."""

    def sample(number: int) -> Sample:
        dice = random.Random(f"mix {number}")  # noqa: S311  data of a demo, not a secret
        drawn = scene(60 + number)
        place = PLACES[number - 1]
        text = f"Report {number}: seen in {place} at {drawn.sky}."
        signal, hertz = dice.choice((("bell", 1200.0), ("horn", 220.0)))
        content = sounds.wav([sounds.silence(1.0), sounds.tone(hertz, 1.25)], SECONDS)
        things = [
            rectangle(tuple(map(float, box)), {"1.1": thing}, f"mix-{number}-{at}")  # type: ignore[arg-type]
            for at, (thing, box) in enumerate(drawn.objects)
        ]
        truth: dict[str, Any] = {
            "1": things,
            "2": [
                find(text, place, {"2.1": ["place"]}, f"place-{number}"),
                find(text, drawn.sky, {"2.1": ["time"]}, f"time-{number}"),
            ],
            "3": [Segment(1.0, 2.25, {"3.1": signal}, f"signal-{number}")],
            "4": f"R-{number:03}",
            "5": "yes",
        }
        first = {**truth, "2": truth["2"][:1], "5": "no"} if number in (1, 3) else truth
        return Sample(
            source=text,
            first=first,
            truth=truth,
            media={
                "picture": ("image", f"street-{number:02}.png", drawn.png),
                "sound": ("audio", f"street-{number:02}.wav", content),
            },
            size=(drawn.width, drawn.height),
        )

    return Scenario(
        name="custom-mix",
        template="",
        custom=MIX,
        kind="custom",
        language="en",
        questions=(
            Regions("1", "Things", {"1.1": "Kind"}),
            Spans("2", {"2.1": "NER"}, {}),
            Segments("3", {"3.1": "Signal"}, SECONDS),
            Fill("4", "Number of the report"),
            Choice("5", "Do they belong together?"),
        ),
        labels={},
        samples=tuple(sample(number) for number in range(1, 7)),
        read=read_mix,
        package_size=2,
    )


def read_mix(row: Mapping[str, Any], task: str) -> list[Any]:
    """What a program sees of the five answers: boxes, words, seconds, number, and the last word."""
    things, words, signals, number, verdict = latest(row, task)["results"]
    return [
        [entry["labels"]["Kind"] for entry in things["data"]],
        [row["data"]["source"][entry["start"] : entry["end"] + 1] for entry in words["objects"]],
        [(entry["start"], entry["end"]) for entry in signals["objects"]],
        number["data"],
        verdict["data"],
    ]


# --- which answer is better? -----------------------------------------------------------------------------------------

#: (prompt, answer A, answer B, the better one, stars of the better one, why).
ANSWERS: tuple[tuple[str, str, str, str, str, str], ...] = (
    (
        "How do I boil an egg?",
        "Put it in **boiling** water for *8 minutes*.",
        "Eggs are laid by hens.",
        "A", "5", "B does not answer the question.",
    ),
    (
        "用一句话解释光合作用。",
        "植物会呼吸。",
        "植物利用光能，把**水和二氧化碳**变成糖，并放出氧气。",
        "B", "5", "A 没有说到光。",
    ),
    (
        "List three primes.",
        "1. 2\n2. 3\n3. 9",
        "- 2\n- 3\n- 5",
        "B", "4", "9 is no prime.",
    ),
    (
        "Write a haiku about rain.",
        "> Rain on the window\n> counts the minutes of the night\n> and forgets the sum",
        "Rain is water that falls from clouds.",
        "A", "5", "Only A is a haiku.",
    ),
    (
        "What does `x += 1` do?",
        "It adds one to `x`:\n\n```\nx = x + 1\n```",
        "It compares `x` with one.",
        "A", "4", "B mixes it up with ==.",
    ),
    (
        "Recommend a book for a ten-year-old.",
        "*The Hobbit*; read the first chapter together.",
        "Any book will do, you fool.",
        "A", "3", "B is rude.",
    ),
)  # fmt: skip

PREFERENCE: Json = {
    "name": "LLM preference",
    "description": "Two answers to one prompt: which is better, how good is it, and why?",
    "views": [
        {"type": "Markdown", "bindField": "source", "title": "Prompt"},
        {"type": "Markdown", "bindField": "answer_a", "title": "Answer A"},
        {"type": "Markdown", "bindField": "answer_b", "title": "Answer B"},
    ],
    "questions": [
        {
            "questionId": "1",
            "type": "RANKING",
            "markTitle": "Better first",
            "mustFill": True,
            "options": _options("A", "B"),
            "contents": {"o0": "answer_a", "o1": "answer_b"},
        },
        {
            "questionId": "2",
            "type": "RATING",
            "markTitle": "How good is the better one?",
            "mustFill": True,
            "least": 1,
            "most": 5,
            "step": 1,
            "style": "stars",
        },
        {
            "questionId": "3",
            "type": "RADIO",
            "markTitle": "Is one of them harmful?",
            "mustFill": True,
            "options": _options("no", "yes"),
            "default": "o0",
        },
        {
            "questionId": "4",
            "type": "CHECKBOX",
            "markTitle": "In which way?",
            "mustFill": True,
            "options": _options("rude", "dangerous", "untrue"),
            "showIf": {"questionId": "3", "is": ["o1"]},
        },
        {
            "questionId": "5",
            "type": "OPEN_ENDED",
            "markTitle": "Why?",
            "mustFill": True,
            "least": 5,
            "most": 2000,
        },
    ],
    "layout": [
        {"cells": [{"width": 12, "blocks": [{"view": "source"}]}], "height": 4},
        {
            "cells": [
                {"width": 6, "blocks": [{"view": "answer_a"}]},
                {"width": 6, "blocks": [{"view": "answer_b"}]},
            ],
            "height": 8,
        },
    ],
    "abandon_reasons": ["Prompt makes no sense"],
}


class Asked(Choice):
    """A choice that is asked only after another: None where it is not."""

    def ops(self, answer: Any, keys: Any, size: tuple[int, int], now: Json | None) -> list[Json]:
        if answer is not None:
            return super().ops(answer, keys, size, now)
        return [{"questionId": self.id, "id": None, "value": None}] if now else []


class Ranking(Choice):
    """Labels from the best to the worst."""


def llm_preference() -> Scenario:
    """Two answers in Markdown, ranked, rated and reasoned about; what is harmful is asked only where something is."""

    def sample(number: int) -> Sample:
        prompt, one, other, better, stars, why = ANSWERS[number - 1]
        rude = "rude" in why
        truth: dict[str, Any] = {
            "1": [better, "B" if better == "A" else "A"],
            "2": stars,
            "3": "yes" if rude else "no",
            "4": ["rude"] if rude else None,
            "5": why,
        }
        first = {**truth, "1": truth["1"][::-1]} if number in (1, 3) else truth
        data = {"source": prompt, "answer_a": one, "answer_b": other}
        return Sample(
            source=prompt, first=first, truth=truth, data=json.dumps(data, ensure_ascii=False)
        )

    return Scenario(
        name="llm-preference",
        template="",
        custom=PREFERENCE,
        kind="text",
        language="en",
        questions=(
            Ranking("1", "Better first", multiple=True),
            Fill("2", "How good is the better one?"),
            Choice("3", "Is one of them harmful?"),
            Asked("4", "In which way?", multiple=True),
            Fill("5", "Why?"),
        ),
        labels={},
        samples=tuple(sample(number) for number in range(1, len(ANSWERS) + 1)),
        read=read_preference,
        package_size=2,
    )


def read_preference(row: Mapping[str, Any], task: str) -> tuple[str, str]:
    """What preference training sees: (chosen, rejected), the texts of the answers."""
    ranking = latest(row, task)["results"][0]["data"]
    chosen, rejected = (row["data"][f"answer_{label.lower()}"] for label in ranking)
    return chosen, rejected
