"""`itag up`: database, broker, web, worker and beat together, in the foreground."""

import errno
import http.client
import ipaddress
import json
import os
import signal
import socket
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

from itag import __version__
from itag.cli.console import Stop, say, tell
from itag.cli.embedded import Postgres, Server, Valkey, launch
from itag.cli.lock import locked
from itag.cli.processes import spawn
from itag.cli.runas import keep_owner, server_account
from itag.cli.supervisor import Child, Supervisor
from itag.home import home as find_home
from itag.home import make_home, write_private

DEFAULT_PORT = 8000
CHECKOUT = Path(__file__).resolve().parent.parent.parent
QUEUES = "default,import,split,export"


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def listen(host: str, port: int | None) -> socket.socket:
    """The socket of the web server. A named port must be free; without one the next free port from 8000 is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in [port] if port is not None else range(DEFAULT_PORT, DEFAULT_PORT + 100):
        server = socket.socket(family)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind((host, candidate))
            server.listen(1024)
        except OSError as exc:
            server.close()
            if exc.errno != errno.EADDRINUSE:
                raise Stop(f"Cannot listen on {host} port {candidate}: {exc.strerror}.") from None
            if port is not None:
                raise Stop(
                    f"Port {port} of {host} is taken: name another (PORT=…), or none to use the next free one."
                ) from None
            continue
        return server
    raise Stop(
        f"No port from {DEFAULT_PORT} to {DEFAULT_PORT + 99} of {host} is free: name one (PORT=…)."
    )


class Up:
    """One run of `itag up`."""

    def __init__(self, options: Namespace) -> None:
        self.host = options.host or os.environ.get("HOST") or "127.0.0.1"
        self.port = _port(options.port if options.port is not None else os.environ.get("PORT"))
        self.demo = options.demo and os.environ.get("DEMO", "1").lower() not in {"0", "no", "false"}
        self.home = find_home()
        self.supervisor = Supervisor(follow=os.getppid() if options.with_parent else None)
        self.environment: dict[str, str] = {}

    def run(self) -> int:
        with listen(self.host, self.port) as server:
            keep_owner(self.home)
            make_home(self.home)
            os.environ["ITAG_HOME"] = str(self.home)
            with locked(self.home):
                self.supervisor.install()
                try:
                    self._serve(server)
                finally:
                    say("stopping")
                    self.supervisor.stop()
                    (self.home / "run" / "servers.json").unlink(missing_ok=True)
        say("stopped")
        return 0

    def _serve(self, server: socket.socket) -> None:
        name = f"[{self.host}]" if ":" in self.host else self.host
        port = server.getsockname()[1]
        shown = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}.get(name, name)  # noqa: S104
        url = f"http://{shown}:{port}"
        say(f"itag {__version__}, everything it keeps lies in {self.home}")
        self._servers(url)
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "itag.settings",
            "HOST": self.host,
            "PORT": str(port),
            "PYTHONUNBUFFERED": "1",
            "MALLOC_ARENA_MAX": os.environ.get("MALLOC_ARENA_MAX", "2"),
            # The folder in which somebody types `itag up` is none to import from.
            "PYTHONSAFEPATH": "1",
        }
        if (CHECKOUT / "manage.py").is_file():
            paths = [str(CHECKOUT), *filter(None, [os.environ.get("PYTHONPATH")])]
            self.environment["PYTHONPATH"] = os.pathsep.join(paths)
        found = self._prepare(os.environ.get("SITE_URL", "").rstrip("/") or url)
        if self.supervisor.stopping:
            return
        self._processes(server)
        if not self.supervisor.wait(120, lambda: _answers(self.host, port)):
            if self.supervisor.stopping:
                return
            raise Stop("The web server did not answer within two minutes.")
        self._greet(url, found)
        self.supervisor.wait(float("inf"))

    def _servers(self, url: str) -> None:
        """Start what DATABASE_URL and REDIS_URL do not replace, and write where it is for manage.py and children."""
        account = server_account()
        addresses: dict[str, str] = {"url": url, "pid": str(os.getpid())}
        pools = _number("ITAG_WEB_WORKERS", 2) + _number("ITAG_WORKERS", 2) + 1
        each = _number("ITAG_DB_POOL", _number("ITAG_WEB_THREADS", 8) + 2)
        if not os.environ.get("DATABASE_URL"):
            database = Postgres(self.home, account, connections=pools * each + 80)
            self._keep(database)
            database.create_database()
            addresses["database"] = database.url
            say("PostgreSQL 18 is up")
        if not os.environ.get("REDIS_URL"):
            broker = Valkey(self.home, account)
            self._keep(broker)
            addresses["redis"] = broker.url
            say("Valkey 9 is up")
        write_private(self.home / "run" / "servers.json", json.dumps(addresses))

    def _keep(self, server: Server) -> None:
        def again() -> subprocess.Popen[bytes]:
            server.prepare()
            return server.start()

        # The first start waits until it answers; later ones are watched like those of the other children.
        first = [launch(server)]
        self.supervisor.add(
            Child(server.name, lambda: first.pop() if first else again(), server.stop_steps)
        )

    def _prepare(self, address: str) -> dict[str, str]:
        """Migrate, collect static files, load the demo or make the setup link; what to tell the person."""
        reader, writer = os.pipe()
        try:
            process = spawn(
                [
                    *(sys.executable, "-m", "itag.cli.prepare"),
                    *("--address", address, "--result", str(writer)),
                    *([] if is_loopback(self.host) else ["--open"]),
                    *([] if self.demo else ["--no-demo"]),
                ],
                env=self.environment,
                pass_fds=[writer],
            )
        finally:
            os.close(writer)
        with os.fdopen(reader) as result:
            status = self.supervisor.run(process)
            if status is None:
                return {}
            if status:
                raise Stop("The start failed, see above.")
            return json.loads(result.read())

    def _processes(self, server: socket.socket) -> None:
        descriptor = server.fileno()
        celery = (sys.executable, "-m", "celery", "-A", "itag.celery", "--quiet")
        commands = {
            "web": [sys.executable, "-m", "gunicorn", "-c", "python:itag.cli.gunicorn_config"],
            "worker": [
                *(*celery, "worker", "-Q", QUEUES, "-n", "itag@%h"),
                *(
                    "--concurrency",
                    str(_number("ITAG_WORKERS", 2)),
                    "--max-memory-per-child",
                    "500000",
                ),
                *("--without-gossip", "--without-mingle"),
            ],
            "beat": [sys.executable, "-m", "itag.beat"],
        }
        # SIGQUIT is Celery's cold shutdown: what it was doing goes back to the queue.
        steps = {
            "web": ((signal.SIGTERM, 12.0),),
            "worker": ((signal.SIGTERM, 10.0), (signal.SIGQUIT, 5.0)),
            "beat": ((signal.SIGTERM, 5.0),),
        }
        for name, command in commands.items():
            env = {**self.environment, "ITAG_WEB_FD": str(descriptor)}
            shared = [descriptor] if name == "web" else []

            def start(
                command: list[str] = command,
                env: dict[str, str] = env,
                shared: list[int] = shared,
            ) -> subprocess.Popen[bytes]:
                return spawn(command, env=env, cwd=self.home / "run", pass_fds=shared)

            self.supervisor.add(Child(name, start, steps[name]))

    def _greet(self, url: str, found: dict[str, str]) -> None:
        tell("")
        tell(f"  itag is at {url}")
        if accounts := found.get("accounts"):
            tell("")
            tell(accounts)
        if link := found.get("setup"):
            tell(
                "  Nobody administers it yet. This link, good once, makes the first administrator:"
            )
            tell(f"  {link}")
        if not is_loopback(self.host) and not os.environ.get("SITE_URL"):
            tell(
                "  Others reach it by the names in ALLOWED_HOSTS or SITE_URL only; set one of them."
            )
        tell("  Ctrl-C stops it.")
        tell("")


def _answers(host: str, port: int) -> bool:
    """Whether the web server answers at all."""
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    client = http.client.HTTPConnection(target, port, timeout=5)
    try:
        client.request("GET", "/healthz", headers={"Host": "localhost"})
        client.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        client.close()
    return True


def _port(named: object) -> int | None:
    if named is None or named == "":
        return None
    try:
        port = int(str(named))
    except ValueError:
        port = -1
    if not 0 <= port <= 65535:
        raise Stop(f"PORT={named} is no port: a number from 1 to 65535.")
    return port


def _number(name: str, default: int) -> int:
    value = os.environ.get(name) or str(default)
    if not value.isdigit() or int(value) < 1:
        raise Stop(f"{name}={value} is no number from 1.")
    return int(value)


def up(options: Namespace) -> int:
    return Up(options).run()
