"""Imports: what is read, what is refused, and that it is all or nothing."""

import pytest

from tests.datasets.helpers import make, manifest, picture

pytestmark = pytest.mark.django_db


def test_a_manifest_keeps_every_value_text(workspace, admin_user):
    line = '{ "id" : 7.00, "data":{"source" : "caf\\u00e9 1e5", "n":1.50e+2 , "z":[1, 2]},"label-12-check": {"results": [ ] } }'
    dataset = make(workspace, admin_user, manifest=manifest(line, '{"data":{"source":"二"}}'))
    assert dataset.state == "ready", dataset.last_import.errors
    first, second = dataset.items.order_by("ordinal")
    assert first.data == '{"source" : "caf\\u00e9 1e5", "n":1.50e+2 , "z":[1, 2]}'
    assert first.extra == '{"id":7.00,"label-12-check":{"results": [ ] }}'
    assert second.data == '{"source":"二"}'
    assert second.extra is None
    assert (dataset.version, dataset.item_count) == (1, 2)
    assert dataset.fields == [
        {"name": "source", "type": "text", "count": 2},
        {"name": "n", "type": "number", "count": 1},
        {"name": "z", "type": "json", "count": 1},
    ]
    assert first.search == "café 1e5"


def test_files(workspace, admin_user):
    dataset = make(
        workspace,
        admin_user,
        kind="image",
        files=[
            ("b/img10.png", picture()),
            ("b/img2.jpg", picture("JPEG", (40, 20), orientation=6)),
        ],
    )
    assert dataset.state == "ready", dataset.last_import.errors
    a, b = dataset.items.order_by("ordinal")
    assert a.data == '{"source":"b/img2.jpg"}'
    assert a.media["source"]["width"] == 20
