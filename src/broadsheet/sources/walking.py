"""The walk over a list that a server gives page by page, each with the place of the next."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from http import HTTPStatus

from broadsheet.sources.errors import FetchError, SourceError
from broadsheet.sources.source import Fault, Page

MAX_RESTARTS = 3
"""How often one run begins again because a place in the list was forgotten: Crossref's are after five minutes."""
MOST_REQUESTS = 1_000_000

_FORGOTTEN = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.GONE, HTTPStatus.UNPROCESSABLE_ENTITY})
_PLACE = re.compile(r"[\x21-\x7e]{1,2000}")
_CURSOR = re.compile(r"([0-9]{1,12}) ([\x21-\x7e]{1,2000})")


def walk(
    ask: Callable[[str | None], Page], where: str, cursor: str | None = None, limit: int | None = None
) -> Iterator[Page]:
    """Yield pages from the first, or from the cursor of an earlier one, to the last or to `limit` records.

    `ask` fetches the page at a place of the server's own, the first at None; the page's cursor is the next place.
    Where the server has forgotten a place, the walk begins again and says so in a fault. Raises SourceError, also for
    a server that leads in circles or names a place that cannot be asked for.
    """
    done, place = _read_cursor(cursor)
    seen, restarts = {place}, 0
    notes: tuple[Fault, ...] = ()
    for _ in range(MOST_REQUESTS):
        if limit is not None and done >= limit:
            return
        try:
            page = ask(place)
        except FetchError as error:
            if place is None or error.status not in _FORGOTTEN or restarts == MAX_RESTARTS:
                raise
            restarts += 1
            notes = (*notes, Fault(where, f"the run began again at its beginning: {error}"))
            done, place, seen = 0, None, {None}
            continue
        page = page if limit is None else _shorten(page, limit, done)
        done += len(page.records) + len(page.faults)
        place = _next_place(page, where, seen)
        yield replace(
            page, faults=(*notes, *page.faults), cursor=None if place is None else f"{done} {place}", done=done
        )
        if place is None:
            return
        notes = ()
        seen.add(place)


def _next_place(page: Page, where: str, seen: set[str | None]) -> str | None:
    if page.cursor is None:
        return None
    if not _PLACE.fullmatch(page.cursor):
        raise SourceError(f"{where} names a next page that cannot be asked for: {page.cursor[:80]!r}")
    if page.cursor in seen:
        raise SourceError(f"{where} named the next page {page.cursor[:80]!r} twice: it goes in circles")
    return page.cursor


def _shorten(page: Page, limit: int, done: int) -> Page:
    """What of a page a run still has room for; the last page has no cursor."""
    room = limit - done
    records = page.records[:room]
    faults = page.faults[: room - len(records)]
    is_last = len(records) + len(faults) == room
    total = limit if page.total is None else min(limit, page.total)
    return replace(page, records=records, faults=faults, cursor=None if is_last else page.cursor, total=total)


def _read_cursor(cursor: str | None) -> tuple[int, str | None]:
    if cursor is None:
        return 0, None
    found = _CURSOR.fullmatch(cursor)
    if not found:
        raise SourceError(f"{cursor[:40]!r} is not a place in a list; start the run again without it")
    return int(found[1]), found[2]
