"""When each frame of a video is shown: read from its packets, without decoding them."""

from array import array
from collections.abc import Callable
from typing import BinaryIO

from datasets.av.opening import Unreadable, is_shown, opened, packets, picture_of
from datasets.av.probe import distinct, rate_of
from datasets.packs import Json, Pack

CHUNK = 65_536


def make_frames(
    file: BinaryIO, request: Json, pack: Pack, progress: Callable[[float], None]
) -> Json:
    """Write the stamps into the pack; answers what its manifest says. Raises Unreadable."""
    stamps = array("q")
    with opened(file, request["form"]) as container:
        stream = picture_of(container)
        if stream is None:
            raise Unreadable("picture")
        codec, base = stream.codec_context.name, stream.time_base
        for packet, at in packets(container, [stream]):
            if is_shown(codec, packet):
                stamps.append(at)
            progress(max(0.0, float(at * base) - request["start"]) / request["duration"])
    found = distinct(stamps)
    if not len(found):
        raise Unreadable("broken")
    seconds = found * float(base) - request["start"]
    for number, at in enumerate(range(0, len(found), CHUNK)):
        pack.put(f"0/{number}/0", seconds[at : at + CHUNK].astype("<f8").tobytes())
    rate, variable = rate_of(found, base)
    return {
        "count": len(found),
        "duration": request["duration"],
        "variable": variable,
        "rate": rate or 1 / request["duration"],
        "chunk": CHUNK,
        "chunks": -(-len(found) // CHUNK),
    }
