"""Recognisers of tests, as an operator's package would have them."""

from typing import ClassVar

from PIL import Image

from jobs.services.recognise import CannotRead


class Sizes:
    """Says the size of what it is given, its darkest place as a share of both sides, and the language."""

    seen: ClassVar[list[Image.Image]] = []

    def read(self, picture: Image.Image, *, language: str) -> str:
        self.seen.append(picture)
        grey = picture.convert("L")
        least = grey.getextrema()[0]
        dark = grey.point(lambda value: 255 if value == least else 0).getbbox()
        assert dark is not None
        x, y = (dark[0] + dark[2]) / 2 / grey.width, (dark[1] + dark[3]) / 2 / grey.height
        return f"{picture.width}x{picture.height} {x:.1f},{y:.1f} {language}"


class Fails:
    """Says why in words that nobody outside may read."""

    error: ClassVar[Exception] = CannotRead("https://ocr.internal/?key=secret-key")

    def read(self, picture: Image.Image, *, language: str) -> str:
        raise self.error


class Says:
    """Says something that is no clean text."""

    text: ClassVar[object] = "\x00 two\r\nlines\t\x1b[0m　end\ud800  "

    def read(self, picture: Image.Image, *, language: str) -> object:
        return self.text
