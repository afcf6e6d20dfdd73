"""Relevance: which papers of the window an interest finds, and how much they are in point.

Whatever several subscribers ask is answered once for all of them. The numbers are set by hand, see
docs/explanation/digest.md.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction
from functools import cached_property

import numpy as np

from broadsheet.digests import following
from broadsheet.digests.following import Followed
from broadsheet.digests.models import Interest
from broadsheet.digests.nearness import Nearness
from broadsheet.digests.window import Arrival, Numbers, Places, Vectors, Window, author_key
from broadsheet.digests.wording import counted
from broadsheet.library import Library
from broadsheet.search import Query, QueryError
from broadsheet.search.clauses import After
from broadsheet.search.names import is_author, name_words, topic_key, topic_keys

log = logging.getLogger(__name__)

FIRST_TOPIC, OTHER_TOPIC = 0.7, 0.5
AUTHOR = 0.95
CLIPPED, LIKE_CLIPPED = 0.9, 0.4
SEARCH_LEAST, SEARCH_MORE = 0.5, 0.4
TRENDING, FEATURED, NEW = 0.45, 0.4, 0.2
SEARCH_DEPTH = 200
SEARCHED_DAYS = 60
"""How long ago a paper may be dated that a search finds; it may come to a list weeks after its date."""
COVERED = Fraction(2, 3)
"""Which share of a search's words a paper must hold."""
TRENDING_DEPTH = 300
Words = Callable[[Arrival], str]


@dataclass(frozen=True, slots=True)
class Found:
    """What an interest found: places of the window, rising, the relevance of each, and the reason in words.

    `came` replaces the days of the window where the news is another: a paper was clipped. What `is_taste` was not asked
    for, what `is_filling` is told only where there is no other reason.
    """

    places: Places
    values: Numbers
    reason: str | Words
    came: Places | None = None
    is_taste: bool = False
    is_filling: bool = False

    def values_at(self, places: Sequence[int]) -> Numbers:
        """The relevance of some places, 0 for those that were not found."""
        if not len(self.places):
            return np.zeros(len(places))
        at = np.minimum(np.searchsorted(self.places, places), len(self.places) - 1)
        return np.where(self.places[at] == places, self.values[at], 0.0)

    def words(self, arrival: Arrival) -> str:
        """Why a paper is here."""
        return self.reason if isinstance(self.reason, str) else self.reason(arrival)


class Relevance:
    """What the interests of all subscribers find in one window."""

    def __init__(self, window: Window, library: Library) -> None:
        self.window = window
        self._library = library
        self._found: dict[tuple[str, str], Found] = {}
        self._like: dict[int, Found] = {}
        self._toward: dict[int, Found] = {}
        self._nearness = Nearness(window.vectors[: window.listed])
        self._followed: dict[str, Followed | None] = {}
        self._like_followed: dict[str, Found] = {}

    def of(self, kind: str, value: str, reader: int | None) -> list[Found]:
        """What one interest finds for a subscriber with or without an account."""
        if kind == Interest.Kind.COLLECTION:
            return self._collection(value, reader)
        key = kind, value
        if key not in self._found:
            self._found[key] = self._find[kind](self, value)
        return [self._found[key]]

    @cached_property
    def newest(self) -> Found:
        """Every paper: what is left to tell where nobody has voted yet."""
        places = np.arange(self.window.listed)
        return Found(places, np.full(len(places), NEW), _new, is_filling=True)

    def like(self, paper: int, vector: Vectors) -> Found:
        """The papers much nearer in meaning to one than most of the window are, whatever the model's scale."""
        if paper not in self._like:
            own = self.window.place.get(paper, -1)
            self._like[paper] = Found(*self._nearness.near(vector, own), "")
        return self._like[paper]

    def toward(self, number: int, vector: Vectors) -> Found:
        """The papers near to a direction, which has a number of its own."""
        if number not in self._toward:
            self._toward[number] = Found(*self._nearness.near(vector), "")
        return self._toward[number]

    def of_topic(self, key: str) -> Places:
        """The places of a topic, by its folded key."""
        return self._topics.get(key, _NOWHERE)

    def of_author(self, key: str) -> Places:
        """The places of an author, by the whole folded name."""
        return self._authors.get(key, _NOWHERE)

    # Each kind of interest

    def _topic(self, value: str) -> Found:
        key = topic_key(value)
        places = self.of_topic(key)
        first = [key in topic_keys(self._topics_at(place)[0]) for place in places.tolist()]
        return Found(places, np.where(first, FIRST_TOPIC, OTHER_TOPIC), f"topic {value}")

    def _author(self, value: str) -> Found:
        words = name_words(value)
        last = words[-1] if words else ""
        surest = last if len(last) > 1 else max(words, key=len, default="")
        places = [
            place
            for place in self._name_words.get(surest, [])
            if any(is_author(words, name_words(name)) for name in self.window.arrivals[place].version.author_names)
        ]
        return _found(dict.fromkeys(places, AUTHOR), f"author {value}")

    def _search(self, value: str) -> Found:
        reason = f"your search “{value}”"
        try:
            query = Query.parse(value)
        except QueryError as error:
            log.warning("a search of a digest cannot be read any more: %s", error)
            return Found(_NOWHERE, _NO_VALUES, reason)
        recent = After(self.window.today - timedelta(days=SEARCHED_DAYS))
        answer = self._library.search(replace(query, required=(*query.required, recent)), SEARCH_DEPTH)
        values = {}
        for hit in answer.hits:
            place = self.window.place.get(hit.version.paper_id)
            held = hit.explanation.words.terms if hit.explanation and hit.explanation.words else {}
            if place is not None and place < self.window.listed and len(held) >= COVERED * len(query.terms):
                values[place] = SEARCH_LEAST + SEARCH_MORE * min(hit.score, 1.0)
        return _found(values, reason)

    def _trending(self, value: str) -> Found:
        arrivals = self.window.arrivals[: self.window.listed]
        stirred = [place for place, arrival in enumerate(arrivals) if arrival.trend > 0]
        stirred.sort(key=lambda place: -arrivals[place].version.paper.trending)
        values = {place: FEATURED for place, arrival in enumerate(arrivals) if arrival.version.paper.is_featured}
        values |= dict.fromkeys(stirred[:TRENDING_DEPTH], TRENDING)
        return _found(values, _stir)

    def _collection(self, slug: str, reader: int | None) -> list[Found]:
        if slug not in self._followed:
            self._followed[slug] = following.read(slug, self.window)
        followed = self._followed[slug]
        if followed is None or not followed.is_open_to(reader):
            return []
        return [self._clipped(followed), *self._like_clipped(followed)]

    def _clipped(self, followed: Followed) -> Found:
        places = sorted(followed.came)
        came = np.array([followed.came[place] for place in places], np.int64)
        values = np.full(len(places), CLIPPED)
        return Found(np.array(places, np.int64), values, f"clipped into “{followed.title}”", came)

    def _like_clipped(self, followed: Followed) -> list[Found]:
        """What is near in meaning to the middle of a collection's latest papers."""
        if followed.centre is None:
            return []
        if followed.slug not in self._like_followed:
            places, _ = self._nearness.near(followed.centre)
            values = np.full(len(places), LIKE_CLIPPED)
            self._like_followed[followed.slug] = Found(places, values, f"like the papers of “{followed.title}”")
        return [self._like_followed[followed.slug]]

    _find: Mapping[str, Callable[["Relevance", str], Found]] = {
        Interest.Kind.TOPIC: _topic,
        Interest.Kind.AUTHOR: _author,
        Interest.Kind.SEARCH: _search,
        Interest.Kind.TRENDING: _trending,
    }

    # What is known of the window

    def _topics_at(self, place: int) -> list[str]:
        topics: list[str] = self.window.arrivals[place].version.topics
        return topics

    @cached_property
    def _topics(self) -> dict[str, Places]:
        return self._by(lambda arrival: (key for topic in arrival.version.topics for key in topic_keys(topic)))

    @cached_property
    def _authors(self) -> dict[str, Places]:
        return self._by(lambda arrival: (author_key(name) for name in arrival.version.author_names[:AUTHORS]))

    @cached_property
    def _name_words(self) -> dict[str, list[int]]:
        """Places by each word of an author's name, and by its first letter."""
        found = self._by(
            lambda arrival: (
                key for name in arrival.version.author_names for word in name_words(name) for key in (word, word[0])
            )
        )
        return {word: places.tolist() for word, places in found.items()}

    def _by(self, keys: Callable[[Arrival], Iterable[str]]) -> dict[str, Places]:
        found: defaultdict[str, dict[int, None]] = defaultdict(dict)
        for place, arrival in enumerate(self.window.arrivals[: self.window.listed]):
            for key in keys(arrival):
                found[key][place] = None
        return {key: np.fromiter(places, np.int64, len(places)) for key, places in found.items()}


AUTHORS = 50
"""How many authors of a paper make it like another one of theirs."""
_NOWHERE: Places = np.zeros(0, np.int64)
_NO_VALUES: Numbers = np.zeros(0, np.float64)


def _found(values: Mapping[int, float], reason: str | Words) -> Found:
    places = sorted(values)
    return Found(np.array(places, np.int64), np.array([values[place] for place in places], np.float64), reason)


def _stir(arrival: Arrival) -> str:
    """What readers made of a paper, in words."""
    paper = arrival.version.paper
    counts = ((paper.votes, "vote"), (paper.stars, "code star"), (paper.comments, "comment"), (paper.saves, "save"))
    told = [counted(number, noun) for number, noun in counts if number][:2]
    if paper.is_featured:
        return "featured by an editor" + (f", {told[0]}" if told else "")
    return f"trending: {', '.join(told)}" if told else "read by others here"


def _new(arrival: Arrival) -> str:
    return f"new on {arrival.came.day} {arrival.came:%B}"
