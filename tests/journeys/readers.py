"""Readers for journeys: signed in without mail, by a session written into the site's own database."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

from homes import inside

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext


def sign_in(context: "BrowserContext", site: str, home: Path, handle: str, **fields: object) -> None:
    """Sign a reader in, made with these fields if new: sign_in(context, site, home, "mo", role="moderator").

    The home must have been furnished: its key signs what this process writes.
    """
    key = inside(home, lambda: begin(handle, fields))
    context.add_cookies([{"name": "sessionid", "value": key, "url": site, "httpOnly": True}])


def begin(handle: str, fields: dict[str, object]) -> str:
    """Begin a session of a reader and return its key."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    reader = make(handle, **fields)
    session = SessionStore()
    session[SESSION_KEY] = str(reader.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = reader.get_session_auth_hash()
    session["account_authentication_methods"] = [{"method": "code", "at": time.time()}]
    session.save()
    return session.session_key


def make(handle: str, **fields: object) -> "Reader":  # noqa: F821
    """The reader of this name, made if new, with these fields."""
    from allauth.account.models import EmailAddress

    from broadsheet.community.models import Reader

    reader = Reader.objects.filter(username=handle).first()
    if reader is None:
        reader = Reader.objects.create_user(handle, f"{handle}@example.org")
        EmailAddress.objects.create(user=reader, email=reader.email, primary=True, verified=True)
    for name, value in fields.items():
        setattr(reader, name, value)
    reader.save()
    return reader
