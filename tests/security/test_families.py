"""The nine families of attacks that have cost other labeling platforms a CVE each, one class a family.

Who may reach what (the fourth family) is the table of tests/test_access.py. What one part does by itself is tested
beside it (paths, pictures, media, links); here the attack comes in where an attacker would send it.
"""

import ast
import io
import json
import os
import re
import stat
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as live
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from drf_spectacular.generators import SchemaGenerator
from PIL import Image

from accounts.models import ApiToken, OneTimeLink, User
from accounts.services.links import create_link
from accounts.services.tokens import create_token
from accounts.services.users import set_user_active
from datasets.models import Dataset
from datasets.services import images
from datasets.services.storages import default_storage, files_root, storage_root
from exports.services import build_export, request_export
from itag import home
from itag.core.clock import now
from jobs.models import Annotation, Appeal, Assignment, Delivery, Lot, NoticeEvent
from jobs.services.answers import save_item
from jobs.services.claim import claim_package
from jobs.services.deliveries import save_webhook
from jobs.services.guide_files import add_picture
from jobs.services.notices import tell
from jobs.services.talk import flag_item, post_message
from tests.datasets.helpers import finish, make, manifest, picture
from tests.factories import PASSWORD, choice_op, make_dataset, make_job, make_team, member

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parent.parent.parent
CODE = ("accounts", "datasets", "exports", "itag", "jobs", "templates_app")
#: Would run, or show, if it were ever taken for markup; ends script elements and attributes too.
MARKUP = "\"'></script><img src=x onerror=alert(1)><svg/onload=alert(2)>{{7*7}}"
#: What no page may hold of it.
RUNS = re.compile(r"<img src=x|<svg/onload|</script><img|<script>alert", re.IGNORECASE)


class World:
    """A workspace at work; all names in it that may hold markup do."""

    def __init__(self, workspace: Any) -> None:
        self.workspace = workspace
        self.admin = member(workspace, "admin", username="admin", name=MARKUP[:90])
        self.labeler = member(workspace, username="labeler", name=MARKUP[:90])
        workspace.name = MARKUP[:90]
        workspace.save()
        storage = default_storage(workspace)
        root = storage_root(storage)
        name = "<img src=x onerror=alert(1)>.png"
        rows = [{"source": name, "note": MARKUP, MARKUP[:90]: MARKUP}] * 4
        (root / name).write_bytes(picture("PNG", (64, 48)).getvalue())
        extra = json.dumps({"label-1": {"results": [MARKUP]}, MARKUP: MARKUP})
        self.dataset = make_dataset(
            rows, kind="image", workspace=workspace, storage=storage, created_by=self.admin,
            name=MARKUP[:90],
            fields=[{"name": n, "type": "image" if n == "source" else "text"} for n in rows[0]],
        )  # fmt: skip
        self.dataset.items.update(extra=extra)
        for item in self.dataset.items.all():
            item.media["source"].update(format="png", width=64, height=48)
            item.save()
        self.job = make_job(
            dataset=self.dataset, size=2, labelers=[self.labeler], description=MARKUP,
            managers=[self.admin], selected_questions=["1"],
            options={"1": [{"key": "k1", "label": MARKUP, "color": "#d22a1e", "shortcut": "1"},
                           {"key": "k2", "label": "b", "color": "#d22a1e", "shortcut": "2"}]},
        )  # fmt: skip
        held = claim_package(job=self.job, user=self.labeler, stage="labeling").assignment
        assert held is not None
        self.held = held
        save_item(
            assignment_id=self.held.pk, position=1, user=self.labeler, write=uuid.uuid4(),
            ops=[choice_op()], version=0,
        )  # fmt: skip
        self.export = request_export(job=self.job, user=self.admin)
        build_export(export_id=self.export.pk)
        self.talk()
        self.team = make_team(workspace, [self.labeler], name=MARKUP[:90])
        self.token = create_token(user=self.admin, name=MARKUP[:90])[0]
        self.link = create_link(
            purpose="invite", workspace=workspace, role="operator", actor=self.admin
        )
        self.invitation = OneTimeLink.objects.latest("pk")

    def talk(self) -> None:
        """A question with its answer, an appeal, a picture of the guide, a lot, a webhook with a delivery."""
        job, who = self.job, {"user": self.labeler}
        self.thread = flag_item(assignment_id=self.held.pk, position=1, text=MARKUP, **who)
        self.message = post_message(thread=self.thread, user=self.admin, text=MARKUP, publish=True)
        self.picture = add_picture(
            job=job,
            user=self.admin,
            file=picture("PNG", (8, 8)),
            size=len(picture("PNG", (8, 8)).getvalue()),
        )
        own = self.held.annotations.get(package_item__position=1)
        judging = Assignment.objects.create(
            job=job, package=self.held.package, round=1, stage="check", state="submitted", number=1,
            holder=self.admin, claimed_at=now(), submitted_at=now(),
        )  # fmt: skip
        verdict = Annotation.objects.create(
            package_item=own.package_item, assignment=judging, judged=own, author=self.admin,
            verdict="rejected", feedback=MARKUP,
        )  # fmt: skip
        self.appeal = Appeal.objects.create(
            job=job, annotation=verdict, author=self.labeler, text=MARKUP
        )
        self.lot = Lot.objects.create(
            job=job, accepter=self.admin, state="open", method="count", amount=1, note=MARKUP
        )
        self.hook = save_webhook(
            user=self.admin, workspace=self.workspace, name=MARKUP[:90], kind="webhook",
            url="https://example.org/", events=["job_late"],
        )  # fmt: skip
        self.delivery = Delivery.objects.create(
            webhook=self.hook, event="job_late", key="1", payload={"text": MARKUP}
        )
        tell(event=NoticeEvent.JOB_LATE, users=[self.admin], job=job, key=1)

    def arguments(self, name: str, wanted: set[str]) -> dict[str, Any]:
        """Something that is there for each part of an address."""
        rows: dict[str, Any] = {
            "workspace": self.workspace, "team": self.team, "teams": self.team, "dataset": self.dataset,
            "job": self.job, "export": self.export, "assignment": self.held, "token": self.token,
            "storage": self.dataset.storage, "label-template": self.job.template, "package": self.job,
            "user": self.labeler, "thread": self.thread, "appeal": self.appeal, "webhook": self.hook,
            "delivery": self.delivery, "item": self.job, "invitation": self.invitation,
            "lot": self.lot if name.startswith("api-") else self.job,
        }  # fmt: skip
        plain = name.removeprefix("api-").removeprefix("media-")
        found = {
            "workspace": self.workspace.pk,
            "user": self.labeler.pk,
            "number": 1,
            "position": 1,
            "ordinal": 1,
            "field": "source",
            "assignment": self.held.pk,
            "token": self.link,
            "uidb36": "1",
            "key": "wrong-key",
            "message": self.message.pk,
            "thread": self.thread.pk,
            "appeal": self.appeal.pk,
            "lot": self.lot.pk,
            "name": self.picture.name,
            "level": 0,
            "column": 0,
            "row": 0,
        }
        if "pk" in wanted:
            found["pk"] = next(
                row.pk
                for key, row in sorted(rows.items(), key=lambda one: -len(one[0]))
                if plain.startswith(key)
            )
        return {key: value for key, value in found.items() if key in wanted}


@pytest.fixture
def no_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    """The schema holds nothing of anybody and takes no name out of a request; making it takes two seconds."""
    monkeypatch.setattr(SchemaGenerator, "get_schema", lambda *_args, **_more: {})


@pytest.fixture
def world(workspace: Any) -> World:
    return World(workspace)


def routes(patterns: Any = None) -> Iterator[URLPattern]:
    """Every route but the administration's."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            if str(pattern.pattern) != "admin/":
                yield from routes(pattern.url_patterns)
        else:
            yield pattern


def addresses(world: World) -> list[str]:
    """An address of every route that answers GET."""
    found = []
    for route in routes():
        view: Any = route.callback
        actions = getattr(view, "actions", None)
        cls: Any = getattr(view, "view_class", getattr(view, "cls", None))
        if actions is not None:
            gets = "get" in actions
        else:
            gets = hasattr(cls, "get") and "get" in cls.http_method_names
        if not gets and route.name != "healthz":
            continue
        wanted = set(re.findall(r"<(?:\w+:)?(\w+)>", str(route.pattern)))
        if isinstance(route.pattern, re.Pattern) or "uidb36" in str(route.pattern):
            wanted = {"uidb36", "key"}
        found.append(reverse(str(route.name), kwargs=world.arguments(str(route.name), wanted)))
    assert len(found) > 50
    return found


def signed_in(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def upload(client: Client, workspace: Any, **fields: Any) -> Any:
    data = {"workspace": workspace.pk, "name": "d", "kind": "image", "origin": "upload", **fields}
    return client.post(reverse("api-datasets"), data)


def post_json(client: Client, path: str, value: Any, **more: Any) -> Any:
    text = value if isinstance(value, str | bytes) else json.dumps(value)
    return client.post(path, text, content_type="application/json", **more)


def is_safe_json(response: Any) -> bool:
    return (
        response.headers["Content-Type"].startswith("application/json")
        and response.headers["X-Content-Type-Options"] == "nosniff"
    )


class TestOutboundAddresses:
    """Nothing that stands in data is ever fetched."""

    @pytest.mark.parametrize(
        "address",
        [
            "http://169.254.169.254/latest/meta-data/a.png",
            "https://example.com/a.jpg",
            "HTTP://127.0.0.1:6379/a.png",
            "file:///etc/passwd",
            "file:///etc/a.png",
            "ftp://127.0.0.1/a.png",
            "gopher://127.0.0.1:6379/_a.png",
            "s3://bucket/a.png",
            "oss://bucket.endpoint/a.png",
            "//127.0.0.1/a.png",
            "http:/\\127.0.0.1/a.png",
            "data:image/png;base64,AAAA",
        ],
    )
    def test_media_at_an_address_is_refused(
        self, workspace: Any, admin_user: User, monkeypatch: pytest.MonkeyPatch, address: str
    ) -> None:
        import socket

        def connect(*_args: Any) -> None:
            raise AssertionError("somebody connects")

        for name in ("http.client.HTTPConnection.connect", "urllib.request.urlopen"):
            monkeypatch.setattr(name, connect)
        monkeypatch.setattr(socket, "create_connection", connect)
        made = make(
            workspace, admin_user, kind="image",
            manifest=manifest(json.dumps({"data": {"source": address}})),
        )  # fmt: skip
        assert made.state == "failed"
        assert made.item_count == 0

    def test_nothing_of_ours_speaks_http(self) -> None:
        """The server's code has no client for addresses; when it gets one, it is the guarded one, named here."""
        clients = {"requests", "httpx", "aiohttp", "urllib3", "urllib.request", "boto3", "ftplib"}
        found = {
            (path.relative_to(ROOT).as_posix(), name)
            for path in sources()
            for name in imported(path)
            if name in clients
        }
        ours = {one for one in found if not one[0].startswith(("itag/client/", "itag/demo/"))}
        assert ours == {("itag/core/outbound.py", "httpx")}


class TestInboundBytes:
    """What people upload and write is data: it never runs in our origin."""

    @pytest.mark.parametrize(
        "content",
        [
            b"<html><script>alert(1)</script></html>",
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
            b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><svg>&b;</svg>",
            b"%PDF-1.7 <script>alert(1)</script>",
        ],
    )
    def test_what_is_no_picture_is_none(
        self, workspace: Any, admin_user: User, content: bytes
    ) -> None:
        file = SimpleUploadedFile("a.png", content, content_type="image/png")
        response = upload(signed_in(admin_user), workspace, files=file)
        assert response.status_code == 201
        assert finish(Dataset.objects.get()).state == "failed"

    def test_a_polyglot_is_sent_as_a_picture_that_nobody_sniffs(
        self, workspace: Any, admin_user: User
    ) -> None:
        content = picture("PNG").getvalue() + b"<script>alert(1)</script>"
        client = signed_in(admin_user)
        upload(client, workspace, files=SimpleUploadedFile("a.html", content, "text/html"))
        dataset = finish(Dataset.objects.get())
        assert dataset.state == "ready"
        response = client.get(reverse("media-dataset", args=[dataset.pk, 1, "source"]), follow=True)
        assert response.headers["Content-Type"] == "image/png"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        policy = response.headers["Content-Security-Policy"]
        assert "sandbox" in policy
        assert "default-src 'none'" in policy

    def test_markup_is_text_on_every_page(self, world: World) -> None:
        faults = []
        for user in (world.admin, world.labeler):
            client = signed_in(user)
            for address in addresses(world):
                response = client.get(address)
                body = content(response)
                if not response.headers.get("Content-Type", "").startswith("text/html"):
                    continue
                if RUNS.search(body.decode()):
                    faults.append((user.username, address))
                if "Content-Security-Policy" not in response.headers:
                    faults.append((address, "no policy"))
        assert faults == []

    def test_the_labeling_page_starts_with_data_that_ends_no_script(self, world: World) -> None:
        page = signed_in(world.labeler).get(reverse("label", args=[world.held.pk, 1]))
        text = page.content.decode()
        assert MARKUP not in text
        found = re.search(r'<script id="bootstrap" type="application/json">(.*?)</script>', text)
        assert found
        boot = json.loads(found[1])
        assert boot["guide"] == MARKUP
        assert boot["item"]["data"]["note"] == MARKUP

    def test_what_was_asked_with_comes_back_as_text(self, world: World) -> None:
        client = signed_in(world.admin)
        for address in addresses(world):
            response = client.get(
                address, dict.fromkeys(("q", "search", "next", "role", "job", "path"), MARKUP)
            )
            body = content(response)
            if response.headers.get("Content-Type", "").startswith("text/html"):
                assert not RUNS.search(body.decode()), address

    def test_errors_are_json_that_nobody_takes_for_a_page(self, world: World) -> None:
        client = signed_in(world.admin)
        answers = [
            client.get("/api/v1/no-such-thing/<script>alert(1)</script>"),
            client.get(reverse("api-dataset", args=[2**62])),
            client.get(reverse("api-datasets"), {"kind": MARKUP, "cursor": MARKUP}),
            client.get(
                reverse("api-storage-folders", args=[world.dataset.storage_id]), {"path": MARKUP}
            ),
            post_json(client, reverse("api-jobs"), {MARKUP: MARKUP, "workspace": world.workspace.pk}),
            post_json(client, reverse("api-jobs"), {"workspace": MARKUP}),
            post_json(client, reverse("api-jobs"), "<script>alert(1)</script>"),
            post_json(
                client, reverse("api-datasets"), {"workspace": world.workspace.pk, "name": MARKUP, "kind": MARKUP}
            ),
            post_json(Client(), reverse("api-tokens"), {"username": MARKUP, "password": MARKUP}),
            Client().get(reverse("api-me"), headers={"Authorization": f"Bearer {MARKUP}"}),
            client.delete(reverse("api-me")),
            client.get(reverse("api-me"), headers={"Accept": "text/html"}),
        ]  # fmt: skip
        for response in answers:
            assert 200 <= response.status_code < 500
            assert is_safe_json(response), (response.request["PATH_INFO"], response.headers)

    def test_names_of_files_are_only_names(self, workspace: Any, admin_user: User) -> None:
        file = SimpleUploadedFile("a.png", picture("PNG").getvalue())
        name = "<img src=x onerror=alert(1)>.png"
        client = signed_in(admin_user)
        upload(client, workspace, files=file, paths=json.dumps([name]))
        dataset = finish(Dataset.objects.get())
        for page in (
            reverse("dataset", args=[dataset.pk]),
            reverse("dataset-item", args=[dataset.pk, 1]),
        ):
            assert not RUNS.search(client.get(page).content.decode())

    def test_no_code_of_ours_writes_markup_of_data(self) -> None:
        sinks = re.compile(
            r"innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|document\.write|\beval\(|new Function|srcdoc"
        )
        found = [
            path.relative_to(ROOT).as_posix()
            for path in (ROOT / "static" / "src").rglob("*.ts*")
            if ".test." not in path.name and sinks.search(path.read_text())
        ]
        # HTML that the server made from Markdown and cleaned: tests/jobs/test_guide.py and test_markdown_of_items.py
        # hold the corpora.
        assert sorted(found) == [
            "static/src/content/markdown.tsx",
            "static/src/panels/guide.tsx",
        ]
        safe = re.compile(r"\|\s*safe\b|autoescape off|\|\s*safeseq")
        pages = [
            path for app in CODE for path in (ROOT / app).rglob("*.html")
            if safe.search(path.read_text())
        ]  # fmt: skip
        assert pages == []


@pytest.mark.usefixtures("no_schema")
class TestNamesOfColumns:
    """No name out of a request reaches the ORM."""

    ORACLES = (
        "created_by__password__startswith",
        "workspace__name__startswith",
        "requested_by__password__regex",
        "user__api_tokens__digest__startswith",
        "id__in",
        "pk",
        "group__user__password",
    )

    def test_nothing_is_narrowed_by_a_name_that_is_not_offered(self, world: World) -> None:
        client = signed_in(world.admin)
        lists = [a for a in addresses(world) if a.startswith("/api/")]
        for address in lists:
            plain = client.get(address)
            content(plain)
            if plain.status_code != 200 or "results" not in (
                plain.json() if is_json(plain) else ()
            ):
                continue
            count = len(plain.json()["results"])
            for name in self.ORACLES:
                asked = client.get(address, {name: "zzzz"})
                content(asked)
                assert asked.status_code in (200, 400), (address, name)
                if asked.status_code == 200:
                    assert len(asked.json()["results"]) == count, (address, name)

    @pytest.mark.parametrize(
        "query",
        [
            {"ordering": "created_by__password"},
            {"ordering": "-user__password,?"},
            {"sort": "password", "order_by": "password", "fields": "password", "group": "password"},
            {"limit": "1e9"},
            {"limit": "-1"},
            {"limit": "9" * 400},
            {"cursor": "x"},
            {"cursor": "cD1hYmM="},  # p=abc
            {"cursor": "cD0lMDA="},  # p=%00
            {"cursor": "bz0tMSZwPTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"},  # o=-1&p=999…
            {"cursor": "cj0xJnA9LTEmbz05OTk5OTk5OTk5"},  # r=1&p=-1&o=9999999999
            {"cursor": "\0"},
            {"workspace": "1e30"},
            {"workspace": "9" * 40},
            {"workspace": "NaN"},
            {"workspace": "-1.5"},
            {"workspace": "\0"},
            {"job": "1e49", "state": "\0", "stage": "\0", "kind": "\0", "mine": "\0"},
            {"key": "\0", "category": "\0", "search": "\0", "q": "\0", "path": "\0"},
            {"job": "0" * 25 + "9" * 60, "before": "0" * 25 + "9" * 60, "after": "9" * 60},
            {"first": "9" * 4000, "limit": "9" * 4000},
            {"first": "٣", "limit": "²", "before": "²", "after": "²", "job": "²"},
            {"size": "\0", "part": "\0", "role": "\0"},
        ],
    )
    def test_nonsense_is_refused_or_passed_over(self, world: World, query: dict[str, str]) -> None:
        client = signed_in(world.admin)
        failed = []
        for address in addresses(world):
            response = client.get(address, query)
            content(response)
            if response.status_code >= 500 and address != "/healthz":
                failed.append(address)
        assert failed == []

    def test_a_page_has_two_hundred_rows_at_most(self, workspace: Any, admin_user: User) -> None:
        dataset = make_dataset(230, workspace=workspace, created_by=admin_user)
        for limit in ("1000000", "1e9", "201"):
            response = signed_in(admin_user).get(
                reverse("api-dataset-items", args=[dataset.pk]), {"limit": limit}
            )
            assert len(response.json()["results"]) <= 200


class TestPaths:
    """Names of files lead nowhere but into the folder that they are meant for."""

    NAMES = (
        "../a.png",
        "b/../../a.png",
        "/etc/a.png",
        "C:\\a.png",
        "..\\..\\a.png",
        "a\0.png",
        "a\n.png",
        "x" * 300 + ".png",
        "d/" * 600 + "a.png",
        "\u202e../a.png/..",
        "..",
        "",
        "\ud800.png",
    )

    @pytest.mark.parametrize("name", NAMES)
    def test_uploads(self, workspace: Any, admin_user: User, tmp_path: Path, name: str) -> None:
        before = outside(tmp_path)
        file = SimpleUploadedFile("a.png", picture("PNG").getvalue())
        response = upload(signed_in(admin_user), workspace, files=file, paths=json.dumps([name]))
        assert response.status_code == 400, response.content
        assert not Dataset.objects.exists()
        assert outside(tmp_path) == before
        assert list((files_root() / "incoming").iterdir()) == []

    @pytest.mark.parametrize(
        "name", ["．．／a.png", "‥/a.png", "a..%2f..%2fb.png", "a/" * 400 + "a.png"]
    )
    def test_names_that_only_look_dangerous(
        self, workspace: Any, admin_user: User, tmp_path: Path, name: str
    ) -> None:
        file = SimpleUploadedFile("a.png", picture("PNG").getvalue())
        response = upload(signed_in(admin_user), workspace, files=file, paths=json.dumps([name]))
        assert response.status_code == 201, response.content
        dataset = finish(Dataset.objects.get())
        assert dataset.state in ("ready", "failed")
        assert dataset.storage is not None
        for item in dataset.items.all():
            place = (storage_root(dataset.storage) / item.media["source"]["path"]).resolve()
            assert storage_root(dataset.storage) in place.parents

    @pytest.mark.parametrize(
        "path", ["../secret.png", "/{}/secret.png", "in/../../secret.png", "link.png", "to/secret.png", "a\0.png"]
    )  # fmt: skip
    def test_paths_in_a_manifest(
        self, workspace: Any, admin_user: User, tmp_path: Path, path: str
    ) -> None:
        root = storage_root(default_storage(workspace))
        hidden = tmp_path / "secret.png"
        hidden.write_bytes(picture("PNG").getvalue())
        (root.parent / "secret.png").write_bytes(hidden.read_bytes())
        (root / "link.png").symlink_to(hidden)
        (root / "to").symlink_to(tmp_path)
        source = path.format(str(tmp_path).strip("/"))
        made = make(
            workspace, admin_user, kind="image",
            manifest=manifest(json.dumps({"data": {"source": source}})),
        )  # fmt: skip
        assert (made.state, made.item_count) == ("failed", 0)

    @pytest.mark.parametrize("prefix", ["..", "a/../..", "/", "/etc", "link", "a\0", "x" * 5000])
    def test_the_folder_of_an_import(
        self, workspace: Any, admin_user: User, tmp_path: Path, prefix: str
    ) -> None:
        storage = default_storage(workspace)
        (storage_root(storage) / "link").symlink_to(tmp_path)
        response = upload(
            signed_in(admin_user), workspace, origin="folder", storage=storage.pk, prefix=prefix
        )
        if prefix == "/":  # is the storage's own root
            assert response.status_code == 201
        else:
            assert response.status_code == 400, response.content
        listing = signed_in(admin_user).get(
            reverse("api-storage-folders", args=[storage.pk]), {"path": prefix}
        )
        assert listing.status_code == (200 if prefix == "/" else 404)

    @pytest.mark.parametrize(
        "root", ["/", "/etc", "..", "../..", "incoming", "incoming/x", "link", "a\0", "x" * 5000, "/proc/self/root"]
    )  # fmt: skip
    def test_roots_of_storages(
        self, workspace: Any, admin_user: User, tmp_path: Path, root: str
    ) -> None:
        (files_root() / "link").symlink_to("/etc")
        response = post_json(
            signed_in(admin_user), reverse("api-storages"),
            {"workspace": workspace.pk, "name": "s", "root": root},
        )  # fmt: skip
        assert response.status_code == 400, response.content

    def test_another_workspace_s_files(
        self, workspace: Any, admin_user: User, stranger: User
    ) -> None:
        theirs = default_storage(stranger.memberships.get().workspace)
        storage_root(theirs)
        for root in (theirs.root, str(storage_root(theirs)), f"x/../{theirs.root}"):
            response = post_json(
                signed_in(admin_user), reverse("api-storages"),
                {"workspace": workspace.pk, "name": "s", "root": root},
            )  # fmt: skip
            assert response.status_code == 400, root
        response = upload(
            signed_in(admin_user), workspace, origin="folder", storage=theirs.pk, prefix=""
        )
        assert response.status_code == 400

    def test_exports(self, world: World, tmp_path: Path) -> None:
        (tmp_path / "secret").write_text("secret")
        client = signed_in(world.admin)
        for file in ("../secret", str(tmp_path / "secret"), "", ".", "\0"):
            type(world.export).objects.filter(pk=world.export.pk).update(
                file=file.replace("\0", "x")
            )
            assert client.get(reverse("api-export-file", args=[world.export.pk])).status_code == 404

    def test_the_name_of_an_export_is_no_header(self, world: World) -> None:
        response = signed_in(world.admin).get(reverse("api-export-file", args=[world.export.pk]))
        content(response)
        said = response.headers["Content-Disposition"]
        assert said.startswith("attachment")
        assert "\n" not in said
        assert "/" not in said.split("filename", 1)[1].replace("UTF-8''", "")


class TestReadingChangesNothing:
    """GET writes nothing; what writes wants a CSRF token or a bearer token."""

    WRITES = re.compile(
        r"^\s*(?:INSERT|UPDATE|DELETE|WITH .*(?:INSERT|UPDATE|DELETE))", re.I | re.S
    )

    def test_get_writes_nothing(self, world: World) -> None:
        written = []
        for user in (world.admin, world.labeler):
            client = signed_in(user)
            for address in addresses(world):
                with CaptureQueriesContext(connection) as queries:
                    content(client.get(address))
                written += [
                    (address, query["sql"][:200])
                    for query in queries
                    if self.WRITES.match(query["sql"] or "")
                    and "django_session" not in query["sql"]
                ]
        assert written == []
        assert OneTimeLink.objects.get().used_at is None

    def test_leaving_is_no_link(self, admin_user: User) -> None:
        client = signed_in(admin_user)
        client.get(reverse("account_logout"))
        assert client.get(reverse("api-me")).status_code == 200

    def test_a_session_needs_the_csrf_token(self, world: World) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(world.admin, backend="django.contrib.auth.backends.ModelBackend")
        asked = 0
        for route in routes():
            actions = getattr(route.callback, "actions", None) or {}
            for method in {"post", "put", "patch", "delete"} & set(actions):
                wanted = set(re.findall(r"<(?:\w+:)?(\w+)>", str(route.pattern)))
                address = reverse(str(route.name), kwargs=world.arguments(str(route.name), wanted))
                if route.name == "api-tokens":  # signs in: looks at no cookie
                    continue
                answer = getattr(client, method)(address, "{}", content_type="application/json")
                assert answer.status_code == 403, (method, address)
                asked += 1
        assert asked > 20
        assert client.post(reverse("workspace-choose"), {"workspace": 1}).status_code == 403

    def test_a_token_that_may_only_read(self, world: World) -> None:
        _row, secret = create_token(user=world.admin, scopes=["read"])
        headers = {"Authorization": f"Bearer {secret}"}
        client = Client()
        assert client.get(reverse("api-me"), headers=headers).status_code == 200
        answer = post_json(
            client, reverse("api-teams"),
            {"workspace": world.workspace.pk, "name": "t", "members": []}, headers=headers,
        )  # fmt: skip
        assert answer.status_code == 403


class TestNoCodeFromData:
    """No pickle, no eval, no YAML, no XML: JSON alone is read."""

    FORBIDDEN = frozenset(
        ("pickle", "cPickle", "dill", "cloudpickle", "jsonpickle", "shelve", "marshal", "yaml", "xml", "lxml", "joblib",
         "torch")
    )  # fmt: skip

    def test_imports(self) -> None:
        found = [
            (path.relative_to(ROOT).as_posix(), name)
            for path in sources()
            for name in imported(path)
            if name.split(".")[0] in self.FORBIDDEN
        ]
        assert found == []

    def test_calls(self) -> None:
        found = []
        for path in sources():
            for node in ast.walk(ast.parse(path.read_text())):
                if not isinstance(node, ast.Call):
                    continue
                name = ast.unparse(node.func)
                shell = any(
                    k.arg == "shell" and getattr(k.value, "value", None) for k in node.keywords
                )
                if (
                    name in {"eval", "exec", "compile", "os.system", "os.popen", "__import__"}
                    or shell
                ):
                    found.append((path.relative_to(ROOT).as_posix(), node.lineno, name))
        assert found == []

    def test_messages_and_sessions_are_json(self) -> None:
        assert live.CELERY_TASK_SERIALIZER == "json"
        assert live.CELERY_ACCEPT_CONTENT == ["json"]
        assert live.SESSION_SERIALIZER.endswith("JSONSerializer")


class TestSecrets:
    """Secrets are made, not defaulted; kept as hashes; shown once."""

    def test_the_key_is_made_once_and_nobody_else_reads_it(self, tmp_path: Path) -> None:
        first = home.secret("secret-key", base=tmp_path / "home")
        assert home.secret("secret-key", base=tmp_path / "home") == first
        assert home.secret("secret-key", base=tmp_path / "other") != first
        assert len(first) >= 50
        for path, mode in (
            (tmp_path / "home", 0o700),
            (tmp_path / "home" / "secrets", 0o700),
            (tmp_path / "home" / "secrets" / "secret-key", 0o600),
        ):
            assert stat.S_IMODE(path.stat().st_mode) == mode

    @pytest.mark.parametrize(
        "key", ["changeme", "secret", "django-insecure-" + "k3!" * 20, "x" * 64, "abc" * 9]
    )
    def test_a_key_that_others_know_or_guess_is_refused(self, tmp_path: Path, key: str) -> None:
        env = {
            **os.environ, "SECRET_KEY": key, "ITAG_HOME": str(tmp_path), "ITAG_OFFLINE": "1",
            "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-c", "import itag.settings"],
            env=env, capture_output=True, text=True, cwd=tmp_path, check=False,
        )  # fmt: skip
        assert done.returncode != 0
        assert "SECRET_KEY" in done.stderr
        assert f"\n{key}\n" not in done.stderr

    def test_tokens_and_links_are_kept_as_hashes(self, world: World) -> None:
        row, secret = create_token(user=world.admin)
        assert secret not in json.dumps(
            ApiToken.objects.filter(pk=row.pk).values().get(), default=str
        )
        kept = OneTimeLink.objects.values().get()
        assert world.link not in json.dumps(kept, default=str)

    def test_no_answer_holds_a_secret(self, world: World) -> None:
        client = signed_in(world.admin)
        root = signed_in(User.objects.create_superuser("root", "a long enough password"))
        _row, secret = create_token(user=world.admin)
        hidden = [live.SECRET_KEY, world.admin.password, world.labeler.password, secret]
        hidden += [*ApiToken.objects.values_list("digest", flat=True)]
        hidden += [*OneTimeLink.objects.values_list("digest", flat=True)]
        places = [(client, address) for address in addresses(world)]
        for model in ("user", "apitoken", "onetimelink", "membership", "workspace"):
            places.append((root, f"/admin/accounts/{model}/"))
        places += [
            (root, f"/admin/accounts/user/{world.admin.pk}/change/"),
            (root, f"/admin/accounts/apitoken/{world.token.pk}/change/"),
            (root, f"/admin/accounts/onetimelink/{OneTimeLink.objects.get().pk}/change/"),
        ]
        for who, address in places:
            response = who.get(address)
            body = content(response).decode(errors="replace")
            assert not [one for one in hidden if one and one in body], address

    def test_an_error_says_nothing_of_the_inside(self, world: World, monkeypatch: Any) -> None:
        def broken(*_args: Any, **_more: Any) -> None:
            raise RuntimeError(f"inside {live.SECRET_KEY}")

        monkeypatch.setattr("accounts.api.views.person", broken)
        response = signed_in(world.admin).get(reverse("api-me"))
        assert response.status_code == 500
        assert "inside" not in response.content.decode()
        assert str(ROOT) not in response.content.decode()

    def test_links_of_media_are_not_signed_for_other_purposes(self, world: World) -> None:
        """Another signature of the same key opens no file."""
        value = signing.Signer(sep=".").sign("WzEsInNvdXJjZSIsInZpZXciLDk5OTk5OTk5OTldCg")
        assert Client().get(reverse("media-file", args=[value])).status_code == 404


class TestLimits:
    """Nothing small that comes in becomes large."""

    @override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=100_000)
    @pytest.mark.parametrize("name", ["api-jobs", "api-tokens", "api-datasets", "api-teams"])
    def test_a_large_json_body(self, world: World, name: str) -> None:
        body = json.dumps({"name": "x" * 200_000})
        response = post_json(signed_in(world.admin), reverse(name), body)
        assert response.status_code in (400, 413)
        assert is_safe_json(response)

    @pytest.mark.parametrize(
        "body",
        [
            "[" * 100_000,
            "[" * 100_000 + "]" * 100_000,
            '{"a":' * 50_000 + "1" + "}" * 50_000,
            '{"workspace":' + "9" * 5000 + "}",
            '{"workspace":1e999999}',
            '{"workspace":NaN,"name":Infinity}',
            '{"username":"\\ud800","password":"\\ud800","name":"\\ud800"}',
            '{"username":"\\u0000","password":"\\u0000","name":"\\u0000"}',
            b"\xff\xfe",
        ],
    )  # fmt: skip
    def test_json_made_to_hurt(self, world: World, body: Any) -> None:
        client = signed_in(world.admin)
        for name in ("api-jobs", "api-jobs-preview", "api-tokens", "api-datasets", "api-teams", "api-users",
                     "api-claim", "api-exports", "api-storages"):  # fmt: skip
            response = post_json(client, reverse(name), body)
            assert 400 <= response.status_code < 500 or name == "api-claim", (
                name,
                response.status_code,
            )
            assert response.status_code < 500, name
            assert is_safe_json(response)
        address = reverse("api-assignment-item", args=[world.held.pk, 1])
        answer = signed_in(world.labeler).patch(
            address, body, content_type="application/json", headers={"If-Match": '"1"'}
        )
        assert answer.status_code == 400

    def test_numbers_of_thousands_of_digits(self, world: World) -> None:
        client = signed_in(world.admin)
        long = "9" * 5000
        fields = {
            "workspace": world.workspace.pk, "name": "j", "dataset": long, "template": long, "workflow": "labeling",
            "members": {"labeling": {"users": [long], "teams": [long]}},
        }  # fmt: skip
        assert post_json(client, reverse("api-jobs"), fields).status_code == 400
        fields["workspace"] = long
        assert post_json(client, reverse("api-jobs"), fields).status_code == 400
        assert client.post(reverse("workspace-choose"), {"workspace": long}).status_code == 404
        form = {"workflow": "labeling", "users-labeling": [long], "teams-labeling": [long]}
        for address in (reverse("job-new"), reverse("job-members", args=[world.job.pk])):
            assert client.post(address, form).status_code < 500

    @override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=100_000)
    def test_files_sent_to_a_page_that_takes_none(self, tmp_path: Path, settings: Any) -> None:
        """Anybody may post to the sign-in page; what they send must fill neither memory nor disk."""
        settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
        client = Client(raise_request_exception=False)
        many = [SimpleUploadedFile(f"{n}.bin", b"x" * 10_000) for n in range(50)]
        response = client.post(reverse("account_login"), {"login": "a", "files": many})
        assert response.status_code in (400, 413)
        few = client.post(
            reverse("account_login"), {"login": "a", "file": SimpleUploadedFile("a", b"x")}
        )
        assert few.status_code == 200
        assert few.wsgi_request.FILES == {}

    def test_a_hundred_thousand_labels(self, world: World) -> None:
        fields = {
            "workspace": world.workspace.pk, "name": "j", "dataset": world.dataset.pk,
            "template": world.job.template_id, "workflow": "labeling",
            "options": {"1": [{"label": str(n)} for n in range(100_000)]},
        }  # fmt: skip
        response = post_json(signed_in(world.admin), reverse("api-jobs"), fields)
        assert response.status_code in (400, 413)
        assert len(response.content) < 10_000
        lines = "\n".join(str(n) for n in range(100_000))
        form = {"name": "j", "workflow": "labeling", "options-1": lines, "options": lines}
        assert signed_in(world.admin).post(reverse("job-new"), form).status_code in (400, 422)

    def test_many_operations_in_one_save(self, world: World) -> None:
        address = reverse("api-assignment-item", args=[world.held.pk, 1])
        body = {"write": str(uuid.uuid4()), "ops": [choice_op()] * 100_000}
        response = signed_in(world.labeler).patch(
            address, json.dumps(body), content_type="application/json", headers={"If-Match": '"1"'}
        )
        assert response.status_code in (400, 413)

    def test_long_texts(self, world: World) -> None:
        client = signed_in(world.labeler)
        item = [world.held.pk, 1]
        write = str(uuid.uuid4())
        long = "x" * 100_000
        for address, body in (
            (reverse("api-assignment-item-abandon", args=item), {"write": write, "reason": long}),
            (reverse("api-assignment-release", args=[world.held.pk]), {"reason": long}),
            (reverse("api-assignment-item-reject", args=item), {"write": write, "feedback": long}),
            (reverse("api-assignment-reject", args=[world.held.pk]), {"feedback": long}),
            (reverse("api-exports"), {"job": world.job.pk, "idempotency_key": long}),
        ):
            assert post_json(client, address, body).status_code == 400, address
        number, admin = [world.job.pk, 1], signed_in(world.admin)
        response = post_json(
            admin, reverse("api-job-package-release", args=number), {"reason": long}
        )
        assert response.status_code == 400
        response = post_json(
            admin, reverse("api-jobs"), {"workspace": world.workspace.pk, "description": long}
        )
        assert response.status_code == 400

    def test_a_picture_that_unpacks_to_gigabytes(self, workspace: Any, admin_user: User) -> None:
        file = io.BytesIO()
        Image.new("1", (20_000, 20_000)).save(file, "PNG")
        assert len(file.getvalue()) < 200_000
        client = signed_in(admin_user)
        upload(client, workspace, files=SimpleUploadedFile("bomb.png", file.getvalue()))
        made = finish(Dataset.objects.get())
        assert (made.state, made.item_count) == ("failed", 0)

    def test_a_progressive_jpeg_is_held_whole(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Its decoder keeps all coefficients of the full size, however small a copy is asked for."""
        monkeypatch.setattr(images, "MAX_COPY_PIXELS", 160 * 160)
        file = io.BytesIO()
        Image.new("RGB", (640, 640)).save(file, "JPEG", progressive=True)
        file.seek(0)
        with pytest.raises(images.NotAnImage, match="too large"):
            images.thumbnail(file, 64)


class TestPeople:
    """Signing in, sessions, tokens and rights under attack."""

    THROTTLED = {"token": "3/min", "token_address": "30/min"}

    def test_guessing_is_slowed_down_however_the_name_is_spelled(
        self, labeler: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from accounts.api.throttles import TokenAddressThrottle, TokenThrottle

        for throttle in (TokenThrottle, TokenAddressThrottle):
            monkeypatch.setattr(throttle, "THROTTLE_RATES", self.THROTTLED)
        names = ["lars", "LARS", " lars ", "Lars", "lar\u017f", "LAR\u017f"]
        statuses = [
            post_json(Client(), reverse("api-tokens"), {"username": n, "password": "x"}).status_code
            for n in names
        ]
        assert statuses == [401, 401, 401, 429, 429, 429]
        # Whoever claims to come from elsewhere still is where they are.
        answer = post_json(
            Client(), reverse("api-tokens"), {"username": "lars", "password": "x"},
            headers={"X-Forwarded-For": "203.0.113.9"},
        )  # fmt: skip
        assert answer.status_code == 429

    def test_signing_in_makes_a_new_session(self, labeler: User) -> None:
        client = Client()
        client.get(reverse("account_login"))
        client.session.save()
        session = client.session
        session["planted"] = True
        session.save()
        client.cookies["sessionid"] = str(session.session_key)
        response = client.post(reverse("account_login"), {"login": "lars", "password": PASSWORD})
        assert response.status_code == 302
        assert client.cookies["sessionid"].value != session.session_key

    @pytest.mark.parametrize(
        "target",
        ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "\thttps://evil.example",
         "https:///evil.example", "////evil.example"],
    )  # fmt: skip
    def test_nobody_is_sent_elsewhere(self, labeler: User, target: str) -> None:
        client = Client()
        answers = [
            client.post(reverse("language"), {"language": "en", "next": target}),
            client.post(reverse("theme"), {"theme": "dark", "next": target}),
            client.post(
                reverse("account_login"), {"login": "lars", "password": PASSWORD, "next": target}
            ),
            client.post(reverse("account_logout"), {"next": target}),
        ]
        for response in answers:
            assert response.status_code == 302
            assert "evil" not in response.headers["Location"]
            assert "javascript" not in response.headers["Location"]

    def test_other_host_names_are_refused(self, labeler: User) -> None:
        labeler.email = "lars@example.com"
        labeler.save()
        client = Client(raise_request_exception=False)
        for host in ("evil.example", "localhost:80@evil.example"):
            with override_settings(ALLOWED_HOSTS=["localhost"]):
                response = client.post(
                    reverse("account_reset_password"), {"email": labeler.email}, HTTP_HOST=host
                )
            assert response.status_code == 400
        with override_settings(ALLOWED_HOSTS=["localhost"]):
            response = client.get(
                reverse("account_login"),
                HTTP_HOST="localhost",
                HTTP_X_FORWARDED_HOST="evil.example",
            )
        assert b"evil.example" not in response.content

    def test_a_closed_account_is_out_at_once(self, labeler: User) -> None:
        root = User.objects.create_superuser("root", "a long enough password")
        client = signed_in(labeler)
        _row, secret = create_token(user=labeler)
        headers = {"Authorization": f"Bearer {secret}"}
        assert Client().get(reverse("api-me"), headers=headers).status_code == 200
        set_user_active(user=labeler, active=False, actor=root)
        assert client.get(reverse("api-me")).status_code == 401
        assert client.get("/").status_code == 302
        assert Client().get(reverse("api-me"), headers=headers).status_code == 401

    def test_a_new_password_ends_tokens_and_other_sessions(self, labeler: User) -> None:
        """Who changes a password because somebody knows it wants that somebody out."""
        mine, theirs = signed_in(labeler), signed_in(labeler)
        _row, secret = create_token(user=labeler)
        fields = {
            "oldpassword": PASSWORD,
            "password1": "quite another one",
            "password2": "quite another one",
        }
        assert mine.post(reverse("account_change_password"), fields).status_code == 302
        assert mine.get(reverse("api-me")).status_code == 200
        assert theirs.get(reverse("api-me")).status_code == 401
        answer = Client().get(reverse("api-me"), headers={"Authorization": f"Bearer {secret}"})
        assert answer.status_code == 401

    @pytest.mark.parametrize("role", ["leader", "label_admin", "operator"])
    def test_nobody_raises_themselves(self, workspace: Any, admin_user: User, role: str) -> None:
        person = member(workspace, role, username="climber")
        client = signed_in(person)
        for user in (person, admin_user):
            address = reverse("api-member", args=[workspace.pk, user.pk])
            for wanted in ("admin", "label_admin"):
                answer = client.put(
                    address, json.dumps({"role": wanted}), content_type="application/json"
                )
                assert answer.status_code in (403, 404)
            assert client.delete(address).status_code in (403, 404)
            page = client.post(reverse("member", args=[user.pk]), {"role": "admin", "active": "on"})
            assert page.status_code in (403, 422)
        made = post_json(
            client, reverse("api-users"),
            {"workspace": workspace.pk, "username": "helper", "password": "a long enough one", "role": "admin"},
        )  # fmt: skip
        assert made.status_code == 403
        client.post(reverse("invitations"), {"role": "admin", "days": "7"})
        assert not OneTimeLink.objects.exists()
        person.refresh_from_db()
        assert person.memberships.get().role == role

    def test_fields_that_are_not_offered_are_not_taken(
        self, workspace: Any, admin_user: User
    ) -> None:
        client = signed_in(admin_user)
        made = post_json(
            client, reverse("api-users"),
            {"workspace": workspace.pk, "username": "helper", "password": "a long enough one", "role": "admin",
             "is_superuser": True, "is_staff": True, "is_demo": True},
        )  # fmt: skip
        assert made.status_code == 201
        client.post(reverse("account"), {"name": "a", "is_superuser": "on", "is_staff": "on"})
        assert not User.objects.filter(is_superuser=True).exists()
        assert not User.objects.filter(is_staff=True).exists()

    def test_staff_without_superuser_change_no_account(self, workspace: Any, labeler: User) -> None:
        staff = member(workspace, "admin", username="staff", is_staff=True)
        client = signed_in(staff)
        own = f"/admin/accounts/user/{staff.pk}"
        client.post(f"{own}/change/", {"username": "staff", "is_superuser": "on", "is_staff": "on"})
        client.post(
            f"/admin/accounts/user/{labeler.pk}/password/",
            {"password1": "quite another one", "password2": "quite another one", "usable_password": "true"},
        )  # fmt: skip
        client.post(
            "/admin/accounts/user/add/", {"username": "new", "password1": "quite another one"}
        )
        client.post(
            "/admin/accounts/user/", {"action": "close_accounts", "_selected_action": [labeler.pk]}
        )
        staff.refresh_from_db()
        labeler.refresh_from_db()
        assert not staff.is_superuser
        assert labeler.is_active
        assert labeler.check_password(PASSWORD)
        assert not User.objects.filter(username="new").exists()
        for query in (
            "password__startswith=p",
            "api_tokens__digest__startswith=a",
            "is_superuser__exact=1",
        ):
            assert client.get(f"/admin/accounts/user/?{query}").status_code in (200, 302, 400)
        assert client.get("/admin/accounts/user/?password__startswith=p").status_code != 200
        assert client.get("/admin/accounts/apitoken/").status_code == 403


def sources() -> list[Path]:
    """Our own Python."""
    return [path for app in CODE for path in sorted((ROOT / app).rglob("*.py"))]


def imported(path: Path) -> Iterator[str]:
    """The modules that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def content(response: Any) -> bytes:
    """The whole body; read to its end, a download gives its seat back."""
    body: bytes = b"".join(response) if response.streaming else response.content
    return body


def is_json(response: Any) -> bool:
    return response.headers.get("Content-Type", "").startswith("application/json")


def outside(folder: Path) -> set[str]:
    """Files that do not lie among the incoming ones."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if "incoming" not in path.parts and path.is_file()
    }
