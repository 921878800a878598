"""The process that opens sounds and videos for the application (see datasets.services.helper for how they talk).

Without words after its name it answers requests, each about one file; with the word `make` it makes one thing of one
file, which may take hours, and says how far it is.
"""

import contextlib
import json
import os
import resource
import socket
import sys
from pathlib import Path
from typing import Any, BinaryIO

#: Address space, bytes: the libraries, and a frame of each reference.
MEMORY = 3 * 2**30
#: Ends by itself when nobody asks for this long, seconds.
IDLE = 30.0


# Nothing here multiplies matrices; and where no thread may be started it would not even load.
os.environ.update(OPENBLAS_NUM_THREADS="1")


def limit(*, file_bytes: int, threads: bool) -> None:
    """What this process may take; without `threads` it can start nothing."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))
    if not threads:
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def answers() -> None:
    """Answer what comes over the socket, until nobody asks any more."""
    limit(file_bytes=0, threads=False)
    with socket.socket(fileno=os.dup(0)) as channel:
        channel.settimeout(IDLE)
        with contextlib.suppress(TimeoutError, OSError):
            while True:
                message, handles, _flags, _address = socket.recv_fds(channel, 4096, 1)
                if not message or not handles:
                    return
                os.lseek(handles[0], 0, os.SEEK_SET)  # its reader may have read ahead
                with os.fdopen(handles[0], "rb") as file:
                    answer = _answer(file, json.loads(message))
                channel.settimeout(None)
                channel.sendall(f"{len(answer):08d}".encode() + answer)
                channel.settimeout(IDLE)


def _answer(file: BinaryIO, request: dict[str, Any]) -> bytes:
    from datasets.av.opening import Unreadable

    try:
        if request["what"] == "poster":
            from datasets.av.poster import poster

            return poster(file, request["form"], request["duration"], request["pixels"])
        from datasets.av.probe import look

        return json.dumps(look(file, request["form"], request["kind"])).encode()
    except Unreadable as exc:
        return json.dumps({"error": exc.reason}).encode()


def main() -> None:
    if sys.argv[1:] == ["make"]:
        from datasets.av.making import make

        make()
    else:
        answers()


if __name__ == "__main__":
    # Run with -I nothing is found but what is installed; the package may lie beside it.
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    import av

    av.logging.set_level(None)
    main()
