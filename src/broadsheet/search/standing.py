"""Standing queries: which of many saved queries does a new paper match?

The usual way round searches all papers for a query. Here the queries are what is indexed: each stands under the one of
its keys (a term, an author's word, a topic, an identifier) that was rarest in the papers seen lately, and a paper looks
up its own keys. A query whose key the paper lacks is not looked at, so a paper costs its length and the few queries
that it has the rarest key of, however many there are.
Source: Yan, Garcia-Molina, "Index structures for selective dissemination of information", ACM TODS 19(2), 1994.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from broadsheet.search.analysis import analyse
from broadsheet.search.clauses import After, Before, ByAuthor, ByIdentifier, ByTopic, Clause, Phrase
from broadsheet.search.index import Put
from broadsheet.search.names import is_author, name_words, topic_keys
from broadsheet.search.query import Query

MOST_COUNTED = 200_000
"""Different keys whose frequency is remembered; beyond, all counts are halved and what came once is forgotten."""


class Key(NamedTuple):
    """Something that a paper has or has not; `kind` is "word", "author", "topic" or "id"."""

    kind: str
    text: str


class Text:
    """A paper's text, read once for all queries."""

    def __init__(self, put: Put) -> None:
        self.put = put
        self.title = analyse(put.title)
        self.abstract = analyse(put.abstract)
        self.words = frozenset(self.title).union(self.abstract)

    @cached_property
    def authors(self) -> list[list[str]]:
        """The words of each author's name."""
        return [name_words(name) for name in self.put.authors]

    @cached_property
    def topics(self) -> frozenset[str]:
        """The keys of the topics and of what they are part of."""
        return frozenset(key for topic in self.put.topics for key in topic_keys(topic))

    def keys(self) -> Iterator[Key]:
        """Everything a query could stand under, each once."""
        yield from (Key("word", word) for word in self.words)
        names = {part for name in self.authors for word in name for part in (word, word[0])}
        yield from (Key("author", word) for word in names)
        yield from (Key("topic", key) for key in self.topics)
        yield from (Key("id", name) for name in set(self.put.identifiers))


def matches(query: Query, text: Text) -> bool:
    """Whether a paper matches a query: it has every term, every required clause and no excluded one.

    This is narrower than a search, which ranks whatever shares a word with the query.
    """
    return (
        all(term in text.words for term in query.terms)
        and all(holds(clause, text) for clause in query.required)
        and not any(holds(clause, text) for clause in query.excluded)
    )


def holds(clause: Clause, text: Text) -> bool:
    """Whether a paper holds what a clause asks for; the same as an index says."""
    match clause:
        case Phrase(terms, in_title):
            return _stands(terms, text.title) or (not in_title and _stands(terms, text.abstract))
        case ByAuthor(words):
            return any(is_author(words, name) for name in text.authors)
        case ByTopic(key):
            return key in text.topics
        case ByIdentifier(identifier):
            return identifier in text.put.identifiers
        case After(day):
            return text.put.day is not None and text.put.day >= day
        case Before(day):
            return text.put.day is not None and text.put.day < day


def keys_of(query: Query) -> frozenset[Key]:
    """The keys that every paper has which matches a query; none for one that only names days.

    >>> sorted(keys_of(Query.parse('caches author:"Ann Lee" topic:cs after:2026')))[1:]
    [Key(kind='author', text='lee'), Key(kind='topic', text='cs'), Key(kind='word', text='cach')]
    """
    found = {Key("word", term) for term in query.terms}
    for clause in query.required:
        match clause:
            case Phrase(terms, _):
                found.update(Key("word", term) for term in terms)
            case ByAuthor(words):
                first = words if len(words[-1]) == 1 else [word[0] for word in words[:-1]] + [words[-1]]
                found.update(Key("author", word) for word in first)
            case ByTopic(key):
                found.add(Key("topic", key))
            case ByIdentifier(identifier):
                found.add(Key("id", identifier))
            case _:
                pass
    return frozenset(found)


@dataclass(slots=True, eq=False)
class _Standing:
    """One query, by whatever names it is held, and where it stands."""

    query: Query
    keys: frozenset[Key]
    names: set[int] = field(default_factory=set)
    under: Key | None = None


class StandingQueries:
    """Queries, each under a number of the caller's. Queries that mean the same are looked at once.

    `looked_at` counts how often a paper was compared with a query.
    """

    def __init__(self) -> None:
        self.looked_at = 0
        self._by_meaning: dict[Hashable, _Standing] = {}
        self._by_name: dict[int, _Standing] = {}
        self._under: dict[Key | None, list[_Standing]] = {}
        self._seen: Counter[Key] = Counter()
        self._papers = 0
        self._placed_at = 0

    def __len__(self) -> int:
        return len(self._by_name)

    def add(self, name: int, query: Query) -> None:
        """Let a query stand under a number, in place of the one that stood there."""
        self.remove(name)
        meaning = (frozenset(query.terms), frozenset(query.required), frozenset(query.excluded))
        if (standing := self._by_meaning.get(meaning)) is None:
            standing = self._by_meaning[meaning] = _Standing(query, keys_of(query))
            self._place(standing)
        standing.names.add(name)
        self._by_name[name] = standing

    def remove(self, name: int) -> None:
        """Take away the query of a number, if there is one."""
        if (standing := self._by_name.pop(name, None)) is None:
            return
        standing.names.discard(name)
        if not standing.names:
            query = standing.query
            del self._by_meaning[frozenset(query.terms), frozenset(query.required), frozenset(query.excluded)]
            self._under[standing.under].remove(standing)

    def match(self, puts: Sequence[Put]) -> list[set[int]]:
        """For each paper, the numbers of the queries that it matches."""
        texts = [Text(put) for put in puts]
        keyed = [(text, list(text.keys())) for text in texts]
        self._learn(keys for _, keys in keyed)
        return [self._match(text, keys) for text, keys in keyed]

    def _match(self, text: Text, keys: Iterable[Key]) -> set[int]:
        found: set[int] = set()
        for key in (None, *keys):
            for standing in self._under.get(key, ()):
                self.looked_at += 1
                if matches(standing.query, text):
                    found |= standing.names
        return found

    def _learn(self, papers: Iterable[list[Key]]) -> None:
        """Count how common keys are; once twice as many papers are known, every query moves to its rarest key."""
        for keys in papers:
            self._papers += 1
            self._seen.update(keys)
        if len(self._seen) > MOST_COUNTED:
            self._seen = Counter({key: count // 2 for key, count in self._seen.items() if count > 1})
            self._papers //= 2
            self._placed_at //= 2
        if self._papers >= 2 * self._placed_at:
            self._placed_at = self._papers
            self._under.clear()
            for standing in self._by_meaning.values():
                self._place(standing)

    def _place(self, standing: _Standing) -> None:
        standing.under = min(standing.keys, key=self._rank, default=None)
        self._under.setdefault(standing.under, []).append(standing)

    def _rank(self, key: Key) -> tuple[int, int, Key]:
        """How common a key is; of two as common the longer is taken for the rarer, before any paper was seen."""
        return self._seen[key], -len(key.text), key


def _stands(run: Sequence[str], terms: list[str]) -> bool:
    """Whether terms hold a run of them side by side."""
    run, size, place = list(run), len(run), -1
    for _ in range(terms.count(run[0])):
        place = terms.index(run[0], place + 1)
        if terms[place : place + size] == run:
            return True
    return False
