"""Weeks and months: how they are written in addresses, how people name them, and which comes before and after."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.http import Http404
from django.urls import reverse

from broadsheet.web.words import near_day, short_day


@dataclass(frozen=True, slots=True)
class Span:
    """A week from Monday to Sunday (ISO 8601), or a month: its first and last day."""

    kind: str
    first: date
    last: date

    @property
    def text(self) -> str:
        """The span in an address.

        >>> week_of(date(2026, 11, 21)).text, month_of(date(2026, 11, 21)).text
        ('2026-W47', '2026-11')
        """
        year, week, _ = self.first.isocalendar()
        return f"{year:04}-W{week:02}" if self.kind == "week" else f"{self.first:%Y-%m}"

    @property
    def address(self) -> str:
        """The page of the span."""
        return reverse(f"web:{self.kind}", args=[self.text])

    @property
    def title(self) -> str:
        """The span in a heading.

        >>> week_of(date(2026, 12, 31)).title, month_of(date(2026, 11, 21)).title
        ('Week 53 · 28 December 2026 to 3 January 2027', 'November 2026')
        """
        if self.kind == "month":
            return f"{self.first:%B} {self.first.year}"
        since = str(self.first.day) if self.first.month == self.last.month else near_day(self.first, self.last)
        return f"Week {self.first.isocalendar().week} · {since} to {short_day(self.last)}"

    def name_beside(self, other: "Span") -> str:
        """The span's short name next to another; the year is said only where it differs.

        >>> week_of(date(2026, 12, 31)).name_beside(week_of(date(2027, 1, 9)))
        'Week 53 of 2026'
        """
        if self.kind == "month":
            return f"{self.first:%B}" + (f" {self.first.year}" if self.first.year != other.first.year else "")
        (year, week, _), (other_year, _, _) = self.first.isocalendar(), other.first.isocalendar()
        return f"Week {week}" + (f" of {year}" if year != other_year else "")


def week_of(day: date) -> Span:
    """The week that a day is in; the last week that dates can tell ends early."""
    first = day - timedelta(days=day.weekday())
    return Span("week", first, first + min(timedelta(days=6), date.max - first))


def month_of(day: date) -> Span:
    """The month that a day is in."""
    first = day.replace(day=1)
    next_month = first + min(timedelta(days=31), date.max - first)
    return Span("month", first, date.max if next_month == date.max else next_month - timedelta(days=next_month.day))


SPANS: dict[str, Callable[[date], Span]] = {"week": week_of, "month": month_of}


def read_day(text: str) -> date:
    """The day of an address. Raises Http404."""
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise Http404(f"“{text[:40]}” is not a day. Write it as year, month and day, such as 2026-11-21.")


def read_week(text: str) -> Span:
    """The week of an address. Raises Http404."""
    try:
        if found := re.fullmatch(r"([0-9]{4})-W([0-9]{2})", text):
            return week_of(date.fromisocalendar(int(found[1]), int(found[2]), 1))
    except ValueError:
        pass
    raise Http404(f"“{text[:40]}” is not a week. Write it as year and week, such as 2026-W47.")


def read_month(text: str) -> Span:
    """The month of an address. Raises Http404."""
    try:
        if found := re.fullmatch(r"([0-9]{4})-([0-9]{2})", text):
            return month_of(date(int(found[1]), int(found[2]), 1))
    except ValueError:
        pass
    raise Http404(f"“{text[:40]}” is not a month. Write it as year and month, such as 2026-11.")
