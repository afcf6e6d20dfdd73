"""Keyword engines that take papers in at any time."""

import sqlite3
from pathlib import Path

from broadsheet.bench.papers import Batch, Paper
from broadsheet.bench.peers.peer import Numbers, Peer


class Tantivy(Peer):
    """Tantivy on disk: two fields with English stems, the number as a fast field. A commit makes writes visible."""

    does = frozenset({"keyword", "insert"})

    def __init__(self, folder: Path, papers: int, dimension: int) -> None:
        super().__init__(folder, papers, dimension)
        import tantivy

        builder = tantivy.SchemaBuilder().add_integer_field("number", fast=True)
        for field in ("title", "abstract"):
            builder.add_text_field(field, tokenizer_name="en_stem")
        self.tantivy = tantivy
        self.index = tantivy.Index(builder.build(), path=str(folder))
        self.writer = self.index.writer()
        self.searcher = self.index.searcher()

    def add(self, prepared: Batch) -> None:
        """Add papers, not visible yet."""
        for paper in prepared:
            self.insert(paper)

    def finish(self) -> None:
        """Commit, and wait until segments are merged."""
        self.writer.commit()
        self.writer.wait_merging_threads()
        self.writer = self.index.writer()
        self.publish()

    def keyword(self, text: str, limit: int) -> Numbers:
        """The best papers by words."""
        query = self.index.parse_query(text, ["title", "abstract"])
        places = [place for _, place in self.searcher.search(query, limit, count=False).hits]
        numbers: list[int] = self.searcher.fast_field_values("number", places)
        return numbers

    def insert(self, paper: Paper) -> None:
        """Add one paper, not visible yet."""
        fields = {"number": paper.number, "title": paper.title, "abstract": paper.abstract}
        self.writer.add_document(self.tantivy.Document(**fields))

    def publish(self) -> None:
        """Commit and look again."""
        self.writer.commit()
        self.index.reload()
        self.searcher = self.index.searcher()


class Fts5(Peer):
    """SQLite's FTS5 in WAL mode, without a copy of the texts, stemmed by Porter; words are joined by OR."""

    does = frozenset({"keyword", "insert"})

    def __init__(self, folder: Path, papers: int, dimension: int) -> None:
        super().__init__(folder, papers, dimension)
        self.database = sqlite3.connect(folder / "papers.sqlite3", check_same_thread=False)
        self.database.execute("PRAGMA journal_mode=WAL")
        self.database.execute("PRAGMA synchronous=NORMAL")
        self.database.execute(
            "CREATE VIRTUAL TABLE papers USING fts5(title, abstract, content='', tokenize='porter unicode61')"
        )

    def add(self, prepared: Batch) -> None:
        """Insert papers in one transaction."""
        with self.database:
            rows = zip(prepared.numbers.tolist(), prepared.titles, prepared.abstracts, strict=True)
            self.database.executemany("INSERT INTO papers(rowid, title, abstract) VALUES (?, ?, ?)", rows)

    def finish(self) -> None:
        """Merge the index into one b-tree, as its manual advises after a bulk load."""
        with self.database:
            self.database.execute("INSERT INTO papers(papers) VALUES ('optimize')")

    def keyword(self, text: str, limit: int) -> Numbers:
        """The best papers by words."""
        asked = " OR ".join(f'"{word}"' for word in text.replace('"', " ").split())
        rows = self.database.execute(
            "SELECT rowid FROM papers WHERE papers MATCH ? ORDER BY rank LIMIT ?", (asked, limit)
        )
        return [number for (number,) in rows]

    def insert(self, paper: Paper) -> None:
        """Insert one paper in a transaction of its own."""
        with self.database:
            row = (paper.number, paper.title, paper.abstract)
            self.database.execute("INSERT INTO papers(rowid, title, abstract) VALUES (?, ?, ?)", row)

    def close(self) -> None:
        """Close the database."""
        self.database.close()
