"""The Celery application; every task is an address: an id in, one service call, safe to deliver twice."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itag.settings")

app = Celery("itag")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
