"""What a process searches by: an index that follows the journal, and the encoder of its vectors.

Another process may change the encoder at any moment. Whoever then follows the journal over that change takes the next
generation up; until it is ready, answers are as of the change before, by the generation of then. So each number is
searched by one generation, whoever asks and whenever.
"""

import logging
from collections.abc import Callable
from threading import Lock, RLock

from broadsheet.library import generations, journal, snapshots
from broadsheet.library.follower import IndexFollower
from broadsheet.library.models import Generation
from broadsheet.search import Embedder, ModelError, NativeIndex, Query, Vector

log = logging.getLogger(__name__)

Find = Callable[[str], Embedder | None]
"""Finds an encoder where an option or a generation says."""
Progress = Callable[[int, int], None]


class Live:
    """One generation in this process: the encoder, if it is here, and the index, opened when it is asked for."""

    def __init__(
        self, alias: str, since: int, embedder: Embedder | None, follower: IndexFollower | None = None
    ) -> None:
        self.alias = alias
        self.since = since
        self.embedder = embedder
        self._follower = follower
        self._opening = Lock()

    @property
    def model(self) -> str | None:
        """The name of the encoder."""
        return self.embedder.name if self.embedder else None

    @property
    def follower(self) -> IndexFollower:
        """The index and its place in the journal."""
        with self._opening:
            if self._follower is None:
                self._follower = IndexFollower(self.alias, snapshots.load(self.alias, self.model), self.model)
            return self._follower

    def before(self, other: "Live") -> "Live":
        """Another generation that comes after this one; it goes on with the index if that has the same vectors."""
        is_same = self._follower is not None and other.model == self.model
        return Live(other.alias, other.since, other.embedder, self._follower) if is_same else other

    @property
    def index(self) -> NativeIndex:
        """The index."""
        return self.follower.index

    def vector_of(self, query: Query) -> Vector | None:
        """The vector of a query, to compare with those of this index; None where there is nothing to compare."""
        return self.embedder.embed_query(query.plain) if query.plain and self.embedder else None


class Generations:
    """The generations of one library in one process. Threads may share it."""

    def __init__(self, alias: str, asked: Callable[[], Embedder | None], find: Find, chosen: str) -> None:
        """`asked` finds the encoder that the options name, which `chosen` is the text of.

        `asked_in_vain` is the name of that encoder where the library is searched by another one. An encoder that is
        damaged or gone is an error unless `is_strict` is made False; then searches go by words.
        """
        self.alias = alias
        self.chosen = chosen
        self.is_followed = False
        self.is_strict = True
        self.asked_in_vain: str | None = None
        self._asked = asked
        self._find = find
        self._current: Live | None = None
        self._past: Live | None = None
        self._turn = RLock()

    @property
    def current(self) -> Live:
        """The generation that this process searches by, found at first use. Raises ModelError."""
        if self._current is None:
            with self._turn:
                self._current = self._current or self._open()
        return self._current

    def renew(self) -> Live:
        """Take up the generation that is searched now, if this process has another one. One query."""
        with self._turn:
            live, row = self.current, generations.searched(self.alias)
            if row is not None and (row.since != live.since or live.model not in (None, row.model)):
                self._current = live.before(self._open())
            return self.current

    def follow(self, budget: float | None, until: int, progress: Progress | None = None) -> tuple[Live, int, int]:
        """Follow the journal up to a number; the generation to search by then, the number, and how many are missing.

        Some are if `budget` seconds end before, or if another thread is taking up another generation.
        """
        live = self.current
        behind = live.follower.catch_up(budget, progress, until)
        while live.follower.turned_at > live.since:
            turned_at = live.follower.turned_at
            if not self._take_up(live, budget):
                return live, min(live.index.position, until, turned_at - 1), max(0, until - turned_at + 1)
            live = self.current
            behind = live.follower.catch_up(budget, progress, until)
        return live, min(live.index.position, until), behind

    def searched_at(self, live: Live, at: int) -> Live:
        """The generation that was searched at a number, `live` being the one that is searched now.

        Where its vectors or its encoder are gone, it is one without an encoder. One query if it is another one.
        """
        if at >= live.since:
            return live
        row = generations.searched_at(self.alias, at)
        if row is None or not row.is_kept:
            return Live(self.alias, live.since, None, live.follower)
        if row.model == live.model:
            return live
        with self._turn:
            if self._past is None or self._past.since != row.since:
                self._past = Live(self.alias, row.since or 0, self._encoder_of(row, is_past=True))
            past = self._past
        if past.embedder is None:
            return Live(self.alias, live.since, None, live.follower)
        past.follower.catch_up(until=max(at, live.index.position))  # what was erased since is gone from it, too
        return past

    def _take_up(self, live: Live, budget: float | None) -> bool:
        """Put the next generation in the place of this one; False if another thread does that and is not done."""
        if budget is not None and self.is_followed:
            return self._current is not live  # the thread in the background is at it
        with self._turn:
            if self._current is live:
                self.is_strict = False  # who runs goes on, by words if need be
                following = live.before(self._open())
                following.follower.catch_up(until=journal.head(self.alias))
                self._current, self._past = following, None
        return True

    def _open(self) -> Live:
        """The generation that is searched now, or will be once something is embedded."""
        row = generations.searched(self.alias)
        if row is None:
            return Live(self.alias, 0, self._asked())
        return Live(self.alias, row.since or 0, self._encoder_of(row))

    def _encoder_of(self, row: Generation, *, is_past: bool = False) -> Embedder | None:
        """The encoder of a generation: the one that the options name, or the one of which it was made.

        None if there is none here. Raises what was wrong with it, if strict, and if it is searched by now.
        """
        if self.chosen.strip() == "none":
            return None
        wrong: Exception | None = None
        looks: list[Callable[[], Embedder | None]] = []
        if self.chosen or not row.chosen:
            looks.append(self._asked)
        if self.chosen != row.chosen:
            looks.insert(0 if is_past else 1, lambda: self._find(row.chosen))
        for look in looks:
            try:
                found = look()
            except (ModelError, OSError) as error:
                wrong = error
                continue
            if found is not None and found.name == row.model:
                return found
            if found is not None and look is self._asked and not is_past:
                self.asked_in_vain = found.name
        if wrong is not None and self.is_strict and not is_past:
            raise wrong
        log.warning("%s, by which the library is searched, is not here%s", row.model, f": {wrong}" if wrong else "")
        return None
