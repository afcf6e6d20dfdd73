"""Pages of a long list: which one is asked for, and the ways to the others."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.http import Http404, HttpRequest

PAPERS = 50
"""How many papers a page of a list has."""
LAST_PAGE = 500
"""How deep a list of hits is paged; a reader who wants more is better served by a narrower query."""

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Pager:
    """A place in a list. `address` is the query string that the page number is added to, "" or "q=…&"."""

    page: int
    has_later: bool
    address: str = ""
    pages: int | None = None

    @property
    def earlier(self) -> int | None:
        """The page before this one."""
        return self.page - 1 if self.page > 1 else None

    @property
    def later(self) -> int | None:
        """The page after this one."""
        return self.page + 1 if self.has_later else None


def asked_page(request: HttpRequest) -> int:
    """The page number in the address; what is no number, or too small, reads as 1. Raises Http404 beyond the last."""
    text = request.GET.get("page", "1").strip()
    if not (text.isascii() and text.isdigit()):
        return 1
    if len(text) > 9 or int(text) > LAST_PAGE:
        raise Http404(f"Lists here go to page {LAST_PAGE}.")
    return max(int(text), 1)


def numbered(number: int, total: int, address: str = "") -> Pager:
    """The place in a list of which the length is known. Raises Http404 beyond its last page."""
    pages = min(max(1, -(-total // PAPERS)), LAST_PAGE)
    if number > pages:
        raise Http404(f"This list has {pages:,} page{'s' if pages > 1 else ''}.")
    return Pager(number, number < pages, address, pages)


def open_ended(number: int, rows: Sequence[Row]) -> tuple[Sequence[Row], Pager]:
    """A page and its place in a list of which one row more than the page was asked for. Raises Http404 beyond it."""
    if not rows and number > 1:
        raise Http404(f"This list ends before page {number:,}.")
    return rows[:PAPERS], Pager(number, len(rows) > PAPERS and number < LAST_PAGE)
