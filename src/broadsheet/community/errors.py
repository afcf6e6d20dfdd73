"""Errors of this room, each a sentence that a reader can act on."""

from datetime import timedelta


class CommunityError(Exception):
    """What a reader asked for cannot be done."""


class NotAllowed(CommunityError):
    """The reader's role, or the state of what it is about, does not allow this."""


class Missing(CommunityError):
    """What it is about is not here, not any more, or not for this reader to see."""


class LimitReached(CommunityError):
    """Too much of one kind in a short time; `wait` says after how long it may go on."""

    def __init__(self, message: str, wait: timedelta) -> None:
        super().__init__(message)
        self.wait = wait
