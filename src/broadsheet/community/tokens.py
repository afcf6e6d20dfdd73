"""Tokens: the keys that a reader gives to programs. The secret is shown once; the site keeps its digest.

A secret carries 256 random bits, so a plain SHA-256 of it is enough: there is nothing to guess that a slow hash would
protect. It is found by its digest in a unique index. How long that takes tells at most about digests, and nobody can
choose a secret for the digest it will have, so no comparison in constant time is needed.
"""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Q

from broadsheet.community.errors import CommunityError
from broadsheet.community.models import Reader, Token

PREFIX = "bs_"
"""How a secret begins, so that programs which look for leaked keys know one when they see it."""
MOST = 50
NAME_LIMIT = 60
USED_EVERY = timedelta(minutes=1)
"""How exactly `used_at` is kept: a token in use costs one write in this time, not one a call."""


def issue(reader: Reader, name: str, scopes: Iterable[str], now: datetime) -> tuple[Token, str]:
    """Make a token and return it with its secret, which nobody can read again. Raises CommunityError."""
    name = " ".join(name.split())
    if not name or len(name) > NAME_LIMIT or not name.isprintable():
        raise CommunityError(f"Give the token a name of 1 to {NAME_LIMIT} characters")
    asked = set(scopes)
    if not asked or not asked <= set(Token.Scope.values):
        raise CommunityError("A token may read, or read and write")
    if Token.objects.filter(reader=reader).count() >= MOST:
        raise CommunityError(f"You have {MOST} tokens, which is the most; revoke one that you no longer use")
    secret = PREFIX + secrets.token_urlsafe(32)
    kept = [scope for scope in Token.Scope.values if scope in asked | {Token.Scope.READ}]
    token = Token.objects.create(reader=reader, name=name, digest=_digest(secret), scopes=kept, created_at=now)
    return token, secret


def find(secret: str, now: datetime) -> Token | None:
    """The token with this secret and its reader, noted as used; None where it is unknown or its reader is closed."""
    token = Token.objects.select_related("reader").filter(digest=_digest(secret)).first()
    if token is None or not token.reader.is_active:
        return None
    stale = Q(used_at__isnull=True) | Q(used_at__lte=now - USED_EVERY)
    if token.used_at is None or token.used_at <= now - USED_EVERY:
        Token.objects.filter(stale, pk=token.pk).update(used_at=now)
    return token


def of(reader: Reader) -> list[Token]:
    """A reader's tokens, the newest first."""
    return list(Token.objects.filter(reader=reader).order_by("-created_at", "-pk"))


def revoke(reader: Reader, token_id: int) -> None:
    """End a reader's own token at once; another's stays, and what is gone is gone."""
    Token.objects.filter(reader=reader, pk=token_id).delete()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
