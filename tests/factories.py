"""Rows for tests, in legal states only. `make_job` builds a running job without going through the services."""

import itertools
import json
from collections.abc import Iterable, Sequence
from typing import Any

import factory
from django.contrib.auth.models import Group
from django.db.models import Q
from factory.django import DjangoModelFactory

from accounts.grants import grant
from accounts.models import Membership, Team, User, Workspace
from accounts.services.workspaces import write_workspace_grants
from datasets.models import Dataset, DatasetVersion, Item, Storage
from itag.core.fields import dump
from jobs.models import (
    STAGE_PERMISSION,
    Assignment,
    Batch,
    Job,
    JobSummary,
    Package,
    PackageItem,
    SplitRun,
)
from templates_app.models import LabelTemplate

PASSWORD = "correct horse battery"

ROLE_GRANTS = {
    "admin": ["view_workspace", "manage_workspace", "create_in_workspace", "lead_workspace"],
    "label_admin": ["view_workspace", "create_in_workspace", "lead_workspace"],
    "leader": ["view_workspace", "lead_workspace"],
    "operator": ["view_workspace"],
}


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person{n}")
    password = factory.django.Password(PASSWORD)


class WorkspaceFactory(DjangoModelFactory[Workspace]):
    class Meta:
        model = Workspace

    name = factory.Sequence(lambda n: f"Workspace {n}")


class DatasetFactory(DjangoModelFactory[Dataset]):
    """A ready dataset without items; `make_dataset` gives one with items."""

    class Meta:
        model = Dataset

    workspace = factory.SubFactory(WorkspaceFactory)
    name = factory.Sequence(lambda n: f"dataset{n}")
    kind = "text"
    origin = "upload"
    state = "ready"
    version = 1
    fields = factory.LazyFunction(lambda: [{"name": "source", "type": "text"}])
    created_by = factory.SubFactory(UserFactory)


def member(workspace: Workspace, role: str = "operator", **fields: Any) -> User:
    """A person with this role, its grants given directly."""
    user = UserFactory(**fields)
    Membership.objects.create(workspace=workspace, user=user, role=role)
    for codename in ROLE_GRANTS[role]:
        grant(codename, workspace, users=[user])
    return user


_teams = itertools.count(1)


def make_team(
    workspace: Workspace, members: Iterable[User], *, leaders: Iterable[User] = (), **fields: Any
) -> Team:
    """A team whose group has these people; in a supplier's, who leads the workspace as its leader does so no more."""
    number = next(_teams)
    group = Group.objects.create(name=f"test team {number}")
    group.user_set.add(*members)
    team = Team.objects.create(
        workspace=workspace, group=group, name=fields.pop("name", f"Team {number}"), **fields
    )
    team.leaders.add(*leaders)
    if team.is_supplier:
        own = Q(user__groups=group) | Q(user__led_teams=team)
        for row in Membership.objects.filter(own, workspace=workspace, role="leader").distinct():
            write_workspace_grants(row)
    return team


def make_dataset(
    items: int | Sequence[dict[str, Any]] = 5, *, kind: str = "text", **fields: Any
) -> Dataset:
    """A ready dataset with this many items, or with these `data` values; images are 640 × 480 on paper only."""
    data = (
        items
        if not isinstance(items, int)
        else [
            {"source": f"text number {n}" if kind == "text" else f"{n}.jpg"}
            for n in range(1, items + 1)
        ]
    )
    image = kind == "image"
    names = list(data[0]) if data else ["source"]
    fields.setdefault(
        "fields",
        [{"name": n, "type": "image" if image and n == "source" else "text"} for n in names],
    )
    dataset = DatasetFactory(kind=kind, item_count=len(data), **fields)
    if image and dataset.storage is None:
        dataset.storage = Storage.objects.create(
            workspace=dataset.workspace, name=f"files {dataset.pk}", root=f"test/{dataset.pk}"
        )
        dataset.save(update_fields=["storage"])
    Item.objects.bulk_create(
        Item(
            dataset=dataset,
            ordinal=ordinal,
            data=dump(row),
            media={
                "source": {
                    "path": row["source"],
                    "type": "image",
                    "format": "jpeg",
                    "width": 640,
                    "height": 480,
                    "size": 1000,
                }
            }
            if image
            else {},
            search=str(row.get("source", ""))[:1000],
        )
        for ordinal, row in enumerate(data, 1)
    )
    DatasetVersion.objects.create(dataset=dataset, version=1, last_ordinal=len(data))
    return dataset


CLASSIFICATION_QUESTIONS = [
    {
        "questionId": "1",
        "type": "RADIO",
        "markTitle": "single-choice",
        "titles": {"en": "single-choice", "zh-hans": "单选"},
        "mustFill": True,
        "display": True,
        "selected": True,
        "canSelect": True,
        "selectGroup": "choice",
        "options": [],
    },
    {
        "questionId": "2",
        "type": "CHECKBOX",
        "markTitle": "multiple-choice",
        "titles": {"en": "multiple-choice", "zh-hans": "多选"},
        "mustFill": True,
        "display": True,
        "selected": False,
        "canSelect": True,
        "selectGroup": "choice",
        "options": [],
    },
]


def classification_template(view: str = "Text") -> LabelTemplate:
    """A template with one view and a single / multiple choice pair, as the built-in ones have it."""
    template, _ = LabelTemplate.objects.get_or_create(
        workspace=None,
        key=f"test-{view.lower()}-classification",
        version=1,
        defaults={
            "name": "Test classification",
            "category": view.lower(),
            "views": [{"type": view, "bindField": "source"}],
            "questions": CLASSIFICATION_QUESTIONS,
            "abandon_reasons": ["Invalid"],
        },
    )
    return template


OPTIONS = [
    {"key": "k1", "label": "cat", "color": "#b4232a", "shortcut": "1"},
    {"key": "k2", "label": "dog", "color": "#1f5fbf", "shortcut": "2"},
]


def make_job(
    *,
    items: int | Sequence[dict[str, Any]] = 5,
    size: int = 5,
    workflow: str = "labeling,check,acceptance",
    labelers: Iterable[User] = (),
    checkers: Iterable[User] = (),
    accepters: Iterable[User] = (),
    managers: Iterable[User] = (),
    dataset: Dataset | None = None,
    template: LabelTemplate | None = None,
    **fields: Any,
) -> Job:
    """A running job whose packages wait for labelers; people get their stage's grant and view_job."""
    dataset = dataset or make_dataset(
        items, workspace=fields.pop("workspace", None) or WorkspaceFactory()
    )
    template = template or classification_template("Image" if dataset.kind == "image" else "Text")
    fields.setdefault("name", f"job{dataset.pk}")
    fields.setdefault("created_by", dataset.created_by)
    fields.setdefault("selected_questions", ["1"])
    fields.setdefault("options", {"1": OPTIONS})
    job = Job.objects.create(
        workspace=dataset.workspace,
        dataset=dataset,
        dataset_version=dataset.version,
        last_ordinal=dataset.item_count,
        item_count=dataset.item_count,
        package_count=-(-dataset.item_count // size),
        template=template,
        field_bindings={"source": "source"},
        workflow=workflow,
        allocation={"type": "fixed", "size": size},
        state="running",
        **fields,
    )
    JobSummary.objects.create(job=job)
    batch = Batch.objects.create(
        job=job,
        number=1,
        first_ordinal=1,
        last_ordinal=dataset.item_count,
        closed_at=job.created_at,
    )
    SplitRun.objects.create(
        batch=batch, state="succeeded", done=dataset.item_count, total=dataset.item_count
    )
    rows = list(Item.objects.filter(dataset=dataset).order_by("ordinal"))
    packages = Package.objects.bulk_create(
        Package(job=job, batch=batch, number=number, item_count=len(rows[start : start + size]))
        for number, start in enumerate(range(0, len(rows), size), 1)
    )
    PackageItem.objects.bulk_create(
        PackageItem(job=job, package=package, position=position, ordinal=row.ordinal, item=row)
        for package, start in zip(packages, range(0, len(rows), size), strict=True)
        for position, row in enumerate(rows[start : start + size], 1)
    )
    Assignment.objects.bulk_create(
        Assignment(job=job, package=package, stage="labeling", number=package.number, vote=vote)
        for package in packages
        for vote in range(job.vote_count)
    )
    for stage, people in (
        ("labeling", labelers),
        ("check", checkers),
        ("acceptance", accepters),
    ):
        people = list(people)
        grant(STAGE_PERMISSION[stage], job, users=people)
        grant("view_job", job, users=people)
    managers = list(managers)
    grant("manage_job", job, users=managers)
    grant("view_job", job, users=managers)
    return job


def choice(key: str = "k1", question: str = "1") -> dict[str, Any]:
    """A canonical single-choice element."""
    return {"questionId": question, "type": "survey/value", "data": key}


def choice_op(key: str = "k1", question: str = "1") -> dict[str, Any]:
    """The save operation that answers a single choice."""
    return {"questionId": question, "id": None, "value": choice(key, question)}


def loads(raw: Any) -> Any:
    """The value of a raw JSON column."""
    return None if raw is None else json.loads(raw)
