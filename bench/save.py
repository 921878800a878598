"""`save` and `open_package`: one answer saved, one package of 200 items opened, in the view with nothing else running."""

import time
import uuid
from typing import Any

from bench.frame import Figure, figure, percentile


def _client(user: Any) -> Any:
    from django.test import Client

    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _queries(call: Any) -> list[str]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        call()
    statements = [str(query["sql"]) for query in captured.captured_queries]
    return [
        sql
        for sql in statements
        if not any(part in sql for part in ("django_session", "SAVEPOINT", "BEGIN", "COMMIT"))
        and 'FROM "accounts_user" WHERE "accounts_user"."id"' not in sql
    ]


def _claimed(size: int) -> tuple[Any, Any]:
    from bench import rows
    from jobs.services.claim import claim_package

    user = rows.people(1)[0]
    job = rows.job(rows.dataset(size), size=size, template="object-detection")
    rows.join(job, [user])
    return user, claim_package(job=job, user=user, stage="labeling").assignment


@figure("save")
def save() -> Figure:
    from bench import rows

    user, assignment = _claimed(200)
    client = _client(user)
    element = rows.boxes(200)[0]
    objects = element.pop("data")
    versions: dict[int, int] = {}

    def one(n: int) -> None:
        position = n % 200 + 1
        value = {**objects[n % len(objects)], "id": str(uuid.uuid4())}
        ops = [{"questionId": "1", "id": value["id"], "value": value}]
        response = client.patch(
            f"/api/v1/assignments/{assignment.pk}/items/{position}",
            {"write": str(uuid.uuid4()), "ops": ops},
            content_type="application/json",
            headers={"If-Match": f'"{versions.get(position, 0)}"'},
        )
        if response.status_code != 200:
            raise RuntimeError(response.content.decode())
        versions[position] = response.json()["version"]

    for n in range(200):
        one(n)
    queries = _queries(lambda: one(0))
    times = []
    for n in range(1, 1001):
        begin = time.perf_counter()
        one(n)
        times.append((time.perf_counter() - begin) * 1000)
    value = percentile(times, 95)
    return Figure(
        name="save",
        value=value,
        unit="ms",
        reach="p95 ≤ 10 ms in the view, ≤ 6 queries beyond session and login",
        ok=value <= 10 and len(queries) <= 6,
        detail={"queries": len(queries), "median": percentile(times, 50), "saves": len(times)},
    )


@figure("open_package")
def open_package() -> Figure:
    user, assignment = _claimed(200)
    client = _client(user)
    page = f"/label/{assignment.pk}/1"
    client.get(page)  # warm: content types, templates, the manifest
    times = []
    for _ in range(30):
        begin = time.perf_counter()
        client.get(page)
        times.append((time.perf_counter() - begin) * 1000)

    def load() -> None:
        if (answer := client.get(page)).status_code != 200:
            raise RuntimeError(f"{page}: {answer.status_code}")

    queries = _queries(load)
    return Figure(
        name="open_package",
        value=len(queries),
        unit="queries",
        reach="≤ 10 queries for a package of 200 items",
        ok=len(queries) <= 10,
        detail={"items": 200, "p95_ms": percentile(times, 95), "median_ms": percentile(times, 50)},
    )
