"""What people must not learn: other votes while they may vote, who did what where names are hidden, strangers' names."""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from accounts.models import User, Workspace
from jobs.models import Job
from jobs.services.appeals import open_appeal
from jobs.services.guide import publish_guide
from jobs.services.talk import ask_question, flag_item
from tests.factories import make_job, make_team, member
from tests.jobs.flow import abandon, claim, inspect_all, label, web
from tests.jobs.test_lots import drawn, judge
from tests.jobs.test_votes import TWO, voted_job

pytestmark = pytest.mark.django_db

Api = Callable[[User | None], APIClient]


@pytest.fixture
def voters(workspace: Workspace) -> list[User]:
    return [member(workspace, username=f"voter{number}") for number in range(1, 4)]


def test_a_manager_who_votes_learns_nothing_of_other_votes(
    api: Api, workspace: Workspace, voters: list[User], admin_user: User
) -> None:
    job = voted_job(workspace, voters, TWO, managers=[voters[0]], workflow="labeling")
    other = claim(job, voters[1])
    abandon(other, 2)
    flag_item(assignment_id=other.pk, position=1, user=voters[1], text="a cat?")
    client, path = api(voters[0]), f"/api/v1/assignments/{other.pk}"
    for address in (path, f"{path}/pulse", f"{path}/items/1/flag", f"{path}/items/1"):
        assert client.get(address).status_code == 403, address
    of_package = f"/api/v1/jobs/{job.pk}/packages/1"
    assert "abandon_item" not in client.get(of_package).content.decode()
    assert (
        "abandoned item" not in web(voters[0]).get(f"/jobs/{job.pk}/packages/1/").content.decode()
    )
    for item in client.get(f"{of_package}/items").json()["results"]:
        assert (item["flag"], item["history"]) == (None, [])
    # Who votes on nothing sees it all, and so does everybody once the votes are in.
    assert "abandon_item" in api(admin_user).get(of_package).content.decode()
    assert api(admin_user).get(f"{path}/items/1/flag").json()["results"][0]["text"] == "a cat?"


@pytest.fixture
def job(
    workspace: Workspace, labeler: User, labeler2: User, accepter: User, admin_user: User
) -> Job:
    """Three packages in acceptance, two of Lars and one of Lotte; names are hidden between stages."""
    job = make_job(
        items=6, size=2, workflow="labeling,acceptance", workspace=workspace,
        labelers=[labeler, labeler2], accepters=[accepter], managers=[admin_user],
        limits={"hide_names": True},
    )  # fmt: skip
    for person in (labeler, labeler2, labeler):
        label(job, person)
    return job


def test_a_lot_does_not_tell_whose_work_it_is(
    api: Api, job: Job, labeler: User, accepter: User, admin_user: User
) -> None:
    client, path = api(accepter), f"/api/v1/jobs/{job.pk}/lots"
    by_person = {"filters": {"labelers": [labeler.pk]}}
    for address in (path, f"{path}/preview"):
        answer = client.post(address, by_person, format="json")
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (
            400,
            "filters.labelers",
        )
    lot = drawn(job, accepter, method="count", amount=6, target=100)
    judge(lot, 0, 1, 2, 3, 4, 5)
    address = f"/api/v1/lots/{lot.pk}/effect?decision=return_people"
    assert client.get(address).json()["people"] == []
    assert client.get(address).json()["returned_packages"] == 3
    assert labeler.pk in api(admin_user).get(address).json()["people"]
    Job.objects.filter(pk=job.pk).update(limits={})
    assert labeler.pk in client.get(address).json()["people"]


def test_a_transfer_tells_nobody_the_names_of_strangers(
    api: Api, job: Job, admin_user: User
) -> None:
    other = Workspace.objects.create(name="Elsewhere")
    stranger = member(other, username="stranger", name="Sam Secret")
    client, path = api(admin_user), f"/api/v1/jobs/{job.pk}/packages"
    for to in (stranger.pk, 999_999_999):
        answers = [
            client.post(f"{path}/1/transfer", {"to": to, "reason": "x"}, format="json"),
            client.post(
                f"{path}/bulk",
                {"verb": "transfer", "to": to, "numbers": [1], "reason": "x", "confirm": 1},
                format="json",
            ),
        ]
        for answer in answers:
            assert (answer.status_code, "Secret" in answer.content.decode()) == (400, False)


def test_a_guide_does_not_name_its_author_where_names_are_hidden(
    api: Api, job: Job, labeler: User, admin_user: User
) -> None:
    User.objects.filter(pk=admin_user.pk).update(name="Ada Author")
    admin_user.refresh_from_db()
    publish_guide(job=job, user=admin_user, markdown="Cats only.")
    for address in (
        f"/api/v1/jobs/{job.pk}/guide",
        f"/api/v1/jobs/{job.pk}/guide/versions",
        f"/jobs/{job.pk}/guide/",
    ):
        mine, theirs = (
            (api(user) if address.startswith("/api") else web(user)).get(address)
            for user in (labeler, admin_user)
        )
        assert (mine.status_code, "Ada" in mine.content.decode()) == (200, False), address
        assert "Ada" in theirs.content.decode(), address


def test_a_suppliers_task_administrator_reads_nothing_of_strangers(
    api: Api, workspace: Workspace, labeler: User, labeler2: User, checker: User, leader: User
) -> None:
    boss = member(workspace, username="boss")
    make_team(workspace, [boss, labeler2], is_supplier=True)
    job = make_job(
        items=2, size=2, workspace=workspace, labelers=[labeler, labeler2], checkers=[checker],
        managers=[boss],
    )  # fmt: skip
    theirs = ask_question(job=job, user=labeler2, text="cats?")
    strange = ask_question(job=job, user=labeler, text="dogs?")
    own = label(job, labeler)
    inspect_all(job, checker, "check", 1)
    appeal = open_appeal(assignment_id=own.pk, position=1, user=labeler, text="It is a dog.")
    client = api(boss)
    assert client.get(f"/api/v1/threads/{theirs.pk}").status_code == 200
    for path in (f"threads/{strange.pk}", f"threads/{strange.pk}/messages", f"appeals/{appeal.pk}"):
        assert client.get(f"/api/v1/{path}").status_code == 404, path
        assert api(leader).get(f"/api/v1/{path}").status_code == 200, path
    decided = client.post(f"/api/v1/appeals/{appeal.pk}/decide", {"uphold": True}, format="json")
    assert decided.status_code == 404
