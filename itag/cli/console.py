"""What the command says to a person: short lines with the time, and one last line when it cannot go on."""

import os
import sys
import time


class Stop(Exception):
    """Ends the command with this message and exit status 1."""


def say(text: str, *, who: str = "itag") -> None:
    """One line of the log; a closed terminal or pipe does not end the supervisor."""
    _write(f"{time.strftime('%H:%M:%S')} {who:<8} {text}\n")


def tell(text: str) -> None:
    """A block for the reader, without the time."""
    _write(f"{text}\n")


def _write(text: str) -> None:
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123  for the rest of the process
