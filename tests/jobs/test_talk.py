"""Questions: who asks, who sees, who answers, who is told; they block nothing."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.grants import grant, revoke
from accounts.models import User, Workspace
from itag.core.errors import Conflict, Invalid, NotFound
from itag.core.policy import can
from jobs.models import Assignment, Job, Message, PackageEvent, Thread
from jobs.selectors.talk import (
    answers_payload,
    flags,
    item_threads,
    published_answers,
)
from jobs.services.release import manager_release
from jobs.services.talk import ask_question, close_thread, flag_item, post_message, publish_answer
from tests.factories import make_job, make_team
from tests.jobs.flow import claim, label, save, submit

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(
    workspace: Workspace, labeler: User, labeler2: User, checker: User, accepter: User, leader: User
) -> Job:
    return make_job(
        items=4, size=2, workspace=workspace, labelers=[labeler, labeler2], checkers=[checker],
        accepters=[accepter],
    )  # fmt: skip


def flag(assignment: Assignment, position: int = 1, text: str = "a cat?", **more: Any) -> Thread:
    return flag_item(
        assignment_id=assignment.pk, position=position, user=assignment.holder, text=text, **more
    )


def texts(thread: Thread) -> list[str]:
    return list(Message.objects.filter(thread=thread).values_list("text", flat=True))


# --- asking ----------------------------------------------------------------------------------------------------------


def test_a_flag_is_a_question_and_blocks_nothing(job: Job, labeler: User) -> None:
    held = claim(job, labeler)
    thread = flag(held, 2, "  is it\r\na cat? ")
    assert (thread.state, texts(thread)) == ("open", ["is it\na cat?"])
    assert flags(held) == {2: {"thread": thread.pk, "state": "open"}}
    for position in (1, 2):
        save(held, position)
    submit(held)
    assert not PackageEvent.objects.filter(data__thread=thread.pk).exists()


def test_asking_again_goes_on_with_the_same_question(job: Job, labeler: User, leader: User) -> None:
    held = claim(job, labeler)
    thread = flag(held)
    post_message(thread=thread, user=leader, text="yes")
    assert flags(held)[1]["state"] == "answered"
    assert flag(held, text="sure?") == thread
    close_thread(thread=thread, user=leader)
    assert close_thread(thread=thread, user=leader).state == "closed"
    post_message(thread=thread, user=labeler, text="really?")
    assert flags(held)[1] == {"thread": thread.pk, "state": "open"}
    assert texts(thread) == ["a cat?", "yes", "sure?", "really?"]


def test_one_request_sent_twice_is_one_message(job: Job, labeler: User, leader: User) -> None:
    held, write = claim(job, labeler), uuid4()
    thread = flag(held, write=write)
    assert flag(held, write=write) == thread
    assert ask_question(job=job, user=labeler, text="when?", write=write) == thread
    answer = uuid4()
    first = post_message(thread=thread, user=leader, text="yes", write=answer)
    assert post_message(thread=thread, user=leader, text="yes", write=answer) == first
    assert texts(thread) == ["a cat?", "yes"]
    # Another person's requests are their own.
    flag(held, text="once more", write=answer)
    assert texts(thread) == ["a cat?", "yes", "once more"]


@pytest.mark.parametrize("text", ["", " \n", "x" * 4001, "a\x00b", "a\ud800b"])
def test_what_is_no_question(job: Job, labeler: User, text: str) -> None:
    held = claim(job, labeler)
    with pytest.raises(Invalid) as refused:
        flag(held, text=text)
    assert refused.value.errors[0]["field"] == "text"
    assert not Thread.objects.exists()


def test_only_the_holder_flags_and_only_what_is_there(
    job: Job, labeler: User, labeler2: User, admin_user: User
) -> None:
    held = claim(job, labeler)
    for who in (labeler2, admin_user):
        with pytest.raises(NotFound):
            flag_item(assignment_id=held.pk, position=1, user=who, text="x")
    for pk, position in ((2**63, 1), (held.pk + 99, 1), (held.pk, 3)):
        with pytest.raises(NotFound):
            flag_item(assignment_id=pk, position=position, user=labeler, text="x")
    manager_release(package=held.package, user=admin_user, reason="ill")
    with pytest.raises(Conflict) as refused:
        flag(held)
    assert refused.value.code == "ended"


# --- who sees --------------------------------------------------------------------------------------------------------


def test_a_question_stays_with_its_slot_and_goes_to_the_checker(
    job: Job, labeler: User, labeler2: User, checker: User, accepter: User, admin_user: User,
    api: Callable[..., Any],
) -> None:  # fmt: skip
    held = claim(job, labeler)
    thread = flag(held)
    manager_release(package=held.package, user=admin_user, reason="ill")
    mine = claim(job, labeler2)
    assert mine.package == held.package
    assert [one.pk for one in item_threads(mine, 1)] == [thread.pk]
    assert can(labeler2, "threads.view", thread)
    assert not can(labeler2, "threads.write", thread)
    # Two people may ask about one item; what is open comes first.
    other = flag(mine, text="a dog?")
    close_thread(thread=other, user=admin_user)
    assert flags(mine) == {1: {"thread": thread.pk, "state": "open"}}
    for position in (1, 2):
        save(mine, position)
    submit(mine)
    assert not can(labeler2, "threads.view", thread)
    assert can(labeler, "threads.write", thread)
    judged = claim(job, checker, "check")
    assert [one.pk for one in item_threads(judged, 1)] == [thread.pk, other.pk]
    assert can(checker, "threads.view", thread)
    assert can(checker, "threads.write", thread).reason
    # The checker's own question is none of the labelers' business.
    inner = flag(judged, text="really?")
    assert can(labeler, "threads.view", inner).hidden
    shown = api(admin_user).get(f"/api/v1/jobs/{job.pk}/packages/{mine.number}/items").json()
    assert [row["flag"] for row in shown["results"]] == [
        {"thread": inner.pk, "state": "open"}, None,
    ]  # fmt: skip
    assert can(accepter, "threads.view", thread).hidden


def test_voters_do_not_see_each_others_questions(
    workspace: Workspace, labeler: User, labeler2: User, checker: User, leader: User
) -> None:
    job = make_job(
        items=1, size=1, workspace=workspace, labelers=[labeler, labeler2], checkers=[checker],
        votes={"1": {"VoteNum": 2, "MinVote": 2}},
    )  # fmt: skip
    first, other = claim(job, labeler), claim(job, labeler2)
    assert first.package == other.package
    thread = flag(first, text="I say cat")
    assert flags(other) == {}
    assert item_threads(other, 1) == []
    assert can(labeler2, "threads.view", thread).hidden
    # Not even if one of them leads the job as well; others who lead answer.
    grant("manage_job", job, users=[labeler2])
    assert can(labeler2, "threads.view", thread).hidden
    assert not Thread.objects.visible_to(labeler2).exists()
    assert Thread.objects.visible_to(labeler).get() == Thread.objects.visible_to(leader).get()
    assert can(leader, "threads.write", thread)
    # Nor in what is published.
    post_message(thread=thread, user=leader, text="Cats have fur.", publish=True)
    [row] = answers_payload(job, published_answers(job))
    assert (row["question"], row["answer"]) == ("", "Cats have fur.")


def test_lists_hold_ones_own_and_those_of_led_jobs(
    job: Job, labeler: User, labeler2: User, checker: User, leader: User, stranger: User,
    workspace: Workspace,
) -> None:  # fmt: skip
    held = claim(job, labeler)
    thread = flag(held)
    asked = ask_question(job=job, user=labeler2, text="when?")

    def seen(user: User) -> set[int]:
        return set(Thread.objects.visible_to(user).values_list("pk", flat=True))

    assert seen(labeler) == {thread.pk}
    assert seen(labeler2) == {asked.pk}
    assert seen(checker) == seen(stranger) == set()
    assert seen(leader) == {thread.pk, asked.pk}
    # Whoever was left a package to finish still sees what they asked; the others do not.
    for user in (labeler, labeler2):
        revoke("view_job", job, users=[user])
        revoke("label_job", job, users=[user])
    assert (seen(labeler), seen(labeler2)) == ({thread.pk}, set())
    assert can(labeler, "threads.write", thread)
    assert can(labeler2, "threads.view", asked).hidden
    # A supplier's task administrator answers their own people.
    make_team(workspace, [checker, labeler2], is_supplier=True)
    grant("view_job", job, users=[checker])
    grant("manage_job", job, users=[checker])
    assert seen(checker) == {asked.pk}
    job.deleted_at = job.created_at
    job.save()
    assert seen(leader) == set()


# --- answering -------------------------------------------------------------------------------------------------------


def test_published_answers_are_for_everybody_and_name_nobody(
    job: Job, labeler: User, labeler2: User, leader: User, api: Callable[..., Any]
) -> None:
    thread = flag(claim(job, labeler))
    said = post_message(thread=thread, user=leader, text="Cats have fur.")
    read = lambda: api(labeler2).get(f"/api/v1/jobs/{job.pk}/answers").json()["results"]  # noqa: E731
    assert read() == []
    publish_answer(message=said, user=leader, publish=True)
    thread.refresh_from_db()
    assert thread.published
    [row] = read()
    assert (row["question"], row["answer"]) == ("a cat?", "Cats have fur.")
    assert "lars" not in str(row)
    publish_answer(message=said, user=leader, publish=False)
    thread.refresh_from_db()
    assert (read(), thread.published) == ([], False)
    question = Message.objects.get(thread=thread, text="a cat?")
    with pytest.raises(Conflict):
        publish_answer(message=question, user=leader, publish=True)


def test_an_administrator_who_asks_is_not_their_own_answer(
    job: Job, admin_user: User, leader: User
) -> None:
    thread = ask_question(job=job, user=admin_user, text="when?")
    post_message(thread=thread, user=admin_user, text="anybody?")
    thread.refresh_from_db()
    assert thread.state == "open"
    post_message(thread=thread, user=admin_user, text="On Monday.", publish=True)
    thread.refresh_from_db()
    assert (thread.state, thread.published) == ("answered", True)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_flagging_and_answering_at_once(
    job: Job, labeler: User, leader: User, at_once: Callable[..., list[Any]]
) -> None:
    held, write = claim(job, labeler), uuid4()
    done = at_once(*[lambda: flag(held, write=write)] * 2, *[lambda: flag(held, text="b")] * 2)
    assert len({thread.pk for thread in done}) == 1
    assert sorted(texts(done[0])) == ["a cat?", "b", "b"]
    other, thread = uuid4(), done[0]
    at_once(
        *[lambda: post_message(thread=thread, user=leader, text="yes", write=other)] * 3,
        lambda: close_thread(thread=thread, user=leader),
    )
    assert texts(thread).count("yes") == 1
    asked = at_once(*[lambda: ask_question(job=job, user=labeler, text="?", write=write)] * 2)
    assert {one.pk for one in asked} == {thread.pk}


# --- API -------------------------------------------------------------------------------------------------------------


def test_the_road_over_the_api(
    job: Job, labeler: User, labeler2: User, checker: User, leader: User, api: Callable[..., Any]
) -> None:
    held = claim(job, labeler)
    item = f"/api/v1/assignments/{held.pk}/items/1"
    made = api(labeler).post(f"{item}/flag", {"text": "a cat?", "write": str(uuid4())})
    assert made.status_code == 200, made.content
    thread = made.json()
    assert (thread["state"], thread["position"], thread["text"]) == ("open", 1, "a cat?")
    assert thread["url"] == f"/label/{held.pk}/1"
    assert thread["can"] == {"write": True, "close": True, "publish": False}
    [listed] = api(leader).get(f"/api/v1/threads?job={job.pk}&state=open").json()["results"]
    assert (listed["author"], listed["url"]) == ("lars", f"/jobs/{job.pk}/packages/1/1")
    messages = f"/api/v1/threads/{thread['id']}/messages"
    refused = api(labeler).post(messages, {"text": "yes", "publish": True})
    assert refused.status_code == 403
    answer = api(leader).post(messages, {"text": "yes", "publish": True})
    assert answer.status_code == 201
    assert api(labeler).get(f"{item}/flag").json()["results"][0]["state"] == "answered"
    shown = {"thread": thread["id"], "state": "answered"}
    assert api(labeler).get(item).json()["flag"] == shown
    page = api(labeler).get(f"/api/v1/assignments/{held.pk}").json()
    assert [row["flag"] for row in page["items"]] == [shown, None]
    assert [m["text"] for m in api(labeler).get(messages).json()["results"]] == ["a cat?", "yes"]
    for who in (labeler2, checker):
        assert api(who).get(messages).status_code == 404
        assert api(who).get(f"{item}/flag").status_code == 404
    assert api(leader).post(f"/api/v1/threads/{thread['id']}/close").json()["state"] == "closed"
    assert api(leader).get(f"/api/v1/threads?job={job.pk}&state=open").json()["results"] == []


def test_names_are_hidden_where_the_job_says_so(
    job: Job, labeler: User, labeler2: User, checker: User, leader: User, api: Callable[..., Any]
) -> None:
    job.limits = {"hide_names": True}
    job.save()
    thread = flag(claim(job, labeler))
    post_message(thread=thread, user=leader, text="yes")
    manager = api(leader).get(f"/api/v1/threads/{thread.pk}").json()
    assert (manager["author"], manager["messages"][1]["author"]) == ("lars", "lena")
    own = api(labeler).get(f"/api/v1/threads/{thread.pk}").json()
    assert own["messages"][0]["author"] == "lars"
    assert "lena" not in str(own)
    held = Assignment.objects.get(holder=labeler)
    for position in (1, 2):
        save(held, position)
    submit(held)
    judged = claim(job, checker, "check")
    seen = api(checker).get(f"/api/v1/assignments/{judged.pk}/items/1/flag").json()
    assert seen["results"][0]["text"] == "a cat?"
    assert "lars" not in str(seen)


def test_a_list_costs_the_same_for_few_and_many(
    labeler: User, leader: User, workspace: Workspace, api: Callable[..., Any]
) -> None:
    def ask(count: int) -> None:
        for _ in range(count):
            job = make_job(items=1, workspace=workspace, labelers=[labeler])
            post_message(thread=flag(claim(job, labeler)), user=leader, text="y", publish=True)

    def cost(client: Any, address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    ask(1)
    job = Job.objects.get()
    clients = api(leader), api(labeler)
    for client in clients:
        client.get("/api/v1/threads")
    few = [cost(client, "/api/v1/threads") for client in clients]
    answers = cost(clients[1], f"/api/v1/jobs/{job.pk}/answers")
    ask(19)
    for _ in range(15):
        post_message(thread=Thread.objects.get(job=job), user=leader, text="y", publish=True)
    assert [cost(client, "/api/v1/threads?limit=50") for client in clients] == few
    assert cost(clients[1], f"/api/v1/jobs/{job.pk}/answers") == answers


def test_flags_cost_one_statement(job: Job, labeler: User) -> None:
    held = claim(job, labeler)
    for position in (1, 2):
        flag(held, position)
    with CaptureQueriesContext(connection) as captured:
        assert set(flags(held)) == {1, 2}
    assert len(captured) == 1


def test_a_released_labeler_keeps_their_question(
    job: Job, labeler: User, admin_user: User, leader: User, api: Callable[..., Any]
) -> None:
    held = claim(job, labeler)
    thread = flag(held)
    manager_release(package=held.package, user=admin_user, reason="ill")
    post_message(thread=thread, user=leader, text="yes")
    [row] = api(labeler).get("/api/v1/threads").json()["results"]
    assert (row["state"], row["messages"][1]["text"]) == ("answered", "yes")
    label(job, labeler)
