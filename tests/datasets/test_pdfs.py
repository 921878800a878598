"""PDFs: what is read of them at their import, how they are served, and files that were made to hurt."""

import contextlib
import io
import os
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from datasets.models import Dataset, Item
from datasets.services import images, pdfs
from datasets.services.media import THUMBNAIL, media_link, media_payload
from itag.client.pdfs import A4, PdfPage, TextLine, write_pdf
from templates_app.questions.pdf import page_size
from tests.datasets.helpers import errors, finish, make, manifest

pytestmark = pytest.mark.django_db

TWO = write_pdf([PdfPage([TextLine(72, 72, "one")]), PdfPage([TextLine(72, 72, "two")])])


def looked(content: bytes) -> pdfs.Document:
    return pdfs.look_at(open_bytes(content), len(content))


def open_bytes(content: bytes) -> Any:
    """An open file with a descriptor, as uploads and folders give them."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  closed with its last reference
    file.write(content)
    file.seek(0)
    return file


def test_pages_and_their_sizes_come_as_runs_upright() -> None:
    turned = PdfPage(size=(300, 200), rotate=90)
    content = write_pdf([PdfPage(), PdfPage(), turned, PdfPage(size=(300, 200)), PdfPage()])
    found = looked(content)
    assert found == pdfs.Document(5, [[*A4, 2], [200.0, 300.0, 1], [300.0, 200.0, 1], [*A4, 1]])
    media = {"sizes": found.sizes}
    sizes = [page_size(media, page) for page in range(7)]
    assert sizes == [None, A4, A4, (200.0, 300.0), (300.0, 200.0), A4, None]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"no pdf at all, but a text", "Not a PDF"),
        (b"%PDF-1.7 and nothing else", "broken"),
        (b"%PDF-1.7\n" + os.urandom(4000), "broken"),
        (write_pdf([]), "broken"),
        (write_pdf([PdfPage(size=(20_001, 100))]), "20001"),
    ],
)
def test_what_is_refused(content: bytes, says: str) -> None:
    with pytest.raises(pdfs.NotAPdf, match=says):
        looked(content)


def test_too_many_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdfs, "MAX_PAGES", 1)
    with pytest.raises(pdfs.NotAPdf, match="2 pages"):
        looked(TWO)


#: The only user who may open it has the password "secret" (RC4, 40 bits).
LOCKED = TWO.replace(
    b"/Root 1 0 R",
    b"/Root 1 0 R/ID[<00112233445566778899aabbccddeeff><00112233445566778899aabbccddeeff>]"
    b"/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<" + b"ab" * 32 + b">/U<" + b"cd" * 32 + b">>>",
)


def test_a_locked_file_says_so() -> None:
    with pytest.raises(pdfs.NotAPdf, match="password"):
        looked(LOCKED)


def test_a_loop_of_pages_ends() -> None:
    looped = TWO.replace(
        b"/Type/Pages/Count 2/Kids[8 0 R 10 0 R]", b"/Type/Pages/Count 9/Kids[2 0 R 8 0 R]"
    )
    assert looped != TWO
    with contextlib.suppress(pdfs.NotAPdf):
        assert looked(looped).pages <= 9


def test_a_file_that_hangs_or_kills_the_helper_is_refused_and_the_next_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    helper = pdfs._helper
    looked(TWO)
    process = helper._process
    assert process is not None
    process.send_signal(signal.SIGSTOP)
    assert helper._channel is not None
    helper._channel.settimeout(0.1)
    with pytest.raises(pdfs.NotAPdf, match="too long"):
        looked(TWO)
    assert process.poll() is not None

    real = subprocess.Popen

    def dying(command: list[str], **given: Any) -> Any:
        return real(["/bin/false"], **given)

    monkeypatch.setattr(subprocess, "Popen", dying)
    with pytest.raises(pdfs.NotAPdf, match="broken"):
        looked(TWO)
    monkeypatch.undo()
    assert looked(TWO).pages == 2


def test_the_helper_gets_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "not to be read")
    pdfs._helper.close()
    pdfs.look_at(open_bytes(TWO), len(TWO))
    process = pdfs._helper._process
    assert process is not None
    given = Path(f"/proc/{process.pid}/environ")
    if not given.exists():
        pytest.skip("the environment of a process is to be seen on Linux only")
    assert b"SECRET_KEY" not in given.read_bytes()


def test_one_that_fell_asleep_is_woken_for_the_next_file() -> None:
    looked(TWO)
    process = pdfs._helper._process
    assert process is not None
    process.kill()  # not waited for: it is found dead when it is asked
    assert looked(TWO).pages == 2


def test_thumbnails_wait_for_a_while_only() -> None:
    assert images.sniff(pdfs.thumbnail(open_bytes(TWO))[:16]) == "webp"
    with pytest.raises(pdfs.NotAPdf):
        pdfs.thumbnail(open_bytes(b"%PDF-1.7"))
    with pdfs._helper._lock, pytest.raises(images.Busy):
        pdfs._helper.ask(open_bytes(TWO), {"what": "sizes", "most": 9}, patience=0)


# --- imports ------------------------------------------------------------------------------------------------------


def upload(workspace: Any, user: Any, *files: tuple[str, bytes], **fields: Any) -> Dataset:
    given = [(name, io.BytesIO(content)) for name, content in files]
    return make(workspace, user, kind="pdf", files=given, **fields)


def test_uploaded_files_become_items(workspace: Any, admin_user: Any) -> None:
    dataset = upload(workspace, admin_user, ("b/10.pdf", TWO), ("b/9.PDF", TWO))
    assert (dataset.state, dataset.item_count) == ("ready", 2)
    assert dataset.fields == [{"name": "source", "type": "pdf", "count": 2}]
    item = dataset.items.get(ordinal=1)
    assert item.data.load() == {"source": "b/9.PDF"}
    assert item.media["source"] == {
        "path": f"{dataset.prefix}/b/9.PDF",
        "type": "pdf",
        "format": "pdf",
        "pages": 2,
        "sizes": [[*A4, 2]],
        "size": len(TWO),
    }
    assert media_payload(item, "source", "/u") == {
        "url": "/u", "type": "pdf", "format": "pdf", "pages": 2, "sizes": [[*A4, 2]],
    }  # fmt: skip


def test_files_that_cannot_be_opened_are_named_or_left_out(workspace: Any, admin_user: Any) -> None:
    files = [
        ("a.pdf", TWO),
        ("b.pdf", b"%PDF-1.4"),
        ("c.pdf", LOCKED),
        ("d.png", b"\x89PNG\r\n\x1a\n"),
    ]
    dataset = upload(workspace, admin_user, *files)
    assert dataset.state == "failed"
    assert errors(dataset) == [(None, "b.pdf"), (None, "c.pdf"), (None, "d.png")]
    dataset = upload(workspace, admin_user, *files, leave_out=True)
    assert (dataset.state, dataset.item_count) == ("ready", 1)
    assert dataset.last_import is not None
    assert dataset.last_import.error_count == 3


def test_a_manifest_names_them(workspace: Any, admin_user: Any, tmp_path: Any) -> None:
    done = upload(workspace, admin_user, ("a.pdf", TWO))
    dataset = make(
        workspace,
        admin_user,
        kind="pdf",
        manifest=manifest('{"data": {"source": "a.pdf", "page": 3}}'),
        storage=done.storage,
        prefix=done.prefix,
        origin="manifest",
    )
    assert dataset.state == "ready"
    assert [field["type"] for field in dataset.fields] == ["pdf", "number"]
    wrong = make(
        workspace,
        admin_user,
        kind="pdf",
        manifest=manifest('{"data": {"source": "a.pdf"}}', '{"data": {"source": "gone.pdf"}}'),
        storage=done.storage,
        prefix=done.prefix,
        origin="manifest",
    )
    assert errors(wrong) == [(2, "data.source")]


def test_a_custom_dataset_may_hold_both(workspace: Any, admin_user: Any) -> None:
    done = upload(workspace, admin_user, ("a.pdf", TWO))
    dataset = make(
        workspace,
        admin_user,
        kind="custom",
        manifest=manifest('{"data": {"paper": "a.pdf", "said": "b.pdf is not there"}}'),
        storage=done.storage,
        prefix=done.prefix,
        origin="manifest",
    )
    assert {field["name"]: field["type"] for field in dataset.fields} == {
        "paper": "pdf",
        "said": "text",
    }


def test_a_folder_is_read_again(workspace: Any, admin_user: Any) -> None:
    from datasets.services.imports import add_items
    from datasets.services.storages import create_storage, storage_root

    storage = create_storage(workspace=workspace, user=admin_user, name="papers", root="papers")
    (storage_root(storage) / "a.pdf").write_bytes(TWO)
    dataset = make(workspace, admin_user, kind="pdf", storage=storage)
    assert dataset.item_count == 1
    (storage_root(storage) / "b.pdf").write_bytes(TWO)
    add_items(dataset=dataset, user=admin_user)
    assert finish(dataset).item_count == 2


# --- serving ------------------------------------------------------------------------------------------------------


@pytest.fixture
def item(workspace: Any, admin_user: Any) -> Item:
    return upload(workspace, admin_user, ("a.pdf", TWO)).items.get()


def test_the_file_is_served_whole_and_in_parts(item: Item) -> None:
    link = media_link(item=item, field="source")
    response = Client().get(link)
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response.headers["Content-Security-Policy"]
    part = Client().get(link, headers={"Range": "bytes=0-7"})
    assert (part.status_code, part.content) == (206, b"%PDF-1.7")
    small = Client().get(media_link(item=item, field="source", variant=THUMBNAIL))
    assert small.headers["Content-Type"] == "image/webp"


def test_what_is_no_pdf_any_more_is_only_saved(item: Item) -> None:
    from datasets.services.storages import storage_root

    assert item.dataset.storage is not None
    path = storage_root(item.dataset.storage) / item.media["source"]["path"]
    path.write_bytes(b"<html><script>alert(1)</script></html>")
    response = Client().get(media_link(item=item, field="source"))
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"].startswith("attachment")
    thumb = Client().get(media_link(item=item, field="source", variant=THUMBNAIL))
    assert thumb.status_code == 404


def test_the_pages_show_them(item: Item, admin_user: Any) -> None:
    client = Client()
    client.force_login(admin_user, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(f"/datasets/{item.dataset_id}/").content.decode()
    assert "tile-picture" in page
    page = client.get(f"/datasets/{item.dataset_id}/items/1/").content.decode()
    assert "2 pages" in page
    assert "a.pdf" in page
    assert 'value="pdf"' in client.get("/datasets/new/").content.decode()
