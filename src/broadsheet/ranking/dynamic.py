"""A choice that follows its candidates as they come, change and go, without looking at all of them again. Pure."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Iterable
from math import sqrt

from broadsheet.ranking.choosing import NO_QUOTAS, Choice, Quotas, Room, climb, is_within_reach, order
from broadsheet.ranking.errors import RankingError
from broadsheet.ranking.value import MEANING, OWN, SOURCE, TOPIC, Candidate, Tally

Rank = tuple[float, int]  # minus the worth, and the paper: sorts best first


class Chooser:
    """A choice under the same value and quotas as `choose`, valid after any insert, withdrawal or change.

    Papers of one first topic and one source are a class. Of each class the best by worth stand for election, as many as
    the size of the choice, no author with more of them than the author quota. The choice is exactly what `choose` makes
    of those that stand, whatever happened before.

    Without vectors that is exactly what `choose` makes of all candidates: then the gain of a paper depends on its class
    and grows with its worth, so `choose` always takes the best of a class that the quotas let in. What comes before it
    in its class is chosen already, or of an author whose quota is full; of such an author no more stand than the quota,
    and so many are chosen. So fewer than `size` come before it. Nor does its author keep it from standing: so many
    better papers of the author would be chosen, and the quota full.

    With vectors the value is at least `kept(size)` times what `bound` promises of `choose`. A class of no more than
    `size` papers that all stand loses nothing.

    Cost, in gains asked: none if the paper does not come to stand, or could not gain enough alone; at most one for each
    paper chosen if the choice stays as it is; else one climb over those that stand. They are `size` for each class at
    most, however many candidates there are, and each is asked `size` times at most, as a rule few of them and once.
    Besides, some sorted lists are searched and shifted.
    """

    def __init__(self, size: int, quotas: Quotas = NO_QUOTAS, candidates: Iterable[Candidate] = ()) -> None:
        if size < 0:
            raise RankingError(f"{size} papers cannot be chosen")
        self._size, self._quotas = size, quotas
        self._candidates: dict[int, Candidate] = {}
        self._classes: dict[tuple[str, str], _Class] = defaultdict(lambda: _Class(quotas.author))
        self._standing: list[Rank] = []
        self._chosen: list[Choice] | None = None
        self.evaluations = 0
        for candidate in candidates:
            self.insert(candidate)

    def __len__(self) -> int:
        return len(self._candidates)

    def __contains__(self, paper: int) -> bool:
        return paper in self._candidates

    def chosen(self) -> list[Choice]:
        """The choice from all candidates there are now, in the order in which they were chosen."""
        if self._chosen is None:
            standing = (self._candidates[paper] for _, paper in self._standing)
            self._chosen, evaluations = climb(standing, self._size, self._quotas)
            self.evaluations += evaluations
        return list(self._chosen)

    def insert(self, candidate: Candidate) -> None:
        """A new candidate; RankingError if the paper is one already."""
        if candidate.paper in self._candidates:
            raise RankingError(f"paper {candidate.paper} is a candidate already")
        self._candidates[candidate.paper] = candidate
        self._update(candidate, _Class.add)

    def withdraw(self, paper: int) -> None:
        """A candidate is one no more; RankingError if it was none."""
        if (candidate := self._candidates.get(paper)) is None:
            raise RankingError(f"paper {paper} is not a candidate")
        self._update(candidate, _Class.remove)
        del self._candidates[paper]

    def change(self, candidate: Candidate) -> None:
        """The candidate of the same number is now told like this; RankingError if there was none."""
        self.withdraw(candidate.paper)
        self.insert(candidate)

    def _update(self, candidate: Candidate, act: Callable[["_Class", Candidate], None]) -> None:
        """Change the paper's class, then see who stands that did not, and who does no more."""
        key = (candidate.topic, candidate.source)
        papers = self._classes[key]
        before = papers.first(self._size)
        act(papers, candidate)
        after = papers.first(self._size)
        if not papers:
            del self._classes[key]
        for rank in before - after:
            _remove(self._standing, rank)
        for rank in after - before:
            insort(self._standing, rank)
        self._reconsider(
            {paper for _, paper in before - after}, [self._candidates[paper] for _, paper in after - before]
        )

    def _reconsider(self, left: set[int], entered: list[Candidate]) -> None:
        """Drop the choice if it may not be that of the papers that stand now."""
        if self._chosen is None:
            return
        if any(choice.candidate.paper in left for choice in self._chosen) or any(map(self._wins, entered)):
            self._chosen = None

    def _wins(self, candidate: Candidate) -> bool:
        """Whether the paper, had it stood before, would have been chosen."""
        chosen = self._chosen or []
        is_full = len(chosen) == self._size
        if is_full and not (chosen and is_within_reach(candidate, chosen[-1].gain)):
            return False
        tally, room = Tally(), Room(self._quotas)
        is_better = False
        for choice in chosen:
            is_better = order(tally.gain(candidate), candidate) < order(choice.gain, choice.candidate)
            if is_better or not room.admits(candidate):
                break
            tally.add(choice.candidate)
            room.take(choice.candidate)
        self.evaluations += tally.evaluations
        return (is_better or not is_full) and room.admits(candidate)


class _Class:
    """The candidates of one topic and source in order of worth; those beyond their author's quota are kept aside."""

    def __init__(self, quota: int | None) -> None:
        self._quota = quota
        self._ranks: list[Rank] = []
        self._authors: dict[str, list[Rank]] = defaultdict(list)

    def __len__(self) -> int:
        return len(self._ranks) + len(self._authors)

    def first(self, size: int) -> set[Rank]:
        """The best that no quota keeps aside."""
        return set(self._ranks[:size])

    def add(self, candidate: Candidate) -> None:
        """Put a candidate in its place."""
        rank = (-candidate.worth, candidate.paper)
        if self._quota is None or not candidate.author:
            return insort(self._ranks, rank)
        own = self._authors[candidate.author]
        insort(own, rank)
        if rank in own[: self._quota]:
            insort(self._ranks, rank)
            for beyond in own[self._quota : self._quota + 1]:
                _remove(self._ranks, beyond)
        return None

    def remove(self, candidate: Candidate) -> None:
        """Take a candidate out of its place."""
        rank = (-candidate.worth, candidate.paper)
        if self._quota is None or not candidate.author:
            return _remove(self._ranks, rank)
        own = self._authors[candidate.author]
        if rank in own[: self._quota]:
            _remove(self._ranks, rank)
            for next_one in own[self._quota : self._quota + 1]:
                insort(self._ranks, next_one)
        _remove(own, rank)
        if not own:
            del self._authors[candidate.author]
        return None


def _remove(ranks: list[Rank], rank: Rank) -> None:
    del ranks[bisect_left(ranks, rank)]


def kept(size: int) -> float:
    """The least that is left of the best possible value of `size` papers if only those that stand may be chosen.

    Each paper of the best choice that does not stand can be replaced by one of its class that does, is worth no less,
    and breaks no quota. If as many papers of its author stand as the quota, one of them is not in the choice. Else
    `size` papers stand, all worth no less. In the way of the change are those in the choice, and those of authors whose
    quota is full without the paper replaced; of such an author no more stand than the choice holds, so fewer than
    `size` are in the way. No part of the value falls by that but meaning. With R the sum of sqrt(worth), which does not
    fall, each part but the first is between R / sqrt(size) and R times its weight (by Minkowski and Cauchy); from that
    follows the ratio.

    >>> [round(kept(size), 2) for size in (1, 5, 10, 20)]
    [1.0, 0.64, 0.52, 0.43]
    """
    rest = OWN + (TOPIC + SOURCE) / sqrt(size)
    return (rest + MEANING / sqrt(size)) / (rest + MEANING)
