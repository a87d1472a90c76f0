"""Django settings. Everything a seller may change is an environment variable named here, with a default that works.

Variables: DATABASE_URL, BRIDGEDESK_DATA (folder for database, attachments and keys), BRIDGEDESK_SECRET_KEY,
BRIDGEDESK_URL (public address), BRIDGEDESK_HOSTS, BRIDGEDESK_PROXIES, BRIDGEDESK_DEBUG, BRIDGEDESK_S3_BUCKET,
BRIDGEDESK_RAW_DAYS (how long the raw bytes of what was applied are kept: they hold buyers' personal data),
BRIDGEDESK_CLOCK (see lib/clock.py), BRIDGEDESK_ALLOW_PRIVATE (host:port pairs on private networks
we may connect to: the sandbox, a model on the next machine).
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

from bridgedesk.lib import database, secrets, storage

PACKAGE = Path(__file__).parent
ROOT = PACKAGE.parent
CONTENT = next(p for p in (ROOT / "content", PACKAGE / "_content") if p.is_dir())
DATA = Path(os.environ.get("BRIDGEDESK_DATA") or ROOT / ".data").resolve()

PUBLIC_URL = os.environ.get("BRIDGEDESK_URL", "http://127.0.0.1:8000").rstrip("/")
HTTPS = PUBLIC_URL.startswith("https://")
DEBUG = os.environ.get("BRIDGEDESK_DEBUG") == "1"
SECRET_KEY = os.environ.get("BRIDGEDESK_SECRET_KEY") or secrets.key_file(DATA / "secret.key")
ALLOWED_HOSTS = [
    host
    for host in (*os.environ.get("BRIDGEDESK_HOSTS", "").split(","), urlsplit(PUBLIC_URL).hostname or "", "127.0.0.1", "localhost")
    if host
]
ALLOW_PRIVATE = frozenset(filter(None, os.environ.get("BRIDGEDESK_ALLOW_PRIVATE", "").lower().split(",")))
TRUSTED_PROXIES = [p for p in os.environ.get("BRIDGEDESK_PROXIES", "127.0.0.1,::1" if HTTPS else "").split(",") if p]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "procrastinate.contrib.django",
    "bridgedesk.activity",
    "bridgedesk.shops",
    "bridgedesk.team",
    "bridgedesk.customers",
    "bridgedesk.products",
    "bridgedesk.orders",
    "bridgedesk.conversations",
    "bridgedesk.reviews",
    "bridgedesk.remedies",
    "bridgedesk.assist",
    "bridgedesk.playbooks",
    "bridgedesk.metrics",
    "bridgedesk.sync",
    "bridgedesk.imports",
    "bridgedesk.sandbox",
]

MIDDLEWARE = [
    "bridgedesk.lib.proxies.forwarded",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "bridgedesk.team.middleware.agent_preferences",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "bridgedesk.lib.security.headers",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "bridgedesk.lib.refusals.not_for_reading",
]

ROOT_URLCONF = "bridgedesk.urls"
ASGI_APPLICATION = "bridgedesk.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": database.settings(os.environ.get("DATABASE_URL"), DATA)}

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "team_attempt", "OPTIONS": {"MAX_ENTRIES": 50_000}},
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}
"""Log-in limits and used codes hold over all processes and restarts (team.models.Attempt); "process" is for what each may count alone."""

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [PACKAGE / "html"],
        "OPTIONS": {
            "environment": "bridgedesk.lib.html.environment",
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    },
]

AUTH_USER_MODEL = "team.Agent"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "bridgedesk.team.adapter.InvitedOnly"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = "strict"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Bridgedesk"
MFA_TOTP_TOLERANCE = 1  # the code before and after: telephones' clocks differ, and people type slowly (RFC 6238, 5.2)
MFA_FORMS = {"authenticate": "bridgedesk.team.forms.SecondFactor"}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("zh-hant", "繁體中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATICFILES_DIRS = [PACKAGE / "static"]
STATIC_ROOT = DATA / "static"
MEDIA_ROOT = DATA / "attachments"
STORAGES = {
    "default": storage.settings(os.environ, MEDIA_ROOT),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
MAX_PUSH_BYTES = 2 * 1024 * 1024
MAX_ATTACHMENT_BYTES = 25 * 1024 * 1024
RAW_DAYS = int(os.environ.get("BRIDGEDESK_RAW_DAYS") or 30)

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 14 * 24 * 3600
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

PROCRASTINATE_IMPORT_PATHS = ["bridgedesk.jobs"]
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = None

UNDO_SECONDS = 5
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "bridgedesk.lib.secrets.SafeFormatter", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"procrastinate": {"level": "WARNING"}, "httpx": {"level": "WARNING"}},
}
