"""`claim`: 64 connections from 4 processes take packages; the time inside the claim's transaction."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any
from unittest import mock

from bench.frame import ROOT, Figure, figure, percentile

PROCESSES, THREADS, SECONDS = 4, 16, 6.0

#: The least that hands out a package: one statement that finds, locks and marks it.
BARE = """UPDATE jobs_assignment SET state = 'claimed', holder_id = %s, claimed_at = now()
WHERE id = (SELECT id FROM jobs_assignment
            WHERE job_id = %s AND stage = 'labeling' AND state = 'waiting'
                AND reserved_user_id IS NULL AND reserved_team_id IS NULL
            ORDER BY priority DESC, deadline ASC NULLS LAST, number LIMIT 1
            FOR NO KEY UPDATE SKIP LOCKED)
RETURNING package_id"""


@figure("claim")
def measure() -> Figure:
    from bench import rows
    from jobs.models import Assignment

    members = rows.people(PROCESSES * THREADS)
    source = rows.dataset(20_000 * 5)
    small_source = rows.dataset(20 * 5)
    limits = {"limits": {"package_limit": 1_000_000}}
    runs = {}
    jobs = {}
    for name, data, how in (
        ("claim", source, "service"),
        ("bare", source, "bare"),
        ("small", small_source, "service"),
    ):
        job = jobs[name] = rows.job(data, size=5, template="object-detection", **limits)
        rows.join(job, members)
        runs[name] = _run(
            job.pk, [user.pk for user in members], how, 1.0 if name == "small" else SECONDS
        )
    times, packages = runs["claim"]
    bare = percentile(runs["bare"][0], 95)
    value = percentile(times, 95)
    doubles = len(packages) - len(set(packages))
    taken = Assignment.objects.filter(job=jobs["claim"], state="claimed").count()
    one_20, one_20k = _alone(jobs["small"]), _alone(jobs["claim"])
    return Figure(
        name="claim",
        value=value,
        unit="ms",
        baseline=bare,
        ratio=value / bare,
        reach="p95 ≤ 50 ms and ≤ 3 × the bare SQL, no package twice, the same at 20 and 20,000 packages",
        ok=value <= 50 and value <= 3 * bare and doubles == 0 and taken == len(packages)
        and one_20k <= 2 * one_20 + 1,
        detail={
            "claims": len(packages),
            "claims_bare": len(runs["bare"][1]),
            "median": percentile(times, 50),
            "median_bare": percentile(runs["bare"][0], 50),
            "double_claims": doubles,
            "one_connection_p95_20_packages": one_20,
            "one_connection_p95_20000_packages": one_20k,
        },
    )  # fmt: skip


def _run(job: int, users: list[int], how: str, seconds: float) -> tuple[list[float], list[int]]:
    """Milliseconds inside the transaction and packages taken, over all processes."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "bench.claim", str(job), how, str(seconds)]
            + [str(user) for user in users[n * THREADS : (n + 1) * THREADS]],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "ITAG_DB_POOL": str(THREADS + 1)},
        )
        for n in range(PROCESSES)
    ]
    for process in processes:  # all have loaded and connected
        if process.stdout.readline() != b"ready\n":
            raise RuntimeError("a claiming process did not start")
    start = f"{time.time() + 0.5}\n".encode()
    times: list[float] = []
    packages: list[int] = []
    for process in processes:
        process.stdin.write(start)
        process.stdin.flush()
    for process in processes:
        output, _ = process.communicate(timeout=seconds + 120)
        if process.returncode:
            raise RuntimeError(f"a claiming process ended with {process.returncode}")
        part = json.loads(output)
        times += part["times"]
        packages += part["packages"]
    return times, packages


def _alone(job: object) -> float:
    """p95 of one connection that claims and puts back, in milliseconds."""
    from bench import rows
    from jobs.models import Assignment
    from jobs.services.claim import claim_package

    user = rows.people(1)[0]
    rows.join(job, [user])
    Assignment.objects.filter(job=job).exclude(state="waiting").update(
        state="waiting", holder=None, claimed_at=None
    )
    timer = _Timer()
    with timer.installed():
        for _ in range(200):
            claimed = claim_package(job=job, user=user, stage="labeling")
            Assignment.objects.filter(pk=claimed.assignment.pk).update(
                state="waiting", holder=None, claimed_at=None
            )
    return percentile(timer.times[20:], 95)


class _Timer:
    """Times the transaction of the claim service: from before its first statement goes out to its answer, committed."""

    def __init__(self) -> None:
        self.times: list[float] = []

    @contextlib.contextmanager
    def installed(self) -> Iterator[None]:
        from jobs.services import claim as module

        run = module._run

        def timed(*args: Any) -> Any:
            begin = time.perf_counter()
            row = run(*args)
            self.times.append((time.perf_counter() - begin) * 1000)
            return row

        with mock.patch.object(module, "_run", timed):
            yield


def _process(job_id: int, how: str, seconds: float, users: list[int]) -> None:
    """One process: a thread and a connection per person, all starting at one moment."""
    import threading

    import django

    django.setup()
    from django.db import connection, transaction

    from accounts.models import User
    from jobs.models import Job
    from jobs.services.claim import claim_package

    people = list(User.objects.filter(pk__in=users))
    job = Job.objects.select_related("workspace").get(pk=job_id)
    connection.close()
    times: list[float] = []
    packages: list[int] = []
    failures: list[BaseException] = []
    connected = threading.Barrier(len(people) + 1)
    go = threading.Event()
    start = 0.0

    def work(user: User) -> None:
        try:
            connection.ensure_connection()
            connected.wait()
            go.wait()
            time.sleep(max(0, start - time.time()))
            while time.time() < start + seconds:
                if how == "bare":
                    begin = time.perf_counter()
                    with transaction.atomic(), connection.cursor() as cursor:
                        cursor.execute(BARE, [user.pk, job_id])
                        row = cursor.fetchone()
                    times.append((time.perf_counter() - begin) * 1000)
                    if row is None:
                        return
                    packages.append(row[0])
                else:
                    claimed = claim_package(job=job, user=user, stage="labeling")
                    if claimed.assignment is None or claimed.already_held:
                        return
                    packages.append(claimed.assignment.package_id)
        except BaseException as exc:
            failures.append(exc)
            raise
        finally:
            connection.close()

    timer = _Timer()
    with timer.installed():
        threads = [threading.Thread(target=work, args=[user]) for user in people]
        for thread in threads:
            thread.start()
        connected.wait()
        print("ready", flush=True)
        start = float(sys.stdin.readline())
        go.set()
        for thread in threads:
            thread.join()
    if failures:
        raise SystemExit(1)
    print(json.dumps({"times": times or timer.times, "packages": packages}))


if __name__ == "__main__":
    _process(
        int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), [int(user) for user in sys.argv[4:]],
    )  # fmt: skip
