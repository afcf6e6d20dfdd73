"""Deep searches: the first papers of a ranking are read again, one deep search at a time."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

from broadsheet.library import reading
from broadsheet.search import Query, Ranked, passage
from broadsheet.search.deep import FIRST, reread
from broadsheet.search.engine import Hit
from broadsheet.search.reranker import KeptScores, Reranker


@dataclass(frozen=True, slots=True)
class Rereading:
    """What a deep search did besides: it read the first `read` of the `first` hits that it should, with `reranker`.

    The name of the reranker is empty where there is none. Fewer are read if the time was over.
    """

    reranker: str
    read: int
    first: int

    @property
    def says(self) -> str:
        """What became of it, in one plain sentence without its full stop."""
        if not self.reranker:
            return "There is no reranker here, so the papers stand in their first order"
        if not self.first:
            return "There is nothing to read more closely here"
        if not self.read:
            return "There was no time to read them more closely, so the papers stand in their first order"
        if self.read < self.first:
            return f"{self.read} of the first {self.first} were read more closely before the time was over"
        return f"The first {self.first} were read more closely" if self.first > 1 else "The paper was read more closely"

    def to_json(self) -> Mapping[str, Any]:
        """The same for programs."""
        return {"reranker": self.reranker or None, "read": self.read, "first": self.first}


class Rereader:
    """Rereads for one library. Threads may share it and wait for each other: a reranker takes all processors."""

    def __init__(self, alias: str, find: Callable[[], Reranker | None]) -> None:
        self.alias = alias
        self._find = find
        self._reranker: KeptScores | None = None
        self._is_known = False
        self._finding = Lock()
        self._turn = Lock()

    @property
    def reranker(self) -> KeptScores | None:
        """The reranker, looked for at first use, or None. Raises ModelError."""
        with self._finding:
            if not self._is_known:
                found = self._find()
                self._reranker = KeptScores(found) if found else None
                self._is_known = True
            return self._reranker

    def reread(
        self, ranked: Ranked, query: Query, offset: int, limit: int, seconds: float | None = None
    ) -> tuple[Ranked, Rereading]:
        """A page of a ranking whose first were reread, out of hits that begin with the ranking's first.

        Texts are read as of the number searched, so the order of an earlier number is the same again, unless the time
        was over: `seconds` bounds it, and the turn of others is part of it.
        """
        reranker = self.reranker
        first = ranked.hits[:FIRST] if query.plain and offset < FIRST else ()
        scores = self._score(reranker, query, first, ranked.at, seconds) if reranker and first else []
        hits = reread(ranked.hits, scores)[offset : offset + limit]
        return replace(ranked, hits=hits), Rereading(reranker.name if reranker else "", len(scores), len(first))

    def _score(
        self, reranker: KeptScores, query: Query, hits: tuple[Hit, ...], at: int, seconds: float | None
    ) -> list[float]:
        deadline = None if seconds is None else time.monotonic() + seconds
        versions = reading.versions_at(self.alias, [hit.paper for hit in hits], at)
        passages = [
            passage(version.title, version.abstract) if (version := versions.get(hit.paper)) else "" for hit in hits
        ]
        if not self._turn.acquire(timeout=-1 if seconds is None else seconds):
            return []
        try:
            return reranker.score(query.plain, passages, lambda: deadline is not None and time.monotonic() > deadline)
        finally:
            self._turn.release()
