"""Imports of pictures: uploaded, from a folder of the server, named by a manifest."""

import io
import os
from pathlib import Path
from typing import Any

import pytest

from datasets.models import Dataset, ImportRun, Item
from datasets.services.imports import add_items, create_dataset, repeat_import
from datasets.services.storages import (
    create_storage,
    default_storage,
    files_root,
    incoming_root,
    storage_root,
)
from itag.core.errors import Conflict, Invalid
from tests.datasets.helpers import errors, finish, incoming, make, manifest, picture, sources

pytestmark = pytest.mark.django_db


# --- from this computer -----------------------------------------------------------------------------------------------------


def test_pictures_from_files(workspace: Any, admin_user: Any) -> None:
    dataset = make(
        workspace,
        admin_user,
        kind="image",
        files=[
            ("b/img10.png", picture()),
            ("b/img2.jpg", picture("JPEG", (40, 20), orientation=6)),
            ("Thumbs.db", io.BytesIO(b"x")),
            ("b/.DS_Store", io.BytesIO(b"x")),
        ],
    )
    assert sources(dataset) == ["b/img2.jpg", "b/img10.png"]
    first = dataset.items.get(ordinal=1)
    storage = default_storage(workspace)
    assert dataset.storage == storage
    assert first.data == '{"source":"b/img2.jpg"}'
    path = f"{dataset.prefix}/b/img2.jpg"
    stored = storage_root(storage) / path
    assert first.media == {
        "source": {
            "path": path,
            "type": "image",
            "format": "jpeg",
            "width": 20,
            "height": 40,
            "size": stored.stat().st_size,
        }
    }
    assert dataset.fields == [{"name": "source", "type": "image", "count": 2}]
    assert stored.is_relative_to(files_root() / str(workspace.pk))
    assert incoming() == []


BAD_FILES = [("a.jpg", b"\xff\xd8\xff"), ("n.docx", b"PK\x03\x04"), ("s.svg", b"<svg onload='x'/>")]


def bad_and_good() -> list[tuple[str, Any]]:
    return [("g.png", picture()), *((name, io.BytesIO(content)) for name, content in BAD_FILES)]


def test_strangers_among_pictures_fail_the_import_by_name(workspace: Any, admin_user: Any) -> None:
    dataset = make(workspace, admin_user, kind="image", files=bad_and_good())
    assert dataset.state == "failed"
    assert errors(dataset) == [(None, "a.jpg"), (None, "n.docx"), (None, "s.svg")]
    assert Item.objects.count() == 0
    assert not list((storage_root(dataset.storage) / "datasets").glob("*/*"))  # type: ignore[arg-type]


def test_they_can_be_left_out_afterwards(workspace: Any, admin_user: Any) -> None:
    dataset = make(workspace, admin_user, kind="image", files=bad_and_good())
    repeat_import(dataset=dataset, user=admin_user)
    dataset = finish(dataset)
    assert (dataset.state, sources(dataset)) == ("ready", ["g.png"])
    assert dataset.last_import
    assert dataset.last_import.error_count == 3
    assert errors(dataset) == [(None, "a.jpg"), (None, "n.docx"), (None, "s.svg")]
    home = storage_root(dataset.storage) / dataset.prefix  # type: ignore[arg-type]
    assert [path.name for path in home.iterdir()] == ["g.png"]
    assert incoming() == []


def test_they_can_be_left_out_at_once(workspace: Any, admin_user: Any) -> None:
    dataset = make(workspace, admin_user, kind="image", files=bad_and_good(), leave_out=True)
    assert (dataset.state, dataset.item_count) == ("ready", 1)


def test_leaving_out_all_is_a_failure(workspace: Any, admin_user: Any) -> None:
    dataset = make(
        workspace, admin_user, kind="image", files=[("x", io.BytesIO(b"x"))], leave_out=True
    )
    assert dataset.state == "failed"
    assert dataset.last_import
    assert dataset.last_import.errors


def test_only_a_failed_import_of_pictures_is_repeated(workspace: Any, admin_user: Any) -> None:
    fine = make(workspace, admin_user, kind="image", files=[("g.png", picture())])
    texts = make(workspace, admin_user, manifest=manifest("x"))
    for dataset in (fine, texts):
        with pytest.raises(Conflict, match="no failed import"):
            repeat_import(dataset=dataset, user=admin_user)


@pytest.mark.parametrize(
    ("names", "field"),
    [
        (["../a.png"], "paths[0]"),
        (["ok.png", "/etc/passwd"], "paths[1]"),
        (["C:\\boot.ini"], "paths[0]"),
        (["a.png", "./a.png"], "paths[1]"),
        (["a", "a/b.png"], "paths[1]"),
        (["a/b.png", "a"], "paths[1]"),
        (["x\0y.png"], "paths[0]"),
    ],
)
def test_names_that_lead_elsewhere(
    workspace: Any, admin_user: Any, names: list[str], field: str
) -> None:
    with pytest.raises(Invalid) as caught:
        create_dataset(
            workspace=workspace,
            user=admin_user,
            name="n",
            kind="image",
            origin="upload",
            files=[(name, picture()) for name in names],
        )
    assert [error["field"] for error in caught.value.errors] == [field]
    assert Dataset.objects.count() == ImportRun.objects.count() == 0
    assert incoming() == []


def test_a_file_that_came_is_moved_and_another_is_copied(
    workspace: Any, admin_user: Any, tmp_path: Path
) -> None:
    own = tmp_path / "own.png"
    own.write_bytes(picture().getvalue())
    staged = incoming_root() / "1"
    staged.write_bytes(picture().getvalue())
    make(workspace, admin_user, kind="image", files=[("a.png", own), ("b.png", staged)])
    assert own.exists()
    assert not staged.exists()


# --- folders ------------------------------------------------------------------------------------------------------


@pytest.fixture
def storage(workspace: Any, admin_user: Any) -> Any:
    """A storage `photos` with pictures in two folders."""
    root = files_root() / "photos"
    for name in ("one/2.png", "one/10.png", "two/x.jpg"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(picture("JPEG" if name.endswith("jpg") else "PNG").getvalue())
    return create_storage(workspace=workspace, user=admin_user, name="Photos", root="photos")


def test_a_folder_is_read_where_it_lies(workspace: Any, admin_user: Any, storage: Any) -> None:
    dataset = make(workspace, admin_user, kind="image", storage=storage)
    assert sources(dataset) == ["one/2.png", "one/10.png", "two/x.jpg"]
    below = make(workspace, admin_user, kind="image", storage=storage, prefix="/one/")
    assert sources(below) == ["2.png", "10.png"]
    assert below.prefix == "one"
    assert below.items.get(ordinal=1).media["source"]["path"] == "one/2.png"


def test_links_out_of_the_storage_are_refused(
    workspace: Any, admin_user: Any, storage: Any, tmp_path: Path
) -> None:
    (tmp_path / "secret.png").write_bytes(picture().getvalue())
    root = storage_root(storage)
    (root / "one" / "leak.png").symlink_to(tmp_path / "secret.png")
    (root / "one" / "alias.png").symlink_to(root / "one" / "2.png")
    os.mkfifo(root / "one" / "pipe.png")
    dataset = make(workspace, admin_user, kind="image", storage=storage)
    assert errors(dataset) == [(None, "one/leak.png"), (None, "one/pipe.png")]
    (root / "away").symlink_to(tmp_path)
    with pytest.raises(Invalid):
        make(workspace, admin_user, kind="image", storage=storage, prefix="away")


@pytest.mark.parametrize("prefix", ["..", "one/../..", "nothing", "one/2.png", "x\0"])
def test_folders_that_are_none(workspace: Any, admin_user: Any, storage: Any, prefix: str) -> None:
    with pytest.raises(Invalid) as caught:
        make(workspace, admin_user, kind="image", storage=storage, prefix=prefix)
    assert caught.value.errors[0]["field"] == "prefix"


def test_a_storage_of_another_workspace(stranger: Any, storage: Any) -> None:
    other = stranger.memberships.get().workspace
    with pytest.raises(Invalid) as caught:
        make(other, stranger, kind="image", storage=storage)
    assert caught.value.errors[0]["field"] == "storage"


def test_an_empty_folder(workspace: Any, admin_user: Any, storage: Any) -> None:
    (storage_root(storage) / "empty").mkdir()
    dataset = make(workspace, admin_user, kind="image", storage=storage, prefix="empty")
    assert dataset.last_import
    assert dataset.last_import.error == "There are no files in the folder."


def test_what_is_new_in_the_folder_is_added(workspace: Any, admin_user: Any, storage: Any) -> None:
    dataset = make(workspace, admin_user, kind="image", storage=storage)
    add_items(dataset=dataset, user=admin_user)
    dataset = finish(dataset)
    assert (dataset.state, dataset.version) == ("ready", 1)
    assert dataset.last_import
    assert dataset.last_import.error == "There is nothing new in the folder."
    for name in ("one/3.png", "zero.png"):
        (storage_root(storage) / name).write_bytes(picture().getvalue())
    add_items(dataset=dataset, user=admin_user)
    dataset = finish(dataset)
    assert sources(dataset)[3:] == ["one/3.png", "zero.png"]
    assert (dataset.version, dataset.item_count) == (2, 5)


def test_texts_of_a_folder(workspace: Any, admin_user: Any, storage: Any) -> None:
    (storage_root(storage) / "texts").mkdir()
    (storage_root(storage) / "texts" / "a.txt").write_text("eins\nzwei\n")
    dataset = make(workspace, admin_user, storage=storage, prefix="texts")
    assert sources(dataset) == ["eins", "zwei"]
    with pytest.raises(Invalid):
        add_items(dataset=dataset, user=admin_user)


# --- manifests of pictures ----------------------------------------------------------------------------------------


def test_a_manifest_of_pictures(workspace: Any, admin_user: Any, storage: Any) -> None:
    line = '{"data":{"source":"10.png","file_name":"IMG_1.jpg"},"label-1":{"results":[]}}'
    dataset = make(
        workspace, admin_user, kind="image", manifest=manifest(line), storage=storage, prefix="one"
    )
    assert dataset.state == "ready", dataset.last_import and dataset.last_import.errors
    item = dataset.items.get()
    assert item.data == '{"source":"10.png","file_name":"IMG_1.jpg"}'
    assert list(item.media) == ["source"]
    assert item.media["source"]["path"] == "one/10.png"
    assert [f["type"] for f in dataset.fields] == ["image", "text"]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ('"nothing.png"', "no such file"),
        ('"http://10.0.0.1/a.png"', "http"),
        ('"https://example.org/a.png?x=1"', "http"),
        ('"oss://bucket.endpoint/a.png"', "oss://"),
        ('"s3://bucket/a.png"', "s3://"),
        ('"file:///etc/passwd"', "file://"),
        ('"/etc/passwd"', "relative"),
        ('"../../../../etc/passwd"', "relative"),
        ('"one/../../x.png"', "relative"),
        ('"one"', "regular file"),
        ('"notes.txt"', "Not a picture"),
        ('""', "must be a text"),
        ("7", "must be a text"),
        ("null", "must be a text"),
    ],
)
def test_pictures_that_a_manifest_may_not_name(
    workspace: Any, admin_user: Any, storage: Any, value: str, says: str
) -> None:
    (storage_root(storage) / "notes.txt").write_text("notes")
    dataset = make(
        workspace,
        admin_user,
        kind="image",
        storage=storage,
        manifest=manifest('{"data":{"source":"one/2.png"}}', f'{{"data":{{"source":{value}}}}}'),
    )
    assert errors(dataset) == [(2, "data.source")]
    assert dataset.last_import
    assert says in dataset.last_import.errors[0]["message"]


def test_a_line_without_a_picture(workspace: Any, admin_user: Any) -> None:
    dataset = make(workspace, admin_user, kind="image", manifest=manifest('{"data":{"text":"a"}}'))
    assert errors(dataset) == [(1, "data")]


def test_custom_fields(workspace: Any, admin_user: Any, storage: Any) -> None:
    lines = [
        '{"data":{"photo":"one/2.png","text":"say cheese.png","name":"IMG.jpg","n":1}}',
        '{"data":{"photo":"two/x.jpg","text":"https://example.org/page","name":"x.jpg","n":2}}',
        '{"data":{"photo":null,"text":"b"}}',
    ]
    dataset = make(workspace, admin_user, kind="custom", manifest=manifest(*lines), storage=storage)
    assert dataset.state == "ready", dataset.last_import and dataset.last_import.errors
    assert dataset.fields == [
        {"name": "photo", "type": "image", "count": 2},
        {"name": "text", "type": "text", "count": 3},
        {"name": "name", "type": "text", "count": 2},
        {"name": "n", "type": "number", "count": 2},
    ]
    wrong = make(
        workspace,
        admin_user,
        kind="custom",
        storage=storage,
        manifest=manifest(
            lines[0], '{"data":{"photo":"gone.png"}}', '{"data":{"name":"http://a/b.png"}}'
        ),
    )
    assert errors(wrong) == [(2, "data.photo"), (3, "data.name")]


def test_custom_fields_without_a_storage_are_texts(workspace: Any, admin_user: Any) -> None:
    dataset = make(
        workspace,
        admin_user,
        kind="custom",
        manifest=manifest('{"data":{"photo":"one/2.png","mixed":1}}', '{"data":{"mixed":"a"}}'),
    )
    assert [f["type"] for f in dataset.fields] == ["text", "json"]


def test_a_text_dataset_may_hold_any_address(workspace: Any, admin_user: Any) -> None:
    dataset = make(workspace, admin_user, manifest=manifest('{"data":{"source":"http://a/b.png"}}'))
    assert dataset.state == "ready"


# --- appending ----------------------------------------------------------------------------------------------------


def test_pictures_of_the_same_name_are_not_overwritten(workspace: Any, admin_user: Any) -> None:
    dataset = make(workspace, admin_user, kind="image", files=[("d/a.png", picture())])
    before = (storage_root(dataset.storage) / dataset.prefix / "d/a.png").read_bytes()  # type: ignore[arg-type]
    for name in ("d/a.png", "d", "d/a.png/b.png"):
        with pytest.raises(Invalid) as caught:
            add_items(dataset=dataset, user=admin_user, files=[(name, picture(size=(99, 99)))])
        assert caught.value.errors
    dataset.refresh_from_db()
    assert dataset.state == "ready"
    assert (storage_root(dataset.storage) / dataset.prefix / "d/a.png").read_bytes() == before  # type: ignore[arg-type]
    assert incoming() == []
    add_items(dataset=dataset, user=admin_user, files=[("d/b.png", picture())])
    assert sources(finish(dataset)) == ["d/a.png", "d/b.png"]


def test_files_are_written_to_no_storage_but_the_uploads(
    workspace: Any, admin_user: Any, storage: Any
) -> None:
    dataset = make(workspace, admin_user, kind="image", storage=storage)
    with pytest.raises(Invalid) as caught:
        add_items(dataset=dataset, user=admin_user, files=[("a.png", picture())])
    assert caught.value.errors[0]["field"] == "files"
