"""Would the ranking have shown early what rose later? `python tests/ranking/replay.py FOLDER` prints the tables.

The folder holds the pages of Daily Papers, each as it was crawled on one day: the place of every paper and the stars of
its linked code. A page is replayed where the crawler met at least ten of its papers again within four days. A ranker
sees one page as of its day (`Seen`), never what came after (`Later`), and is judged by the papers met again.
"""

import gzip
import json
import math
import random
import statistics
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np

from broadsheet.ranking import Signals, trending

HELD_OUT = date(2026, 5, 10)  # pages before this day choose the constants, pages from then on judge them
TOP = SMALLEST = 10  # a page is judged by its first ten, and has that many papers at least
WITHIN = timedelta(days=4)
VOTES_OF_THE_FIRST = 100
WEIGHTS = [0.25, 0.5, 0.75, 1.0]
LIMITS = [2, 4, 9, 19, 30, math.inf]


@dataclass(frozen=True, slots=True)
class Seen:
    """A paper as a page of one day shows it; `written` is its day on arXiv, the page's day where that is unknown."""

    paper: str
    place: int
    stars: int
    written: date


@dataclass(frozen=True, slots=True)
class Later:
    """The same paper as it was last met within four days."""

    place: int
    gained: int


@dataclass(frozen=True, slots=True)
class Page:
    """What was on the page of a day and met again, best place first, each with what became of it."""

    day: date
    seen: tuple[Seen, ...]
    later: tuple[Later, ...]


Ranker = Callable[[date, Seen], float]


@cache
def read_days(folder: Path) -> dict[date, dict[str, Seen]]:
    """Every day in order, with its papers in the order of the page."""
    with gzip.open(folder / "papers.jsonl.gz", "rt") as lines:
        written = {paper["id"]: paper.get("arxiv_day") for paper in map(json.loads, lines)}
    days: dict[date, dict[str, Seen]] = defaultdict(dict)
    with gzip.open(folder / "observations.jsonl.gz", "rt") as lines:
        for row in map(json.loads, lines):
            since = date.fromisoformat(written[row["id"]] or row["day"])
            days[date.fromisoformat(row["day"])][row["id"]] = Seen(row["id"], row["rank"], row["github_stars"], since)
    return {day: dict(sorted(days[day].items(), key=lambda pair: pair[1].place)) for day in sorted(days)}


def read_pages(folder: Path) -> list[Page]:
    """The pages to replay, in order of their days."""
    days = read_days(folder)
    pages = []
    for day, page in days.items():
        last = {paper: seen for other in days if day < other <= day + WITHIN for paper, seen in days[other].items()}
        met = [seen for seen in page.values() if seen.paper in last]
        later = (Later(last[s.paper].place, max(last[s.paper].stars - s.stars, 0)) for s in met)
        if len(met) >= SMALLEST:
            pages.append(Page(day, tuple(met), tuple(later)))
    return pages


def votes_at(place: int, first: int = VOTES_OF_THE_FIRST, steepness: float = 1.0) -> int:
    """The votes that we assume for a place, since the pages tell places only: half as many at twice the place."""
    return round(first / place**steepness)


def by_trending(day: date, seen: Seen) -> float:
    return trending(day, Signals(votes=votes_at(seen.place), stars=seen.stars)).score


def mix(weight: float, limit: float, days: float = math.inf) -> Ranker:
    """Trending with other constants; `limit` is in votes, `days` (of age on arXiv) is worth ten times the votes."""

    def rank(day: date, seen: Seen) -> float:
        stars = min(weight * math.log10(1 + seen.stars), math.log10(1 + limit))
        return math.log10(1 + votes_at(seen.place)) + stars - (day - seen.written).days / days

    return rank


RANKERS: dict[str, Ranker] = {
    "newest": lambda day, seen: float(seen.paper),  # arXiv numbers grow with time
    "votes (place)": lambda day, seen: -seen.place,
    "code stars, then votes": lambda day, seen: seen.stars,
    "trending": by_trending,
}


def order(page: Page, ranker: Ranker) -> list[int]:
    """The papers of a page, best first; ties stay in the order of the page."""
    return sorted(range(len(page.seen)), key=lambda i: ranker(page.day, page.seen[i]), reverse=True)


def ndcg(best_first: Sequence[int], worth: Sequence[float]) -> float:
    """How much of the worth that the best ten could show is shown by this order, higher places counting more."""
    discounts = [1 / math.log2(i + 2) for i in range(TOP)]
    ideal = math.fsum(map(math.prod, zip(discounts, sorted(worth, reverse=True), strict=False)))
    return math.fsum(map(math.prod, zip(discounts, (worth[i] for i in best_first), strict=False))) / (ideal or 1)


def risers(page: Page) -> set[int]:
    """The fifth of the page that gained most stars, and the fifth that ended on top of the votes."""
    papers, size = range(len(page.seen)), max(len(page.seen) // 5, 1)
    gainers = sorted(papers, key=lambda i: -page.later[i].gained)[:size]
    return {i for i in gainers if page.later[i].gained} | set(sorted(papers, key=lambda i: page.later[i].place)[:size])


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an order of one page is worth, each from 0 to 1."""

    stars: float
    votes: float
    recall: float

    @property
    def mean(self) -> float:
        """What constants are chosen by: both kinds of attention count the same."""
        return (self.stars + self.votes) / 2


def judge(page: Page, best_first: Sequence[int]) -> Judgement:
    stars = ndcg(best_first, [math.log2(1 + later.gained) for later in page.later])
    votes = ndcg(best_first, [math.log10(1 + VOTES_OF_THE_FIRST / later.place) for later in page.later])
    rose = risers(page)
    return Judgement(stars, votes, len(rose.intersection(best_first[:TOP])) / len(rose))


def judge_all(pages: Iterable[Page], ranker: Ranker) -> list[Judgement]:
    return [judge(page, order(page, ranker)) for page in pages]


def judge_chance(pages: Iterable[Page], times: int = 50) -> list[Judgement]:
    """What shuffling would reach, so that one sees where the scale begins."""
    dice = random.Random(0)
    return [judge(page, order(page, lambda *_: dice.random())) for page in pages for _ in range(times)]


def mean(judgements: Iterable[Judgement]) -> float:
    return statistics.fmean(judgement.mean for judgement in judgements)


def lead(pages: Sequence[Page], ranker: Ranker, other: Ranker) -> tuple[float, float, float]:
    """By how much the first ranker is ahead in the mean, with the 95 % interval over weeks."""
    weeks: dict[tuple[int, int], list[float]] = defaultdict(list)
    for page, one, two in zip(pages, judge_all(pages, ranker), judge_all(pages, other), strict=True):
        weeks[page.day.isocalendar()[:2]].append(one.mean - two.mean)
    return bootstrap([(sum(values), len(values)) for values in weeks.values()])


def fading(folder: Path, most: int = 50) -> tuple[float, float, float]:
    """Stars gained on the second day for each on the first, of papers met on three days running, with its interval.

    A paper counts with at most `most` stars a day, so that one of them does not decide.
    """
    days, runs = read_days(folder), []
    for day, first in days.items():
        second, third = (days.get(day + timedelta(days=n), {}) for n in (1, 2))
        met = first.keys() & second.keys() & third.keys()
        steps = [(third[p].stars - second[p].stars, second[p].stars - first[p].stars) for p in met]
        if len(met) >= SMALLEST:
            runs.append(tuple(sum(min(max(step[n], 0), most) for step in steps) for n in (0, 1)))
    return bootstrap(runs)


def bootstrap(pairs: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """The ratio of the two sums, with the 95 % interval of drawing the pairs again."""
    sums = np.array(pairs)
    drawn = sums[np.random.default_rng(0).integers(0, len(sums), (10_000, len(sums)))].sum(axis=1)
    low, high = np.percentile(drawn[:, 0] / drawn[:, 1], [2.5, 97.5])
    return float(sums[:, 0].sum() / sums[:, 1].sum()), float(low), float(high)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def split(folder: Path) -> tuple[list[Page], list[Page]]:
    pages = read_pages(folder)
    return [page for page in pages if page.day < HELD_OUT], [page for page in pages if page.day >= HELD_OUT]


def compare(pages: Sequence[Page]) -> str:
    """The rankers side by side."""
    rows = []
    for name, judgements in [("chance", judge_chance(pages)), *((n, judge_all(pages, r)) for n, r in RANKERS.items())]:
        shown = [
            statistics.fmean(getattr(j, what) for j in judgements) for what in ("stars", "votes", "mean", "recall")
        ]
        is_rival = name not in ("chance", "trending")
        ahead = "{:+.3f} ({:+.3f} to {:+.3f})".format(*lead(pages, by_trending, RANKERS[name])) if is_rival else ""
        rows.append([name, *(f"{value:.3f}" for value in shown), ahead])
    return table(["", "stars gained", "last place", "mean", "risers in the first 10", "trending is ahead by"], rows)


def choose(pages: Sequence[Page]) -> str:
    """The mean for each weight and limit of code stars."""
    rows = [[f"{w:.2f}", *(f"{mean(judge_all(pages, mix(w, n))):.3f}" for n in LIMITS)] for w in WEIGHTS]
    return table(["weight", *(f"{limit:g} votes" for limit in LIMITS[:-1]), "no limit"], rows)


def age(pages: Sequence[Page]) -> str:
    """The mean if the day were that on arXiv, for each number of days that are worth ten times the votes."""
    days = {**{str(n): float(n) for n in (1, 2, 3, 5, 7, 10)}, "age ignored": math.inf}
    return table(["days", *days], [["mean", *(f"{mean(judge_all(pages, mix(0.5, 9, n))):.3f}" for n in days.values())]])


def report(folder: Path) -> str:
    """All tables; docs/explanation/trending.md holds them as they are."""
    first, held_out = split(folder)
    parts = [
        ("Pages held out", compare(held_out)),
        ("Pages that chose the constants", compare(first)),
        ("Weight and limit of code stars, on the same pages", choose(first)),
        ("Days worth ten times the votes, if age were that on arXiv, on the same pages", age(first)),
        ("Stars of a second day for each of the first", "{:.2f} ({:.2f} to {:.2f})".format(*fading(folder))),
    ]
    return "\n\n".join(f"{title}:\n\n{shown}" for title, shown in parts)


if __name__ == "__main__":
    sys.stdout.write(report(Path(sys.argv[1])) + "\n")
