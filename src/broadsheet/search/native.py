"""The live index as a native core: the same answers as the reference, at the speed of the machine.

The text is analysed here, once for each new stretch of letters between spaces; everything else is one call that works
without the interpreter's lock, so a busy writer never holds up a reader. What is inside is told in native/.
"""

from collections.abc import Sequence
from pathlib import Path
from threading import Lock

import numpy as np

from broadsheet.papers.text import searchable
from broadsheet.search import _native
from broadsheet.search.analysis import STOP_WORDS, analyse_chunk
from broadsheet.search.changes import fresh_changes
from broadsheet.search.clauses import After, Before, ByAuthor, ByIdentifier, ByTopic, Clause, Phrase
from broadsheet.search.errors import PositionError, SearchError, SnapshotError
from broadsheet.search.index import Change, Embed, Found, Put, Vector, Withdraw
from broadsheet.search.names import name_words, topic_keys
from broadsheet.search.query import Query

_PUT, _EMBED, _WITHDRAW, _ERASE = range(4)
_HEAD = -1
_DEEPEST = 2**31
_AT_ONCE = 32  # changes whose texts are read in one call, in which those who search have the interpreter's lock

BLOCK_SLOTS = 65_536
"""How many versions of papers stand in one block, packed together when it is full; no more are possible."""

LEARNED_FROM = 65_536
"""From how many vectors inverted lists are learned; up to there, all vectors are looked at."""


class NativeIndex:
    """The `Index` port in C++: exact BM25F with early stopping, vectors scanned by their signs and then compared.

    A search costs a share of the postings of its terms, plus, for the vectors, some 5 ns for each up to LEARNED_FROM,
    and an eighth of that for each beyond; a change costs what its words are.
    """

    def __init__(self, block_slots: int = BLOCK_SLOTS, learned_from: int = LEARNED_FROM) -> None:
        """Make an empty index, which packs a block at `block_slots` versions and learns lists from so many vectors."""
        self._native = _native.Index(block_slots, learned_from)
        self._writing = Lock()

    @classmethod
    def load(
        cls, path: Path, identity: str, block_slots: int = BLOCK_SLOTS, learned_from: int = LEARNED_FROM
    ) -> "NativeIndex":
        """Map the snapshot that `save` wrote for the same library. Raises SnapshotError, which says what is wrong.

        The pages are shared with every process that maps the file, until one changes them for itself.
        """
        index = cls(block_slots, learned_from)
        try:
            index._native = _native.Index.load(str(path), identity, block_slots, learned_from)
        except (_native.SnapshotError, OSError) as error:
            raise _refusal(error) from error
        return index

    @staticmethod
    def position_of(path: Path) -> int:
        """The position that a snapshot claims to be of; `load` is what checks it. Raises SnapshotError."""
        try:
            return _native.Index.position_of(str(path))
        except (_native.SnapshotError, OSError) as error:
            raise _refusal(error) from error

    def save(self, path: Path, identity: str) -> None:
        """Write a snapshot that `identity`, of at most 255 bytes, will open; the file is replaced as a whole.

        Changes wait meanwhile, searches do not. Raises OSError, with the old file in place.
        """
        with self._writing:
            self._native.save(str(path), identity)

    def compact(self) -> None:
        """Pack everything anew, the open versions apart from the closed ones. Changes wait, searches do not."""
        with self._writing:
            self._native.compact()

    @property
    def position(self) -> int:
        """The sequence number of the last change applied, 0 when empty."""
        return self._native.position

    @property
    def size(self) -> int:
        """How many papers are open at `position`."""
        return self._native.size

    def apply(self, changes: Sequence[Change], position: int) -> None:
        """Apply changes in order and move to `position`, visible all at once. Changes at or before it are skipped.

        Raises ChangeError, with nothing applied, when a change is out of order, beyond `position` or damaged.
        """
        with self._writing:
            fresh = fresh_changes(changes, self._native.position, position)
            rows: list[tuple[object, ...]] = []
            try:
                for start in range(0, len(fresh), _AT_ONCE):
                    some = fresh[start : start + _AT_ONCE]
                    rows += map(_row, some)
                    self._read(some)
                self._native.apply(rows, position)
            except BaseException:
                self._native.forget()  # what was read and not analysed must not count as known
                raise

    def _read(self, changes: Sequence[Change]) -> None:
        """Hand over the texts of the next puts, and the terms of each stretch between spaces that was never met.

        A stretch is analysed alone, as no word spans a space.
        """
        puts = [change for change in changes if isinstance(change, Put)]
        texts = [searchable(text).lower() for put in puts for text in (put.title, put.abstract)]
        unknown = [(number, tuple(analyse_chunk(stretch))) for number, stretch in self._native.read(texts)]
        if unknown:
            self._native.learn([(number, terms, sum(map(_ranks, terms))) for number, terms in unknown])

    def search(
        self,
        query: Query,
        vector: Vector | None = None,
        depth: int = 200,
        at: int | None = None,
        *,
        near: int | None = None,
        is_counted: bool = True,
    ) -> Found:
        """Find the best `depth` by words and `near` by meaning (see Found) that pass the query's filters at `at`.

        Raises PositionError for an `at` that is negative or not reached yet, SearchError for a depth below 1.
        """
        near = depth if near is None else near
        _check_depth(min(depth, near))
        columns = self._native.search(
            query.terms,
            [_clause(clause) for clause in query.required],
            [_clause(clause) for clause in query.excluded],
            query.needs_word,
            vector.codes if vector else None,
            vector.scale if vector else 0.0,
            min(depth, _DEEPEST),
            min(near, _DEEPEST),
            self._checked(at),
            is_counted,
        )
        total, papers, words, meanings, days, is_near, most, answer = columns
        return Found(total, query.terms, papers, words, meanings, days, is_near.view(np.bool_), most, answer.shares)

    def nearest(self, paper: int, depth: int = 10, at: int | None = None) -> Sequence[tuple[int, float]]:
        """The papers closest in meaning to a paper, itself left out, best first; none while it has no vector."""
        _check_depth(depth)
        return self._native.nearest(paper, min(depth, _DEEPEST), self._checked(at))

    def papers(self, at: int | None = None) -> Sequence[int]:
        """The papers open at `at`, in rising order, for checks."""
        return self._native.papers(self._checked(at))

    def _checked(self, at: int | None) -> int:
        if at is None:
            return _HEAD
        if not 0 <= at <= self.position:
            raise PositionError(f"the index knows the changes from 0 to {self.position:,}, not {at:,}")
        return at


def _ranks(term: str) -> bool:
    return term not in STOP_WORDS


def _refusal(error: Exception) -> SnapshotError:
    if isinstance(error, OSError):
        return SnapshotError(f"the snapshot cannot be read: {error.strerror}")
    return SnapshotError(str(error))


def _check_depth(depth: int) -> None:
    if depth < 1:
        raise SearchError(f"a search has a depth of at least 1, not {depth}")


def _row(change: Change) -> tuple[object, ...]:
    """A change as the native core takes it."""
    match change:
        case Put():
            return (
                _PUT,
                change.seq,
                change.paper,
                [name_words(author) for author in change.authors],
                [key for topic in change.topics for key in topic_keys(topic)],
                change.identifiers,
                change.day.toordinal() if change.day else 0,
            )
        case Embed(seq, paper, vector):
            return (_EMBED, seq, paper, vector.codes, vector.scale)
        case Withdraw(seq, paper):
            return (_WITHDRAW, seq, paper)
        case _:
            return (_ERASE, change.seq, change.paper)


def _clause(clause: Clause) -> tuple[str, Sequence[str], int]:
    match clause:
        case Phrase(terms, in_title):
            return ("title" if in_title else "phrase", terms, 0)
        case ByAuthor(words):
            return ("author", words, 0)
        case ByTopic(key):
            return ("topic", (key,), 0)
        case ByIdentifier(identifier):
            return ("identifier", (identifier,), 0)
        case After(day):
            return ("after", (), day.toordinal())
        case Before(day):
            return ("before", (), day.toordinal())
