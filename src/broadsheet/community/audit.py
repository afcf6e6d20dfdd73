"""The audit log: every act of an editor, moderator or admin, and every change of a role."""

from datetime import datetime

from broadsheet.community.models import Act, Reader


def note(reader: Reader, verb: str, about: str, now: datetime, detail: str = "") -> None:
    """Write a line of the log, in the transaction of what it tells."""
    Act.objects.create(reader=reader, handle=reader.username, verb=verb, about=about[:700], detail=detail, at=now)
