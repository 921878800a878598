"""Submitted work as rows, in legal states, without the services that make it."""

from typing import Any

from accounts.models import User
from itag.core.clock import now
from itag.core.fields import dump
from jobs.models import Annotation, Assignment, Job, Package, PackageItem
from tests.factories import choice

STAGES = ("labeling", "check", "acceptance")


def submit(
    package: Package, stage: str, round_: int = 1, *, holder: User | None = None, **changes: Any
) -> Assignment:
    """The slot of the package in this round and stage, submitted."""
    holder = holder or package.job.created_by
    moment = now()
    values = {
        "state": "submitted",
        "holder": holder,
        "claimed_at": moment,
        "submitted_at": moment,
        "number": package.number,
        **changes,
    }
    assignment, _made = Assignment.objects.update_or_create(
        job=package.job, package=package, round=round_, stage=stage, defaults=values
    )
    return assignment


def answer(
    assignment: Assignment, position: int, results: Any = "k1", **changes: Any
) -> Annotation:
    """An answer with these results (a string: that option of question 1), in force from now on."""
    item = PackageItem.objects.get(package=assignment.package, position=position)
    if isinstance(results, str):
        results = [choice(results)]
    made = Annotation.objects.create(
        package_item=item,
        assignment=assignment,
        author=assignment.holder,
        results=None if results is None else dump(results),
        version=1,
        answered_at=now(),
        **changes,
    )
    if assignment.state == "submitted":
        PackageItem.objects.filter(pk=item.pk).update(current_annotation=made)
    return made


def judge(
    assignment: Assignment, position: int, verdict: str, results: Any = None, **changes: Any
) -> Annotation:
    """A verdict on the answer in force."""
    item = PackageItem.objects.get(package=assignment.package, position=position)
    judged = item.current_annotation
    made = answer(
        assignment,
        position,
        results,
        verdict=verdict,
        judged=judged,
        judged_version=judged.version if judged else None,
        **changes,
    )
    if verdict != "modified":
        PackageItem.objects.filter(pk=item.pk).update(current_annotation=judged)
    return made


def finish(package: Package) -> None:
    """The package has passed its last stage."""
    Package.objects.filter(pk=package.pk).update(state="finished", finished_at=now())


def label_all(job: Job, key: str = "k1") -> None:
    """Every package labeled, with one answer everywhere, and finished."""
    for package in job.packages.all():
        assignment = submit(package, "labeling")
        for position in range(1, package.item_count + 1):
            answer(assignment, position, key)
        finish(package)
