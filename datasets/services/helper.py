"""Processes that open what strangers wrote, so that a file that hangs a parser, crashes it or asks for all the memory
is refused, and nothing else happens.

The other side of the talk is `pdf_helper.py` and `datasets.av`: a socket as standard input, a request of one line of
JSON with the file's descriptor beside it, an answer of 8 digits, its length, and as many bytes.
"""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from datasets.services.images import Busy

#: What such a process needs of the environment to begin.
_NEEDED = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG", "TMPDIR")


def command(script: Path, *words: str) -> list[str]:
    """How a helper's script is run: apart from whatever lies around.

    It writes no bytecode: with the limits on what it may write that would leave files cut short, at which every later
    process would fall over.
    """
    return [sys.executable, "-I", "-B", str(script), *words]


def environment() -> dict[str, str]:
    """Nothing of ours: keys and passwords of the application stand in its environment."""
    return {name: os.environ[name] for name in _NEEDED if name in os.environ}


class Helper:
    """A process made at need and used for many files, one at a time; after `files` of them a fresh one takes over.

    `patience`: seconds for one file. `broken` and `slow` make the error of a file that the process fell over, or did
    not come to an end with.
    """

    def __init__(
        self,
        script: Path,
        *,
        patience: float,
        files: int,
        broken: Callable[[], Exception],
        slow: Callable[[], Exception],
    ) -> None:
        self._script, self._patience, self._files = script, patience, files
        self._broken, self._slow = broken, slow
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._owner = 0
        self._left = 0

    def ask(self, file: BinaryIO, request: dict[str, Any], *, patience: float = -1) -> bytes:
        """The answer. Raises `broken` or `slow` where there is none, Busy after `patience` seconds of waiting for others."""
        if not self._lock.acquire(timeout=patience):
            raise Busy
        try:
            file.seek(0)
            fresh = not self._awake()
            if fresh:
                self._start()
            answer = self._try(file, request)
            if answer is None and not fresh:
                # It may have gone to sleep just now: that is not the file's fault.
                self._start()
                answer = self._try(file, request)
            if answer is None:
                raise self._broken()
            return answer
        finally:
            self._lock.release()

    def close(self) -> None:
        """End the process."""
        if self._channel is not None:
            self._channel.close()
        if self._process is not None and self._owner == os.getpid():
            self._process.kill()
            self._process.wait()
        self._process = self._channel = None

    def _awake(self) -> bool:
        """Whether there is a process of our own that may go on."""
        mine = self._owner == os.getpid() and self._left > 0
        return mine and self._process is not None and self._process.poll() is None

    def _start(self) -> None:
        self.close()
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                command(self._script),
                env=environment(),
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        ours.settimeout(self._patience)
        self._channel, self._owner, self._left = ours, os.getpid(), self._files

    def _try(self, file: BinaryIO, request: dict[str, Any]) -> bytes | None:
        """The answer, or None where the process fell over the file or was ended for being slow."""
        channel = self._channel
        if channel is None:
            return None
        self._left -= 1
        try:
            socket.send_fds(channel, [json.dumps(request).encode()], [file.fileno()])
            length = int(_exactly(channel, 8))
            return _exactly(channel, length)
        except TimeoutError as exc:
            self.close()
            raise self._slow() from exc
        except (OSError, EOFError, ValueError):
            self.close()
            return None


def _exactly(channel: socket.socket, length: int) -> bytes:
    found = bytearray()
    while len(found) < length:
        part = channel.recv(min(length - len(found), 2**16))
        if not part:
            raise EOFError
        found += part
    return bytes(found)
