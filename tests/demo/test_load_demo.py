"""The demo workspace of a first start: what is promised is there, and loading twice is loading once."""

import io
import json
import stat
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from accounts.models import Membership, User
from datasets.models import Dataset
from itag.demo import photos
from itag.demo.jobs import JOBS
from itag.demo.workspace import Loaded, load_demo, texts
from jobs.models import Assignment, Job, Package
from tests.factories import UserFactory


@pytest.fixture
def _no_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photos, "_download", lambda: None)


@pytest.fixture
def loaded(db: None, tmp_path: Path, _no_registry: None) -> Loaded:
    return load_demo(home=tmp_path)


def test_people_have_random_passwords_that_only_the_owner_reads(
    loaded: Loaded, tmp_path: Path
) -> None:
    path = tmp_path / "demo-accounts.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    accounts = json.loads(path.read_text())["accounts"]
    assert [row["username"] for row in accounts] == [
        "admin",
        "leader",
        "labeler",
        "checker",
        "accepter",
    ]
    assert len({row["password"] for row in accounts}) == 5
    roles = {"admin": "admin", "leader": "leader"}
    for row in accounts:
        user = User.objects.get(username=row["username"])
        assert user.is_demo
        assert user.check_password(row["password"])
        assert row["role"] == roles.get(row["username"], "operator")
        assert Membership.objects.get(user=user, active=True).role == row["role"]
    assert list(User.objects.filter(is_superuser=True).values_list("username", flat=True)) == [
        "admin"
    ]


def test_pictures_are_forty_and_more_each_with_its_licence(loaded: Loaded) -> None:
    dataset = Dataset.objects.get(name="demo-pictures")
    assert (dataset.kind, dataset.state) == ("image", "ready")
    assert dataset.item_count >= 40
    for item in dataset.items.all():
        data = item.data.load()
        assert data["licence"]
        media = item.media["source"]
        assert media["type"] == "image"
        assert media["width"] > 100
        assert media["height"] > 100


def test_texts_are_two_hundred_in_two_languages(loaded: Loaded) -> None:
    dataset = Dataset.objects.get(name="demo-texts")
    assert (dataset.kind, dataset.state, dataset.item_count) == ("text", "ready", 200)
    assert Counter(row["language"] for row in texts()) == {"en": 100, "zh": 100}
    assert len({row["text"] for row in texts()}) == 200
    first = dataset.items.get(ordinal=1).data.load()
    assert first == {"source": texts()[0]["text"]}


def test_jobs_run_one_per_template_and_nothing_is_claimed(loaded: Loaded) -> None:
    jobs = Job.objects.order_by("id").select_related("template")
    assert [job.name for job in jobs] == [entry.name for entry in JOBS]
    assert {job.state for job in jobs} == {"running"}
    for job in jobs:
        assert job.created_by.username == "admin"
        assert job.workflow == "labeling,check,acceptance"
        assert any("\u4e00" <= letter <= "\u9fff" for letter in job.description)
        packages = Package.objects.filter(job=job)
        assert packages.count() == job.package_count > 1
        assert sum(packages.values_list("item_count", flat=True)) == job.dataset.item_count
    states = set(Assignment.objects.values_list("state", flat=True))
    assert states == {"waiting"}


def test_drawn_pictures_get_labels_that_fit(loaded: Loaded) -> None:
    assert loaded.drawn
    job = Job.objects.get(name="demo-object-detection")
    assert [option["label"] for option in job.options["1.1"]] == ["House", "Tree", "Car", "Lamp"]


def test_twice_is_once(loaded: Loaded, tmp_path: Path) -> None:
    before = (tmp_path / "demo-accounts.json").read_bytes()
    again = load_demo(home=tmp_path)
    assert [job.pk for job in again.jobs] == [job.pk for job in loaded.jobs]
    assert _counts() == (len(loaded.datasets), len(JOBS), 5)
    assert (tmp_path / "demo-accounts.json").read_bytes() == before


@pytest.mark.django_db
@pytest.mark.usefixtures("_no_registry")
def test_start_that_was_killed_is_finished_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after the people, after a dataset was recorded, after a job was: the rest follows."""
    from itag.demo import workspace

    for step in ("run_import", "create_job", "split_batch"):
        with monkeypatch.context() as patch:
            patch.setattr(workspace, step, _die)
            with pytest.raises(KeyboardInterrupt):
                load_demo(home=tmp_path)
    loaded = load_demo(home=tmp_path)
    assert {job.state for job in loaded.jobs} == {"running"}
    assert _counts() == (len(loaded.datasets), len(JOBS), 5)


def _counts() -> tuple[int, int, int]:
    return Dataset.objects.count(), Job.objects.count(), User.objects.count()


def _die(*args: Any, **options: Any) -> None:
    raise KeyboardInterrupt


def test_lost_accounts_file_gives_new_passwords(loaded: Loaded, tmp_path: Path) -> None:
    path = tmp_path / "demo-accounts.json"
    path.unlink()
    load_demo(home=tmp_path)
    accounts = json.loads(path.read_text())["accounts"]
    assert len(accounts) == 5
    for row in accounts:
        assert User.objects.get(username=row["username"]).check_password(row["password"])


@pytest.mark.django_db
def test_itag_with_people_of_its_own_is_left_alone(settings: Any) -> None:
    UserFactory()
    with pytest.raises(CommandError, match="accounts already"):
        call_command("load_demo", drawn=True, stdout=io.StringIO())
    assert User.objects.count() == 1
    assert not (Path(settings.ITAG_HOME) / "demo-accounts.json").exists()


@pytest.mark.django_db
def test_command_prints_the_accounts(settings: Any) -> None:
    output = io.StringIO()
    call_command("load_demo", drawn=True, stdout=output)
    printed = output.getvalue()
    accounts = json.loads((Path(settings.ITAG_HOME) / "demo-accounts.json").read_text())
    for row in accounts["accounts"]:
        assert row["username"] in printed
        assert row["password"] in printed


# --- photographs ----------------------------------------------------------------------------------------------------


def _photograph(photo: photos.Photo) -> bytes:
    """A picture large enough for the crops of this photograph."""
    size = [max(box[side] for box in photo.crops) for side in (2, 3)]
    output = io.BytesIO()
    Image.new("RGB", (size[0], size[1]), (90, 120, 40)).save(output, "PNG")
    return output.getvalue()


def test_photographs_are_cropped_and_carry_their_licence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {photo.file: _photograph(photo) for photo in photos.PHOTOS}
    monkeypatch.setattr(photos, "_download", lambda: found)
    monkeypatch.setattr(photos, "_genuine", lambda found: True)
    shown = photos.pictures(tmp_path)
    assert len(shown) >= 40
    assert len({picture.name for picture in shown}) == len(shown)
    for picture in shown:
        assert not picture.drawn
        with Image.open(io.BytesIO(picture.content)) as image:
            assert image.info["comment"].decode() == picture.licence
    monkeypatch.setattr(photos, "_download", lambda: pytest.fail("the cache was not used"))
    assert [p.content for p in photos.pictures(tmp_path)] == [p.content for p in shown]


def test_other_bytes_than_those_whose_licence_was_read_are_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "scikit-image"
    folder.mkdir()
    for photo in photos.PHOTOS:
        (folder / photo.file).write_bytes(b"something else")
    monkeypatch.setattr(photos, "_download", lambda: None)
    assert all(picture.drawn for picture in photos.pictures(tmp_path))


def test_without_a_registry_scenes_are_drawn_and_nothing_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    shown = photos.pictures(tmp_path)
    assert len(shown) >= 40
    assert all(picture.drawn for picture in shown)


def test_download_that_takes_too_long_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photos, "PATIENCE", 0.01)
    assert photos.photographs(tmp_path) is None
