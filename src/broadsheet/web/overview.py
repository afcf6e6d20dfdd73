"""The status page: what a good operator wants at a glance, in words."""

import shlex
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from broadsheet.digests import alarms
from broadsheet.digests.overview import Overview, overview
from broadsheet.library import Library, scheduling
from broadsheet.library.models import Schedule
from broadsheet.library.state import LATELY, Making
from broadsheet.web.words import count, counted, span

_SILENT = timedelta(hours=36)
_ISSUES = 7
_DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def page(library: Library, now: datetime) -> dict[str, Any]:
    """What the template of the status page needs."""
    state = library.status()
    waited = now - (state.pending_since or now)
    return {
        "state": state,
        "database": _DATABASES.get(state.database, state.database),
        "following": _following(state.position, state.behind),
        "meaning": _meaning(state.model, state.pending, state.embedded_lately, waited),
        "making": _making(state.making, now) if state.making else "",
        "runs": [(run, _alarm(run.state, run.last_at, now)) for run in state.runs],
        "harvests": [(row, _shown(row), *_turn(row, now)) for row in scheduling.orders(library.alias)],
        "alarm": alarms.standing(library.today()),
        "mail": (mail := overview(library, now, _ISSUES)),
        "mailing": _mailing(mail, now),
        "now": now,
    }


def _following(position: int, behind: int) -> str:
    if behind:
        return f"{counted(behind, 'change')} behind, at change #{count(position)}"
    return f"up to date, at change #{count(position)}"


def _meaning(model: str | None, pending: int, lately: int, waited: timedelta) -> str:
    if model is None:
        return "no model: searches go by words only"
    if not pending:
        return "every paper is found by meaning"
    if pending == 1:
        waiting = f"1 paper waits for a vector, for {span(waited)}"
    else:
        waiting = f"{counted(pending, 'paper')} wait for a vector, newest first, the oldest for {span(waited)}"
    if not lately:
        return f"{waiting}; none was made in the last ten minutes"
    return f"{waiting}; about {span(LATELY / lately * pending)} left"


def _making(making: Making, now: datetime) -> str:
    """How far the vectors of another model are, which are made aside."""
    said = f"{count(making.done)} of {counted(making.total, 'paper')} read"
    if making.total and making.done >= making.total:
        return f"{said}; it takes over as soon as it is judged well"
    if not making.lately:
        return f"{said}; nobody has gone on for {span(now - making.seen_at)}"
    left = min(LATELY, now - making.began_at) / making.lately * (making.total - making.done)
    return f"{said}; {'about ' if left >= timedelta(minutes=1) else ''}{span(left)} left"


def _mailing(mail: Overview, now: datetime) -> str:
    if not mail.subscribers:
        return "nobody subscribes yet"
    told = counted(mail.subscribers, "subscriber")
    if mail.next_at is None:
        return told
    if mail.next_at <= now:
        return f"{told}, issues are due now"
    return f"{told}, the next issue is due in {span(mail.next_at - now)}"


def _shown(row: Schedule) -> str:
    """What comes again, as everybody may read it: the source and what is asked, of an address its host, no folder."""
    source, *words = shlex.split(row.command)
    if source == "pdf":
        return "a folder of PDFs"
    hosts = (urlsplit(word).hostname or "" if "://" in word else word for word in words)
    return " ".join([source, *(word for word in hosts if word and "/" not in word)])


def _turn(row: Schedule, now: datetime) -> tuple[str, str]:
    """When the next run of a harvest is, and what is wrong with it, or nothing."""
    if row.claimed_until and row.claimed_until > now:
        turn = "runs now"
    elif row.next_at <= now:
        turn = "is due now"
    else:
        turn = f"in {span(row.next_at - now)}"
    failed = f"failed {counted(row.failures, 'time')}" if row.failures else ""
    late = f"no success for {span(now - scheduling.last_good(row))}" if scheduling.is_late(row, now) else ""
    return turn, ", ".join(filter(None, (failed, late)))


def _alarm(state: str, last_at: datetime, now: datetime) -> str:
    """What is wrong with a source, or nothing."""
    if state == "failed":
        return "failed"
    if state == "running" and now - last_at > timedelta(hours=1):
        return f"no sign of life for {span(now - last_at)}"
    return "silent" if now - last_at > _SILENT else ""
