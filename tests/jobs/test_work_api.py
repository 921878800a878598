"""The work API: shapes, who may do what, what labelers are not told, and what a page costs."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from rest_framework.test import APIClient

from accounts.models import User, Workspace
from datasets.models import Item
from jobs.models import Assignment, Job, Package, PackageEvent
from jobs.selectors.template import job_questions, template_key
from jobs.services.release import manager_release
from tests.factories import choice, choice_op, make_dataset, make_job, member
from tests.jobs.flow import claim, inspect_all, label, pass_rest, save, submit

pytestmark = pytest.mark.django_db

Client = Callable[[User | None], APIClient]
API = "/api/v1"


@pytest.fixture
def job(
    workspace: Workspace,
    labeler: User,
    labeler2: User,
    checker: User,
    accepter: User,
    leader: User,
) -> Job:
    """Two packages of three items, half of them checked."""
    return make_job(
        items=6,
        size=3,
        workspace=workspace,
        labelers=[labeler, labeler2],
        checkers=[checker],
        accepters=[accepter],
        managers=[leader],
        check_ratio=34,
    )


@pytest.fixture
def held(job: Job, labeler: User) -> Assignment:
    return claim(job, labeler)


def patch(
    client: APIClient, assignment: Assignment, position: int, key: str = "k1", version: int = 0, **body: Any
) -> Any:  # fmt: skip
    body.setdefault("write", str(uuid4()))
    body.setdefault("ops", [choice_op(key)])
    return client.patch(
        f"{API}/assignments/{assignment.pk}/items/{position}",
        body,
        headers={"If-Match": f'"{version}"'},
    )


def write(**fields: Any) -> dict[str, Any]:
    return {"write": str(uuid4()), **fields}


# --- claiming --------------------------------------------------------------------------------------------------------


def test_claiming_in_a_job(api: Client, job: Job, labeler: User) -> None:
    answer = api(labeler).post(f"{API}/jobs/{job.pk}/claim", {"stage": "labeling"})
    assert answer.status_code == 200
    body = answer.json()
    assignment = Assignment.objects.get(state="claimed")
    shown = body.pop("assignment")
    assert body == {"already_held": False, "reason": ""}
    assert shown["id"] == assignment.pk
    assert shown["job"] == {"id": job.pk, "name": job.name}
    assert shown["package"] == {"number": 1, "item_count": 3}
    assert (shown["stage"], shown["round"], shown["state"]) == ("labeling", 1, "claimed")
    assert (shown["total"], shown["done"], shown["is_return"]) == (3, 0, False)
    assert shown["url"] == f"/label/{assignment.pk}/1"
    assert shown["expires_at"] > shown["claimed_at"]
    again = api(labeler).post(f"{API}/jobs/{job.pk}/claim", {"stage": "labeling"}).json()
    assert (again["already_held"], again["assignment"]["id"]) == (True, assignment.pk)


def test_claiming_anywhere(api: Client, job: Job, checker: User, labeler: User) -> None:
    answer = api(checker).post(f"{API}/claim", {})
    assert answer.status_code == 200
    assert answer.json()["assignment"] is None
    assert "No package has reached" in answer.json()["reason"]
    answer = api(labeler).post(f"{API}/claim", {"stage": "labeling", "workspace": job.workspace_id})
    assert answer.json()["assignment"]["job"]["id"] == job.pk
    assert api(labeler).post(f"{API}/claim", {"workspace": 10**6}).status_code == 404


def test_who_may_claim(
    api: Client, job: Job, labeler: User, leader: User, stranger: User, workspace: Workspace
) -> None:
    url = f"{API}/jobs/{job.pk}/claim"
    assert api(None).post(url, {"stage": "labeling"}).status_code == 401
    assert api(stranger).post(url, {"stage": "labeling"}).status_code == 404
    assert api(member(workspace)).post(url, {"stage": "labeling"}).status_code == 404
    refused = api(leader).post(url, {"stage": "labeling"})
    assert (refused.status_code, refused.json()["code"]) == (403, "denied")
    assert api(labeler).post(url, {"stage": "check"}).status_code == 403
    wrong = api(labeler).post(url, {"stage": "nonsense"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "stage")
    assert not PackageEvent.objects.exists()


# --- reading ---------------------------------------------------------------------------------------------------------


def test_the_page_of_an_assignment(api: Client, held: Assignment, job: Job) -> None:
    save(held, 1)
    body = api(held.holder).get(f"{API}/assignments/{held.pk}").json()
    assert (body["mode"], body["first"], body["total"], body["done"]) == ("labeling", 2, 3, 1)
    assert body["items"] == [
        {
            "position": 1,
            "state": "answered",
            "version": 1,
            "feedback": False,
            "disputed": False,
            "flag": None,
        },
        {
            "position": 2,
            "state": "open",
            "version": 0,
            "feedback": False,
            "disputed": False,
            "flag": None,
        },
        {
            "position": 3,
            "state": "open",
            "version": 0,
            "feedback": False,
            "disputed": False,
            "flag": None,
        },
    ]
    assert [name for name, may in body["can"].items() if may] == ["submit", "release", "skip"]
    assert set(body["why"]) == {"reject", "withdraw"}
    assert body["api"] == f"{API}/assignments/{held.pk}"
    assert body["template"]["questions"][0]["options"] == job.options["1"]
    assert body["language"] == "en"
    assert body["returned"] is None


def test_an_item_in_labeling(api: Client, held: Assignment) -> None:
    save(held, 2, "k2")
    body = api(held.holder).get(f"{API}/assignments/{held.pk}/items/2").json()
    assert body["data"] == {"source": "text number 2"}
    assert body["results"] == [choice("k2")]
    assert (body["version"], body["state"], body["abandoned"]) == (1, "answered", False)
    assert (body["base"], body["previous_feedback"], body["prior"]) == (None, [], {})
    assert (body["verdict"], body["locked"], body["late"]) == ("", False, [])


def test_items_come_in_order_and_in_windows(api: Client, held: Assignment) -> None:
    client = api(held.holder)
    found = client.get(f"{API}/assignments/{held.pk}/items?first=2&limit=20").json()
    assert [item["position"] for item in found["results"]] == [2, 3]
    for query in ("first=0", "limit=51", "first=x", "limit=-1"):
        wrong = client.get(f"{API}/assignments/{held.pk}/items?{query}")
        assert wrong.status_code == 400
    assert client.get(f"{API}/assignments/{held.pk}/items/4").status_code == 404


def test_media_and_prior_answers_are_shown(
    api: Client, workspace: Workspace, labeler: User
) -> None:
    dataset = make_dataset(1, kind="image", workspace=workspace)
    prior = {"results": [{"questionId": "1", "data": "猫"}]}
    Item.objects.filter(dataset=dataset).update(
        extra=json.dumps({"label-1435480301706092544": prior, "weight": 1.50})
    )
    job = make_job(dataset=dataset, size=1, labelers=[labeler])
    held = claim(job, labeler)
    body = api(labeler).get(f"{API}/assignments/{held.pk}/items/1").json()
    assert body["media"] == {
        "source": {
            "url": f"/media/{held.pk}/1/source",
            "type": "image",
            "width": 640,
            "height": 480,
            "format": "jpeg",
        }
    }
    assert body["prior"] == {"label-1435480301706092544": prior}


def test_the_list_of_ones_assignments(api: Client, job: Job, labeler: User, labeler2: User) -> None:
    done, held = label(job, labeler), claim(job, labeler)
    claimless = api(labeler2).get(f"{API}/assignments").json()
    assert claimless["results"] == []
    body = api(labeler).get(f"{API}/assignments").json()
    assert [row["id"] for row in body["results"]] == [held.pk, done.pk]
    assert [row["done"] for row in body["results"]] == [0, 3]
    for query, expected in (
        ("state=claimed", [held.pk]),
        ("state=submitted", [done.pk]),
        ("stage=check", []),
    ):
        found = api(labeler).get(f"{API}/assignments?{query}").json()["results"]
        assert [row["id"] for row in found] == expected
    assert api(labeler).get(f"{API}/assignments?state=void").status_code == 400


def test_labelers_are_not_told_what_is_sampled(api: Client, job: Job, labeler: User) -> None:
    """Before and after submission a labeler's answers are the same whether much or nothing was drawn."""
    seen = []
    for ratio in (100, 1):
        Job.objects.filter(pk=job.pk).update(check_ratio=ratio, acceptance_ratio=ratio)
        held = claim(job, labeler)
        client = api(labeler)
        for position in (1, 2, 3):
            save(held, position)
        before = client.get(f"{API}/assignments/{held.pk}").json()
        submitted = client.post(f"{API}/assignments/{held.pk}/submit").json()
        after = client.get(f"{API}/assignments/{held.pk}").json()
        item = client.get(f"{API}/assignments/{held.pk}/items/1").json()
        listed = client.get(f"{API}/assignments").json()["results"][0]
        different = {
            "id", "package", "api", "url", "claimed_at", "last_input_at", "expires_at",
            "submitted_at", "data", "media",
        }  # fmt: skip
        seen.append(
            [
                {name: value for name, value in body.items() if name not in different}
                for body in (before, submitted, after, item, listed)
            ]
        )
    assert Package.objects.get(number=2).state == "finished"
    assert seen[0] == seen[1]


# --- changing --------------------------------------------------------------------------------------------------------


def test_saving(api: Client, held: Assignment) -> None:
    client = api(held.holder)
    name = str(uuid4())
    answer = patch(client, held, 1, "k2", write=name, seconds=3)
    assert answer.status_code == 200
    assert answer.json() == {
        "write": name, "version": 1, "state": "answered", "verdict": "", "late": False,
    }  # fmt: skip
    assert patch(client, held, 1, "k2", write=name).json() == answer.json()
    conflict = patch(client, held, 1, "k1")
    assert conflict.status_code == 409
    body = conflict.json()
    assert (body["code"], body["version"], body["results"]) == (
        "version_conflict", 1, [choice("k2")],
    )  # fmt: skip


def test_what_is_wrong_with_a_save(api: Client, held: Assignment) -> None:
    client = api(held.holder)
    url = f"{API}/assignments/{held.pk}/items/1"
    for body, headers, field in (
        (write(ops=[]), {}, "If-Match"),
        (write(ops=[]), {"If-Match": "x"}, "If-Match"),
        ({"ops": []}, {"If-Match": "0"}, "write"),
        (write(), {"If-Match": "0"}, "ops"),
        (write(ops={}), {"If-Match": "0"}, "ops"),
        (write(ops=[choice_op("nothing")]), {"If-Match": "0"}, "results[0].data"),
        (write(ops=[], seconds=-1), {"If-Match": "0"}, "seconds"),
    ):
        answer = client.patch(url, body, headers=headers)
        assert answer.status_code == 400, body
        assert answer.json()["errors"][0]["field"].startswith(field)
    assert not held.annotations.exists()


def test_the_verbs_of_an_item(api: Client, job: Job, labeler: User, checker: User) -> None:
    Job.objects.filter(pk=job.pk).update(check_ratio=100)
    label(job, labeler)
    checking = claim(job, checker, "check")
    client, items = api(checker), f"{API}/assignments/{checking.pk}/items"
    passed = client.post(f"{items}/1/pass", write())
    assert (passed.status_code, passed.json()["state"]) == (200, "passed")
    unsaid = client.post(f"{items}/2/reject", write(feedback=""))
    assert (unsaid.status_code, unsaid.json()["errors"][0]["field"]) == (400, "feedback")
    rejected = client.post(f"{items}/2/reject", write(feedback="no", object="b1", severity="minor"))
    assert rejected.json()["verdict"] == "rejected"
    abandoned = client.post(f"{items}/3/abandon", write(reason="Invalid"))
    assert abandoned.json()["state"] == "modified"
    restored = client.post(f"{items}/3/restore", write())
    assert (restored.json()["state"], restored.json()["version"]) == ("modified", 2)
    item = client.get(f"{items}/2").json()
    assert (item["feedback"], item["feedback_object"], item["severity"]) == ("no", "b1", "minor")
    assert item["base"]["author"] == str(labeler)
    assert (item["base"]["stage"], item["base"]["results"]) == ("labeling", [choice("k1")])
    submitted = client.post(f"{API}/assignments/{checking.pk}/submit", {})
    assert submitted.json() == {"state": "submitted", "next": "returned"}
    # Back with the labeler: the feedback is shown, the checker is not named.
    back = claim(job, labeler)
    client = api(labeler)
    page = client.get(f"{API}/assignments/{back.pk}").json()
    assert [(i["state"], i["feedback"]) for i in page["items"]] == [
        ("locked", False), ("open", True), ("locked", False),
    ]  # fmt: skip
    assert (page["total"], page["first"]) == (1, 2)
    item = client.get(f"{API}/assignments/{back.pk}/items/2").json()
    assert item["previous_feedback"] == [
        {
            "stage": "check",
            "round": 1,
            "feedback": "no",
            "object": "b1",
            "error_type": "",
            "severity": "minor",
        }
    ]
    assert item["base"]["author"] is None
    assert checker.username not in json.dumps(page) + json.dumps(item)
    opened = client.post(f"{API}/assignments/{back.pk}/items/1/unlock", {})
    assert (opened.status_code, opened.json()["version"]) == (200, 1)
    locked = patch(client, back, 3)
    assert (locked.status_code, locked.json()["code"]) == (409, "locked")


def test_passing_the_rest_and_what_was_not_drawn(
    api: Client, job: Job, labeler: User, checker: User
) -> None:
    label(job, labeler)
    checking = claim(job, checker, "check")
    client, url = api(checker), f"{API}/assignments/{checking.pk}"
    states = [item["state"] for item in client.get(url).json()["items"]]
    assert sorted(states) == ["open", "unsampled", "unsampled"]
    assert client.get(url).json()["can"]["reject"] is True
    incomplete = client.post(f"{url}/submit", {})
    assert (incomplete.status_code, incomplete.json()["code"]) == (409, "incomplete")
    (error,) = incomplete.json()["errors"]
    assert error["position"] == states.index("open") + 1
    assert error["field"] == f"items[{error['position']}]"
    assert client.post(f"{url}/pass-rest").json() == {"passed": 1}
    assert client.post(f"{url}/submit", {}).json() == {"state": "submitted", "next": "passed"}
    assert client.get(url).json()["mode"] == "read"


def test_rejecting_the_package(api: Client, job: Job, labeler: User, checker: User) -> None:
    Job.objects.filter(pk=job.pk).update(check_ratio=100)
    label(job, labeler)
    checking = claim(job, checker, "check")
    url = f"{API}/assignments/{checking.pk}/reject"
    assert api(checker).post(url, {"feedback": ""}).status_code == 400
    assert api(checker).post(url, {"feedback": "no", "return_to": "check"}).status_code == 400
    answer = api(checker).post(url, {"feedback": "Start again."})
    assert answer.json() == {"state": "submitted", "next": "returned"}
    back = claim(job, labeler)
    page = api(labeler).get(f"{API}/assignments/{back.pk}").json()
    assert page["returned"] == {"stage": "check", "feedback": "Start again."}
    assert [item["state"] for item in page["items"]] == ["open"] * 3


def test_giving_back_and_saving_late(
    api: Client, job: Job, held: Assignment, labeler: User, labeler2: User
) -> None:
    client = api(labeler)
    assert patch(client, held, 1).status_code == 200
    url = f"{API}/assignments/{held.pk}"
    assert client.post(f"{url}/release", {"reason": ""}).status_code == 400
    released = client.post(f"{url}/release", {"reason": "no_time"})
    assert (released.status_code, released.json()) == (200, {"state": "released"})
    late = patch(client, held, 1, "k2", version=1)
    assert (late.status_code, late.json()["late"], late.json()["version"]) == (200, True, 2)
    gone = client.post(f"{url}/input", {"seconds": 5})
    assert (gone.status_code, gone.json()["code"]) == (409, "ended")
    following = claim(job, labeler2)
    item = api(labeler2).get(f"{API}/assignments/{following.pk}/items/1").json()
    assert item["results"] == [choice("k1")]
    (shown,) = item["late"]
    assert (shown["author"], shown["results"]) == (str(labeler), [choice("k2")])


def test_input_moves_the_end_of_the_claim(api: Client, held: Assignment) -> None:
    url = f"{API}/assignments/{held.pk}"
    before = api(held.holder).get(url).json()["expires_at"]
    answer = api(held.holder).post(f"{url}/input", {"seconds": 5})
    assert answer.status_code == 200
    assert answer.json()["expires_at"] > before


# --- who may ---------------------------------------------------------------------------------------------------------

READING = ["", "/items", "/items/1"]
WRITING = [
    ("post", "/submit", {}),
    ("post", "/release", {"reason": "x"}),
    ("post", "/reject", {"feedback": "x"}),
    ("post", "/pass-rest", {}),
    ("post", "/input", {}),
    ("patch", "/items/1", {"write": str(uuid4()), "ops": []}),
    ("post", "/items/1/abandon", {"write": str(uuid4()), "reason": "x"}),
    ("post", "/items/1/restore", {"write": str(uuid4())}),
    ("post", "/items/1/unlock", {}),
    ("post", "/items/1/pass", {"write": str(uuid4())}),
    ("post", "/items/1/reject", {"write": str(uuid4()), "feedback": "x"}),
]


@pytest.mark.parametrize("path", READING)
def test_only_the_holder_and_managers_look(
    api: Client, held: Assignment, labeler2: User, leader: User, checker: User, stranger: User, path: str
) -> None:  # fmt: skip
    url = f"{API}/assignments/{held.pk}{path}"
    assert api(None).get(url).status_code == 401
    for user in (labeler2, checker, stranger):
        assert api(user).get(url).status_code == 404
    assert api(held.holder).get(url).status_code == 200
    assert api(leader).get(url).status_code == 200
    if not path:
        body = api(leader).get(url).json()
        assert (body["mode"], body["can"]["submit"]) == ("read", False)


@pytest.mark.parametrize(("method", "path", "body"), WRITING)
def test_only_the_holder_changes_anything(
    api: Client,
    held: Assignment,
    labeler2: User,
    leader: User,
    stranger: User,
    method: str,
    path: str,
    body: dict[str, Any],
) -> None:
    url = f"{API}/assignments/{held.pk}{path}"
    for user, status in ((None, 401), (labeler2, 404), (stranger, 404), (leader, 403)):
        answer = getattr(api(user), method)(url, body, headers={"If-Match": "0"})
        assert answer.status_code == status, answer.content
    assert api(None).get(url).status_code in (401, 405)
    held.refresh_from_db()
    assert held.state == "claimed"
    assert not held.annotations.exists()
    assert list(PackageEvent.objects.values_list("verb", flat=True)) == ["claim"]


def test_numbers_beyond_the_database(api: Client, held: Assignment) -> None:
    client, huge = api(held.holder), 10**25
    assert client.get(f"{API}/assignments/{huge}").status_code == 404
    assert client.post(f"{API}/assignments/{huge}/submit", {}).status_code == 404
    assert client.post(f"{API}/assignments/{huge}/input", {}).status_code == 404
    assert client.get(f"{API}/assignments/{held.pk}/items/{huge}").status_code == 404
    answer = client.patch(
        f"{API}/assignments/{held.pk}/items/{huge}", write(ops=[]), headers={"If-Match": "0"}
    )
    assert answer.status_code == 404


# --- managers --------------------------------------------------------------------------------------------------------


def test_managers_read_items_with_their_history(
    api: Client, job: Job, labeler: User, checker: User, leader: User
) -> None:
    Job.objects.filter(pk=job.pk).update(check_ratio=100)
    label(job, labeler, "k1")
    checking = claim(job, checker, "check")
    save(checking, 1, "k2")
    pass_rest(checking)
    submit(checking)
    url = f"{API}/jobs/{job.pk}/packages/1/items"
    body = api(leader).get(f"{url}/1").json()
    assert (body["results"], body["verdict"]) == ([choice("k2")], "modified")
    history = [(h["stage"], h["author"], h["verdict"], h["results"]) for h in body["history"]]
    assert history == [
        ("labeling", str(labeler), "", [choice("k1")]),
        ("check", str(checker), "modified", [choice("k2")]),
    ]
    assert [i["position"] for i in api(leader).get(f"{url}?first=2").json()["results"]] == [2, 3]
    assert api(leader).get(f"{url}/9").status_code == 404
    assert api(None).get(url).status_code == 401
    assert api(labeler).get(url).status_code == 403
    assert api(member(job.workspace)).get(f"{url}/1").status_code == 404


def test_managers_offer_a_package_again(
    api: Client, job: Job, held: Assignment, labeler: User, leader: User, stranger: User
) -> None:
    api(labeler).post(f"{API}/assignments/{held.pk}/release", {"reason": "no_time"})
    url = f"{API}/jobs/{job.pk}/packages/1/offer-again"
    assert api(stranger).post(url).status_code == 404
    assert api(labeler).post(url).status_code == 403
    assert api(leader).post(url).json() == {"offered_again": 1}
    assert claim(job, labeler).number == 1


# --- cost ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def large(workspace: Workspace, labeler: User, checker: User) -> Job:
    """A package of two hundred items."""
    return make_job(
        items=200, size=200, workspace=workspace, labelers=[labeler], checkers=[checker],
        accepters=[checker],
    )  # fmt: skip


def counted(client: APIClient, url: str, django_assert_max_num_queries: Any) -> int:
    with django_assert_max_num_queries(10) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_opening_a_package_of_200_items_costs_ten_statements_at_most(
    api: Client, large: Job, labeler: User, checker: User, django_assert_max_num_queries: Any
) -> None:
    job_questions(template_key(large))
    for user, stage in ((labeler, "labeling"), (checker, "check")):
        held = claim(large, user, stage)
        client, url = api(user), f"{API}/assignments/{held.pk}"
        page = counted(client, url, django_assert_max_num_queries)
        window = counted(client, f"{url}/items?first=1&limit=50", django_assert_max_num_queries)
        one = counted(client, f"{url}/items/1", django_assert_max_num_queries)
        assert one == window
        # The sign-in is counted twice here; the labeling page does all of it in one request.
        assert page + one - 2 <= 10
        if stage == "labeling":
            for position in range(1, 201):
                save(held, position)
        else:
            pass_rest(held)
        submit(held)


def test_rework_that_was_taken_over_costs_no_more_than_ten(
    api: Client, job: Job, labeler: User, labeler2: User, checker: User, leader: User,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    Job.objects.filter(pk=job.pk).update(check_ratio=100)
    label(job, labeler)
    inspect_all(job, checker, "check", 1, 2)
    back = claim(job, labeler)
    save(back, 1)
    manager_release(package=back.package, user=leader, reason="x")
    following = claim(job, labeler2)
    client, url = api(labeler2), f"{API}/assignments/{following.pk}"
    for path in ("", "/items", "/items/1"):
        counted(client, url + path, django_assert_max_num_queries)


def test_the_list_costs_the_same_for_one_and_for_thirty(
    api: Client, workspace: Workspace, labeler: User, django_assert_num_queries: Any
) -> None:
    job = make_job(
        items=30, size=1, workspace=workspace, labelers=[labeler], limits={"package_limit": 30}
    )
    client = api(labeler)
    claim(job, labeler)
    with django_assert_num_queries(5):
        client.get(f"{API}/assignments")
    for _ in range(29):
        claim(job, labeler)
    with django_assert_num_queries(5):
        body = client.get(f"{API}/assignments").json()
    assert len(body["results"]) == 30


def test_managers_items_cost_the_same_for_one_and_for_three(
    api: Client, job: Job, labeler: User, checker: User, leader: User, django_assert_num_queries: Any
) -> None:  # fmt: skip
    label(job, labeler)
    inspect_all(job, checker, "check")
    client, url = api(leader), f"{API}/jobs/{job.pk}/packages/1/items"
    for query in ("?limit=1", "?limit=3"):
        # Session and user; job and rule; package; items, annotations, what came too late.
        with django_assert_num_queries(8):
            client.get(url + query)
