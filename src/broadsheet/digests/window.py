"""The window: what came to the lists lately, read once for all subscribers whose issue is due."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np
from django.conf import settings
from django.db.models import Q, QuerySet
from numpy.typing import NDArray

from broadsheet.community.models import Clipping
from broadsheet.digests.models import Interest
from broadsheet.digests.revisions import Revision, revisions
from broadsheet.library import attention, reading, unions
from broadsheet.library.generations import model_of
from broadsheet.library.models import Embedding, Version
from broadsheet.papers.text import fold
from broadsheet.ranking import Candidate, trending, worth
from broadsheet.search.names import name_words

DAYS = 8
"""How old what is sent may be: a week, and a day for what came late."""
MOST = 20_000
"""How many papers a window holds, the newest first."""
SOURCES = 6
_AT_ONCE = 5_000
_TEXT = ("abstract", "comment", "venue", "links", "identifiers")
_STANDING = Q(paper__withdrawn_at__isnull=True, paper__erased_at__isnull=True)

Places = NDArray[np.int64]
Numbers = NDArray[np.float64]
Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A paper of the window as choosing sees it: when it `came`, or came again as a revision, and its trend."""

    version: Version
    came: date
    trend: float
    revision: Revision | None = None

    @property
    def paper(self) -> int:
        """The paper's number."""
        return self.version.paper_id


class Window:
    """Papers by place, 0 to `count`. Those from `listed` on are there for whoever follows a collection alone.

    `came` holds ordinals of days, `base` what each is worth to one to whom it is entirely relevant; `vectors` has a
    row of length 1 for each place, or of zeros where the paper has no vector. `parts` are the papers that editors made
    one with one of these.
    """

    def __init__(self, today: date, listed: Sequence[Arrival], clipped: Sequence[Arrival], alias: str) -> None:
        self.today = today
        self.arrivals = [*listed, *clipped]
        self.listed = len(listed)
        self.place = {arrival.paper: place for place, arrival in enumerate(self.arrivals)}
        self.came: Places = np.array([arrival.came.toordinal() for arrival in self.arrivals], np.int64)
        self.base: Numbers = np.array(
            [worth(1, arrival.trend, (today - arrival.came).days) for arrival in self.arrivals], np.float64
        )
        self.parts = unions.parts(alias, self.place)
        self.model, self.vectors = _vectors(alias, self.arrivals)
        self._sources: list[Places] | None = None
        self._traits: dict[int, tuple[tuple[str, ...], str, str, Vectors | None]] = {}

    def candidate(self, place: int, worth: float) -> Candidate:
        """A place as one that may be chosen, worth so much."""
        if place not in self._traits:
            version, vector = self.arrivals[place].version, self.vectors[place]
            first = version.author_names[:1]
            self._traits[place] = (
                tuple(version.topics[:1]),
                version.source,
                author_key(first[0]) if first else "",
                vector if vector.any() else None,
            )
        return Candidate(self.arrivals[place].paper, worth, *self._traits[place])

    def by_source(self) -> list[Places]:
        """The places of each source, those of most papers first; none where there is one source alone."""
        if self._sources is None:
            found: defaultdict[str, list[int]] = defaultdict(list)
            for place, arrival in enumerate(self.arrivals):
                found[arrival.version.source].append(place)
            largest = sorted(found.values(), key=len, reverse=True)[:SOURCES]
            self._sources = [np.array(places, np.int64) for places in largest] if len(largest) > 1 else []
        return self._sources

    @property
    def count(self) -> int:
        """How many papers there are."""
        return len(self.arrivals)

    def has_news(self, since: date) -> bool:
        """Whether any paper came to the lists on a day or after it."""
        return bool((self.came[: self.listed] >= since.toordinal()).any())


def author_key(name: str) -> str:
    """A name folded for comparison as a whole.

    >>> author_key("Özel,  B.") == author_key("ozel, b.")
    True
    """
    return " ".join(name_words(name)) or fold(name)


def take(alias: str, today: date, now: datetime) -> Window:
    """Read the window of a feed day: a fixed number of queries."""
    first = today - timedelta(days=DAYS)
    since = datetime.combine(first, time(), settings.FEED_DAY.zone)
    changed = revisions(alias, since, today)
    versions = reading.open_versions(alias).defer(*_TEXT).filter(_STANDING, paper__day__lte=today)
    lately = versions.filter(paper__day__gte=first).order_by("-paper__day", "-paper__trending", "paper")
    listed = [_arrival(version, today, changed.get(version.paper_id)) for version in lately[:MOST]]
    known = {arrival.paper for arrival in listed}
    again = [paper for paper, revision in changed.items() if paper not in known and revision.what]
    listed += [_arrival(version, today, changed[version.paper_id]) for version in _some(versions, again)]
    known.update(again)
    clips = _clips(since)
    others = _some(versions, [paper for paper in clips if paper not in known])
    clipped = [_arrival(version, today, None, clips[version.paper_id]) for version in others]
    return Window(today, listed, clipped, alias)


def _arrival(version: Version, today: date, revision: Revision | None, clipped_at: datetime | None = None) -> Arrival:
    paper = version.paper
    listed_on = max(paper.day, settings.FEED_DAY.of(paper.added_at))
    came = settings.FEED_DAY.of(clipped_at) if clipped_at else listed_on
    if revision and revision.what:
        came = max(came, revision.day)
    signals = trending(today, attention.signals(paper)).since(today).score
    return Arrival(version, min(came, today), max(signals, 0.0), revision)


def _clips(since: datetime) -> dict[int, datetime]:
    """When papers were last clipped into a collection that any subscriber follows."""
    followed = Interest.objects.filter(kind=Interest.Kind.COLLECTION).values("value")
    rows = Clipping.objects.filter(collection__slug__in=followed, at__gte=since).order_by("at")
    return dict(rows.values_list("paper", "at"))


def _some(versions: "QuerySet[Version]", papers: Sequence[int]) -> list[Version]:
    return [row for chunk in _chunks(papers) for row in versions.filter(paper__in=chunk).order_by("paper")]


def vectors_of(alias: str, versions: Iterable[int], model: str) -> dict[int, Vectors]:
    """The vectors of versions that a model made, each of length 1."""
    found = {}
    for chunk in _chunks(list(versions)):
        rows = Embedding.objects.using(alias).filter(version__in=chunk, model=model)
        for version, codes in rows.values_list("version", "codes"):
            row = np.frombuffer(codes, np.int8).astype(np.float32)
            if (length := float(np.linalg.norm(row))) > 0:
                found[version] = row / np.float32(length)
    return found


def _vectors(alias: str, arrivals: Sequence[Arrival]) -> tuple[str, Vectors]:
    """The vectors of the window, of the model that the library is searched by."""
    model = model_of(alias)
    own = vectors_of(alias, [arrival.version.pk for arrival in arrivals], model) if model else {}
    if not own:
        return "", np.zeros((len(arrivals), 0), np.float32)
    matrix = np.zeros((len(arrivals), len(next(iter(own.values())))), np.float32)
    for place, arrival in enumerate(arrivals):
        if (vector := own.get(arrival.version.pk)) is not None:
            matrix[place] = vector
    return model, matrix


def _chunks(keys: Sequence[int]) -> Iterable[Sequence[int]]:
    return (keys[start : start + _AT_ONCE] for start in range(0, len(keys), _AT_ONCE))
