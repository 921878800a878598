"""Reading the text of regions: what the recogniser gets, who may ask, how often, and what nobody is told."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from PIL import Image
from rest_framework.test import APIClient

from accounts.models import User, Workspace
from jobs.api.recognise_views import RecogniseThrottle
from jobs.models import Annotation, Assignment, PackageEvent
from jobs.services import recognise
from jobs.services.release import release_assignment
from templates_app.models import LabelTemplate
from templates_app.services import install_builtin
from tests import readers
from tests.factories import OPTIONS, make_dataset, make_job
from tests.jobs.flow import claim

pytestmark = pytest.mark.django_db

Client = Callable[[User | None], APIClient]
BOX = [[100, 50], [180, 50], [180, 70], [100, 70]]


@pytest.fixture(autouse=True)
def _reader(settings: Any) -> None:
    settings.ITAG_RECOGNISER = "tests.readers.Sizes"
    readers.Sizes.seen.clear()


def ocr_job(labeler: User, workspace: Workspace, files: Any, *, selected: list[str]) -> Assignment:
    """A claimed package with one page: white, with a dark dot."""
    install_builtin()
    dataset = make_dataset(1, kind="image", workspace=workspace)
    assert dataset.storage is not None
    page = Image.new("RGB", (640, 480), "white")
    page.paste((0, 0, 0), (164, 52, 172, 56))
    path = Path(files.FILES_ROOT) / dataset.storage.root / "1.jpg"
    path.parent.mkdir(parents=True, exist_ok=True)
    page.save(path, quality=95)
    job = make_job(
        dataset=dataset,
        template=LabelTemplate.objects.filter(workspace=None, key="ocr").order_by("version").last(),
        selected_questions=selected,
        options={"1.1": OPTIONS},
        labelers=[labeler],
        language="zh-hans",
    )
    return claim(job, labeler)


@pytest.fixture
def held(labeler: User, workspace: Workspace, settings: Any) -> Assignment:
    return ocr_job(labeler, workspace, settings, selected=["1.1", "1.3"])


def ask(client: APIClient, assignment: Assignment, position: int = 1, **body: Any) -> Any:
    body = {"question": "1", "shape": "rectangle", "points": BOX, **body}
    address = f"/api/v1/assignments/{assignment.pk}/items/{position}/recognise"
    return client.post(address, body, format="json")


def test_the_recogniser_gets_the_region_upright(
    api: Client, labeler: User, held: Assignment
) -> None:
    client = api(labeler)
    answer = ask(client, held)
    assert answer.status_code == 200
    assert answer.json() == {"text": "80x20 0.8,0.2 zh-hans"}
    assert readers.Sizes.seen[0].mode == "RGB"
    # A line that runs downwards, its top on the right: the dot that is right and high in it is near its beginning.
    turned = [[180, 50], [180, 70], [100, 70], [100, 50]]
    assert (
        ask(client, held, shape="rotated", points=turned).json()["text"].startswith("20x80 0.2,0.1")
    )
    corner = [[100, 50], [180, 50], [100, 70]]
    assert ask(client, held, shape="polygon", points=corner).status_code == 200
    assert readers.Sizes.seen[2].getpixel((78, 18)) == (255, 255, 255)
    # Nothing is stored of it.
    assert not Annotation.objects.exists()


def test_who_does_not_hold_the_package_gets_nothing(
    api: Client, labeler: User, labeler2: User, stranger: User, admin_user: User, held: Assignment
) -> None:
    assert ask(api(None), held).status_code == 401
    for person in (labeler2, stranger):
        assert ask(api(person), held).status_code == 404
    assert ask(api(admin_user), held).status_code == 403
    assert ask(api(labeler), held, position=7).status_code == 404
    release_assignment(assignment_id=held.pk, user=labeler, reason="ill")
    assert ask(api(labeler), held).status_code == 409
    assert readers.Sizes.seen == []


def test_it_leaves_threads_for_the_others(
    api: Client, labeler: User, held: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = threading.BoundedSemaphore(1)
    monkeypatch.setattr(recognise, "_readers", places)
    with places:
        answer = ask(api(labeler), held)
        assert (answer.status_code, answer.json()["code"]) == (502, "not_recognised")
    assert readers.Sizes.seen == []
    assert ask(api(labeler), held).status_code == 200
    assert ask(api(labeler), held).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"question": "9"}, "question"),
        ({"shape": "mask"}, "shape"),
        ({"shape": "rotated", "points": [[0, 0], [9, 3], [9, 9], [0, 9]]}, "points"),
        ({"points": BOX[:3]}, "points"),
        ({"points": [[0, 0], [641, 0], [641, 9], [0, 9]]}, "points[1][0]"),
        ({"points": [[0, 0], [9, "NaN"], [9, 9], [0, 9]]}, "points.1"),
        ({"points": [[0, 0], [9, 0], [9]]}, "points"),
        ({"points": "everything"}, "points"),
    ],
)
def test_what_is_no_region_is_refused(
    api: Client, labeler: User, held: Assignment, body: dict[str, Any], field: str
) -> None:
    answer = ask(api(labeler), held, **body)
    assert answer.status_code == 400
    assert any(error["field"].startswith(field) for error in answer.json()["errors"]), answer.json()
    assert readers.Sizes.seen == []


def test_regions_without_a_text_are_not_read(
    api: Client, labeler: User, workspace: Workspace, settings: Any
) -> None:
    held = ocr_job(labeler, workspace, settings, selected=["1.1"])
    answer = ask(api(labeler), held)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "question")


def test_a_person_asks_a_number_of_times_a_minute(
    api: Client, labeler: User, held: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RecogniseThrottle, "THROTTLE_RATES", {"recognise": "2/min"})
    client = api(labeler)
    assert [ask(client, held).status_code for _ in range(3)] == [200, 200, 429]
    assert int(ask(client, held).headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    "error", [readers.CannotRead("key=secret-key"), TimeoutError("secret-key")]
)
def test_what_fails_is_told_without_its_words(
    api: Client,
    labeler: User,
    held: Assignment,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    settings.ITAG_RECOGNISER = "tests.readers.Fails"
    monkeypatch.setattr(readers.Fails, "error", error)
    answer = ask(api(labeler), held)
    assert (answer.status_code, answer.json()["code"]) == (502, "not_recognised")
    assert "secret" not in json.dumps(answer.json())
    assert "secret" not in str(list(PackageEvent.objects.values()))


def test_a_picture_that_is_gone_or_broken_is_said(
    api: Client, labeler: User, held: Assignment, settings: Any
) -> None:
    (path,) = Path(settings.FILES_ROOT).rglob("1.jpg")
    path.write_bytes(b"\xff\xd8\xff no picture")
    answer = ask(api(labeler), held)
    assert (answer.status_code, answer.json()["code"]) == (502, "not_recognised")
    path.unlink()
    assert ask(api(labeler), held).status_code == 404


def test_what_is_read_is_text_that_an_answer_may_hold(
    api: Client, labeler: User, held: Assignment, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ITAG_RECOGNISER = "tests.readers.Says"
    assert ask(api(labeler), held).json() == {"text": "two\nlines\t[0m　end"}
    monkeypatch.setattr(readers.Says, "text", "x" * 30_000)
    assert len(ask(api(labeler), held).json()["text"]) == 20_000
    monkeypatch.setattr(readers.Says, "text", None)
    assert ask(api(labeler), held).status_code == 502


def test_without_one_the_page_says_why(
    api: Client, labeler: User, held: Assignment, settings: Any
) -> None:
    client = api(labeler)

    def told() -> str:
        page = client.get(f"/label/{held.pk}/1").content.decode()
        data = page.split('<script id="bootstrap" type="application/json">')[1].split("</script>")[
            0
        ]
        return str(json.loads(data)["recogniser"]["why"])

    assert told() == ""
    settings.ITAG_RECOGNISER = ""
    assert "not set up" in told()
    answer = ask(client, held)
    assert (answer.status_code, answer.json()["code"]) == (409, "no_recogniser")


def test_a_name_that_is_nothing_is_found_by_the_checks(settings: Any) -> None:
    assert not [error for error in run_checks() if error.id == "jobs.E001"]
    settings.ITAG_RECOGNISER = "tests.readers.Nobody"
    assert [error.id for error in run_checks() if error.id == "jobs.E001"] == ["jobs.E001"]
