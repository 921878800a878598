"""`list_pages`: the pages and API lists of Task Center, at a thousand items and at a million in 20,000 packages."""

import os
import statistics
import time

from bench.frame import Figure, figure, percentile, say

ITEMS = int(os.environ.get("BENCH_LIST_ITEMS", 1_000_000))
SMALL = 1_000
REQUESTS = int(os.environ.get("BENCH_LIST_REQUESTS", 40))
REACH_MS = 50
PAGES = {
    "home": "/",
    "jobs": "/jobs/",
    "job": "/jobs/{job}/",
    "packages": "/jobs/{job}/packages/",
    "packages_waiting": "/jobs/{job}/packages/?state=waiting",
    "figures": "/jobs/{job}/figures/",
    "lots": "/jobs/{job}/lots/",
    "history": "/jobs/{job}/history/",
    "api_jobs": "/api/v1/jobs",
    "api_packages": "/api/v1/jobs/{job}/packages",
    "api_my_work": "/api/v1/assignments",
}


@figure("list_pages")
def measure() -> Figure:
    from django.test import Client

    from accounts.grants import grant
    from bench import rows

    small, large = (_job(count) for count in (min(SMALL, ITEMS), ITEMS))
    person = rows.people(1, prefix="lists")[0]
    grants = ("view_workspace", "manage_workspace", "create_in_workspace", "lead_workspace")
    for codename in grants:
        grant(codename, rows.workspace(), users=[person])
    for job in (small, large):
        rows.join(job, [person])
        grant("manage_job", job, users=[person])
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    found = {}
    for name, path in PAGES.items():
        at = {}
        for size, job in (("small", small), ("large", large)):
            at[size] = _times(client, path.format(job=job.pk))
        found[name] = {
            "p95_ms": percentile(at["large"], 95),
            "median_ms": statistics.median(at["large"]),
            "p95_ms_at_1000": percentile(at["small"], 95),
            "median_ms_at_1000": statistics.median(at["small"]),
        }
        say(f"  {name}: {found[name]['median_ms']:.1f} ms, {found[name]['median_ms_at_1000']:.1f}")
    worst = max(found, key=lambda name: found[name]["p95_ms"])
    value, baseline = found[worst]["p95_ms"], found[worst]["p95_ms_at_1000"]
    return Figure(
        name="list_pages",
        value=value,
        unit="ms",
        baseline=baseline,
        ratio=max(row["median_ms"] / row["median_ms_at_1000"] for row in found.values()),
        reach="p95 ≤ 50 ms at 1 M items and 20,000 packages, the same as at a thousand",
        ok=value <= REACH_MS,
        detail={"items": ITEMS, "worst": worst, "requests": REQUESTS, **found},
    )


def _job(count: int):  # type: ignore[no-untyped-def]
    """A job whose packages are spread over its stages, as lists show them."""
    from django.db import connection

    from bench import rows

    source = rows.dataset(count, kind="text", media={})
    job = rows.job(
        source,
        size=50,
        workflow="labeling,check,acceptance",
        template="text-classification",
    )
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE jobs_assignment a SET state = 'submitted', holder_id = %s, claimed_at = now(), submitted_at = now()
               WHERE a.job_id = %s AND a.number %% 2 = 0""",
            [source.created_by_id, job.pk],
        )
        cursor.execute(
            "UPDATE jobs_package SET stage = 'acceptance' WHERE job_id = %s AND number %% 2 = 0",
            [job.pk],
        )
        cursor.execute(
            """INSERT INTO jobs_assignment (job_id, package_id, round, stage, vote, state, reason, is_return, priority,
                   number, participants, created_at, work_seconds)
               SELECT job_id, id, 1, 'acceptance', 0, 'waiting', '', false, 0, number, ARRAY[%s]::int[], now(), 0
               FROM jobs_package WHERE job_id = %s AND number %% 2 = 0 ORDER BY number""",
            [source.created_by_id, job.pk],
        )
        for table in ("jobs_package", "jobs_assignment"):
            cursor.execute(f"ANALYZE {table}")
    return job


def _times(client, path: str) -> list[float]:  # type: ignore[no-untyped-def]
    """Milliseconds of each request, the first two left out."""
    times = []
    for number in range(REQUESTS + 2):
        begin = time.perf_counter()
        response = client.get(path)
        if response.status_code != 200:
            raise RuntimeError(f"{path}: {response.status_code}")
        if number > 1:
            times.append((time.perf_counter() - begin) * 1000)
    return times
