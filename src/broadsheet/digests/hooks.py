"""Webhooks: what is posted for an alert, signed so that its receiver knows from whom it is and tells repeats.

Source: Standard Webhooks 1.0 (standardwebhooks.com): the headers, the signed content and the form of the secret.
"""

import hashlib
import hmac
import json
import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from http import HTTPStatus
from threading import BoundedSemaphore
from typing import Any

from django.conf import settings

from broadsheet.community.errors import CommunityError
from broadsheet.digests import links
from broadsheet.digests.models import Alert
from broadsheet.library.models import Version
from broadsheet.sources import FetchError, HostError, Politeness, Transport
from broadsheet.sources.retry import phrase

SECONDS = 10.0
"""How long a receiver may take for all of its answer."""
TESTS_AT_ONCE = 4
"""How many readers of one process may wait for the answer to a test."""
_turns = BoundedSemaphore(TESTS_AT_ONCE)
_UNREACHED = "the host cannot be found, or is not on the public web"

Post = Callable[[str, bytes, Mapping[str, str]], object]
"""Posts a body with headers to an address. Raises FetchError for anything but a success."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a post did not get through, in words for whoever made the alert; `is_final` if the receiver wants no more."""

    reason: str
    is_final: bool = False


@cache
def transport() -> Transport:
    """The way that posts of this process go: the guarded one, with no pause for a host that asked to be told."""
    return Transport(
        allow=settings.HOOK_ALLOW, contact=settings.CONTACT, deadline=SECONDS, politeness=Politeness({}, 0)
    )


def body_of(alert: Alert, versions: Sequence[Version], **more: object) -> bytes:
    """What is told: the alert's number and query, and the papers, their texts as the authors wrote them."""
    told = {"alert": alert.pk, "query": alert.query, "papers": [_paper(version) for version in versions], **more}
    return json.dumps(told, ensure_ascii=False).encode()


def headers_of(name: str, secret: str, body: bytes, now: datetime) -> dict[str, str]:
    """The headers of a post with this name, which is the same each time it is tried."""
    timestamp = str(int(now.timestamp()))
    return {
        "Content-Type": "application/json",
        "Webhook-Id": name,
        "Webhook-Timestamp": timestamp,
        "Webhook-Signature": sign(secret, name, timestamp, body),
    }


def sign(secret: str, name: str, timestamp: str, body: bytes) -> str:
    """The signature of a post, by HMAC-SHA256.

    >>> secret, name = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek"
    >>> sign(secret, name, "1614265330", b'{"test": 2432232314}')
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    key = b64decode(secret.removeprefix("whsec_"))
    signed = b".".join((name.encode(), timestamp.encode(), body))
    return f"v1,{b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()}"


def send(url: str, body: bytes, headers: Mapping[str, str], post: Post | None) -> Refusal | None:
    """Post once; None if it got through. A refusal gives away nothing about hosts that are not public."""
    try:
        (post or transport().post)(url, body, headers)
    except HostError:
        return Refusal(_UNREACHED)
    except FetchError as error:
        if error.status is None:
            return Refusal(str(error).removeprefix(f"{url}: "))
        said = phrase(error.status)
        return Refusal(f"the receiver answered {said}", is_final=error.status == HTTPStatus.GONE)
    return None


def try_out(alert: Alert, now: datetime, post: Post | None = None) -> Refusal | None:
    """Post a test without papers at once; None if it got through. Raises CommunityError where too many try."""
    if alert.means != Alert.Means.WEBHOOK:
        raise CommunityError("Only a webhook can be tested")
    if not _turns.acquire(blocking=False):
        raise CommunityError("Many readers are testing their webhooks just now; try again in a minute")
    try:
        body = body_of(alert, (), test=True)
        return send(alert.url, body, headers_of(f"msg_{secrets.token_hex(16)}", alert.secret, body, now), post)
    finally:
        _turns.release()


def _paper(version: Version) -> dict[str, Any]:
    told = {
        "id": version.paper.key,
        "title": version.title,
        "url": links.to_paper(version.paper),
        "authors": version.author_names,
    }
    return told | ({"abstract": version.abstract} if version.abstract else {})
