"""Pages of Task Center and of jobs."""

from django.urls import path

from jobs.views.pages_edit import EditJob
from jobs.views.pages_figures import JobFigures, JobFiguresFile, MyPage
from jobs.views.pages_form import FindMembers, FindPeople, NewJob, PreviewJob
from jobs.views.pages_home import Claim, ClaimNext, Home, Withdraw
from jobs.views.pages_jobs import (
    BlockedOverview,
    JobDetail,
    JobHistory,
    JobMembers,
    Jobs,
    JobsProgress,
)
from jobs.views.pages_lots import LotPage, Lots, PreviewLot
from jobs.views.pages_notices import Bell, JobWebhooks, Notices, WebhookPage, Webhooks
from jobs.views.pages_operations import DeletedJobs, OperateJob, RestoreJob
from jobs.views.pages_packages import ChangePackages, CompareItem, JobPackages, PackageDetail
from jobs.views.pages_people import HeldByLeavers, LeaveMember

urlpatterns = [
    path("", Home.as_view(), name="home"),
    path("work/claim/", Claim.as_view(), name="work-claim"),
    path("work/next/", ClaimNext.as_view(), name="work-next"),
    path("work/<int:assignment>/withdraw/", Withdraw.as_view(), name="work-withdraw"),
    path("notices/", Notices.as_view(), name="notices"),
    path("notices/bell/", Bell.as_view(), name="notices-bell"),
    path("webhooks/", Webhooks.as_view(), name="webhooks"),
    path("webhooks/<int:pk>/", WebhookPage.as_view(), name="webhook"),
    path("jobs/", Jobs.as_view(), name="jobs"),
    path("jobs/progress/", JobsProgress.as_view(), name="jobs-progress"),
    path("jobs/blocked/", BlockedOverview.as_view(), name="jobs-blocked"),
    path("jobs/deleted/", DeletedJobs.as_view(), name="jobs-deleted"),
    path("jobs/held/", HeldByLeavers.as_view(), name="held-by-leavers"),
    path("members/<int:user>/leave/", LeaveMember.as_view(), name="member-leave"),
    path("jobs/new/", NewJob.as_view(), name="job-new"),
    path("jobs/new/preview/", PreviewJob.as_view(), name="job-preview"),
    path("jobs/new/people/", FindPeople.as_view(), name="job-new-people"),
    path("jobs/<int:pk>/", JobDetail.as_view(), name="job"),
    path("jobs/<int:pk>/edit/", EditJob.as_view(), name="job-edit"),
    path("jobs/<int:pk>/operate/", OperateJob.as_view(), name="job-operate"),
    path("jobs/<int:pk>/restore/", RestoreJob.as_view(), name="job-restore"),
    path("jobs/<int:pk>/history/", JobHistory.as_view(), name="job-history"),
    path("jobs/<int:pk>/figures/", JobFigures.as_view(), name="job-figures"),
    path("jobs/<int:pk>/figures.csv", JobFiguresFile.as_view(), name="job-figures-csv"),
    path("me/", MyPage.as_view(), name="my-page"),
    path("jobs/<int:pk>/members/", JobMembers.as_view(), name="job-members"),
    path("jobs/<int:pk>/members/people/", FindMembers.as_view(), name="job-members-people"),
    path("jobs/<int:pk>/lots/", Lots.as_view(), name="job-lots"),
    path("jobs/<int:pk>/lots/preview/", PreviewLot.as_view(), name="job-lots-preview"),
    path("jobs/<int:pk>/lots/<int:lot>/", LotPage.as_view(), name="lot"),
    path("jobs/<int:pk>/webhooks/", JobWebhooks.as_view(), name="job-webhooks"),
    path("jobs/<int:pk>/packages/", JobPackages.as_view(), name="job-packages"),
    path("jobs/<int:pk>/packages/change/", ChangePackages.as_view(), name="packages-change"),
    path("jobs/<int:pk>/packages/<int:number>/", PackageDetail.as_view(), name="package"),
    path(
        "jobs/<int:pk>/packages/<int:number>/<int:position>/compare/",
        CompareItem.as_view(),
        name="item-compare",
    ),
]
