"""Reindexing: the vectors of another encoder are made aside, and one commit has the library searched by them.

What is made is kept in small transactions, so that whatever ends the work, the next one goes on where it was. Nobody
who searches sees anything of it before that commit: an index has the vectors of one encoder alone.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from broadsheet.library import generations
from broadsheet.library.embedding import BATCH, store, vectors_of
from broadsheet.library.errors import LibraryError
from broadsheet.library.journal import Pen, appending
from broadsheet.library.live import Live
from broadsheet.library.models import Embedding, Generation, Version
from broadsheet.library.snapshots import is_due
from broadsheet.search import Embedder

Clock = Callable[[], datetime]


class Reindexing:
    """The work of making a generation aside. Two processes may do the same; each makes what the other has not."""

    def __init__(self, alias: str, embedder: Embedder, chosen: str, clock: Clock) -> None:
        """Note that it is begun, or taken up again. Raises LibraryError if the library is searched so already."""
        self.alias = alias
        self.embedder = embedder
        self.clock = clock
        with appending(alias, clock()) as pen:
            self.row = generations.begin(pen, embedder, chosen)
        self.live = Live(alias, 0, embedder)

    def make(self, progress: Callable[[int, int], None] | None = None, stop: Callable[[], bool] = lambda: False) -> int:
        """Make the vectors that are missing and return how many were made, those of papers that come meanwhile too.

        At the end no paper is without that is found by meaning now. `progress` hears (done, total), of all papers.
        Raises LibraryError if another reindexing took the place of this one.
        """
        total = Version.objects.using(self.alias).filter(died__isnull=True).count()
        before, made = total - self._missing().count(), 0
        waiting = self._missing()
        while not stop():
            if batch := list(waiting.order_by("-born")[:BATCH]):
                made += self._keep(batch, before + made, total)
                total = max(total, before + made)
                if progress:
                    progress(before + made, total)
                waiting = self._missing().filter(born__lt=batch[-1].born)
            elif self._late().exists():
                waiting = self._late()
            else:
                break
        return made

    def index(self, progress: Callable[[int, int], None] | None = None, until: int | None = None) -> Live:
        """What will be searched: the index with these vectors, at the head of the journal, or until a number."""
        self.live.follower.catch_up(until=until, progress=progress)
        return self.live

    def take_over(self) -> int:
        """Have the library searched by these vectors from a new change on, and return its number.

        Every paper that is found by meaning till then is so afterwards. Raises LibraryError if another reindexing took
        its place.
        """
        while True:
            self.make()
            with appending(self.alias, self.clock()) as pen:
                self._lock(pen)
                late = list(self._late()[: BATCH + 1])
                if len(late) <= BATCH:  # so few that nobody waits long for the right to write
                    self._store(pen, late)
                    self._mark()
                    return generations.take_over(pen, self.row)

    def keep_snapshot(self) -> bool:
        """Write down the index for those who take it up, if reading the journal would take longer."""
        follower = self.live.follower
        if not is_due(self.alias, follower.model, follower.index):
            return False
        follower.save()
        return True

    def _missing(self) -> "QuerySet[Version]":
        """The open versions without a vector of this encoder."""
        own = Embedding.objects.using(self.alias).filter(version=OuterRef("pk"), model=self.embedder.name)
        return Version.objects.using(self.alias).filter(~Exists(own), died__isnull=True)

    def _late(self) -> "QuerySet[Version]":
        """The open versions that have a vector of the encoder that is searched by, and none of this one."""
        return self._missing().filter(is_embedded=True)

    def _keep(self, versions: Sequence[Version], done: int, total: int) -> int:
        vectors = vectors_of(self.embedder, versions)
        with appending(self.alias, self.clock()) as pen:
            self._lock(pen)
            stored = store(pen, self.embedder, self._missing(), vectors, is_searched=False)
            rows = Generation.objects.using(self.alias).filter(pk=self.row.pk)
            rows.update(done=done + stored, total=max(total, done + stored), seen_at=pen.at)
        return stored

    def _store(self, pen: Pen, versions: Sequence[Version]) -> None:
        if versions:
            store(pen, self.embedder, self._missing(), vectors_of(self.embedder, versions), is_searched=False)

    def _lock(self, pen: Pen) -> None:
        """Raise LibraryError unless this generation is the one that is being made."""
        if not Generation.objects.using(pen.alias).filter(pk=self.row.pk, since__isnull=True).exists():
            raise LibraryError("another reindexing took the place of this one, or gave its vectors up")

    def _mark(self) -> None:
        """Mark each version as embedded if it has a vector of this encoder."""
        own = Exists(Embedding.objects.using(self.alias).filter(version=OuterRef("pk"), model=self.embedder.name))
        versions = Version.objects.using(self.alias)
        versions.filter(~own, is_embedded=True).update(is_embedded=False)
        versions.filter(own, is_embedded=False).update(is_embedded=True)
