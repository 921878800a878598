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
from itag.client.scenarios import Sample, Scenario
from itag.client.scenarios_custom import custom_mix, llm_preference
from itag.client.scenarios_image import ocr
from itag.client.scenarios_pages import documents, table
from itag.client.scenarios_text import entity_recognition, entity_relationship
from itag.client.scenarios_time import (
    audio_classification,
    audio_recognition,
    audio_segmentation,
    video_classification,
)
from itag.core.errors import Conflict
from itag.demo.accounts import load_people
from itag.demo.jobs import (
    ANSWERS,
    CLIPS,
    DOCUMENTS,
    FACTS,
    JOBS,
    MORSE,
    NEWS,
    PICTURES,
    REPORTS,
    SIGNALS,
    SIGNS,
    SOUNDS,
    TABLES,
    TEXTS,
    DemoJob,
)
from itag.demo.photos import pictures
from jobs.models import Job, SplitRun
from jobs.services.jobs import create_job
from jobs.services.split import split_batch
from templates_app.models import LabelTemplate
from templates_app.services.library import create_template

Kind = Dataset.Kind
#: Seconds to wait for an import that another process seems to have at hand.
PATIENCE = 120


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
        CLIPS: _drawn_dataset(workspace, admin, CLIPS, video_classification().samples, Kind.VIDEO),
        SOUNDS: _drawn_dataset(
            workspace, admin, SOUNDS, audio_classification().samples, Kind.AUDIO
        ),
        SIGNALS: _drawn_dataset(
            workspace, admin, SIGNALS, audio_segmentation().samples, Kind.AUDIO
        ),
        MORSE: _drawn_dataset(workspace, admin, MORSE, audio_recognition().samples, Kind.AUDIO),
        NEWS: _lines_dataset(workspace, admin, NEWS, entity_recognition().samples),
        FACTS: _lines_dataset(workspace, admin, FACTS, entity_relationship().samples),
        ANSWERS: _lines_dataset(workspace, admin, ANSWERS, llm_preference().samples),
        REPORTS: _reports_dataset(workspace, admin, custom_mix()),
    }
    own = {
        scenario.name: _template(workspace, admin, scenario)
        for scenario in (custom_mix(), llm_preference())
    }
    is_drawn = shown.items.filter(search__startswith="scene-").exists()
    jobs = [
        _job(entry, workspace=workspace, people=people, datasets=datasets, own=own, drawn=is_drawn)
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


def _lines_dataset(
    workspace: Workspace, admin: User, name: str, samples: Sequence[Sample]
) -> Dataset:
    """The lines of a scenario of texts."""
    found = Dataset.objects.filter(workspace=workspace, name=name).first()
    if found is None:
        found = create_dataset(
            workspace=workspace,
            user=admin,
            name=name,
            kind=Kind.TEXT,
            origin=Dataset.Origin.MANIFEST,
            manifest=io.BytesIO("".join(f"{one.line}\n" for one in samples).encode()),
        )
    return _imported(found)


def _reports_dataset(workspace: Workspace, admin: User, scenario: Scenario) -> Dataset:
    """A text a line, with the files that are shown beside it."""
    found = Dataset.objects.filter(workspace=workspace, name=REPORTS).first()
    if found is None:
        samples = scenario.samples
        files = {name: content for one in samples for _, name, content in one.media.values()}
        rows = [
            {"source": one.source, **{field: name for field, (_, name, _) in one.media.items()}}
            for one in samples
        ]
        found = _put(workspace, admin, REPORTS, files, rows, Kind.CUSTOM)
    return _imported(found)


def _template(workspace: Workspace, admin: User, scenario: Scenario) -> LabelTemplate:
    """The team's own template of the scenario, its newest version."""
    custom = dict(scenario.custom or {})
    found = LabelTemplate.objects.latest().filter(workspace=workspace, name=custom["name"]).first()
    return found or create_template(workspace=workspace, user=admin, **custom)


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
    own: dict[str, LabelTemplate],
    drawn: bool,
) -> Job:
    job = Job.objects.filter(workspace=workspace, name=entry.name).first()
    if job is None:
        labels = dict(entry.labels)
        if drawn and entry.drawn_labels:
            labels[entry.selected[0]] = entry.drawn_labels
        template = own.get(entry.template) or LabelTemplate.objects.latest().get(
            workspace=None, key=entry.template
        )
        fields: dict[str, Any] = {
            "name": entry.name,
            "description": entry.description,
            "dataset": datasets[entry.dataset],
            "template": template,
            "field_bindings": {view["bindField"]: view["bindField"] for view in template.views},
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
