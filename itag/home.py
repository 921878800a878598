"""Where itag keeps what it keeps: ITAG_HOME (default `var/`), its secrets and the addresses of its own servers."""

import contextlib
import json
import os
import secrets
from pathlib import Path


def home() -> Path:
    """ITAG_HOME, else `var/` beside manage.py, else `var/` in the current folder."""
    named = os.environ.get("ITAG_HOME")
    if named:
        return Path(named).expanduser().resolve()
    checkout = Path(__file__).resolve().parent.parent
    base = checkout if (checkout / "manage.py").is_file() else Path.cwd()
    return base / "var"


def make_home(base: Path | None = None) -> Path:
    """ITAG_HOME, made with mode 0700 if it is missing: uploaded data are nobody else's."""
    folder = base or home()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def secret(name: str, *, base: Path | None = None) -> str:
    """The secret of this name, made at first use and kept in `secrets/` with mode 0600."""
    path = (base or home()) / "secrets" / name
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        make_home(base)
        path.parent.mkdir(mode=0o700, exist_ok=True)
    # Written apart and linked, so that a process killed half-way leaves no empty secret and the first of two wins.
    fresh = path.with_name(f".{name}.{os.getpid()}.{secrets.token_hex(4)}")
    write_private(fresh, secrets.token_urlsafe(48))
    with contextlib.suppress(FileExistsError):
        os.link(fresh, path)
    fresh.unlink()
    return path.read_text(encoding="ascii").strip()


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text)


def running(name: str) -> str | None:
    """The address of an embedded server that `itag up` keeps alive ("database" or "redis"), or None."""
    try:
        return json.loads((home() / "run" / "servers.json").read_text(encoding="utf-8"))[name]
    except (FileNotFoundError, KeyError):
        return None


def read_named_files(*names: str) -> None:
    """Put into the environment what `NAME_FILE` holds, for names that the command line itself looks at."""
    for name in names:
        path = os.environ.get(f"{name}_FILE")
        if path and not os.environ.get(name):
            os.environ[name] = Path(path).read_text(encoding="utf-8").strip()
