"""The scenarios of `itag demo` as data: what is uploaded, what is asked, and what everybody answers.

The list of all is in catalogue.py; the driver knows no template.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from itag.client.answers import Choice, Question
from itag.client.drawn import Region, Regions, hexagon, leaning, rectangle
from itag.client.manifest import read_boxes, read_choices
from itag.client.pictures import THINGS, Scene, scene

Answer = Mapping[str, Any]
"""{question id: answer in the words of its Question}."""


@dataclass
class Sample:
    """One item with everything that will be said about it.

    `first` is what a labeler answers, `truth` what is right (where they differ, the checker acts), `final` what the
    accepter makes of it if he draws it; an item with `abandoned` is given up instead of answered.
    """

    source: str
    first: Answer
    truth: Answer
    final: Answer | None = None
    abandoned: bool = False
    content: bytes | None = None
    """The file, for items that are uploaded as files."""
    data: str | None = None
    """The JSON text of `data`, for items that are uploaded as lines of a manifest."""
    media: Mapping[str, tuple[str, str, bytes]] = field(default_factory=dict)
    """{field: (kind, name, the file)}, for items that show several files beside their text."""
    others: Mapping[str, str] = field(default_factory=dict)
    """Other members of that line, {name: JSON text}."""
    size: tuple[int, int] = (0, 0)

    @property
    def line(self) -> str:
        """Its line of the uploaded manifest."""
        members = [f'"data":{self.data}']
        members += [f"{json.dumps(name)}:{text}" for name, text in self.others.items()]
        return "{" + ",".join(members) + "}"


@dataclass(frozen=True)
class Scenario:
    """A labeling job from dataset to export; `samples` in dataset order."""

    name: str
    template: str
    """The key of a general template, or empty where `custom` is made first."""
    kind: str
    language: str
    questions: tuple[Question, ...]
    labels: Mapping[str, Sequence[str]]
    """{id of a question that takes labels: its labels}."""
    samples: tuple[Sample, ...]
    read: Callable[[Mapping[str, Any], str], Any]
    """How a training program reads a line."""
    custom: Mapping[str, Any] | None = None
    """A template of the team's own, as the API takes it."""
    asked: Sequence[str] = ()
    """The questions that the job selects among those that it might leave out."""
    under: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """{label: the labels below it}."""
    shapes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """{question: what may be drawn}, where it is not what the template says."""
    package_size: int = 5
    check_ratio: int = 100
    acceptance_ratio: int = 100
    labelers: int = 3


def image_classification() -> Scenario:
    """What time of day is it? One label a picture; everything is checked and accepted."""

    def sample(number: int) -> Sample:
        drawn = scene(number)
        truth = {"1": drawn.sky}
        # Two slips in the first package: the checker corrects the one and returns the other.
        slip = {"1": "day" if drawn.sky != "day" else "night"}
        return Sample(
            source=f"scene-{number:02}.png",
            first=slip if number in (1, 3) else truth,
            truth=truth,
            abandoned=number == 9,
            content=drawn.png,
            size=(drawn.width, drawn.height),
        )

    return Scenario(
        name="image-classification",
        template="image-classification",
        kind="image",
        language="en",
        questions=(Choice("1", "single-choice"),),
        labels={"1": ("light", "dark")},
        under={"light": ("day", "evening"), "dark": ("night",)},
        asked=("1",),
        samples=tuple(sample(number) for number in range(1, 11)),
        read=read_choices,
        package_size=3,
    )


def object_detection() -> Scenario:
    """Where do the things stand? Half of the items are checked, two in five accepted.

    Houses and cars are rectangles, trees leaning ones, lamps polygons.
    """

    def marked(number: int, drawn: Scene, margin: float) -> list[Region]:
        """The things with a margin around them; the same ids with every margin."""
        found = []
        for place, (thing, (x0, y0, x1, y1)) in enumerate(drawn.objects):
            box = (
                max(0.0, x0 - margin),
                max(0.0, y0 - margin),
                min(float(drawn.width), x1 + margin),
                min(float(drawn.height), y1 + margin),
            )
            key = f"thing-{number}-{place}"
            draw = {"tree": leaning, "lamp": hexagon}.get(thing, rectangle)
            found.append(draw(box, {"1.1": thing}, key))
        return found

    def sample(number: int) -> Sample:
        drawn = scene(number)
        return Sample(
            source=f"street-{number:02}.png",
            first={"1": marked(number, drawn, 3.25)},  # in a hurry
            truth={"1": marked(number, drawn, 0)},
            content=drawn.png,
            size=(drawn.width, drawn.height),
        )

    return Scenario(
        name="object-detection",
        template="object-detection",
        kind="image",
        language="zh-hans",
        questions=(Regions("1", "目标检测标签配置", {"1.1": "标签"}),),
        labels={"1.1": THINGS},
        asked=("1.1",),
        shapes={"1": ("rectangle", "rotated", "polygon")},
        samples=tuple(sample(number) for number in range(31, 39)),
        read=read_boxes,
        package_size=4,
        check_ratio=50,
        acceptance_ratio=40,
    )


#: (text, what it is about); the order of the labels is the order in which they are chosen.
MESSAGES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("The parcel came two days late and the box was crushed.", ("delivery", "damage")),
    ("快递很快，第二天就到了，谢谢！", ("praise", "delivery")),
    ("Please send me a new invoice with the company's name.", ("invoice",)),
    ("屏幕左下角有一道裂痕，我要换货。", ("damage", "return")),
    ("I would like to return the blue one and keep the red one.", ("return",)),
    ("Best customer service I have met in years.", ("praise",)),
    ('The label says "fragile", and still it was thrown over the fence.', ("delivery", "damage")),
    ("发票金额写错了，多写了一个零。", ("invoice",)),
    ("No delivery on Saturday although it was promised.\nWhat now?", ("delivery",)),
    ("杯子碎了一个，其余的都很好看。", ("damage", "praise")),
    ("Can I pay the invoice in two parts?", ("invoice",)),
    ("Ich möchte die Schuhe zurückgeben: größer wäre besser.", ("return",)),
    ("退货地址在哪里？页面上找不到。", ("return",)),
    ("Everything perfect 👍, even the wrapping paper.", ("praise",)),
    ("送货员打电话很客气，就是迟到了半小时。", ("delivery", "praise")),
    ("The second invoice was for somebody else's order.", ("invoice",)),
    ("盖子合不上，像是运输途中压坏的。", ("damage", "delivery")),
    ("How long do I have to send it back?", ("return",)),
)


def text_classification() -> Scenario:
    """What is the message about? Several labels a text, from a manifest whose lines already hold another job's
    results; everything is checked, three in ten accepted, and the accepter changes one."""

    def sample(number: int) -> Sample:
        text, topics = MESSAGES[number - 1]
        # Odd lines spell non-ASCII letters as escapes: `data` must leave as it came, not as it could be spelled.
        data = json.dumps({"source": text}, ensure_ascii=bool(number % 2), separators=(",", ": "))
        earlier = {"results": [{"questionId": "1", "data": "old", "type": "survey/value"}]}
        others = {"label-1430082002522152960": json.dumps(earlier, separators=(", ", ":"))}
        truth = {"2": list(topics)}
        return Sample(
            source=text,
            first={"2": ["praise"]} if number in (1, 4) else truth,
            truth=truth,
            final={"2": list(reversed(topics)) if len(topics) > 1 else [*topics, "praise"]}
            if topics != ("praise",)
            else {"2": ["praise", "delivery"]},
            data=data,
            others=others if number % 3 == 1 else {},
        )

    return Scenario(
        name="text-classification",
        template="text-classification",
        kind="text",
        language="en",
        questions=(Choice("2", "multiple-choice", multiple=True),),
        labels={"2": ("delivery", "damage", "return", "invoice", "praise")},
        asked=("2",),
        samples=tuple(sample(number) for number in range(1, len(MESSAGES) + 1)),
        read=read_choices,
        package_size=4,
        acceptance_ratio=30,
    )
