"""`itag backup` and `itag restore`: database, files and secret keys in one .tar file.

The broker is left out: rows in the database are the truth, and what was under way is sent again. A backup also is the
way from one major version of PostgreSQL to the next: back up with the itag that made the folder, restore with the new
one into a new ITAG_HOME.
"""

import io
import json
import os
import subprocess
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from itag import __version__
from itag.cli.console import Stop, say
from itag.cli.embedded import client_binary
from itag.cli.servers import ensured
from itag.home import home, make_home, running, write_private

FORMAT = 1
# Passwords of the embedded servers belong to their folders and are made anew.
SECRETS_OF_SERVERS = {"postgres", "postgres-superuser", "valkey"}
FOLDERS = ("files", "exports")


def backup(target: Path) -> int:
    """Write a backup to a new file that only its owner may read; itag may go on running meanwhile."""
    if target.exists():
        raise Stop(f"{target} exists: name a new file.")
    folder = home()
    fresh = target.with_name(f".{target.name}.{os.getpid()}")
    with ensured(), tempfile.TemporaryDirectory(prefix="itag-backup-") as work:
        # Before the files: they are only ever added, so every file that the rows name is there.
        dump = Path(work) / "database.dump"
        say("writing the database")
        _client("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={dump}")
        about = {
            "format": FORMAT,
            "itag": __version__,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file, tarfile.open(fileobj=file, mode="w") as tar:
                _add_text(tar, "itag.json", json.dumps(about))
                tar.add(dump, "database.dump")
                for path in sorted((folder / "secrets").iterdir()):
                    if path.name not in SECRETS_OF_SERVERS and not path.name.startswith("."):
                        _add_text(tar, f"secrets/{path.name}", path.read_text())
                for name in FOLDERS:
                    if (folder / name).is_dir():
                        say(f"writing {name}")
                        tar.add(folder / name, name)
            fresh.rename(target)
        finally:
            fresh.unlink(missing_ok=True)
    say(f"{target} holds everything, secret keys included: keep it where only you can read it")
    return 0


def restore(source: Path) -> int:
    """Bring a backup into an ITAG_HOME (or a DATABASE_URL) without data."""
    folder = home()
    if any((folder / name).exists() for name in FOLDERS):
        raise Stop(f"{folder} has data already: set ITAG_HOME to a new folder.")
    try:
        tar = tarfile.open(source)  # noqa: SIM115  closed below
    except (OSError, tarfile.TarError) as exc:
        raise Stop(f"{source} is no backup: {exc}") from None
    with tar, tempfile.TemporaryDirectory(prefix="itag-restore-") as work:
        about = json.loads(_read(tar, "itag.json"))
        if about["format"] != FORMAT:
            raise Stop(f"{source} was made by itag {about['itag']}, which this one cannot read.")
        dump = Path(work) / "database.dump"
        with dump.open("wb") as file, _open(tar, "database.dump") as stream:
            while block := stream.read(2**20):
                file.write(block)
        for member in tar.getmembers():
            if member.name.startswith("secrets/") and member.isfile():
                path = folder / "secrets" / Path(member.name).name
                make_home(folder)
                path.parent.mkdir(mode=0o700, exist_ok=True)
                write_private(path, _read(tar, member.name).decode())
        with ensured():
            _refuse_full_database(folder)
            say("reading the database")
            _client("pg_restore", "--no-owner", "--no-privileges", "--exit-on-error", str(dump))
        for name in FOLDERS:
            members = [m for m in tar.getmembers() if m.name.split("/", 1)[0] == name]
            if members:
                say(f"reading {name}")
                tar.extractall(folder, members, filter="data")
    say(f"restored what itag {about['itag']} wrote at {about['made_at']}; `itag up` starts it")
    return 0


def _refuse_full_database(folder: Path) -> None:
    import psycopg

    with psycopg.connect(_address()) as connection:
        row = connection.execute(
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
        ).fetchone()
    if row and row[0]:
        raise Stop(f"The database of {folder} has tables already: set ITAG_HOME to a new folder.")


def _address() -> str:
    return os.environ.get("DATABASE_URL") or running("database") or ""


def _client(program: str, *arguments: str) -> None:
    """Run pg_dump or pg_restore on itag's database; the password goes by the environment, not the process list."""
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    parts = conninfo_to_dict(_address())
    password = parts.pop("password", None)
    env = {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}
    command = [str(client_binary(program)), f"--dbname={make_conninfo('', **parts)}", *arguments]
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    if done.returncode:
        raise Stop(f"{program} failed:\n{done.stderr.strip()}")


def _add_text(tar: tarfile.TarFile, name: str, text: str) -> None:
    data = text.encode()
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(data), 0o600
    tar.addfile(member, io.BytesIO(data))


def _open(tar: tarfile.TarFile, name: str) -> io.BufferedReader:
    try:
        stream = tar.extractfile(name)
    except KeyError:
        stream = None
    if stream is None:
        raise Stop(f"{tar.name!s} is no backup of itag: {name} is missing.")
    return stream  # type: ignore[return-value]


def _read(tar: tarfile.TarFile, name: str) -> bytes:
    with _open(tar, name) as stream:
        return stream.read()
