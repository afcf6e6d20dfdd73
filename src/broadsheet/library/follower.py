"""The live index follows the journal: it reads what happened since its own position and applies it in order."""

import time
from collections.abc import Callable
from threading import Lock

import numpy as np

from broadsheet.library import journal, snapshots
from broadsheet.library.models import Change, Embedding, Version
from broadsheet.library.naming import addressed
from broadsheet.library.rows import changes_after
from broadsheet.search import Change as IndexChange
from broadsheet.search import Embed, Erase, NativeIndex, Put, Vector, Withdraw, forget_passages
from broadsheet.search.names import source_key

CHUNK = 250


class IndexFollower:
    """Keeps one index at the head of one library's journal. Threads may share it.

    `turned_at` is the last change met at which the library came to be searched by other vectors, 0 for none.
    """

    def __init__(self, alias: str, index: NativeIndex, model: str | None) -> None:
        self.alias = alias
        self.index = index
        self.model = model
        self.turned_at = 0
        self._turn = Lock()

    def catch_up(
        self, budget: float | None = None, progress: Callable[[int, int], None] | None = None, until: int | None = None
    ) -> int:
        """Follow the journal to its head and return how many changes remain: 0 unless `budget` seconds ran out.

        A chunk already begun is finished, so the budget may be passed by one chunk's time.
        """
        head = journal.head(self.alias) if until is None else until
        if self.index.position >= head:
            return 0
        deadline = None if budget is None else time.monotonic() + budget
        if not self._turn.acquire(timeout=-1 if budget is None else budget):
            return max(0, head - self.index.position)
        try:
            while self.index.position < head:
                if deadline is not None and time.monotonic() > deadline:
                    break
                self._follow_chunk(head)
                if progress:
                    progress(self.index.position, head)
        finally:
            self._turn.release()
        return max(0, head - self.index.position)

    def save(self) -> None:
        """Write the snapshot for the next process. Raises OSError."""
        with self._turn:
            snapshots.save(self.alias, self.model, self.index)

    def _follow_chunk(self, head: int) -> None:
        position = self.index.position
        rows = changes_after(self.alias, position, head, CHUNK)
        embedded = [row.seq for row in rows if row.kind == Change.Kind.EMBEDDED]
        vectors = vectors_born(self.alias, embedded, self.model) if embedded else {}
        changes = [change for row in rows if (change := to_index_change(row, vectors)) is not None]
        turns = [row.seq for row in rows if row.kind == Change.Kind.REINDEXED]
        self.turned_at = max(turns, default=self.turned_at)
        self.index.apply(changes, rows[-1].seq)
        if any(isinstance(change, Erase) for change in changes):
            forget_passages()
            snapshots.discard_erased(self.alias, position)


def to_index_change(row: Change, vectors: dict[int, Vector]) -> IndexChange | None:
    """What a journal row means to an index; None where it means nothing (an embedding of another model).

    By which vectors is searched is no concern of an index: it has those of one model.
    """
    if row.kind == Change.Kind.REINDEXED:
        return None
    assert row.paper_id is not None
    if row.kind in Change.BIRTHS:
        assert row.version is not None
        return put_of(row.version, row.seq)
    if row.kind == Change.Kind.EMBEDDED:
        vector = vectors.get(row.seq)
        return Embed(row.seq, row.paper_id, vector) if vector else None
    if row.kind == Change.Kind.WITHDRAWN:
        return Withdraw(row.seq, row.paper_id)
    return Erase(row.seq, row.paper_id)


def put_of(version: Version, seq: int) -> Put:
    """A version as an index takes it."""
    return Put(
        seq=seq,
        paper=version.paper_id,
        title=version.title,
        abstract=version.abstract,
        authors=tuple(version.author_names),
        topics=tuple(version.topics),
        identifiers=(*addressed(version), source_key(version.source)),
        day=version.date or version.paper.day,
    )


def vectors_born(alias: str, seqs: list[int], model: str | None) -> dict[int, Vector]:
    """The vectors of a model that these changes brought, by sequence number; none for one that was replaced since."""
    rows = Embedding.objects.using(alias).filter(born__in=seqs, model=model)
    return {row.born: Vector(np.frombuffer(row.codes, dtype=np.int8), row.scale) for row in rows}
