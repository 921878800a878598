"""Video clips that the demo makes itself: a ball that moves over a plain ground. H.264 in MP4, 25 frames a second."""

import io
from typing import Any

import av
import numpy as np

WIDTH, HEIGHT, FPS = 160, 120, 25
RADIUS = 14
Colour = tuple[int, int, int]


def ball(
    path: tuple[tuple[float, float], tuple[float, float]],
    colour: Colour,
    ground: Colour,
    seconds: float = 2.0,
) -> bytes:
    """A ball that rolls from one point to another; points are shares of width and height."""
    (x0, y0), (x1, y1) = path
    count = round(seconds * FPS)
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    output = io.BytesIO()
    with av.open(output, "w", format="mp4") as file:
        # One thread, so that the same clip has the same bytes everywhere.
        options = {"preset": "veryfast", "crf": "28", "threads": "1"}
        stream: Any = file.add_stream("libx264", rate=FPS, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(count):
            share = number / max(1, count - 1)
            x, y = (x0 + (x1 - x0) * share) * WIDTH, (y0 + (y1 - y0) * share) * HEIGHT
            pixels = np.empty((HEIGHT, WIDTH, 3), np.uint8)
            pixels[:] = ground
            pixels[(columns - x) ** 2 + (rows - y) ** 2 <= RADIUS**2] = colour
            file.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        file.mux(stream.encode(None))
    return output.getvalue()
