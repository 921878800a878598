"""Large and deep pictures in tiles: the pyramid, who makes it, its links, and 16 bits that arrive as they were."""

import io
import json
import threading
import zlib
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from PIL import Image, ImageChops

from datasets.models import Item
from datasets.services import images, tiles
from datasets.services.images import Busy, NotAnImage
from datasets.services.media import TILES, media_link, media_payload
from datasets.services.storages import storage_root
from datasets.services.tiles import is_tiled, level_sizes, manifest, tile
from tests.datasets.helpers import make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything a hundredth as large."""
    monkeypatch.setattr(tiles, "FIRST_SIDE", 100)
    monkeypatch.setattr(tiles, "TILE", 64)
    monkeypatch.setattr(tiles, "DEEP_TILE", 64)
    monkeypatch.setattr(tiles, "MANY_PIXELS", 10_000)


def scene(width: int = 301, height: int = 203) -> Image.Image:
    image = Image.linear_gradient("L").resize((width, height))
    return Image.merge(
        "RGB", (image, ImageChops.invert(image), image.transpose(Image.Transpose.ROTATE_180))
    )


def saved(image: Image.Image, form: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def greys(width: int, height: int) -> Image.Image:
    """Every pixel another value of 16 bits."""
    raw = b"".join((n * 7 % 65536).to_bytes(2, "little") for n in range(width * height))
    return Image.frombytes("I;16", (width, height), raw)


class Source:
    """A picture's file and the packs that are made of it; every use waits until the pack is whole."""

    def __init__(self, folder: Path, content: bytes) -> None:
        self.path, self.base, self.made = folder / "a", folder / "ab" / "abc", threading.Event()
        self.path.write_bytes(content)

    def manifest(self) -> dict[str, Any]:
        return manifest(file=self.path.open("rb"), base=self.base, made=self.made.set)

    def tile(self, level: int, column: int, row: int) -> tuple[bytes, str]:
        return tile(
            file=self.path.open("rb"), base=self.base, made=self.made.set,
            level=level, column=column, row=row,
        )  # fmt: skip

    def whole(self) -> dict[str, Any]:
        found = self.manifest()
        assert self.made.wait(20)
        return found

    def level(self, number: int) -> Image.Image:
        """A level put together again."""
        info = self.manifest()
        width, height = info["levels"][number]
        side = info["tile"] if number else max(width, height)
        image = Image.new("RGB", (width, height))
        for y in range(0, height, side):
            for x in range(0, width, side):
                content, _ = self.tile(number, x // side, y // side)
                image.paste(Image.open(io.BytesIO(content)).convert("RGB"), (x, y))
        return image


def differs(one: Image.Image, other: Image.Image) -> float:
    """The largest difference of a channel."""
    assert one.size == other.size
    extrema: Any = ImageChops.difference(one, other).getextrema()
    return max(high for _, high in extrema)


def test_levels_are_halves_of_halves() -> None:
    assert level_sizes(301, 203) == [(76, 51), (151, 102), (301, 203)]
    assert level_sizes(100, 100) == [(100, 100)]
    assert level_sizes(101, 1) == [(51, 1), (101, 1)]


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF"])
@pytest.mark.parametrize("turn", [1, 6])
def test_a_pyramid_shows_the_picture_upright(tmp_path: Path, form: str, turn: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = turn
    options = {"quality": 98, "subsampling": 0} if form == "JPEG" else {}
    source = Source(tmp_path, saved(scene(), form, exif=exif, **options))
    upright = scene() if turn == 1 else scene().transpose(Image.Transpose.ROTATE_270)
    info = source.whole()
    assert (info["width"], info["height"]) == upright.size
    assert info["kind"] == "image/jpeg"
    assert differs(source.level(2), upright) < 24
    assert differs(source.level(1), upright.reduce(2)) < 24
    assert differs(source.level(0), upright.reduce(4)) < 40
    assert sorted(path.suffix for path in source.base.parent.iterdir()) == [".tiles"]


def test_what_is_transparent_stays_so(tmp_path: Path) -> None:
    image = scene().convert("RGBA")
    image.putalpha(77)
    source = Source(tmp_path, saved(image, "PNG"))
    assert source.whole()["kind"] == "image/png"
    content, kind = source.tile(2, 1, 1)
    assert kind == "image/png"
    assert Image.open(io.BytesIO(content)).getpixel((5, 5))[3] == 77  # type: ignore[index]


def samples(content: bytes) -> list[int]:
    raw = zlib.decompress(content)
    half = len(raw) // 2
    return [low | high << 8 for low, high in zip(raw[:half], raw[half:], strict=True)]


@pytest.mark.parametrize("form", ["PNG", "TIFF"])
def test_sixteen_bits_arrive_as_they_were(tmp_path: Path, form: str) -> None:
    image = greys(150, 130)
    assert images.look_at(io.BytesIO(saved(image, form)), 10).deep
    source = Source(tmp_path, saved(image, form))
    info = source.whole()
    assert (info["kind"], info["low"], info["high"]) == ("application/octet-stream", 0, 65535)
    assert samples(source.tile(1, 1, 2)[0]) == [
        image.getpixel((x, y)) for y in range(128, 130) for x in range(64, 128)
    ]
    mean = sum(image.getpixel((x, y)) for x in (20, 21) for y in (40, 41)) / 4  # type: ignore[misc]
    assert abs(samples(source.tile(0, 0, 0)[0])[20 * 75 + 10] - mean) <= 1


@pytest.mark.parametrize(
    ("mode", "values", "low", "high"),
    [
        ("I", (-1000, 5000), -1000, 64535),
        ("I", (0, 200_000), 0, 200_000),
        ("F", (-2.5, 7.5), -2.5, 7.5),
    ],
)
def test_other_numbers_are_laid_on_sixteen_bits(
    tmp_path: Path, mode: str, values: tuple[float, float], low: float, high: float
) -> None:
    image = Image.new(mode, (20, 10), values[0])
    image.paste(values[1], (10, 0, 20, 10))
    info = Source(tmp_path, saved(image, "TIFF")).whole()
    assert (info["low"], info["high"]) == (low, high)
    found = samples(Source(tmp_path, saved(image, "TIFF")).tile(0, 0, 0)[0])
    step = (high - low) / 65535
    assert abs(found[0] * step + low - values[0]) <= step
    assert abs(found[19] * step + low - values[1]) <= step


def test_the_whole_pack_says_the_same_of_its_numbers(tmp_path: Path) -> None:
    image = Image.new("F", (301, 203), -2.5)
    image.paste(7.5, (10, 0, 20, 10))
    source = Source(tmp_path, saved(image, "TIFF"))
    assert (source.whole()["low"], source.manifest()["low"], source.manifest()["high"]) == (
        -2.5, -2.5, 7.5,
    )  # fmt: skip


@pytest.mark.parametrize("rest", [b"", b"cut short in the middle"])
def test_a_broken_pack_is_made_anew(tmp_path: Path, rest: bytes) -> None:
    source = Source(tmp_path, saved(scene(), "PNG"))
    info = source.whole()
    pack = source.base.with_name("abc.tiles")
    pack.write_bytes(rest)
    source.made.clear()
    assert source.whole() == info
    assert source.tile(0, 0, 0)


def test_a_full_disk_is_not_filled_further(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(*_args: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tiles, "_fill", no_room)
    source = Source(tmp_path, saved(scene(), "PNG"))
    with pytest.raises(OSError, match="No space"):
        source.manifest()
    assert [path.name for path in source.base.parent.iterdir()] == ["abc.part"]
    assert images.decoding.acquire(blocking=False)
    images.decoding.release()


def test_numbers_without_an_end_are_refused(tmp_path: Path) -> None:
    image = Image.new("F", (20, 10), float("inf"))
    with pytest.raises(NotAnImage):
        Source(tmp_path, saved(image, "TIFF")).manifest()


def test_the_smallest_level_is_there_while_another_makes_the_rest(tmp_path: Path) -> None:
    source = Source(tmp_path, saved(scene(), "PNG"))
    source.whole()
    packs = source.base.parent
    first = packs / "abc.first"
    (packs / "abc.tiles").rename(first)  # as far as an earlier process came; what it holds counts
    with tiles._claimed(source.base):
        assert source.manifest()["width"] == 301
        assert source.tile(0, 0, 0)[1] == "image/jpeg"
        first.unlink()
        with pytest.raises(Busy):
            source.manifest()
        with pytest.raises(Busy):
            source.tile(2, 0, 0)


def test_a_picture_that_breaks_off_has_no_tiles(tmp_path: Path) -> None:
    source = Source(tmp_path, saved(scene(), "PNG")[:-3000])
    with pytest.raises(NotAnImage):
        source.manifest()
    # Nobody is kept waiting by it.
    assert images.decoding.acquire(timeout=1)
    images.decoding.release()
    with tiles._claimed(source.base):
        pass


def test_which_pictures_are_tiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MAX_COPY_PIXELS", 200 * 200)
    assert not is_tiled({"width": 100, "height": 100})
    assert is_tiled({"width": 100, "height": 101})
    assert is_tiled({"width": 10, "height": 10, "bits": 16})
    assert not is_tiled({"width": 200, "height": 201})


# --- links --------------------------------------------------------------------------------------------------------


@pytest.fixture
def item(workspace: Any, admin_user: Any) -> Item:
    files = [
        ("a.png", io.BytesIO(saved(scene(), "PNG"))),
        ("b.png", io.BytesIO(saved(scene(9, 9), "PNG"))),
    ]
    return make(workspace, admin_user, kind="image", files=files).items.get(ordinal=1)


def test_tiles_by_link(item: Item, client: Client, admin_user: Any) -> None:
    assert media_payload(item, "source", "/x")["tiles"] is True
    client.force_login(admin_user, backend="django.contrib.auth.backends.ModelBackend")
    asked = client.get(f"/media/dataset/{item.dataset_id}/1/source?size=tiles")
    link = asked.headers["Location"]
    stranger = Client()
    response = stranger.get(link)
    assert response.headers["Content-Type"] == "application/json"
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert json.loads(response.content)["levels"] == [[76, 51], [151, 102], [301, 203]]
    first = stranger.get(f"{link}/0/0/0")
    assert first.status_code == 200
    assert first.headers["Content-Type"] == "image/jpeg"
    again = stranger.get(f"{link}/0/0/0", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    while (found := stranger.get(f"{link}/2/4/3")).status_code == 202:
        assert found.headers["Retry-After"] == "1"
    assert Image.open(io.BytesIO(found.content)).size == (45, 11)
    for wrong in ("2/5/3", "2/4/4", "9/0/0"):
        assert stranger.get(f"{link}/{wrong}").status_code == 404


def test_a_link_opens_only_what_it_is_for(item: Item) -> None:
    view = media_link(item=item, field="source")
    assert Client().get(f"{view}/0/0/0").status_code == 404
    other = item.dataset.items.get(ordinal=2)
    assert "tiles" not in media_payload(other, "source", "/x")
    assert Client().get(media_link(item=other, field="source", variant=TILES)).status_code == 404
    assert (
        Client().get(media_link(item=item, field="source", variant=TILES) + "x").status_code == 404
    )


def test_a_deep_picture_is_known_at_its_import(workspace: Any, admin_user: Any) -> None:
    files = [
        ("a.png", io.BytesIO(saved(greys(30, 20), "PNG"))),
        ("b.jpg", io.BytesIO(saved(scene(9, 9), "JPEG"))),
    ]
    deep, plain = make(workspace, admin_user, kind="image", files=files).items.order_by("ordinal")
    assert deep.media["source"]["bits"] == 16
    assert "bits" not in plain.media["source"]
    link = media_link(item=deep, field="source", variant=TILES)
    assert Client().get(link).json()["kind"] == "application/octet-stream"
    assert storage_root(deep.dataset.storage)  # type: ignore[arg-type]
