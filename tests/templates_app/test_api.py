"""GET /label-templates: who sees which, and what it costs."""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User, Workspace
from itag.core.policy import can
from templates_app.models import LabelTemplate

pytestmark = pytest.mark.django_db


def own_template(workspace: Workspace, **fields: Any) -> LabelTemplate:
    return LabelTemplate.objects.create(
        workspace=workspace,
        key=fields.pop("key", "own"),
        name="Own",
        category="image",
        views=[{"type": "Image", "bindField": "source"}],
        questions=[{"questionId": "1", "type": "RADIO", "markTitle": "x"}],
        **fields,
    )


def test_the_list(api: Callable[..., Any], labeler: User) -> None:
    answer = api(labeler).get(reverse("api-label-templates"), {"key": "object-detection"})
    assert answer.status_code == 200
    (found,) = answer.json()["results"]
    assert found["title"] == "Object Detection"
    assert found["builtin"] is True
    assert found["abandon_reasons"] == ["Invalid", "Unclear", "Cannot be opened", "Other"]
    assert found["questions"][0]["children"][0]["questionId"] == "1.1"
    chinese = api(labeler).get(
        reverse("api-label-template", args=[found["id"]]), HTTP_ACCEPT_LANGUAGE="zh-hans"
    )
    assert chinese.json()["title"] == "目标检测"
    assert chinese.json()["abandon_reasons"][0] == "无效"


def test_a_workspaces_own_are_its_members_alone(
    api: Callable[..., Any], workspace: Workspace, labeler: User, stranger: User
) -> None:
    own = own_template(workspace)
    address = reverse("api-label-template", args=[own.pk])
    assert api(None).get(address).status_code == 401
    assert api(None).get(reverse("api-label-templates")).status_code == 401
    assert api(labeler).get(address).status_code == 200
    assert api(stranger).get(address).status_code == 404
    keys = [t["key"] for t in api(stranger).get(reverse("api-label-templates")).json()["results"]]
    assert "own" not in keys
    assert "object-detection" in keys
    for user in (labeler, stranger):
        seen = LabelTemplate.objects.visible_to(user).filter(pk=own.pk).exists()
        assert bool(can(user, "templates.view", own)) is seen


def test_only_the_newest_version_is_listed(
    api: Callable[..., Any], workspace: Workspace, labeler: User
) -> None:
    old = own_template(workspace, superseded_at="2026-01-01T00:00:00Z")
    new = own_template(workspace, version=2)
    answer = api(labeler).get(reverse("api-label-templates"), {"workspace": workspace.pk})
    assert [found["id"] for found in answer.json()["results"]] == [new.pk]
    assert api(labeler).get(reverse("api-label-template", args=[old.pk])).status_code == 200


@pytest.mark.parametrize(
    "name", ["workspace__memberships__user__password", "created_by__password", "ordering", "fields"]
)
def test_no_names_of_the_orm_in_filters(api: Callable[..., Any], labeler: User, name: str) -> None:
    """Attack family 3: an unknown filter changes nothing and reveals nothing."""
    plain = api(labeler).get(reverse("api-label-templates")).json()
    found = api(labeler).get(
        reverse("api-label-templates"), {name: "m", f"{name}__startswith": "m"}
    )
    assert found.json()["results"] == plain["results"]


def test_one_row_costs_what_thirty_cost(
    api: Callable[..., Any],
    workspace: Workspace,
    labeler: User,
    django_assert_max_num_queries: Any,
) -> None:
    for number in range(30):
        own_template(workspace, key=f"own-{number}")
    client = api(labeler)
    with django_assert_max_num_queries(4):
        assert len(client.get(reverse("api-label-templates")).json()["results"]) >= 30
