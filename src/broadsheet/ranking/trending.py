"""Trending: one number for a paper, which changes only when a signal of that paper changes.

Every paper would lose the same amount with every day that passes, so nothing is taken away: a paper of a later day
starts higher instead. Sorted by score, best first, the papers are the trending list today and on any other day, with
no job at night. How the constants were chosen is told in docs/explanation/trending.md.
Source: the front pages of reddit (`hot`) and lobsters (`hotness`): logarithm of votes, plus time over a constant.
"""

from dataclasses import dataclass, fields
from datetime import date
from math import fsum, log10

from broadsheet.ranking.errors import RankingError

TENFOLD_DAYS = 5
"""How many days later a paper appeared is worth as much as ten times the votes."""

_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Signals:
    """What readers did with a paper: counts, none below zero, else RankingError.

    `votes` are those of verified readers; `stars` are those of the linked code.
    """

    votes: int = 0
    stars: int = 0
    comments: int = 0
    saves: int = 0
    reads: int = 0

    def __post_init__(self) -> None:
        for field in fields(self):
            if (count := getattr(self, field.name)) < 0:
                raise RankingError(f"a paper cannot have {count:,} {field.name}")


@dataclass(frozen=True, slots=True)
class Part:
    """What one signal adds to a score: `value`, for the count `amount`.

    The part named "day" is the time: its amount is 0 in a score, and the age in days in what `Trend.since` tells.
    """

    name: str
    amount: int
    value: float


@dataclass(frozen=True, slots=True)
class Trend:
    """A score to sort by, best first, and the parts that add up to it: five signals, then the day."""

    score: float
    parts: tuple[Part, ...]

    def since(self, today: date) -> "Trend":
        """The same parts with the day told as an age, for people: a paper of `today` without any signal has score 0.

        All papers lose the same amount, so their order stays. To be shown, never stored: it is of one day only.

        >>> trend = trending(date(2026, 3, 2), Signals(votes=9)).since(date(2026, 3, 4))
        >>> trend.score, trend.parts[-1]
        (0.6, Part(name='day', amount=2, value=-0.4))
        """
        *signals, day = self.parts
        age = today.toordinal() - _EPOCH - round(day.value * TENFOLD_DAYS)
        return _add_up(*signals, Part("day", age, -age / TENFOLD_DAYS))

    def explain(self, today: date) -> str:
        """The sum in words, as of `today`: every part that is not zero, rounded, and the total of what is shown.

        >>> trending(date(2026, 3, 2), Signals(votes=19, stars=6)).explain(date(2026, 3, 4))
        '1.32 = votes +1.30, code stars +0.42, 2 days old −0.40'
        """
        rounded = [(part, round(part.value, 2)) for part in self.since(today).parts]
        told = [f"{_label(part)} {value:+.2f}" for part, value in rounded if value]
        total = round(fsum(value for _, value in rounded), 2) + 0.0  # never −0.00
        return f"{total:.2f} = {', '.join(told) or 'nothing yet'}".replace("-", "−")


@dataclass(frozen=True, slots=True)
class _Capped:
    """A signal that helps a paper up to a limit: ten times the count adds `weight`, never more than `votes` votes."""

    name: str
    weight: float
    votes: int

    def part(self, amount: int) -> Part:
        return Part(self.name, amount, min(self.weight * log10(1 + amount), log10(1 + self.votes)))


_STARS = _Capped("code stars", weight=0.5, votes=9)
_COMMENTS = _Capped("comments", weight=0.5, votes=3)
_SAVES = _Capped("saves", weight=0.5, votes=3)
_READS = _Capped("reads", weight=0.1, votes=1)


def trending(day: date, signals: Signals = Signals()) -> Trend:
    """The trend of a paper of the feed of `day`: it grows with every signal and with the day, and never reads a clock.

    Votes count by log10(1 + votes), without a limit; ten times as many are worth five days. Every other signal counts
    by its logarithm up to a limit, told in votes of a paper that has nothing else: code stars as much as 9 votes (from
    99 stars on), comments and saves as much as 3 each (from 15 on), reads as much as 1 (from 1,023 on). So none of them
    alone lifts a paper over one of the same day with 10 votes. All four at their limits do as much as 320 times the
    votes (and the one more). The unit is the power of ten.

    >>> today, yesterday = date(2026, 3, 2), date(2026, 3, 1)
    >>> trending(yesterday, Signals(votes=9)).score > trending(today, Signals(votes=3)).score > trending(today).score
    True
    >>> [part.name for part in trending(today).parts]
    ['votes', 'code stars', 'comments', 'saves', 'reads', 'day']
    """
    return _add_up(
        Part("votes", signals.votes, log10(1 + signals.votes)),
        _STARS.part(signals.stars),
        _COMMENTS.part(signals.comments),
        _SAVES.part(signals.saves),
        _READS.part(signals.reads),
        Part("day", 0, (day.toordinal() - _EPOCH) / TENFOLD_DAYS),
    )


def _add_up(*parts: Part) -> Trend:
    """The trend of the parts, added exactly and rounded once, so that every Python gives the same number."""
    return Trend(fsum(part.value for part in parts), parts)


def _label(part: Part) -> str:
    if part.name != "day":
        return part.name
    days = abs(part.amount)
    return f"{days:,} {'day' if days == 1 else 'days'} {'old' if part.amount > 0 else 'ahead'}"
