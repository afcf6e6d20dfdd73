"""Choosing few papers out of many, each for what it adds to those before it, under quotas. Pure.

Sources: the greedy rule and its bounds, Nemhauser, Wolsey and Fisher 1978 (one limit) and Fisher, Nemhauser and Wolsey
1978 (several); not asking again while an old answer is good enough, Minoux 1978.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from heapq import heappop, heappush, heapreplace
from math import e, fsum

from broadsheet.ranking.errors import RankingError
from broadsheet.ranking.value import Candidate, Share, Tally, alone

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Quotas:
    """At most so many papers of one first topic, source and first author in a choice; None is no limit.

    The unknown has no limit. Each quota is a partition matroid. A quota below zero is a RankingError.
    """

    topic: int | None = None
    source: int | None = None
    author: int | None = None

    def __post_init__(self) -> None:
        for quota in fields(self):
            if (most := getattr(self, quota.name)) is not None and most < 0:
                raise RankingError(f"a quota of {most} for each {quota.name} cannot be kept")

    @property
    def count(self) -> int:
        """How many quotas there are."""
        return sum(most is not None for most in (self.topic, self.source, self.author))


NO_QUOTAS = Quotas()


@dataclass(frozen=True, slots=True)
class Choice:
    """A chosen paper, what it added to the papers chosen before it, and of which shares that is made.

    The gains of a choice add up to its value, the shares of a paper to its gain.
    """

    candidate: Candidate
    gain: float
    shares: tuple[Share, ...]

    def explain(self) -> str:
        """Why the paper is here, in words.

        >>> one, two = choose([Candidate(1, 4, ("cs.CL",), "arXiv"), Candidate(2, 1, ("cs.CL",), "HAL")], 2)
        >>> two.explain()
        '1.09 = worth 0.25, topic 0.24 of 1.00, source 0.25 of 0.25, meaning 0.35 of 1.50'
        """
        worth, *others = self.shares
        told = [f"{share.name} {share.gain:.2f} of {share.alone:.2f}" for share in others]
        return f"{self.gain:.2f} = {', '.join([f'worth {worth.gain:.2f}', *told])}"


def choose(candidates: Iterable[Candidate], size: int, quotas: Quotas = NO_QUOTAS) -> list[Choice]:
    """At most `size` papers, each the one that gains most by those before it of all that the quotas let in.

    Ties go to the higher worth, then to the lower paper number, so the order in which candidates come plays no part.
    The value is at least `bound` times the best possible. It takes one sort, and as a rule few gains beyond those of
    the papers whose worth alone would do. RankingError if a paper is told twice or the size is below zero.
    """
    ordered = sorted(candidates, key=lambda candidate: (-candidate.worth, candidate.paper))
    if len({candidate.paper for candidate in ordered}) < len(ordered):
        raise RankingError("a paper can be a candidate only once")
    return climb(ordered, size, quotas)[0]


def bound(quotas: Quotas) -> float:
    """The least that `choose` reaches of the best possible value.

    1 / (p + 1) under p quotas: the limit on the size cuts one of those matroids short, which leaves it a matroid.
    1 - 1/e without quotas.

    >>> bound(Quotas(topic=2, source=3, author=1)), round(bound(Quotas()), 3)
    (0.25, 0.632)
    """
    return 1 / (quotas.count + 1) if quotas.count else 1 - 1 / e


class Room:
    """What the quotas still let in. What they have kept out once they keep out for good."""

    def __init__(self, quotas: Quotas) -> None:
        self._most = (quotas.topic, quotas.source, quotas.author)
        self._taken: Counter[tuple[int, str]] = Counter()

    def admits(self, candidate: Candidate) -> bool:
        """Whether no quota is in the way."""
        return all(self._taken[group] < most for group, most in self._limited(candidate))

    def take(self, candidate: Candidate) -> None:
        """Count a candidate on every quota."""
        self._taken.update(group for group, _ in self._limited(candidate))

    def _limited(self, candidate: Candidate) -> Iterator[tuple[tuple[int, str], int]]:
        names = (candidate.topic, candidate.source, candidate.author)
        for kind, (name, most) in enumerate(zip(names, self._most, strict=True)):
            if name and most is not None:
                yield (kind, name), most


def climb(ordered: Iterable[Candidate], size: int, quotas: Quotas) -> tuple[list[Choice], int]:
    """The greedy choice from candidates in order of worth, then paper number; and how many gains it asked for.

    A gain told earlier can only have fallen, and no gain exceeds what the candidate is worth alone: nobody is asked
    while another's gain of today is above that, and of the candidates in order only those within reach are looked at.
    """
    if size < 0:
        raise RankingError(f"{size} papers cannot be chosen")
    tally, room = Tally(), Room(quotas)
    chosen: list[Choice] = []
    rest = iter(ordered)
    upcoming = next(rest, None)
    asked: list[tuple[float, float, int, int, Candidate]] = []  # gain, worth, paper; how many were chosen then
    while len(chosen) < size:
        while upcoming and (not asked or is_within_reach(upcoming, -asked[0][0])):
            if room.admits(upcoming):
                heappush(asked, (*order(tally.gain(upcoming), upcoming), len(chosen), upcoming))
            upcoming = next(rest, None)
        if not asked:
            break
        *_, then, best = asked[0]
        if not room.admits(best):
            heappop(asked)
        elif then < len(chosen):
            heapreplace(asked, (*order(tally.gain(best), best), len(chosen), best))
        else:
            heappop(asked)
            shares = tally.shares(best)
            chosen.append(Choice(best, fsum(share.gain for share in shares), shares))
            tally.add(best)
            room.take(best)
    return chosen, tally.evaluations


def is_within_reach(candidate: Candidate, gain: float) -> bool:
    """Whether a candidate might gain as much: whether it is worth as much alone, give or take the rounding."""
    return alone(candidate) * (1 + _ROUNDING) >= gain


def order(gain: float, candidate: Candidate) -> tuple[float, float, int]:
    """What sorts candidates by gain, best first, then by worth, then by paper number.

    Gains are compared by twelve digits, so that those which are equal but for the rounding of a sum are ties.
    """
    return -float(f"{gain:.12g}"), -candidate.worth, candidate.paper
