"""Storages: only folders that the operator allowed, and only the workspace's own (attack family 5)."""

from pathlib import Path
from typing import Any

import pytest

from accounts.models import Workspace
from datasets.models import Storage
from datasets.services.storages import (
    create_storage,
    default_storage,
    files_root,
    list_folder,
    storage_root,
)
from itag.core.errors import Invalid, NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def outside(tmp_path: Path, settings: Any) -> Path:
    """A folder that ITAG_LOCAL_ROOTS names, with one folder in it, and a folder beside it."""
    (tmp_path / "allowed" / "photos").mkdir(parents=True)
    (tmp_path / "allowed-not").mkdir()
    settings.ITAG_LOCAL_ROOTS = [tmp_path / "allowed"]
    return tmp_path


def create(workspace: Workspace, root: str, name: str = "s") -> Storage:
    return create_storage(workspace=workspace, user=None, name=name, root=root)


def test_a_workspace_has_a_storage_of_uploads_from_the_beginning(workspace: Workspace) -> None:
    storage = Storage.objects.get(workspace=workspace)
    assert storage.is_upload
    assert default_storage(workspace) == storage
    assert storage_root(storage) == files_root().resolve() / str(workspace.pk)
    assert storage_root(storage).is_dir()
    assert list_folder(storage).folders == []


def test_it_is_made_where_it_is_missing(workspace: Workspace) -> None:
    Storage.objects.all().delete()
    Storage.objects.create(workspace=workspace, name="Uploads", root="x")
    assert default_storage(workspace).name == f"Uploads {workspace.pk}"


def test_folders_that_are_allowed(workspace: Workspace, outside: Path) -> None:
    (files_root() / "shared" / "deep").mkdir(parents=True)
    (files_root() / str(workspace.pk) / "mine").mkdir(parents=True)
    for number, (root, stored) in enumerate(
        [
            ("shared", "shared"),
            ("shared/deep/", "shared/deep"),
            ("made/at/once", "made/at/once"),
            (str(files_root() / "shared"), "shared"),
            (f"{workspace.pk}/mine", f"{workspace.pk}/mine"),
            (str(outside / "allowed"), str(outside.resolve() / "allowed")),
            (str(outside / "allowed" / "photos"), str(outside.resolve() / "allowed" / "photos")),
        ]
    ):
        storage = create(workspace, root, f"s{number}")
        assert storage.root == stored
        assert storage_root(storage).is_dir()


@pytest.mark.parametrize(
    "root",
    [
        "", " ", ".", "/", "/etc", "..", "../..", "shared/../..", "incoming", "incoming/x", "x\0",
        "{outside}", "{outside}/allowed-not", "{outside}/allowed/../allowed-not", "{outside}/allowed/missing",
        "link", "{other}", "{other}/deep", "a-file", "~", "file:///etc", "http://127.0.0.1/",
    ],
)  # fmt: skip
def test_folders_that_are_not(workspace: Workspace, outside: Path, root: str) -> None:
    other = Workspace.objects.create(name="other")
    (files_root() / "incoming" / "x").mkdir(parents=True)
    (files_root() / str(other.pk) / "deep").mkdir(parents=True)
    (files_root() / "link").symlink_to(outside / "allowed-not")
    (files_root() / "a-file").write_text("x")
    with pytest.raises(Invalid) as caught:
        create(workspace, root.format(outside=outside, other=other.pk))
    assert caught.value.errors[0]["field"] == "root"
    assert not Storage.objects.filter(is_upload=False).exists()


def test_names(workspace: Workspace) -> None:
    (files_root() / "shared").mkdir()
    create(workspace, "shared")
    for name in ("", "x" * 101, "s", "Uploads"):
        with pytest.raises(Invalid) as caught:
            create(workspace, "shared", name)
        assert caught.value.errors[0]["field"] == "name"


def test_a_root_that_is_allowed_no_more_is_closed(
    workspace: Workspace, outside: Path, settings: Any
) -> None:
    storage = create(workspace, str(outside / "allowed" / "photos"))
    (outside / "allowed" / "photos").rmdir()
    (outside / "allowed" / "photos").symlink_to(outside / "allowed-not")
    with pytest.raises(NotFound):
        storage_root(storage)
    (outside / "allowed" / "photos").unlink()
    (outside / "allowed" / "photos").mkdir()
    assert storage_root(storage)
    settings.ITAG_LOCAL_ROOTS = []
    with pytest.raises(NotFound):
        storage_root(storage)


def test_listing(workspace: Workspace, outside: Path) -> None:
    root = files_root() / "shared"
    for name in ("b10", "b2", "a", ".hidden"):
        (root / name).mkdir(parents=True)
    (root / "x.jpg").write_text("x")
    (root / ".x").write_text("x")
    (root / "out").symlink_to(outside)
    storage = create(workspace, "shared")
    listing = list_folder(storage)
    assert (listing.folders, listing.files, listing.more) == (["a", "b2", "b10"], 2, False)
    assert list_folder(storage, "/a/").path == "a"
    for path in ("..", "a/../..", "out", "missing", "x.jpg", "\0"):
        with pytest.raises(NotFound):
            list_folder(storage, path)


def test_an_enormous_folder_is_cut(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("datasets.services.storages.MAX_FOLDERS", 3)
    monkeypatch.setattr("datasets.services.storages.MAX_COUNT", 6)
    for number in range(5):
        (files_root() / "shared" / f"d{number}").mkdir(parents=True)
    storage = create(workspace, "shared")
    assert len(list_folder(storage).folders) == 3
    assert list_folder(storage).more
