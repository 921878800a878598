"""Every route and method has a row: who gets in, who is refused with a reason, to whom it does not exist.

A new route without a row fails; a refused request must write nothing.
"""

import io
import json
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from drf_spectacular.generators import SchemaGenerator

from accounts.models import OneTimeLink, User
from accounts.services.links import create_link
from accounts.services.tokens import create_token
from datasets.models import Dataset
from datasets.services.storages import default_storage, storage_root
from exports.services import build_export, request_export
from jobs.models import Annotation, Appeal, Assignment, Delivery, Job, Lot
from jobs.services.answers import save_item
from jobs.services.claim import claim_package
from jobs.services.deliveries import save_webhook
from jobs.services.guide_files import add_picture
from jobs.services.submit import submit_assignment
from jobs.services.talk import flag_item, post_message
from templates_app.services.library import create_template
from tests.factories import PASSWORD, choice_op, make_dataset, make_job, make_team, member

pytestmark = pytest.mark.django_db

PEOPLE = (
    "nobody", "stranger", "operator", "labeler", "labeler2", "checker", "accepter", "manager",
    "leader", "label_admin", "admin",
)  # fmt: skip
WORKERS = ("labeler", "labeler2", "checker", "accepter")


@dataclass
class World:
    """One workspace in the middle of its work, and who looks at it."""

    people: dict[str, User | None]
    names: dict[str, Any] = field(default_factory=dict)


@pytest.fixture
def world(workspace: Any, stranger: User) -> World:
    people: dict[str, User | None] = {
        "nobody": None,
        "stranger": stranger,
        **{name: member(workspace, username=name) for name in ("operator", *WORKERS, "manager")},
        **{
            role: member(workspace, role, username=role)
            for role in ("leader", "label_admin", "admin")
        },
    }
    admin = people["admin"]
    storage = default_storage(workspace)
    dataset = make_dataset(6, kind="image", workspace=workspace, storage=storage, created_by=admin)
    root = storage_root(storage)
    root.mkdir(parents=True, exist_ok=True)
    for number in range(1, 7):
        (root / f"{number}.jpg").write_bytes(JPEG)
    job = make_job(
        dataset=dataset,
        size=2,
        labelers=[people["labeler"], people["labeler2"]],
        checkers=[people["checker"]],
        accepters=[people["accepter"]],
        managers=[people["manager"]],
    )
    done = claim_package(job=job, user=people["labeler2"], stage="labeling").assignment
    answer(done, people["labeler2"])
    submit_assignment(assignment_id=done.pk, user=people["labeler2"])
    check = claim_package(job=job, user=people["checker"], stage="check").assignment
    held = claim_package(job=job, user=people["labeler"], stage="labeling").assignment
    answer(held, people["labeler"])
    export = request_export(
        job=job, user=admin, format="manifest", scope="all", idempotency_key="access"
    )
    build_export(export_id=export.pk)
    waiting = request_export(
        job=job, user=admin, format="manifest", scope="all", idempotency_key="second"
    )
    spare = make_dataset(1, workspace=workspace, created_by=admin)
    create_link(purpose="invite", workspace=workspace, role="operator", actor=admin)
    return World(
        people,
        {
            "workspace": workspace.pk,
            "storage": storage.pk,
            "dataset": dataset.pk,
            "spare": spare.pk,
            "template": job.template_id,
            "own_template": create_template(
                user=admin, **{**template_body({}), "workspace": workspace}
            ).pk,
            "job": job.pk,
            "job_row": job,
            "held": held.pk,
            "check": check.pk,
            "export": export.pk,
            "waiting": waiting.pk,
            "team": make_team(workspace, [people["operator"]]).pk,
            "token": create_token(user=people["labeler"], name="mine")[0].pk,
            "operator": people["operator"].pk,
            "link": OneTimeLink.objects.get().pk,
            **talk(job, held, done, check, people),
            **hooks(job, people),
            "lot": Lot.objects.create(
                job=job, accepter=people["accepter"], state="open", method="count", amount=1
            ).pk,
        },
    )


def hooks(job: Job, people: dict[str, Any]) -> dict[str, Any]:
    """A webhook of the workspace with a delivery, one of the job."""
    fields = {"url": "https://example.org/", "events": ["job_late"], "kind": "webhook"}
    hook, of_job = (
        save_webhook(user=people["admin"], workspace=job.workspace, job=for_job, name="x", **fields)
        for for_job in (None, job)
    )
    sent = Delivery.objects.create(webhook=hook, event="job_late", key="1", state="failed")
    return {"hook": hook.pk, "job_hook": of_job.pk, "delivery": sent.pk}


def talk(
    job: Job, held: Assignment, done: Assignment, check: Assignment, people: dict[str, Any]
) -> dict[str, Any]:
    """A picture of the guide, an answered question of `labeler`, and an appeal of `labeler2`."""
    thread = flag_item(assignment_id=held.pk, position=2, user=people["labeler"], text="what?")
    said = post_message(thread=thread, user=people["manager"], text="that")
    picture = add_picture(job=job, user=people["manager"], file=io.BytesIO(JPEG), size=len(JPEG))
    own = done.annotations.get(package_item__position=2)
    verdict = Annotation.objects.create(
        package_item=own.package_item, assignment=check, judged=own,
        author=people["checker"], verdict="rejected", feedback="no",
    )  # fmt: skip
    appeal = Appeal.objects.create(
        job=job, annotation=verdict, author=people["labeler2"], text="yes"
    )
    return {
        "thread": thread.pk, "message": said.pk, "guide_file": picture.name, "appeal": appeal.pk,
    }  # fmt: skip


def answer(assignment: Assignment, user: User) -> None:
    for position in range(1, assignment.package.item_count + 1):
        save_item(
            assignment_id=assignment.pk, position=position, user=user, write=uuid.uuid4(),
            ops=[choice_op()], version=0,
        )  # fmt: skip


def _jpeg() -> bytes:
    import io

    from PIL import Image

    file = io.BytesIO()
    Image.new("RGB", (640, 480), "teal").save(file, "JPEG")
    return file.getvalue()


JPEG = _jpeg()
Names = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """What one method of a route answers to whom: `allowed` get `ok`; all others what `refused` says."""

    allowed: tuple[str, ...]
    ok: int = 200
    refused: int = 404
    others: dict[str, int] = field(default_factory=dict)
    kwargs: Callable[[Names], Names] = lambda n: {}
    body: Callable[[Names], Any] | None = None
    query: Callable[[Names], str] = lambda n: ""
    upload: bool = False
    headers: dict[str, str] = field(default_factory=dict)

    def status(self, who: str, *, page: bool) -> int:
        if who in self.others:
            return self.others[who]
        if who in self.allowed:
            return self.ok
        if who == "nobody":
            return 302 if page else 401
        return self.refused


def names_of(patterns: list[Any]) -> Iterator[tuple[str, str]]:
    """(name, method) of every route but the administration's, which tests/test_admin.py walks."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if str(pattern.pattern) != "admin/":
                yield from names_of(pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            view = pattern.callback
            cls = getattr(view, "view_class", getattr(view, "cls", None))
            actions = getattr(view, "actions", None)
            methods = actions or [m for m in ("get", "post", "patch", "delete") if hasattr(cls, m)]
            for method in methods or FUNCTIONS[str(pattern.name)]:
                if method != "head":  # DRF adds it to what answers GET, at the first request
                    yield str(pattern.name), method


#: Views that are functions: their one method.
FUNCTIONS = {"healthz": ["get"], "language": ["post"], "theme": ["post"]}

SIGNED_IN = PEOPLE[1:]
MEMBERS = PEOPLE[2:]
ADMINS = ("label_admin", "admin")
LEADERS = ("leader", *ADMINS)
IN_JOB = (*WORKERS, "manager", *LEADERS)
ALL = PEOPLE


def at(**parts: Any) -> Callable[[Names], Names]:
    """Route arguments: names of the world, or values as they are."""
    return lambda n: {k: n[v] if isinstance(v, str) and v in n else v for k, v in parts.items()}


def write(**more: Any) -> Callable[[Names], Any]:
    return lambda n: {"write": str(uuid.uuid4()), **more}


JOB = at(pk="job")
PACKAGE = at(pk="job", number=1)
HELD, CHECK = at(pk="held"), at(pk="check")
HELD_ITEM, CHECK_ITEM = at(pk="held", position=1), at(pk="check", position=1)
OF_WORKSPACE = lambda n: f"?workspace={n['workspace']}"  # noqa: E731
TEXT = lambda name: SimpleUploadedFile(f"{name}.txt", b"one\ntwo\n")  # noqa: E731


def job_body(n: Names) -> dict[str, Any]:
    everyone = {"users": [n["operator"]], "teams": []}
    return {
        "workspace": n["workspace"],
        "name": "another",
        "dataset": n["dataset"],
        "template": n["template"],
        "selected_questions": ["1"],
        "options": {"1": [{"label": "a"}, {"label": "b"}]},
        "workflow": "labeling",
        "allocation": {"type": "fixed", "size": 2},
        "members": {"labeling": everyone},
    }


def row(*allowed: str, **more: Any) -> Row:
    return Row(allowed=allowed, **more)


PUBLIC = {"nobody": 200}
#: A workspace that the person may not know of is a wrong value in the body.
UNKNOWN = {"stranger": 400}
EVERYBODY = dict.fromkeys(PEOPLE, 200)
ASSIGNERS = ("manager", *LEADERS)
MANAGERS = ("manager", *ADMINS)
#: May see the job but not do this with it.
SEEN = dict.fromkeys(IN_JOB, 403)


def but(*allowed: str, among: tuple[str, ...] = IN_JOB, status: int = 403) -> dict[str, int]:
    """403 for those who may know of it but not do it."""
    return {who: status for who in among if who not in allowed}


NOT_ACCEPTING = dict.fromkeys(("labeler", "labeler2", "checker"), 403)

NOT_MANAGING = dict.fromkeys((*WORKERS, "leader"), 403)
#: Of the workspace, but not its administrators.
NO_HOOKS = dict.fromkeys(("operator", *WORKERS, "manager", "leader", "label_admin"), 403)


def a_hook(names: Names) -> Names:
    return {"name": "y", "kind": "webhook", "url": "https://example.org/", "events": ["job_late"]}


def template_body(n: Names) -> dict[str, Any]:
    return {
        "workspace": n.get("workspace"),
        "name": "Own",
        "views": [{"type": "Image", "bindField": "source"}],
        "questions": [{"questionId": "1", "type": "RADIO", "markTitle": "x"}],
    }


ACCESS: dict[tuple[str, str], Row] = {
    # --- no sign-in needed
    ("healthz", "get"): row(others=dict.fromkeys(PEOPLE, 503)),  # no worker runs in this test
    ("language", "post"): row(others=dict.fromkeys(PEOPLE, 302), body=lambda n: {"language": "en"}),
    ("theme", "post"): row(others=dict.fromkeys(PEOPLE, 302), body=lambda n: {"theme": "dark"}),
    ("account_login", "get"): row(others=dict.fromkeys(SIGNED_IN, 302) | PUBLIC),
    ("account_login", "post"): row(others=dict.fromkeys(SIGNED_IN, 302) | PUBLIC),
    ("account_logout", "get"): row(*SIGNED_IN),
    ("account_logout", "post"): row(others=dict.fromkeys(PEOPLE, 302)),
    ("account_inactive", "get"): row(others=EVERYBODY),
    ("account_change_password", "get"): row(*SIGNED_IN),
    ("account_change_password", "post"): row(*SIGNED_IN),
    ("account_reset_password", "get"): row(others=EVERYBODY),
    ("account_reset_password", "post"): row(others=EVERYBODY),
    ("account_reset_password_done", "get"): row(others=EVERYBODY),
    ("account_reset_password_from_key", "get"): row(
        others=EVERYBODY, kwargs=lambda n: {"uidb36": "1", "key": "wrong-key"}
    ),
    ("account_reset_password_from_key", "post"): row(
        others=EVERYBODY, kwargs=lambda n: {"uidb36": "1", "key": "wrong-key"}
    ),
    ("account_reset_password_from_key_done", "get"): row(others=EVERYBODY),
    ("setup", "get"): row(others=dict.fromkeys(PEOPLE, 404), kwargs=at(token="wrong")),
    ("setup", "post"): row(others=dict.fromkeys(PEOPLE, 404), kwargs=at(token="wrong")),
    ("invite", "get"): row(others=dict.fromkeys(PEOPLE, 404), kwargs=at(token="wrong")),
    ("invite", "post"): row(others=dict.fromkeys(PEOPLE, 404), kwargs=at(token="wrong")),
    # --- one's own things
    ("account", "get"): row(*SIGNED_IN),
    ("account", "post"): row(*SIGNED_IN, ok=302, body=lambda n: {"name": "New name"}),
    ("token-new", "post"): row(*SIGNED_IN, body=lambda n: {"name": "t", "hours": "12"}),
    ("token-revoke", "post"): row("labeler", ok=302, kwargs=at(pk="token")),
    ("workspace-choose", "post"): row(*MEMBERS, ok=302, body=lambda n: {"workspace": n["workspace"]}),
    ("api-me", "get"): row(*SIGNED_IN),
    ("api-me", "patch"): row(*SIGNED_IN, body=lambda n: {"claim_next": True}),
    ("api-tokens", "get"): row(*SIGNED_IN),
    ("api-tokens", "post"): row(
        others=dict.fromkeys(PEOPLE, 201),
        body=lambda n: {"username": "labeler", "password": PASSWORD},
    ),
    ("api-token", "delete"): row("labeler", ok=204, kwargs=at(pk="token")),
    ("api-schema", "get"): row(*SIGNED_IN),
    ("api-docs", "get"): row(*SIGNED_IN),
    # --- people
    ("api-workspaces", "get"): row(*SIGNED_IN),
    ("api-workspace", "get"): row(*MEMBERS, kwargs=at(pk="workspace")),
    ("api-workspace", "patch"): row(
        "admin", others=but("admin", among=MEMBERS), kwargs=at(pk="workspace"),
        body=lambda n: {"name": "Renamed"},
    ),
    ("api-members", "get"): row(*LEADERS, others=but(*LEADERS, among=MEMBERS), kwargs=at(workspace="workspace")),
    ("api-member", "put"): row(
        "admin", others=but("admin", among=MEMBERS), kwargs=at(workspace="workspace", user="operator"),
        body=lambda n: {"role": "leader", "active": True},
    ),
    ("api-member", "delete"): row(
        "leader", "admin", ok=204, others=but("leader", "admin", among=MEMBERS),
        kwargs=at(workspace="workspace", user="operator"),
    ),
    ("api-users", "get"): row(*LEADERS, others=but(*LEADERS, among=MEMBERS), query=OF_WORKSPACE),
    ("api-users", "post"): row(
        "leader", "admin", ok=201, others=but("leader", "admin", among=MEMBERS),
        body=lambda n: {
            "workspace": n["workspace"], "username": "fresh", "password": "a long enough one",
            "role": "operator",
        },
    ),
    ("api-teams", "get"): row(*MEMBERS, query=OF_WORKSPACE),
    ("api-teams", "post"): row(
        *LEADERS, ok=201, others=but(*LEADERS, among=MEMBERS),
        body=lambda n: {"workspace": n["workspace"], "name": "A team", "members": [n["operator"]]},
    ),
    ("api-team", "get"): row(*LEADERS, "operator", kwargs=at(pk="team")),
    ("api-team", "patch"): row(
        *LEADERS, others={"operator": 403}, kwargs=at(pk="team"), body=lambda n: {"name": "Other"}
    ),
    ("members", "get"): row(*LEADERS, refused=403, others={"stranger": 200}),
    ("member-new", "get"): row("leader", "admin", refused=403, others={"stranger": 200}),
    ("member-new", "post"): row(
        "leader", "admin", ok=302, refused=403, others={"stranger": 302},
        body=lambda n: {
            "username": "fresh", "password": "a long enough one", "password2": "a long enough one",
            "role": "operator",
        },
    ),
    ("member", "get"): row(
        *LEADERS, others=but(*LEADERS, among=MEMBERS), kwargs=at(user="operator")
    ),
    ("member", "post"): row(
        "admin", ok=302, others=but(*LEADERS, among=MEMBERS) | {"leader": 422, "label_admin": 403},
        kwargs=at(user="operator"), body=lambda n: {"role": "leader"},
    ),
    ("teams", "get"): row(*LEADERS, refused=403, others={"stranger": 200}),
    ("team-new", "get"): row(*LEADERS, refused=403, others={"stranger": 200}),
    ("team-new", "post"): row(
        *LEADERS, ok=302, refused=403, others={"stranger": 302}, body=lambda n: {"name": "A team"}
    ),
    ("team", "get"): row(*LEADERS, others=but(*LEADERS, among=MEMBERS), kwargs=at(pk="team")),
    ("team", "post"): row(
        *LEADERS, ok=302, others=but(*LEADERS, among=MEMBERS), kwargs=at(pk="team"),
        body=lambda n: {"name": "Other"},
    ),
    ("invitations", "get"): row("leader", "admin", refused=403, others={"stranger": 200}),
    ("invitations", "post"): row(
        "leader", "admin", refused=403, others={"stranger": 200},
        body=lambda n: {"role": "operator", "days": "7"},
    ),
    ("invitation-revoke", "post"): row(
        "admin", ok=302, others=but("admin", "leader", among=MEMBERS), kwargs=at(pk="link")
    ),
    ("workspace", "get"): row("admin", refused=403, others={"stranger": 200}),
    ("workspace", "post"): row(
        "admin", ok=302, refused=403, others={"stranger": 302},
        body=lambda n: {
            "name": "Renamed", "time_zone": "UTC", "days": [1], "opens": "09:00", "closes": "17:00",
        },
    ),
    # --- people: workspaces, tables of accounts, passwords, departures
    ("api-workspaces", "post"): row(
        "admin", ok=201, refused=403, others={"stranger": 201}, body=lambda n: {"name": "Another"}
    ),
    ("api-workspace-archive", "post"): row(
        "admin", others=but("admin", among=MEMBERS), kwargs=at(pk="workspace")
    ),
    ("api-workspace-restore", "post"): row(
        "admin", others=but("admin", among=MEMBERS), kwargs=at(pk="workspace")
    ),
    ("api-workspace-default", "post"): row(others=but(among=MEMBERS), kwargs=at(pk="workspace")),
    ("api-invitations", "get"): row(
        "leader", "admin", others=but("leader", "admin", among=MEMBERS), kwargs=at(workspace="workspace")
    ),
    ("api-invitations", "post"): row(
        "leader", "admin", ok=201, others=but("leader", "admin", among=MEMBERS),
        kwargs=at(workspace="workspace"), body=lambda n: {"role": "operator"},
    ),
    ("api-invitation", "delete"): row(
        "admin", ok=204, others=but("leader", "admin", among=MEMBERS),
        kwargs=at(workspace="workspace", pk="link"),
    ),
    ("api-users-import", "post"): row(
        "leader", "admin", ok=201, others=but("leader", "admin", among=MEMBERS),
        body=lambda n: {"workspace": n["workspace"], "rows": [{"username": "fresh"}]},
    ),
    ("api-user", "patch"): row(
        others=dict.fromkeys((*LEADERS, "operator"), 403), kwargs=at(pk="operator"),
        body=lambda n: {"is_active": False},
    ),
    ("api-user-password-reset", "post"): row(
        "leader", "admin", others={"label_admin": 403, "operator": 403}, kwargs=at(pk="operator")
    ),
    ("api-member-held", "get"): row(
        *LEADERS, others=but(*LEADERS, among=MEMBERS), kwargs=at(workspace="workspace", user="operator")
    ),
    ("api-member-leave", "post"): row(
        "leader", "admin", others=but("leader", "admin", among=MEMBERS),
        kwargs=at(workspace="workspace", user="operator"),
        body=lambda n: {"way": "inactive", "default": {"action": "keep"}},
    ),
    ("api-held", "get"): row(*MEMBERS, query=OF_WORKSPACE),
    ("api-held", "post"): row(*MEMBERS, query=OF_WORKSPACE, body=lambda n: {"rows": []}),
    ("workspaces", "get"): row(*SIGNED_IN),
    ("workspaces", "post"): row(
        "admin", ok=302, refused=403, others={"stranger": 302}, body=lambda n: {"name": "Another"}
    ),
    ("workspace-restore", "post"): row(
        "admin", ok=302, others=but("admin", among=MEMBERS), kwargs=at(pk="workspace")
    ),
    ("member-import", "get"): row("leader", "admin", refused=403, others={"stranger": 200}),
    ("member-import", "post"): row(
        "leader", "admin", refused=403, others={"stranger": 200},
        body=lambda n: {"table": "username\nfresh\n", "make": "1"},
    ),
    ("member-password", "post"): row(
        "leader", "admin", others=but("leader", "admin", among=MEMBERS), kwargs=at(user="operator")
    ),
    ("member-leave", "get"): row(
        *LEADERS, others=but(*LEADERS, among=MEMBERS), kwargs=at(user="operator")
    ),
    ("member-leave", "post"): row(
        "leader", "admin", ok=302, others=but("leader", "admin", among=MEMBERS),
        kwargs=at(user="operator"), body=lambda n: {"way": "remove", "default": "release"},
    ),
    ("held-by-leavers", "get"): row(*SIGNED_IN),
    ("held-by-leavers", "post"): row(*SIGNED_IN, ok=302),
    # --- datasets
    ("api-storages", "get"): row(*SIGNED_IN),
    ("api-storages", "post"): row(
        "admin", ok=201, others=but("admin", among=MEMBERS),
        body=lambda n: {"workspace": n["workspace"], "name": "more", "root": str(n["workspace"])},
    ),
    ("api-storage-folders", "get"): row(*ADMINS, kwargs=at(pk="storage")),
    ("api-datasets", "get"): row(*SIGNED_IN),
    ("api-datasets", "post"): row(
        *ADMINS, ok=201, others=but(*ADMINS, among=MEMBERS), upload=True,
        body=lambda n: {
            "workspace": n["workspace"], "name": "texts", "kind": "text", "origin": "upload",
            "files": TEXT("a"), "paths": '["a.txt"]',
        },
    ),
    ("api-dataset", "get"): row(*ADMINS, kwargs=at(pk="dataset")),
    ("api-dataset", "delete"): row(*ADMINS, ok=204, kwargs=at(pk="spare")),
    ("api-dataset-imports", "get"): row(*ADMINS, kwargs=at(pk="dataset")),
    ("api-dataset-imports", "post"): row(
        *ADMINS, ok=201, kwargs=at(pk="spare"), upload=True,
        body=lambda n: {"origin": "upload", "files": TEXT("b"), "paths": '["b.txt"]'},
    ),
    ("api-dataset-items", "get"): row(*ADMINS, kwargs=at(pk="dataset")),
    ("datasets", "get"): row(*SIGNED_IN),
    ("dataset-new", "get"): row(*ADMINS, refused=403, others={"stranger": 200}),
    ("dataset", "get"): row(*ADMINS, kwargs=at(pk="dataset")),
    ("dataset-progress", "get"): row(*ADMINS, kwargs=at(pk="dataset")),
    ("dataset-add", "get"): row(*ADMINS, kwargs=at(pk="dataset")),
    ("dataset-repeat", "post"): row(*ADMINS, ok=409, kwargs=at(pk="spare")),  # nothing failed there
    ("dataset-delete", "post"): row(*ADMINS, ok=302, kwargs=at(pk="spare")),
    ("dataset-item", "get"): row(*ADMINS, kwargs=at(pk="dataset", ordinal=1)),
    ("media-dataset", "get"): row(*ADMINS, ok=302, kwargs=at(pk="dataset", ordinal=1, field="source")),
    ("media-file", "get"): row(others=dict.fromkeys(PEOPLE, 404), kwargs=at(token="wrong")),
    ("media-tile", "get"): row(
        others=dict.fromkeys(PEOPLE, 404), kwargs=at(token="wrong", level=0, column=0, row=0)
    ),
    # --- label templates
    ("api-label-templates", "get"): row(*SIGNED_IN),
    ("api-label-templates", "post"): row(
        *ADMINS, ok=201, others=but(*ADMINS, among=MEMBERS), body=template_body
    ),
    ("api-label-templates-check", "post"): row(*SIGNED_IN, body=template_body),
    ("api-label-templates-file", "post"): row(
        *ADMINS, ok=201, others=but(*ADMINS, among=MEMBERS), query=OF_WORKSPACE,
        body=lambda n: {
            **{k: v for k, v in template_body(n).items() if k != "workspace"},
            "format": "itag-label-template", "format_version": 1,
        },
    ),
    ("api-label-templates-preview", "post"): row(
        *ADMINS, body=lambda n: {"template": n["template"], "dataset": n["dataset"]}
    ),
    ("api-label-template", "get"): row(*SIGNED_IN, kwargs=at(pk="template")),
    ("api-label-template", "patch"): row(
        *ADMINS, others=but(*ADMINS, among=MEMBERS), kwargs=at(pk="own_template"),
        body=lambda n: {"name": "Renamed"},
    ),
    ("api-label-template-clone", "post"): row(
        *ADMINS, ok=201, others=but(*ADMINS, among=MEMBERS), kwargs=at(pk="own_template"),
        body=lambda n: {"workspace": n["workspace"]},
    ),
    ("api-label-template-share", "post"): row(
        "admin", others=but("admin", among=MEMBERS), kwargs=at(pk="own_template"),
        body=lambda n: {"shared": "everybody"},
    ),
    ("api-label-template-archive", "post"): row(
        *ADMINS, others=but(*ADMINS, among=MEMBERS), kwargs=at(pk="own_template"),
        body=lambda n: {"archived": True},
    ),
    ("api-label-template-file", "get"): row(*MEMBERS, kwargs=at(pk="own_template")),
    ("label-templates", "get"): row(*SIGNED_IN),
    ("label-template-new", "get"): row(*ADMINS, refused=403, others={"stranger": 200}),
    ("label-template-edit", "get"): row(*MEMBERS, kwargs=at(pk="own_template")),
    ("label-template-preview", "get"): row(*SIGNED_IN),
    # --- jobs
    ("api-jobs", "get"): row(*SIGNED_IN),
    ("api-jobs", "post"): row(
        *ADMINS, ok=201, others=but(*ADMINS, among=MEMBERS) | UNKNOWN, body=job_body
    ),
    ("api-jobs-preview", "post"): row(
        *ADMINS, others=but(*ADMINS, among=MEMBERS) | UNKNOWN, body=job_body
    ),
    ("api-job", "get"): row(*IN_JOB, kwargs=JOB),
    ("api-job", "patch"): row(
        *MANAGERS, others=but(*MANAGERS), kwargs=JOB, body=lambda n: {"description": "new"}
    ),
    ("api-job-members", "get"): row(*ASSIGNERS, others=but(*ASSIGNERS), kwargs=JOB),
    ("api-job-members", "put"): row(
        *ASSIGNERS, others=but(*ASSIGNERS), kwargs=JOB,
        body=lambda n: {
            stage: {"users": [User.objects.get(username=who).pk], "teams": []}
            for stage, who in (
                ("labeling", "labeler"), ("check", "checker"), ("acceptance", "accepter"),
                ("manage", "manager"),
            )
        } | {"held": "keep"},
    ),
    ("api-job-packages", "get"): row(*ASSIGNERS, others=but(*ASSIGNERS), kwargs=JOB),
    ("api-job-package", "get"): row(*ASSIGNERS, others=but(*ASSIGNERS), kwargs=PACKAGE),
    ("api-job-package-release", "post"): row(
        *ASSIGNERS, others=but(*ASSIGNERS), kwargs=PACKAGE, body=lambda n: {"reason": "ill"}
    ),
    ("api-job-package-offer-again", "post"): row(*ASSIGNERS, others=but(*ASSIGNERS), kwargs=PACKAGE),
    ("api-job-package-items", "get"): row(*MANAGERS, others=but(*MANAGERS), kwargs=PACKAGE),
    ("api-job-package-item", "get"): row(
        *MANAGERS, others=but(*MANAGERS), kwargs=at(pk="job", number=1, position=1)
    ),
    ("home", "get"): row(*SIGNED_IN),
    ("work-claim", "post"): row(*SIGNED_IN, ok=302),
    ("jobs", "get"): row(*SIGNED_IN),
    ("job-new", "get"): row(*ADMINS, refused=403, others={"stranger": 200}),
    ("job-new", "post"): row(*ADMINS, refused=403, ok=422, others={"stranger": 422}),
    ("job-preview", "post"): row(*ADMINS, refused=403, others={"stranger": 200}),
    # --- the job form's parts; preparing packages again
    ("job-new-people", "get"): row(*ADMINS, refused=403, others={"stranger": 200}),
    ("job-members-people", "get"): row(*ASSIGNERS, others=but(*ASSIGNERS), kwargs=JOB),
    ("api-job-retry", "post"): row(*MANAGERS, ok=409, others=but(*MANAGERS), kwargs=JOB),
    ("job", "get"): row(*IN_JOB, kwargs=JOB),
    # --- Task Center
    ("api-blocked", "get"): row(*SIGNED_IN),
    ("api-job-blocked", "get"): row(*ASSIGNERS, others=but(*ASSIGNERS), kwargs=JOB),
    ("api-job-package-item-history", "get"): row(
        *MANAGERS, others=but(*MANAGERS), kwargs=at(pk="job", number=1, position=1)
    ),
    ("work-next", "post"): row(*SIGNED_IN, ok=302, body=lambda n: {"on": "1"}),
    ("work-withdraw", "post"): row("labeler", ok=302, kwargs=at(assignment="held")),
    ("jobs-progress", "get"): row(*SIGNED_IN),
    ("jobs-blocked", "get"): row(*SIGNED_IN),
    ("jobs-deleted", "get"): row(*SIGNED_IN),
    ("job-edit", "get"): row(*MANAGERS, others=but(*MANAGERS), kwargs=JOB),
    ("job-edit", "post"): row(
        *MANAGERS, ok=302, others=but(*MANAGERS), kwargs=JOB,
        body=lambda n: {"description": "new", "priority": "0"},
    ),
    ("job-operate", "post"): row(
        *MANAGERS, ok=302, others=but(*MANAGERS), kwargs=JOB, body=lambda n: {"operation": "pause"}
    ),
    ("job-restore", "post"): row(kwargs=JOB),  # it is not deleted
    ("job-history", "get"): row(*MANAGERS, others=but(*MANAGERS), kwargs=JOB),
    ("job-packages", "get"): row(*ASSIGNERS, others=but(*ASSIGNERS), kwargs=JOB),
    ("packages-change", "get"): row(
        *ASSIGNERS, others=but(*ASSIGNERS), kwargs=JOB, query=lambda n: "?verb=release&number=1"
    ),
    ("packages-change", "post"): row(
        *ASSIGNERS, ok=302, others=but(*ASSIGNERS), kwargs=JOB,
        body=lambda n: {"verb": "release", "number": "1", "reason": "ill"},
    ),
    ("item-compare", "get"): row(
        *MANAGERS, others=but(*MANAGERS), kwargs=at(pk="job", number=1, position=1)
    ),
    ("item-compare", "post"): row(
        *MANAGERS, ok=302, others=but(*MANAGERS), kwargs=at(pk="job", number=1, position=1),
        body=lambda n: {"vote": 1, "reason": "plain"},
    ),
    ("job-members", "get"): row(*ASSIGNERS, others=but(*ASSIGNERS), kwargs=JOB),
    ("job-members", "post"): row(*ASSIGNERS, ok=422, others=but(*ASSIGNERS), kwargs=JOB),
    ("package", "get"): row(*ASSIGNERS, others=but(*ASSIGNERS), kwargs=PACKAGE),
    ("package", "post"): row(*ASSIGNERS, ok=302, others=but(*ASSIGNERS), kwargs=PACKAGE),
    ("package-item", "get"): row(
        *MANAGERS, others=but(*MANAGERS), kwargs=at(pk="job", number=1, position=1)
    ),
    # --- work
    ("api-claim", "post"): row(*SIGNED_IN, body=lambda n: {}),
    ("api-job-claim", "post"): row(
        "labeler", "labeler2", others=but("labeler", "labeler2"), kwargs=JOB,
        body=lambda n: {"stage": "labeling"},
    ),
    ("api-assignments", "get"): row(*SIGNED_IN),
    ("api-assignment", "get"): row("labeler", *MANAGERS, kwargs=HELD),
    ("api-assignment-items", "get"): row("labeler", *MANAGERS, kwargs=HELD),
    ("api-assignment-item", "get"): row("labeler", *MANAGERS, kwargs=HELD_ITEM),
    ("api-assignment-item", "patch"): row(
        "labeler", others=but("labeler", among=MANAGERS), kwargs=HELD_ITEM,
        body=write(ops=[choice_op("k2")]), headers={"If-Match": '"1"'},
    ),
    ("api-assignment-item-abandon", "post"): row(
        "labeler", others=but("labeler", among=MANAGERS), kwargs=HELD_ITEM, body=write(reason="Invalid")
    ),
    ("api-assignment-item-restore", "post"): row(
        "labeler", others=but("labeler", among=MANAGERS), kwargs=HELD_ITEM, body=write()
    ),
    ("api-assignment-item-unlock", "post"): row(
        "labeler", others=but("labeler", among=MANAGERS), kwargs=HELD_ITEM, body=write()
    ),
    ("api-assignment-item-recognise", "post"): row(  # the site has nothing that reads
        "labeler", ok=409, others=but("labeler", among=MANAGERS), kwargs=HELD_ITEM,
        body=lambda n: {"question": "1", "shape": "rectangle", "points": [[0, 0], [1, 0], [1, 1]]},
    ),
    ("api-assignment-submit", "post"): row(
        "labeler", others=but("labeler", among=MANAGERS), kwargs=HELD, body=lambda n: {}
    ),
    ("api-assignment-release", "post"): row(
        "labeler", others=but("labeler", among=MANAGERS), kwargs=HELD, body=lambda n: {"reason": "ill"}
    ),
    ("api-assignment-pulse", "get"): row("labeler", *MANAGERS, kwargs=HELD),
    ("api-assignment-input", "post"): row(
        "labeler", others=but("labeler", among=MANAGERS), kwargs=HELD, body=lambda n: {"seconds": 3}
    ),
    ("api-assignment-item-pass", "post"): row(
        "checker", others=but("checker", among=MANAGERS), kwargs=CHECK_ITEM, body=write()
    ),
    ("api-assignment-item-adopt", "post"): row(  # nobody voted on it
        "checker", ok=400, others=but("checker", among=MANAGERS), kwargs=CHECK_ITEM, body=write(vote=1)
    ),
    ("api-assignment-item-reject", "post"): row(
        "checker", others=but("checker", among=MANAGERS), kwargs=CHECK_ITEM, body=write(feedback="no")
    ),
    ("api-assignment-pass-rest", "post"): row(
        "checker", others=but("checker", among=MANAGERS), kwargs=CHECK, body=lambda n: {}
    ),
    ("api-assignment-reject", "post"): row(
        "checker", others=but("checker", among=MANAGERS), kwargs=CHECK, body=lambda n: {"feedback": "no"}
    ),
    ("label", "get"): row("labeler", *MANAGERS, kwargs=at(assignment="held", position=1)),
    ("media", "get"): row(
        "labeler", *MANAGERS, ok=302, kwargs=at(assignment="held", position=1, field="source")
    ),
    ("package-media", "get"): row(
        *MANAGERS, ok=302, others=but(*MANAGERS),
        kwargs=at(pk="job", number=1, position=1, field="source"),
    ),
    # --- guides, questions, appeals
    ("api-job-guide", "get"): row(*IN_JOB, kwargs=JOB),
    ("api-job-guide", "put"): row(
        *MANAGERS, others=but(*MANAGERS), kwargs=JOB, body=lambda n: {"markdown": "# Rules"}
    ),
    ("api-job-guide-versions", "get"): row(*IN_JOB, kwargs=JOB),
    ("api-job-guide-confirm", "post"): row(
        *IN_JOB, ok=409, kwargs=JOB, body=lambda n: {"version": 9}  # there is no such version
    ),
    ("api-job-guide-confirmations", "get"): row(*ASSIGNERS, others=but(*ASSIGNERS), kwargs=JOB),
    ("api-job-guide-files", "post"): row(
        *MANAGERS, ok=201, others=but(*MANAGERS), kwargs=JOB, upload=True,
        body=lambda n: {"file": SimpleUploadedFile("a.jpg", JPEG)},
    ),
    ("job-guide-file", "get"): row(*IN_JOB, kwargs=at(pk="job", name="guide_file")),
    ("job-guide", "get"): row(*IN_JOB, kwargs=JOB),
    ("job-guide", "post"): row(*IN_JOB, ok=302, kwargs=JOB, body=lambda n: {"version": "9"}),
    ("job-guide-edit", "get"): row(*MANAGERS, others=but(*MANAGERS), kwargs=JOB),
    ("job-guide-edit", "post"): row(
        *MANAGERS, ok=302, others=but(*MANAGERS), kwargs=JOB,
        body=lambda n: {"markdown": "# Rules", "base": "0"},
    ),
    ("job-guide-preview", "post"): row(
        *MANAGERS, others=but(*MANAGERS), kwargs=JOB, body=lambda n: {"markdown": "# Rules"}
    ),
    ("job-questions", "get"): row(*IN_JOB, kwargs=JOB),
    ("job-questions", "post"): row(*IN_JOB, ok=302, kwargs=JOB, body=lambda n: {"text": "when?"}),
    ("job-question", "get"): row("labeler", *ASSIGNERS, kwargs=at(pk="job", thread="thread")),
    ("job-question", "post"): row(
        "labeler", *ASSIGNERS, ok=302, kwargs=at(pk="job", thread="thread"),
        body=lambda n: {"text": "that"},
    ),
    ("job-appeal", "get"): row("labeler2", *ASSIGNERS, kwargs=at(pk="job", appeal="appeal")),
    ("job-appeal", "post"): row(
        *ASSIGNERS, ok=302, others={"labeler2": 403}, kwargs=at(pk="job", appeal="appeal"),
        body=lambda n: {"decision": "dismiss", "note": "it is wrong"},
    ),
    ("api-job-answers", "get"): row(*IN_JOB, kwargs=JOB),
    ("api-assignment-item-flag", "get"): row("labeler", *MANAGERS, kwargs=HELD_ITEM),
    ("api-assignment-item-flag", "post"): row(
        "labeler", others=but("labeler", among=MANAGERS), kwargs=HELD_ITEM, body=write(text="a cat?")
    ),
    ("api-assignment-item-appeal", "post"): row(
        "labeler", ok=409, others=but("labeler", among=MANAGERS), kwargs=HELD_ITEM,  # nothing was judged
        body=lambda n: {"text": "it is"},
    ),
    ("api-threads", "get"): row(*SIGNED_IN),
    ("api-threads", "post"): row(
        *IN_JOB, ok=201, kwargs=at(), body=lambda n: {"job": n["job"], "text": "when?"}
    ),
    ("api-thread", "get"): row("labeler", *ASSIGNERS, kwargs=at(pk="thread")),
    ("api-thread-messages", "get"): row("labeler", *ASSIGNERS, kwargs=at(pk="thread")),
    ("api-thread-messages", "post"): row(
        "labeler", *ASSIGNERS, ok=201, kwargs=at(pk="thread"), body=lambda n: {"text": "soon"}
    ),
    ("api-thread-message-publish", "post"): row(
        *ASSIGNERS, others={"labeler": 403}, kwargs=at(pk="thread", message="message"),
        body=lambda n: {"publish": True},
    ),
    ("api-thread-close", "post"): row("labeler", *ASSIGNERS, kwargs=at(pk="thread")),
    ("api-appeals", "get"): row(*SIGNED_IN),
    ("api-appeal", "get"): row("labeler2", *ASSIGNERS, kwargs=at(pk="appeal")),
    ("api-appeal-decide", "post"): row(
        *ASSIGNERS, others={"labeler2": 403}, kwargs=at(pk="appeal"),
        body=lambda n: {"uphold": False, "note": "it is wrong"},
    ),
    # --- notices and webhooks
    ("notices", "get"): row(*SIGNED_IN),
    ("notices", "post"): row(*SIGNED_IN, ok=302, body=lambda n: {"mail": ["job_late"]}),
    ("notices-bell", "get"): row(*SIGNED_IN),
    ("webhooks", "get"): row("admin", "stranger", others=NO_HOOKS),
    ("webhooks", "post"): row("admin", "stranger", ok=302, others=NO_HOOKS, body=a_hook),
    ("webhook", "get"): row("admin", kwargs=at(pk="hook")),
    ("webhook", "post"): row("admin", ok=302, kwargs=at(pk="hook"), body=a_hook),
    ("job-webhooks", "get"): row(*MANAGERS, others=NOT_MANAGING, kwargs=JOB),
    ("job-webhooks", "post"): row(*MANAGERS, ok=302, others=NOT_MANAGING, kwargs=JOB, body=a_hook),
    ("api-notices", "get"): row(*SIGNED_IN),
    ("api-notices-count", "get"): row(*SIGNED_IN),
    ("api-notices-read", "post"): row(*SIGNED_IN, body=lambda n: {}),
    ("api-notices-preferences", "get"): row(*SIGNED_IN),
    ("api-notices-preferences", "put"): row(*SIGNED_IN, body=lambda n: {"mail": []}),
    ("api-webhooks", "get"): row(*SIGNED_IN),
    ("api-webhooks", "post"): row(
        *MANAGERS, ok=201, others=NOT_MANAGING, body=lambda n: {**a_hook(n), "job": n["job"]}
    ),
    ("api-webhook", "get"): row(*MANAGERS, kwargs=at(pk="job_hook")),
    ("api-webhook", "patch"): row(*MANAGERS, kwargs=at(pk="job_hook"), body=lambda n: {"name": "z"}),
    ("api-webhook", "delete"): row(*MANAGERS, ok=204, kwargs=at(pk="job_hook")),
    ("api-webhook-test", "post"): row("admin", ok=202, kwargs=at(pk="hook"), body=lambda n: {}),
    ("api-webhook-deliveries", "get"): row("admin", kwargs=at(pk="hook")),
    ("api-delivery-redeliver", "post"): row("admin", ok=202, kwargs=at(pk="delivery"), body=lambda n: {}),
    # --- acceptance lots
    ("job-lots", "get"): row("accepter", *ASSIGNERS, others=NOT_ACCEPTING, kwargs=JOB),
    ("job-lots", "post"): row(
        "accepter", ok=409, others=dict.fromkeys(ASSIGNERS, 403) | NOT_ACCEPTING, kwargs=JOB,
        body=lambda n: {"method": "rate", "amount": 10},
    ),
    ("job-lots-preview", "post"): row(
        "accepter", others=dict.fromkeys(ASSIGNERS, 403) | NOT_ACCEPTING, kwargs=JOB,
        body=lambda n: {"method": "rate", "amount": 10},
    ),
    ("lot", "get"): row("accepter", *ASSIGNERS, kwargs=at(pk="job", lot="lot")),
    ("lot", "post"): row(
        "accepter", others=dict.fromkeys(ASSIGNERS, 403), kwargs=at(pk="job", lot="lot"),
        body=lambda n: {"decision": "accept"},
    ),
    ("api-job-lots", "get"): row("accepter", *ASSIGNERS, others=NOT_ACCEPTING, kwargs=JOB),
    ("api-job-lots", "post"): row(
        "accepter", ok=409, others=dict.fromkeys(ASSIGNERS, 403) | NOT_ACCEPTING, kwargs=JOB,
        body=lambda n: {},
    ),
    ("api-job-lots-preview", "post"): row(
        "accepter", others=dict.fromkeys(ASSIGNERS, 403) | NOT_ACCEPTING, kwargs=JOB,
        body=lambda n: {},
    ),
    ("api-lot", "get"): row("accepter", *ASSIGNERS, kwargs=at(pk="lot")),
    ("api-lot-items", "get"): row("accepter", *ASSIGNERS, kwargs=at(pk="lot")),
    ("api-lot-effect", "get"): row(
        "accepter", *ASSIGNERS, kwargs=at(pk="lot"), query=lambda n: "?decision=accept"
    ),
    ("api-lot-close", "post"): row(
        "accepter", ok=202, others=dict.fromkeys(ASSIGNERS, 403), kwargs=at(pk="lot"),
        body=lambda n: {"decision": "accept", "confirm": 0},
    ),
    # --- verbs of the workflow
    ("api-job", "delete"): row(
        *ADMINS, ok=204, others=but(*ADMINS), kwargs=JOB, body=lambda n: {"name": n["job_row"].name}
    ),
    **{
        (f"api-job-{verb}", "post"): row(*MANAGERS, ok=ok, others=but(*MANAGERS), kwargs=JOB)
        for verb, ok in (
            ("pause", 200), ("resume", 200), ("offline", 200), ("online", 200), ("archive", 409),
            ("unarchive", 200), ("append", 409),
        )
    },
    ("api-job-restore", "post"): row(kwargs=JOB),  # it is not deleted
    ("api-job-clone", "get"): row(*MANAGERS, others=but(*MANAGERS), kwargs=JOB),
    ("api-job-events", "get"): row(*MANAGERS, others=but(*MANAGERS), kwargs=JOB),
    ("api-job-batch-close", "post"): row(*MANAGERS, others=but(*MANAGERS), kwargs=PACKAGE),
    ("api-job-packages-bulk", "post"): row(
        *ASSIGNERS, others=but(*ASSIGNERS), kwargs=JOB,
        body=lambda n: {"verb": "release", "numbers": [2], "confirm": 1, "reason": "ill"},
    ),
    ("api-job-package-transfer", "post"): row(
        *ASSIGNERS, others=but(*ASSIGNERS), kwargs=at(pk="job", number=2),
        body=lambda n: {"to": User.objects.get(username="labeler2").pk, "reason": "ill"},
    ),
    ("api-job-package-extend", "post"): row(
        *ASSIGNERS, others=but(*ASSIGNERS), kwargs=PACKAGE, body=lambda n: {"hours": 5}
    ),
    **{
        (f"api-job-package-{verb}", "post"): row(
            *MANAGERS, ok=ok, others=but(*MANAGERS), kwargs=at(pk="job", number=2),
            body=lambda n: {"reason": "ill", "stage": "labeling"},
        )
        for verb, ok in (("submit", 200), ("discard", 200), ("restore", 409), ("reopen", 409))
    },
    ("api-job-package-item-correct", "post"): row(
        *MANAGERS, others=but(*MANAGERS), kwargs=at(pk="job", number=1, position=1),
        body=lambda n: {"ops": [choice_op()], "reason": "plain"},
    ),
    ("api-job-package-item-abandon", "post"): row(
        *MANAGERS, others=but(*MANAGERS), kwargs=at(pk="job", number=1, position=1),
        body=lambda n: {"reason": "blank"},
    ),
    ("api-job-package-item-adopt", "post"): row(  # nobody voted on it
        *MANAGERS, ok=400, others=but(*MANAGERS), kwargs=at(pk="job", number=1, position=1),
        body=lambda n: {"vote": 1, "reason": "plain"},
    ),
    ("api-assignment-skip", "post"): row(
        "labeler", others=but("labeler", among=MANAGERS), kwargs=HELD, body=lambda n: {"reason": "ill"}
    ),
    ("api-assignment-withdraw", "post"): row(  # it has not been submitted
        "labeler", ok=409, others=but("labeler", among=MANAGERS), kwargs=HELD
    ),
    # --- figures
    **{
        (name, "get"): row(*ASSIGNERS, others=but(*ASSIGNERS), kwargs=JOB)
        for name in (
            "job-figures", "job-figures-csv", "api-job-figures", "api-job-figures-csv",
            "api-job-agreement",
        )
    },
    ("my-page", "get"): row(*SIGNED_IN),
    ("api-my-figures", "get"): row(*SIGNED_IN),
    ("api-my-pace", "get"): row(*SIGNED_IN),
    # --- exports
    ("api-exports", "get"): row(*SIGNED_IN),
    ("api-exports", "post"): row(
        *MANAGERS, ok=202, others=but(*MANAGERS),
        body=lambda n: {"job": n["job"], "format": "manifest", "scope": "all"},
    ),
    ("api-export", "get"): row(*IN_JOB, kwargs=at(pk="export")),
    ("api-export-file", "get"): row(*MANAGERS, others=but(*MANAGERS), kwargs=at(pk="export")),
    ("api-export-cancel", "post"): row(*MANAGERS, others=but(*MANAGERS), kwargs=at(pk="waiting")),
    ("exports", "get"): row(*SIGNED_IN),
    ("exports", "post"): row(
        *MANAGERS, ok=302, refused=422, body=lambda n: {"job": n["job"], "scope": "all", "key": "k"}
    ),
    ("export-cancel", "post"): row(
        *MANAGERS, ok=302, others=but(*MANAGERS), kwargs=at(pk="waiting")
    ),
}  # fmt: skip


def test_every_route_and_method_has_a_row():
    assert set(names_of(get_resolver().url_patterns)) == set(ACCESS)


@pytest.mark.parametrize("part", range(4))
def test_who_gets_what(world: World, part: int, monkeypatch: pytest.MonkeyPatch):
    """A quarter of the rows each, so that the world is built four times and not once a row."""
    # Who may have the schema is asked of ten people; making it takes two seconds.
    monkeypatch.setattr(SchemaGenerator, "get_schema", lambda *_args, **_more: {})
    wrong = []
    clients = {who: signed_in(user) for who, user in world.people.items()}
    for name, method in sorted(ACCESS)[part::4]:
        wanted = ACCESS[name, method]
        path = reverse(name, kwargs=wanted.kwargs(world.names)) + wanted.query(world.names)
        for who, client in clients.items():
            if name == "account_logout":  # it would sign out for the rows after it
                client = signed_in(world.people[who])
            status, written = ask(world, wanted, path, method, client)
            expected = wanted.status(who, page=not path.startswith("/api/"))
            if status != expected:
                wrong.append(f"{method} {name} by {who}: {status}, not {expected}")
            elif status in (401, 403, 404) and written:
                wrong.append(f"{method} {name} by {who}: {status}, but it wrote: {written[0]}")
    if wrong:
        pytest.fail("\n".join(wrong))


def signed_in(user: User | None) -> Client:
    client = Client(raise_request_exception=False)
    if user:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def ask(world: World, wanted: Row, path: str, method: str, client: Client) -> tuple[int, list[str]]:
    """The status of the answer, and the statements that changed rows; nothing of it stays."""
    options: dict[str, Any] = {"headers": wanted.headers}
    if method != "get":
        options["data"] = (wanted.body(world.names) if wanted.body else None) or {}
        if path.startswith("/api/") and not wanted.upload:
            options |= {"data": json.dumps(options["data"]), "content_type": "application/json"}
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        response = getattr(client, method)(path, **options)
        status = response.status_code
        if response.streaming:  # a download holds its seat until it has been read
            b"".join(response.streaming_content)
        transaction.set_rollback(True)
    return status, [q["sql"] for q in queries.captured_queries if WRITES.match(q["sql"] or "")]


#: Statements that change rows; sessions and the count of failed sign-ins are not what a route guards.
WRITES = re.compile(r'(INSERT INTO|UPDATE|DELETE FROM) "?(?!django_session)', re.IGNORECASE)


def test_a_refused_row_says_nothing_of_what_is_there(world: World):
    """What is hidden and what does not exist answer with the same words."""
    client = signed_in(world.people["stranger"])
    for name, existing in (
        ("api-job", "job"),
        ("api-dataset", "dataset"),
        ("api-assignment", "held"),
        ("api-export", "export"),
    ):
        there = client.get(reverse(name, kwargs={"pk": world.names[existing]}))
        missing = client.get(reverse(name, kwargs={"pk": 999_999}))
        assert (there.status_code, there.content) == (missing.status_code, missing.content)
        assert there.status_code == 404


def test_the_dataset_is_still_there(world: World):
    """The rows above run in transactions that are rolled back."""
    assert Dataset.objects.filter(pk=world.names["spare"], deleted_at=None).exists()
