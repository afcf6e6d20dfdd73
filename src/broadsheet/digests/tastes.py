"""Tastes: what subscribers voted for, saved and asked for more or less of, read for a batch of them at once."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from broadsheet.community.models import Clipping, Vote
from broadsheet.digests import leanings
from broadsheet.digests.leanings import Leanings
from broadsheet.digests.models import Feedback, Subscriber
from broadsheet.digests.relevance import AUTHORS
from broadsheet.digests.window import Vectors, author_key, vectors_of
from broadsheet.library import unions
from broadsheet.library.models import Version
from broadsheet.search.names import topic_key

LATEST = 50
"""How many votes, saved papers and words of feedback are looked at, the latest of each."""
TOPICS = 5
"""How many topics of a paper make it like another one."""


@dataclass(frozen=True, slots=True)
class Known:
    """A paper that somebody liked or did not: what others may have in common with it."""

    paper: int
    topics: tuple[str, ...]
    authors: tuple[str, ...]
    vector: Vectors | None


@dataclass(slots=True)
class Taste:
    """What one person liked, the latest first, each with what they did ("voted for"), what not, and what they read."""

    liked: list[tuple[Known, str]] = field(default_factory=list)
    disliked: list[Known] = field(default_factory=list)
    leanings: Leanings = field(default_factory=Leanings)

    def topics(self) -> Iterator[tuple[str, float]]:
        """Topics that several liked papers have, and which share of them has each."""
        counts = Counter(topic for known, _ in self.liked for topic in known.topics)
        for topic, count in counts.most_common(TOPICS):
            if count > 1:
                yield topic, count / len(self.liked)

    def authors(self) -> dict[str, str]:
        """The authors of liked papers, and what was done with the paper."""
        return {author: did for known, did in reversed(self.liked) for author in known.authors}


class Tastes:
    """Reads tastes and remembers the papers in them: many people like the same ones."""

    def __init__(self, alias: str, model: str, since: date) -> None:
        self._alias, self._model, self._since = alias, model, since
        self._known: dict[int, Known] = {}

    def read(self, subscribers: Collection[Subscriber]) -> dict[int, Taste]:
        """The taste of each subscriber, by its number: nine queries at most, whatever they liked."""
        leans = leanings.read(subscribers, self._model, self._since)
        liked, disliked = _acts(self._alias, subscribers)
        papers = {paper for acts in liked.values() for paper in acts}
        self._learn(papers | {paper for acts in disliked.values() for paper in acts})
        return {
            subscriber.pk: Taste(
                [(self._known[paper], did) for paper, did in liked[subscriber.pk].items() if paper in self._known],
                [self._known[paper] for paper in disliked[subscriber.pk] if paper in self._known],
                leans.get(subscriber.pk, Leanings()),
            )
            for subscriber in subscribers
        }

    def _learn(self, papers: Iterable[int]) -> None:
        unknown = [paper for paper in papers if paper not in self._known]
        if not unknown:
            return
        rows = Version.objects.using(self._alias).filter(paper__in=unknown, died__isnull=True)
        versions = list(rows.only("paper_id", "topics", "authors"))
        vectors = vectors_of(self._alias, [version.pk for version in versions], self._model) if self._model else {}
        for version in versions:
            self._known[version.paper_id] = Known(
                version.paper_id,
                tuple(topic_key(topic) for topic in version.topics[:TOPICS]),
                tuple(author_key(name) for name in version.author_names[:AUTHORS]),
                vectors.get(version.pk),
            )


def _acts(
    alias: str, subscribers: Iterable[Subscriber]
) -> tuple[defaultdict[int, dict[int, str]], defaultdict[int, list[int]]]:
    """For each subscriber the papers liked with what was done, and those not liked.

    Votes and saves moved with a paper that was made one with another; a word in a mail is followed to where it leads.
    """
    liked: defaultdict[int, dict[int, str]] = defaultdict(dict)
    disliked: defaultdict[int, list[int]] = defaultdict(list)
    keys = [subscriber.pk for subscriber in subscribers]
    said = _latest(Feedback.objects.filter(subscriber__in=keys), "subscriber")
    words = list(said.values_list("subscriber", "paper", "wants_more"))
    leads = unions.leads(alias, {paper for _, paper, _ in words}) if words else {}
    heard = set()
    for owner, about, wants_more in words:
        paper = leads.get(about, about)
        if (owner, paper) in heard:  # the later word on one of the two counts
            continue
        heard.add((owner, paper))
        if wants_more:
            liked[owner][paper] = "asked for more of"
        else:
            disliked[owner].append(paper)
    readers = {subscriber.reader_id: subscriber.pk for subscriber in subscribers if subscriber.reader_id}
    if readers:
        votes = _latest(Vote.objects.filter(reader__in=readers), "reader")
        for reader, paper in votes.values_list("reader", "paper"):
            liked[readers[reader]].setdefault(paper, "voted for")
        saves = _latest(Clipping.objects.filter(collection__reader__in=readers), "collection__reader")
        for reader, paper in saves.values_list("collection__reader", "paper"):
            liked[readers[reader]].setdefault(paper, "saved")
    for owner, papers in disliked.items():
        for paper in papers:
            liked[owner].pop(paper, None)
    return liked, disliked


def _latest(rows: "QuerySet", owner: str) -> "QuerySet":  # type: ignore[type-arg]
    """The latest rows of each owner, the latest first."""
    place = Window(RowNumber(), partition_by=F(owner), order_by=[F("at").desc(), F("pk").desc()])
    latest: QuerySet = rows.annotate(nth=place).filter(nth__lte=LATEST).order_by("-at", "-pk")  # type: ignore[type-arg]
    return latest
