"""Media: links that end, ranges, and bytes that never run in our origin (attack families 2, 5 and 9)."""

import time
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core import signing
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from datasets.models import Dataset, Item
from datasets.services import media
from datasets.services.imports import delete_dataset
from datasets.services.media import (
    BUCKET_SECONDS,
    THUMBNAIL,
    media_link,
    media_payload,
    media_token,
    prune,
)
from datasets.services.storages import storage_root
from datasets.views import media as views
from itag.core.errors import NotFound
from itag.web.files import MAX_RANGE, Unsatisfiable, parse_range
from tests.datasets.helpers import make, picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def dataset(workspace: Any, admin_user: Any) -> Dataset:
    return make(
        workspace,
        admin_user,
        kind="image",
        files=[("a.jpg", picture("JPEG", (640, 480))), ("b.tif", picture("TIFF", (40, 20)))],
    )


@pytest.fixture
def item(dataset: Dataset) -> Item:
    return dataset.items.get(ordinal=1)


@pytest.fixture
def file(item: Item) -> Path:
    return storage_root(item.dataset.storage) / item.media["source"]["path"]  # type: ignore[arg-type]


def body(response: Any) -> bytes:
    return response.getvalue() if response.streaming else response.content


def fetch(item: Item, variant: str = "view", **headers: str) -> Any:
    return Client().get(media_link(item=item, field="source", variant=variant), headers=headers)


# --- the whole file -----------------------------------------------------------------------------------------------


def test_the_file_with_its_headers(item: Item, file: Path) -> None:
    response = fetch(item)
    assert response.status_code == 200
    assert body(response) == file.read_bytes()
    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.headers["Content-Length"] == str(file.stat().st_size)
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Accept-Ranges"] == "bytes"
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"].startswith("private, max-age=")
    assert "Content-Disposition" not in response.headers
    assert not response.cookies


def test_head(item: Item, file: Path) -> None:
    response = Client().head(media_link(item=item, field="source"))
    assert response.status_code == 200
    assert response.headers["Content-Length"] == str(file.stat().st_size)


def test_what_the_browser_has_is_not_sent_again(item: Item, file: Path) -> None:
    etag = fetch(item).headers["ETag"]
    for known in (etag, f'"x", {etag}', "*"):
        response = fetch(item, **{"If-None-Match": known})
        assert (response.status_code, response.content) == (304, b"")
        assert response.headers["ETag"] == etag
    file.write_bytes(picture("JPEG", (9, 9)).getvalue())
    assert fetch(item, **{"If-None-Match": etag}).status_code == 200


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_only_reading(item: Item, method: str) -> None:
    client = Client()
    assert getattr(client, method)(media_link(item=item, field="source")).status_code == 405


# --- ranges -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [("bytes=0-9", 0, 9), ("bytes=10-", 10, None), ("bytes=-5", -5, None), ("bytes=0-999999", 0, None), ("bytes=7-7", 7, 7)],
)  # fmt: skip
def test_a_range(item: Item, file: Path, header: str, first: int, last: int | None) -> None:
    content = file.read_bytes()
    size = len(content)
    first = first if first >= 0 else size + first
    last = size - 1 if last is None else last
    response = fetch(item, Range=header)
    assert response.status_code == 206
    assert body(response) == content[first : last + 1]
    assert response.headers["Content-Range"] == f"bytes {first}-{last}/{size}"
    assert response.headers["Content-Type"] == "image/jpeg"


def test_a_range_behind_the_end(item: Item, file: Path) -> None:
    response = fetch(item, Range="bytes=9999999-")
    assert response.status_code == 416
    assert response.headers["Content-Range"] == f"bytes */{file.stat().st_size}"


@pytest.mark.parametrize(
    "header", ["bytes=5-2", "bytes=0-1,4-5", "bytes=", "bytes=-", "bytes=a-b", "lines=0-1", "bytes=0-" + "9" * 5000]
)  # fmt: skip
def test_a_range_that_is_none_is_passed_over(item: Item, file: Path, header: str) -> None:
    response = fetch(item, Range=header)
    assert response.status_code == 200
    assert body(response) == file.read_bytes()


def test_a_range_of_another_version(item: Item) -> None:
    etag = fetch(item).headers["ETag"]
    assert fetch(item, Range="bytes=0-1", **{"If-Range": etag}).status_code == 206
    assert fetch(item, Range="bytes=0-1", **{"If-Range": '"other"'}).status_code == 200


def test_one_answer_holds_two_megabytes_at_most(item: Item, file: Path) -> None:
    content = file.read_bytes() + bytes(3 * 2**20)
    file.write_bytes(content)
    response = fetch(item, Range="bytes=0-")
    assert response.status_code == 206
    assert len(body(response)) == MAX_RANGE == 2 * 2**20
    assert response.headers["Content-Range"] == f"bytes 0-{2 * 2**20 - 1}/{len(content)}"
    whole = fetch(item)
    assert whole.status_code == 200
    assert body(whole) == content


@given(st.text("bytes=-0123456789, ", max_size=24), st.integers(0, 2000), st.integers(1, 300))
def test_every_range_lies_in_the_file(header: str, size: int, limit: int) -> None:
    try:
        span = parse_range(header, size, limit=limit)
    except Unsatisfiable:
        return
    if span is not None:
        start, end = span
        assert 0 <= start < end <= size
        assert end - start <= limit


# --- links --------------------------------------------------------------------------------------------------------


def test_a_link_is_stable_for_five_minutes_and_ends_within_ten(item: Item) -> None:
    begin = 1_800_000_000 // BUCKET_SECONDS * BUCKET_SECONDS
    with time_machine.travel(begin, tick=False):
        link = media_link(item=item, field="source")
        assert Client().get(link).headers["Cache-Control"] == "private, max-age=600"
    with time_machine.travel(begin + 299, tick=False):
        assert media_link(item=item, field="source") == link
    with time_machine.travel(begin + 300, tick=False):
        assert media_link(item=item, field="source") != link
    with time_machine.travel(begin + 599, tick=False):
        assert Client().get(link).status_code == 200
    with time_machine.travel(begin + 600, tick=False):
        response = Client().get(link)
        assert response.status_code == 410
        assert response.headers["Cache-Control"] == "no-store"
        assert b"expired" in response.content


def test_who_holds_a_link_opens_that_file_and_no_other(
    item: Item, stranger: Any, labeler: Any
) -> None:
    """A link is a capability: it was asked for by somebody who may see the file, and lives for minutes."""
    link = media_link(item=item, field="source")
    for person in (None, stranger, labeler):
        client = Client()
        if person is not None:
            client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        assert client.get(link).status_code == 200


def test_altered_links_open_nothing(item: Item) -> None:
    token = media_token(item=item, field="source")
    body, mark, signature = token.rpartition(".")
    other = media_token(item=Item(pk=item.pk + 1, media=item.media), field="source")
    forged = [
        "x",
        body,
        f"{body}.",
        f"{body}x.{signature}",
        f"{body}.{signature[:-1]}",
        other.rpartition(".")[0] + mark + signature,
        signing.Signer(sep=".", salt="other").sign(body),
        signing.Signer(sep=".", salt="itag.media").sign("e30"),
        signing.Signer(sep=".", salt="itag.media").sign("%%"),
    ]
    for one in forged:
        response = Client().get(reverse("media-file", args=[one]))
        assert response.status_code == 404, one
        assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_links_are_safe_in_addresses(item: Item) -> None:
    item.media = {"字段/ß &?#": item.media["source"]}
    item.save()
    link = media_link(item=item, field="字段/ß &?#")
    assert set(link) <= set("/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
    assert Client().get(link).status_code == 200


def test_no_link_to_what_is_not_there(item: Item) -> None:
    with pytest.raises(NotFound):
        media_link(item=item, field="other")


def test_a_link_ends_with_its_dataset(item: Item, admin_user: Any) -> None:
    link = media_link(item=item, field="source")
    delete_dataset(dataset=item.dataset, user=admin_user)
    assert Client().get(link).status_code == 404


def test_the_payload_of_a_page(item: Item) -> None:
    assert media_payload(item, "source", "/u") == {
        "url": "/u",
        "type": "image",
        "width": 640,
        "height": 480,
        "format": "jpeg",
    }


# --- bytes that are not what they were ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>alert(1)</script></html>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"%PDF-1.7",
        b"GIF89a<script>alert(1)</script>",
        b"",
    ],
)
def test_a_file_that_is_no_jpeg_any_more_is_only_saved(
    item: Item, file: Path, content: bytes
) -> None:
    file.write_bytes(content)
    response = fetch(item)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"] == 'attachment; filename="a.jpg"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response.headers["Content-Security-Policy"]


def test_a_polyglot_stays_a_picture(item: Item, file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"<script>alert(1)</script>")
    response = fetch(item)
    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_path_that_leads_out_is_closed(item: Item, file: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.jpg").write_bytes(picture("JPEG").getvalue())
    file.unlink()
    assert fetch(item).status_code == 404
    file.symlink_to(tmp_path / "secret.jpg")
    assert fetch(item).status_code == 404
    for path in ("../../secret.jpg", "/etc/passwd", str(tmp_path / "secret.jpg")):
        item.media["source"]["path"] = path
        item.save()
        response = fetch(item)
        assert response.status_code == 404
        assert str(tmp_path) not in response.content.decode()


# --- copies -------------------------------------------------------------------------------------------------------


def test_a_thumbnail(item: Item, file: Path, tmp_path: Path) -> None:
    response = fetch(item, THUMBNAIL)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "image/webp"
    assert body(response)[8:12] == b"WEBP"
    kept = list((tmp_path / "cache" / "media").glob("*/*"))
    assert len(kept) == 1
    fetch(item, THUMBNAIL)
    assert list((tmp_path / "cache" / "media").glob("*/*")) == kept
    file.write_bytes(picture("JPEG", (50, 50)).getvalue())
    fetch(item, THUMBNAIL)
    assert len(list((tmp_path / "cache" / "media").glob("*/*"))) == 2


def test_a_tiff_is_shown_by_a_copy(dataset: Dataset) -> None:
    response = fetch(dataset.items.get(ordinal=2))
    assert response.headers["Content-Type"] == "image/jpeg"
    assert body(response).startswith(b"\xff\xd8\xff")


def test_a_broken_picture_has_no_thumbnail(item: Item, file: Path) -> None:
    file.write_bytes(file.read_bytes()[:200])
    response = fetch(item, THUMBNAIL)
    assert response.status_code == 404
    assert response.headers["Content-Type"].startswith("text/plain")


def test_the_least_used_copies_go_first(dataset: Dataset, tmp_path: Path) -> None:
    for item in dataset.items.order_by("ordinal"):
        fetch(item, THUMBNAIL)
    kept = sorted((tmp_path / "cache" / "media").glob("*/*"), key=lambda path: path.stat().st_mtime)
    assert prune() == 0
    assert prune(limit=kept[-1].stat().st_size) == len(kept) - 1
    assert list((tmp_path / "cache" / "media").glob("*/*")) == [kept[-1]]


# --- limits -------------------------------------------------------------------------------------------------------


def test_files_take_half_of_the_threads(item: Item, monkeypatch: pytest.MonkeyPatch) -> None:
    slots = views.Slots(4)
    monkeypatch.setattr(slots, "WAIT_SECONDS", 0.05)
    monkeypatch.setattr(views, "_slots", lambda: slots)
    assert slots.acquire()
    assert slots.acquire()
    begin = time.monotonic()
    response = fetch(item)
    assert time.monotonic() - begin >= 0.05
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "1"
    assert response.headers["Cache-Control"] == "no-store"
    slots.release()
    for _time in range(5):  # each answer gives its place back, whatever it was
        for header in (
            {},
            {"Range": "bytes=0-1"},
            {"Range": "bytes=99999999-"},
            {"If-None-Match": "*"},
        ):
            assert fetch(item, **header).status_code != 503
        body(fetch(item))
        assert Client().get(reverse("media-file", args=["x"])).status_code == 404


def test_only_some_may_wait(item: Item, monkeypatch: pytest.MonkeyPatch) -> None:
    slots = views.Slots(4)
    monkeypatch.setattr(slots, "WAIT_SECONDS", 60)
    assert slots.acquire()
    assert slots.acquire()
    assert slots._waiting.acquire(blocking=False)
    begin = time.monotonic()
    assert not slots.acquire()
    assert time.monotonic() - begin < 30


def test_a_busy_decoder(item: Item, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(file: Any) -> bytes:
        raise media.images.Busy

    monkeypatch.setattr(media.images, "thumbnail", busy)
    response = fetch(item, THUMBNAIL)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "1")


def test_one_query_a_file(item: Item, django_assert_num_queries: Any) -> None:
    link = media_link(item=item, field="source")
    with django_assert_num_queries(1):
        Client().get(link)


# --- nginx --------------------------------------------------------------------------------------------------------


def test_nginx_sends_it(item: Item, dataset: Dataset, settings: Any) -> None:
    settings.ITAG_ACCEL = "nginx"
    response = fetch(item)
    assert response.content == b""
    path = f"{dataset.workspace_id}/{dataset.prefix}/a.jpg"
    assert response.headers["X-Accel-Redirect"] == f"/_itag/files/{path}"
    assert response.headers["Content-Type"] == "image/jpeg"
    thumb = fetch(item, THUMBNAIL)
    assert thumb.headers["X-Accel-Redirect"].startswith("/_itag/cache/")


def test_nginx_and_named_roots(
    workspace: Any, admin_user: Any, settings: Any, tmp_path: Path
) -> None:
    from datasets.services.storages import create_storage

    settings.ITAG_ACCEL = "nginx"
    (tmp_path / "nas").mkdir()
    (tmp_path / "nas" / "ä b?.jpg").write_bytes(picture("JPEG").getvalue())
    settings.ITAG_LOCAL_ROOTS = [tmp_path / "other", tmp_path / "nas"]
    storage = create_storage(
        workspace=workspace, user=admin_user, name="nas", root=str(tmp_path / "nas")
    )
    dataset = make(workspace, admin_user, kind="image", storage=storage)
    response = fetch(dataset.items.get())
    assert response.headers["X-Accel-Redirect"] == "/_itag/roots/1/%C3%A4%20b%3F.jpg"


# --- the way there ------------------------------------------------------------------------------------------------


def test_the_way_to_a_dataset_s_file(
    dataset: Dataset, item: Item, api: Any, admin_user: Any, labeler: Any, stranger: Any
) -> None:
    address = f"/media/dataset/{dataset.pk}/1/source"
    response = api(admin_user).get(address)
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/media/file/")
    assert response.headers["Cache-Control"] == "no-store"
    assert api(admin_user).get(response.headers["Location"]).headers["Content-Type"] == "image/jpeg"
    thumb = api(admin_user).get(f"{address}?size=thumb").headers["Location"]
    assert api(None).get(thumb).headers["Content-Type"] == "image/webp"
    for person in (labeler, stranger):
        assert api(person).get(address).status_code == 404
    assert api(None).get(address).headers["Location"].startswith("/accounts/login/")
    for wrong in ("1/other", "3/source", "0/source", "99999999999999999999/source"):
        assert api(admin_user).get(f"/media/dataset/{dataset.pk}/{wrong}").status_code == 404


def test_by_token(dataset: Dataset, admin_user: Any, stranger: Any) -> None:
    from accounts.services.tokens import create_token

    address = f"/media/dataset/{dataset.pk}/1/source"
    for person, status in ((admin_user, 302), (stranger, 404)):
        _token, secret = create_token(user=person)
        headers = {"Authorization": f"Bearer {secret}"}
        assert Client().get(address, headers=headers).status_code == status
    assert Client().get(address, headers={"Authorization": "Bearer itag_x"}).status_code == 401


def test_items_of_an_import_that_has_not_ended_are_not_shown(
    dataset: Dataset, item: Item, api: Any, admin_user: Any
) -> None:
    Item.objects.create(dataset=dataset, ordinal=3, data="{}", media=item.media)
    assert api(admin_user).get(f"/media/dataset/{dataset.pk}/3/source").status_code == 404
