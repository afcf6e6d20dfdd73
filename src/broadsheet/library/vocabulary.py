"""The words of titles and of names, and the topics, that a library holds: what a few typed letters may go on to be.

It says what may be looked for, never what is there: who shows a paper has read it in the library before. It follows
the journal like the index, in memory: eight bytes for each word of a title or name, and some 200 for a new one.
"""

import heapq
import re
from array import array
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from itertools import chain, groupby
from threading import Lock, Thread

import numpy as np
from django.db import connections
from numpy.typing import NDArray

from broadsheet.library.models import Change
from broadsheet.papers.text import fold, searchable
from broadsheet.search.analysis import STOP_WORDS
from broadsheet.search.names import name_words, topic_key

CHUNK = 1_000
SHORTEST, LONGEST = 2, 40
"""Letters of a word that counts."""
TOPPED, KEPT = 3, 12
_PART = 50
"""The commonest words are reckoned anew when one word in so many is new."""
_LAST = "\U0010ffff"
_WORD = re.compile(r"[^\W_]+")


class Lexicon:
    """Distinct words with the papers that brought them, in order of arrival; found by how they begin.

    Of the words behind a beginning of TOPPED letters at most, which are many, the commonest are kept ready: they are
    reckoned from time to time.
    """

    def __init__(self) -> None:
        self._papers: dict[str, array[int]] = {}
        self._sorted: list[str] = []
        self._fresh: list[str] = []
        self._top: dict[str, list[str]] = {}

    def __len__(self) -> int:
        return len(self._sorted)

    def add(self, paper: int, words: Iterable[str]) -> None:
        """Note the words of a paper, but those of a letter and those too long to be words."""
        for word in set(words):
            if not SHORTEST <= len(word) <= LONGEST:
                continue
            known = self._papers.get(word)
            if known is None:
                known = self._papers[word] = array("q")
                self._fresh.append(word)
            elif known[-1] == paper:
                continue  # another version of it
            known.append(paper)

    def settle(self) -> None:
        """Sort the new words in among the others, which `commonest` looks for."""
        if len(self._fresh) * _PART < len(self._sorted):
            for word in self._fresh:
                insort(self._sorted, word)
                for length in range(SHORTEST, min(len(word), TOPPED) + 1):
                    if len(top := self._top.setdefault(word[:length], [])) < KEPT:
                        top.append(word)
        elif self._fresh:
            self._sorted = sorted(chain(self._sorted, self._fresh))
            self._top = {start: top for length in range(SHORTEST, TOPPED + 1) for start, top in self._tops(length)}
        self._fresh = []

    def commonest(self, start: str, limit: int) -> list[str]:
        """The commonest words that begin so, at most KEPT; the word itself, where it is one, before all."""
        if len(start) <= TOPPED:
            found = self._top.get(start, [])
        else:
            found = heapq.nsmallest(KEPT, self.beginning(start), key=self._rank)
        return sorted(found, key=lambda word: (word != start, self._rank(word)))[:limit]

    def beginning(self, start: str) -> list[str]:
        """The words that begin so, in order."""
        words = self._sorted
        return words[bisect_left(words, start) : bisect_left(words, start + _LAST)]

    def count(self, word: str) -> int:
        """How many papers brought a word."""
        return len(self._papers.get(word, ()))

    def has(self, word: str) -> bool:
        """Whether any paper brought a word."""
        return word in self._papers

    def papers(self, words: Iterable[str]) -> NDArray[np.int64]:
        """The papers that have all the words, the latest to arrive first."""
        lists = sorted((self._numbers(word) for word in set(words)), key=len)
        found = lists[0] if lists else np.zeros(0, np.int64)
        for other in lists[1:]:
            found = found[np.isin(found, other)]
        return found[::-1]

    def _numbers(self, word: str) -> NDArray[np.int64]:
        return np.array(self._papers.get(word, ()), np.int64)  # a copy, since an array in view cannot grow

    def _rank(self, word: str) -> tuple[int, str]:
        return -len(self._papers[word]), word

    def _tops(self, length: int) -> Iterator[tuple[str, list[str]]]:
        """The commonest words behind each beginning of so many letters."""
        for start, words in groupby(self._sorted, lambda word: word[:length]):
            if len(start) == length:
                yield start, heapq.nsmallest(KEPT, words, key=self._rank)


class Vocabulary:
    """The words of one library. Threads may share it; one of them follows the journal at a time."""

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self._turn = Lock()
        self._begin()

    def _begin(self) -> None:
        self.titles, self.names, self.topics = Lexicon(), Lexicon(), Lexicon()
        self.written: dict[str, str] = {}
        self.position = 0

    def follow(self, head: int) -> None:
        """Read what came until the journal's head; where that is much, in the background, and what is known serves."""
        if self.position >= head or not self._turn.acquire(blocking=False):
            return
        if head - self.position <= CHUNK:
            self._follow(head)
        else:
            Thread(target=self._follow_aside, args=(head,), name="read-vocabulary", daemon=True).start()

    def read(self, head: int) -> None:
        """Read what came until the journal's head, however long it takes."""
        if self._turn.acquire():
            self._follow(head)

    def _follow_aside(self, head: int) -> None:
        try:
            self._follow(head)
        finally:
            connections[self.alias].close()

    def _follow(self, head: int) -> None:
        """Follow to the head and give the turn back. After an erasure all is read anew, so that nothing is left."""
        try:
            changes = Change.objects.using(self.alias).filter(seq__gt=self.position, seq__lte=head)
            if self.position and changes.filter(kind=Change.Kind.ERASED).exists():
                self._begin()
            while self.position < head:
                self._follow_chunk(head)
            for lexicon in (self.titles, self.names, self.topics):
                lexicon.settle()
        finally:
            self._turn.release()

    def _follow_chunk(self, head: int) -> None:
        births = Change.objects.using(self.alias).filter(
            seq__gt=self.position, seq__lte=head, kind__in=Change.BIRTHS, paper__erased_at__isnull=True
        )
        fields = ("seq", "paper_id", "version__title", "version__authors", "version__topics")
        rows = list(births.order_by("seq").values_list(*fields)[:CHUNK])
        for _, paper, title, authors, topics in rows:
            self.titles.add(paper, (word for word in title_words(title) if word not in STOP_WORDS))
            self.names.add(paper, name_words("\n".join(author["name"] for author in authors)))
            keys = {topic_key(topic): topic for topic in topics}
            self.topics.add(paper, keys)
            self.written |= keys
        self.position = rows[-1][0] if len(rows) == CHUNK else head


def title_words(text: str) -> list[str]:
    """The words of a title as they are typed: folded, not stemmed.

    >>> title_words("Low-rank Gödel")
    ['low', 'rank', 'godel']
    """
    return _WORD.findall(fold(searchable(text)))
