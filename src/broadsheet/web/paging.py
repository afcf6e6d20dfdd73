"""Pages of a long list: which one is asked for, and the ways to the others."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest

LAST_PAGE = 500
"""How deep a list of hits is paged; a reader who wants more is better served by a narrower query."""


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
