"""Why a paper is trending: the parts of its sum, rounded as they are shown, so that what is shown adds up."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from math import fsum

from broadsheet.library import attention
from broadsheet.library.models import Version
from broadsheet.ranking import Part, Trend, trending
from broadsheet.web.words import counted

BAR = 120

FOLLOWS = "Trending follows votes, code stars, comments, saves and reads; ten times the votes are worth five days."
NOTHING_YET = "No paper on this page has any yet, so the newest stand first."


@dataclass(frozen=True, slots=True)
class Line:
    """A part as it is shown: what it is, what it adds, and how long its bar is."""

    label: str
    value: str
    bar: int
    is_less: bool


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a paper stands where it does: the sum in words, its parts, and their total."""

    told: str
    lines: list[Line]
    total: str


def reasons(versions: Iterable[Version], today: date) -> list[tuple[Version, Reason]]:
    """The papers of a page with their reasons; the bars of all of them compare."""
    trends = [(version, _trend(version).since(today)) for version in versions]
    whole = max((abs(part.value) for _, trend in trends for part in trend.parts), default=0.0) or 1.0
    return [(version, _reason(_trend(version).explain(today), trend, whole)) for version, trend in trends]


def sentence(versions: Iterable[Version]) -> str:
    """What trending follows, and that nothing has happened yet where that is so."""
    amounts = [sum(part.amount for part in _trend(version).parts) for version in versions]
    return f"{FOLLOWS} {NOTHING_YET}" if amounts and not any(amounts) else FOLLOWS


def _trend(version: Version) -> Trend:
    return trending(version.paper.day, attention.signals(version.paper))


def _reason(told: str, trend: Trend, whole: float) -> Reason:
    parts = [(part, round(part.value, 2)) for part in trend.parts if part.amount]
    lines = [
        Line(_label(part), _signed(value), max(round(BAR * abs(value) / whole), 1), is_less=value < 0)
        for part, value in parts
    ]
    total = round(fsum(value for _, value in parts), 2) + 0.0  # never −0.00
    return Reason(told, lines, f"{total:.2f}".replace("-", "−"))


def _label(part: Part) -> str:
    if part.name != "day":
        return counted(part.amount, part.name.removesuffix("s"))
    return f"{counted(abs(part.amount), 'day')} {'old' if part.amount > 0 else 'ahead'}"


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")
