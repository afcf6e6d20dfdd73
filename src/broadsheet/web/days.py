"""A day's front page: its list, its date line, and the note that a new library begins with."""

from datetime import date
from typing import Any

from django.http import Http404
from django.urls import reverse

from broadsheet.library import Library
from broadsheet.library.models import Version
from broadsheet.library.reading import DayPage
from broadsheet.web.paging import PAPERS, numbered
from broadsheet.web.tabs import Dateline, Way, tabs
from broadsheet.web.words import count, counted, long_day, near_day

STARTER = "starter"
_STALE_DAYS = 3


def page(library: Library, day: date | None, number: int, is_editor: bool) -> dict[str, Any]:
    """What the template of a day needs; days to come are for editors. Raises Http404 for them and beyond the end."""
    today = library.today()
    is_to_come = day is not None and day > today
    if is_to_come and not is_editor:
        raise Http404("This day has not come yet.")
    shown = library.day_page(day, PAPERS, (number - 1) * PAPERS, until=date.max if is_editor else None)
    is_front = day is None
    return {
        "page": shown,
        "dateline": _dateline(shown, today, is_front),
        "is_front": is_front,
        "is_to_come": is_to_come,
        "pager": numbered(number, shown.total),
        "is_stale": is_front and shown.day is not None and (today - shown.day).days > _STALE_DAYS,
        "is_starter": is_front and _is_starter(library, shown.versions),
        "month": today.replace(day=1),
        "today": today,
    }


def _dateline(shown: DayPage, today: date, is_front: bool) -> Dateline:
    day = shown.day or today
    said = f" · No. {count(shown.number)} · {counted(shown.total, 'new paper')}" if shown.total else ""
    return Dateline(
        tabs=tabs("day" if is_front else "", today, day),
        heading=long_day(day) + said,
        kind="day",
        earlier=_way("← {}", shown.earlier, day),
        later=_way("{} →", shown.later, day),
        day=shown.day,
    )


def _way(words: str, day: date | None, other: date) -> Way | None:
    return Way(reverse("web:day", args=[day.isoformat()]), words.format(near_day(day, other))) if day else None


def _is_starter(library: Library, versions: list[Version]) -> bool:
    """Whether nothing but the starter collection is here; asks the database only where the page does not tell."""
    if not versions or any(version.source != STARTER for version in versions):
        return False
    others = Version.objects.using(library.alias).filter(died__isnull=True).exclude(source=STARTER)
    return not others.exists()
