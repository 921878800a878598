"""Pages of Task Center and of jobs."""

from django.urls import path

from jobs.views.pages_form import NewJob, PreviewJob
from jobs.views.pages_home import Claim, Home
from jobs.views.pages_jobs import JobDetail, JobMembers, Jobs, PackageDetail

urlpatterns = [
    path("", Home.as_view(), name="home"),
    path("work/claim/", Claim.as_view(), name="work-claim"),
    path("jobs/", Jobs.as_view(), name="jobs"),
    path("jobs/new/", NewJob.as_view(), name="job-new"),
    path("jobs/new/preview/", PreviewJob.as_view(), name="job-preview"),
    path("jobs/<int:pk>/", JobDetail.as_view(), name="job"),
    path("jobs/<int:pk>/members/", JobMembers.as_view(), name="job-members"),
    path("jobs/<int:pk>/packages/<int:number>/", PackageDetail.as_view(), name="package"),
]
