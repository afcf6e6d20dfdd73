"""When a feed changed last: what it holds is compared with what was sent before.

A vote, a withdrawal or the end of a day changes a list without leaving a time anywhere, so the time is that at which
this process first sent the feed as it is now. Readers that send an ETag back, as nearly all do, need none of this.
"""

from collections import OrderedDict
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Lock

ADDRESSES = 2_000
"""How many feeds are remembered, those asked for last."""

_SECOND = timedelta(seconds=1)


class FeedAges:
    """The memory of one process; threads may share it."""

    def __init__(self, limit: int = ADDRESSES) -> None:
        self._limit = limit
        self._seen: OrderedDict[str, tuple[bytes, datetime]] = OrderedDict()
        self._turn = Lock()

    def changed_at(self, address: str, body: bytes, now: datetime) -> datetime:
        """The whole second since when the feed at an address has held this; each change has a second of its own."""
        digest = sha256(body).digest()
        with self._turn:
            known, at = self._seen.pop(address, (b"", None))
            if at is None:
                at = now.replace(microsecond=0)
            elif known != digest:
                at = max(now.replace(microsecond=0), at + _SECOND)
            self._seen[address] = digest, at
            if len(self._seen) > self._limit:
                self._seen.popitem(last=False)
        return at
