"""Errors of this room: each is a sentence that a reader can act on."""


class SearchError(ValueError):
    """Something asked of the index cannot be answered."""


class QueryError(SearchError):
    """A query cannot be read; `start` and `end` mark the place in the text as typed, so that a page can show it.

    >>> error = QueryError("the quote is not closed", 4, 9)
    >>> str(error), error.start, error.end
    ('the quote is not closed', 4, 9)
    """

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.start = start
        self.end = end


class PositionError(SearchError):
    """A search asks for a sequence number that the index has not reached, or that no journal has."""


class ChangeError(SearchError):
    """A change cannot be applied: it is out of order, beyond the position it came with, or its vector is damaged."""


class SnapshotError(SearchError):
    """A snapshot cannot be used: it is damaged, of another version or of another library."""
