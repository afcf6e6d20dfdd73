"""Pace: how many mails a minute go to one mail domain, for providers that turn away who comes too fast."""

from datetime import timedelta
from time import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from broadsheet.digests.addresses import domain_of


class Pace:
    """So many mails a minute to one domain, counted in this process; 0 sets no pace."""

    def __init__(self, per_minute: int) -> None:
        self._rate = RateLimitItemPerMinute(per_minute) if per_minute else None
        self._windows = MovingWindowRateLimiter(MemoryStorage())

    def wait(self, address: str) -> timedelta:
        """Count a mail to an address and return zero, or how long it has to wait; then it is not counted."""
        if self._rate is None or self._windows.hit(self._rate, domain_of(address).casefold()):
            return timedelta(0)
        begins_again = self._windows.get_window_stats(self._rate, domain_of(address).casefold()).reset_time
        return timedelta(seconds=max(1.0, begins_again - time()))
