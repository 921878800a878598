"""What the tests of the command line share."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users pass through, as that of an ordinary checkout.

    Not pytest's `tmp_path`: every other run of pytest closes the folder above it again.
    """
    folder = Path(tempfile.mkdtemp(prefix="itag-up-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
