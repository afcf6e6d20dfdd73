"""The audit log: every act of an editor, moderator or admin, and every change of a role."""

from datetime import datetime

from broadsheet.community.models import Act, Reader

TERMINAL = "(terminal)"
"""Who acted, where no reader did but whoever runs the site; no handle has such characters."""


def note(reader: Reader | None, verb: str, about: str, now: datetime, detail: str = "") -> None:
    """Write a line of the log, in the transaction of what it tells; without a reader the terminal acted."""
    handle = reader.username if reader else TERMINAL
    Act.objects.create(reader=reader, handle=handle, verb=verb, about=about[:700], detail=detail, at=now)
