"""Readers for journeys: signed in without mail, by a session written into the site's own database."""

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

BEGIN = """
import json, os, sys, time
os.environ["DJANGO_SETTINGS_MODULE"] = "broadsheet.config.settings"
import django
django.setup()
from allauth.account.models import EmailAddress
from broadsheet.community.models import Reader
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
asked = json.load(sys.stdin)
handle, fields = asked["handle"], asked["fields"]
reader = Reader.objects.filter(username=handle).first()
if reader is None:
    reader = Reader.objects.create_user(handle, f"{handle}@example.org")
    EmailAddress.objects.create(user=reader, email=reader.email, primary=True, verified=True)
for name, value in fields.items():
    setattr(reader, name, value)
reader.save()
session = SessionStore()
session[SESSION_KEY] = str(reader.pk)
session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
session[HASH_SESSION_KEY] = reader.get_session_auth_hash()
session["account_authentication_methods"] = [{"method": "code", "at": time.time()}]
session.save()
print(session.session_key)
"""


def sign_in(context: "BrowserContext", site: str, home: Path, handle: str, **fields: object) -> None:
    """Sign a reader in, made with these fields if new: sign_in(context, site, home, "mo", role="moderator")."""
    from test_pages import environment

    asked = json.dumps({"handle": handle, "fields": fields})
    run = subprocess.run(
        [sys.executable, "-c", BEGIN],
        input=asked,
        env=environment(home),
        text=True,
        check=True,
        stdout=subprocess.PIPE,
    )
    context.add_cookies([{"name": "sessionid", "value": run.stdout.strip(), "url": site, "httpOnly": True}])
