"""Facets: the years, topics, authors and sources that an answer can be narrowed to, and what each would leave."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from django.db.models import Q

from broadsheet.library.models import Version
from broadsheet.library.naming import read_query
from broadsheet.search import Query, QueryError
from broadsheet.search.conditions import condition, with_year
from broadsheet.search.engine import count_matching
from broadsheet.search.index import Index
from broadsheet.search.names import name_words, topic_key

CONSIDERED = 1_000
"""How many of the best papers are looked at for what they can be narrowed to; the counts are of all papers found."""
YEARS, VALUES = 30, 10
_LAST_YEAR = 9_998
_SPELLINGS = 8
"""Of how many times as many spellings as are shown the same names are looked for."""


@dataclass(frozen=True, slots=True)
class Facet:
    """A value that an answer can be narrowed to: the `query` that does it, and how many `papers` that one matches."""

    value: str
    query: str
    papers: int


@dataclass(frozen=True, slots=True)
class Facets:
    """What an answer can be narrowed to as of `at`: years latest first, all others with most papers first.

    `total` papers match; the best `considered` of them were looked at for their topics, authors and sources.
    """

    at: int
    total: int
    considered: int
    years: tuple[Facet, ...] = ()
    topics: tuple[Facet, ...] = ()
    authors: tuple[Facet, ...] = ()
    sources: tuple[Facet, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The facets for programs."""
        told = {
            name: [{"value": facet.value, "query": facet.query, "papers": facet.papers} for facet in facets]
            for name, facets in (
                ("years", self.years),
                ("topics", self.topics),
                ("authors", self.authors),
                ("sources", self.sources),
            )
        }
        return {"at": self.at, "total": self.total, "considered": self.considered, **told}


def find_facets(alias: str, index: Index, text: str, at: int) -> Facets:
    """What the answer to a query at a sequence number can be narrowed to. One query of the database.

    Only papers that share a word count, as in the answer's total. A count is what the narrower query finds: it is asked
    of the index, where a value costs some tenths of a millisecond. Raises QueryError.
    """
    query = read_query(alias, text, at)
    found = index.search(query, None, CONSIDERED, at, near=1)
    if not found.total:
        return Facets(at, 0, 0)
    is_match = found.words > 0 if query.needs_word else np.ones(len(found.papers), np.bool_)
    papers = found.papers[is_match].tolist()
    rows = _described(alias, papers, at)
    count = _counter(alias, index, query, at)
    sources = Counter(source for *_, source in rows)
    days = [day for day in found.days[is_match].tolist() if day]
    return Facets(
        at,
        found.total,
        len(papers),
        years=_counted(((str(year), with_year(text, year)) for year in _years(days)), count),
        topics=_most(_narrowed(text, "topic", _topics(topics for topics, *_ in rows)), count),
        authors=_most(_narrowed(text, "author", _authors(authors for _, authors, _ in rows)), count),
        sources=_most(_narrowed(text, "source", [name for name, _ in sources.most_common(VALUES)]), count)
        if len(sources) > 1
        else (),
    )


def _described(alias: str, papers: list[int], at: int) -> list[tuple[list[str], list[dict[str, str]], str]]:
    """Topics, authors and source of papers as of a sequence number."""
    is_open = Q(died__isnull=True) | Q(died__gt=at)
    versions = Version.objects.using(alias).filter(is_open, paper__in=papers, born__lte=at)
    return list(versions.values_list("topics", "authors", "source"))


def _years(days: list[int]) -> list[int]:
    """The years around some days, the latest first; none that a query cannot tell from the next."""
    if not days:
        return []
    first, last = date.fromordinal(min(days)).year, min(date.fromordinal(max(days)).year, _LAST_YEAR)
    return list(range(last, first - 1, -1))[:YEARS]


def _topics(all_topics: Iterable[Iterable[str]]) -> list[str]:
    """The commonest topics, each as it is written most often."""
    written: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for topics in all_topics:
        for topic in topics:
            written[topic_key(topic)][topic] += 1
    return _commonest(written)


def _authors(all_authors: Iterable[Iterable[dict[str, str]]]) -> list[str]:
    """The commonest authors, each as they are written most often."""
    names = Counter(author["name"] for authors in all_authors for author in authors)
    written: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for name, papers in names.most_common(VALUES * _SPELLINGS):
        written[" ".join(sorted(name_words(name)))][name] += papers
    return _commonest(written)


def _commonest(written: dict[str, Counter[str]]) -> list[str]:
    ranked = sorted(written, key=lambda key: (-written[key].total(), key))
    return [min(written[key].items(), key=lambda pair: (-pair[1], pair[0]))[0] for key in ranked[:VALUES] if key]


def _narrowed(text: str, field: str, values: Iterable[str]) -> Iterator[tuple[str, str]]:
    return ((value, f"{text.strip()} {condition(field, value)}") for value in values)


def _counter(alias: str, index: Index, asked: Query, at: int) -> Callable[[str], int]:
    """How many papers a narrower query matches: 0 for one that cannot be read, or is no narrower."""

    def count(text: str) -> int:
        try:
            query = read_query(alias, text, at)
        except QueryError:  # too long with one more condition
            return 0
        if set(query.required) == set(asked.required):
            return 0
        return count_matching(index, query, at)

    return count


def _counted(values: Iterable[tuple[str, str]], count: Callable[[str], int]) -> tuple[Facet, ...]:
    facets = (Facet(value, query, count(query)) for value, query in values)
    return tuple(facet for facet in facets if facet.papers)


def _most(values: Iterable[tuple[str, str]], count: Callable[[str], int]) -> tuple[Facet, ...]:
    return tuple(sorted(_counted(values, count), key=lambda facet: -facet.papers))
