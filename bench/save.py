"""`save`, `save_10k_boxes` and `open_package`: one answer saved, a small one and one moved box of ten thousand, and one
package of 200 items opened, in the view with nothing else running."""

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


class _Saver:
    """Saves by one labeler who holds a package of pictures."""

    def __init__(self, size: int) -> None:
        self.user, self.assignment = _claimed(size)
        self.client = _client(self.user)
        self.versions: dict[int, int] = {}

    def put(self, position: int, value: dict[str, Any], key: str | None = "") -> None:
        """Save one object, or with `key` None the whole element."""
        ops = [{"questionId": "1", "id": value["id"] if key == "" else key, "value": value}]
        response = self.client.patch(
            f"/api/v1/assignments/{self.assignment.pk}/items/{position}",
            {"write": str(uuid.uuid4()), "ops": ops},
            content_type="application/json",
            headers={"If-Match": f'"{self.versions.get(position, 0)}"'},
        )
        if response.status_code != 200:
            raise RuntimeError(response.content.decode())
        self.versions[position] = response.json()["version"]


def _timed(call: Any, times: int) -> list[float]:
    found = []
    for n in range(1, times + 1):
        begin = time.perf_counter()
        call(n)
        found.append((time.perf_counter() - begin) * 1000)
    return found


@figure("save")
def save() -> Figure:
    from bench import rows

    saver = _Saver(200)
    objects = rows.boxes(200)[0]["data"]

    def one(n: int) -> None:
        value = {**objects[n % len(objects)], "id": str(uuid.uuid4())}
        saver.put(n % 200 + 1, value)

    for n in range(200):
        one(n)
    queries = _queries(lambda: one(0))
    times = _timed(one, 1000)
    value = percentile(times, 95)
    return Figure(
        name="save",
        value=value,
        unit="ms",
        reach="p95 ≤ 10 ms in the view, ≤ 6 queries beyond session and login",
        ok=value <= 10 and len(queries) <= 6,
        detail={"queries": len(queries), "median": percentile(times, 50), "saves": len(times)},
    )


@figure("save_10k_boxes")
def save_10k_boxes() -> Figure:
    """One moved box of ten thousand against one box of few, in turns so that both meet the same machine."""
    from bench import rows

    boxes, few, many = 10_000, 1, 2
    saver = _Saver(2)
    for position, count in ((few, 10), (many, boxes)):
        saver.put(position, rows.boxes(count)[0], key=None)
    small, large = rows.boxes(10)[0]["data"], rows.boxes(boxes)[0]["data"]

    def move(position: int, objects: list[dict[str, Any]], n: int) -> None:
        found = objects[n % len(objects)]
        shift = [[x, round(y + n % 7 / 100, 2)] for x, y in found["value"]]
        saver.put(position, {**found, "value": shift})

    light, heavy = [], []
    for n in range(400):
        light += _timed(lambda _n, n=n: move(few, small, n), 1)
        heavy += _timed(lambda _n, n=n: move(many, large, n), 1)
    value = percentile(heavy, 95) / percentile(light, 95)
    return Figure(
        name="save_10k_boxes",
        value=value,
        unit="× the save of one box of ten",
        reach="p95 ≤ 3 ×",
        ok=value <= 3,
        detail={
            "p95_ms": percentile(heavy, 95),
            "median_ms": percentile(heavy, 50),
            "worst_ms": max(heavy),
            "small_p95_ms": percentile(light, 95),
            "small_median_ms": percentile(light, 50),
            "saves": len(heavy),
        },
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
