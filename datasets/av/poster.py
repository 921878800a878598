"""A small picture of a video: a frame near its beginning, but not the first, which is often black."""

import io
from typing import Any, BinaryIO

from PIL import Image

from datasets.av.opening import BROKEN, Unreadable, opened, picture_of
from datasets.av.probe import shape

#: The frame at this share of the video, at most so many seconds in.
SHARE, LATEST = 0.1, 10.0
#: Frames decoded on the way to it.
MOST_FRAMES = 300


def poster(file: BinaryIO, form: str, duration: float, pixels: int) -> bytes:
    """A WebP of at most pixels × pixels. Raises Unreadable."""
    try:
        with opened(file, form) as container:
            stream = picture_of(container)
            if stream is None:
                raise Unreadable("picture")
            stream.thread_count = 1
            frame = _frame(container, stream, min(duration * SHARE, LATEST))
            width, height = shape(frame, stream)
            scale = min(1, pixels / max(width, height))
            size = max(2, round(width * scale)), max(2, round(height * scale))
            turned = frame.rotation % 360
            before = size[::-1] if turned % 180 else size
            image: Image.Image = frame.to_image(width=before[0], height=before[1])
    except Unreadable:
        raise
    except BROKEN as exc:
        raise Unreadable("broken") from exc
    if turned:
        image = image.rotate(turned, expand=True)
    output = io.BytesIO()
    image.save(output, "WEBP", quality=80, method=2)
    return output.getvalue()


def _frame(container: Any, stream: Any, seconds: float) -> Any:
    begin = stream.start_time or 0
    wanted = begin + int(seconds / stream.time_base)
    if seconds > 0:
        container.seek(wanted, stream=stream)
    found = None
    for number, frame in enumerate(container.decode(stream)):
        found = frame
        if number >= MOST_FRAMES or (frame.pts is not None and frame.pts >= wanted):
            break
    if found is None:
        raise Unreadable("broken")
    return found
