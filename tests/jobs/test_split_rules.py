"""Every rule of allocation as the database cuts it: each item once, sizes within bounds, groups whole, targets kept,
whatever stops between the steps; and what is appended later.
"""

import itertools
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Team, User, Workspace
from datasets.models import Dataset
from itag.core.errors import Conflict, Invalid
from jobs.models import Assignment, Batch, Job, Package, PackageItem, SplitRun
from jobs.services import allocation as rules
from jobs.services import groups, split
from jobs.services.members import RoleMembers, set_members, write_grants
from jobs.services.targets import reserve
from tests.factories import make_dataset, make_team, member
from tests.jobs.test_split import KILLED, add_items, big_dataset, waiting_job

pytestmark = pytest.mark.django_db

#: Values of a field and the group that each belongs to; what is missing is not there at all.
VALUES: list[tuple[str, Any]] = [
    ("", "missing"), ("", None), ("", ""),
    ("a", "a"), ("1", 1), ("1 as text", "1"), ("1.0", 1.0), ("true", True), ("list", [1, {"b": 2, "a": 1}]),
    ("long 1", "x" * 300 + "1"), ("long 2", "x" * 300 + "2"), ("quoted", '"a"'), ("space", " "), ("#", "#"),
]  # fmt: skip


@pytest.fixture
def stage(workspace: Workspace) -> tuple[list[User], Team]:
    people = [member(workspace) for _ in range(3)]
    return people, make_team(workspace, [member(workspace)])


def let_label(job: Job, people: list[User], teams: list[Team]) -> None:
    write_grants(job, before={}, after={"labeling": RoleMembers(users=people, teams=teams)})


def cut_in_pieces(run: SplitRun, stops: Any) -> None:
    """Work on the run until its end; `stops()` says where a step is lost after it did its work."""
    for _ in range(200):
        run.refresh_from_db()
        if run.state not in ("queued", "running"):
            return
        try:
            with transaction.atomic():
                split._step(run.pk)
                if stops():
                    raise InterruptedError
        except InterruptedError:
            continue
    raise AssertionError("the split did not end")


def cut_of(job: Job) -> list[list[int]]:
    """The ordinals of every package in order of its number; positions and counts are looked at here."""
    found: list[list[int]] = []
    packages = list(Package.objects.filter(job=job).order_by("number"))
    assert [package.number for package in packages] == list(range(1, len(packages) + 1))
    rows = (
        PackageItem.objects.filter(job=job)
        .select_related("item")
        .order_by("package__number", "position")
    )
    by_package = {k: list(v) for k, v in itertools.groupby(rows, key=lambda row: row.package_id)}
    for package in packages:
        mine = by_package[package.pk]
        assert [row.position for row in mine] == list(range(1, package.item_count + 1))
        assert [row.ordinal for row in mine] == [row.item.ordinal for row in mine]
        found.append([row.ordinal for row in mine])
    assert sorted(itertools.chain(*found)) == list(range(1, sum(map(len, found)) + 1))
    return found


def slots_of(job: Job) -> dict[tuple[int, int], tuple[str, int] | None]:
    """For whom each (package, vote) is reserved; each slot once."""
    rows = list(Assignment.objects.filter(job=job))
    slots = {
        (row.number, row.vote): ("user", row.reserved_user_id) if row.reserved_user_id
        else ("team", row.reserved_team_id) if row.reserved_team_id else None
        for row in rows
    }  # fmt: skip
    assert len(slots) == len(rows)
    assert all(row.reserved_until is None and row.holder_id is None for row in rows)
    assert all(row.package.number == row.number for row in rows)
    return slots  # type: ignore[return-value]


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_every_rule_cuts_every_item_once(
    data: st.DataObject, stage: tuple[list[User], Team], monkeypatch: pytest.MonkeyPatch
) -> None:
    people, team = stage
    picked = data.draw(st.lists(st.integers(0, len(VALUES) - 1), min_size=1, max_size=40))
    items = len(picked)
    allocation: dict[str, Any] = data.draw(
        st.one_of(
            st.integers(1, 12).map(lambda n: {"type": "fixed", "size": n}),
            st.integers(1, items).map(lambda n: {"type": "average", "packages": n}),
            st.just({"type": "field", "field": "city"}),
        )
    )
    targets = data.draw(
        st.one_of(
            st.none(),
            st.just({"users": {str(people[0].pk): 30, str(people[1].pk): 25}, "teams": {str(team.pk): 45}}),
            st.just({"packages": [{"first": 1, "last": 1, "user": people[2].pk}]}),
        )
    )  # fmt: skip
    if targets:
        allocation["targets"] = targets
    votes = data.draw(st.integers(1, 3))
    most = data.draw(st.integers(2, 6))
    for module in (split, rules):
        monkeypatch.setattr(module, "MAX_PACKAGE_ITEMS", most)
    monkeypatch.setattr(split, "STEP_ITEMS", data.draw(st.integers(1, 50)))
    stops = iter(data.draw(st.lists(st.booleans(), max_size=20)))

    dataset = make_dataset(
        [{"n": n} | ({} if VALUES[v][1] == "missing" else {"city": VALUES[v][1]}) for n, v in enumerate(picked)]
    )  # fmt: skip
    job, run = waiting_job(dataset, allocation, votes={"1": {"VoteNum": votes, "MinVote": 1}})
    let_label(job, people, [team])
    cut_in_pieces(run, lambda: next(stops, False))

    run.refresh_from_db()
    job.refresh_from_db()
    assert (run.state, run.done, run.error) == ("succeeded", items, "")
    packages = cut_of(job)
    assert (job.state, job.package_count, job.item_count) == ("running", len(packages), items)
    if allocation["type"] == "field":
        ordinals: dict[str, list[int]] = {}
        for ordinal, value in enumerate(picked, 1):
            ordinals.setdefault(VALUES[value][0], []).append(ordinal)
        chunks = [
            [group[n : n + most] for n in range(0, len(group), most)] for group in ordinals.values()
        ]
        assert packages == list(itertools.chain(*chunks))
        units = [len(chunk) for chunk in chunks]
        counted = groups.count_groups(dataset, "city", first=1, last=items)
        assert counted is not None
        assert counted.sizes == [len(group) for group in ordinals.values()]
    else:
        assert packages == [
            list(range(start + 1, end + 1))
            for start, end in itertools.pairwise(
                itertools.accumulate(rules.package_sizes(allocation, items), initial=0)
            )
        ]
        units = [1] * len(packages)
    expected: dict[tuple[int, int], Any] = dict.fromkeys(
        itertools.product(range(1, len(packages) + 1), range(votes))
    )
    for one in reserve(targets, units=units, votes=votes):
        for number in range(one.first, one.last + 1):
            expected[number, one.vote] = (one.kind, one.pk)
    assert slots_of(job) == expected


def test_packages_by_field_show_their_value() -> None:
    cities = ["北京", 7, None, ["x"], "y" * 300, "北京"]
    job, run = waiting_job(
        make_dataset([{"city": city} for city in cities]), {"type": "field", "field": "city"}
    )
    split.split_batch(run_id=run.pk)
    shown = list(
        Package.objects.filter(job=job).order_by("number").values_list("group_value", flat=True)
    )
    assert shown == ["北京", "7", "", '["x"]', "y" * 199 + "…"]
    counted = groups.count_groups(job.dataset, "city", first=1, last=6)
    assert counted is not None
    assert counted.largest[0] == ("北京", 2)
    assert sorted(value for value, _items in counted.largest) == sorted(shown)
    assert counted.empty == 1


def test_a_group_above_2000_items_becomes_consecutive_packages() -> None:
    dataset = big_dataset(0)
    add_items(
        dataset, 1, 4_500, """CASE WHEN n %% 9 = 0 THEN '{"city":"b"}' ELSE '{"city":"a"}' END"""
    )
    Dataset.objects.filter(pk=dataset.pk).update(item_count=4_500)
    dataset.refresh_from_db()
    job, run = waiting_job(dataset, {"type": "field", "field": "city"})
    split.split_batch(run_id=run.pk)
    assert list(
        Package.objects.filter(job=job).order_by("number").values_list("group_value", "item_count")
    ) == [("a", 2_000), ("a", 2_000), ("b", 500)]


def test_too_many_groups_fail_the_job_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(split, "MAX_PACKAGES", 3)
    monkeypatch.setattr(groups, "MAX_PACKAGES", 3)
    dataset = make_dataset([{"city": city} for city in "abcd"])
    for step in (1, 100):
        monkeypatch.setattr(split, "STEP_ITEMS", step)
        job, run = waiting_job(dataset, {"type": "field", "field": "city"})
        split.split_batch(run_id=run.pk)
        run.refresh_from_db()
        job.refresh_from_db()
        assert (job.state, run.state, run.error) == ("failed", "failed", split.TOO_MANY)
        Job.objects.filter(pk=job.pk).update(name=f"old {job.pk}", deleted_at=timezone.now())
    with pytest.raises(Invalid) as caught:
        groups.count_groups(dataset, "city", first=1, last=4)
    assert caught.value.errors[0]["field"] == "allocation.field"


def test_who_has_left_the_stage_meanwhile_gets_no_reservation(
    workspace: Workspace, admin_user: User, stage: tuple[list[User], Team]
) -> None:
    people, team = stage
    targets = {"users": {str(people[0].pk): 50}, "teams": {str(team.pk): 50}}
    dataset = make_dataset(8, workspace=workspace, created_by=admin_user)
    job, run = waiting_job(dataset, {"type": "fixed", "size": 2, "targets": targets})
    let_label(job, people, [team])
    set_members(
        job=job, user=admin_user, members={"labeling": {"users": people[:1]}, "manage": {"users": [admin_user]}}
    )  # fmt: skip
    split.split_batch(run_id=run.pk)
    mine = ("user", people[0].pk)
    assert slots_of(job) == {(1, 0): mine, (2, 0): mine, (3, 0): None, (4, 0): None}


def append(job: Job, last: int) -> SplitRun:
    """The dataset grows to `last` items and the new ones become the next batch, which is cut."""
    first = (
        Batch.objects.filter(job=job).order_by("-number").values_list("last_ordinal", flat=True)[0]
        + 1
    )
    add_items(job.dataset, first, last)
    batch = Batch.objects.create(
        job=job, number=job.batches.count() + 1, first_ordinal=first, last_ordinal=last
    )
    run = split.start_split(batch=batch, total=last - first + 1)
    cut_in_pieces(run, itertools.cycle([True, False]).__next__)
    run.refresh_from_db()
    assert (run.state, run.error) == ("succeeded", "")
    job.refresh_from_db()
    cut_of(job)
    return run


def blocked(job: Job) -> list[tuple[int, str]]:
    rows = Assignment.objects.filter(job=job, state="blocked").order_by("number", "vote")
    return list(rows.values_list("number", "reason"))


def open_batches(job: Job) -> list[int]:
    return list(
        job.batches.filter(closed_at=None).order_by("number").values_list("number", flat=True)
    )


@pytest.mark.parametrize(
    "allocation", [{"type": "fixed", "size": 4}, {"type": "average", "packages": 3}]
)
def test_appended_items_go_on_where_the_numbers_end_and_fill_what_waits(
    allocation: dict[str, Any],
) -> None:
    job, run = waiting_job(big_dataset(10), allocation, votes={"1": {"VoteNum": 2, "MinVote": 1}})
    split.split_batch(run_id=run.pk)
    # The first batch is closed: its short last package waits for nobody.
    assert blocked(job) == []
    before = cut_of(job)
    Job.objects.filter(pk=job.pk).update(state="finished", finished_at=timezone.now())

    assert split.count_new_packages(job=job, first=11, last=16) == 2
    append(job, 16)
    assert (job.state, job.finished_at, job.package_count, job.item_count) == (
        "running",
        None,
        5,
        16,
    )
    assert cut_of(job) == [*before, [11, 12, 13, 14], [15, 16]]
    assert blocked(job) == [(5, "batch_open")] * 2
    assert open_batches(job) == [2]

    # One more does not fill it: no new package, and it waits still.
    assert split.count_new_packages(job=job, first=17, last=17) == 0
    append(job, 17)
    assert (job.package_count, blocked(job)) == (5, [(5, "batch_open")] * 2)
    assert open_batches(job) == [2, 3]

    # The next one does: its batch is closed by itself.
    assert split.count_new_packages(job=job, first=18, last=23) == 2
    append(job, 23)
    assert cut_of(job)[4:] == [[15, 16, 17, 18], [19, 20, 21, 22], [23]]
    assert blocked(job) == [(7, "batch_open")] * 2
    assert 2 not in open_batches(job)
    assert list(Package.objects.get(job=job, number=5).events.values_list("verb", flat=True)) == [
        "unblock"
    ]

    # A batch that was closed by hand stays as it is.
    Batch.objects.filter(job=job).update(closed_at=timezone.now())
    Assignment.objects.filter(job=job, state="blocked").update(state="waiting", reason="")
    append(job, 27)
    assert cut_of(job)[6:] == [[23], [24, 25, 26, 27]]
    assert blocked(job) == []
    assert open_batches(job) == []


def test_appended_groups_are_packages_of_their_own_batch() -> None:
    job, run = waiting_job(
        make_dataset([{"source": "a"}, {"source": "b"}]), {"type": "field", "field": "source"}
    )
    split.split_batch(run_id=run.pk)
    add_items(job.dataset, 3, 3, """'{"source":"b"}'""")
    assert split.count_new_packages(job=job, first=3, last=3) == 1
    batch = Batch.objects.create(job=job, number=2, first_ordinal=3, last_ordinal=4)
    add_items(job.dataset, 4, 4, """'{"source":"c"}'""")
    split.split_batch(run_id=split.start_split(batch=batch, total=2).pk)
    assert cut_of(job) == [[1], [2], [3], [4]]
    assert list(Package.objects.filter(job=job).order_by("number").values_list("batch__number", "group_value")) == [
        (1, "a"), (1, "b"), (2, "b"), (2, "c"),
    ]  # fmt: skip
    assert (blocked(job), open_batches(job)) == ([], [])


def test_shares_go_on_in_later_batches_and_lists_do_not(stage: tuple[list[User], Team]) -> None:
    people, team = stage
    for targets, later in (
        ({"users": {str(people[0].pk): 100}}, ("user", people[0].pk)),
        ({"packages": [{"first": 1, "last": 2, "team": team.pk}]}, None),
    ):
        job, run = waiting_job(big_dataset(4), {"type": "fixed", "size": 2, "targets": targets})
        let_label(job, people, [team])
        split.split_batch(run_id=run.pk)
        append(job, 8)
        assert slots_of(job)[3, 0] == slots_of(job)[4, 0] == later


def test_a_batch_is_not_cut_before_the_one_before_it() -> None:
    job, _run = waiting_job(big_dataset(4), 2)
    batch = Batch.objects.create(job=job, number=2, first_ordinal=5, last_ordinal=6)
    with pytest.raises(Conflict):
        split.start_split(batch=batch, total=2)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("steps", [1, 6])
def test_killed_while_groups_are_cut_or_opened_nothing_is_missing_or_doubled(steps: int) -> None:
    dataset = big_dataset(0)
    add_items(dataset, 1, 503, """json_build_object('city', n %% 7)""")
    Dataset.objects.filter(pk=dataset.pk).update(item_count=503)
    dataset.refresh_from_db()
    job, run = waiting_job(dataset, {"type": "field", "field": "city"})
    code = KILLED.format(
        root=str(Path(__file__).resolve().parents[2]),
        name=connection.settings_dict["NAME"],
        steps=steps,
        run=run.pk,
    )
    finished = subprocess.run([sys.executable, "-c", code], timeout=60, check=False)
    assert finished.returncode == -9
    assert PackageItem.objects.filter(job=job).count() == min(503, steps * 100)
    assert not Assignment.objects.filter(job=job).exists()
    split.split_batch(run_id=run.pk)
    assert [len(package) for package in cut_of(job)] == [72] * 6 + [71]
    assert len(slots_of(job)) == 7
