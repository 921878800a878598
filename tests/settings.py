"""Settings of the tests: the product's, with fast hashing, mail in memory and files below a temporary folder."""

import os
import tempfile
from pathlib import Path

_home = Path(os.environ.setdefault("ITAG_HOME", tempfile.mkdtemp(prefix="itag-test-")))
os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 40)
os.environ.setdefault("LOG_LEVEL", "WARNING")
# Set by tests/conftest.py, which starts the embedded servers; mypy and the schema gate need only an address.
os.environ.setdefault("DATABASE_URL", "postgres://itag:itag@127.0.0.1:1/itag")
os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:1/0")

from itag.settings import *  # noqa: E402, F403
from itag.settings import DATABASES, REST_FRAMEWORK  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
ACCOUNT_RATE_LIMITS: dict[str, str] = {}
REST_FRAMEWORK = {**REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {"token": "10000/min"}}
# Threads of race tests open many connections; a pool would keep the test database from being dropped.
DATABASES["default"]["OPTIONS"] = {}
DATABASES["default"]["CONN_MAX_AGE"] = 0
_suffix = os.environ.get("ITAG_TEST_DB", "")
DATABASES["default"]["TEST"] = {"NAME": f"test_itag{_suffix}"}
