"""Django settings: one file, works with nothing set, refuses what is unsafe. See docs/configuration.md."""

from pathlib import Path
from urllib.parse import urlsplit

import environ
import psycopg
from celery.schedules import crontab
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from itag import __version__, addresses
from itag.home import home, running, secret

env = environ.FileAwareEnv()

ITAG_HOME = home()
BASE_DIR = Path(__file__).resolve().parent.parent
PACKAGE_DIR = Path(__file__).resolve().parent

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env("SECRET_KEY", default="").strip() or secret("secret-key")
if len(SECRET_KEY) < 32 or len(set(SECRET_KEY)) < 8 or SECRET_KEY.startswith("django-insecure-"):
    raise ImproperlyConfigured(
        "SECRET_KEY can be guessed: leave it out (one is made and kept), or set 32 random characters or more."
    )
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# Private networks that webhooks and services set up by an administrator may lie in; what data names never may.
ITAG_ALLOW_NETWORKS = env.list("ITAG_ALLOW_NETWORKS", default=[])
SITE_URL = env("SITE_URL", default="").rstrip("/")
HOST = env("HOST", default="127.0.0.1")
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", *env.list("ALLOWED_HOSTS", default=[])]
if HOST not in {"", "0.0.0.0", "::"}:  # noqa: S104
    ALLOWED_HOSTS.append(f"[{HOST}]" if ":" in HOST else HOST)
if SITE_URL:
    ALLOWED_HOSTS.append(urlsplit(SITE_URL).hostname or "")
    CSRF_TRUSTED_ORIGINS = [SITE_URL]
SECURE = SITE_URL.startswith("https://")
PROXIES = env.int("ITAG_PROXIES", default=0)

INSTALLED_APPS = [
    "itag",
    "accounts",
    "datasets",
    "templates_app",
    "jobs",
    "exports",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "guardian",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "django_structlog",
    "django_vite",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "itag.web.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "csp.middleware.CSPMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.OwnPasswordMiddleware",
    "itag.web.middleware.ErrorMiddleware",
]

ROOT_URLCONF = "itag.urls"
WSGI_APPLICATION = "itag.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "itag.web.context.site",
                "accounts.context.workspace",
            ],
            "builtins": ["itag.templatetags.itag_tags"],
        },
    }
]

# --- database and broker: ours under ITAG_HOME unless named -------------------------------------------------------

DATABASE_URL = env("DATABASE_URL", default="") or running("database") or ""
REDIS_URL = env("REDIS_URL", default="") or running("redis") or ""
if env.bool("ITAG_OFFLINE", default=False):  # the command needs settings, but neither server
    DATABASE_URL = DATABASE_URL or "postgresql:///itag"
    REDIS_URL = REDIS_URL or "redis://"
if not DATABASE_URL or not REDIS_URL:
    raise ImproperlyConfigured(
        "No database or broker: start itag (`make run`, `itag up`) or set DATABASE_URL and REDIS_URL."
    )
try:
    _database = addresses.django_database(DATABASE_URL)
    addresses.redis_url(REDIS_URL, 0)
except (psycopg.Error, ValueError) as exc:
    raise ImproperlyConfigured(f"DATABASE_URL or REDIS_URL cannot be read: {exc}") from None
ITAG_WEB_THREADS = env.int("ITAG_WEB_THREADS", default=8)
DATABASES = {
    "default": {
        **_database,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **_database["OPTIONS"],
            # Every thread of a process finds a connection at once; who waits 5 seconds waits for a dead database.
            "pool": {
                "min_size": 1,
                "max_size": env.int("ITAG_DB_POOL", default=ITAG_WEB_THREADS + 2),
                "timeout": 5,
            },
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


def redis_db(number: int) -> str:
    """The broker's address with another database number."""
    return addresses.redis_url(REDIS_URL, number)


def broker_url(number: int) -> str:
    """The same as Celery spells it."""
    return addresses.broker_url(REDIS_URL, number)


CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": redis_db(1),
        "TIMEOUT": 300,
        "KEY_PREFIX": "itag",
        "OPTIONS": {"serializer": "itag.core.cache.JSONSerializer"},
    }
}
CELERY_BROKER_URL = broker_url(0)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SOFT_TIME_LIMIT = 1500
CELERY_TASK_TIME_LIMIT = 1800
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "datasets.tasks.*": {"queue": "import"},
    "jobs.tasks.split_batch": {"queue": "split"},
    "exports.tasks.build_export": {"queue": "export"},
}
CELERY_BEAT_SCHEDULE = {
    "heartbeat": {
        "task": "accounts.tasks.beat_heartbeat",
        "schedule": 5,
        "options": {"expires": 5},
    },
    "imports-requeue": {"task": "datasets.tasks.requeue_stuck_imports", "schedule": 60},
    "files-clean": {"task": "datasets.tasks.clean_files", "schedule": 3600},
    "splits-requeue": {"task": "jobs.tasks.requeue_stuck_splits", "schedule": 20},
    "exports-requeue": {"task": "exports.tasks.requeue_stuck_exports", "schedule": 60},
    "expire": {"task": "jobs.tasks.expire_assignments", "schedule": 60},
    "finish": {"task": "jobs.tasks.finish_jobs", "schedule": 60},
    "warn": {"task": "jobs.tasks.warn_claims", "schedule": 60},
    "purge": {"task": "jobs.tasks.purge_jobs", "schedule": 600},
    "datasets-purge": {"task": "datasets.tasks.purge_datasets", "schedule": 3600},
    "review": {"task": "jobs.tasks.review_slots", "schedule": 30},
    "forecast": {"task": "jobs.tasks.forecast_jobs", "schedule": 300},
    "figures": {"task": "jobs.tasks.settle_figures", "schedule": 20},
    "lots-requeue": {"task": "jobs.tasks.requeue_stuck_lots", "schedule": 20},
    "mails": {"task": "jobs.tasks.send_mails", "schedule": 60},
    "deliveries": {"task": "jobs.tasks.send_deliveries", "schedule": 30},
    "notices-prune": {
        "task": "jobs.tasks.prune_notices",
        "schedule": crontab(hour="4", minute="7"),
    },
    "sessions": {
        "task": "accounts.tasks.clear_sessions",
        "schedule": crontab(hour="3", minute="17"),
    },
}

# --- people -------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None  # guardian: no row that stands for everybody
GUARDIAN_MONKEY_PATCH_USER = False
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {"change_password": "accounts.forms.ChangePasswordForm"}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ALLAUTH_TRUSTED_PROXY_COUNT = PROXIES
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key", "login": "60/m/ip"}
SESSION_COOKIE_AGE = 14 * 86400
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_SAMESITE = "Lax"
# Without mail nothing is sent: printed to the log, a link for a new password would be anybody's who reads that.
EMAIL_URL = env("EMAIL_URL", default="")
if EMAIL_URL:
    globals().update(env.email_url_config(EMAIL_URL))
EMAIL_BACKEND = env(
    "EMAIL_BACKEND",
    default=globals().get("EMAIL_BACKEND", "django.core.mail.backends.dummy.EmailBackend"),
)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="itag@localhost")

# --- API ----------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "itag.web.authentication.TokenAuthentication",
        "itag.web.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["itag.web.permissions.RulePermission"],
    "DEFAULT_RENDERER_CLASSES": ["itag.web.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["itag.web.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "itag.web.pagination.KeysetPagination",
    "PAGE_SIZE": 50,
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "itag.web.schema.Schema",
    "EXCEPTION_HANDLER": "itag.web.errors.handle",
    "DEFAULT_THROTTLE_RATES": {
        "token": "10/min",
        "token_address": "120/min",
        "recognise": "120/min",
    },
    # How many reverse proxies of ours stand in front; with none, X-Forwarded-For is anybody's word.
    "NUM_PROXIES": PROXIES,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "itag",
    "DESCRIPTION": "Data labeling: datasets, jobs, packages, assignments, exports.",
    "VERSION": __version__,
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "ENUM_NAME_OVERRIDES": {
        "Stage": "jobs.models.Stage",
        "Workflow": "jobs.models.Workflow",
        "JobState": "jobs.models.Job.State",
        "PackageState": "jobs.models.Package.State",
        "AssignmentState": "jobs.models.Assignment.State",
        "ThreadState": "jobs.models.Thread.State",
        "AppealState": "jobs.models.Appeal.State",
        "GuideKind": "jobs.models.Guide.Kind",
        "LotState": "jobs.models.Lot.State",
        "LotDecision": "jobs.models.Lot.Decision",
        "DeliveryState": "jobs.models.Delivery.State",
        "WebhookKind": "jobs.models.Webhook.Kind",
        "NoticeEvent": "jobs.models.NoticeEvent",
        "RunState": "itag.core.runs.RunState",
        "DatasetKind": "datasets.models.Dataset.Kind",
        "StorageKind": "datasets.models.Storage.Kind",
    },
}

# --- languages ----------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [PACKAGE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- files --------------------------------------------------------------------------------------------------------

FILES_ROOT = ITAG_HOME / "files"
EXPORTS_ROOT = ITAG_HOME / "exports"
ITAG_LOCAL_ROOTS = [Path(p).resolve() for p in env.list("ITAG_LOCAL_ROOTS", default=[])]
ITAG_ACCEL = env("ITAG_ACCEL", default="")
FILE_UPLOAD_HANDLERS = ["itag.web.parsers.NoFiles"]  # views that take files bring their own
FILE_UPLOAD_TEMP_DIR = env("ITAG_UPLOAD_TMP", default=None)
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 2**20
DATA_UPLOAD_MAX_NUMBER_FILES = 20_000
MAX_UPLOAD_BYTES = 2 * 2**30
#: What is kept of copies and other things made of media files; the least recently used go first.
MEDIA_CACHE_BYTES = env.int("ITAG_MEDIA_CACHE_GB", default=10) * 2**30
ITAG_RECOGNISER = env("ITAG_RECOGNISER", default="").strip()
MAX_IMAGE_PIXELS = 300_000_000

STATIC_URL = "/static/"
STATIC_ROOT = ITAG_HOME / "staticfiles"
_checkout = BASE_DIR / "static"
STATICFILES_DIRS = [
    (prefix, folder)
    for prefix, folder in (("itag", _checkout / "dist"), ("site", _checkout / "site"))
    if (BASE_DIR / "manage.py").is_file() and folder.is_dir()
]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": FILES_ROOT},
    },
    "staticfiles": {"BACKEND": "itag.static_storage.StaticStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_IMMUTABLE_FILE_TEST = "itag.static_storage.is_immutable"
DJANGO_VITE = {
    "default": {
        "dev_mode": False,
        "manifest_path": (
            _checkout / "dist" / "manifest.json"
            if (BASE_DIR / "manage.py").is_file()
            else PACKAGE_DIR / "static" / "itag" / "manifest.json"
        ),
        "static_url_prefix": "itag",
    }
}

# --- browser policy -----------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF, "blob:"],
        "connect-src": [SELF],
        "worker-src": [SELF, "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
# Redirecting to https and HSTS belong to the proxy that ends TLS; `check --deploy` would ask for them here.
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W008"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None

# --- log ----------------------------------------------------------------------------------------------------------

LOG_LEVEL = env("LOG_LEVEL", default="INFO")
LOGGING_CONFIG = None  # itag.core.logs configures structlog and the standard library together
from itag.core.logs import configure  # noqa: E402

configure(level=LOG_LEVEL, json=env.bool("LOG_JSON", default=False))

SITE_NAME = _("itag")
