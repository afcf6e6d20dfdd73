"""Rate limits: how often an account, and everybody behind one network address, may do what.

A moving window in the memory of each server process: a site of several processes allows that many times as much.
"""

from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from time import time

from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from broadsheet.community.errors import LimitReached

RATES = {
    "vote": ("60 per minute; 1000 per day", "240 per minute"),
    "comment": ("6 per minute; 100 per day", "30 per minute"),
    "edit": ("30 per minute", "120 per minute"),
    "report": ("10 per hour", "30 per hour"),
    "moderation": ("60 per minute", "240 per minute"),
    "submit": ("6 per minute; 60 per day", "20 per minute"),
    "fetch": ("6 per minute; 60 per day", "20 per minute"),
    "claim": ("10 per day", "20 per day"),
    "collect": ("120 per minute", "480 per minute"),
    "download": ("12 per minute", "12 per minute"),
    "profile": ("20 per minute", "60 per minute"),
    "token": ("10 per hour", "30 per hour"),
    "export": ("6 per hour", "20 per hour"),
    "subscription": ("10 per hour", "10 per hour"),
    "change": ("30 per minute", "120 per minute"),
    "preview": ("10 per minute", "20 per minute"),
    "alert": ("20 per minute; 400 per day", "80 per minute"),
    "bibliography": ("12 per hour", "24 per hour"),
    "example": ("20 per minute", "60 per minute"),
    "suggestion": ("600 per minute", "1200 per minute"),
    "read": ("600 per minute", "600 per minute"),
}
"""For each kind of act: the rates of one account, and those of one address. "read" is a call of a program."""

_storage = MemoryStorage()
_windows = MovingWindowRateLimiter(_storage)


def spend(kind: str, reader: int | None, address: str) -> None:
    """Count one act of an account, or of nobody known, at an address. Raises LimitReached where it is one too many."""
    account_rates, address_rates = RATES[kind]
    keys = [] if reader is None else [(rate, f"reader-{reader}") for rate in parse_many(account_rates)]
    keys += [(rate, network(address)) for rate in parse_many(address_rates)]
    for rate, who in keys:
        if not _windows.test(rate, kind, who):
            raise LimitReached(f"That was a lot of {kind}s in a short time", _wait(rate, kind, who))
    for rate, who in keys:
        if not _windows.hit(rate, kind, who):  # another thread was faster
            raise LimitReached(f"That was a lot of {kind}s in a short time", _wait(rate, kind, who))


def network(address: str) -> str:
    """The network that shares a limit: an IPv4 address, or the /64 that one household or server has of IPv6.

    >>> network("2001:db8::17"), network("192.0.2.1"), network("::ffff:192.0.2.1")
    ('2001:db8::/64', '192.0.2.1', '192.0.2.1')
    """
    try:
        found = ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or ip_network((found, 64), strict=False))
    return str(found)


def forget() -> None:
    """Begin all windows anew."""
    _storage.reset()


def _wait(rate: RateLimitItem, kind: str, who: str) -> timedelta:
    begins_again = _windows.get_window_stats(rate, kind, who).reset_time
    return timedelta(seconds=max(1, round(begins_again - time())))
