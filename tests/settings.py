"""Settings of the tests: the product's, with fast hashing, mail in memory and files below a temporary folder.

With no DATABASE_URL the first process of a test run starts the embedded servers; xdist's workers inherit its
environment. Each worker has a database and Valkey database numbers of its own.
"""

import atexit
import contextlib
import os
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 40)
os.environ.setdefault("LOG_LEVEL", "ERROR")
if "ITAG_HOME" not in os.environ:
    _stack = contextlib.ExitStack()
    os.environ["ITAG_HOME"] = _stack.enter_context(tempfile.TemporaryDirectory(prefix="itag-test-"))
    atexit.register(_stack.close)
if "DATABASE_URL" not in os.environ:
    if "PYTEST_VERSION" in os.environ:
        from itag.cli import embedded

        _servers = contextlib.ExitStack()
        _database, _redis = _servers.enter_context(
            embedded.servers(
                Path(_servers.enter_context(tempfile.TemporaryDirectory(prefix="itag-pg-")))
            )
        )
        atexit.register(_servers.close)
        os.environ.update(DATABASE_URL=_database, REDIS_URL=_redis)
    else:  # mypy and the schema gate need an address, not a server
        os.environ.update(
            DATABASE_URL="postgres://itag:itag@127.0.0.1:1/itag", REDIS_URL="redis://127.0.0.1:1/0"
        )
# Counted from the number in the address, so that two runs at one server do not empty each other's cache.
_number = urlsplit(os.environ.get("REDIS_URL", "")).path.removeprefix("/")
_redis_base = 2 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_redis_base += int(_number) if _number.isdigit() else 0

from itag import settings as product  # noqa: E402
from itag.settings import *  # noqa: E402, F403
from itag.settings import (  # noqa: E402
    CACHES,
    CELERY_BROKER_URL,
    DATABASES,
    INSTALLED_APPS,
    REST_FRAMEWORK,
    STATIC_ROOT,
)

if _redis_base:
    CACHES["default"]["LOCATION"] = product.redis_db(_redis_base + 1)
    CELERY_BROKER_URL = product.broker_url(_redis_base)

# Two branches that both add a migration conflict in max_migration.txt.
INSTALLED_APPS = [*INSTALLED_APPS, "django_linear_migrations"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
ACCOUNT_RATE_LIMITS = {}
REST_FRAMEWORK = {
    **REST_FRAMEWORK,
    "DEFAULT_THROTTLE_RATES": {
        "token": "10000/min",
        "token_address": "10000/min",
        "recognise": "10000/min",
    },
}
# Threads of race tests open many connections; a pool would keep the test database from being dropped.
DATABASES["default"]["OPTIONS"] = {}
# A thread of the live server keeps its connection as long as its browser or client keeps its own; a new one for each
# request takes more time than the request.
DATABASES["default"]["CONN_MAX_AGE"] = 60
DATABASES["default"]["TEST"] = {"NAME": f"test_itag{os.environ.get('ITAG_TEST_DB', '')}"}
# A worker or server process that a test starts works on the test's database and folders.
if _live := os.environ.get("ITAG_TEST_LIVE_DB"):
    DATABASES["default"]["NAME"] = _live
if _folders := os.environ.get("ITAG_TEST_FOLDERS"):
    FILES_ROOT, EXPORTS_ROOT = Path(_folders) / "files", Path(_folders) / "exports"
# WhiteNoise warns of a folder that is missing.
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
