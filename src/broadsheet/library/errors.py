"""Errors of this room, each a sentence that a reader can act on."""


class LibraryError(Exception):
    """The library cannot do what was asked."""


class NotFound(LibraryError):
    """No paper has this key or identifier, or it was withdrawn or erased."""
