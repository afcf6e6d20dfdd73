"""Suggestions: papers, authors and topics that what was typed so far may be the beginning of.

A vocabulary says how the last word may go on and which papers have the words; what is suggested was then read in the
library. So a paper that was withdrawn is not, nor is a title or a name that no paper has any more.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from broadsheet.library.models import Version
from broadsheet.library.reading import open_versions
from broadsheet.library.vocabulary import SHORTEST, Vocabulary, title_words
from broadsheet.library.vocabulary import Kind as WordsOf
from broadsheet.papers.text import title_key
from broadsheet.search import Query
from broadsheet.search.clauses import ByTopic
from broadsheet.search.engine import count_matching
from broadsheet.search.index import Index
from broadsheet.search.names import name_words, topic_key

LONGEST = 100
"""How many typed letters are looked at; what is longer is no beginning of anything."""
TITLES, AUTHORS, TOPICS = 5, 3, 2
CANDIDATES = 20
"""How many papers are read, for their titles and for the names of their authors each."""
_MOST_WORDS = 12

Kind = Literal["paper", "author", "topic"]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What may be meant: a paper by title and key, an author by name, or a topic with the number of its papers."""

    kind: Kind
    text: str
    key: str = ""
    papers: int = 0


def suggest(alias: str, index: Index, vocabulary: Vocabulary, typed: str, kinds: Sequence[Kind]) -> list[Suggestion]:
    """What a typed beginning may mean: topics, authors, then papers. One query of the database, or none.

    The cost grows with the papers that share the rarest of the words, some ns each.
    """
    if len(typed.strip()) < SHORTEST or len(typed) > LONGEST:
        return []
    titled = _versions(vocabulary, "titles", title_words(typed), typed) if "paper" in kinds else []
    named = _versions(vocabulary, "names", name_words(typed), typed) if "author" in kinds else []
    versions: dict[int, Version] = {}
    if titled or named:
        read = open_versions(alias).filter(pk__in={*titled, *named})
        versions = {version.pk: version for version in read.only("title", "authors", "paper__key")}
    found = _topics(index, vocabulary, typed) if "topic" in kinds else []
    found += _authors([versions[version] for version in named if version in versions], typed)
    return found + _titles([versions[version] for version in titled if version in versions], typed)


def _versions(vocabulary: Vocabulary, kind: WordsOf, words: list[str], typed: str) -> list[int]:
    """The latest that have all the words typed, the last one perhaps longer; then some that have the others."""
    if not words:
        return []
    *whole, last = words[-_MOST_WORDS:]
    whole = [word for word in whole if vocabulary.versions(kind, [word], limit=1)]
    is_finished = typed[-1:].isspace()
    found: dict[int, None] = {}
    for sought, start in (([*whole, last], ""), (whole, "" if is_finished else last), (whole, "")):
        found |= dict.fromkeys(vocabulary.versions(kind, sought, start, CANDIDATES))
    return list(found)[:CANDIDATES]


def _titles(versions: Sequence[Version], typed: str) -> list[Suggestion]:
    """The papers whose titles have the words typed to this day; before others those that begin with them."""
    words, start = title_words(typed), title_key(typed)
    fitting = [version for version in versions if _goes_on(words, title_words(version.title))]
    fitting.sort(key=lambda version: not title_key(version.title).startswith(start))
    return [Suggestion("paper", version.title, version.paper.key) for version in fitting[:TITLES]]


def _authors(versions: Sequence[Version], typed: str) -> list[Suggestion]:
    """The authors of some papers whose names have the words typed, each as written most often."""
    words = name_words(typed)
    spelled: dict[str, Counter[str]] = {}
    for version in versions:
        for name in version.author_names:
            parts = name_words(name)
            if _goes_on(words, parts):
                spelled.setdefault(" ".join(sorted(parts)), Counter())[name] += 1
    best = sorted(spelled.values(), key=lambda spellings: -spellings.total())[:AUTHORS]
    return [Suggestion("author", spellings.most_common(1)[0][0]) for spellings in best]


def _goes_on(words: Sequence[str], parts: Sequence[str]) -> bool:
    """Whether a text has all words typed, one letter standing for a word, and the last as the beginning of one."""
    if not words:
        return False
    *whole, last = words
    known = set(parts)
    return all(
        word in known or (len(word) == 1 and any(part.startswith(word) for part in parts)) for word in whole
    ) and any(part.startswith(last) for part in parts)


def _topics(index: Index, vocabulary: Vocabulary, typed: str) -> list[Suggestion]:
    counted = (
        Suggestion("topic", written, papers=count_matching(index, Query(key, required=(ByTopic(key),))))
        for key, written in vocabulary.topics(topic_key(typed), TOPICS * 2)
    )
    return list(islice((topic for topic in counted if topic.papers), TOPICS))
