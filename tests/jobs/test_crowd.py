"""People, a manager and the workers do anything at the same time, in real threads against PostgreSQL.

What they do is drawn from a seed, how their steps interleave is not: `CROWD_SEEDS=100-150` looks at other seeds.
"""

import inspect
import os
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

import pytest

from itag.core.errors import ItagError
from jobs import tasks
from jobs.models import Assignment
from jobs.services.figures import settle_figures
from jobs.services.jobs import finish_jobs
from tests.jobs.engine import Engine
from tests.jobs.history import assert_sound
from tests.jobs.promises import Watch
from tests.jobs.recount import assert_figures
from tests.jobs.scene import Scene

STEPS = 30
WORK = [
    "work_through",
    "work_through",
    "work_through",
    "work_through",
    "claim",
    "save",
    "abandon",
    "restore",
    "unlock",
    "save_late",
    "submit",
    "release",
    "skip",
    "withdraw",
    "pass_item",
    "reject_item",
    "adopt",
    "reject_package",
    "open_lot",
    "close_lot",
]
MANAGING = [
    "manager_release",
    "transfer",
    "extend",
    "submit_for",
    "discard",
    "restore_package",
    "restore_package",
    "reopen",
    "offer_again",
    "correct",
    "decide",
    "job_verb",
    "back_to_work",
    "back_to_work",
    "append",
    "close_batch",
]
MACHINES = ["workers_work", "workers_work", "review", "expire", "settle_figures", "finish"]


class Member(Engine):
    """One thread's part: every verb in a transaction of its own, on what this person holds."""

    def __init__(self, template: Scene, person: int, seed: str) -> None:
        self.job, self.people, self.boss = template.job, template.people, template.boss
        self.watch, self.changes = Watch(self.job), 0
        self.me, self.random = person, Random(seed)
        self.steps: list[str] = []

    def attempt(self, service: Callable[..., Any], **fields: Any) -> Any:
        self.job.refresh_from_db()
        try:
            return service(**fields)
        except ItagError:
            return None

    def one_of(self, *states: str, person: int, pick: int = 0) -> Assignment | None:
        rows = Assignment.objects.filter(
            job=self.job, state__in=states, holder=self.people[person]
        ).select_related("holder")
        found = list(rows.order_by("-claimed_at", "-pk"))
        return found[pick % len(found)] if found else None

    def finish(self) -> None:
        finish_jobs()

    def drawn(self) -> dict[str, Any]:
        choose = self.random.choice
        return {
            "person": self.me,
            "to": choose(range(5)),
            "pick": choose(range(4)),
            "number": choose(range(5)),
            "position": choose([1, 2, 3]),
            "rejected": choose([set(), set(), {1}, {2}]),
            "stage": choose(["labeling", "check", "acceptance"]),
            "key": choose(["k1", "k2"]),
            "keys": [choose(["k1", "k1", "k2"]) for _ in range(3)],
            "back_to": choose([None, "labeling", "check"]),
            "vote": choose([None, 1]),
            "method": choose(["rate", "count"]),
            "amount": choose([1, 30]),
            "whole": choose([True, False]),
            "judge": choose([True, True, False]),
            "decision": choose(["accept", "reject", "return_people", "return_items", "dissolve"]),
            "items": choose([1, 2, 3]),
            "verb": choose(["pause_job", "resume_job", "take_offline", "bring_online"]),
        }

    def play(self, verbs: list[str]) -> None:
        for _step in range(STEPS):
            name, drawn = self.random.choice(verbs), self.drawn()
            if name == "adopt" and drawn["vote"] is None:
                drawn["vote"] = 1
            verb = getattr(self, name)
            wanted = {key: drawn[key] for key in inspect.signature(verb).parameters}
            self.steps.append(f"{name}({wanted})")
            verb(**wanted)


def seeds() -> list[int]:
    first, _, last = os.environ.get("CROWD_SEEDS", "7-9").partition("-")
    return list(range(int(first), int(last or first) + 1))


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", seeds())
def test_whatever_people_do_at_once(
    seed: int, at_once: Callable[..., list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for task in (tasks.split_batch, tasks.work_on_lot, tasks.review_slots):
        monkeypatch.setattr(task, "delay", lambda *_args: None)
    scene = Scene()
    scene.prepare(
        "labeling,check,acceptance", 1 + seed % 2, ratios=(60, 50), limits={"package_limit": 2}
    )
    crowd = [Member(scene, person, f"{seed}:{person}") for person in (0, 1, 2, 3, 1, 0)]
    parts = [WORK, WORK, WORK, WORK, MANAGING, MACHINES]
    crowd[4].random.seed(f"{seed}:manager")
    crowd[5].random.seed(f"{seed}:machines")
    results = at_once(*(partial(one.play, part) for one, part in zip(crowd, parts, strict=True)))
    wrong = [
        (one.steps[-1], repr(error)) for one, error in zip(crowd, results, strict=True) if error
    ]
    assert not wrong, (seed, wrong)
    crowd[4].back_to_work()
    scene.settle()
    finish_jobs()
    assert_sound(scene.job)
    scene.watch.assert_kept()
    for one in crowd:
        one.watch._assert_answers()
    settle_figures(scene.job)
    assert_figures(scene.job)
