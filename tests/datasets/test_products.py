"""What is made of sounds and videos: peaks and spectrograms to the sample, stamps of frames, copies in the same time."""

import contextlib
import io
import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from django.test import Client
from PIL import Image

from datasets.models import Item
from datasets.packs import claimed
from datasets.services import products, recordings
from datasets.services.helper import command
from datasets.services.media import media_link, open_product, prune, read_token
from datasets.services.storages import storage_root
from tests.datasets.clips import MS, SECOND, UNEVEN, clip, stamps_of, tone
from tests.datasets.helpers import make

pytestmark = pytest.mark.django_db


def item_of(workspace: Any, user: Any, name: str, content: bytes, kind: str) -> Item:
    dataset = make(workspace, user, kind=kind, files=[(name, io.BytesIO(content))])
    assert dataset.state == "ready"
    return dataset.items.get()


class Made:
    """One product of an item, asked for as a page does."""

    def __init__(self, item: Item, what: str) -> None:
        self.item, self.link, self.client = (
            item,
            media_link(item=item, field="source", variant=what),
            Client(),
        )

    def state(self) -> dict[str, Any]:
        return dict(self.client.get(self.link).json())

    def ready(self) -> dict[str, Any]:
        limit = time.monotonic() + 60
        while time.monotonic() < limit:
            response = self.client.get(self.link)
            state = dict(response.json())
            if state["state"] == "making":
                assert response.status_code == 202
                assert response.headers["Retry-After"] == "1"
                assert 0 <= state["done"] <= 1
            else:
                assert response.status_code == 200
                return state
            time.sleep(0.05)
        raise AssertionError("it was not made in a minute")

    def chunk(self, level: int, number: int) -> bytes:
        response = self.client.get(f"{self.link}/{level}/{number}/0")
        assert response.status_code == 200, response.content
        return bytes(response.content)


def test_peaks_lie_where_the_samples_are(workspace: Any, admin_user: Any) -> None:
    content = tone(seconds=10, rate=44_100, channels=2, click=7.0)
    made = Made(item_of(workspace, admin_user, "a.wav", content, "audio"), "peaks")
    info = made.ready()
    assert (info["sampleRate"], info["channels"], info["duration"]) == (44_100, 2, 10.0)
    assert info["rate"] == 44_100 / 16
    finest = info["levels"][0]
    assert finest["pairs"] == -(-441_000 // 16)
    assert [level["rate"] for level in info["levels"]] == [info["rate"] / 4**n for n in range(3)]
    assert info["levels"][-1]["pairs"] <= 2048
    for number, level in enumerate(info["levels"]):
        whole = b"".join(made.chunk(number, n) for n in range(level["chunks"]))
        pairs = np.frombuffer(whole, "<i2").reshape(-1, 2, 2)
        assert len(pairs) == level["pairs"]
        loud = np.argmax(pairs[:, 0, 1])
        assert loud == int(7.0 * 44_100) // (16 * 4**number)
        assert pairs[loud, 0, 1] == 32767
        rest = np.delete(pairs, loud, axis=0)
        assert abs(int(rest[:, 0].max()) - round(0.25 * 32767)) <= 2
        assert (pairs[:, :, 0] <= pairs[:, :, 1]).all()
    assert made.client.get(f"{made.link}/0/99/0").status_code == 404
    assert made.client.get(f"{made.link}/9/0/0").status_code == 404


def test_peaks_of_a_video_begin_where_its_sound_does(workspace: Any, admin_user: Any) -> None:
    content = clip("matroska", stamps=range(60), sound="pcm_s16le", sound_from=0.5)
    made = Made(item_of(workspace, admin_user, "a.mkv", content, "video"), "peaks")
    info = made.ready()
    pairs = np.frombuffer(made.chunk(0, 0), "<i2").reshape(-1, 2)
    first = int(np.argmax(np.abs(pairs).max(axis=1) > 1000))
    assert first / info["rate"] == pytest.approx(0.5, abs=0.002)


def test_the_spectrogram_shows_the_tone(workspace: Any, admin_user: Any) -> None:
    content = tone(seconds=20, rate=16_000)
    made = Made(item_of(workspace, admin_user, "a.wav", content, "audio"), "spectrum")
    info = made.ready()
    assert (info["rows"], info["maxFrequency"], info["rate"]) == (256, 8000, 125)
    assert info["levels"][0]["columns"] >= 20 * 125
    assert info["levels"][-1]["columns"] <= 1024
    for number, level in enumerate(info["levels"]):
        width = 0
        for n in range(level["chunks"]):
            with Image.open(io.BytesIO(made.chunk(number, n))) as picture:
                grey = np.asarray(picture.convert("L"))
            width += grey.shape[1]
            row = int(grey[:, grey.shape[1] // 2].argmax())
            assert (255 - row) * 8000 / 256 == pytest.approx(440, abs=40)
        assert width == level["columns"]


def test_frames_of_a_varying_rate(workspace: Any, admin_user: Any) -> None:
    content = clip(stamps=UNEVEN, base=MS, options={"bf": "2"})
    # Frames that refer forward, without an edit list, begin late: browsers differ, so a copy is played.
    made = Made(item_of(workspace, admin_user, "a.mp4", content, "video"), "frames")
    info = made.ready()
    assert (info["count"], info["variable"], info["chunks"]) == (len(UNEVEN), True, 1)
    stamps = np.frombuffer(made.chunk(0, 0), "<f8")
    assert stamps == pytest.approx([stamp / 1000 for stamp in UNEVEN], abs=1e-9)


COPIED = [
    ("late.mkv", "matroska", "libx265", [5000 + one for one in UNEVEN], MS, ""),
    ("wrapped.mkv", "matroska", "libx264", UNEVEN, MS, "aac"),
    ("old.avi", "avi", "mjpeg", range(40), SECOND, "pcm_s16le"),
    ("clip.mov", "mov", "prores_ks", range(20, 60), SECOND, "pcm_s16le"),
]


@pytest.mark.parametrize(("name", "form", "codec", "stamps", "base", "sound"), COPIED)
def test_a_copy_shows_its_frames_when_the_original_does(
    workspace: Any,
    admin_user: Any,
    name: str,
    form: str,
    codec: str,
    stamps: Any,
    base: Any,
    sound: str,
) -> None:
    pixels = {"mjpeg": "yuvj420p", "prores_ks": "yuv422p10le"}.get(codec, "yuv420p")
    content = clip(form, codec, stamps=stamps, base=base, sound=sound, pixels=pixels)
    item = item_of(workspace, admin_user, name, content, "video")
    assert item.media["source"]["playable"] is False
    made = Made(item, "play")
    state = made.ready()
    assert state["type"] == "video/mp4"
    assert state["copy"] is True
    copy = made.client.get(state["url"], headers={"Range": "bytes=0-"})
    assert copy.status_code == 206
    assert copy.headers["Content-Type"] == "video/mp4"
    played = bytes(copy.content)
    # The index stands before the pictures: playing begins with the first bytes.
    assert 0 < played.find(b"moov") < played.find(b"mdat")
    start = item.media["source"].get("start", 0.0)
    expected = [stamp - start for stamp in stamps_of(content)]
    assert stamps_of(played) == pytest.approx(expected, abs=1e-6)
    found = recordings.look_at(_opened(played), len(played), "video")
    assert found["playable"] is True
    assert found["has_audio"] is bool(sound)
    # Its frames, counted from the copy, are those of the original.
    frames = Made(item, "frames")
    assert frames.ready()["count"] == len(expected) == item.media["source"]["frames"]
    assert np.frombuffer(frames.chunk(0, 0), "<f8") == pytest.approx(expected, abs=1e-6)


def _opened(content: bytes) -> Any:
    import tempfile

    file = tempfile.TemporaryFile()  # noqa: SIM115  closed with its last reference
    file.write(content)
    file.seek(0)
    return file


def test_a_copy_of_a_sound_is_heard_at_the_same_time(workspace: Any, admin_user: Any) -> None:
    content = tone("aiff", "pcm_s16be", rate=44_100, channels=2, click=1.5)
    made = Made(item_of(workspace, admin_user, "a.aiff", content, "audio"), "play")
    state = made.ready()
    assert state["type"] == "audio/mp4"
    played = bytes(made.client.get(state["url"]).content)
    with av.open(io.BytesIO(played), "r") as container:
        sound = np.concatenate([f.to_ndarray()[0] for f in container.decode(audio=0)])
    assert abs(int(np.argmax(sound)) - 66_150) <= 1


def test_what_browsers_play_needs_no_copy(workspace: Any, admin_user: Any) -> None:
    content = tone()
    made = Made(item_of(workspace, admin_user, "a.wav", content, "audio"), "play")
    state = made.state()
    assert (state["state"], state["type"], state["copy"]) == ("ready", "audio/wav", False)
    assert made.client.get(state["url"]).content == content


def test_there_is_not_everything_of_everything(workspace: Any, admin_user: Any) -> None:
    sound = item_of(workspace, admin_user, "a.wav", tone(), "audio")
    silent = item_of(workspace, admin_user, "a.mp4", clip(), "video")
    client = Client()
    for item, what in ((sound, "frames"), (silent, "peaks"), (silent, "spectrum")):
        assert client.get(media_link(item=item, field="source", variant=what)).status_code == 404


def test_one_that_others_make_is_not_made_twice(workspace: Any, admin_user: Any) -> None:
    item = item_of(workspace, admin_user, "a.wav", tone(), "audio")
    made = Made(item, "peaks")
    token = made.link.rsplit("/", 1)[-1]
    assert read_token(token)[2] == "peaks"
    base = _base(token)
    with claimed(base.with_name(f"{base.name}.part")):
        assert open_product(token)[0]["state"] == "making"
        _idle()
        assert made.state()["state"] == "making"
    assert made.ready()["state"] == "ready"


def _base(token: str) -> Path:
    from datasets.services import media

    found = media._found(token)
    found.file.close()
    return media._order(found).base


def _idle() -> None:
    """Wait until nothing is being made."""
    limit = time.monotonic() + 30
    while not (products._short.is_idle and products._long.is_idle):
        assert time.monotonic() < limit
        time.sleep(0.02)


def test_what_cannot_be_made_says_so_and_is_not_tried_at_once(
    workspace: Any, admin_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = item_of(workspace, admin_user, "a.wav", tone(), "audio")
    path = storage_root(item.dataset.storage) / item.media["source"]["path"]  # type: ignore[arg-type]
    path.write_bytes(b"something else by now")
    made = Made(item, "peaks")
    state = made.ready()
    assert (state["state"], "broken" in state["message"]) == ("failed", True)
    monkeypatch.setattr(products, "_make", None)  # nobody is to call it
    assert made.state() == state


def test_a_process_that_dies_or_hangs_is_a_failure(
    workspace: Any, admin_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Made(item_of(workspace, admin_user, "a.wav", tone(), "audio"), "peaks")
    monkeypatch.setattr(products, "command", lambda *_: ["/bin/false"])
    assert "broken" in first.ready()["message"]
    second = Made(item_of(workspace, admin_user, "b.wav", tone(), "audio"), "peaks")
    monkeypatch.setattr(products, "command", lambda *_: ["/bin/sleep", "60"])
    monkeypatch.setattr(products, "STALL_SECONDS", 0.1)
    assert "too long" in second.ready()["message"]
    assert not products._running


def test_one_that_makes_has_limits_and_no_secrets(tmp_path: Path) -> None:
    """What it may write is bounded, and it goes when nobody listens any more."""
    path = tmp_path / "a.wav"
    path.write_bytes(tone(seconds=30, rate=48_000))
    out = tmp_path / "out"
    with path.open("rb") as file:
        request = {
            "file": file.fileno(), "what": "peaks", "form": "wav", "kind": "audio", "start": 0.0,
            "duration": 30.0, "most": 1000, "out": str(out),
        }  # fmt: skip
        done = subprocess.run(
            command(recordings.SCRIPT, "make"),
            input=json.dumps(request).encode() + b"\n",
            capture_output=True,
            pass_fds=[file.fileno()],
            check=True,
            timeout=60,
        )
    assert json.loads(done.stdout.splitlines()[-1]) in ({"error": "space"}, {"error": "broken"})
    assert out.stat().st_size <= 1000


def test_pruning_spares_what_is_being_written(workspace: Any, admin_user: Any) -> None:
    made = Made(item_of(workspace, admin_user, "a.wav", tone(), "audio"), "peaks")
    made.ready()
    base = _base(made.link.rsplit("/", 1)[-1])
    part = base.with_name("somebody.part")
    part.write_bytes(b"half")
    try:
        prune(0)
        assert part.exists()
        assert not base.with_name(f"{base.name}.peaks").exists()
        os.utime(part, (1, 1))
        prune(0)
        assert not part.exists()
    finally:
        with contextlib.suppress(FileNotFoundError):
            part.unlink()
    # Gone from the cache, it is made again.
    assert made.ready()["state"] == "ready"


def test_what_is_removed_between_two_looks_at_it_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = tmp_path / "a.peaks"
    pack.write_bytes(b"x")
    media = {"type": "audio", "format": "wav", "duration": 1.0}
    order = products.Order(products.PEAKS, media, tmp_path, "a.wav", tmp_path / "a", lambda: None)
    info = {"info": {}, "tiles": {"0/0/0": [0, 1]}}
    monkeypatch.setattr(products, "read_index", lambda path: path.unlink() or info)
    assert products.chunk_of(order, "0/0/0") is None

    pack.write_bytes(b"x")
    monkeypatch.setattr(Path, "is_file", lambda path: True)
    pack.unlink()
    assert order.done() is None


def test_a_helper_leaves_no_bytecode_cut_short() -> None:
    """It may write no byte: what it imported first would be a broken file for all that come later."""
    assert "-B" in command(recordings.SCRIPT)
