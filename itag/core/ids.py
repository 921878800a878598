"""Numbers that leave the system."""

import secrets
import time


def new_task_id() -> int:
    """A 63-bit number of 19 decimal digits, as in iTAG's `label-<TaskId>`: 42 bits of milliseconds, 21 random ones.

    Milliseconds since 1970 shifted by 21 bits lie between 3.5e18 and 9.2e18 from 2023 to 2109.
    """
    return (int(time.time() * 1000) << 21 | secrets.randbits(21)) & (2**63 - 1)
