"""The words of titles and of names, and the topics, that a library holds: what a few typed letters may go on to be.

It says what may be looked for, never what is there: who shows a paper has read it in the library before. It follows
the journal into a file of its own, full text tables of SQLite, which the processes of a machine share. Where no file
can be, it is kept in memory.
"""

import logging
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, Thread
from typing import Literal, NamedTuple

from django.db import connections

from broadsheet.library.database import path_beside
from broadsheet.library.models import Change
from broadsheet.papers.text import fold, searchable
from broadsheet.search.analysis import STOP_WORDS
from broadsheet.search.names import name_words, topic_key

log = logging.getLogger(__name__)

CHUNK = 500
SHORTEST, LONGEST = 2, 40
"""Letters of a word that counts."""
_AGING = 200
"""Common words are read anew when one change in so many is new."""
_PATIENCE = 5.0
_WORD = re.compile(r"[^\W_]+")
_LAST = "\U0010ffff"
_FORMAT = 2
_TEXT = "fts5(words, content='', columnsize=0, detail=none, prefix='2 3', tokenize='ascii')"
_TABLES = (
    f"CREATE VIRTUAL TABLE titles USING {_TEXT}",
    f"CREATE VIRTUAL TABLE names USING {_TEXT}",
    "CREATE VIRTUAL TABLE title_words USING fts5vocab(titles, 'row')",
    "CREATE TABLE topics (key TEXT PRIMARY KEY, written TEXT NOT NULL, versions INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE place (seq INTEGER NOT NULL, mark TEXT NOT NULL, anew INTEGER NOT NULL, clean INTEGER NOT NULL)",
)

Kind = Literal["titles", "names"]
"""What words are of."""


class _Place(NamedTuple):
    """A change of the journal, what it is known by, how often all was read anew, and which erasures were by then."""

    seq: int
    mark: str
    anew: int
    clean: int = 0


class Vocabulary:
    """The words of one library. Threads may share it; whoever is asked first follows the journal for all."""

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self.path = path_beside(alias, ".words")
        self._turn = Lock()
        self._following = Lock()
        self._opened: sqlite3.Connection | None = None
        self._common: dict[str, tuple[_Place, list[tuple[str, int]]]] = {}

    # Asking

    def versions(self, kind: Kind, words: Sequence[str], start: str = "", limit: int = 20) -> list[int]:
        """The versions that have all the words, and one that begins as `start`, the latest to arrive first.

        They may be closed since. None where nothing is asked for.
        """
        asked = [f'"{word}"' for word in words] + ([f'"{start}"*'] if len(start) >= SHORTEST else [])
        if not asked:
            return []
        query = f"SELECT rowid FROM {kind} WHERE {kind} MATCH ? ORDER BY rowid DESC LIMIT ?"  # noqa: S608
        with self._file() as file:
            return [version for (version,) in file.execute(query, (" ".join(asked), limit))]

    def topics(self, start: str, limit: int) -> list[tuple[str, str]]:
        """The commonest topics that begin so, as key and as written; the topic itself, where it is one, before all."""
        query = (
            "SELECT key, written FROM topics WHERE key >= ? AND key < ? ORDER BY key != ?, versions DESC, key LIMIT ?"
        )
        with self._file() as file:
            return file.execute(query, (start, start + _LAST, start, limit)).fetchall() if start else []

    def topics_after(self, key: str, limit: int) -> list[tuple[str, str]]:
        """The topics whose keys come after one, in the order of keys, as key and as written."""
        query = "SELECT key, written FROM topics WHERE key > ? ORDER BY key LIMIT ?"
        with self._file() as file:
            return file.execute(query, (key, limit)).fetchall()

    def common(self, letter: str, least: int) -> list[tuple[str, int]]:
        """The words that begin with a letter and that at least so many titles have, with how many; perhaps not those
        that have become so with the last changes.
        """
        query = "SELECT term, doc FROM title_words WHERE term >= ? AND term < ?"
        with self._file() as file:
            place = _place(file)
            read, known = self._common.get(letter, (None, []))
            if read is None or read.anew != place.anew or (place.seq - read.seq) * _AGING > read.seq:
                known = [row for row in file.execute(query, (letter, letter + _LAST)) if row[1] >= least]
                self._common[letter] = place, known
        return known

    # Following

    @property
    def position(self) -> int:
        """The number of the last change that was read."""
        with self._file() as file:
            return _place(file).seq

    def follow(self, head: int) -> None:
        """Read what came until the journal's head; where that is much, in the background, and what is known serves."""
        behind = head - self.position
        if behind <= 0 or not self._following.acquire(blocking=False):
            return
        if behind <= CHUNK:
            self._follow(head)
        else:
            Thread(target=self._follow_aside, args=(head,), name="read-vocabulary", daemon=True).start()

    def read(self, head: int) -> None:
        """Read what came until the journal's head, however long it takes."""
        if self._following.acquire():
            self._follow(head)

    def forget(self, clean: int = 0) -> None:
        """Forget everything, as after an erasure; the next who follows reads all anew.

        Of what was erased up to the change `clean` nothing will be read any more.
        """
        with self._file() as file:
            with _writing(file):
                _begin(file, clean)
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Close the file until it is needed again."""
        with self._turn:
            if self._opened:
                self._opened.close()
            self._opened = None

    def _follow_aside(self, head: int) -> None:
        try:
            self._follow(head)
        finally:
            connections[self.alias].close()

    def _follow(self, head: int) -> None:
        """Follow to the head, or until another process is found to do so, and give the turn back."""
        try:
            while (position := self.position) < head and self._follow_chunk(position, head):
                pass
        finally:
            self._following.release()

    def _follow_chunk(self, position: int, head: int) -> bool:
        """Read some changes; False if another process did. After an erasure all is read anew: nothing may be left."""
        changes = Change.objects.using(self.alias).filter(seq__gt=position, seq__lte=head).order_by("seq")
        fields = ("seq", "kind", "version_id", "version__title", "version__authors", "version__topics")
        rows = list(changes.filter(kind__in=(*Change.BIRTHS, Change.Kind.ERASED)).values_list(*fields)[:CHUNK])
        with self._file() as file:
            clean = _place(file).clean
        if position and any(kind == Change.Kind.ERASED and seq > clean for seq, kind, *_ in rows):
            self.forget(head)
            return True
        last = rows[-1][0] if len(rows) == CHUNK else head
        births = [row[2:] for row in rows if row[1] in Change.BIRTHS]
        titles = [(version, _words(title_words(title))) for version, title, _, _ in births]
        names = [
            (version, _words(name_words("\n".join(author["name"] for author in authors))))
            for version, _, authors, _ in births
        ]
        topics = [(topic_key(topic), topic) for *_, topics in births for topic in topics]
        with self._file() as file, _writing(file):
            if _place(file).seq != position:
                return False
            file.executemany("INSERT INTO titles (rowid, words) VALUES (?, ?)", titles)
            file.executemany("INSERT INTO names (rowid, words) VALUES (?, ?)", names)
            file.executemany(
                "INSERT INTO topics VALUES (?, ?, 1) ON CONFLICT (key) "
                "DO UPDATE SET versions = versions + 1, written = excluded.written",
                topics,
            )
            file.execute("UPDATE place SET seq = ?, mark = ?", (last, self._mark_of(last)))
        return True

    def _mark_of(self, seq: int) -> str:
        """What tells a change of the journal from those of other journals; "" where there is none of this number."""
        rows = Change.objects.using(self.alias).filter(seq=seq).values_list("at", "paper_id", "version__digest")
        return "".join(f"{at.isoformat()} {paper} {digest}" for at, paper, digest in rows)

    # The file

    @contextmanager
    def _file(self) -> Iterator[sqlite3.Connection]:
        """The file while nobody else of this process uses it; one that turns out to be damaged is made anew."""
        with self._turn:
            if self._opened is None:
                self._opened = self._open()
            try:
                yield self._opened
            except sqlite3.OperationalError:
                raise
            except sqlite3.DatabaseError as error:
                self._opened.close()
                self._opened = None
                self._discard(error)
                raise

    def _open(self) -> sqlite3.Connection:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            return self._connect(self.path)
        except (OSError, sqlite3.OperationalError) as error:
            log.warning("%s cannot be used (%s); the words that are suggested are kept in memory", self.path, error)
            return self._connect(":memory:")
        except sqlite3.DatabaseError as error:
            self._discard(error)
            return self._connect(self.path)

    def _connect(self, path: Path | str) -> sqlite3.Connection:
        """Open a file, and empty it if it is of another form or another journal."""
        file = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
        try:
            file.execute("PRAGMA journal_mode = WAL")
            file.execute("PRAGMA synchronous = NORMAL")  # what a power cut takes is read again
            file.execute("PRAGMA secure_delete = ON")
            if not self._is_known(file):
                with _writing(file):
                    if not self._is_known(file):
                        _begin(file)
        except BaseException:
            file.close()
            raise
        return file

    def _is_known(self, file: sqlite3.Connection) -> bool:
        if file.execute("PRAGMA user_version").fetchone() != (_FORMAT,):
            return False
        place = _place(file)
        return place.mark == self._mark_of(place.seq)

    def _discard(self, error: Exception) -> None:
        log.warning("%s is damaged (%s); it is made anew from the journal", self.path, error)
        for end in ("", "-wal", "-shm"):
            Path(f"{self.path}{end}").unlink(missing_ok=True)


def title_words(text: str) -> list[str]:
    """The words of a title as they are typed: folded, not stemmed.

    >>> title_words("Low-rank Gödel")
    ['low', 'rank', 'godel']
    """
    return _WORD.findall(fold(searchable(text)))


def _words(words: Iterable[str]) -> str:
    """Words for a full text table, but those of a letter, those too long to be words and those that all have."""
    return " ".join(word for word in words if SHORTEST <= len(word) <= LONGEST and word not in STOP_WORDS)


def _place(file: sqlite3.Connection) -> _Place:
    return _Place(*file.execute("SELECT * FROM place").fetchone())


@contextmanager
def _writing(file: sqlite3.Connection) -> Iterator[None]:
    """A transaction, the only one that writes."""
    file.execute("BEGIN IMMEDIATE")
    try:
        yield
        file.execute("COMMIT")
    except BaseException:
        file.execute("ROLLBACK")
        raise


def _begin(file: sqlite3.Connection, clean: int = 0) -> None:
    """Make the tables anew, empty."""
    tables = [name for (name,) in file.execute("SELECT name FROM sqlite_schema WHERE sql IS NOT NULL")]
    anew = _place(file).anew + 1 if "place" in tables else 0
    for name in ("title_words", "titles", "names", "topics", "place"):
        file.execute(f"DROP TABLE IF EXISTS {name}")
    for table in _TABLES:
        file.execute(table)
    file.execute("INSERT INTO place VALUES (0, '', ?, ?)", (anew, clean))
    file.execute(f"PRAGMA user_version = {_FORMAT}")
