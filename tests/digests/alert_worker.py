"""A worker in a process of its own that is killed, by itself, at a chosen step of matching or telling alerts."""

import os
import signal
from collections.abc import Callable
from datetime import datetime

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "broadsheet.config.settings")
django.setup()

from django.core.mail import get_connection  # noqa: E402
from django.db import connections  # noqa: E402

from broadsheet.digests import alerts, matching, outbox, telling  # noqa: E402
from broadsheet.library import Library  # noqa: E402
from broadsheet.library.database import connection_settings  # noqa: E402

MATCHING: dict[str, tuple[object, str, bool]] = {
    "before comparing": (matching, "_matches", False),
    "after comparing": (matching, "_matches", True),
    "before the transaction": (matching, "_write", False),
    "before the matches are written": (matching, "_insert", False),
    "after the matches are written": (matching, "_insert", True),
    "after the transaction": (matching, "_write", True),
}
TELLING: dict[str, tuple[object, str, bool]] = {
    "before the claim": (telling, "claim", False),
    "after the claim": (telling, "claim", True),
    "after the address": (alerts, "address_of", True),
    "before the content": (outbox.SmtpOutbox, "_send_content", False),
    "after the answer": (outbox.SmtpOutbox, "_send_content", True),
    "before it is settled": (telling, "_settle", False),
    "after it is settled": (telling, "_settle", True),
}
"""Where a worker may be killed: a function, and whether before or after it ran."""


def follow_until(url: str, now: datetime, step: str) -> None:
    """Follow the journal of a library and die at a step."""
    _use(url)
    _die_at(*MATCHING[step])
    matching.follow(Library("default", lambda: None, lambda: now), now, matching.Watched())


def mail_until(url: str, port: int, now: datetime, step: str) -> None:
    """Mail what waits in a library by a server on loopback and die at a step."""
    _use(url)
    _die_at(*TELLING[step])
    backend = get_connection("django.core.mail.backends.smtp.EmailBackend", host="127.0.0.1", port=port)
    telling.mail_pending(now, lambda: outbox.SmtpOutbox(backend))


def _use(url: str) -> None:
    connections["default"].close()
    found = {"default": connection_settings(url)}
    connections.settings["default"] = connections.configure_settings(found)["default"]
    del connections["default"]


def _die_at(place: object, name: str, is_after: bool) -> None:
    whole: Callable[..., object] = getattr(place, name)

    def stepped(*args: object, **kwargs: object) -> object:
        if is_after:
            whole(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("nobody survives this")

    setattr(place, name, stepped)
