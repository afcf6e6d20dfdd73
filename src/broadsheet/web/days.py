"""A day's front page: its list, its date line, and the note that a new library begins with."""

from datetime import date
from typing import Any

from django.http import Http404

from broadsheet.library import Library
from broadsheet.library.models import Version
from broadsheet.web.paging import Pager

PAPERS = 50
STARTER = "starter"
_STALE_DAYS = 3


def page(library: Library, day: date | None, number: int) -> dict[str, Any]:
    """What the template of a day needs. Raises Http404 beyond the last page."""
    today = library.today()
    shown = library.day_page(day, limit=PAPERS, offset=(number - 1) * PAPERS)
    pages = max(1, -(-shown.total // PAPERS))
    if number > pages:
        raise Http404(f"This day has {pages} page{'s' if pages > 1 else ''}.")
    is_front = day is None
    return {
        "page": shown,
        "is_front": is_front,
        "pager": Pager(number, number < pages, pages=pages),
        "first": (number - 1) * PAPERS + 1,
        "is_stale": is_front and shown.day is not None and (today - shown.day).days > _STALE_DAYS,
        "is_starter": is_front and _is_starter(library, shown.versions),
        "month": today.replace(day=1),
        "today": today,
    }


def _is_starter(library: Library, versions: list[Version]) -> bool:
    """Whether nothing but the starter collection is here; asks the database only where the page does not tell."""
    if not versions or any(version.source != STARTER for version in versions):
        return False
    others = Version.objects.using(library.alias).filter(died__isnull=True).exclude(source=STARTER)
    return not others.exists()
