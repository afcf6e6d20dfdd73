"""The one façade of the room: everything that doors and notebooks do with a library goes through `Library`."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from threading import Event, Thread

from django.conf import settings
from django.db import DatabaseError, connections

from broadsheet.library import (
    checking,
    embedding,
    harvesting,
    journal,
    reading,
    snapshots,
    stars,
    state,
)
from broadsheet.library.answers import Answer, Hit, hits_of
from broadsheet.library.database import register, set_up
from broadsheet.library.editing import Editing
from broadsheet.library.errors import LibraryError
from broadsheet.library.facets import Facets, find_facets
from broadsheet.library.follower import IndexFollower
from broadsheet.library.generations import OtherGeneration, model_of
from broadsheet.library.live import Find, Generations, Live
from broadsheet.library.models import HarvestRun, Paper, Version
from broadsheet.library.naming import read_query
from broadsheet.library.putting import Placement, batched, put
from broadsheet.library.reindexing import Reindexing
from broadsheet.library.rereading import Rereader
from broadsheet.library.since import Since, changed_since
from broadsheet.library.sorting import Sort, ranked_by
from broadsheet.library.suggesting import Kind, Suggestion, suggest
from broadsheet.library.turns import Turns
from broadsheet.library.vocabulary import Vocabulary
from broadsheet.papers import Identifier, Record
from broadsheet.search import Embedder, NativeIndex, Query, find_embedder, search
from broadsheet.search.deep import FIRST
from broadsheet.search.reranker import Reranker, find_reranker
from broadsheet.sources import Source

log = logging.getLogger(__name__)

BATCH = 500
"""How many records one transaction of `Library.put` stores."""
FOLLOW_EVERY = 0.25
"""Seconds between looks at the journal in the background."""


def _now() -> datetime:
    return datetime.now(UTC)


class Library(Editing):
    """A collection of papers with its journal and its live index. Threads may share one; processes open their own.

    >>> library = Library.open("~/papers")                                   # doctest: +SKIP
    >>> library.put([Record("notes", (), text)])                             # doctest: +SKIP
    >>> [hit.title for hit in library.search("simultaneous updates").hits]   # doctest: +SKIP
    """

    def __init__(
        self,
        alias: str,
        embedder: Callable[[], Embedder | None],
        clock: Callable[[], datetime] = _now,
        reranker: Callable[[], Reranker | None] = lambda: None,
        find: Find = lambda chosen: None,
        chosen: str = "",
    ) -> None:
        """`embedder` finds the sentence encoder that is asked for, by the text `chosen`, and `find` one by another."""
        self.alias = alias
        self.generations = Generations(alias, embedder, find, chosen)
        self.rereader = Rereader(alias, reranker)
        self.vocabulary = Vocabulary(alias)
        self.clock = clock
        self._known_pending = -1, 0
        self._turns = Turns()

    @classmethod
    def open(
        cls, where: str | Path | None = None, model: str | None = None, clock: Callable[[], datetime] = _now
    ) -> "Library":
        """Open a library, made if it does not exist: a folder, an SQLite file or a ``postgresql://`` address.

        Without `where` it is the one that the options name. `model` is as BROADSHEET_MODEL: a folder, ``ID@COMMIT``
        or ``none``. Raises LibraryError for an address of another kind.
        """
        alias = "default" if where is None else register(where)
        set_up(alias)
        chosen = settings.MODEL if model is None else model
        reranker = settings.RERANKER
        return cls(alias, lambda: find_embedder(chosen), clock, lambda: find_reranker(reranker), find_embedder, chosen)

    @property
    def embedder(self) -> Embedder | None:
        """The sentence encoder, loaded at first use, or None: then searches go by words only."""
        return self.generations.current.embedder

    @property
    def searched_by(self) -> str | None:
        """The name of the encoder whose vectors are searched, be it here or not; None while there are no vectors."""
        return model_of(self.alias) or None

    @property
    def follower(self) -> IndexFollower:
        """The live index of this process and its place in the journal."""
        return self.generations.current.follower

    # Writing

    def put(self, records: Iterable[Record]) -> list[Placement]:
        """Store records, one transaction for each 500, and say what became of each, in order."""
        placements: list[Placement] = []
        for batch in batched(records, BATCH):
            with journal.appending(self.alias, self.clock()) as pen:
                placed = put(pen, batch)
            placements += placed
        return placements

    def harvest(self, source: Source, request: str, progress: "harvesting.Progress | None" = None) -> HarvestRun:
        """Run a source to its end, or on from where an earlier run of the same request was killed."""
        return harvesting.harvest(self.alias, source, request, self.clock, progress)

    def embed(
        self, progress: Callable[[int, int], None] | None = None, stop: Callable[[], bool] = lambda: False
    ) -> int:
        """Embed what has no vector yet and return how many; 0 without a model. `progress` hears (done, total)."""
        embedder = self.generations.renew().embedder
        if embedder is None:
            return 0
        chosen = self.generations.chosen
        try:
            return embedding.embed_pending(self.alias, embedder, chosen, self.clock, progress, stop)
        except OtherGeneration:  # another process has the library searched by another encoder from now on
            return self.embed(progress, stop)

    def reindex(self, embedder: Embedder, chosen: str) -> Reindexing:
        """Make the vectors of another encoder aside, which was found where `chosen` says, to be searched by then.

        Raises LibraryError if the library is searched by it already.
        """
        return Reindexing(self.alias, embedder, chosen, self.clock)

    def refresh_stars(self, ask: stars.Ask) -> int:
        """Ask for the stars of code that papers link to, where they are due, and return how many papers were.

        Raises SourceError where the server wants no more questions for now.
        """
        return stars.refresh(self.alias, ask, self.clock(), self.today())

    # Searching

    def catch_up(self, budget: float | None = None, progress: Callable[[int, int], None] | None = None) -> int:
        """Bring this process's index to the journal's head; return how many changes remain if `budget` seconds end."""
        return self.generations.follow(budget, journal.head(self.alias), progress)[2]

    def keep_snapshot(self) -> bool:
        """Write down the index, if much happened since it last was, for the next process; return whether it was.

        This process's index stands still meanwhile, so it is for the worker and for commands.
        """
        follower = self.follower
        if not snapshots.is_due(self.alias, follower.model, follower.index):
            return False
        follower.save()
        self.vocabulary.read(follower.index.position)
        return True

    def search(
        self,
        text: str | Query,
        limit: int = 20,
        offset: int = 0,
        at: int | None = None,
        budget: float | None = None,
        deep: bool = False,
        patience: float | None = None,
        sort: Sort = "relevance",
    ) -> Answer:
        """Search by words and meaning at the journal's head, or at an earlier sequence number `at`.

        The query may have been read already, as `Query.of_topic` is. `budget` bounds the seconds spent on following
        the journal first; the answer says what it may have missed. A `deep` search reads the first papers more
        closely, for as long as `patience` seconds last. `sort` puts the best papers in order of their date or of what
        trends now.
        Raises QueryError for a query that cannot be read, LibraryError for an `at` that is not in the journal and for
        a deep search in another order than by relevance.
        """
        if deep and sort != "relevance":
            raise LibraryError(f"a deep search is ranked by relevance, so it cannot be sorted by {sort}")
        query = read_query(self.alias, text, at) if isinstance(text, str) else text
        head = journal.head(self.alias)
        is_ahead = head > self.follower.index.position  # what it follows, nobody else has to
        with nullcontext() if deep else self._turns.turn(is_ahead=is_ahead):
            live, position, behind = self._follow_to(head, at, budget)
            live = self.generations.searched_at(live, position)
            vector, index = live.vector_of(query), live.index
            rereading = None
            if deep:
                ranked = search(index, query, vector, limit=max(offset + limit, FIRST), at=position)
                ranked, rereading = self.rereader.reread(ranked, query, offset, limit, patience)
            elif sort != "relevance":
                ranked = ranked_by(sort, self.alias, index, query, vector, limit, offset, position)
            else:
                ranked = search(index, query, vector, limit=limit, offset=offset, at=position)
            return Answer(
                query=query.text,
                at=position,
                head=head,
                behind=behind,
                pending=self._pending(head) if vector else 0,
                by_meaning=ranked.by_meaning,
                total=ranked.total,
                length=ranked.length,
                hits=hits_of(self.alias, ranked, query),
                rereading=rereading,
                sort=sort,
            )

    def facets(self, text: str, at: int | None = None, budget: float | None = None) -> Facets:
        """The years, topics and authors that a search can be narrowed to, and how many papers each would leave.

        Raises QueryError, and LibraryError for an `at` that is not in the journal.
        """
        live, position, _ = self._follow_to(journal.head(self.alias), at, budget)
        return find_facets(self.alias, live.index, text, position)

    def suggest(
        self, typed: str, kinds: Sequence[Kind] = ("topic", "author", "paper"), budget: float | None = None
    ) -> list[Suggestion]:
        """Topics, authors and papers that a typed beginning may mean, as they are here at this moment."""
        head = journal.head(self.alias)
        live, _, _ = self._follow_to(head, None, budget)
        self.vocabulary.follow(head)
        return suggest(self.alias, live.index, self.vocabulary, typed, kinds)

    def since(self, answer: Answer) -> Since | None:
        """What changed since an answer as of an earlier change, as far as this process has followed; else None."""
        index = self.follower.index
        if answer.at >= index.position:
            return None
        return changed_since(self.alias, index, read_query(self.alias, answer.query), answer)

    def searched_now(self, budget: float | None = None) -> tuple[Live, int]:
        """What a search goes by now, an index with the encoder of its vectors, and the number to search it at."""
        live, at, _ = self._follow_to(journal.head(self.alias), None, budget)
        return live, at

    def similar(self, version: Version, limit: int = 6) -> tuple[Hit, ...]:
        """The papers closest in meaning to one; none while it has no embedding."""
        live, at = self.searched_now(budget=0.05)
        near = live.index.nearest(version.paper_id, limit, at)
        versions = reading.versions_at(self.alias, [paper for paper, _ in near], at)
        return tuple(Hit(versions[paper], cosine) for paper, cosine in near if paper in versions)

    def as_of(self, text: str) -> int:
        """The sequence number that people mean by "48211", "2026-11-01" (the day's end) or an ISO time.

        Raises LibraryError for anything else.
        """
        return journal.as_of(self.alias, text)

    def follow(self) -> Thread:
        """Keep this process's index and model ready in the background, so that no reader waits for them."""
        self.generations.is_followed = True
        thread = Thread(target=self._follow_for_ever, name="follow-journal", daemon=True)
        thread.start()
        return thread

    # Reading

    def today(self) -> date:
        """The feed day that is open now."""
        day: date = settings.FEED_DAY.of(self.clock())
        return day

    def day_page(
        self, day: date | None = None, limit: int = 50, offset: int = 0, until: date | None = None
    ) -> reading.DayPage:
        """A piece of one day's list; no day means the latest that has papers, not later than today.

        The way on to later days ends at `until`, which is today unless an editor asks.
        """
        today = self.today()
        return reading.day_page(self.alias, day, today, limit, offset, until or today)

    def span_page(self, first: date, last: date, limit: int = 50, offset: int = 0) -> reading.SpanPage:
        """A piece of the list of several days, by votes; papers of days to come are not in it."""
        return reading.span_page(self.alias, first, last, self.today(), limit, offset)

    def trending(self, limit: int = 50, offset: int = 0) -> list[Version]:
        """The papers that deserve attention most, best first; none of days to come."""
        return reading.trending(self.alias, self.today(), limit, offset)

    def newest(self, limit: int = 50, offset: int = 0) -> list[Version]:
        """The newest papers, the latest day first; none of days to come."""
        return reading.newest(self.alias, self.today(), limit, offset)

    def stored_at(self, versions: Iterable[Version]) -> dict[int, datetime]:
        """When each of these versions was stored, by its primary key."""
        return reading.stored_at(self.alias, versions)

    def find(self, text: str) -> Version:
        """The open version of the paper with this key or identifier. Raises NotFound."""
        return reading.find_version(self.alias, text)

    def find_paper(self, text: str) -> Paper:
        """The paper with this key or identifier, withdrawn and erased ones too. Raises NotFound."""
        return reading.find_paper(self.alias, text)

    def history(self, paper: Paper) -> list[Version]:
        """Every version of a paper, oldest first."""
        return reading.history(self.alias, paper)

    def names(self, paper: Paper) -> list[Identifier]:
        """Every identifier of a paper, the best first."""
        return reading.names(self.alias, paper)

    def count(self) -> int:
        """How many papers stand in the library now."""
        return reading.standing_papers(self.alias).count()

    def size(self) -> int:
        """How many papers stand, as far as this process has followed the journal; asks no database."""
        return self.follower.index.size

    def versions(self) -> Iterator[Version]:
        """What stands in the library now, in order of arrival, in bounded memory."""
        return reading.open_versions(self.alias).order_by("paper_id").iterator(chunk_size=1_000)

    def last_run(self, source: str, request_prefix: str) -> HarvestRun | None:
        """The latest finished run of a source whose request begins so."""
        runs = HarvestRun.objects.using(self.alias).filter(source=source, request__startswith=request_prefix)
        return runs.filter(state=HarvestRun.State.DONE).order_by("-started_at").first()

    def status(self) -> state.Status:
        """The library at a glance, for operators."""
        live = self.generations.current
        return state.status(self.alias, live.index.position, live.model, self.clock())

    def check(self) -> checking.Report:
        """Compare tables, journal and index, and the index with one rebuilt from zero."""
        return checking.check(self.alias, self.follower, NativeIndex())

    def close(self) -> None:
        """Close this thread's database connection, and files."""
        connections[self.alias].close()
        self.vocabulary.close()

    # Inside

    def _follow_to(self, head: int, at: int | None, budget: float | None) -> tuple[Live, int, int]:
        """What is searched now, the number to search at, and how many changes up to the head were not followed.

        Raises LibraryError.
        """
        if at is not None and not 0 <= at <= head:
            raise LibraryError(f"change #{at:,} is not in this library's journal, which goes from 0 to {head:,}")
        live, position, behind = self.generations.follow(budget, head)
        return live, position if at is None else min(position, at), behind

    def _pending(self, head: int) -> int:
        """How many versions have no vector yet, which only changes of the journal change."""
        if self._known_pending[0] != head:
            self._known_pending = head, embedding.count_pending(self.alias)
        return self._known_pending[1]

    def _follow_for_ever(self) -> None:
        wait = Event()
        while not wait.wait(FOLLOW_EVERY):
            try:
                self.catch_up()
            except DatabaseError:  # the database is away: say so, stay up, look again
                log.exception("the index cannot follow the journal; trying again")
                connections[self.alias].close()
                wait.wait(5)


@cache
def shared() -> Library:
    """The library of this process, as the options name it."""
    return Library.open()
