"""docs/configuration.md names every variable that the code reads, and no other."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("itag", "accounts", "datasets", "templates_app", "jobs", "exports", "bench")
READ = re.compile(
    r"""(?:\benv(?:\.\w+)?\(|environ(?:\.get|\.setdefault)?[\[(]|\b_number\()\s*["']([A-Z][A-Z_]+)["']"""
)
SHELL = re.compile(r"\$\{([A-Z][A-Z_]+)[:}]|\$\$([A-Z][A-Z_]+)\b|\$\((ARGS|ONLY)\)")
# Read, but not ours to explain: they have their meaning from elsewhere, or pass between our own processes.
OTHERS = {
    "DJANGO_ALLOW_ASYNC_UNSAFE",
    "DJANGO_SETTINGS_MODULE",
    "HOME",
    "ITAG_WEB_FD",
    "PATH",
    "PYTHONPATH",
    "XDG_RUNTIME_DIR",
}


def read_by_code() -> set[str]:
    files = [path for name in PACKAGES for path in (ROOT / name).rglob("*.py")]
    found = {
        name for path in [*files, ROOT / "manage.py"] for name in READ.findall(path.read_text())
    }
    for path in [ROOT / "Makefile", *(ROOT / "requirements").glob("*.sh")]:
        for groups in SHELL.findall(path.read_text()):
            found.update(filter(None, groups))
    return found - OTHERS


def documented() -> set[str]:
    text = (ROOT / "docs" / "configuration.md").read_text()
    return set(re.findall(r"^\| `([A-Z_]+)` \|", text, re.MULTILINE))


def test_every_variable_is_documented() -> None:
    assert read_by_code() == documented()
