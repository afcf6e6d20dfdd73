"""Django's settings, made from the options."""

import secrets
from pathlib import Path

from django.utils.functional import SimpleLazyObject

from broadsheet.config.options import read_options
from broadsheet.library.database import connection_settings

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
    return path.read_text()


HOME: Path = _options["BROADSHEET_HOME"]
MODEL: str = _options["BROADSHEET_MODEL"]
FETCH_ALLOW: tuple[str, ...] = _options["BROADSHEET_FETCH_ALLOW"]
CONTACT: str = _options["BROADSHEET_CONTACT"]
WEB_PORT: int = _options["PORT"]

DEBUG = _options["BROADSHEET_DEBUG"]
SECRET_KEY = SimpleLazyObject(lambda: _secret_key(HOME))  # importing writes nothing
ALLOWED_HOSTS = list(_options["BROADSHEET_HOSTS"])
DATABASES = {"default": connection_settings(_options["BROADSHEET_DATABASE"] or HOME)}
DATABASE_ROUTERS = ["broadsheet.library.database.Libraries"]

INSTALLED_APPS = ["django.contrib.staticfiles", "csp", "broadsheet.library", "broadsheet.web"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
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
