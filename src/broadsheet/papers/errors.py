"""Errors of this room: each is a sentence that a reader can act on."""


class PaperError(ValueError):
    """Something about a paper cannot be right."""


class IdentifierError(PaperError):
    """A text is not an identifier of any scheme we know."""


class RecordError(PaperError):
    """A record lacks what it must have, or holds what it must not."""
