"""The lists of resources: all papers as of a change of the journal, in parts that stay while others write.

The index names a *bound*, the journal's head at that moment. Part n holds the papers whose latest change up to the
bound has one of the numbers from n * PART + 1 on: each paper is in exactly one part, whatever is written before it is
read. What is told of a paper is what its address serves when the part is read; one that is gone by then is left out. A
resource is never said to be modified after the bound, so whoever takes the latest such time for where to ask for
changes from misses none.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from broadsheet.library.changes_since import Span, State, head_moment, places, states, time_of
from broadsheet.web.resourcesync.records import Resource
from broadsheet.web.resourcesync.writing import Listing, moment

PART = 1_000
"""How many changes of the journal one part spans: it has that many papers at most."""
REACH = 200_000
"""How many changes a bound may be old, since reading a part costs a look at each change after it."""


AddressOf = Callable[[int], str]
"""From a paper's number to the whole address of its resource."""


class Gone(Exception):
    """There is no such part, or no more."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A paper in a part: how it stands, what its address serves, and when that was modified, as the list has it."""

    state: State
    resource: Resource
    modified: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """A part that may be read, and when its bound was."""

    span: Span
    at: datetime

    @classmethod
    def find(cls, alias: str, bound: int, number: int) -> "Part":
        """The part of a number. Two queries. Raises Gone."""
        head, _ = head_moment(alias)
        if not max(number * PART, head - REACH - 1) < bound <= head:
            raise Gone
        at = time_of(alias, bound)
        if at is None:
            raise Gone
        return cls(Span(number * PART, min((number + 1) * PART, bound), bound), at)

    def read(self, alias: str) -> Iterator[Listed]:
        """The papers of the part that stand, in order. Eight queries at most."""
        found = places(alias, self.span, None, PART)
        standing = states(alias, [paper for _, paper in found])
        for _, paper in found:
            state = standing[paper]
            if not state.is_gone:
                yield Listed(state, Resource.of(state.version), min(state.at, self.at))

    @property
    def about(self) -> dict[str, str]:
        """What the part says of itself."""
        return {"at": moment(self.at)}


def count_parts(head: int) -> int:
    """How many parts a list has as of the journal's head."""
    return -(-head // PART)


def write_part(part: Part, alias: str, up: str, index: str, address_of: AddressOf) -> bytes:
    """A part of the list of resources."""
    listing = Listing("resourcelist", part.about, up)
    listing.link("index", index)
    for listed in part.read(alias):
        listing.add(address_of(listed.state.paper.pk), listed.resource.description, listed.modified)
    return listing.finish()
