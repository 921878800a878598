"""The built-in presets: data made of the same components that custom templates combine."""

from typing import Any

EN, ZH = "en", "zh-hans"

ABANDON_REASONS = [
    {EN: "Invalid", ZH: "无效"},
    {EN: "Unclear", ZH: "模糊不清"},
    {EN: "Cannot be opened", ZH: "无法打开"},
    {EN: "Other", ZH: "其他"},
]

#: iTAG's titles; a manifest in either language is understood whatever the job's language is.
SINGLE = {EN: "single-choice", ZH: "单选"}
MULTIPLE = {EN: "multiple-choice", ZH: "多选"}
DETECTION = {EN: "Object detection label configuration", ZH: "目标检测标签配置"}
LABEL = {EN: "Label", ZH: "标签"}


def _choice(number: str, kind: str, titles: dict[str, str], **more: Any) -> dict[str, Any]:
    return {
        "questionId": number,
        "type": kind,
        "markTitle": titles[EN],
        "titles": titles,
        "mustFill": True,
        **more,
    }


def _alternatives(prefix: str = "", **titles: Any) -> list[dict[str, Any]]:
    """One label or several: two questions of which a job selects one, in the place before the numbers 1 and 2."""
    single, multiple = titles.get("single", SINGLE), titles.get("multiple", MULTIPLE)
    aliases = [*SINGLE.values(), *MULTIPLE.values()] if prefix else []
    extra = {"aliases": aliases} if aliases else {}
    return [
        _choice(f"{prefix}1", "RADIO", single, selectGroup="choice", selected=True, **extra),
        _choice(f"{prefix}2", "CHECKBOX", multiple, selectGroup="choice", **extra),
    ]


PRESETS: list[dict[str, Any]] = [
    {
        "key": "image-classification",
        "names": {EN: "Image Classification", ZH: "图像分类"},
        "category": "image",
        "views": [{"type": "Image", "bindField": "source"}],
        "questions": _alternatives(),
        "abandon_reasons": ABANDON_REASONS,
    },
    {
        "key": "object-detection",
        "names": {EN: "Object Detection", ZH: "目标检测"},
        "category": "image",
        "views": [{"type": "Image", "bindField": "source"}],
        "questions": [
            {
                "questionId": "1",
                "type": "PICTURE",
                "markTitle": DETECTION[EN],
                "titles": DETECTION,
                "mustFill": False,
                "view": "source",
                "shapes": ["rectangle"],
                "children": _alternatives("1.", single=LABEL, multiple=LABEL),
            }
        ],
        "abandon_reasons": ABANDON_REASONS,
    },
    {
        "key": "text-classification",
        "names": {EN: "Text Classification", ZH: "文本分类"},
        "category": "text",
        "views": [{"type": "Text", "bindField": "source"}],
        "questions": _alternatives(),
        "abandon_reasons": ABANDON_REASONS,
    },
]
