"""Fills an empty itag with a demo workspace: people, pictures, texts and three running jobs, all through services.

Every step looks first whether its result is there, so that a start that was killed half way is finished by the next.
"""

import io
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accounts.models import User, Workspace
from accounts.services.workspaces import default_workspace
from datasets.models import Dataset
from datasets.services.imports import create_dataset, run_import
from datasets.services.storages import default_storage, storage_root
from itag.core.errors import Conflict
from itag.demo.accounts import load_people
from itag.demo.photos import pictures
from jobs.models import Job, SplitRun
from jobs.services.jobs import create_job
from jobs.services.split import split_batch
from templates_app.models import LabelTemplate

PICTURES, TEXTS = "demo-pictures", "demo-texts"
#: Seconds to wait for an import that another process seems to have at hand.
PATIENCE = 120


@dataclass(frozen=True)
class DemoJob:
    """One of the three jobs that a first start has."""

    template: str
    dataset: str
    question: str
    labels: tuple[str, ...]
    drawn_labels: tuple[str, ...]
    """Labels that fit the drawn scenes, where there are no photographs."""
    size: int
    check_ratio: int
    acceptance_ratio: int
    description: str

    @property
    def name(self) -> str:
        return f"demo-{self.template}"


JOBS = (
    DemoJob(
        template="image-classification",
        dataset=PICTURES,
        question="1",
        labels=("Person", "Animal", "Everyday object", "Space", "Medical", "Texture"),
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
        question="1.1",
        labels=("Person", "Cat", "Cup", "Spoon", "Rocket", "Tower", "Galaxy", "Lamp"),
        drawn_labels=("House", "Tree", "Car", "Lamp"),
        size=5,
        check_ratio=50,
        acceptance_ratio=30,
        description=(
            "Draw a tight box around every thing of these kinds; a part that is cut off by the edge counts as well.\n"
            "请为每一个属于这些类别的物体画出紧贴边缘的矩形框；被画面边缘截断的部分也要标注。"
        ),
    ),
    DemoJob(
        template="text-classification",
        dataset=TEXTS,
        question="1",
        labels=("Review", "News", "Support request", "Instructions", "Announcement"),
        drawn_labels=(),
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
    datasets = {PICTURES: shown, TEXTS: _texts_dataset(workspace, admin)}
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
        storage = default_storage(workspace)
        folder = storage_root(storage) / PICTURES
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for picture in shown:
            (folder / picture.name).write_bytes(picture.content)
        rows = [{"source": picture.name, "licence": picture.licence} for picture in shown]
        found = create_dataset(
            workspace=workspace,
            user=admin,
            name=PICTURES,
            kind=Dataset.Kind.IMAGE,
            origin=Dataset.Origin.MANIFEST,
            manifest=_manifest(rows),
            storage=storage,
            prefix=PICTURES,
        )
    return _imported(found)


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
        labels = entry.drawn_labels if drawn and entry.drawn_labels else entry.labels
        fields: dict[str, Any] = {
            "name": entry.name,
            "description": entry.description,
            "dataset": datasets[entry.dataset],
            "template": LabelTemplate.objects.latest().get(workspace=None, key=entry.template),
            "field_bindings": {"source": "source"},
            "selected_questions": [entry.question],
            "options": {entry.question: [{"label": label} for label in labels]},
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
