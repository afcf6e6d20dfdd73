"""Django's mail settings, made from one address of a mail server."""

from typing import Any
from urllib.parse import unquote, urlsplit

_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


def mail_settings(server: str) -> dict[str, Any]:
    """Read ``smtp://USER:PASSWORD@HOST:PORT`` (or ``smtps``, ``smtp+starttls``); "" prints mail to the terminal.

    >>> mail_settings("smtps://ann:s%40crt@mail.example.org")["EMAIL_HOST_PASSWORD"]
    's@crt'
    """
    if not server:
        return {"EMAIL_BACKEND": "broadsheet.config.terminal_mail.EmailBackend"}
    parts = urlsplit(server)
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or _PORTS[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parts.scheme == "smtp+starttls",
        "EMAIL_TIMEOUT": 20,
    }
