"""The documents of ResourceSync, read from strangers: what they list, and of each address what is said of it.

Source: ANSI/NISO Z39.99-2017, ResourceSync Framework Specification 1.1. Programs that leave out what it asks for, such
as the times of changes, are read all the same.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

from broadsheet.sources.errors import SourceError
from broadsheet.sources.source import Fault
from broadsheet.sources.xml import child, children, name_of, parse_xml, text_of

MAX_ROWS = 50_000
"""Most addresses in one document. Source: sitemaps.org."""
MAX_BYTES = 50 << 20
"""Most bytes of one document. Source: sitemaps.org."""
DELETED = "deleted"
Hashes = tuple[tuple[str, str], ...]
"""What the bytes at an address were said to be, by names of hashes."""

_CHANGES = frozenset({"", "created", "updated", DELETED})
_DIGITS = {"md5": 32, "sha-1": 40, "sha-256": 64, "sha-384": 96, "sha-512": 128}
_MOMENT = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?)?)?")
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Listed:
    """An address, and what a document says of it; of an index `first` and `last` are the times that a list spans."""

    address: str
    change: str = ""
    at: datetime | None = None
    first: datetime | None = None
    last: datetime | None = None
    hashes: Hashes = ()
    length: int | None = None
    path: str = ""
    capability: str = ""
    modified: datetime | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """A document: its capability, whether it `is_index` of others, as of when it holds, and what it lists, in order.

    It `is_whole` if every address in it could be read.
    """

    capability: str
    is_index: bool
    at: datetime | None
    first: datetime | None
    rows: tuple[Listed, ...]
    faults: tuple[Fault, ...]
    is_whole: bool = True


def read_listing(payload: bytes, address: str) -> Listing:
    """Read a document that was found at an address. What cannot be used in it is a fault; raises SourceError."""
    root = parse_xml(payload, address, MAX_BYTES)
    kind = {"urlset": "url", "sitemapindex": "sitemap"}.get(name_of(root))
    if kind is None:
        raise SourceError(f"{address} is no list of ResourceSync: it begins with <{name_of(root)[:40]}>")
    elements = children(root, kind)
    if len(elements) > MAX_ROWS:
        raise SourceError(f"{address} lists {len(elements):,} addresses, more than {MAX_ROWS:,}")
    about = child(root, "md")
    told = {} if about is None else dict(about.attrib)
    rows: list[Listed] = []
    faults: list[Fault] = []
    for number, element in enumerate(elements, 1):
        try:
            rows.append(_read_row(element, address, faults))
        except ValueError as error:
            faults.append(Fault(f"{address} address {number:,}", str(error)))
    at, first = (_lenient(told.get(name), address, faults) for name in ("at", "from"))
    return Listing(
        capability=told.get("capability", ""),
        is_index=kind == "sitemap",
        at=at,
        first=first,
        rows=tuple(rows),
        faults=tuple(faults),
        is_whole=len(rows) == len(elements),
    )


def read_moment(text: str) -> datetime:
    """A moment in any form of W3C's, in UTC where it does not say. Raises ValueError. Source: W3C NOTE-datetime.

    >>> read_moment("2026-11"), read_moment("2026-11-21T10:00:00.5+01:00").isoformat()
    (datetime.datetime(2026, 11, 1, 0, 0, tzinfo=datetime.timezone.utc), '2026-11-21T09:00:00.500000+00:00')
    """
    text = text.strip()
    if not _MOMENT.fullmatch(text) or not text.isascii():
        raise ValueError(f"{text[:_SHOWN]!r} is not a time")
    if len(text) < len("2026-11-21"):
        text = f"{text}-01-01"[: len("2026-11-21")]
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text[:_SHOWN]!r} is not a time") from error


def _read_row(element: Element, base: str, faults: list[Fault]) -> Listed:
    """What is said of one address. Raises ValueError."""
    location = text_of(element, "loc")
    if not location:
        raise ValueError("there is no address")
    address = urljoin(base, location)
    about = child(element, "md")
    told = {} if about is None else dict(about.attrib)
    change = told.get("change", "")
    if change not in _CHANGES:
        raise ValueError(f"{address[:200]}: {change[:_SHOWN]!r} is no kind of change")
    return Listed(
        address=address,
        change=change,
        at=_lenient(told.get("datetime"), address, faults),
        first=_lenient(told.get("from"), address, faults),
        last=_lenient(told.get("until"), address, faults),
        hashes=_read_hashes(told.get("hash", ""), address),
        length=_read_length(told.get("length"), address),
        path=told.get("path", ""),
        capability=told.get("capability", ""),
        modified=_lenient(text_of(element, "lastmod"), address, faults),
    )


def _lenient(text: str | None, place: str, faults: list[Fault]) -> datetime | None:
    """A moment; one that cannot be read is a fault, and as if it were not there."""
    if not text:
        return None
    try:
        return read_moment(text)
    except ValueError as error:
        faults.append(Fault(place[:200], str(error)))
        return None


def _read_hashes(text: str, address: str) -> Hashes:
    """The hashes that can be checked. What is written as none is refused, since nobody knows what it was to be."""
    found = []
    for part in text.split():
        name, _, digits = part.partition(":")
        name, digits = name.lower(), digits.lower()
        if name not in _DIGITS:
            continue
        if not re.fullmatch(rf"[0-9a-f]{{{_DIGITS[name]}}}", digits):
            raise ValueError(f"{address[:200]}: {part[:_SHOWN]!r} is not a hash")
        found.append((name, digits))
    return tuple(found)


def _read_length(text: str | None, address: str) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise ValueError(f"{address[:200]}: {text[:_SHOWN]!r} is not a number of bytes")
    return int(text)
