"""All settings, top to bottom, from the environment. A missing or wrong value stops the start."""

from email.utils import parseaddr
from pathlib import Path
from urllib.parse import parse_qsl, unquote

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from kring import environment

BASE = Path(__file__).resolve().parents[2]
HOME = Path(environment.text("KRING_HOME", str(BASE / ".kring")))

# --- who and where -------------------------------------------------------------------------
SECRET_KEY = environment.secret("KRING_SECRET_KEY", least=50)
# Earlier ones, newest first, separated by spaces: what they sealed still opens.
SECRET_KEY_FALLBACKS = environment.secrets("KRING_SECRET_KEY_FALLBACKS", least=50)
_address = environment.url(
    "KRING_URL",
    "Set it like https://kring.example.org.",
    *("https", "http"),
    default="http://localhost:8000",
)
URL = f"{_address.scheme}://{_address.netloc}"
if not _address.hostname or _address.path.strip("/") or _address.query or "@" in URL:
    raise ImproperlyConfigured(
        "KRING_URL must be a scheme and a host, nothing more. Set it like https://kring.example.org."
    )
HTTPS = _address.scheme == "https"
LOOPBACK = _address.hostname in {"localhost", "127.0.0.1", "::1"}
ALLOWED_HOSTS = [_address.hostname] + (["localhost", "127.0.0.1"] if LOOPBACK else [])
DEMO = environment.switch("KRING_DEMO")
if DEMO and not LOOPBACK:
    raise ImproperlyConfigured(
        f"KRING_DEMO=1 signs anybody in with one click, and KRING_URL is the public {URL}. "
        "Unset KRING_DEMO, or set KRING_URL to http://localhost:8000."
    )
MAILBOX = Path(environment.text("KRING_MAILBOX")) if environment.text("KRING_MAILBOX") else None
DEBUG = False
ROOT_URLCONF = "kring.urls"
WSGI_APPLICATION = "kring.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- houses and rooms ----------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "kring",
    "members",
    "circles",
    "questions",
]
MIDDLEWARE = [
    "kring.watch.watched",
    "kring.health.machine_doors",
    "django.middleware.security.SecurityMiddleware",
    "kring.lib.charset.only_utf8",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "kring.lib.acting.MemberScope",
    "members.middleware.MemberLanguage",
    "members.middleware.known_browser",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "circles.middleware.FactorFirst",
    "members.middleware.private_replies",
]
TEMPLATES = [
    {
        "NAME": "pages",
        "BACKEND": "kring.templating.Pages",
        "DIRS": [BASE / "templates"],
        "OPTIONS": {
            "environment": "kring.templating.engine",
            "context_processors": [
                "django.contrib.messages.context_processors.messages",
                "kring.context.face",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.Jinja2"

# --- PostgreSQL: the truth -----------------------------------------------------------------
_hint = "Set it to postgresql://kring_web:PASSWORD@HOST/kring (kring_worker for the worker)."
_database = environment.url("DATABASE_URL", _hint, "postgresql", "postgres")
if not _database.path.strip("/"):
    raise ImproperlyConfigured(f"DATABASE_URL names no database. {_hint}")
_options = dict(parse_qsl(_database.query))
ROLE = environment.choice("KRING_ROLE", "", "kring_web", "kring_worker", "kring_owner")
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _database.path.lstrip("/"),
        "USER": unquote(_database.username or ""),
        "PASSWORD": unquote(_database.password or ""),
        "HOST": _options.pop("host", _database.hostname or ""),
        "PORT": _options.pop("port", _database.port or ""),
        "OPTIONS": {
            "connect_timeout": 5,
            # A statement that comes again is not parsed and planned again.
            "server_side_binding": True,
            "prepare_threshold": 2,
            **_options,
            **({"options": f"-c role={ROLE}"} if ROLE else {}),
        },
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
        "TEST": {"NAME": environment.text("KRING_TEST_DATABASE", "test_kring")},
    }
}
# The cache carries rate limits only; it lives in PostgreSQL, so a dead broker opens nothing.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "kring_cache",
        "TIMEOUT": 24 * 3600,  # each count sets it anew; with Django's five minutes a limit lapses
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},  # culling throws counts away, and opens the limits
    }
}

# --- Celery: the hands ---------------------------------------------------------------------
REDIS_URL = environment.redis()
CELERY_BROKER_URL = environment.broker()
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = environment.BROKER_PATIENCE

# --- people and sessions -------------------------------------------------------------------
AUTH_USER_MODEL = "members.Member"
AUTHENTICATION_BACKENDS = ["members.accounts.Backend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "guide_page"
ACCOUNT_ADAPTER = "members.accounts.Adapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # before a new address or password, unless just signed in
# Django's own: it reads the account only, and the letter is composed by the worker.
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105
ACCOUNT_SESSION_REMEMBER = True
ALLAUTH_TRUSTED_PROXY_COUNT = environment.number("KRING_PROXIES", 0 if LOOPBACK else 1, 0, 9)
# The second factor. An address is proven before there is an account, so adding one stays open.
MFA_ADAPTER = "members.accounts.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Kring"
MFA_TOTP_TOLERANCE = 1  # half a minute early or late; members.forms lets each code in once
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_FORMS = {
    "authenticate": "members.forms.CodeForm",
    "reauthenticate": "members.forms.CodeAgainForm",
    "authenticate_webauthn": "members.forms.PasskeyForm",
    "reauthenticate_webauthn": "members.forms.PasskeyAgainForm",
    "login_webauthn": "members.forms.PasskeyAloneForm",
}
SESSION_ENGINE = "members.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "kring.errors.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- languages and time --------------------------------------------------------------------
USE_I18N = USE_TZ = True
LANGUAGE_CODE = "nl"
LANGUAGES = [("nl", "Nederlands"), ("en", "English")]
LOCALE_PATHS = [BASE / "locale"]
TIME_ZONE = "Europe/Amsterdam"

# --- files the browser fetches -------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(environment.text("KRING_STATIC_ROOT", str(HOME / "static")))
STATICFILES_DIRS = [BASE / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# --- files people bring, and what was erased ------------------------------------------------
# Never served from here; the same folder for pages and workers, and in every backup.
FILES = Path(environment.text("KRING_FILES", str(HOME / "files")))
FILE_UPLOAD_HANDLERS = ["kring.lib.uploads.Handler"]
# One line for everything that was erased, to do it again after a restore: a file for another disk.
ERASURES = Path(environment.text("KRING_ERASURES", str(HOME / "erasures.jsonl")))

# Modules with checks of applicants of one's own, see docs/checks.md.
CHECKERS = environment.text("KRING_CHECKERS").split()

# --- the browser's own guards --------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF],
        "script-src": [SELF, NONCE],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_SSL_REDIRECT = False  # the reverse proxy does it, and says so in a header
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# W008: the redirect, above. W004: one_account_per_address is unique, in any spelling.
SILENCED_SYSTEM_CHECKS = ["security.W008", "auth.W004"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 5
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

# --- mail ----------------------------------------------------------------------------------
EMAIL_BACKEND = environment.text("KRING_EMAIL_BACKEND", "members.smtp.Server")
try:
    import_string(EMAIL_BACKEND)
except ImportError:
    raise ImproperlyConfigured(
        f"KRING_EMAIL_BACKEND is {EMAIL_BACKEND!r}, and there is no such class. "
        "Unset it for SMTP, or name one like anymail.backends.postmark.EmailBackend."
    ) from None
# A provider's keys are set as anymail calls them, such as ANYMAIL_POSTMARK_SERVER_TOKEN.
ANYMAIL = environment.group("ANYMAIL_") | {
    "DEBUG_API_REQUESTS": False,
    "IGNORE_UNSUPPORTED_FEATURES": True,
    "REQUESTS_TIMEOUT": 10,
    "SEND_DEFAULTS": {"track_opens": False, "track_clicks": False},
}
MAIL_PROVIDER = EMAIL_BACKEND.split(".")[2] if EMAIL_BACKEND.startswith("anymail.") else ""
_webhook_secret = environment.secret("ANYMAIL_WEBHOOK_SECRET", least=24, optional=True)
if _webhook_secret and ":" not in _webhook_secret:
    raise ImproperlyConfigured(
        "ANYMAIL_WEBHOOK_SECRET has no colon. Set it like kring:PASSWORD, with a long password."
    )
EMAIL_HOST = environment.text("SMTP_HOST", "localhost")
EMAIL_PORT = environment.number("SMTP_PORT", 25, 1, 65535)
EMAIL_HOST_USER = environment.text("SMTP_USER")
EMAIL_HOST_PASSWORD = environment.text("SMTP_PASSWORD")
EMAIL_USE_TLS = environment.switch("SMTP_TLS")
EMAIL_TIMEOUT = 10
MAIL_DOMAIN = environment.text("KRING_MAIL_DOMAIN", _address.hostname)
if not MAIL_DOMAIN.replace("-", "").replace(".", "").isalnum():
    raise ImproperlyConfigured(
        f"KRING_MAIL_DOMAIN is {MAIL_DOMAIN!r}. Set it to a name like kring.example.org."
    )
DEFAULT_FROM_EMAIL = environment.text("KRING_FROM", f"Kring <kring@{MAIL_DOMAIN}>")
if "@" not in parseaddr(DEFAULT_FROM_EMAIL)[1].strip("@"):
    raise ImproperlyConfigured(
        f"KRING_FROM is {DEFAULT_FROM_EMAIL!r}. Set it like Kring <kring@example.org>."
    )
# Where mail that is refused on its way comes back to, for whoever reads that mailbox; Kring does not.
BOUNCES = environment.text("KRING_BOUNCES")
if BOUNCES and ("@" not in BOUNCES.strip("@") or MAIL_PROVIDER):
    raise ImproperlyConfigured(
        f"KRING_BOUNCES is {BOUNCES!r}. Set it to an address like bounces@example.org, for SMTP only."
    )

# --- logs and figures: routes and numbers, never content -----------------------------------
LOGGING = environment.logging()
PULSE = environment.text("KRING_PULSE")  # a file that worker and clock touch while they work
METRICS_TOKEN = environment.secret("KRING_METRICS_TOKEN", least=20, optional=True)
