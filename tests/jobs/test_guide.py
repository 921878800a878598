"""The guide of a job: versions, confirmations before the next claim, its files; attacks are in tests/security."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from accounts.models import User, Workspace
from itag.core.errors import Conflict, Invalid
from jobs.models import Guide, GuideConfirmation, GuideFile, Job, JobEvent, Notification
from jobs.selectors.guide import guide_payload, readers
from jobs.services.claim import claim_next, claim_package
from jobs.services.guide import confirm_guide, publish_guide, publish_pdf
from jobs.services.guide_files import add_picture, open_guide_file
from tests.factories import make_job, make_team
from tests.jobs.flow import claim

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture
def job(labeler: User, labeler2: User, checker: User, admin_user: User) -> Job:
    return make_job(
        items=4, size=1, workspace=_workspace(admin_user), labelers=[labeler, labeler2],
        checkers=[checker], managers=[admin_user],
    )  # fmt: skip


def _workspace(user: User) -> Workspace:
    return user.memberships.get().workspace


def publish(job: Job, user: User, text: str = "# Rules\n\nDraw tight.", **more: Any) -> Guide:
    return publish_guide(job=job, user=user, markdown=text, **more)


def picture(mode: str = "RGB", size: tuple[int, int] = (40, 30), form: str = "PNG") -> io.BytesIO:
    file = io.BytesIO()
    Image.new(mode, size, "teal" if mode == "RGB" else (0, 128, 128, 90)).save(file, form)
    file.seek(0)
    return file


def upload(job: Job, user: User, file: io.BytesIO) -> GuideFile:
    return add_picture(job=job, user=user, file=file, size=len(file.getvalue()))


# --- versions --------------------------------------------------------------------------------------------------------


def test_each_publication_is_a_version_and_the_old_ones_stay(job: Job, admin_user: User) -> None:
    first = publish(job, admin_user)
    second = publish(job, admin_user, "# Rules\n\nDraw loosely.", note="loosely")
    assert (first.version, second.version, job.guide_version) == (1, 2, 2)
    job.refresh_from_db()
    assert job.guide_version == 2
    assert Guide.objects.get(job=job, version=1).text == "# Rules\n\nDraw tight."
    events = JobEvent.objects.filter(job=job, verb="guide").values_list("actor", "note", "data")
    assert list(events) == [
        (admin_user.pk, "", {"version": 1}),
        (admin_user.pk, "loosely", {"version": 2}),
    ]


def test_the_same_text_again_is_no_new_version(job: Job, admin_user: User) -> None:
    publish(job, admin_user)
    assert publish(job, admin_user, "# Rules\r\n\r\nDraw tight.\n").version == 1
    assert Guide.objects.count() == 1


def test_who_edited_an_older_version_is_told(job: Job, admin_user: User) -> None:
    publish(job, admin_user, base=0)
    with pytest.raises(Conflict) as refused:
        publish(job, admin_user, "other", base=0)
    assert (refused.value.code, refused.value.extra) == ("changed", {"version": 1})
    assert Guide.objects.count() == 1


@pytest.mark.parametrize("text", ["", "  \n", "x" * 50_001, "a\x00b", "a\ud800b"])
def test_texts_that_are_no_guide(job: Job, admin_user: User, text: str) -> None:
    with pytest.raises(Invalid) as refused:
        publish(job, admin_user, text)
    assert refused.value.errors[0]["field"] == "markdown"
    assert job.guide_version == 0


def test_pictures_are_the_jobs_own(job: Job, admin_user: User, workspace: Workspace) -> None:
    own = upload(job, admin_user, picture())
    foreign = upload(make_job(items=1, workspace=workspace), admin_user, picture(size=(9, 9)))
    for address in ("https://example.org/x.png", f"guide:{foreign.name}", "guide:none.png"):
        with pytest.raises(Invalid) as refused:
            publish(job, admin_user, f"fine\n\nline 3 ![x]({address})")
        assert refused.value.errors[0]["line"] == 3
    guide = publish(job, admin_user, f'![a "box"](guide:{own.name} "Ti<tle")')
    html = guide_payload(job, admin_user, guide)["html"]
    assert f'src="/jobs/{job.pk}/guide/files/{own.name}"' in html
    assert 'alt="a &quot;box&quot;"' in html
    assert "Ti<tle" not in html


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_who_publish_at_once_make_two_versions_or_one_is_told(
    job: Job, admin_user: User, at_once: Callable[..., list[Any]]
) -> None:
    texts = ["one", "two", "three"]
    done = at_once(*(lambda text=text: publish(_fresh(job), admin_user, text) for text in texts))
    assert sorted(guide.version for guide in done) == [1, 2, 3]
    told = at_once(
        *(lambda text=text: publish(_fresh(job), admin_user, text, base=3) for text in "abc")
    )
    assert [type(one) for one in told].count(Conflict) == 2
    assert _fresh(job).guide_version == 4


def _fresh(job: Job) -> Job:
    return Job.objects.select_related("workspace").get(pk=job.pk)


# --- confirmations and claims ----------------------------------------------------------------------------------------


def test_a_new_guide_is_confirmed_before_the_next_claim(
    job: Job, labeler: User, labeler2: User, admin_user: User
) -> None:
    held = claim(job, labeler)
    publish(job, admin_user)
    for who in (labeler, labeler2):
        with pytest.raises(Conflict) as refused:
            claim_package(job=job, user=who, stage="labeling")
        assert (refused.value.code, refused.value.extra["version"]) == ("guide", 1)
    # What is held goes on; next over all jobs offers it without a word.
    assert claim_next(user=labeler).assignment == held
    confirm_guide(job=job, user=labeler2, version=1)
    claim(job, labeler2)
    publish(job, admin_user, "second")
    with pytest.raises(Conflict):
        claim_package(job=job, user=labeler2, stage="labeling")


def test_only_the_version_in_force_is_confirmed_and_once(
    job: Job, labeler: User, admin_user: User
) -> None:
    with pytest.raises(Conflict):
        confirm_guide(job=job, user=labeler, version=0)
    publish(job, admin_user)
    publish(job, admin_user, "second")
    for version in (0, 1, 3):
        with pytest.raises(Conflict) as refused:
            confirm_guide(job=job, user=labeler, version=version)
        assert (refused.value.code, refused.value.extra) == ("guide", {"version": 2})
    told = Notification.objects.filter(user=labeler, event="guide_changed")
    assert told.filter(read_at=None).count() == 2
    first = confirm_guide(job=job, user=labeler, version=2)
    assert not told.filter(read_at=None).exists()
    assert confirm_guide(job=job, user=labeler, version=2) == first
    assert GuideConfirmation.objects.filter(user=labeler).count() == 1


def test_next_over_all_jobs_passes_unread_guides_over(
    job: Job, labeler: User, admin_user: User, workspace: Workspace
) -> None:
    job.priority = 9
    job.save()
    job.packages.all()
    other = make_job(items=1, size=1, workspace=workspace, labelers=[labeler])
    publish(job, admin_user)
    first = claim_next(user=labeler, workspace=workspace).assignment
    assert first is not None
    assert first.job == other
    first.state, first.holder = "void", None
    first.save()
    with pytest.raises(Conflict) as refused:
        claim_next(user=labeler, workspace=workspace)
    assert (refused.value.code, refused.value.extra) == ("guide", {"version": 1, "job": job.pk})
    # Where nothing waits in that job either, the reason is that.
    job.packages.first()
    for slot in job.packages.all():
        slot.assignments.update(state="void")
    assert claim_next(user=labeler, workspace=workspace).assignment is None


def test_a_claim_pays_for_the_guide_only_where_there_is_one(
    job: Job, labeler: User, admin_user: User
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            claim_package(job=_fresh(job), user=labeler, stage="labeling")
        return len(captured)

    claim(job, labeler)
    without = cost()
    publish(job, admin_user)
    confirm_guide(job=job, user=labeler, version=1)
    assert cost() == without + 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_confirming_twice_at_once_is_once(
    job: Job, labeler: User, admin_user: User, at_once: Callable[..., list[Any]]
) -> None:
    publish(job, admin_user)
    done = at_once(
        *(lambda: confirm_guide(job=_fresh(job), user=labeler, version=1) for _ in range(4))
    )
    assert {row.pk for row in done} == {GuideConfirmation.objects.get(user=labeler).pk}


def test_managers_see_who_has_read_it(
    job: Job, labeler: User, labeler2: User, checker: User, admin_user: User, workspace: Workspace
) -> None:
    publish(job, admin_user)
    confirm_guide(job=job, user=labeler, version=1)
    publish(job, admin_user, "second")
    confirm_guide(job=job, user=checker, version=2)
    members = {labeler.pk, labeler2.pk, checker.pk, admin_user.pk}
    found = [
        (row["user"].username, row["version"], row["current"])
        for row in readers(job, admin_user, members)
    ]
    assert found == [
        ("lars", 1, False), ("lotte", None, False), ("alice", 2, True), ("chen", 2, True),
    ]  # fmt: skip
    # A supplier's people know of their own team alone.
    make_team(workspace, [labeler2], is_supplier=True)
    assert [row["user"] for row in readers(job, labeler2, members)] == [labeler2]


# --- files -----------------------------------------------------------------------------------------------------------


def test_a_picture_is_kept_once_as_pixels(job: Job, admin_user: User) -> None:
    kept = upload(job, admin_user, picture())
    assert (kept.width, kept.height, kept.name[-4:]) == (40, 30, ".jpg")
    assert upload(job, admin_user, picture()) == kept
    clear = upload(job, admin_user, picture("RGBA"))
    assert clear.name.endswith(".png")
    large = upload(job, admin_user, picture(size=(3000, 30)))
    assert (large.width, large.height) == (2400, 24)
    found, file = open_guide_file(job=job, name=kept.name)
    with file, Image.open(file) as image:
        assert (image.format, image.size, found.size) == ("JPEG", (40, 30), kept.size)


def test_a_pdf_is_a_guide(job: Job, admin_user: User, labeler: User) -> None:
    guide = publish_pdf(job=job, user=admin_user, file=io.BytesIO(PDF), size=len(PDF), note="new")
    payload = guide_payload(job, labeler, guide)
    assert (payload["kind"], payload["html"], payload["confirmed"]) == ("pdf", "", False)
    assert payload["file"] == f"/jobs/{job.pk}/guide/files/{guide.file.name}"
    again = publish_pdf(job=job, user=admin_user, file=io.BytesIO(PDF), size=len(PDF))
    assert again == guide
    assert publish(job, admin_user).version == 2
