"""The lines that iTAG documents: prior answers that people see, and answers that leave as they came."""

import json
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import User, Workspace
from datasets.models import Item
from itag.core.fields import dump
from jobs.models import Job
from jobs.selectors.template import job_questions, template_key
from jobs.selectors.work import items_payload
from jobs.services.answers import save_item
from templates_app.answers import to_manifest
from templates_app.models import LabelTemplate
from tests.datasets.helpers import make, manifest
from tests.e2e.label import builtin
from tests.exports.test_content import exported
from tests.factories import make_dataset, make_job
from tests.jobs.flow import claim, submit

pytestmark = pytest.mark.django_db

ENTITIES = (
    '{"data":{"source":"阿里巴巴收购两家服务美国小企业的电子商务解决方案供应商Vendio及Auctiva。同月,手机淘宝客户端推出。"},'
    '"label-1430082002522152960":{"results":[{"objects":['
    '{"result":{"文本内容":["标签1"]},"color":null,"id":null,"text":"客户端","start":49,"end":51},'
    '{"result":{"文本内容":["标签2","标签3"]},"color":null,"id":null,"text":"Auctiva","start":34,"end":40}],'
    '"empty":false}]}}'
)
VIDEO = (
    '{"data":{"source":"oss://itag.oss-cn-hangzhou.aliyuncs.com/tongxin_video/video3.mp4"},'
    '"label-1433000711494508544":{"results":[{"questionId":"2","data":["Label 2","Label 1"],'
    '"markTitle":"multiple-choice","type":"survey/multivalue"}]}}'
)
AUDIO = (
    '{"data":{"source":"oss://itag.oss-cn-hangzhou.aliyuncs.com/audio/6.wav"},'
    '"label-1432993193909231616":{"results":[{"questionId":"1","data":"Label 1",'
    '"markTitle":"single-choice","type":"survey/value"}]}}'
)
MIX = (
    '{"data":{"picture_url":"oss://itag.oss-cn-hangzhou.aliyuncs.com/13.jpg",'
    '"text":"阿里巴巴集团庆祝创立十周年,同时成立阿里云计算"},'
    '"label-1435504604476547072":{"results":[{"questionId":"1","data":[{"id":"e0755602-b90f-4d15-a11d-8951e001****",'
    '"type":"image/polygon","value":[[281.0181818181821,451.49090909090916],[281.0181818181821,1116.7636363636366],'
    '[829.927272727273,1116.7636363636366],[829.927272727273,451.49090909090916]],"labels":{"boundingbox":"标签2"}}],'
    '"rotation":0,"markTitle":"框选题-IMG-3","width":960,"type":"image","height":960},'
    '{"objects":[{"result":{"NER":["标签7"]},"color":null,"id":null,"text":"集团庆祝","start":4,"end":7}],'
    '"empty":false},{"questionId":"3","data":"这里是填空题的答案","markTitle":"文本内容","type":"survey/value"},'
    '{"questionId":"4","data":"标签222","markTitle":"单选题","type":"survey/value"}]}}'
)


def labels(*names: str) -> list[dict[str, Any]]:
    return [
        {"key": f"k{n}", "label": name, "color": "#123456", "shortcut": ""}
        for n, name in enumerate(names, start=1)
    ]


def own_template(workspace: Workspace) -> LabelTemplate:
    """The template of the documented mix."""

    def choice(number: str, title: str, *names: str) -> dict[str, Any]:
        return {
            "questionId": number, "type": "RADIO", "markTitle": title, "mustFill": True, "options": labels(*names),
        }  # fmt: skip

    return LabelTemplate.objects.create(
        workspace=workspace,
        key="mix",
        names={"en": "Mix", "zh-hans": "Mix"},
        category="custom",
        version=1,
        views=[
            {"type": "Image", "bindField": "picture_url"},
            {"type": "Text", "bindField": "text"},
        ],
        questions=[
            {
                "questionId": "1", "type": "PICTURE", "markTitle": "框选题-IMG-3", "mustFill": False,
                "view": "picture_url", "shapes": ["polygon"], "children": [choice("1.1", "boundingbox", "标签1", "标签2")],
            },
            {
                "questionId": "2", "type": "SLOT", "markTitle": "Words", "mustFill": False, "view": "text",
                "children": [choice("2.1", "NER", "标签6", "标签7")],
            },
            {"questionId": "3", "type": "INPUT", "markTitle": "文本内容", "mustFill": True},
            choice("4", "单选题", "标签111", "标签222"),
        ],
        abandon_reasons=[],
    )  # fmt: skip


def job_of(
    workspace: Workspace, labeler: User, line: str, template: LabelTemplate, **fields: Any
) -> Job:
    """A job on the one item of the line, whose files are nowhere."""
    whole = json.loads(line)
    dataset = make_dataset([whole.pop("data")], kind="custom", workspace=workspace)
    Item.objects.filter(dataset=dataset).update(extra=dump(whole))
    fields.setdefault("options", {})
    return make_job(
        dataset=dataset, template=template, size=1, labelers=[labeler], workflow="labeling", **fields
    )  # fmt: skip


def results_text(line: str) -> str:
    """The documented results as they are written."""
    return line[line.index('"results":') + len('"results":') : -2]


def written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def shown(job: Job, labeler: User) -> tuple[Any, Any]:
    """(held package, the prior answer that the labeling page lays out)."""
    held = claim(job, labeler)
    (payload,) = items_payload(held, labeler, first=1, limit=1)
    (results,) = payload["prior_results"].values()
    return held, results


def answered_again(job: Job, held: Any, results: Any) -> str:
    """The exported line once somebody has given the prior answer as their own."""
    ops = [{"questionId": one["questionId"], "id": None, "value": one} for one in results]
    save_item(
        assignment_id=held.pk, position=1, user=held.holder, write=uuid4(), ops=ops, version=0
    )  # fmt: skip
    submit(held)
    return exported(job).decode().rstrip("\n")


def test_entities(workspace: Workspace, labeler: User, admin_user: User) -> None:
    """5.5, through the import of a manifest."""
    dataset = make(workspace, admin_user, manifest=manifest(ENTITIES))
    job = make_job(
        dataset=dataset,
        template=builtin("entity-recognition"),
        selected_questions=["1.2"],
        options={"1.2": labels("标签1", "标签2", "标签3")},
        language="zh-hans",
        size=1,
        labelers=[labeler],
        workflow="labeling",
    )
    held, results = shown(job, labeler)
    assert [(one["text"], one["labels"]) for one in results[0]["data"]] == [
        ("客户端", {"1.2": ["k1"]}),
        ("Auctiva", {"1.2": ["k2", "k3"]}),
    ]
    line = answered_again(job, held, results)
    # The line of then stands there to the byte, and the same answer beside it.
    assert line.startswith(ENTITIES[:-1])
    again = json.loads(line)[f"label-{job.task_id}"]["results"]
    assert written(again) == results_text(ENTITIES)


@pytest.mark.parametrize(
    ("line", "template", "question", "data"),
    [
        (VIDEO, "video-classification", "2", ["k2", "k1"]),
        (AUDIO, "audio-classification", "1", "k1"),
    ],
)
def test_classes(
    workspace: Workspace, labeler: User, line: str, template: str, question: str, data: Any
) -> None:
    """5.8 and 5.9."""
    options = {question: labels("Label 1", "Label 2")}
    fields: dict[str, Any] = {"selected_questions": [question], "options": options}
    job = job_of(workspace, labeler, line, builtin(template), **fields)
    held, results = shown(job, labeler)
    kind = "survey/multivalue" if isinstance(data, list) else "survey/value"
    assert results == [{"questionId": question, "type": kind, "data": data}]
    again = json.loads(answered_again(job, held, results))[f"label-{job.task_id}"]["results"]
    assert written(again) == results_text(line)


def test_a_mix(workspace: Workspace, labeler: User) -> None:
    """5.12; its polygon lies beyond its picture, as documented, so that it is shown but not given again."""
    job = job_of(workspace, labeler, MIX, own_template(workspace))
    _held, results = shown(job, labeler)
    assert [element["questionId"] for element in results] == ["1", "2", "3", "4"]
    assert results[1]["data"][0]["text"] == "集团庆祝"
    assert results[2]["data"] == "这里是填空题的答案"
    assert written(to_manifest(results, job_questions(template_key(job)))) == results_text(MIX)
