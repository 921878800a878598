"""Several people do anything in any order; whatever they do, the engine's promises hold.

`ENGINE_EXAMPLES=500 pytest tests/jobs/test_engine_properties.py` looks at that many other histories, each time at new
ones, and reports the first that fails as it was; without it the same few are looked at every time.
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.jobs.engine import Engine

EXAMPLES = int(os.environ.get("ENGINE_EXAMPLES", "0"))


@pytest.mark.timeout(0 if EXAMPLES else 180)
@pytest.mark.django_db
def test_the_promises_hold_whatever_people_do() -> None:
    run_state_machine_as_test(
        Engine,
        settings=settings(
            max_examples=EXAMPLES or 8,
            stateful_step_count=50,
            derandomize=not EXAMPLES,
            # Making a failing history shorter takes longer than finding it.
            phases=[Phase.generate] if EXAMPLES else list(Phase),
            report_multiple_bugs=False,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
