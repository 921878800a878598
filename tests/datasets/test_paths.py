"""Names never lead outside their folder (attack family 5)."""

import os
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datasets.services.paths import (
    UnsafePath,
    clean_path,
    contained,
    natural_key,
    open_file,
    walk,
)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("a.jpg", "a.jpg"),
        ("a/b/c.jpg", "a/b/c.jpg"),
        ("a\\b.jpg", "a/b.jpg"),
        ("./a//b/./c.jpg", "a/b/c.jpg"),
        ("图片/一.jpg", "图片/一.jpg"),
        ("e\u0301.jpg", "\u00e9.jpg"),
        ("a b/c;d&e'.jpg", "a b/c;d&e'.jpg"),
        ("..a/b..", "..a/b.."),
    ],
)
def test_clean(name: str, path: str) -> None:
    assert clean_path(name) == path


@pytest.mark.parametrize(
    "name",
    [
        "", ".", "/", "../a", "a/../../b", "a/..", "..\\a", "/etc/passwd", "\\\\host\\share", "C:\\a", "c:a",
        "a\0b", "a\nb", "\x7f", "x" * 256, "é" * 128, "a/" * 600 + "b", "\ud800.jpg",
    ],
)  # fmt: skip
def test_refused(name: str) -> None:
    with pytest.raises(UnsafePath):
        clean_path(name)


@given(st.text(max_size=30) | st.text("./\\ab:", max_size=12))
def test_a_clean_path_stays_below(name: str) -> None:
    try:
        path = clean_path(name)
    except UnsafePath:
        return
    base = Path("/base/folder")
    assert base in Path(os.path.normpath(base / path)).parents
    assert clean_path(path) == path


@given(st.lists(st.text("ab1230/.é", min_size=1, max_size=8), max_size=6))
def test_natural_order_is_an_order(names: list[str]) -> None:
    backwards = list(names)
    backwards.reverse()
    assert sorted(names, key=natural_key) == sorted(backwards, key=natural_key)


def test_natural_order() -> None:
    names = [
        "a/img2.jpg",
        "a/img10.jpg",
        "a/IMG11.jpg",
        "b1/x",
        "b02/x",
        "b10/x",
        "c",
        "第2页",
        "第10页",
    ]
    shuffled = random.Random(3).sample(names, len(names))
    assert sorted(shuffled, key=natural_key) == names


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    for name in ("img10.txt", "img2.txt", "sub/b.txt", "sub/a/c.txt", ".hidden", "Thumbs.db"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    (tmp_path / "secret").write_text("secret")
    return root


def test_walk_in_natural_order(tree: Path) -> None:
    assert [found.path for found in walk(tree)] == [
        "img2.txt",
        "img10.txt",
        "sub/a/c.txt",
        "sub/b.txt",
    ]
    assert [found.path for found in walk(tree, "sub")] == ["sub/a/c.txt", "sub/b.txt"]


def test_walk_says_what_it_does_not_follow(tree: Path) -> None:
    (tree / "out").symlink_to(tree.parent / "secret")
    (tree / "loop").symlink_to(tree)
    (tree / "inside").symlink_to(tree / "img2.txt")
    (tree / "dead").symlink_to(tree / "nothing")
    os.close(os.open(os.fsencode(tree) + b"/\xff.jpg", os.O_CREAT | os.O_WRONLY))
    found = {entry.path: entry.problem for entry in walk(tree)}
    assert "outside" in found["out"]
    assert "link to a folder" in found["loop"]
    assert found["inside"] == ""
    assert found["dead"] == ""  # opening it says that there is no such file
    assert "UTF-8" in found["\ufffd.jpg"]


def test_a_folder_without_a_bottom(tmp_path: Path) -> None:
    (tmp_path / "/".join(["d"] * 80)).mkdir(parents=True)
    assert [entry.problem for entry in walk(tmp_path)] == ["The folders are nested too deeply."]


@pytest.mark.parametrize(
    "path", ["../secret", "sub/../../secret", "/etc/passwd", "out", "outdir/secret", "a\0b"]
)
def test_not_contained(tree: Path, path: str) -> None:
    (tree / "out").symlink_to(tree.parent / "secret")
    (tree / "outdir").symlink_to(tree.parent)
    with pytest.raises(UnsafePath):
        contained(tree, path)
    with pytest.raises(UnsafePath):
        open_file(tree, path)


def test_only_regular_files_are_opened(tree: Path) -> None:
    os.mkfifo(tree / "pipe")
    for path in ("pipe", "sub"):
        with pytest.raises((UnsafePath, IsADirectoryError)):
            open_file(tree, path)
    with open_file(tree, "sub/b.txt") as file:
        assert file.read() == b"sub/b.txt"
