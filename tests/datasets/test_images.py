"""Pictures: known by their content, measured upright, never larger than the limit (attack families 2 and 9)."""

import contextlib
import io
import struct
import threading
import zlib
from typing import Any

import pytest
from PIL import Image

from datasets.services import images
from datasets.services.images import NotAnImage, displayable, look_at, sniff, thumbnail
from tests.datasets.helpers import picture

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")


def look(content: bytes) -> images.Picture:
    return look_at(io.BytesIO(content), len(content))


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ("JPEG", "jpeg"),
        ("PNG", "png"),
        ("GIF", "gif"),
        ("WEBP", "webp"),
        ("BMP", "bmp"),
        ("TIFF", "tiff"),
    ],
)
def test_formats(form: str, name: str) -> None:
    content = picture(form, (31, 17)).getvalue()
    assert sniff(content[:16]) == name
    found = look(content)
    assert (found.format, found.width, found.height) == (name, 31, 17)
    assert found.upright == (name != "tiff")


@pytest.mark.parametrize("turn", range(1, 9))
def test_a_jpeg_is_measured_upright(turn: int) -> None:
    found = look(picture("JPEG", (40, 20), orientation=turn).getvalue())
    assert (found.width, found.height) == ((20, 40) if turn >= 5 else (40, 20))
    assert found.upright


@pytest.mark.parametrize("form", ["PNG", "WEBP", "TIFF"])
def test_others_that_are_turned_are_shown_by_an_upright_copy(form: str) -> None:
    content = picture(form, (40, 20), orientation=6).getvalue()
    found = look(content)
    assert (found.width, found.height, found.upright) == (20, 40, False)
    copy, name = displayable(io.BytesIO(content))
    shown = look(copy)
    assert (shown.format, shown.width, shown.height, shown.upright) == (name, 20, 40, True)


def test_a_phone_s_picture_of_several_is_a_jpeg() -> None:
    file = io.BytesIO()
    first, second = Image.new("RGB", (12, 8)), Image.new("RGB", (6, 4))
    first.save(file, "MPO", save_all=True, append_images=[second])
    assert look(file.getvalue()).format == "jpeg"


def png_of(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it is this large."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(("width", "height"), [(20_000, 20_000), (60_000, 60_000), (2**31 - 1, 1)])
def test_image_bombs(width: int, height: int, settings: Any) -> None:
    settings.MAX_IMAGE_PIXELS = 300_000_000
    with pytest.raises(NotAnImage, match="million pixels"):
        look(png_of(width, height))


def test_the_largest_picture_that_is_taken(settings: Any) -> None:
    settings.MAX_IMAGE_PIXELS = 20 * 30
    assert look(picture("PNG", (20, 30)).getvalue()).width == 20
    with pytest.raises(NotAnImage, match="million pixels"):
        look(picture("PNG", (20, 31)).getvalue())


def test_no_copy_of_a_picture_that_needs_too_much_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MAX_COPY_PIXELS", 100 * 100)
    large = picture("PNG", (200, 200)).getvalue()
    assert look(large).width == 200
    with pytest.raises(NotAnImage, match="too large"):
        thumbnail(io.BytesIO(large), 64)
    # A JPEG is read at an eighth of its size.
    assert look(thumbnail(picture("JPEG", (640, 640)), 64)).width == 64


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><svg>&b;</svg>",
        b"%PDF-1.7",
        b"PK\x03\x04",
        b"%!PS-Adobe-3.0 EPSF-3.0",
        b"#!/bin/sh",
        b"\x00\x00\x00\x18ftypavif",
        b"x",
    ],
)
def test_what_is_no_picture(content: bytes) -> None:
    with pytest.raises(NotAnImage, match="Not a picture"):
        look(content)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF"])
@pytest.mark.parametrize("length", [3, 8, 14, 20, 40])
def test_what_is_cut_short_is_refused_or_measured(form: str, length: int) -> None:
    content = picture(form, (31, 17)).getvalue()[:length]
    with contextlib.suppress(NotAnImage):
        assert look(content).width == 31


def test_an_empty_file() -> None:
    with pytest.raises(NotAnImage, match="empty"):
        look(b"")


def test_an_enormous_file() -> None:
    with pytest.raises(NotAnImage, match="MB"):
        look_at(picture(), images.MAX_FILE_BYTES + 1)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "I", "F"])
def test_copies_of_every_mode(mode: str) -> None:
    file = io.BytesIO()
    Image.new(mode, (700, 300)).save(file, "TIFF")
    file.seek(0)
    small = look(thumbnail(file))
    assert (small.format, small.width, small.height) == ("webp", 320, 137)
    file.seek(0)
    content, form = displayable(file)
    shown = look(content)
    assert (shown.format, shown.width, shown.height) == (form, 700, 300)


def test_sixteen_bits_become_eight() -> None:
    file = io.BytesIO()
    image = Image.new("I;16", (2, 1))
    image.putpixel((0, 0), 65535)
    image.putpixel((1, 0), 256 * 100)
    image.save(file, "TIFF")
    file.seek(0)
    copy, _form = displayable(file)
    shown = Image.open(io.BytesIO(copy))
    assert [shown.getpixel((x, 0)) for x in (0, 1)] == [255, 100]


def test_a_thumbnail_has_no_data_of_the_camera() -> None:
    small = thumbnail(picture("JPEG", (640, 480), orientation=6))
    image = Image.open(io.BytesIO(small))
    assert image.size == (240, 320)
    assert not image.getexif()


def test_a_broken_picture_has_no_thumbnail() -> None:
    content = picture("PNG", (300, 300), color=(1, 2, 3)).getvalue()
    with pytest.raises(NotAnImage):
        thumbnail(io.BytesIO(content[: len(content) // 2]))
    # The lock is free again.
    assert thumbnail(picture())


def test_one_picture_is_decoded_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = threading.Lock()
    taken.acquire()
    original = taken.acquire

    class Taken:
        def acquire(self, timeout: float) -> bool:
            return original(timeout=0.01)

    monkeypatch.setattr(images, "decoding", Taken())
    with pytest.raises(images.Busy):
        thumbnail(picture())
