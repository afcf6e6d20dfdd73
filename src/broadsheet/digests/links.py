"""Links in mail: each is good for one purpose of one subscriber, cannot be forged, and changes nothing when fetched.

Mail scanners fetch every link, so a page asks again with a button; only a POST acts. A link stays good for as long as
its subscriber keeps the same key, which is never shorter than the 60 days that mail law asks for.
"""

import hashlib
import hmac
from base64 import b32encode
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import quote

from django.conf import settings
from django.utils.crypto import constant_time_compare

from broadsheet.digests.errors import BadLink
from broadsheet.digests.models import Subscriber
from broadsheet.library.models import Paper

PURPOSES = ("confirm", "leave", "change", "vote", "save", "more", "less", "feed")
_SALT = "broadsheet.digests.links"
_BYTES = 15  # 120 bits, 24 letters and digits: programs that find links in text leave out a dot or hyphen at the end


def to_paper(paper: Paper) -> str:
    """The address of a paper's page."""
    return f"{settings.SITE}/papers/{quote(paper.key, safe='/:@()!$,;=~')}"


def seal(subscriber: Subscriber, purpose: str, paper_id: int = 0) -> str:
    """The token of a link: the subscriber's key and a signature of key, purpose and paper, 47 characters in all."""
    return sealer(subscriber)(purpose, paper_id)


def sealer(subscriber: Subscriber) -> Callable[[str, int], str]:
    """What makes the tokens of one subscriber's links, of which a mail has some forty."""
    key, signing_key = subscriber.key, _signing_key(str(settings.SECRET_KEY))
    return lambda purpose, paper_id: f"{key}-{_sign(signing_key, key, purpose, paper_id)}"


def open_seal(token: str, purpose: str, paper_id: int = 0) -> Subscriber:
    """The subscriber whose link this is. Raises BadLink for any other token, whoever made it and whatever it lacks."""
    key, _, signature = token.rpartition("-")
    signing_keys = [_signing_key(str(secret)) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    if not any(constant_time_compare(signature, _sign(each, key, purpose, paper_id)) for each in signing_keys):
        raise BadLink("This link is not complete, or was not made here")
    subscriber = Subscriber.objects.filter(key=key).first()
    if subscriber is None:
        raise BadLink("This link is no longer good")
    return subscriber


def _sign(signing_key: bytes, key: str, purpose: str, paper_id: int) -> str:
    assert purpose in PURPOSES
    signed = hmac.digest(signing_key, f"{purpose}|{paper_id}|{key}".encode(), "sha256")
    return b32encode(signed[:_BYTES]).decode().lower()


@lru_cache(8)
def _signing_key(secret: str) -> bytes:
    """The key that signs links and nothing else."""
    return hashlib.sha256(f"{_SALT}{secret}".encode()).digest()
