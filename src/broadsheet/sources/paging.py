"""Records and faults, one after another, gathered into pages that a run can continue from."""

from collections.abc import Iterable, Iterator

from broadsheet.papers import Record
from broadsheet.sources.errors import SourceError
from broadsheet.sources.source import Fault, Page

PAGE_SIZE = 500

Found = Record | Fault
"""What a parser finds at one place of its payload."""


def paged(found: Iterable[tuple[int, Found]], *, done: int = 0, total: int | None = None) -> Iterator[Page]:
    """Gather (position, record or fault) pairs into pages of PAGE_SIZE; the cursor is the last position taken in.

    `done` is how many records earlier runs brought. The last page has no cursor, and there is always a last page. When
    `found` raises SourceError, what was good before it is yielded first.
    """
    records: list[Record] = []
    faults: list[Fault] = []
    position = 0
    try:
        for here, one in found:
            if len(records) + len(faults) == PAGE_SIZE:
                done += len(records)
                yield Page(tuple(records), tuple(faults), str(position), total, done)
                records, faults = [], []
            position = here
            if isinstance(one, Record):
                records.append(one)
            else:
                faults.append(one)
    except SourceError:
        if records or faults:
            yield Page(tuple(records), tuple(faults), str(position), total, done + len(records))
        raise
    yield Page(tuple(records), tuple(faults), None, total, done + len(records))


def position_in(cursor: str | None) -> int:
    """The number of places that a cursor says are done with. Raises SourceError if it is not one of ours."""
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 15):
        raise SourceError(f"{cursor[:40]!r} is not a position in a file; start the run again without it")
    return int(cursor)
