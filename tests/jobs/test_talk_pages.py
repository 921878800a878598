"""The pages of guides, questions and appeals: what each reader sees, and that buttons do what the API does."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User, Workspace
from jobs.models import Appeal, GuideConfirmation, Job, Message, Thread
from jobs.services.appeals import open_appeal
from jobs.services.guide import publish_guide
from jobs.services.talk import ask_question, flag_item, post_message
from tests.factories import make_job
from tests.jobs.flow import claim, inspect_all, label

pytestmark = pytest.mark.django_db
Web = Callable[[User], Client]


@pytest.fixture
def web() -> Web:
    def build(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return build


@pytest.fixture
def job(workspace: Workspace, labeler: User, labeler2: User, checker: User, leader: User) -> Job:
    return make_job(
        items=4, size=2, workspace=workspace, labelers=[labeler, labeler2], checkers=[checker]
    )


# --- the guide -------------------------------------------------------------------------------------------------------


def test_a_guide_is_written_read_and_confirmed(
    web: Web, job: Job, labeler: User, admin_user: User
) -> None:
    manager, worker, address = web(admin_user), web(labeler), f"/jobs/{job.pk}/guide/"
    answer = manager.post(f"{address}edit/", {"markdown": "# Rules", "note": "new", "base": "0"})
    assert (answer.status_code, answer.url) == (302, address)
    claimed = worker.post("/work/claim/", {"job": job.pk, "stage": "labeling"})
    assert (claimed.status_code, claimed.url) == (302, address)
    page = worker.get(address).content.decode()
    assert "<h2>Rules</h2>" in page
    assert "I have read it" in page
    assert "not yet" not in page
    assert "not yet" in manager.get(address).content.decode()
    worker.post(address, {"version": "1"})
    assert GuideConfirmation.objects.filter(user=labeler).count() == 1
    claimed = worker.post("/work/claim/", {"job": job.pk, "stage": "labeling"})
    assert claimed.url.startswith("/label/")
    assert "I have read it" not in worker.get(address).content.decode()
    assert worker.get(f"{address}edit/").status_code == 403


def test_the_editor_keeps_what_was_written(web: Web, job: Job, admin_user: User) -> None:
    client, address = web(admin_user), f"/jobs/{job.pk}/guide/edit/"
    body = {"markdown": "a\n\n![x](https://example.org/a.png) <b>", "note": "n", "base": "0"}
    answer = client.post(address, body)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Line 3" in page
    assert "https://example.org/a.png) &lt;b&gt;</textarea>" in page
    publish_guide(job=job, user=admin_user, markdown="meanwhile")
    answer = client.post(address, {**body, "markdown": "mine"})
    assert answer.status_code == 409
    page = answer.content.decode()
    assert ">mine</textarea>" in page
    assert 'name="base" value="1"' in page
    assert client.post(address, {"markdown": "mine", "base": "1"}).status_code == 302


def test_the_preview_is_clean(web: Web, job: Job, admin_user: User) -> None:
    answer = web(admin_user).post(
        f"/jobs/{job.pk}/guide/preview/", {"markdown": "**b** <script>alert(1)</script>"}
    )
    page = answer.content.decode()
    assert "<strong>b</strong>" in page
    assert "<script" not in page


def test_older_versions_are_read(web: Web, job: Job, labeler: User, admin_user: User) -> None:
    for text in ("one", "two"):
        publish_guide(job=job, user=admin_user, markdown=text)
    address = f"/jobs/{job.pk}/guide/"
    assert "<p>one</p>" in web(labeler).get(f"{address}?version=1").content.decode()
    assert "<p>two</p>" in web(labeler).get(address).content.decode()
    assert web(labeler).get(f"{address}?version=3").status_code == 404


# --- questions and appeals -------------------------------------------------------------------------------------------


def test_questions_are_answered_published_and_closed(
    web: Web, job: Job, labeler: User, labeler2: User, leader: User
) -> None:
    held = claim(job, labeler)
    thread = flag_item(assignment_id=held.pk, position=2, user=labeler, text="a <b>whiskers</b>?")
    address = f"/jobs/{job.pk}/questions/"
    boss, worker, other = web(leader), web(labeler), web(labeler2)
    assert "a &lt;b&gt;whiskers&lt;/b&gt;?" in boss.get(address).content.decode()
    assert "whiskers" in worker.get(address).content.decode()
    assert "whiskers" not in other.get(address).content.decode()
    one = f"{address}{thread.pk}/"
    assert other.get(one).status_code == 404
    assert boss.post(one, {"text": ""}).status_code == 422
    assert boss.post(one, {"text": "Yes.", "publish": "on"}).status_code == 302
    shown = other.get(f"{address}?show=answers").content.decode()
    assert "Yes." in shown
    assert "lars" not in shown
    message = Message.objects.get(text="Yes.")
    boss.post(one, {"action": "hide", "message": message.pk})
    assert "Yes." not in other.get(f"{address}?show=answers").content.decode()
    assert worker.post(one, {"action": "publish", "message": message.pk}).status_code == 403
    assert worker.post(one, {"text": "Sure?", "publish": "on"}).status_code == 403
    worker.post(one, {"text": "Sure?"})
    assert Thread.objects.get().state == "open"
    boss.post(one, {"action": "close"})
    assert "whiskers" not in boss.get(address).content.decode()
    assert "whiskers" in boss.get(f"{address}?state=closed").content.decode()


def test_a_page_of_another_job_is_none(web: Web, job: Job, labeler: User, leader: User) -> None:
    other = make_job(items=1, workspace=job.workspace)
    thread = ask_question(job=job, user=labeler, text="?")
    assert web(leader).get(f"/jobs/{other.pk}/questions/{thread.pk}/").status_code == 404
    made = ask_question(job=other, user=leader, text="?")
    said = post_message(thread=made, user=leader, text="x", publish=True)
    answer = web(leader).post(
        f"/jobs/{job.pk}/questions/{thread.pk}/", {"action": "hide", "message": said.pk}
    )
    assert answer.status_code == 404


def test_an_appeal_is_decided_with_both_answers_in_view(
    web: Web, job: Job, labeler: User, checker: User, leader: User
) -> None:
    own = label(job, labeler)
    inspect_all(job, checker, "check", 1)
    made = open_appeal(assignment_id=own.pk, position=1, user=labeler, text="It is a cat.")
    one = f"/jobs/{job.pk}/appeals/{made.pk}/"
    boss, worker = web(leader), web(labeler)
    assert "It is a cat." in boss.get(f"/jobs/{job.pk}/questions/?show=appeals").content.decode()
    page = boss.get(one).content.decode()
    for text in ("It is a cat.", "cat", "wrong", "chen", "Uphold"):
        assert text in page
    page = worker.get(one).content.decode()
    assert "chen" not in page
    assert "Uphold" not in page
    assert boss.post(one, {"decision": "dismiss"}).status_code == 422
    assert worker.post(one, {"decision": "uphold"}).status_code == 403
    assert boss.post(one, {"decision": "uphold"}).status_code == 302
    assert Appeal.objects.get().state == "upheld"
    assert "Upheld" in worker.get(one).content.decode()


def test_lists_cost_the_same_for_few_and_many(
    web: Web, job: Job, labeler: User, labeler2: User, leader: User
) -> None:
    client, address = web(leader), f"/jobs/{job.pk}/questions/"

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"{address}?state=").status_code == 200
        return len(captured)

    ask_question(job=job, user=labeler, text="?")
    client.get(address)
    few = cost()
    for _ in range(60):
        ask_question(job=job, user=labeler2, text="?")
    assert cost() == few
    first = client.get(f"{address}?state=").context
    assert len(first["rows"]) == 50
    second = client.get(address + first["pager"]["next"]).context
    assert len(second["rows"]) == 11
    assert not second["pager"]["next"]
