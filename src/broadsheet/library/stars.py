"""Stars of linked code: a paper is due at a time of its own, asked about, and due again later. Safe to kill."""

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.db import transaction

from broadsheet.library import attention
from broadsheet.library.models import Version
from broadsheet.library.reading import standing_papers
from broadsheet.sources import FetchError, SourceError, repository

log = logging.getLogger(__name__)

Ask = Callable[[str], int]
"""Says how many stars a repository has; raises SourceError."""

AT_ONCE = 20
"""How many papers one call asks about."""
_BUSY = (403, 429)


def refresh(alias: str, ask: Ask, now: datetime, today: date) -> int:
    """Ask about the papers that are due, the longest waiting first, and return how many were.

    Raises SourceError, leaving the rest due, where the server wants no more questions for now.
    """
    due = list(standing_papers(alias).filter(stars_due_at__lte=now).order_by("stars_due_at")[:AT_ONCE])
    links = dict(Version.objects.using(alias).filter(paper__in=due, died__isnull=True).values_list("paper_id", "links"))
    for paper in due:
        try:
            found = max((ask(name) for name in repositories(links.get(paper.pk, []))), default=0)
        except SourceError as error:
            if isinstance(error, FetchError) and error.status in _BUSY:
                raise
            log.warning("stars of %s stay as they are: %s", paper.key, error)
            found = None
        _store(alias, paper.pk, found, now, today)
    return len(due)


def repositories(links: list[dict[str, str]]) -> list[str]:
    """The repositories among a version's links, each once."""
    return list(dict.fromkeys(name for link in links if (name := repository(link["url"]))))


def _store(alias: str, paper_id: int, found: int | None, now: datetime, today: date) -> None:
    with transaction.atomic(using=alias):
        paper = attention.lock(alias, paper_id)
        paper.stars_due_at = now + _pause(today - paper.day)
        paper.save(update_fields=["stars_due_at"])
        if found is not None:
            attention.count(paper, {"stars": found - paper.stars})


def _pause(age: timedelta) -> timedelta:
    """How long a count may stand: a day while a paper is new, longer as less depends on it."""
    return timedelta(days=1 if age.days <= 30 else 7 if age.days <= 180 else 90)
