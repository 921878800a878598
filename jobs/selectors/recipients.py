"""Who is told of a job as a whole: its task administrators, and all its people."""

from accounts.models import User
from jobs.models import Job, JobGroupPermission, JobUserPermission


def holders_of(job: Job, codename: str) -> set[int]:
    """The ids of the active people with this permission on the job, directly or through a team; two statements."""
    wanted = {"content_object": job, "permission__codename": codename}
    direct = JobUserPermission.objects.filter(**wanted, user__is_active=True)
    groups = JobGroupPermission.objects.filter(**wanted).values("group")
    return set(direct.values_list("user", flat=True)) | set(
        User.objects.filter(groups__in=groups, is_active=True).values_list("pk", flat=True)
    )


def job_managers(job: Job) -> set[int]:
    """Its task administrators."""
    return holders_of(job, "manage_job")


def job_people(job: Job) -> set[int]:
    """Everybody who has a part in it."""
    return holders_of(job, "view_job")
