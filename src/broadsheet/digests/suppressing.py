"""Suppressing: addresses that get no mail whatever is asked, because it came back or its owner wants none.

Only a keyed digest of an address is kept. It is made with the site's secret key: whoever reads the table alone cannot
try addresses on it.
"""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.utils.crypto import salted_hmac

from broadsheet.digests.models import Suppression

_SALT = "broadsheet.digests.suppressing"


def is_suppressed(address: str) -> bool:
    """Whether an address gets no mail."""
    return bool(suppressed([address]))


def suppressed(addresses: Iterable[str]) -> set[str]:
    """Those of some addresses that get no mail. One query."""
    digests = {digest: address for address in addresses for digest in digests_of(address)}
    found = Suppression.objects.filter(digest__in=digests).values_list("digest", flat=True)
    return {digests[digest] for digest in found}


def suppress(address: str, reason: str, detail: str, now: datetime) -> Suppression:
    """Send no mail to an address from now on; the first reason stays."""
    assert reason in Suppression.Reason.values
    new = {"reason": reason, "detail": detail[:300], "at": now}
    return Suppression.objects.get_or_create(digest=digests_of(address)[0], defaults=new)[0]


def digests_of(address: str) -> list[str]:
    """The digests under which an address may stand: by the secret key, and by those it replaced."""
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    folded = address.strip().casefold()
    return [salted_hmac(_SALT, folded, secret=str(key), algorithm="sha256").hexdigest() for key in keys]
