"""The API of datasets: shapes, who may what, limits of requests."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.grants import grant
from accounts.services.tokens import create_token
from datasets.api import uploads
from datasets.models import Dataset, ImportRun, Storage
from datasets.services.storages import files_root, incoming_root
from tests.datasets.helpers import finish, make, manifest, picture
from tests.factories import make_dataset, make_job, member

pytestmark = pytest.mark.django_db

LIST = "/api/v1/datasets"


def named(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def form(workspace: Any, **fields: Any) -> dict[str, Any]:
    return {
        "workspace": workspace.pk,
        "name": "d",
        "kind": "text",
        "origin": "manifest",
        "manifest": named("d.manifest", b'{"data":{"source":"a"},"label-1":{"results":[1.50]}}\n'),
        **fields,
    }


def post(client: Any, path: str, data: dict[str, Any]) -> Any:
    return client.post(path, data, format="multipart")


def incoming() -> list[str]:
    return [path.name for path in incoming_root().iterdir()]


# --- making -------------------------------------------------------------------------------------------------------


def test_a_dataset_from_a_manifest(workspace: Any, admin_user: Any, api: Any) -> None:
    response = post(api(admin_user), LIST, form(workspace))
    assert response.status_code == 201, response.json()
    made = response.json()
    assert set(made) == {
        "id", "workspace", "name", "kind", "origin", "state", "version", "item_count", "fields", "digest",
        "storage", "prefix", "created_at", "created_by", "import",
    }  # fmt: skip
    assert made["state"] == "importing"
    assert made["created_by"] == {"id": admin_user.pk, "username": "alice", "name": "alice"}
    assert made["import"] == {
        "state": "queued", "done": 0, "total": 0, "percent": 0, "error": "", "error_count": 0, "errors": [],
    }  # fmt: skip
    finish(Dataset.objects.get(pk=made["id"]))
    shown = api(admin_user).get(f"{LIST}/{made['id']}").json()
    assert (shown["state"], shown["item_count"], shown["version"]) == ("ready", 1, 1)
    assert shown["fields"] == [{"name": "source", "type": "text", "count": 1}]
    assert len(shown["digest"]) == 64
    items = api(admin_user).get(f"{LIST}/{made['id']}/items")
    assert b'"extra":{"label-1":{"results":[1.50]}}' in items.content
    assert items.json()["results"] == [
        {
            "ordinal": 1,
            "data": {"source": "a"},
            "extra": {"label-1": {"results": [1.5]}},
            "media": {},
        }
    ]


def test_pictures_with_their_folders(workspace: Any, admin_user: Any, api: Any) -> None:
    files = [named("1.png", picture().getvalue()), named("1.png", picture(size=(9, 9)).getvalue())]
    data = form(
        workspace, kind="image", origin="upload", files=files, paths='["b/1.png","a/1.png"]'
    )
    del data["manifest"]
    response = post(api(admin_user), LIST, data)
    assert response.status_code == 201, response.json()
    dataset = finish(Dataset.objects.get(pk=response.json()["id"]))
    assert dataset.state == "ready"
    items = api(admin_user).get(f"{LIST}/{dataset.pk}/items").json()["results"]
    assert [item["data"]["source"] for item in items] == ["a/1.png", "b/1.png"]
    assert items[0]["media"]["source"] == {
        "url": f"/media/dataset/{dataset.pk}/1/source",
        "thumbnail": f"/media/dataset/{dataset.pk}/1/source?size=thumb",
        "type": "image", "format": "png", "width": 9, "height": 9,
    }  # fmt: skip
    assert incoming() == []


def test_without_paths_the_files_have_their_own_names(
    workspace: Any, admin_user: Any, api: Any
) -> None:
    data = form(workspace, origin="upload", files=[named("../../evil/b.txt", b"x\ny")])
    del data["manifest"]
    response = post(api(admin_user), LIST, data)
    dataset = finish(Dataset.objects.get(pk=response.json()["id"]))
    assert (dataset.state, dataset.item_count) == ("ready", 2)


def test_a_folder_by_json(workspace: Any, admin_user: Any, api: Any) -> None:
    (files_root() / "shared").mkdir()
    (files_root() / "shared" / "a.png").write_bytes(picture().getvalue())
    client = api(admin_user)
    storage = client.post(
        "/api/v1/storages", {"workspace": workspace.pk, "name": "shared", "root": "shared"}
    )
    assert storage.status_code == 201, storage.json()
    response = client.post(
        LIST,
        {"workspace": workspace.pk, "name": "f", "kind": "image", "origin": "folder", "storage": storage.json()["id"]},
    )  # fmt: skip
    assert response.status_code == 201, response.json()
    assert finish(Dataset.objects.get(pk=response.json()["id"])).item_count == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"kind": "smell"}, "kind"),
        ({"origin": "url"}, "origin"),
        ({"workspace": ""}, "workspace"),
        ({"manifest": ""}, "manifest"),
        ({"origin": "upload"}, "files"),
        ({"origin": "folder"}, "storage"),
        ({"storage": 999_999}, "storage"),
        ({"storage": "x"}, "storage"),
        ({"origin": "upload", "files": [named("a.txt", b"x")], "paths": "x"}, "paths"),
        ({"origin": "upload", "files": [named("a.txt", b"x")], "paths": "{}"}, "paths"),
        ({"origin": "upload", "files": [named("a.txt", b"x")], "paths": "[1]"}, "paths"),
        ({"origin": "upload", "files": [named("a.txt", b"x")], "paths": '["a","b"]'}, "paths"),
        ({"origin": "upload", "files": [named("a.txt", b"x")], "paths": "[" * 9999}, "paths"),
        (
            {"origin": "upload", "files": [named("a.txt", b"x")], "paths": '["../a.txt"]'},
            "paths[0]",
        ),
        ({"origin": "upload", "files": [named("a.txt", b"x")], "paths": '["\\ud800"]'}, "paths[0]"),
        ({"manifest": [named("a", b"{}"), named("b", b"{}")]}, "manifest"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    workspace: Any, admin_user: Any, api: Any, changes: dict[str, Any], field: str
) -> None:
    response = post(api(admin_user), LIST, {**form(workspace), **changes})
    assert response.status_code == 400, response.content
    answer = response.json()
    assert answer["code"] == "invalid"
    assert [error["field"] for error in answer["errors"]] == [field]
    assert Dataset.objects.count() == 0
    assert incoming() == []


def test_a_name_that_is_taken(workspace: Any, admin_user: Any, api: Any) -> None:
    assert post(api(admin_user), LIST, form(workspace)).status_code == 201
    response = post(api(admin_user), LIST, form(workspace))
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "name"


# --- limits -------------------------------------------------------------------------------------------------------


def test_a_request_that_says_it_is_too_large(
    workspace: Any, admin_user: Any, api: Any, settings: Any
) -> None:
    settings.MAX_UPLOAD_BYTES = 100
    response = post(api(admin_user), LIST, form(workspace, manifest=named("m", b"x" * 500)))
    assert response.status_code == 413
    assert response.json()["code"] == "too_large"
    assert incoming() == []


def test_a_request_that_is_larger_than_it_says(
    workspace: Any, admin_user: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A handler counts what comes, whatever the header said."""
    settings.MAX_UPLOAD_BYTES = 100
    handler = uploads.StagingHandler()
    handler.handle_raw_input(io.BytesIO(), {}, 0, b"")
    handler.new_file("files", "a", "x/y", None)
    handler.receive_data_chunk(b"x" * 60, 0)
    with pytest.raises(uploads.TooLarge):
        handler.receive_data_chunk(b"x" * 60, 60)
    handler.discard()
    assert incoming() == []


def test_too_many_files(workspace: Any, admin_user: Any, api: Any, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 3
    data = form(workspace, origin="upload", files=[named(f"{n}.txt", b"x") for n in range(4)])
    del data["manifest"]
    response = post(api(admin_user), LIST, data)
    assert response.status_code == 413
    assert "at most 3 files" in response.json()["detail"]
    assert incoming() == []


def test_a_list_of_names_without_an_end(
    workspace: Any, admin_user: Any, api: Any, settings: Any
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    response = post(api(admin_user), LIST, form(workspace, paths="x" * 2000))
    assert response.status_code == 413
    assert incoming() == []


def test_a_full_disk() -> None:
    handler = uploads.StagingHandler()
    handler.new_file("files", "a", "x/y", None)

    class Full:
        def write(self, data: bytes) -> None:
            raise OSError(28, "No space left on device")

        def close(self) -> None:
            pass

    handler.file.close()
    handler.file = Full()
    with pytest.raises(uploads.NoSpace):
        handler.receive_data_chunk(b"x", 0)


def test_a_thousand_files_open_no_thousand_files(workspace: Any, admin_user: Any, api: Any) -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = [named(f"{n}.txt", b"x") for n in range(300)]
    data = form(workspace, origin="upload", files=files)
    del data["manifest"]
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, before[1]))
    try:
        response = post(api(admin_user), LIST, data)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert response.status_code == 201, response.json()
    assert finish(Dataset.objects.get(pk=response.json()["id"])).item_count == 300


# --- appending and deleting ---------------------------------------------------------------------------------------


def test_appending(workspace: Any, admin_user: Any, api: Any) -> None:
    client = api(admin_user)
    dataset = make(workspace, admin_user, manifest=manifest('{"data":{"source":"a"}}'))
    path = f"{LIST}/{dataset.pk}/imports"
    response = post(client, path, {"files": [named("b.txt", b"b\nc")]})
    assert response.status_code == 201, response.json()
    assert response.json()["type"] == "files"
    again = post(client, path, {"files": [named("b.txt", b"b")]})
    assert (again.status_code, again.json()["code"]) == (409, "importing")
    finish(dataset)
    runs = client.get(path).json()["results"]
    assert [(run["state"], run["first_ordinal"]) for run in runs] == [
        ("succeeded", 2),
        ("succeeded", 1),
    ]
    assert runs[0]["requested_by"]["username"] == "alice"
    nothing = client.post(path, {})
    assert (nothing.status_code, nothing.json()["errors"][0]["field"]) == (400, "files")
    assert incoming() == []


def test_errors_with_their_lines(workspace: Any, admin_user: Any, api: Any) -> None:
    dataset = make(workspace, admin_user, manifest=manifest('{"data":{"source":"a"}}', "x"))
    found = api(admin_user).get(f"{LIST}/{dataset.pk}").json()["import"]
    assert found["state"] == "failed"
    assert found["errors"] == [{"line": 2, "message": "The line is not a JSON object."}]
    assert found["error_count"] == 1


def test_repeating_without_the_bad_ones(workspace: Any, admin_user: Any, api: Any) -> None:
    dataset = make(
        workspace, admin_user, kind="image", files=[("a.png", picture()), ("x", io.BytesIO(b"x"))]
    )
    response = api(admin_user).post(f"{LIST}/{dataset.pk}/imports", {"repeat": True})
    assert response.status_code == 201, response.json()
    assert finish(dataset).item_count == 1


def test_deleting(workspace: Any, admin_user: Any, api: Any) -> None:
    client = api(admin_user)
    dataset = make_dataset(workspace=workspace)
    assert client.delete(f"{LIST}/{dataset.pk}").status_code == 204
    assert client.get(f"{LIST}/{dataset.pk}").status_code == 404
    assert client.delete(f"{LIST}/{dataset.pk}").status_code == 404
    job = make_job(workspace=workspace)
    response = client.delete(f"{LIST}/{job.dataset_id}")
    assert (response.status_code, response.json()["code"]) == (409, "in_use")
    assert client.get(f"{LIST}/{job.dataset_id}").status_code == 200


# --- who may what -------------------------------------------------------------------------------------------------

ROUTES = {
    "list": ("get", LIST),
    "create": ("post", LIST),
    "retrieve": ("get", LIST + "/{pk}"),
    "destroy": ("delete", LIST + "/{pk}"),
    "imports": ("get", LIST + "/{pk}/imports"),
    "append": ("post", LIST + "/{pk}/imports"),
    "items": ("get", LIST + "/{pk}/items"),
    "storages": ("get", "/api/v1/storages"),
    "name": ("post", "/api/v1/storages"),
    "folders": ("get", "/api/v1/storages/{storage}/folders"),
}
WHO = {
    #               admin label_admin leader operator viewer stranger nobody
    "list":      (200, 200, 200, 200, 200, 200, 401),
    "create":    (201, 201, 403, 403, 403, 404, 401),
    "retrieve":  (200, 200, 404, 404, 200, 404, 401),
    "destroy":   (204, 204, 404, 404, 403, 404, 401),
    "imports":   (200, 200, 404, 404, 200, 404, 401),
    "append":    (201, 201, 404, 404, 403, 404, 401),
    "items":     (200, 200, 404, 404, 200, 404, 401),
    "storages":  (200, 200, 200, 200, 200, 200, 401),
    "name":      (201, 403, 403, 403, 403, 404, 401),
    "folders":   (200, 200, 404, 404, 404, 404, 401),
}  # fmt: skip
PEOPLE = ("admin", "label_admin", "leader", "operator", "viewer", "stranger", "nobody")


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("who", PEOPLE)
def test_access(workspace: Any, stranger: Any, api: Any, route: str, who: str) -> None:
    """`viewer` is an operator to whom the dataset was granted."""
    admin = member(workspace, "admin")
    dataset = make(workspace, admin, manifest=manifest('{"data":{"source":"a"}}'))
    (files_root() / "shared").mkdir()
    if who in ("stranger", "nobody"):
        person = stranger if who == "stranger" else None
    else:
        person = member(workspace, "operator" if who == "viewer" else who)
    if who == "viewer":
        grant("view_dataset", dataset, users=[person])
    before = (Dataset.objects.alive().count(), ImportRun.objects.count(), Storage.objects.count())
    method, path = ROUTES[route]
    path = path.format(pk=dataset.pk, storage=Storage.objects.get(workspace=workspace).pk)
    client = api(person)
    if route in ("create", "append"):
        response = post(client, path, form(workspace))
    elif route == "name":
        response = client.post(path, {"workspace": workspace.pk, "name": "s", "root": "shared"})
    else:
        response = getattr(client, method)(path)
    assert response.status_code == WHO[route][PEOPLE.index(who)], response.content
    if response.status_code >= 400:
        assert (
            Dataset.objects.alive().count(),
            ImportRun.objects.count(),
            Storage.objects.count(),
        ) == before
        assert set(response.json()) >= {"code", "detail", "errors"}
    if route in ("list", "storages") and who in ("leader", "operator", "stranger"):
        ids = {row["id"] for row in response.json()["results"]}
        assert dataset.pk not in ids or route == "storages"
        assert not any(row["workspace"] == workspace.pk for row in response.json()["results"])


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", LIST), ("put", LIST), ("patch", LIST + "/{pk}"), ("put", LIST + "/{pk}")],
)
def test_no_change_by_other_methods(
    workspace: Any, admin_user: Any, api: Any, method: str, path: str
) -> None:
    dataset = make_dataset(workspace=workspace)
    getattr(api(admin_user), method)(path.format(pk=dataset.pk), {"name": "changed"})
    dataset.refresh_from_db()
    assert dataset.name != "changed"


def test_a_session_needs_its_csrf_token(workspace: Any, admin_user: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user, backend="django.contrib.auth.backends.ModelBackend")
    data = form(workspace)
    response = client.post(LIST, data)
    assert response.status_code == 403
    assert incoming() == []
    _token, secret = create_token(user=admin_user)
    data["manifest"].seek(0)
    response = Client(enforce_csrf_checks=True).post(
        LIST, data, headers={"Authorization": f"Bearer {secret}"}
    )
    assert response.status_code == 201, response.content


def test_nobody_s_upload_is_not_even_read(workspace: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "new_folder", lambda: pytest.fail("the body was read"))
    assert Client().post(LIST, form(workspace)).status_code == 401


# --- lists --------------------------------------------------------------------------------------------------------


def test_filters_are_a_closed_set(workspace: Any, admin_user: Any, api: Any, stranger: Any) -> None:
    client = api(admin_user)
    text = make_dataset(workspace=workspace)
    image = make_dataset(workspace=workspace, kind="image")
    rows = lambda query: [row["id"] for row in client.get(f"{LIST}?{query}").json()["results"]]  # noqa: E731
    assert rows("kind=image") == [image.pk]
    assert rows("state=ready") == [image.pk, text.pk]
    assert rows("state=failed") == []
    assert rows(f"workspace={workspace.pk}") == [image.pk, text.pk]
    assert rows(f"workspace={stranger.memberships.get().workspace_id}") == []
    assert rows("created_by__password__startswith=x") == [image.pk, text.pk]
    assert client.get(f"{LIST}?kind=smell").status_code == 400


def test_a_list_costs_the_same_for_one_and_for_thirty(
    workspace: Any, admin_user: Any, api: Any, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = api(admin_user)

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(LIST).status_code == 200
        return len(queries)

    make(workspace, admin_user, manifest=manifest("x"))
    cost()  # what a process looks up once (content types) is not the list's
    one = cost()
    for _n in range(29):
        make(workspace, admin_user, manifest=manifest('{"data":{"source":"a"}}'))
    assert cost() == one
    assert len(client.get(LIST).json()["results"]) == 30


def test_items_page_by_page(workspace: Any, admin_user: Any, api: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = api(admin_user)
    dataset = make_dataset(70, workspace=workspace, kind="image")
    seen: list[int] = []
    path = f"{LIST}/{dataset.pk}/items?limit=30"
    counts = set()
    while path:
        with CaptureQueriesContext(connection) as queries:
            page = client.get(path).json()
        counts.add(len(queries))
        seen += [row["ordinal"] for row in page["results"]]
        path = page["next"]
    assert seen == list(range(1, 71))
    assert len(counts) == 1
    assert len(client.get(f"{LIST}/{dataset.pk}/items?limit=100000").json()["results"]) == 70


def test_items_of_an_import_under_way_are_not_shown(
    workspace: Any, admin_user: Any, api: Any
) -> None:
    dataset = make_dataset(3, workspace=workspace)
    Dataset.objects.filter(pk=dataset.pk).update(item_count=2)
    rows = api(admin_user).get(f"{LIST}/{dataset.pk}/items").json()["results"]
    assert [row["ordinal"] for row in rows] == [1, 2]


def test_folders(workspace: Any, admin_user: Any, api: Any) -> None:
    storage = Storage.objects.get(workspace=workspace)
    client = api(admin_user)
    (files_root() / str(workspace.pk) / "a" / "b").mkdir(parents=True)
    path = f"/api/v1/storages/{storage.pk}/folders"
    assert client.get(path).json() == {"path": "", "folders": ["a"], "files": 0, "more": False}
    assert client.get(f"{path}?path=a").json()["folders"] == ["b"]
    for wrong in ("..", "../..", "/etc", "missing", "a/../../.."):
        response = client.get(path, {"path": wrong})
        assert response.status_code == 404
        assert str(files_root()) not in response.content.decode()
