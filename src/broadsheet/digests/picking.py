"""Picking: an issue for one subscriber out of the window, with a reason in words for each paper.

Interests and taste give each paper a relevance; that, what readers made of it and its age are its worth; out of the
papers worth most a few unlike each other are chosen (ranking/choosing.py).
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from math import ceil

import numpy as np
from numpy.typing import NDArray

from broadsheet.digests.leanings import Leanings
from broadsheet.digests.models import Interest
from broadsheet.digests.relevance import Found, Relevance
from broadsheet.digests.tastes import Known, Taste
from broadsheet.digests.window import Numbers, Places, Window
from broadsheet.digests.wording import cut, plain
from broadsheet.ranking import Candidate, Quotas, choose

LOOKED_AT = 3
"""Out of how many times as many papers as an issue has, those worth most, it is chosen."""
EACH = 2
"""And how many of those that one interest finds."""
LIKED_TOPIC, LIKED_AUTHOR = 0.3, 0.5
LIKE_LEAST, LIKE_MORE = 0.25, 0.35
LIKE_LATEST = 12
"""How many of the papers liked last others are compared with in meaning."""
LEANING_TOPIC, LEANING_LEAST, LEANING_MORE = 0.3, 0.3, 0.35
"""How relevant what is near to somebody's references is: a topic of all of them, and the meaning of some."""
LESS, LESS_TOPIC = 0.25, 0.85
"""What is left of the relevance of a paper like one that the subscriber wants less of, or of its first topic alone."""
TOPIC_QUOTA, AUTHOR_QUOTA = 3, 2
_FEW = 8


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one subscriber wants, and was sent: `sent` holds the number of the text last sent of each paper."""

    interests: Collection[tuple[str, str]]
    size: int
    since: date
    reader: int | None = None
    taste: Taste = field(default_factory=Taste)
    sent: Mapping[int, int] = field(default_factory=dict)

    @property
    def wants_trending(self) -> bool:
        """Whether this is for what trends, which is also what who named nothing gets."""
        return not self.interests or any(kind == Interest.Kind.TRENDING for kind, _ in self.interests)


@dataclass(frozen=True, slots=True)
class Picked:
    """A chosen paper, the number of its text, and why it is there."""

    paper: int
    number: int
    reason: str


def pick(relevance: Relevance, wanted: Wanted) -> list[Picked]:
    """The papers of one issue, best first, `size` at most; none where nothing is in point."""
    window = relevance.window
    if not window.count:
        return []
    asked = list(_asked(relevance, wanted))
    finds = [*asked, *_liked(relevance, wanted.taste), *_leaned(relevance, wanted.taste.leanings)]
    is_open = _open(window, wanted)
    chosen = _choose(window, _worth(relevance, finds, is_open, wanted), asked, wanted)
    if len(chosen) < ceil(wanted.size / 2) and wanted.wants_trending:
        finds.append(relevance.newest)
        chosen = _choose(window, _worth(relevance, finds, is_open, wanted), asked, wanted)
    return _told(window, chosen, finds, wanted)


def _asked(relevance: Relevance, wanted: Wanted) -> Iterator[Found]:
    """What every interest found."""
    for kind, value in wanted.interests or [(Interest.Kind.TRENDING, "")]:
        yield from relevance.of(kind, value, wanted.reader)


def _liked(relevance: Relevance, taste: Taste) -> Iterator[Found]:
    """What has something in common with liked papers: a topic, an author, or the meaning."""
    for topic, share in taste.topics():
        places = relevance.of_topic(topic)
        yield Found(places, np.full(len(places), LIKED_TOPIC * share), "topic of papers you liked", is_taste=True)
    for author, did in taste.authors().items():
        places = relevance.of_author(author)
        if len(places):
            reason = f"by an author of a paper you {did}"
            yield Found(places, np.full(len(places), LIKED_AUTHOR), reason, is_taste=True)
    for known, did in taste.liked[:LIKE_LATEST]:
        near = _near(relevance, known)
        if near is not None:
            yield Found(near.places, LIKE_LEAST + LIKE_MORE * near.values, f"like a paper you {did}", is_taste=True)


def _leaned(relevance: Relevance, leanings: Leanings) -> Iterator[Found]:
    """What has something in common with the references that somebody sent."""
    for topic, share in leanings.topics.items():
        places = relevance.of_topic(topic)
        yield Found(places, np.full(len(places), LEANING_TOPIC * share), "topic of your references", is_taste=True)
    for theme in leanings.themes:
        near = relevance.toward(theme.number, theme.vector)
        reason = f"like “{cut(plain(theme.title), 60)}” and others of your references"
        yield Found(near.places, LEANING_LEAST + LEANING_MORE * near.values, reason, is_taste=True)


def _near(relevance: Relevance, known: Known) -> Found | None:
    return relevance.like(known.paper, known.vector) if known.vector is not None else None


def _open(window: Window, wanted: Wanted) -> NDArray[np.bool_]:
    """Which places may be sent: those neither liked nor sent before, or substantially revised since they were sent."""
    is_open = np.ones(window.count, np.bool_)
    for known, _ in wanted.taste.liked:  # they know it already
        if (place := window.place.get(known.paper)) is not None:
            is_open[place] = False
    for paper in wanted.taste.leanings.papers:
        if (place := window.place.get(paper)) is not None:
            is_open[place] = False
    for paper, number in wanted.sent.items():
        place = window.place.get(paper)
        if place is not None:
            revision = window.arrivals[place].revision
            is_open[place] = revision is not None and revision.is_news_to(number)
    return is_open


def _worth(relevance: Relevance, finds: list[Found], is_open: NDArray[np.bool_], wanted: Wanted) -> Numbers:
    """The worth of each place: several interests that find a paper make it more relevant, never entirely so.

    Of taste only the best counts, and less than any interest: nobody's own choice drowns in what they liked once.
    """
    window = relevance.window
    since = wanted.since.toordinal()
    missing, taste = np.ones(window.count), np.zeros(window.count)
    for found in finds:
        came = window.came[found.places] if found.came is None else found.came
        values = np.where(came >= since, found.values, 0.0)
        if found.is_taste:
            taste[found.places] = np.maximum(taste[found.places], values)
        else:
            missing[found.places] *= 1 - values
    relevances = (1 - missing * (1 - taste)) * is_open
    for known in wanted.taste.disliked:
        relevances[_alike(relevance, known)] *= LESS
        for topic in known.topics[:1]:
            relevances[relevance.of_topic(topic)] *= LESS_TOPIC
    worth: Numbers = relevances * window.base
    return worth


def _alike(relevance: Relevance, known: Known) -> Places:
    """Places of a paper itself, of those near to it, and of those by its first author."""
    places = [relevance.of_author(author) for author in known.authors[:1]]
    if (near := _near(relevance, known)) is not None:
        places.append(near.places)
    if (own := relevance.window.place.get(known.paper)) is not None:
        places.append(np.array([own], np.int64))
    return np.unique(np.concatenate(places)) if places else np.zeros(0, np.int64)


def _choose(window: Window, worth: Numbers, asked: list[Found], wanted: Wanted) -> list[int]:
    """The places of an issue. Quotas that would leave it less than half full give way, that of topics first.

    The candidates are the best of all, of each interest and of each source, so that none is crowded out.
    """
    best = _best(worth, np.flatnonzero(worth > 0), LOOKED_AT * wanted.size)
    if len(best) == LOOKED_AT * wanted.size:
        own = [_best(worth, found.places[worth[found.places] > 0], EACH) for found in asked]
        own += [_best(worth, places[worth[places] > 0], ceil(wanted.size / 2)) for places in window.by_source()]
        best = np.unique(np.concatenate([best, *own]))
    if not len(best):
        return []
    candidates = [window.candidate(place, float(worth[place])) for place in best.tolist()]
    for quotas in _quotas(candidates, wanted):
        chosen = choose(candidates, wanted.size, quotas)
        if 2 * len(chosen) >= wanted.size:
            break
    return [window.place[choice.candidate.paper] for choice in chosen]


def _best(worth: Numbers, places: Places, count: int) -> Places:
    """Those of some places that are worth most; of equal ones the first."""
    if len(places) > count:
        bar = np.partition(worth[places], len(places) - count)[len(places) - count]
        above, level = places[worth[places] > bar], places[worth[places] == bar]
        places = np.concatenate([above, level[: count - len(above)]])
    return places


def _quotas(candidates: list[Candidate], wanted: Wanted) -> Iterator[Quotas]:
    """Quotas from the strictest on. Who asked for few things alone may get more of each topic; no source may have more
    than half while others have something to tell."""
    few = 0 if wanted.wants_trending else ceil(wanted.size / len(wanted.interests))
    topic = max(TOPIC_QUOTA, few)
    counts: dict[str, int] = {}
    for candidate in candidates:
        counts[candidate.source] = counts.get(candidate.source, 0) + 1
    source = max(ceil(wanted.size / 2), wanted.size - (len(candidates) - max(counts.values())))
    yield Quotas(topic, source, AUTHOR_QUOTA)
    yield Quotas(None, source, AUTHOR_QUOTA)
    yield Quotas()


def _told(window: Window, chosen: list[int], finds: list[Found], wanted: Wanted) -> list[Picked]:
    """Chosen papers with their reasons: what found each best, one more, and what was revised."""
    values = np.array([found.values_at(chosen) for found in finds]).reshape(len(finds), len(chosen))
    picked = []
    for column, place in enumerate(chosen):
        arrival = window.arrivals[place]
        best = [finds[nth] for nth in np.argsort(-values[:, column], kind="stable")[:_FEW] if values[nth, column] > 0]
        reasons = list(dict.fromkeys(found.words(arrival) for found in best if not found.is_filling))[:2]
        reasons = reasons or [best[0].words(arrival)]
        if (revision := arrival.revision) is not None:
            sent = wanted.sent.get(arrival.paper, 0)
            if what := revision.known.get(sent, revision.what):
                reasons.append(f"revised: {what}")
        picked.append(Picked(arrival.paper, arrival.version.number, "; ".join(reasons)))
    return picked
