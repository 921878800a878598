"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

from itag.paths import add_apps

add_apps()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itag.settings")

application = get_wsgi_application()
