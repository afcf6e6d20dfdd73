"""ResourceSync, as a destination: all that a site has, by its list or its dump, and then what changed.

Every record is this source's own and is named, besides its identifiers, by the address of its resource: that is how a
deletion, which says nothing but an address, finds its paper.
"""

from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from urllib.parse import urlsplit

from broadsheet.papers import PaperError
from broadsheet.sources.errors import FetchError, SourceError
from broadsheet.sources.resourcesync_dump import Archive
from broadsheet.sources.resourcesync_lists import DELETED, Hashes, Listed, Listing
from broadsheet.sources.resourcesync_pages import Gathered
from broadsheet.sources.resourcesync_places import CHANGES, DUMP, LIST, Cursor, Places, Reach, find_places
from broadsheet.sources.resourcesync_resources import Refused, check, check_kind, is_single, name_of, read_resource
from broadsheet.sources.source import Fault, Page
from broadsheet.sources.transport import Transport

MAX_CHANGES = 1_000_000
MANY = 50
"""How many resources one by one are as much work as one archive of a dump."""
_AHEAD = timedelta(days=1)
"""How much later than ours a source's clock may be."""
_ITS_FAULT = range(500, 600)
_NEVER = datetime.min.replace(tzinfo=UTC)
_Fetch = Callable[[Listed], bytes]


@dataclass
class ResourceSync:
    """The papers of a site that publishes them by ResourceSync.

    `url` is the site, or any of its documents. With `since`, where an earlier run got to, only changes are read, if the
    site tells them from then on. `held` gives the addresses by which papers are known that came from here and stand,
    those of one paper together. `reached` is where this run got to, None before its end or if the site does not say.
    """

    transport: Transport
    url: str
    since: Reach | None = None
    held: Callable[[], Iterable[tuple[str, ...]]] = tuple
    reached: Reach | None = field(default=None, init=False)
    _unread: set[str] = field(default_factory=set, init=False)
    """Addresses of what was refused in this run."""
    name: str = field(init=False)
    """The site's host, under which its records are kept."""

    def __post_init__(self) -> None:
        self.name = urlsplit(self.url).netloc.rpartition("@")[2][:100]

    @property
    def site(self) -> str:
        """The site's own address, without any path."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    def harvest(self, cursor: str | None = None) -> Iterator[Page]:
        """Yield pages of what is new, or of everything; with a cursor, from where an earlier run was cut off.

        A resource that is not what its list says is a fault, as is one that the site lists and does not have. Raises
        SourceError when the site does not answer, or answers what is no list.
        """
        begun = Cursor.read(cursor) if cursor else None
        places = find_places(self.transport, self.url)
        if self.since and not (begun and begun.kind != CHANGES):
            changes = self._changes(places, self.since, may_give_up=begun is None)
            if changes is not None:
                yield from self._follow(places, changes, self.since, begun)
                return
        yield from self._read_all(places, begun)

    def read_all(self) -> Iterator[Page]:
        """Yield pages of everything that the site has, and of what came from it that it has no more."""
        yield from self._read_all(find_places(self.transport, self.url), None)

    # Everything

    def _read_all(self, places: Places, left: Cursor | None) -> Iterator[Page]:
        top, by_dump, notes = self._top(places)
        kind = DUMP if by_dump else LIST
        begun = left if left and left.kind == kind else Cursor(kind, reached=Reach(top.at) if top.at else None)
        gathered = Gathered(str(begun), [*notes, *top.faults])
        listed, recent, is_whole = set(), {}, top.is_whole and begun is not left
        parts = [row.address for row in top.rows] if by_dump or top.is_index else [""]
        for number, part in list(enumerate(parts))[begun.part :]:
            listing, fetch = self._open(part, places, by_dump) if part else (top, self._get)
            gathered.faults += listing.faults if part else ()
            is_whole = is_whole and listing.is_whole
            listed |= {row.address for row in listing.rows}
            for row in begun.rest_of(number, listing.rows):
                if places.is_here(row, gathered.faults):
                    gathered.fetched += not by_dump
                    if self._take(row, fetch, gathered) and begun.is_near(row.modified):
                        recent[row.address] = row.hashes
                if gathered.is_full:
                    yield from gathered.pages(str(Cursor(kind, number, row.address, begun.reached)))
            yield from gathered.pages(str(Cursor(kind, number + 1, "", begun.reached)))
        self.reached = begun.reached
        if is_whole:
            if (yield from self._drop_unlisted(listed, gathered)):
                opened = (self._open(part, places, by_dump) if part else (top, self._get) for part in parts)
                again = ((row, fetch) for listing, fetch in opened for row in listing.rows)
                yield from self._retake(listed, again, gathered)
            self.reached = self._recount(places, begun.reached, listed, recent) if begun.reached else None
        yield from gathered.pages(None)

    def _top(self, places: Places) -> tuple[Listing, bool, list[Fault]]:
        """What to read everything by: the dump, which is one request for many resources, or else the list."""
        notes: list[Fault] = []
        if "resourcedump" in places.found:
            try:
                return places.read("resourcedump"), True, notes
            except SourceError as error:
                if "resourcelist" not in places.found:
                    raise
                notes.append(Fault(self.url, f"its dump was not used: {error}"))
        return places.read("resourcelist"), False, notes

    def _open(self, address: str, places: Places, by_dump: bool) -> tuple[Listing, _Fetch]:
        """A part of a list or of a dump, and how the resources in it are had."""
        if not by_dump:
            return places.read_part(address), self._get
        archive = Archive(places.fetch(address), address)
        return archive.manifest, archive.body

    def _drop_unlisted(self, listed: set[str], gathered: Gathered) -> Generator[Page, None, bool]:
        """Withdraw what came from here and is listed no more; a list of nothing at all is taken for a failure.

        Returns whether anything was withdrawn.
        """
        has_dropped = False
        for addresses in self.held():
            if any(address.partition("#")[0] in listed for address in addresses):
                continue
            if not listed:
                gathered.faults.append(Fault(self.url, "it lists nothing any more; what came from it is kept"))
                return False
            gathered.withdraw(self.name, addresses[0])
            has_dropped = True
            if gathered.is_full:
                yield from gathered.pages(gathered.cursor)
        return has_dropped

    def _retake(
        self, addresses: Iterable[str], rows: Iterable[tuple[Listed, _Fetch]], gathered: Gathered
    ) -> Iterator[Page]:
        """Take once more what is at addresses that are not held, since their papers stood under others until now.

        A paper has one address at a site; where it moved, the new one is kept out as long as the old one is good.
        """
        missing = set(addresses) - self._unread - self._held_now()
        if missing:
            yield from gathered.pages(gathered.cursor)
            missing -= self._held_now()
        for row, fetch in rows if missing else ():
            if row.address in missing:
                self._take(row, fetch, gathered)
                if gathered.is_full:
                    yield from gathered.pages(gathered.cursor)

    def _recount(self, places: Places, reached: Reach, listed: set[str], recent: Mapping[str, Hashes]) -> Reach:
        """How far a list goes: over the changes of its very moment too, where those are what was read by it."""
        try:
            lists = self._changes(places, reached, may_give_up=False) or []
        except SourceError:  # it is asked again when the changes are read
            return reached
        rows = [row for each in lists for row in each.rows]
        last = {row.address: row for row in rows}
        for address, row in last.items():
            is_there = (
                address not in listed if row.change == DELETED else row.hashes and recent.get(address) == row.hashes
            )
            if row.at == reached.at and not is_there:
                return reached
        return Reach(reached.at, sum(row.at == reached.at for row in rows))

    def _held_now(self) -> set[str]:
        return {address.partition("#")[0] for known in self.held() for address in known}

    # Changes

    def _changes(self, places: Places, since: Reach, may_give_up: bool) -> list[Listing] | None:
        """The lists of changes since where the last run got to; None if they do not reach back or are too many."""
        if "changelist" not in places.found:
            return None
        top = places.read("changelist")
        firsts = [first for first in (top.first, *(row.first for row in top.rows)) if first]
        if firsts and min(firsts) > since.at:
            return None
        parts = [row for row in top.rows if row.last is None or row.last >= since.at] if top.is_index else []
        if len(parts) > MANY and 2 * len(parts) > _count_archives(places):
            return None
        lists = [replace(top, rows=()) if top.is_index else top, *(places.read_part(row.address) for row in parts)]
        changed = {row.address for each in lists for row in each.rows if row.at is None or row.at >= since.at}
        is_less_by_dump = may_give_up and len(changed) > MANY and len(changed) > _count_archives(places) * MANY
        return None if is_less_by_dump else lists

    def _follow(self, places: Places, lists: list[Listing], since: Reach, left: Cursor | None) -> Iterator[Page]:
        """Yield pages of what became of each resource in the end, in the order of their last changes."""
        begun = (left and left.reached) or since
        gathered = Gathered(str(Cursor(CHANGES, reached=begun)), [fault for each in lists for fault in each.faults])
        rows = self._timed((row for each in lists for row in each.rows), gathered.faults)
        fresh = sorted(begun.pass_over(rows), key=lambda row: row.at or _NEVER)
        last = {row.address: number for number, row in enumerate(fresh)}
        has_dropped, taken = False, {}
        for number, row in enumerate(fresh):
            if last[row.address] != number or not places.is_here(row, gathered.faults):
                continue
            if row.change == DELETED:
                self._drop(row, gathered)
                has_dropped = True
            else:
                gathered.fetched += 1
                self._take(row, self._get, gathered)
                taken[row.address] = row
            if gathered.is_full:
                yield from gathered.pages(str(Cursor(CHANGES, reached=Reach(row.at) if row.at else begun)))
        if has_dropped and taken:
            yield from self._retake(taken, ((row, self._get) for row in taken.values()), gathered)
        self.reached = Reach.of([row.at for row in rows if row.at], since)
        yield from gathered.pages(None)

    def _timed(self, rows: Iterable[Listed], faults: list[Fault]) -> list[Listed]:
        """Changes with their times; one to come is a fault and no time, else nothing would be heard until then."""
        latest, found = self.transport.now() + _AHEAD, []
        for row in rows:
            if row.at and row.at > latest:
                faults.append(Fault(row.address[:300], f"its change is of {row.at:%Y-%m-%d}, which is yet to come"))
                found.append(replace(row, at=None))
            else:
                found.append(row)
            if len(found) > MAX_CHANGES:
                raise SourceError(f"{self.url} lists more than {MAX_CHANGES:,} changes at once; read everything again")
        return found

    def _drop(self, row: Listed, gathered: Gathered) -> None:
        """Withdraw what a resource brought."""
        for address in [row.address] if is_single(row.address) else self._known[row.address]:
            gathered.withdraw(self.name, address)

    @cached_property
    def _known(self) -> defaultdict[str, list[str]]:
        """What is known of files of many papers, by their addresses."""
        known: defaultdict[str, list[str]] = defaultdict(list)
        for address in (one for held in self.held() for one in held if "#" in one):
            known[address.partition("#")[0]].append(address)
        return known

    # Resources

    def _get(self, row: Listed) -> bytes:
        """What is at an address. Raises Refused where the site says that it has it not, and FetchError."""
        try:
            return self.transport.get(row.address).body
        except FetchError as error:
            if error.status is None or error.status in _ITS_FAULT or error.retry_at:
                raise
            raise Refused(str(error)) from error

    def _take(self, row: Listed, fetch: _Fetch, gathered: Gathered) -> bool:
        """Fetch, check and read one resource; what is wrong with it is a fault. Whether it was as its list says."""
        try:
            check_kind(row)
            name_of(row.address)
            body = fetch(row)
            check(row, body)
            found = read_resource(row.address, body, self.name)
        except (Refused, PaperError) as error:
            gathered.faults.append(Fault(row.address[:300], str(error)))
            self._unread.add(row.address)
            return False
        if not is_single(row.address) and not found.faults:
            brought = {one.value for record in found.records for one in record.identifiers}
            for address in self._known[row.address]:
                if address not in brought:  # first, as its paper may be called otherwise in the file now
                    gathered.withdraw(self.name, address)
        gathered.records += found.records
        gathered.faults += found.faults
        return True


def _count_archives(places: Places) -> float:
    """How many archives hold everything; without a dump there would have to be infinitely many."""
    return len(places.read("resourcedump").rows) if "resourcedump" in places.found else float("inf")
