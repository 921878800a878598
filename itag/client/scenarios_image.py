"""Scenarios of the image templates beside detection and classification: a plate that is read, a thing cut out."""

import random
from collections.abc import Mapping
from typing import Any

from itag.client.answers import Choice
from itag.client.drawn import Fill, Region, Regions, mask, read_mask, rectangle
from itag.client.manifest import latest
from itag.client.pictures import Canvas, digits
from itag.client.scenarios import Sample, Scenario

# --- OCR -------------------------------------------------------------------------------------------------------------

PLATE, METER = "车牌", "读数"


def ocr() -> Scenario:
    """What do the signs say? Every region has its text and its class."""

    def sample(number: int) -> Sample:
        dice = random.Random(f"ocr {number}")  # noqa: S311  a picture, not a secret
        canvas = Canvas(320, 240, (206, 214, 220))
        exact = []
        for place in range(2):
            text = "".join(dice.choices("0123456789", k=6))
            left, top = dice.randint(12, 120), 24 + place * 110 + dice.randint(0, 30)
            plate = place == 0
            canvas.rectangle(
                (left, top, left + 158, top + 46), (28, 70, 150) if plate else (250, 250, 246)
            )
            digits(canvas, text, left + 10, top + 8, 6, (255, 255, 255) if plate else (20, 20, 24))
            box = (float(left), float(top), left + 158.0, top + 46.0)
            exact.append(
                rectangle(
                    box, {"1.3": text, "1.1": PLATE if plate else METER}, f"ocr-{number}-{place}"
                )
            )
        first = list(exact)
        if number in (1, 3):  # a digit mistyped
            wrong = {**exact[0].said, "1.3": exact[0].said["1.3"][:-1] + "?"}
            first[0] = Region("rectangle", exact[0].value, wrong, exact[0].id)
        return Sample(
            source=f"sign-{number:02}.png",
            first={"1": first},
            truth={"1": exact if number in (1, 3) else first},
            abandoned=number == 5,
            content=canvas.png(),
            size=(canvas.width, canvas.height),
        )

    return Scenario(
        name="ocr",
        template="ocr",
        kind="image",
        language="zh-hans",
        questions=(Regions("1", "OCR标签配置", {"1.3": "OCR识别结果", "1.1": "单选"}),),
        labels={"1.1": (PLATE, METER)},
        asked=("1.1", "1.3"),
        samples=tuple(sample(number) for number in range(1, 7)),
        read=read_texts,
        package_size=2,
    )


def read_texts(row: Mapping[str, Any], task: str) -> list[tuple[str, str]]:
    """What an OCR training program sees: (text, class) of every region in reading order."""
    (element,) = latest(row, task)["results"]
    return [(entry["labels"]["OCR识别结果"], entry["labels"]["单选"]) for entry in element["data"]]


# --- moderation and matting ------------------------------------------------------------------------------------------

VERDICTS = ("Pass", "Reject", "Unsure")
REASONS = ("Advertising", "Low quality")


def matting() -> Scenario:
    """Is the picture fit to be shown, and if not, why? The thing on it is cut out by a mask."""

    def sample(number: int) -> Sample:
        dice = random.Random(f"matting {number}")  # noqa: S311  a picture, not a secret
        canvas = Canvas(240, 180, (232, 228, 220))
        x, y, radius = dice.randint(70, 170), dice.randint(60, 120), dice.randint(24, 44)
        canvas.disc(x, y, radius, (196, 60, 72))
        size = (canvas.width, canvas.height)

        def disc(reach: int) -> Region:
            spans = []
            for column in range(x - reach, x + reach):
                half = int((reach**2 - (column - x) ** 2) ** 0.5)
                if half:
                    spans.append((column, y - half, y + half))
            return Region("mask", mask(spans, size), {"3.1": "Foreground"}, f"disc-{number}")

        bad = number % 3 == 0
        truth = {
            "1": "Reject" if bad else "Pass",
            "2": ["Low quality"] if bad else ["Advertising"],
            "3": [disc(radius)],
            "4": f"disc of {radius} pixels",
        }
        first = {**truth, "3": [disc(radius - 5)]} if number in (1, 3) else truth
        return Sample(
            source=f"disc-{number:02}.png",
            first=first,
            truth=truth,
            content=canvas.png(),
            size=size,
        )

    return Scenario(
        name="matting",
        template="matting",
        kind="image",
        language="en",
        questions=(
            Choice("1", "Verdict"),
            Choice("2", "Reasons", multiple=True),
            Regions("3", "Cut-out", {"3.1": "Label"}),
            Fill("4", "Remark"),
        ),
        labels={"1": VERDICTS, "2": REASONS, "3.1": ("Foreground",)},
        asked=("2", "3.1", "4"),
        samples=tuple(sample(number) for number in range(1, 7)),
        read=read_cutouts,
        package_size=2,
    )


def read_cutouts(row: Mapping[str, Any], task: str) -> tuple[str, list[int]]:
    """What a matting program sees: the verdict, and the pixels of every mask."""
    verdict, _reasons, cutout, _remark = latest(row, task)["results"]
    return verdict["data"], [read_mask(entry["value"]) for entry in cutout["data"]]
