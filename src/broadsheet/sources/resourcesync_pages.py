"""What a run of ResourceSync has read and not yet given away, cut into pages that are safe to stop after."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from broadsheet.papers import PaperError, Record
from broadsheet.sources.paging import PAGE_SIZE
from broadsheet.sources.resourcesync_resources import name_of
from broadsheet.sources.source import Fault, Page

PATIENCE = 50
"""How many resources are fetched one by one before what they brought is stored."""


@dataclass
class Gathered:
    """Records and faults; `cursor` is where a run goes on that has stored all that was given away."""

    cursor: str
    faults: list[Fault] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    fetched: int = 0
    done: int = 0

    @property
    def is_full(self) -> bool:
        """Whether it is time to store."""
        return len(self.records) + len(self.faults) >= PAGE_SIZE or self.fetched >= PATIENCE

    def withdraw(self, source: str, address: str) -> None:
        """Note that a source says no more what it said at an address; one that names no paper here is a fault."""
        try:
            self.records.append(Record(source, (name_of(address),), None, place=address))
        except PaperError as error:
            self.faults.append(Fault(address[:300], str(error)))

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """Give away everything; only with the last page a run has got to `cursor`. None ends the run."""
        while len(self.records) > PAGE_SIZE:
            yield self._page(self.cursor)
        if cursor is None or self.records or self.faults:
            yield self._page(cursor)
        self.cursor = cursor or self.cursor

    def _page(self, cursor: str | None) -> Page:
        records, self.records = self.records[:PAGE_SIZE], self.records[PAGE_SIZE:]
        faults, self.faults, self.fetched = self.faults, [], 0
        self.done += len(records)
        return Page(tuple(records), tuple(faults), cursor, None, self.done)
