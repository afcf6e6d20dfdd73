"""Errors of this room: what went wrong at a source, and where."""


class SourceError(Exception):
    """A source cannot go on: the message names the file or address, the place and the reason."""


class FetchError(SourceError):
    """An address could not be fetched: refused, too large, too slow, or answered with an error."""
