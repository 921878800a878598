"""What an observer who saw every step can say beside `history.assert_sound`, which knows only the rows of now."""

from collections import Counter
from typing import Any

from django.db.models import Count, Max, Min

from itag.core.fields import RawJSON
from jobs.models import (
    STAGE_PERMISSION,
    Annotation,
    AnnotationVersion,
    Assignment,
    Job,
    JobGroupPermission,
    JobUserPermission,
    Package,
    PackageItem,
    SplitRun,
)

Place = tuple[int, int, bool]
Content = tuple[int | None, str | None, bool]


class Watch:
    """Remembers what was acknowledged to people, and who held what when; `assert_kept` compares."""

    def __init__(self, job: Job) -> None:
        self.job = job
        #: {(assignment, position, late): (author, results, abandoned)}, as it was last acknowledged.
        self.answers: dict[Place, Content] = {}
        self.verdicts: dict[tuple[int, int], str] = {}
        self.corrections: set[int] = set()
        self.held: set[int] = set()
        self.submitted: set[int] = set()
        self.offline = False
        self.ratio_changed = False

    def saved(self, assignment: Assignment | None, position: int, saved: Any) -> None:
        """The person has been told that this answer is kept."""
        if assignment is None or saved is None:
            return
        row = Annotation.objects.get(assignment=assignment, package_item__position=position)
        kept: Annotation | AnnotationVersion = row
        if saved["late"]:
            kept = row.versions.filter(cause="late", version=saved["version"]).get()
        assert kept.author_id == assignment.holder_id
        place = (assignment.pk, position, saved["late"])
        self.answers[place] = (kept.author_id, _text(kept.results), kept.abandoned)
        self.verdicts.pop(place[:2], None)

    def judged(
        self, assignment: Assignment | None, position: int, saved: Any, verdict: str
    ) -> None:
        """The person has been told that this verdict stands."""
        if assignment is not None and saved is not None:
            self.verdicts[assignment.pk, position] = verdict

    def corrected(self, row: Annotation | None) -> None:
        if row is not None:
            self.corrections.add(row.pk)

    def assert_kept(self) -> None:
        self.job.refresh_from_db()
        self._assert_items()
        self._assert_slots()
        self._assert_answers()
        self._assert_holders()

    def _assert_items(self) -> None:
        """Every item of every batch that was cut is in exactly one package; nothing else is."""
        cut = SplitRun.objects.filter(batch__job=self.job, state="succeeded")
        last = cut.aggregate(last=Max("batch__last_ordinal"))["last"]
        ordinals = PackageItem.objects.filter(job=self.job, origin="data").values_list(
            "ordinal", flat=True
        )
        assert sorted(ordinals) == list(range(1, last + 1))
        for package in Package.objects.filter(job=self.job).annotate(
            count=Count("items"), first=Min("items__position"), last=Max("items__position")
        ):
            assert (package.count, package.first, package.last) == (
                package.item_count,
                1,
                package.item_count,
            )
        assert self.job.item_count == last
        assert self.job.package_count == Package.objects.filter(job=self.job).count()
        if self.job.state == Job.State.FINISHED:
            open_ = Package.objects.filter(job=self.job, state="open", discarded_at=None)
            assert not open_.exists()

    def _assert_slots(self) -> None:
        """Each package has one slot per vote in its first round, and in a later one exactly one."""
        first = Counter(
            Assignment.objects.filter(
                job=self.job,
                round=1,
                stage="labeling",
                state__in=Assignment.LIVE,
                vote__lt=self.job.vote_count,
            ).values_list("package", flat=True)
        )
        packages = Package.objects.filter(job=self.job)
        assert first == Counter(
            dict.fromkeys(packages.values_list("pk", flat=True), self.job.vote_count)
        )
        numbers = packages.order_by("number").values_list("number", flat=True)
        assert list(numbers) == list(range(1, len(numbers) + 1))

    def _assert_answers(self) -> None:
        """What was acknowledged stands as its author's: in an annotation, or in a version of one."""
        kept: set[tuple[int, int, Content]] = set()
        rows = Annotation.objects.filter(package_item__job=self.job)
        for source, path in (
            (rows, ""),
            (AnnotationVersion.objects.filter(annotation__in=rows), "annotation__"),
        ):
            for assignment, position, author, results, abandoned in source.values_list(
                f"{path}assignment",
                f"{path}package_item__position",
                "author",
                "results",
                "abandoned",
            ):
                kept.add((assignment, position, (author, _text(results), abandoned)))
        for (assignment, position, _late), content in self.answers.items():
            assert (assignment, position, content) in kept, "an answer was lost"
        stand = {
            (row.assignment_id, row.package_item.position): row.verdict
            for row in rows.exclude(verdict="").select_related("package_item")
        }
        for place, verdict in self.verdicts.items():
            assert stand.get(place) == verdict, "a verdict was lost"
        assert self.corrections <= set(rows.filter(source="manager").values_list("pk", flat=True))

    def _assert_holders(self) -> None:
        """Who began to hold something since may do so; offline nobody began, and nothing was handed over."""
        rows = Assignment.objects.filter(job=self.job)
        held = {row.pk: row for row in rows.filter(state="claimed")}
        submitted = set(rows.filter(state="submitted").values_list("pk", flat=True))
        members = self._members()
        for pk in held.keys() - self.held:
            row = held[pk]
            assert (row.holder_id, STAGE_PERMISSION[row.stage]) in members, "no member holds it"
            own = row.stage != "labeling" and row.holder_id in row.participants
            assert not own or self.job.limit("allow_own_check"), "somebody inspects their own work"
        offline = self.job.state == Job.State.OFFLINE
        if offline and self.offline:
            assert held.keys() <= self.held
            assert submitted <= self.submitted
        self.held, self.submitted, self.offline = set(held), submitted, offline

    def _members(self) -> set[tuple[int, str]]:
        wanted = {
            "content_object": self.job,
            "permission__codename__in": STAGE_PERMISSION.values(),
        }
        direct = JobUserPermission.objects.filter(**wanted)
        grouped = JobGroupPermission.objects.filter(**wanted)
        return {
            *direct.values_list("user", "permission__codename"),
            *grouped.values_list("group__user", "permission__codename"),
        }


def _text(results: RawJSON | str | None) -> str | None:
    return None if results is None else str(results)
