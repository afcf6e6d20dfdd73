"""Where a site has its documents, and where a run of them stands."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

from broadsheet.sources.errors import FetchError, SourceError
from broadsheet.sources.resourcesync_lists import Listed, Listing, read_listing, read_moment
from broadsheet.sources.source import Fault
from broadsheet.sources.transport import Transport

WELL_KNOWN = ".well-known/resourcesync"
_PORTS = {"http": 80, "https": 443}
LIST, CHANGES, DUMP = _LISTS = ("resourcelist", "changelist", "resourcedump")


@dataclass(frozen=True, slots=True)
class Reach:
    """Up to when changes were read, and how many of that very moment: if there are as many again, none is new."""

    at: datetime
    count: int = 0

    @classmethod
    def read(cls, text: str) -> "Reach | None":
        """A place as it is written; None for what is none."""
        moment, _, count = text.partition("/")
        try:
            return cls(read_moment(moment), int(count or "0"))
        except ValueError:
            return None

    @classmethod
    def of(cls, moments: Sequence[datetime], before: "Reach") -> "Reach":
        """The place after changes of these times; where there are none it is where it was before."""
        latest = max(moments, default=before.at)
        return cls(latest, moments.count(latest)) if latest > before.at else cls(before.at, moments.count(before.at))

    def pass_over(self, rows: Iterable[Listed]) -> list[Listed]:
        """The changes that were not read yet; one without a time may always be new."""
        rows = [row for row in rows if row.at is None or row.at >= self.at]
        is_known = self.count > 0 and sum(row.at == self.at for row in rows) == self.count
        return [row for row in rows if not (is_known and row.at == self.at)]

    def __str__(self) -> str:
        moment = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        return f"{moment.replace('+00:00', 'Z')}/{self.count}"


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a run goes on: the parts of a list that are done, what was read of the next, and up to when it holds."""

    kind: str
    part: int = 0
    after: str = ""
    reached: Reach | None = None

    @classmethod
    def read(cls, text: str) -> "Cursor":
        """A place as it is written. Raises SourceError."""
        try:
            kind, part, after, reached = json.loads(text)
            return cls(kind, range(1 << 31)[part], str(after), Reach.read(reached))
        except (ValueError, TypeError, AttributeError, LookupError) as error:
            raise SourceError(f"{text[:40]!r} is no place in a source; start the run again without it") from error

    def rest_of(self, part: int, rows: Sequence[Listed]) -> Sequence[Listed]:
        """What is left of a part; all of it where the last address that was read has moved on."""
        addresses = [row.address for row in rows]
        if part != self.part or self.after not in addresses:
            return rows
        return rows[addresses.index(self.after) + 1 :]

    def is_near(self, modified: datetime | None) -> bool:
        """Whether what was modified then may have changed at the moment of the list, where times may be cut short."""
        if self.reached is None:
            return False
        return modified is None or modified > self.reached.at - timedelta(seconds=1)

    def __str__(self) -> str:
        return json.dumps([self.kind, self.part, self.after, str(self.reached) if self.reached else ""])


@dataclass(frozen=True)
class Places:
    """A site's documents by their capability, all of them on the site itself."""

    transport: Transport
    url: str
    found: Mapping[str, str]
    first: Listing | None = None
    """The list of what is found, where that is what was asked for."""

    def read(self, capability: str) -> Listing:
        """The list of a capability, or the index of its parts. Raises SourceError where the site has none."""
        if capability not in self.found:
            raise SourceError(f"{self.url} tells of no {capability}")
        if self.first:
            return self.first
        return _read(self, self.found[capability], capability)

    def read_part(self, address: str) -> Listing:
        """A part of a list. An index is refused: one within another may lead in circles."""
        part = _read(self, address)
        if part.is_index:
            raise SourceError(f"{address} is an index within an index, which is not read")
        return part

    def fetch(self, address: str) -> bytes:
        """The bytes of a document of the site. Raises SourceError."""
        if _origin(address) != _origin(self.url):
            raise SourceError(f"{self.url} leads to {address[:200]}, which is on another site")
        return self.transport.get(address).body

    def is_here(self, row: Listed, faults: list[Fault]) -> bool:
        """Whether an address is on the site, which speaks for no other; else that is a fault."""
        if _origin(row.address) == _origin(self.url):
            return True
        faults.append(Fault(row.address[:300], f"it is on another site than {self.url}, and was not fetched"))
        return False


def find_places(transport: Transport, url: str) -> Places:
    """Find out where a site has its lists, from its own address or from that of any of its documents.

    Raises SourceError, saying what is missing.
    """
    places = Places(transport, url, {})
    address, listing = _first_document(places)
    if listing.capability == "description":
        sets = [row.address for row in listing.rows if row.capability in ("", "capabilitylist")]
        if len(sets) != 1:
            raise SourceError(f"{address} describes {len(sets)} sets; give the address of one's list of capabilities")
        address, listing = sets[0], _read(places, sets[0], "capabilitylist")
    if listing.capability == "capabilitylist":
        found = {row.capability: row.address for row in reversed(listing.rows) if row.capability in _LISTS}
        if "resourcelist" not in found and "resourcedump" not in found:
            raise SourceError(f"{address} names neither a list of resources nor a dump")
        return replace(places, found=found)
    if listing.capability in ("", *_LISTS):
        return replace(places, found={listing.capability or "resourcelist": address}, first=listing)
    raise SourceError(f"{address} is a {listing.capability[:40]}, which leads to no list of resources")


def _first_document(places: Places) -> tuple[str, Listing]:
    """The document that was asked for, or the well-known one nearest to it."""
    if places.url.endswith((".xml", WELL_KNOWN)):
        return places.url, _read(places, places.url)
    below = urljoin(f"{places.url.rstrip('/')}/", WELL_KNOWN)
    above = urljoin(places.url, f"/{WELL_KNOWN}")
    try:
        return below, _read(places, below)
    except FetchError as error:
        if below == above or error.status not in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
            raise
    return above, _read(places, above)


def _read(places: Places, address: str, capability: str = "") -> Listing:
    listing = read_listing(places.fetch(address), address)
    if capability and listing.capability not in ("", capability):
        raise SourceError(f"{address} is a {listing.capability[:40]}, not a {capability}")
    return listing


def _origin(address: str) -> tuple[str, str, int | None]:
    try:
        parts = urlsplit(address)
        return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return "", address, None
