"""`itag demo` against a real server, a real worker and the real broker."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from itag.client import answers, episodes
from itag.client.catalogue import SCENARIOS
from itag.client.demo import main
from itag.client.episodes import EPISODES
from jobs.models import Assignment, Job
from tests.conftest import wait_for
from tests.factories import PASSWORD, WorkspaceFactory, member

pytestmark = [
    pytest.mark.worker,
    pytest.mark.timeout(400),
    pytest.mark.usefixtures("transactional_db", "celery_worker_process"),
]


@pytest.fixture
def accounts(transactional_db: None, tmp_path: Path) -> Path:
    """An accounts file with the administrator of a workspace."""
    member(WorkspaceFactory(name="Demo"), "admin", username="demo.admin")
    path = tmp_path / "accounts.json"
    row = {"username": "demo.admin", "password": PASSWORD, "role": "admin"}
    path.write_text(json.dumps({"accounts": [row]}))
    return path


def play(live_server: Any, accounts: Path, out: Path, *names: str) -> int:
    return main(["--url", live_server.url, "--accounts", str(accounts), "--out", str(out), *names])


def test_demo_plays_every_scenario(
    live_server: Any, accounts: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 0, every step printed, and a last line that names each manifest with its digest; and once more."""
    status = play(live_server, accounts, tmp_path / "out", *SCENARIOS)
    captured = capsys.readouterr()
    assert status == 0, captured.err
    last = json.loads(captured.out.splitlines()[-1])
    assert last["ok"] is True
    assert [entry["name"] for entry in last["scenarios"]] == list(SCENARIOS)
    for entry in last["scenarios"]:
        content = Path(entry["manifest"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"]
        assert content.count(b"\n") == entry["items"]
        assert set(entry) == {"name", "template", "items", "packages", "manifest", "sha256"}
    assert {job.state for job in Job.objects.all()} == {"finished"}
    assert not Assignment.objects.filter(state__in=("waiting", "claimed", "blocked")).exists()
    assert play(live_server, accounts, tmp_path / "out", "table") == 0
    assert Job.objects.count() == len(SCENARIOS) + 1
    capsys.readouterr()


def test_demo_plays_every_episode_of_the_engine_and_says_what_is_off(
    live_server: Any,
    accounts: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Workflows, sampling, rejection, allocation, votes, a lot, offline, changes of hands, appended data.

    On the same worker: an export that does not hold what was answered is noticed, and the exit status says so.
    """
    # A few more than are drawn, and no bound on time: other tests share the machine.
    monkeypatch.setattr(episodes, "LOT_PACKAGES", 24)
    monkeypatch.setattr(episodes, "LOT_SECONDS", 120)
    status = play(live_server, accounts, tmp_path / "out", *EPISODES)
    captured = capsys.readouterr()
    assert status == 0, captured.err
    last = json.loads(captured.out.splitlines()[-1])
    assert [entry["name"] for entry in last["scenarios"]] == list(EPISODES)

    right = answers.Choice.exported

    def wrong(self: Any, answer: Any, size: tuple[int, int]) -> dict[str, Any]:
        return {**right(self, answer, size), "markTitle": "another title"}

    monkeypatch.setattr(answers.Choice, "exported", wrong)
    assert play(live_server, accounts, tmp_path / "out", "text-classification") == 1
    captured = capsys.readouterr()
    assert "text-classification: line 1" in captured.err
    assert json.loads(captured.out.splitlines()[-1])["ok"] is False
    wait_for(lambda: Job.objects.latest("pk").state == "finished")
