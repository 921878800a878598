"""`labelers_8`: eight people over HTTP without thinking time, the clients on the same cores."""

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator
from typing import Any

from bench.frame import ROOT, Figure, figure, percentile

PEOPLE, SECONDS = 8, 15.0


@contextlib.contextmanager
def web_server() -> Iterator[int]:
    """The web server as `itag up` runs it, on a free port, without background workers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(512)
        port = listener.getsockname()[1]
        os.set_inheritable(listener.fileno(), True)  # noqa: FBT003
        environment = {
            **os.environ,
            "ITAG_WEB_FD": str(listener.fileno()),
            "DJANGO_SETTINGS_MODULE": "itag.settings",
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "python:itag.cli.gunicorn_config"],
            cwd=ROOT,
            env=environment,
            pass_fds=[listener.fileno()],
        )
    try:
        deadline = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/login/", timeout=5)
                break
            if time.monotonic() > deadline or process.poll() is not None:
                raise RuntimeError("the web server does not answer")
            time.sleep(0.2)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


@figure("labelers_8")
def measure() -> Figure:
    from accounts.services.tokens import create_token
    from bench import rows
    from jobs.models import Annotation, PackageEvent

    members = rows.people(PEOPLE)
    job = rows.job(rows.dataset(40_000), size=20, template="object-detection")
    rows.join(job, members)
    tokens = [create_token(user=user, name="bench")[1] for user in members]
    with web_server() as port:
        done = subprocess.run(
            [sys.executable, "-m", "bench.http", str(port), str(job.pk), str(SECONDS), *tokens],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            check=True,
            timeout=300,
        )
    found = json.loads(done.stdout)
    answers = Annotation.objects.filter(package_item__job=job, answered_at__isnull=False)
    doubles = answers.count() - answers.values("package_item").distinct().count()
    claims = PackageEvent.objects.filter(job=job, verb="claim")
    doubles += claims.count() - claims.values("package").distinct().count()
    value = len(found["saves"]) / found["seconds"]
    return Figure(
        name="labelers_8",
        value=value,
        unit="answers/s",
        reach="≥ 60 answers a second, none given twice",
        ok=value >= 60 and doubles == 0 and answers.count() == len(found["saves"]),
        detail={
            "answers": len(found["saves"]),
            "given_twice": doubles,
            "save_p95_ms": percentile(found["saves"], 95),
            "save_median_ms": percentile(found["saves"], 50),
            "claim_p95_ms": percentile(found["claims"], 95),
            "submit_p95_ms": percentile(found["submits"], 95),
        },
    )


class _Caller:
    """One person's connection."""

    def __init__(self, port: int, token: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def __call__(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[Any, float]:
        begin = time.perf_counter()
        data = None if body is None else json.dumps(body)
        self.connection.request(method, f"/api/v1{path}", data, self.headers | headers)
        response = self.connection.getresponse()
        content = response.read()
        elapsed = (time.perf_counter() - begin) * 1000
        if response.status >= 300:
            raise RuntimeError(f"{method} {path}: {response.status} {content.decode()}")
        return (json.loads(content) if content else None), elapsed


def _people(port: int, job: str, seconds: float, tokens: list[str]) -> None:
    """Eight threads that claim, look at, answer and submit as fast as they are answered."""
    import threading

    found: dict[str, list[float]] = {"saves": [], "claims": [], "submits": []}
    failures: list[str] = []
    start = time.time() + 1

    def work(token: str) -> None:
        call = _Caller(port, token)
        time.sleep(max(0, start - time.time()))
        try:
            while time.time() < start + seconds:
                claimed, elapsed = call("POST", f"/jobs/{job}/claim", {"stage": "labeling"})
                found["claims"].append(elapsed)
                if not claimed["assignment"]:
                    return
                base = f"/assignments/{claimed['assignment']['id']}"
                opened, _ = call("GET", base)
                for item in opened["items"]:
                    box = str(uuid.uuid4())
                    corners = [[10, 10], [200.5, 10], [200.5, 100.25], [10, 100.25]]
                    value = {"id": box, "type": "image/polygon", "shape": "rectangle"}
                    value |= {"value": corners, "labels": {"1.1": "k1"}}
                    write = {
                        "write": str(uuid.uuid4()),
                        "ops": [{"questionId": "1", "id": box, "value": value}],
                    }
                    path = f"{base}/items/{item['position']}"
                    _, elapsed = call("PATCH", path, write, **{"If-Match": f'"{item["version"]}"'})
                    found["saves"].append(elapsed)
                _, elapsed = call("POST", f"{base}/submit", {})
                found["submits"].append(elapsed)
        except (OSError, RuntimeError, KeyError, ValueError) as exc:
            failures.append(repr(exc))

    threads = [threading.Thread(target=work, args=[token]) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise SystemExit("\n".join(failures))
    print(json.dumps({**found, "seconds": time.time() - start}))


if __name__ == "__main__":
    _people(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), sys.argv[4:])
