"""A person's own keys of the labeling page: kept by `PATCH /api/v1/me`, refused where they are none."""

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User

pytestmark = pytest.mark.django_db
Api = Callable[..., APIClient]
ME = "/api/v1/me"


def test_keys_are_kept_and_given_back(api: Api, labeler: User) -> None:
    client = api(labeler)
    keys = {"item.next": ["mod+ArrowRight", "e"], "tool.fit": []}
    got = client.patch(ME, {"shortcuts": keys}, format="json")
    assert (got.status_code, got.json()["shortcuts"]) == (200, keys)
    assert client.get(ME).json()["shortcuts"] == keys
    # Anything else stays as it is.
    client.patch(ME, {"claim_next": True}, format="json")
    assert client.get(ME).json()["shortcuts"] == keys
    assert client.patch(ME, {"shortcuts": {}}, format="json").json()["shortcuts"] == {}


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ([], "shortcuts"),
        ("d", "shortcuts"),
        ({f"a{n}": [] for n in range(301)}, "shortcuts"),
        ({"</script>": ["d"]}, "shortcuts.</script>"),
        ({"item.next\n": ["d"]}, "shortcuts.item.next\n"),
        ({"item.next": "d"}, "shortcuts.item.next"),
        ({"item.next": ["d", "d"]}, "shortcuts.item.next"),
        ({"item.next": ["a", "b", "c", "d", "e"]}, "shortcuts.item.next"),
        ({"item.next": ["alt+mod+d"]}, "shortcuts.item.next"),
        ({"item.next": ["\x00"]}, "shortcuts.item.next"),
        ({"item.next": [1]}, "shortcuts.item.next"),
        ({"item.next": [["d"], {"d": 1}]}, "shortcuts.item.next"),
    ],
)
def test_what_is_no_key_is_named(api: Api, labeler: User, value: Any, field: str) -> None:
    got = api(labeler).patch(ME, {"shortcuts": value}, format="json")
    assert got.status_code == 400
    assert got.json()["errors"][0]["field"] == field
    labeler.refresh_from_db()
    assert labeler.shortcuts == {}
