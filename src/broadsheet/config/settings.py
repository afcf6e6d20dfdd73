"""Django's settings, made from the options."""

import secrets
from datetime import timedelta
from pathlib import Path

from django.utils.functional import SimpleLazyObject

from broadsheet.config.mail import mail_settings
from broadsheet.config.options import read_options
from broadsheet.library.database import connection_settings
from broadsheet.library.feed_day import FeedDay

_options = read_options()


def _secret_key(home: Path) -> str:
    """The key that signs what readers carry: made once, kept in the home folder, readable by its owner only."""
    path = home / "secret-key"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        draft = home / f".secret-key-{secrets.token_hex(8)}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(64))
        try:
            path.hardlink_to(draft)  # of two first starts at once, one wins and both read its key
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def _sign_in_elsewhere(provider: dict[str, str] | None) -> dict[str, object]:
    """The settings of one OpenID Connect provider, or none."""
    if provider is None:
        return {}
    app = {
        "provider_id": "oidc",
        "name": provider["name"],
        "client_id": provider["client"],
        "secret": provider["secret"],
        "settings": {"server_url": provider["issuer"]},
    }
    return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}


HOME: Path = _options["BROADSHEET_HOME"]
MODEL: str = _options["BROADSHEET_MODEL"]
RERANKER: str = _options["BROADSHEET_RERANKER"]
FETCH_ALLOW: tuple[str, ...] = _options["BROADSHEET_FETCH_ALLOW"]
HOOK_ALLOW: tuple[str, ...] = _options["BROADSHEET_HOOK_ALLOW"]
GITHUB: str = _options["BROADSHEET_GITHUB"]
CONTACT: str = _options["BROADSHEET_CONTACT"]
OPENALEX: str = _options["BROADSHEET_OPENALEX"]
SEMANTIC_SCHOLAR: str = _options["BROADSHEET_SEMANTIC_SCHOLAR"]
NCBI: str = _options["BROADSHEET_NCBI"]
WEB_PORT: int = _options["PORT"]
SITE: str = _options["BROADSHEET_SITE"] or f"http://localhost:{WEB_PORT}"
PROXIES: tuple[str, ...] = _options["BROADSHEET_PROXIES"]
PRESSES = 0  # `serve` says how many
FEED_DAY: FeedDay = _options["BROADSHEET_FEED_DAY"]
SIGN_UP: tuple[str, ...] = _options["BROADSHEET_SIGN_UP"]
SUBMIT_WITHIN = timedelta(days=_options["BROADSHEET_SUBMIT_DAYS"]) or None
SUBMIT_LIMIT: int = _options["BROADSHEET_SUBMIT_LIMIT"]
LOOKUP: str = _options["BROADSHEET_LOOKUP"]
CONFIRMATIONS: int = _options["BROADSHEET_CONFIRMATIONS"]
MAIL_PACE: int = _options["BROADSHEET_MAIL_PACE"]
BOUNCES: Path | None = _options["BROADSHEET_BOUNCES"]
BOUNCE_SECRET: str = _options["BROADSHEET_BOUNCE_SECRET"]

DEBUG = _options["BROADSHEET_DEBUG"]
SECRET_KEY = SimpleLazyObject(lambda: _secret_key(HOME))  # importing writes nothing
SECRET_KEY_FALLBACKS = list(_options["BROADSHEET_OLD_KEYS"])
ALLOWED_HOSTS = list(_options["BROADSHEET_HOSTS"])
DATABASES = {"default": connection_settings(_options["BROADSHEET_DATABASE"] or HOME)}
DATABASE_ROUTERS = ["broadsheet.library.database.Libraries"]

INSTALLED_APPS = [
    "broadsheet.library",
    "broadsheet.community",
    "broadsheet.digests",
    "broadsheet.web",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["broadsheet.web.templatetags.addresses"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
ROOT_URLCONF = "broadsheet.config.urls"
ASGI_APPLICATION = "broadsheet.config.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

LANGUAGE_CODE = "en-gb"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True

_HTTPS = _options["BROADSHEET_HTTPS"]
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
SECURE_SSL_REDIRECT = False  # the proxy in front does that
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True

# Readers: a code by mail or a passkey signs in, nobody has a password.
AUTH_USER_MODEL = "community.Reader"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "broadsheet.web.accounts_adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_SIGNUP_REDIRECT_URL = "web:settings"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if _HTTPS else "http"
ACCOUNT_RATE_LIMITS = {"request_login_code": "20/m/ip,3/m/key,12/h/key", "confirm_email": "1/10s/key,12/h/key"}
MFA_ADAPTER = "broadsheet.web.accounts_adapter.PasskeyAdapter"
MFA_FORMS = {"add_webauthn": "broadsheet.web.accounts_forms.PasskeyForm"}
MFA_SUPPORTED_TYPES = ["webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _HTTPS
SOCIALACCOUNT_ADAPTER = "broadsheet.web.accounts_adapter.SocialAdapter"
SOCIALACCOUNT_FORMS = {"disconnect": "broadsheet.web.accounts_forms.DisconnectProviderForm"}
SOCIALACCOUNT_LOGIN_ON_GET = True  # a form may not lead to another site; `state` ties the answer to the session
SOCIALACCOUNT_PROVIDERS = _sign_in_elsewhere(_options["BROADSHEET_OIDC"])
DEFAULT_FROM_EMAIL: str = _options["BROADSHEET_MAIL_FROM"]
vars().update(mail_settings(_options["BROADSHEET_MAIL"]))
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"broadsheet": {"level": "INFO"}, "django": {"level": "WARNING"}},
}
