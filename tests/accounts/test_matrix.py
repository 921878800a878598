"""Who may what: the matrix of iTAG's roles, asked of the rules that pages, API and administration ask."""

from typing import Any

import pytest

from accounts.models import Membership, User, Workspace
from itag.core.policy import can
from tests.factories import make_job, member

pytestmark = pytest.mark.django_db

WORKSPACE_ROLES = ("admin", "label_admin", "leader", "operator")
JOB_ROLES = ("manager", "labeler", "checker", "accepter")
EVERYBODY = (*WORKSPACE_ROLES, *JOB_ROLES)

#: What is done -> (rule, what it is asked of, who may). `label_admin` is iTAG's annotation administrator: an ADMIN but
#: for members, credentials and the workspace itself. Working in a stage takes being assigned to it, in every role.
MATRIX: dict[str, tuple[str, str, set[str]]] = {
    "create a dataset": ("datasets.create", "workspace", {"admin", "label_admin"}),
    "delete a dataset": ("datasets.delete", "dataset", {"admin", "label_admin"}),
    "create a job": ("jobs.create", "workspace", {"admin", "label_admin"}),
    "delete a job": ("jobs.delete", "job", {"admin", "label_admin"}),
    "edit a job": ("jobs.manage", "job", {"admin", "label_admin", "manager"}),
    "export": ("exports.create", "job", {"admin", "label_admin", "manager"}),
    "change the workspace": ("workspaces.manage", "workspace", {"admin"}),
    "name a storage": ("storages.create", "workspace", {"admin"}),
    "make workers": ("members.give", "a worker's place", {"admin", "leader"}),
    "change a worker": ("members.change", "the worker", {"admin", "leader"}),
    "make leaders": ("members.give", "a leader's place", {"admin"}),
    "change a leader": ("members.change", "the leader", {"admin"}),
    "reset a worker's password": ("users.reset", "the person", {"admin", "leader"}),
    "see the members": ("members.list", "workspace", {"admin", "label_admin", "leader"}),
    "make teams": ("teams.create", "workspace", {"admin", "label_admin", "leader"}),
    "assign people and packages": (
        "jobs.assign", "job", {"admin", "label_admin", "leader", "manager"},
    ),
    "label": ("jobs.label", "job", {"labeler"}),
    "check": ("jobs.check", "job", {"checker"}),
    "accept": ("jobs.accept", "job", {"accepter"}),
    "see the job": ("jobs.view", "job", {"admin", "label_admin", "leader", *JOB_ROLES}),
}  # fmt: skip


@pytest.fixture
def people(workspace: Workspace) -> dict[str, User]:
    return {
        **{role: member(workspace, role, username=role) for role in WORKSPACE_ROLES},
        **{name: member(workspace, username=name) for name in JOB_ROLES},
    }


@pytest.fixture
def things(workspace: Workspace, people: dict[str, User]) -> dict[str, Any]:
    worker, leader = member(workspace, username="worker"), member(workspace, "leader")
    job = make_job(
        workspace=workspace,
        labelers=[people["labeler"]],
        checkers=[people["checker"]],
        accepters=[people["accepter"]],
        managers=[people["manager"]],
    )
    return {
        "workspace": workspace,
        "job": job,
        "dataset": job.dataset,
        "a worker's place": Membership(workspace=workspace, role="operator"),
        "a leader's place": Membership(workspace=workspace, role="leader"),
        "the worker": Membership.objects.get(user=worker),
        "the leader": Membership.objects.get(user=leader),
        "the person": worker,
    }


@pytest.mark.parametrize("what", MATRIX)
def test_who_may(
    what: str, workspace: Workspace, people: dict[str, User], things: dict[str, Any]
) -> None:
    rule, thing, may = MATRIX[what]
    for name in EVERYBODY:
        verdict = can(people[name], rule, things[thing])
        assert bool(verdict) == (name in may), name
        assert verdict or verdict.hidden or verdict.reason, f"{name} is refused without a reason"


@pytest.mark.parametrize("role", WORKSPACE_ROLES)
@pytest.mark.parametrize(
    ("stage", "rule"), [("labelers", "jobs.label"), ("accepters", "jobs.accept")]
)
def test_every_role_works_where_it_is_assigned(
    workspace: Workspace, role: str, stage: str, rule: str
) -> None:
    user = member(workspace, role)
    assert can(user, rule, make_job(workspace=workspace, **{stage: [user]}))
