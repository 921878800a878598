"""Sounds and videos: what is read of them at their import, how they are sent, and files that were made to hurt."""

import io
import os
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from datasets.av import formats
from datasets.models import Dataset, Item
from datasets.services import recordings
from datasets.services.media import THUMBNAIL, media_link, media_payload, media_token, read_token
from datasets.services.recordings import NotARecording
from datasets.services.storages import create_storage, storage_root
from tests.datasets.clips import MS, UNEVEN, clip, tone
from tests.datasets.helpers import errors, make, manifest

pytestmark = pytest.mark.django_db


def open_bytes(content: bytes) -> Any:
    """An open file with a descriptor, as uploads and folders give them."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  closed with its last reference
    file.write(content)
    file.seek(0)
    return file


def looked(content: bytes, kind: str = "audio") -> dict[str, Any]:
    return recordings.look_at(open_bytes(content), len(content), kind)


SOUNDS: list[tuple[str, Callable[[], bytes], int, int, bool]] = [
    ("wav", partial(tone, "wav", "pcm_s24le", rate=44_100, channels=2), 44_100, 2, True),
    ("mp3", partial(tone, "mp3", "libmp3lame", rate=44_100, bit_rate=64_000), 44_100, 1, True),
    ("flac", partial(tone, "flac", "flac"), 16_000, 1, True),
    ("ogg", partial(tone, "ogg", "libopus", rate=48_000), 48_000, 1, True),
    ("webm", partial(tone, "webm", "libopus", rate=48_000), 48_000, 1, True),
    ("m4a", partial(tone, "ipod", "aac"), 16_000, 1, True),
    ("aac", partial(tone, "adts", "aac"), 16_000, 1, False),
    ("aiff", partial(tone, "aiff", "pcm_s16be"), 16_000, 1, False),
    ("amr", partial(tone, "amr", "libopencore_amrnb", rate=8000), 8000, 1, False),
    ("m4a", partial(tone, "ipod", "alac"), 16_000, 1, False),
]


@pytest.mark.parametrize(("form", "content", "rate", "channels", "playable"), SOUNDS)
def test_sounds(
    form: str, content: Callable[[], bytes], rate: int, channels: int, playable: bool
) -> None:
    found = looked(content())
    assert (found["format"], found["rate"], found["channels"]) == (form, rate, channels)
    assert found["playable"] is playable
    # Bare AAC and AMR have no word of what the encoder put before and behind.
    exact = form not in ("aac", "amr", "webm")
    assert found["duration"] == pytest.approx(2.0, abs=1e-6 if exact else 0.2)


def test_an_mp3_of_varying_rate_is_played_as_a_copy() -> None:
    """Browsers jump in it by bytes, and land elsewhere than they say."""
    quality = {"flags": "+qscale", "global_quality": str(4 * 118)}
    found = looked(tone("mp3", "libmp3lame", rate=44_100, click=1.0, options=quality))
    assert found["playable"] is False
    assert found["duration"] == pytest.approx(2.0, abs=1e-4)


VIDEOS: list[tuple[str, Callable[[], bytes], bool, bool]] = [
    ("mp4", partial(clip, sound="aac", options={"bf": "2"}), True, True),
    (
        "webm",
        partial(clip, "webm", "libvpx", sound="libopus", options={"lag-in-frames": "10"}),
        True,
        True,
    ),
    ("mov", partial(clip, "mov"), False, False),
    ("mkv", partial(clip, "matroska", sound="aac"), False, True),
    ("avi", partial(clip, "avi", "mpeg4"), False, False),
    ("ts", partial(clip, "mpegts", "mpeg2video", sound="mp2"), False, True),
    ("asf", partial(clip, "asf", "wmv2"), False, False),
    ("mov", partial(clip, "mov", "prores_ks", pixels="yuv422p10le"), False, False),
]


@pytest.mark.parametrize(("form", "content", "playable", "has_audio"), VIDEOS)
def test_videos(form: str, content: Callable[[], bytes], playable: bool, has_audio: bool) -> None:
    found = looked(content(), "video")
    assert (found["format"], found["width"], found["height"]) == (form, 64, 48)
    assert (found["frames"], found["fps"], found["variable"]) == (60, 30.0, False)
    assert (found["playable"], found["has_audio"]) == (playable, has_audio)
    assert found["duration"] == pytest.approx(2.0, abs=0.06)


def test_a_varying_frame_rate_and_a_late_beginning() -> None:
    late = [5000 + stamp for stamp in UNEVEN]
    found = looked(clip("matroska", stamps=late, base=MS), "video")
    assert (found["variable"], found["frames"], found["start"]) == (True, len(UNEVEN), 5.0)
    assert found["fps"] == pytest.approx((len(UNEVEN) - 1) / 1.2)
    # A browser would begin at 5 s, another at 0: neither is left to itself.
    webm = looked(clip("webm", "libvpx", stamps=late, base=MS), "video")
    assert (webm["playable"], webm["start"]) == (False, 5.0)


def test_a_turned_video_is_measured_upright() -> None:
    found = looked(clip(turn=90), "video")
    assert (found["width"], found["height"]) == (48, 64)


@pytest.mark.parametrize(
    ("content", "kind", "says"),
    [
        (b"", "audio", "empty"),
        (b"a text and no sound", "audio", "Not a sound"),
        (b"a text and no video", "video", "Not a video"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "audio", "broken"),
        (b"\0\0\0\x18ftypisom" + os.urandom(3000), "video", "broken"),
        (tone, "video", "no video"),
        (clip, "audio", "no sound"),
        (lambda: clip()[:300], "video", "broken"),
    ],
)
def test_what_is_refused(content: bytes | Callable[[], bytes], kind: str, says: str) -> None:
    with pytest.raises(NotARecording, match=says):
        looked(content if isinstance(content, bytes) else content(), kind)


@pytest.mark.parametrize(
    "content",
    [
        b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://127.0.0.1:9/a.ts\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b"<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011'></MPD>",
        b"<asx version='3.0'><entry><ref href='http://127.0.0.1:9/'/></entry></asx>",
        b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\nc=IN IP4 127.0.0.1\r\nm=audio 9 RTP/AVP 0\r\n",
        b"RTSP/1.0 200 OK\r\n",
        b"[playlist]\nFile1=http://127.0.0.1:9/\n",
    ],
)
def test_playlists_are_no_recordings(content: bytes) -> None:
    for kind in ("audio", "video"):
        with pytest.raises(NotARecording, match="Not a"):
            looked(content, kind)


def test_a_playlist_in_the_clothes_of_a_format_is_opened_as_that_format(tmp_path: Path) -> None:
    """FFmpeg's own guess would take the text for HLS; it is never asked."""
    target = tmp_path / "secret.ts"
    target.write_bytes(clip("mpegts", "mpeg2video"))
    playlist = (
        f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{target}\n#EXT-X-ENDLIST\n".encode()
    )
    for mark in (b"OggS", b"fLaC", b"\0\0\x01\xba", b"\xff\xfb\x90\x64"):
        with pytest.raises(NotARecording):
            looked(mark + playlist, "video")


def test_a_quicktime_file_that_refers_to_another_gets_nothing() -> None:
    """A `dref` with an address instead of "the samples are in this file"."""
    content = clip("mov")
    own = b"url \0\0\0\x01"
    assert own in content or b"alis" in content
    other = content.replace(own, b"url \0\0\0\0").replace(b"alis\0\0\0\x01", b"alis\0\0\0\0")
    assert other != content
    try:
        found = looked(other, "video")
    except NotARecording:
        return
    assert found["frames"] == 60  # read from the file itself all the same


def test_the_helper_gets_no_secrets_and_small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "not to be read")
    recordings._helper.close()
    looked(tone())
    process = recordings._helper._process
    assert process is not None
    folder = Path(f"/proc/{process.pid}")
    if not folder.exists():
        pytest.skip("what a process has is to be seen on Linux only")
    assert b"SECRET_KEY" not in (folder / "environ").read_bytes()
    limits = (folder / "limits").read_text()
    rows = {line[:26].strip(): line[26:].split()[0] for line in limits.splitlines()}
    assert rows["Max file size"] == rows["Max core file size"] == rows["Max processes"] == "0"
    assert int(rows["Max address space"]) <= 3 * 2**30


def test_marks_of_formats() -> None:
    def named(head: bytes) -> str:
        return formats.sniff(io.BytesIO(head))

    assert named(b"RF64\xff\xff\xff\xffWAVE") == "rf64"
    assert named(b"RIFF\0\0\0\0WEBP") == ""
    assert named(b"\0\0\0\x1cftypavif") == ""
    assert named(b"ID3\x04\0\0\0\0\x02\0" + bytes(256) + b"\xff\xf1\x50\x80") == "aac"
    assert named(b"ID3\x04\0\0\0\0\x02\0" + bytes(300)) == "mp3"
    assert named(b"\xff\xff\xff\xff") == ""
    assert named((b"\x47" + bytes(187)) * 3) == "ts"
    assert named(bytes(4) + (b"\x47" + bytes(191)) * 3) == "ts"


# --- imports ------------------------------------------------------------------------------------------------------


def upload(workspace: Any, user: Any, *files: tuple[str, bytes], **fields: Any) -> Dataset:
    given = [(name, io.BytesIO(content)) for name, content in files]
    return make(workspace, user, files=given, **fields)


def test_uploaded_sounds_become_items_and_are_sent_in_parts(
    workspace: Any, admin_user: Any, client: Client
) -> None:
    content = tone(rate=44_100)
    dataset = upload(workspace, admin_user, ("a.wav", content), kind="audio")
    assert (dataset.state, dataset.item_count) == ("ready", 1)
    assert dataset.fields == [{"name": "source", "type": "audio", "count": 1}]
    item = dataset.items.get()
    assert media_payload(item, "source", "/there") == {
        "url": "/there", "type": "audio", "format": "wav", "duration": 2.0, "rate": 44_100,
        "channels": 1, "playable": True,
    }  # fmt: skip
    link = media_link(item=item, field="source")
    whole = client.get(link)
    assert whole.content == content
    assert whole.headers["Content-Type"] == "audio/wav"
    assert whole.headers["Accept-Ranges"] == "bytes"
    assert "sandbox" in whole.headers["Content-Security-Policy"]
    part = client.get(link, headers={"Range": "bytes=1000-1999"})
    assert (part.status_code, part.content) == (206, content[1000:2000])
    assert part.headers["Content-Range"] == f"bytes 1000-1999/{len(content)}"
    # There is no picture of a sound.
    assert client.get(media_link(item=item, field="source", variant=THUMBNAIL)).status_code == 404


def test_uploaded_videos_have_posters_and_what_is_not_played_is_saved(
    workspace: Any, admin_user: Any, client: Client
) -> None:
    dataset = upload(
        workspace,
        admin_user,
        ("a.mp4", clip(turn=90)),
        ("b.avi", clip("avi", "mpeg4")),
        kind="video",
    )
    first, second = dataset.items.order_by("ordinal")
    poster = client.get(media_link(item=first, field="source", variant=THUMBNAIL))
    assert poster.headers["Content-Type"] == "image/webp"
    with Image.open(io.BytesIO(poster.content)) as picture:
        assert picture.size == (48, 64)
    played = client.get(media_link(item=first, field="source"))
    assert played.headers["Content-Type"] == "video/mp4"
    assert "Content-Disposition" not in played.headers
    saved = client.get(media_link(item=second, field="source"))
    assert saved.headers["Content-Type"] == "application/octet-stream"
    assert saved.headers["Content-Disposition"].startswith("attachment")


def test_links_to_what_is_played_live_for_hours(workspace: Any, admin_user: Any) -> None:
    dataset = upload(workspace, admin_user, ("a.wav", tone()), kind="audio")
    token = media_token(item=dataset.items.get(), field="source")
    assert 6 * 3600 <= read_token(token)[3] <= 12 * 3600


def test_a_file_that_is_replaced_by_a_page_is_never_shown_as_one(
    workspace: Any, admin_user: Any, client: Client
) -> None:
    dataset = upload(workspace, admin_user, ("a.wav", tone()), kind="audio")
    item = dataset.items.get()
    Item.objects.filter(pk=item.pk).update(
        media={"source": {**item.media["source"], "format": "mp3"}}
    )
    answer = client.get(media_link(item=item, field="source"))
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_a_broken_file_fails_the_import_or_is_left_out(workspace: Any, admin_user: Any) -> None:
    files = [("a.wav", tone()), ("b.wav", b"no sound")]
    failed = upload(workspace, admin_user, *files, kind="audio")
    assert failed.state == "failed"
    assert failed.last_import
    assert "Not a sound" in failed.last_import.errors[0]["message"]
    whole = upload(workspace, admin_user, *files, kind="audio", leave_out=True)
    assert (whole.state, whole.item_count) == ("ready", 1)


def test_a_manifest_of_several_kinds(workspace: Any, admin_user: Any) -> None:
    storage = create_storage(workspace=workspace, user=admin_user, name="films", root="films")
    folder = storage_root(storage)
    (folder / "a.opus").write_bytes(tone("ogg", "libopus", rate=48_000))
    (folder / "b.mp4").write_bytes(clip())
    lines = manifest(
        '{"data": {"question": "who speaks?", "sound": "a.opus", "film": "b.mp4"}}',
    )
    dataset = make(workspace, admin_user, manifest=lines, kind="custom", storage=storage)
    assert dataset.state == "ready", errors(dataset)
    assert {f["name"]: f["type"] for f in dataset.fields} == {
        "question": "text", "sound": "audio", "film": "video",
    }  # fmt: skip


def test_the_pages_show_them(workspace: Any, admin_user: Any, client: Client) -> None:
    client.force_login(admin_user)
    sounds = upload(
        workspace, admin_user, ("a.wav", tone()), ("b.aiff", SOUNDS[7][1]()), kind="audio"
    )
    films = upload(workspace, admin_user, ("a.mp4", clip()), kind="video")
    assert "0:02" in client.get(f"/datasets/{sounds.pk}/").content.decode()
    page = client.get(f"/datasets/{sounds.pk}/items/1/").content.decode()
    assert "<audio controls" in page
    assert "16000 Hz" in page
    page = client.get(f"/datasets/{sounds.pk}/items/2/").content.decode()
    assert f'data-play="/media/dataset/{sounds.pk}/2/source?size=play"' in page
    page = client.get(f"/datasets/{films.pk}/items/1/").content.decode()
    assert "<video controls" in page
    assert "60 frames" in page
