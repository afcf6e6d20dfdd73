"""Errors of this room: each is a sentence that a reader can act on."""


class RankingError(ValueError):
    """Something to be ranked cannot be as it is told."""
