"""Pictures drawn by code: small street scenes as PNG, with what stands where, so that an answer can be checked."""

import random
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

Colour = tuple[int, int, int]
Box = tuple[float, float, float, float]

#: What the sky of a scene says about the time of day.
SKIES: dict[str, Colour] = {
    "day": (150, 200, 240),
    "evening": (240, 170, 110),
    "night": (24, 30, 66),
}
#: What a scene may hold.
THINGS = ("house", "tree", "car", "lamp")
#: Where the ground begins, as a share of the height.
GROUND = 0.62


class Canvas:
    """A picture of red, green and blue bytes that rectangles, discs and triangles are painted on."""

    def __init__(self, width: int, height: int, background: Colour) -> None:
        self.width, self.height = width, height
        self.rows = [bytearray(bytes(background) * width) for _ in range(height)]

    def line(self, y: int, x0: float, x1: float, colour: Colour) -> None:
        """Paint the pixels of one row from x0 up to, not including, x1."""
        left, right = max(0, round(x0)), min(self.width, round(x1))
        if 0 <= y < self.height and left < right:
            self.rows[y][left * 3 : right * 3] = bytes(colour) * (right - left)

    def rectangle(self, box: Box, colour: Colour) -> None:
        x0, y0, x1, y1 = box
        for y in range(round(y0), round(y1)):
            self.line(y, x0, x1, colour)

    def disc(self, x: float, y: float, radius: float, colour: Colour) -> None:
        for row in range(round(y - radius), round(y + radius) + 1):
            half = max(0.0, radius**2 - (row - y) ** 2) ** 0.5
            self.line(row, x - half, x + half, colour)

    def roof(self, box: Box, colour: Colour) -> None:
        """A triangle that fills the box, its point in the middle of the upper side."""
        x0, y0, x1, y1 = box
        for row in range(round(y0), round(y1)):
            half = (x1 - x0) / 2 * (row + 1 - y0) / (y1 - y0)
            self.line(row, (x0 + x1) / 2 - half, (x0 + x1) / 2 + half, colour)

    def png(self) -> bytes:
        """The picture as a PNG file."""

        def chunk(kind: bytes, body: bytes) -> bytes:
            checksum = zlib.crc32(kind + body)
            return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)

        header = struct.pack(">IIBBBBB", self.width, self.height, 8, 2, 0, 0, 0)
        raw = b"".join(b"\0" + row for row in self.rows)
        return (
            b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", header)
            + chunk(b"IDAT", zlib.compress(raw, 6))
            + chunk(b"IEND", b"")
        )


#: Three columns of five rows a digit, a row a number of three bits.
_DIGITS = ("75557", "26227", "71747", "71717", "55711", "74717", "74757", "71244", "75757", "75717")


def digits(canvas: Canvas, text: str, left: int, top: int, dot: int, colour: Colour) -> None:
    """Paint digits, each of whose dots is a square of `dot` pixels."""
    for place, letter in enumerate(text):
        for row, bits in enumerate(_DIGITS[int(letter)]):
            for column in range(3):
                if int(bits) >> (2 - column) & 1:
                    x, y = left + (place * 4 + column) * dot, top + row * dot
                    canvas.rectangle((x, y, x + dot, y + dot), colour)


@dataclass
class Scene:
    """A drawn picture: its sky, and each thing with its box (x0, y0, x1, y1) in pixels."""

    width: int
    height: int
    sky: str
    png: bytes = b""
    objects: list[tuple[str, Box]] = field(default_factory=list)


def scene(number: int, *, width: int = 320, height: int = 240) -> Scene:
    """The scene of this number: the same number always gives the same picture."""
    dice = random.Random(number)  # noqa: S311  a picture, not a secret
    sky = list(SKIES)[number % len(SKIES)]
    picture = Scene(width, height, sky)
    canvas = Canvas(width, height, SKIES[sky])
    ground = round(height * GROUND)
    dim = 0.45 if sky == "night" else 1.0

    def shade(red: int, green: int, blue: int) -> Colour:
        return (round(red * dim), round(green * dim), round(blue * dim))

    light = (250, 240, 190) if sky == "night" else (255, 214, 90)
    canvas.disc(width * dice.uniform(0.15, 0.85), height * 0.16, height * 0.06, light)
    canvas.rectangle((0, ground, width, height), shade(112, 152, 88))
    canvas.rectangle((0, height * 0.76, width, height * 0.92), shade(104, 104, 112))
    places = 4
    for place in dice.sample(range(places), dice.randint(2, places)):
        left = width * place / places + dice.randint(2, 8)
        room = width / places - 12
        thing = dice.choice(THINGS)
        box = _paint(canvas, thing, left, room, shade, dice)
        picture.objects.append((thing, box))
    picture.objects.sort(key=lambda entry: entry[1])
    picture.png = canvas.png()
    return picture


def _paint(
    canvas: Canvas,
    thing: str,
    left: float,
    room: float,
    shade: Callable[[int, int, int], Colour],
    dice: random.Random,
) -> Box:
    """Paint one thing into its place and answer its box."""
    height = canvas.height
    ground = round(height * GROUND)
    tall = height * dice.uniform(0.24, 0.34)
    if thing == "house":
        box = (left, round(ground - tall), left + room, float(ground + 8))
        eaves = box[1] + tall * 0.4
        wall = dice.choice([(214, 182, 150), (196, 120, 96), (222, 216, 190)])
        canvas.rectangle((box[0], eaves, box[2], box[3]), shade(*wall))
        canvas.roof((box[0], box[1], box[2], eaves), shade(140, 62, 52))
        door = left + room * 0.42
        canvas.rectangle((door, eaves + tall * 0.25, door + room * 0.18, box[3]), shade(90, 62, 44))
    elif thing == "tree":
        radius = min(room / 2, tall / 2)
        middle = left + room / 2
        box = (
            round(middle - radius),
            round(ground - tall),
            round(middle + radius),
            float(ground + 10),
        )
        canvas.rectangle((middle - 3, ground - tall / 2, middle + 3, box[3]), shade(104, 74, 48))
        canvas.disc(middle, box[1] + radius, radius, shade(44, 118, 62))
    elif thing == "car":
        low = height * 0.86
        box = (left, round(low - height * 0.13), left + room, round(low + height * 0.02))
        body = dice.choice([(200, 48, 48), (52, 96, 190), (232, 200, 70)])
        middle = (box[1] + box[3]) / 2
        canvas.rectangle((left + room * 0.22, box[1], left + room * 0.78, middle), shade(*body))
        canvas.rectangle((box[0], middle - 2, box[2], box[3] - 5), shade(*body))
        for wheel in (0.22, 0.78):
            canvas.disc(left + room * wheel, box[3] - 5, 5, shade(30, 30, 34))
    else:
        middle = round(left + room / 2)
        box = (middle - 6, round(ground - tall), middle + 6, float(ground + 10))
        canvas.rectangle((middle - 2, box[1] + 6, middle + 2, box[3]), shade(70, 70, 78))
        canvas.disc(middle, box[1] + 6, 6, (252, 236, 160))
    return (float(round(box[0])), float(box[1]), float(round(box[2])), float(box[3]))
