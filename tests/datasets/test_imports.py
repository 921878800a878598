"""Imports: what is read, what is refused with which line, and that it is all or nothing."""

import io
import json
import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datasets.models import Dataset, DatasetVersion, Item
from datasets.services import runner
from datasets.services.imports import (
    add_items,
    create_dataset,
    delete_dataset,
)
from itag.core.errors import Conflict, Invalid
from tests.datasets.helpers import errors, finish, incoming, make, manifest, sources
from tests.factories import make_job

pytestmark = pytest.mark.django_db


# --- manifests ----------------------------------------------------------------------------------------------------


def test_a_manifest_keeps_every_value_text(workspace: Any, admin_user: Any) -> None:
    line = (
        '{ "id" : 7.00, "data":{"source" : "caf\\u00e9 1e5", "n":1.50e+2 , "z":[1, 2]},'
        '"label-12-check": {"results": [ ] } }'
    )
    dataset = make(workspace, admin_user, manifest=manifest(line, '{"data":{"source":"二"}}'))
    first, second = dataset.items.order_by("ordinal")
    assert first.data == '{"source" : "caf\\u00e9 1e5", "n":1.50e+2 , "z":[1, 2]}'
    assert first.extra == '{"id":7.00,"label-12-check":{"results": [ ] }}'
    assert (second.data, second.extra, second.media) == ('{"source":"二"}', None, {})
    assert [first.ordinal, second.ordinal] == [1, 2]
    assert (dataset.state, dataset.version, dataset.item_count) == ("ready", 1, 2)
    assert dataset.fields == [
        {"name": "source", "type": "text", "count": 2},
        {"name": "n", "type": "number", "count": 1},
        {"name": "z", "type": "json", "count": 1},
    ]
    assert first.search == "café 1e5"
    run = dataset.last_import
    assert run
    assert (run.state, run.done, run.total, run.first_ordinal, run.error) == (
        "succeeded",
        2,
        2,
        1,
        "",
    )
    assert run.finished_at
    assert DatasetVersion.objects.get().last_ordinal == 2
    assert incoming() == []


def test_every_wrong_line_is_named_and_nothing_is_written(workspace: Any, admin_user: Any) -> None:
    dataset = make(
        workspace,
        admin_user,
        manifest=manifest(
            '{"data":{"source":"a"}}',
            '{"data":',
            "",
            '{"data":{"source":"a","source":"b"}}',
            '{"date":{}}',
            b'{"data":{"source":"\xff"}}',
            '{"data":{"source":"b"}}',
        ),
    )
    assert dataset.state == "failed"
    assert errors(dataset) == [(2, None), (4, None), (5, "data"), (6, None)]
    assert dataset.last_import
    assert dataset.last_import.error == "4 lines are wrong; nothing was imported."
    assert (dataset.item_count, dataset.version, Item.objects.count()) == (0, 0, 0)
    assert incoming() == []


def test_the_first_hundred_errors(workspace: Any, admin_user: Any) -> None:
    dataset = make(workspace, admin_user, manifest=manifest(*["x"] * 300))
    run = dataset.last_import
    assert run
    assert len(run.errors) == run.error_count == 100
    assert run.errors[-1]["line"] == 100
    assert "first 100" in run.error


def test_an_error_far_behind_undoes_every_batch(
    workspace: Any, admin_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "BATCH_ITEMS", 7)
    monkeypatch.setattr(runner, "UNDO_ITEMS", 5)
    good = [f'{{"data":{{"source":"{n}"}}}}' for n in range(50)]
    dataset = make(workspace, admin_user, manifest=manifest(*good, "oops"))
    assert dataset.state == "failed"
    assert errors(dataset) == [(51, None)]
    assert Item.objects.count() == 0
    # The next try begins at the first ordinal.
    add_items(dataset=dataset, user=admin_user, manifest=manifest(*good))
    dataset = finish(dataset)
    assert (dataset.state, dataset.item_count) == ("ready", 50)
    assert sources(dataset) == [str(n) for n in range(50)]


@pytest.mark.parametrize(
    "content",
    [
        b'\xef\xbb\xbf{"data":{"source":"a"}}\r\n{"data":{"source":"b"}}\r\n',
        b'{"data":{"source":"a"}}\n\n  \n{"data":{"source":"b"}}',
        b'\n{"data":{"source":"a"}}\n{"data":{"source":"b"}}\n\n',
    ],
)
def test_line_ends_and_byte_order_marks(workspace: Any, admin_user: Any, content: bytes) -> None:
    dataset = make(workspace, admin_user, manifest=io.BytesIO(content))
    assert sources(dataset) == ["a", "b"]
    assert dataset.items.first().data in ('{"source":"a"}', '{"source":"b"}')  # type: ignore[union-attr]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_manifest(workspace: Any, admin_user: Any, content: bytes) -> None:
    dataset = make(workspace, admin_user, manifest=io.BytesIO(content))
    assert dataset.state == "failed"
    assert dataset.last_import
    assert dataset.last_import.error == "There is nothing in the file."


def test_a_line_that_is_too_long(
    workspace: Any, admin_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datasets.services.manifest.MAX_LINE_BYTES", 100)
    monkeypatch.setattr("datasets.services.readers.MAX_BYTES", 100)
    long = json.dumps({"data": {"source": "x" * 500}})
    dataset = make(workspace, admin_user, manifest=manifest('{"data":{"source":"a"}}', long, "{}"))
    assert errors(dataset) == [(2, None), (3, "data")]


def test_too_many_fields(workspace: Any, admin_user: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "MAX_FIELDS", 5)
    dataset = make(
        workspace, admin_user, manifest=manifest(*[f'{{"data":{{"f{n}":1}}}}' for n in range(6)])
    )
    assert dataset.state == "failed"
    assert dataset.last_import
    assert "different fields" in dataset.last_import.error
    assert Item.objects.count() == 0


names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
)


@given(
    rows=st.lists(
        st.tuples(
            st.dictionaries(names, leaves | st.lists(leaves, max_size=2), min_size=1, max_size=3),
            st.dictionaries(names.map("label-{}".format), st.lists(leaves, max_size=3), max_size=2),
        ),
        min_size=1,
        max_size=5,
    ),
    ascii=st.booleans(),
)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_manifest_comes_back(workspace: Any, admin_user: Any, rows: Any, ascii: bool) -> None:
    lines = [json.dumps({"data": data, **extra}, ensure_ascii=ascii) for data, extra in rows]
    dataset = make(workspace, admin_user, name=uuid.uuid4().hex, manifest=manifest(*lines))
    assert dataset.state == "ready", dataset.last_import and dataset.last_import.errors
    for item, (data, extra), line in zip(
        dataset.items.order_by("ordinal"), rows, lines, strict=True
    ):
        assert item.data in line
        assert item.data.load() == data
        assert (item.extra.load() if item.extra else {}) == extra


# --- texts --------------------------------------------------------------------------------------------------------


def test_texts_from_files(workspace: Any, admin_user: Any) -> None:
    dataset = make(
        workspace,
        admin_user,
        files=[
            ("b10.txt", io.BytesIO('Zeile\u2028eins\ttab \\ "\r\n\n  \nzwei'.encode())),
            ("b2.txt", io.BytesIO(b"\xef\xbb\xbffirst\n")),
            ("c.jsonl", manifest('{"data":{"source":"third","x":1}}')),
        ],
    )
    assert sources(dataset) == ["first", 'Zeile\u2028eins\ttab \\ "', "zwei", "third"]
    assert dataset.items.get(ordinal=1).data == '{"source":"first"}'
    assert dataset.storage is None
    assert dataset.origin == "upload"


def test_texts_that_are_wrong(workspace: Any, admin_user: Any) -> None:
    dataset = make(
        workspace,
        admin_user,
        files=[
            ("a.txt", io.BytesIO("好".encode("gbk") + b"\nfine\n\0\n")),
            ("b.pdf", io.BytesIO(b"%PDF")),
            ("c.manifest", manifest("{}")),
        ],
    )
    assert errors(dataset) == [(1, "a.txt"), (3, "a.txt"), (None, "b.pdf"), (1, "c.manifest")]
    assert Item.objects.count() == 0


def test_the_first_thousand_characters_are_for_searching(workspace: Any, admin_user: Any) -> None:
    dataset = make(workspace, admin_user, files=[("a.txt", io.BytesIO("长".encode() * 5000))])
    assert dataset.items.get().search == "长" * 1000


# --- appending ----------------------------------------------------------------------------------------------------


def test_appending_makes_a_version(workspace: Any, admin_user: Any) -> None:
    dataset = make(workspace, admin_user, manifest=manifest('{"data":{"source":"a"}}'))
    digest = dataset.digest
    run = add_items(dataset=dataset, user=admin_user, files=[("b.txt", io.BytesIO(b"b\nc"))])
    assert dataset.state == "importing"
    with pytest.raises(Conflict, match="running"):
        add_items(dataset=dataset, user=admin_user, files=[("c.txt", io.BytesIO(b"c"))])
    dataset = finish(dataset)
    assert sources(dataset) == ["a", "b", "c"]
    assert (dataset.version, dataset.item_count, dataset.fields[0]["count"]) == (2, 3, 3)
    run.refresh_from_db()
    assert run.first_ordinal == 2
    versions = DatasetVersion.objects.order_by("version").values_list(
        "version", "last_ordinal", "digest"
    )
    assert list(versions) == [(1, 1, digest), (2, 3, dataset.digest)]


def test_a_failed_append_leaves_the_dataset_as_it_was(workspace: Any, admin_user: Any) -> None:
    dataset = make(workspace, admin_user, manifest=manifest('{"data":{"source":"a"}}'))
    before = (dataset.digest, dataset.fields, dataset.version, dataset.item_count)
    add_items(dataset=dataset, user=admin_user, manifest=manifest('{"data":{"source":"b"}}', "x"))
    dataset = finish(dataset)
    assert dataset.state == "ready"
    assert (dataset.digest, dataset.fields, dataset.version, dataset.item_count) == before
    assert Item.objects.count() == 1


def test_equal_content_has_an_equal_digest(
    workspace: Any, admin_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [f'{{"data":{{"source":"{n}"}}}}' for n in range(20)]
    one = make(workspace, admin_user, manifest=manifest(*lines))
    monkeypatch.setattr(runner, "BATCH_ITEMS", 3)
    two = make(workspace, admin_user, manifest=manifest(*lines[:12]))
    add_items(dataset=two, user=admin_user, manifest=manifest(*lines[12:]))
    two = finish(two)
    assert one.digest == two.digest
    assert one.digest != make(workspace, admin_user, manifest=manifest(*lines[::-1])).digest


# --- names and choices --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"name": "taken"}, "name"),
        ({"kind": "smell"}, "kind"),
        ({"origin": "url"}, "origin"),
        ({"origin": "manifest"}, "manifest"),
        ({"origin": "folder"}, "storage"),
        ({"files": None}, "files"),
        ({"files": []}, "files"),
        ({"files": [(".hidden", io.BytesIO(b"x"))]}, "files"),
    ],
)
def test_what_a_dataset_needs(
    workspace: Any, admin_user: Any, changes: dict[str, Any], field: str
) -> None:
    make(workspace, admin_user, name="taken", manifest=manifest('{"data":{"a":1}}'))
    fields = {
        "name": "n",
        "kind": "text",
        "origin": "upload",
        "files": [("a.txt", io.BytesIO(b"x"))],
    }
    with pytest.raises(Invalid) as caught:
        create_dataset(workspace=workspace, user=admin_user, **{**fields, **changes})
    assert caught.value.errors[0]["field"] == field
    assert Dataset.objects.count() == 1
    assert incoming() == []


# --- deleting -----------------------------------------------------------------------------------------------------


def test_deleting(workspace: Any, admin_user: Any) -> None:
    dataset = make(workspace, admin_user, name="again", manifest=manifest('{"data":{"a":1}}'))
    delete_dataset(dataset=dataset, user=admin_user)
    assert dataset.deleted_at
    assert not Dataset.objects.alive().exists()
    delete_dataset(dataset=dataset, user=admin_user)
    assert (
        make(workspace, admin_user, name="again", manifest=manifest('{"data":{"a":1}}')).pk
        != dataset.pk
    )


def test_a_dataset_in_use_is_not_deleted(admin_user: Any, workspace: Any) -> None:
    job = make_job(workspace=workspace)
    with pytest.raises(Conflict, match=job.name) as caught:
        delete_dataset(dataset=job.dataset, user=admin_user)
    assert caught.value.code == "in_use"
    job.dataset.refresh_from_db()
    assert job.dataset.deleted_at is None


def test_deleting_stops_the_import(workspace: Any, admin_user: Any) -> None:
    dataset = create_dataset(
        workspace=workspace, user=admin_user, name="n", kind="text", origin="manifest",
        manifest=manifest('{"data":{"a":1}}'),
    )  # fmt: skip
    delete_dataset(dataset=dataset, user=admin_user)
    finish(dataset)
    assert dataset.imports.get().state == "cancelled"
    assert Item.objects.count() == 0
    with pytest.raises(Conflict):
        add_items(dataset=dataset, user=admin_user, manifest=manifest('{"data":{"a":1}}'))


def test_errors_are_in_the_language_of_who_asked(workspace: Any, admin_user: Any) -> None:
    dataset = make(workspace, admin_user, manifest=manifest("x"))
    assert dataset.last_import
    assert dataset.last_import.source["language"] == "en"
