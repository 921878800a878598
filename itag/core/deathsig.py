"""A process that ends with its parent (Linux); elsewhere the supervisor's watcher does it."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def end_with_parent(parent: int, how: int = signal.SIGKILL) -> None:
    """Have the kernel send `how` to this process when `parent` dies; call it after any change of user.

    Ends at once when the parent died before the call. The kernel forgets the wish at a change of user and keeps it
    over exec; it fires when the *thread* that made this process ends, so processes are made by a main thread.
    """
    if _libc is None:
        return
    if _libc.prctl(_PR_SET_PDEATHSIG, how, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != parent:
        os.kill(os.getpid(), how)
