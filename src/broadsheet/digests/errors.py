"""Errors of this room, each a sentence that a reader can act on."""


class DigestError(Exception):
    """What a subscriber asked for cannot be done."""


class BadLink(DigestError):
    """A link of a mail that was forged, cut off, meant for something else, or is no longer good."""
