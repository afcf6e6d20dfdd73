"""The lists of changes: every change but embeddings, in the order and with the times of the journal.

Part n spans the changes from number n * PART + 1 on, for ever, so all but the last never get longer. What a change
brought is described by length and hash where its text stands still, and so is what the address serves.
"""

from dataclasses import dataclass
from datetime import datetime

from broadsheet.library.models import Change, Version
from broadsheet.web.resourcesync.lists import PART, AddressOf, Gone, count_parts
from broadsheet.web.resourcesync.records import Resource
from broadsheet.web.resourcesync.writing import Listing, moment

LATEST = 5_000
"""How many changes the list of the latest reaches back: the one that programs read which know no index.

It tells the last change of each paper only: resync drops a deletion that follows a creation in the same list, also
where the creation was copied before.
"""
_CREATED = (Change.Kind.ADDED, Change.Kind.RESTORED)


@dataclass(frozen=True, slots=True)
class Stretch:
    """The changes after `after` up to `until`, of each paper the last if it `is_brief`; it grows if it `is_open`."""

    after: int
    until: int
    is_open: bool
    is_brief: bool = False

    @classmethod
    def part(cls, number: int, head: int) -> "Stretch":
        """The part of a number. Raises Gone where the journal has not come so far."""
        if number >= max(count_parts(head), 1):
            raise Gone
        last = (number + 1) * PART
        return cls(number * PART, min(last, head), is_open=last > head)

    @classmethod
    def latest(cls, head: int) -> "Stretch":
        """The last changes."""
        return cls(max(0, head - LATEST), head, is_open=True, is_brief=True)

    def about(self, times: dict[int, datetime]) -> dict[str, str]:
        """From when to when its changes are told, both included."""
        told = {"from": moment(times[self.after + 1])} if self.after + 1 in times else {}
        return told if self.is_open else told | {"until": moment(times[self.until])}


def times_of(alias: str, stretches: list[Stretch]) -> dict[int, datetime]:
    """The times of the first and the last change of each stretch, by number. One query."""
    numbers = {number for stretch in stretches for number in (stretch.after + 1, stretch.until)}
    return dict(Change.objects.using(alias).filter(seq__in=numbers).values_list("seq", "at"))


def write_index(alias: str, head: int, up: str, address: AddressOf) -> bytes:
    """The index of all parts. One query."""
    parts = [Stretch.part(number, head) for number in range(count_parts(head))]
    times = times_of(alias, parts)
    first = {"from": moment(times[1])} if parts else {}
    listing = Listing("changelist", first, up, is_index=True)
    for number, part in enumerate(parts):
        listing.add(address(number), part.about(times))
    return listing.finish()


def write_changes(alias: str, stretch: Stretch, up: str, index: str, address_of: AddressOf) -> bytes:
    """The changes of a stretch. Three queries."""
    listing = Listing("changelist", stretch.about(times_of(alias, [stretch])), up)
    listing.link("index", index)
    within = Change.objects.using(alias).filter(seq__gt=stretch.after, seq__lte=stretch.until)
    open_now = Version.objects.using(alias).filter(born__gt=stretch.after, born__lte=stretch.until, died__isnull=True)
    standing = {version.born: Resource.of(version) for version in open_now}
    told = within.exclude(kind__in=Change.SILENT).order_by("seq")
    rows = list(told.values_list("seq", "at", "kind", "paper_id"))
    last = {paper: seq for seq, _, _, paper in rows}
    for seq, at, kind, paper in rows:
        if stretch.is_brief and last[paper] != seq:
            continue
        description = {"change": _word(kind), "datetime": moment(at)}
        if seq in standing:
            listing.add(address_of(paper), description | standing[seq].description, at)
        else:
            listing.add(address_of(paper), description)
    return listing.finish()


def _word(kind: str) -> str:
    """What the protocol calls a kind of change."""
    if kind in Change.REMOVALS:
        return "deleted"
    return "created" if kind in _CREATED else "updated"
