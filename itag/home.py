"""Where itag keeps what it keeps: ITAG_HOME (default `var/`), its secrets and the addresses of its own servers."""

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


def secret(name: str) -> str:
    """The secret of this name, made at first use and kept in `secrets/` with mode 0600."""
    path = home() / "secrets" / name
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        value = secrets.token_urlsafe(48)
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(value)
        except FileExistsError:
            return path.read_text(encoding="ascii").strip()
        return value


def running(name: str) -> str | None:
    """The address of an embedded server that `itag up` keeps alive ("database" or "redis"), or None."""
    try:
        return json.loads((home() / "run" / "servers.json").read_text(encoding="utf-8"))[name]
    except (FileNotFoundError, KeyError):
        return None
