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
TABLE = {EN: "Table recognition label configuration", ZH: "表格识别标签配置"}
OCR = {EN: "OCR label configuration", ZH: "OCR标签配置"}
OCR_TEXT = {EN: "OCR result", ZH: "OCR识别结果"}
OCR_CHECKBOX = {EN: "OCR recognition results", ZH: "OCR识别结果"}
PDF = {EN: "PDF label configuration", ZH: "PDF标签配置"}
PDF_TEXT = {EN: "Text", ZH: "文本"}
PDF_TEXT_CHECKBOX = {EN: "Text of the regions", ZH: "区域文本"}
PAGE_CLASS = {EN: "Page class", ZH: "页面分类"}
DOCUMENT_CLASS = {EN: "Document class", ZH: "文档分类"}
VERDICT = {EN: "Verdict", ZH: "审核结论"}
REASONS = {EN: "Reasons", ZH: "原因"}
CUT_OUT = {EN: "Cut-out", ZH: "抠图"}
REMARK = {EN: "Remark", ZH: "备注"}
ENTITIES = {EN: "Entity recognition label configuration", ZH: "实体识别标签配置"}
ENTITY = {EN: "Text content", ZH: "文本内容"}
RELATIONSHIP = {EN: "Entity relationship label configuration", ZH: "实体关系标签配置"}
RELATION = {EN: "Relation", ZH: "关系"}
SEGMENTS = {EN: "Time segments", ZH: "时间片段"}
AUDIO_SEGMENTS = {EN: "Audio segmentation label configuration", ZH: "语音切割标签配置"}
TRANSCRIPT = {EN: "Audio recognition result", ZH: "语音识别结果"}
TRANSCRIPT_CHECKBOX = {EN: "Transcripts of the segments", ZH: "片段转写"}
OCR_SINGLE = {EN: "Single-choice", ZH: "单选"}
OCR_MULTIPLE = {EN: "Multiple-choice", ZH: "多选"}


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


def _slot(titles: dict[str, str], **more: Any) -> dict[str, Any]:
    """Spans of the text in `source`, with one label each or several."""
    return {
        "questionId": "1",
        "type": "SLOT",
        "markTitle": titles[EN],
        "titles": titles,
        "mustFill": False,
        "view": "source",
        "children": _alternatives("1.", single=ENTITY, multiple=ENTITY),
        **more,
    }


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
                "shapes": ["rectangle", "rotated", "polygon", "polyline", "point", "mask"],
                "defaultShapes": ["rectangle"],
                "children": _alternatives("1.", single=LABEL, multiple=LABEL),
            }
        ],
        "abandon_reasons": ABANDON_REASONS,
    },
    {
        "key": "ocr",
        "names": {EN: "OCR", ZH: "OCR"},
        "category": "image",
        "views": [{"type": "Image", "bindField": "source"}],
        "questions": [
            {
                "questionId": "1",
                "type": "PICTURE",
                "markTitle": OCR[EN],
                "titles": OCR,
                "aliases": ["OCR Label Configuration"],
                "mustFill": False,
                "view": "source",
                "shapes": ["rectangle", "rotated", "polygon"],
                "children": [
                    {
                        "questionId": "1.3",
                        "type": "INPUT",
                        "markTitle": OCR_TEXT[EN],
                        "titles": OCR_TEXT,
                        "aliases": ["OCR Recognition Result"],
                        "mustFill": True,
                        "canSelect": True,
                        "selected": True,
                        "selectTitles": OCR_CHECKBOX,
                    },
                    *_alternatives("1.", single=OCR_SINGLE, multiple=OCR_MULTIPLE),
                ],
            }
        ],
        "abandon_reasons": ABANDON_REASONS,
    },
    {
        "key": "pdf",
        "names": {EN: "PDF", ZH: "PDF"},
        "category": "image",
        "views": [{"type": "Pdf", "bindField": "source"}],
        "questions": [
            {
                "questionId": "1",
                "type": "PDF",
                "markTitle": PDF[EN],
                "titles": PDF,
                "mustFill": False,
                "view": "source",
                "shapes": ["rectangle", "rotated", "polygon", "polyline", "point"],
                "defaultShapes": ["rectangle"],
                "children": [
                    {
                        "questionId": "1.3",
                        "type": "INPUT",
                        "markTitle": PDF_TEXT[EN],
                        "titles": PDF_TEXT,
                        "mustFill": False,
                        "canSelect": True,
                        "selected": True,
                        "selectTitles": PDF_TEXT_CHECKBOX,
                    },
                    *_alternatives("1.", single=LABEL, multiple=LABEL),
                ],
                "pageChildren": [
                    _choice("1.4", "RADIO", PAGE_CLASS, mustFill=False, canSelect=True),
                ],
            },
            _choice("2", "RADIO", DOCUMENT_CLASS, canSelect=True),
        ],
        "abandon_reasons": ABANDON_REASONS,
    },
    {
        "key": "matting",
        "names": {EN: "Moderation and Matting", ZH: "审核与抠图"},
        "category": "image",
        "views": [{"type": "Image", "bindField": "source"}],
        "questions": [
            _choice(
                "1",
                "RADIO",
                VERDICT,
                usualLabels={EN: ["Pass", "Reject", "Unsure"], ZH: ["通过", "不通过", "不确定"]},
            ),
            {
                **_choice(
                    "2",
                    "CHECKBOX",
                    REASONS,
                    canSelect=True,
                    selected=True,
                    usualLabels={
                        EN: ["Pornography", "Violence", "Advertising", "Low quality", "Other"],
                        ZH: ["色情", "暴力", "广告", "质量差", "其他"],
                    },
                ),
                "mustFill": False,
            },
            {
                "questionId": "3",
                "type": "PICTURE",
                "markTitle": CUT_OUT[EN],
                "titles": CUT_OUT,
                "mustFill": False,
                "view": "source",
                "shapes": ["mask", "polygon", "rectangle"],
                "defaultShapes": ["mask", "polygon"],
                "children": [
                    {
                        **question,
                        "mustFill": False,
                        "usualLabels": {EN: ["Foreground"], ZH: ["主体"]},
                    }
                    for question in _alternatives("3.", single=LABEL, multiple=LABEL)
                ],
            },
            {
                "questionId": "4",
                "type": "INPUT",
                "markTitle": REMARK[EN],
                "titles": REMARK,
                "mustFill": False,
                "canSelect": True,
                "selected": True,
            },
        ],
        "abandon_reasons": ABANDON_REASONS,
    },
    {
        "key": "table",
        "names": {EN: "Table Recognition", ZH: "表格识别"},
        "category": "image",
        "views": [{"type": "Image", "bindField": "source"}],
        "questions": [
            {
                "questionId": "1",
                "type": "TABLE",
                "markTitle": TABLE[EN],
                "titles": TABLE,
                "mustFill": True,
                "view": "source",
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
    {
        "key": "entity-recognition",
        "names": {EN: "Entity Recognition", ZH: "实体识别"},
        "category": "text",
        "views": [{"type": "Text", "bindField": "source"}],
        "questions": [_slot(ENTITIES)],
        "abandon_reasons": ABANDON_REASONS,
    },
    {
        "key": "entity-relationship",
        "names": {EN: "Entity Relationship", ZH: "实体关系"},
        "category": "text",
        "views": [{"type": "Text", "bindField": "source"}],
        "questions": [
            _slot(RELATIONSHIP, relationChildren=[_choice("1.3", "RADIO", RELATION)]),
        ],
        "abandon_reasons": ABANDON_REASONS,
    },
    {
        "key": "video-classification",
        "names": {EN: "Video Classification", ZH: "视频分类"},
        "category": "video",
        "views": [{"type": "Video", "bindField": "source"}],
        "questions": [
            *_alternatives(),
            {
                "questionId": "3",
                "type": "VIDEO",
                "markTitle": SEGMENTS[EN],
                "titles": SEGMENTS,
                "mustFill": False,
                "canSelect": True,
                "view": "source",
                "children": _alternatives("3.", single=LABEL, multiple=LABEL),
            },
        ],
        "abandon_reasons": ABANDON_REASONS,
    },
    {
        "key": "audio-classification",
        "names": {EN: "Audio Classification", ZH: "音频分类"},
        "category": "audio",
        "views": [{"type": "Audio", "bindField": "source"}],
        "questions": _alternatives(),
        "abandon_reasons": ABANDON_REASONS,
    },
    {
        "key": "audio-segmentation",
        "names": {EN: "Audio Segmentation", ZH: "语音切割"},
        "category": "audio",
        "views": [{"type": "Audio", "bindField": "source"}],
        "questions": [
            {
                "questionId": "1",
                "type": "VIDEO",
                "markTitle": AUDIO_SEGMENTS[EN],
                "titles": AUDIO_SEGMENTS,
                "mustFill": False,
                "view": "source",
                "children": [
                    {
                        "questionId": "1.3",
                        "type": "INPUT",
                        "markTitle": TRANSCRIPT[EN],
                        "titles": TRANSCRIPT,
                        "aliases": ["音频识别结果"],
                        "mustFill": True,
                        "canSelect": True,
                        "selected": True,
                        "selectTitles": TRANSCRIPT_CHECKBOX,
                    },
                    *_alternatives("1."),
                ],
            }
        ],
        "abandon_reasons": ABANDON_REASONS,
    },
    {
        "key": "audio-recognition",
        "names": {EN: "Audio Recognition", ZH: "语音识别"},
        "category": "audio",
        "views": [{"type": "Audio", "bindField": "source"}],
        "questions": [
            {
                "questionId": "1",
                "type": "OPEN_ENDED",
                "markTitle": TRANSCRIPT[EN],
                "titles": TRANSCRIPT,
                "aliases": ["音频识别结果"],
                "mustFill": True,
            }
        ],
        # Who writes down what is said needs room for it, right below the sound.
        "layout": [
            {"cells": [{"width": 12, "blocks": [{"view": "source"}]}], "height": 6},
            {"cells": [{"width": 12, "blocks": [{"question": "1"}]}], "height": 6},
        ],
        "abandon_reasons": ABANDON_REASONS,
    },
]
