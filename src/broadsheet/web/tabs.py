"""The line above a list: tabs to the other lists, what this one is, and the ways to earlier and later ones."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from broadsheet.web.spans import SPANS


@dataclass(frozen=True, slots=True)
class Way:
    """A link of a few words."""

    address: str
    words: str


@dataclass(frozen=True, slots=True)
class Tab(Way):
    """A way to a list, or where the reader is."""

    is_current: bool


@dataclass(frozen=True, slots=True)
class Dateline:
    """What stands above a list. `subject` is text of others, such as a topic; `day` is what the calendar shows."""

    tabs: list[Tab]
    heading: str
    kind: str
    subject: str = ""
    total: str = ""
    earlier: Way | None = None
    later: Way | None = None
    day: date | None = None


def tabs(current: str, today: date, day: date | None = None) -> list[Tab]:
    """The tabs, those of a past day leading to its week and month."""
    return [
        Tab(reverse("web:today"), "Day", current == "day"),
        *(Tab(_span_address(kind, today, day), kind.capitalize(), current == kind) for kind in SPANS),
        Tab(reverse("web:trending"), "Trending", current == "trending"),
        Tab(reverse("web:newest"), "Newest", current == "newest"),
    ]


def _span_address(kind: str, today: date, day: date | None) -> str:
    span = SPANS[kind](day or today)
    return reverse(f"web:this_{kind}") if span == SPANS[kind](today) else span.address
