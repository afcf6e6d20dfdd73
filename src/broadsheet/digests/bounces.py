"""Bounces: what mail servers say of addresses, and when an address is left alone for good.

A report that comes by mail could have been written by anybody, so it is believed only if it names the Message-ID of a
mail that went out, which nobody else knows; the address that it names counts for nothing. What comes by the hook was
told by who knows its secret.
"""

import contextlib
import json
import logging
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction

from broadsheet.digests.addresses import LIMIT as ADDRESS_LIMIT
from broadsheet.digests.addresses import is_nobody, read_address
from broadsheet.digests.errors import DigestError
from broadsheet.digests.models import Bounce, Delivery, Subscriber, Suppression
from broadsheet.digests.reports import LIMIT as REPORT_LIMIT
from broadsheet.digests.reports import is_about_address, read_report
from broadsheet.digests.subscribing import leave
from broadsheet.digests.suppressing import suppress

SOFT_LIMIT = 3
SOFT_WITHIN = timedelta(days=30)
AT_ONCE = 20
"""Reports read in one go."""
HOOK_LIMIT = 64_000
"""Most bytes of a call of the hook."""
Kind = Bounce.Kind

log = logging.getLogger(__name__)


@transaction.atomic
def note(
    subscriber: Subscriber | None, delivery: Delivery | None, kind: str, detail: str, now: datetime, address: str = ""
) -> None:
    """Write down what was said of a subscriber's address, or of `address` where nobody subscribes with it.

    Nothing is sent there any more after a hard bounce or a complaint, and after three soft bounces of different mails
    in a month that tell against the address. The same about the same mail is written down once.
    """
    row = None
    if subscriber is not None:
        row = Subscriber.objects.select_for_update(of=("self",)).filter(pk=subscriber.pk).first()
    told = address or (row.address if row is not None and not is_nobody(row.address) else "")
    detail = _without(told, detail)
    if not _is_new(row, delivery, kind, detail, now):
        return
    if kind == Kind.SOFT and not _bounced_often(row, now):
        return
    is_complaint = kind == Kind.COMPLAINT
    if told:
        reason = Suppression.Reason.COMPLAINT if is_complaint else Suppression.Reason.BOUNCE
        suppress(told, reason.value, detail, now)
    if row is not None:
        leave(row, now, "complaint" if is_complaint else "bounce")


def collect(folder: Path, now: datetime) -> int:
    """Read new mails of a Maildir as reports, and return how many were about mails of ours.

    Each is moved to `cur` afterwards: seen if it was about one, else flagged, so that somebody can look. Raises
    DigestError if there is no such folder.
    """
    new, seen = folder / "new", folder / "cur"
    if not new.is_dir() or not seen.is_dir():
        raise DigestError(f"{folder} is no Maildir: it has no folders new and cur")
    found = 0
    for name in sorted(_names(new)):
        is_ours = _take(new / name, now)
        found += is_ours
        with contextlib.suppress(FileNotFoundError):  # another worker took it too; nothing is written down twice
            (new / name).rename(seen / f"{name.partition(':')[0]}:2,{'S' if is_ours else 'F'}")
    return found


@dataclass(frozen=True, slots=True)
class Told:
    """What the hook was told."""

    kind: str
    address: str
    message_id: str
    detail: str


def read_hook(content: bytes) -> Told:
    """Read a call of the hook. Raises DigestError, which says what is wrong with it."""
    if len(content) > HOOK_LIMIT:
        raise DigestError(f"send at most {HOOK_LIMIT:,} bytes")
    try:
        told = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise DigestError("send a JSON object") from error
    if not isinstance(told, dict) or not all(isinstance(told.get(name, ""), str) for name in _FIELDS):
        raise DigestError("send a JSON object of texts: address or message_id, kind, detail")
    kind, address, message_id, detail = (_printable(told.get(name, "")) for name in _FIELDS)
    if kind not in Kind.values:
        raise DigestError(f"kind is one of {', '.join(Kind.values)}")
    if not (address or message_id) or len(address) > ADDRESS_LIMIT:
        raise DigestError("name an address or a message_id")
    return Told(kind, read_address(address) if address else "", message_id, detail)


_FIELDS = ("kind", "address", "message_id", "detail")


def hear(told: Told, now: datetime) -> None:
    """Write down what the hook was told. About what nobody knows here it keeps an address from getting mail at most."""
    delivery = _delivery([told.message_id]) if told.message_id else None
    subscriber = delivery.subscriber if delivery else None
    if told.address and subscriber is None:
        subscriber = Subscriber.objects.filter(address__iexact=told.address).first()
    if subscriber is not None or told.address:
        note(subscriber, delivery, told.kind, told.detail, now, address=told.address if subscriber is None else "")


def _delivery(names: list[str]) -> Delivery | None:
    """The delivery with one of these Message-IDs, which some write without its brackets."""
    known = {form for name in names for form in (name, f"<{name.strip('<>')}>", name.strip("<>"))}
    return Delivery.objects.filter(message_id__in=known).select_related("subscriber").first()


def _take(path: Path, now: datetime) -> bool:
    """Read one mail and write down what it says; whether it was about one of ours."""
    try:
        report = read_report(_content(path))
    except DigestError as error:
        log.warning("a mail in the bounce folder is no report: %s", error)
        return False
    delivery = _delivery(list(report.message_ids))
    if delivery is None:
        return False
    note(delivery.subscriber, delivery, report.kind, report.detail, now)
    return True


def _content(path: Path) -> bytes:
    """The beginning of a mail. Raises DigestError for what is no plain file."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise DigestError("it is no plain file")
            return file.read(REPORT_LIMIT)
    except OSError as error:
        raise DigestError(f"it cannot be opened: {error.strerror}") from error


def _names(folder: Path) -> Iterator[str]:
    with os.scandir(folder) as found:
        yield from (place.name for _, place in zip(range(AT_ONCE), found, strict=False))


def _is_new(row: Subscriber | None, delivery: Delivery | None, kind: str, detail: str, now: datetime) -> bool:
    """Write a bounce down, unless this was said of the same mail before."""
    told = {"subscriber": row, "detail": detail[:500], "at": now}
    if delivery is None:
        Bounce.objects.create(kind=kind, **told)
        return True
    return Bounce.objects.get_or_create(delivery=delivery, kind=kind, defaults=told)[1]


def _bounced_often(row: Subscriber | None, now: datetime) -> bool:
    if row is None:
        return False
    recent = Bounce.objects.filter(subscriber=row, kind=Kind.SOFT, at__gt=now - SOFT_WITHIN)
    return sum(map(is_about_address, recent.values_list("detail", flat=True))) >= SOFT_LIMIT


def _without(address: str, detail: str) -> str:
    """What a server said, without the address, which is kept only while somebody subscribes with it."""
    text = _printable(detail)
    return re.sub(re.escape(address), "…", text, flags=re.I) if address else text


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text).strip()
