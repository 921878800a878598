"""The pictures of the demo workspace: crops of photographs that scikit-image's wheel ships, or drawn scenes.

The wheel is fetched with the machine's own pip, never installed and nothing of it is run: named members are read
from the archive and used only if their SHA-256 is the one below. The licence lines are those of the docstrings in
`skimage/data/_fetchers.py` of that wheel (0.26.0); pictures without a clear word there are left out.
"""

import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from itag.client.pictures import scene

REQUIREMENT = "scikit-image>=0.25,<1"
#: Seconds for the whole download; without a registry the pictures are drawn instead.
PATIENCE = 25

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Photo:
    """A photograph of the wheel, its licence and the parts of it that become demo pictures."""

    file: str
    sha256: str
    licence: str
    crops: tuple[Box, ...]

    @property
    def name(self) -> str:
        return Path(self.file).stem.replace("_", "-")


@dataclass(frozen=True)
class Picture:
    """A picture of the demo dataset; `drawn` where no photograph could be had."""

    name: str
    content: bytes
    licence: str
    drawn: bool


PHOTOS = (
    Photo(
        "astronaut.png",
        "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
        "Eileen Collins, NASA Great Images: no known copyright restrictions, public domain",
        (
            (0, 0, 512, 512),
            (110, 0, 350, 200),
            (300, 0, 512, 300),
            (0, 0, 170, 270),
            (250, 320, 512, 512),
            (20, 190, 330, 512),
            (110, 320, 350, 450),
        ),
    ),
    Photo(
        "camera.png",
        "b0793d2adda0fa6ae899c03989482bff9a42d3d5690fc7e3648f2795d730c23a",
        "Photographer with camera, Lav Varshney: CC0",
        (
            (0, 0, 512, 512),
            (120, 40, 360, 260),
            (240, 270, 440, 512),
            (300, 90, 512, 250),
            (0, 60, 330, 512),
            (330, 240, 512, 430),
        ),
    ),
    Photo(
        "chelsea.png",
        "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
        "Chelsea the cat, Stefan van der Walt: CC0",
        (
            (0, 0, 451, 300),
            (100, 60, 270, 190),
            (250, 70, 420, 220),
            (170, 150, 390, 300),
            (0, 0, 240, 300),
            (210, 0, 451, 300),
        ),
    ),
    Photo(
        "coffee.png",
        "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
        "Coffee cup, Rachel Michetti, courtesy of Pikolo Espresso Bar: CC0",
        (
            (0, 0, 600, 400),
            (140, 0, 430, 230),
            (280, 60, 450, 350),
            (50, 90, 510, 400),
            (400, 0, 600, 230),
            (150, 190, 330, 330),
        ),
    ),
    Photo(
        "hubble_deep_field.jpg",
        "3a19c5dd8a927a9334bb1229a6d63711b1c0c767fb27e2286e7c84a3e2c2f5f4",
        "Hubble eXtreme Deep Field, NASA: may be freely used in the public domain",
        (
            (0, 0, 330, 290),
            (330, 0, 660, 290),
            (660, 0, 1000, 290),
            (0, 290, 330, 580),
            (330, 290, 660, 580),
            (660, 290, 1000, 580),
            (0, 580, 330, 872),
            (330, 580, 660, 872),
        ),
    ),
    Photo(
        "rocket.jpg",
        "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c",
        "Falcon 9 with DSCOVR, SpaceX: released in the public domain",
        (
            (0, 0, 640, 427),
            (250, 100, 410, 427),
            (0, 0, 240, 427),
            (400, 80, 640, 427),
            (60, 300, 360, 427),
            (120, 100, 520, 427),
        ),
    ),
    Photo(
        "retina.jpg",
        "38a07f36f27f095e818aea7b96d34202c05176d30253c66733f2e00379e9e0e6",
        "Fundus photograph of a normal left eye, Mikael Häggström: CC0 1.0",
        ((0, 0, 1411, 1411), (0, 430, 480, 910), (450, 440, 960, 950), (200, 100, 900, 520)),
    ),
    Photo(
        "brick.png",
        "7966caf324f6ba843118d98f7a07746d22f6a343430add0233eca5f6eaaa8fcf",
        "Brick wall, CC0Textures Bricks25: CC0",
        ((0, 0, 380, 300), (130, 210, 512, 512)),
    ),
    Photo(
        "grass.png",
        "b6b6022426b38936c43a4ac09635cd78af074e90f42ffa8227ac8b7452d39f89",
        "Grass, DeviantArt linolafett Grass-01: CC0",
        ((0, 0, 380, 300),),
    ),
    Photo(
        "gravel.png",
        "c48615b451bf1e606fbd72c0aa9f8cc0f068ab7111ef7d93bb9b0f2586440c12",
        "Gravel, CC0Textures Gravel04: CC0",
        ((0, 0, 380, 300),),
    ),
)

DRAWN = 42
DRAWN_LICENCE = "Drawn by itag's own code: CC0"


def pictures(cache: Path, *, drawn: bool = False) -> list[Picture]:
    """The pictures of the demo dataset, at least 40: crops of photographs, or drawn where none can be had.

    `cache` keeps the photographs for the next time; `drawn` fetches nothing.
    """
    found = None if drawn else photographs(cache / "scikit-image")
    if found is None:
        return [
            Picture(
                f"scene-{number:02}.png",
                scene(number, width=640, height=480).png,
                DRAWN_LICENCE,
                drawn=True,
            )
            for number in range(1, DRAWN + 1)
        ]
    return [
        Picture(f"{photo.name}-{number}.jpg", content, photo.licence, drawn=False)
        for photo in PHOTOS
        for number, content in enumerate(_crops(photo, found[photo.file]), 1)
    ]


def _crops(photo: Photo, content: bytes) -> list[bytes]:
    """The parts of a photograph as JPEG files that carry the licence line as their comment."""
    parts = []
    with Image.open(io.BytesIO(content)) as image:
        whole = image.convert("RGB")
    for box in photo.crops:
        output = io.BytesIO()
        whole.crop(box).save(output, "JPEG", quality=90, comment=photo.licence.encode())
        parts.append(output.getvalue())
    return parts


def photographs(folder: Path) -> dict[str, bytes] | None:
    """The photographs by file name, from the cache or from the wheel; None where neither has them all."""
    found = _cached(folder)
    if found is None:
        found = _download()
        if found is not None:
            folder.mkdir(parents=True, exist_ok=True)
            for name, content in found.items():
                (folder / name).write_bytes(content)
    return found


def _cached(folder: Path) -> dict[str, bytes] | None:
    found = {}
    for photo in PHOTOS:
        try:
            found[photo.file] = (folder / photo.file).read_bytes()
        except FileNotFoundError:
            return None
    return found if _genuine(found) else None


def _download() -> dict[str, bytes] | None:
    """Fetch the wheel with pip into a folder that goes away again, and read the photographs out of it."""
    with tempfile.TemporaryDirectory(prefix="itag-demo-") as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--no-deps"]
        command += ["--only-binary=:all:", "--disable-pip-version-check", "--retries", "0"]
        command += ["--timeout", "5", "--dest", folder, REQUIREMENT]
        try:
            done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)
        except subprocess.TimeoutExpired:
            return None
        wheels = list(Path(folder).glob("*.whl"))
        if done.returncode != 0 or not wheels:
            return None
        try:
            with zipfile.ZipFile(wheels[0]) as wheel:
                found = {p.file: wheel.read(f"skimage/data/{p.file}") for p in PHOTOS}
        except (KeyError, zipfile.BadZipFile):
            return None
    return found if _genuine(found) else None


def _genuine(found: dict[str, bytes]) -> bool:
    """Whether each photograph is the one whose licence was read."""
    return all(hashlib.sha256(found[p.file]).hexdigest() == p.sha256 for p in PHOTOS)
