"""Errors of this room: what went wrong at a source, and where."""

from datetime import datetime


class SourceError(Exception):
    """A source cannot go on: the message names the file or address, the place and the reason."""


class OaiError(SourceError):
    """An OAI-PMH server answered with an error; `code` is its own word, such as badArgument.

    Source: Open Archives Initiative, Protocol for Metadata Harvesting 2.0, section 3.6.
    """

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class FetchError(SourceError):
    """An address could not be fetched: refused, too large, too slow, or answered with an error.

    `status` is the HTTP status and `body` the answer's first bytes where there was an answer. `retry_at` is the moment
    from which the server is willing to be asked again, where it said so.
    """

    def __init__(
        self, message: str, *, status: int | None = None, body: bytes = b"", retry_at: datetime | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body = body
        self.retry_at = retry_at


class HostError(FetchError):
    """A host has no address, or one that is not public; which of the two is nothing to tell a stranger."""


class NotFoundAtSource(SourceError):
    """The sources answered, and have no work of this name."""


class CannotLookUp(SourceError):
    """No source that we ask knows names of this kind."""
