"""Fills an empty itag with a demo workspace: people, pictures, texts and running jobs, all through services.

Every step looks first whether its result is there, so that a start that was killed half way is finished by the next.
"""

import io
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accounts.models import User, Workspace
from accounts.services.workspaces import default_workspace
from datasets.models import Dataset
from datasets.services.imports import create_dataset, run_import
from datasets.services.storages import default_storage, storage_root
from itag.client.scenarios import Sample
from itag.client.scenarios_image import ocr
from itag.client.scenarios_pages import documents, table
from itag.core.errors import Conflict
from itag.demo.accounts import load_people
from itag.demo.photos import pictures
from jobs.models import Job, SplitRun
from jobs.services.jobs import create_job
from jobs.services.split import split_batch
from templates_app.models import LabelTemplate

PICTURES, TEXTS = "demo-pictures", "demo-texts"
SIGNS, TABLES, DOCUMENTS = "demo-signs", "demo-tables", "demo-documents"
Kind = Dataset.Kind
#: Seconds to wait for an import that another process seems to have at hand.
PATIENCE = 120


@dataclass(frozen=True)
class DemoJob:
    """One of the jobs that a first start has."""

    template: str
    dataset: str
    selected: tuple[str, ...]
    labels: dict[str, tuple[str, ...]]
    """{question: its labels}."""
    size: int
    check_ratio: int
    acceptance_ratio: int
    description: str
    drawn_labels: tuple[str, ...] = ()
    """Labels of the first question that fit the drawn scenes, where there are no photographs."""
    shapes: tuple[str, ...] = ()
    """What may be drawn for question 1, where it is not what the template says."""

    @property
    def name(self) -> str:
        return f"demo-{self.template}"


JOBS = (
    DemoJob(
        template="image-classification",
        dataset=PICTURES,
        selected=("1",),
        labels={"1": ("Person", "Animal", "Everyday object", "Space", "Medical", "Texture")},
        drawn_labels=("Day", "Evening", "Night"),
        size=8,
        check_ratio=100,
        acceptance_ratio=50,
        description=(
            "What does the picture show? Choose the label that fits best; abandon pictures that show nothing clearly.\n"
            "图片的主要内容是什么？选择最合适的一个标签；看不清内容的图片请废弃并说明原因。"
        ),
    ),
    DemoJob(
        template="object-detection",
        dataset=PICTURES,
        selected=("1.1",),
        labels={"1.1": ("Person", "Cat", "Cup", "Spoon", "Rocket", "Tower", "Galaxy", "Lamp")},
        shapes=("rectangle", "rotated", "polygon", "polyline", "point", "mask"),
        drawn_labels=("House", "Tree", "Car", "Lamp"),
        size=5,
        check_ratio=50,
        acceptance_ratio=30,
        description=(
            "Mark every thing of these kinds, by a tight box or whatever tool fits; a part that is cut off by the edge "
            "counts as well.\n请标注每一个属于这些类别的物体：画紧贴边缘的矩形框，或使用更合适的工具；被画面边缘截断的部分也要标注。"
        ),
    ),
    DemoJob(
        template="ocr",
        dataset=SIGNS,
        selected=("1.1", "1.3"),
        labels={"1.1": ("Plate", "Meter")},
        size=4,
        check_ratio=50,
        acceptance_ratio=50,
        description=(
            "Draw a box around every number and type what it says.\n框出每一处数字，并填写其内容。"
        ),
    ),
    DemoJob(
        template="matting",
        dataset=PICTURES,
        selected=("2", "3.1", "4"),
        labels={
            "1": ("Pass", "Reject", "Unsure"),
            "2": ("Advertising", "Low quality", "Other"),
            "3.1": ("Foreground",),
        },
        size=5,
        check_ratio=50,
        acceptance_ratio=30,
        description=(
            "Is the picture fit to be published? Cut out what it is about with the brush or the wand.\n"
            "图片能否发布？请用画笔或魔棒抠出图片的主体。"
        ),
    ),
    DemoJob(
        template="table",
        dataset=TABLES,
        selected=(),
        labels={},
        size=3,
        check_ratio=50,
        acceptance_ratio=50,
        description=(
            "Lay the grid over the table and type what its cells say; the head spans two columns.\n"
            "将网格对准表格并填写单元格内容；表头跨两列。"
        ),
    ),
    DemoJob(
        template="pdf",
        dataset=DOCUMENTS,
        selected=("1.1", "1.3", "1.4", "2"),
        labels={
            "1.1": ("Title", "Amount"),
            "1.4": ("Cover", "Contents"),
            "2": ("Invoice", "Letter"),
        },
        size=3,
        check_ratio=50,
        acceptance_ratio=50,
        description=(
            "What kind of document is it, and each of its pages? Mark titles and amounts; boxes take the text beneath.\n"
            "判断文档与页面的类型；框出标题和金额，框会自动取得其下的文字。"
        ),
    ),
    DemoJob(
        template="text-classification",
        dataset=TEXTS,
        selected=("1",),
        labels={"1": ("Review", "News", "Support request", "Instructions", "Announcement")},
        size=20,
        check_ratio=20,
        acceptance_ratio=10,
        description=(
            "What kind of text is it? English and Chinese are mixed on purpose; the labels mean the same in both.\n"
            "判断文本的类型：评价、新闻、客服请求、操作说明、通知。中英文混合，标签含义相同。"
        ),
    ),
)


@dataclass(frozen=True)
class Loaded:
    """What the demo workspace holds after loading."""

    workspace: Workspace
    people: dict[str, User]
    datasets: dict[str, Dataset]
    jobs: list[Job]
    drawn: bool


def load_demo(*, home: Path, drawn: bool = False) -> Loaded:
    """Load the demo workspace; what is there already stays as it is.

    `home` gets demo-accounts.json and a cache of the photographs; `drawn` draws the pictures and fetches nothing.
    Raises Conflict where itag has accounts of its own.
    """
    workspace = default_workspace()
    people = load_people(workspace=workspace, folder=home)
    admin = people["admin"]
    shown = _pictures_dataset(workspace, admin, home, drawn=drawn)
    datasets = {
        PICTURES: shown,
        TEXTS: _texts_dataset(workspace, admin),
        SIGNS: _drawn_dataset(workspace, admin, SIGNS, ocr().samples),
        TABLES: _drawn_dataset(workspace, admin, TABLES, table().samples),
        DOCUMENTS: _drawn_dataset(workspace, admin, DOCUMENTS, documents().samples, Kind.PDF),
    }
    is_drawn = shown.items.filter(search__startswith="scene-").exists()
    jobs = [
        _job(entry, workspace=workspace, people=people, datasets=datasets, drawn=is_drawn)
        for entry in JOBS
    ]
    return Loaded(workspace, people, datasets, jobs, is_drawn)


def _pictures_dataset(workspace: Workspace, admin: User, home: Path, *, drawn: bool) -> Dataset:
    """The pictures, named by a manifest that gives each its licence line."""
    found = Dataset.objects.filter(workspace=workspace, name=PICTURES).first()
    if found is None:
        shown = pictures(home / "cache", drawn=drawn)
        found = _put(
            workspace,
            admin,
            PICTURES,
            {picture.name: picture.content for picture in shown},
            [{"source": picture.name, "licence": picture.licence} for picture in shown],
        )
    return _imported(found)


def _drawn_dataset(
    workspace: Workspace,
    admin: User,
    name: str,
    samples: Sequence[Sample],
    kind: Kind = Kind.IMAGE,
) -> Dataset:
    """Files that a scenario of `itag demo` makes."""
    found = Dataset.objects.filter(workspace=workspace, name=name).first()
    if found is None:
        files = {sample.source: sample.content for sample in samples if sample.content}
        found = _put(workspace, admin, name, files, [{"source": file} for file in files], kind)
    return _imported(found)


def _put(
    workspace: Workspace,
    admin: User,
    name: str,
    files: dict[str, bytes],
    rows: list[dict[str, str]],
    kind: Kind = Kind.IMAGE,
) -> Dataset:
    """A dataset of files in a folder of the workspace's own storage."""
    storage = default_storage(workspace)
    folder = storage_root(storage) / name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for file, content in files.items():
        (folder / file).write_bytes(content)
    return create_dataset(
        workspace=workspace,
        user=admin,
        name=name,
        kind=kind,
        origin=Dataset.Origin.MANIFEST,
        manifest=_manifest(rows),
        storage=storage,
        prefix=name,
    )


def _texts_dataset(workspace: Workspace, admin: User) -> Dataset:
    found = Dataset.objects.filter(workspace=workspace, name=TEXTS).first()
    if found is None:
        found = create_dataset(
            workspace=workspace,
            user=admin,
            name=TEXTS,
            kind=Dataset.Kind.TEXT,
            origin=Dataset.Origin.MANIFEST,
            manifest=_manifest([{"source": row["text"]} for row in texts()]),
        )
    return _imported(found)


def _manifest(rows: list[dict[str, str]]) -> io.BytesIO:
    lines = [json.dumps({"data": row}, ensure_ascii=False) for row in rows]
    return io.BytesIO("".join(f"{line}\n" for line in lines).encode())


def texts() -> list[dict[str, str]]:
    """The demo's texts: {"language": "en" | "zh", "category", "text"}."""
    path = Path(__file__).with_name("texts.json")
    rows: list[dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return rows


def _imported(dataset: Dataset) -> Dataset:
    """The dataset after its import, which is run here and now: no worker is up yet at a first start.

    An import whose process was killed a moment ago is waited for until it may be taken over.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        for run in dataset.imports.filter(state__in=("queued", "running")):
            run_import(run.pk)
        dataset.refresh_from_db()
        if dataset.state == Dataset.State.READY:
            return dataset
        last = dataset.imports.first()
        if dataset.state == Dataset.State.FAILED or time.monotonic() > deadline:
            raise Conflict(f"{dataset.name} was not imported: {last.error if last else ''}")
        time.sleep(0.5)


def _job(
    entry: DemoJob,
    *,
    workspace: Workspace,
    people: dict[str, User],
    datasets: dict[str, Dataset],
    drawn: bool,
) -> Job:
    job = Job.objects.filter(workspace=workspace, name=entry.name).first()
    if job is None:
        labels = dict(entry.labels)
        if drawn and entry.drawn_labels:
            labels[entry.selected[0]] = entry.drawn_labels
        fields: dict[str, Any] = {
            "name": entry.name,
            "description": entry.description,
            "dataset": datasets[entry.dataset],
            "template": LabelTemplate.objects.latest().get(workspace=None, key=entry.template),
            "field_bindings": {"source": "source"},
            "selected_questions": list(entry.selected),
            "options": {
                question: [{"label": label} for label in names]
                for question, names in labels.items()
            },
            "shapes": {"1": list(entry.shapes)} if entry.shapes else {},
            "workflow": "labeling,check,acceptance",
            "check_ratio": entry.check_ratio,
            "acceptance_ratio": entry.acceptance_ratio,
            "allocation": {"type": "fixed", "size": entry.size},
            "members": {
                "labeling": {"users": [people["labeler"]]},
                "check": {"users": [people["checker"]]},
                "acceptance": {"users": [people["accepter"]]},
            },
            "language": "en",
        }
        job = create_job(user=people["admin"], workspace=workspace, **fields)
    for run in SplitRun.objects.filter(batch__job=job, state__in=("queued", "running")):
        split_batch(run_id=run.pk)
    job.refresh_from_db()
    return job
