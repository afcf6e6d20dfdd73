"""One paper, many sources: how many of the pairs that people found in two collections a library finds, and how many
others it takes for pairs.

A folder holds ``matches.tsv``, whose first line names two collections and whose others are pairs of ids, and a file
``NAME.jsonl`` for each (`id`, `title`, `authors` with commas in between, `year`, `venue`).
"""

import html
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from broadsheet.evaluation.collection import read_rows
from broadsheet.evaluation.errors import EvaluationError
from broadsheet.papers import Author, Identifier, PaperError, Record, Version

Put = Callable[[Iterable[Record]], Sequence[str]]
"""Puts records into an empty library and tells the key of the paper that each became."""
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Twins:
    """Two collections, and which of their records are one paper."""

    records: tuple[Sequence[Record], Sequence[Record]]
    pairs: frozenset[Pair]

    @classmethod
    def read(cls, folder: Path) -> "Twins":
        """Read a folder. Raises EvaluationError or SourceError for what is missing or damaged, with its line."""
        path = folder / "matches.tsv"
        if not path.is_file():
            raise EvaluationError(f"{folder} has no matches.tsv")
        lines = path.read_text("utf-8", "replace").splitlines()
        rows = [tuple(line.split("\t")) for line in lines]
        for number, row in enumerate(rows, start=1):
            if len(row) != 2 or not all(row):
                raise EvaluationError(f"{path}, line {number}: not two names with a tab in between")
        if len(rows) < 2:
            raise EvaluationError(f"{path} tells of no pair")
        if odd := [name for name in rows[0] if Path(name).name != name]:
            raise EvaluationError(f"{path}, line 1: {odd[0]!r} is no name of a file here")
        first, second = (_read_records(folder / f"{name}.jsonl", name) for name in rows[0])
        return cls((first, second), frozenset((one, other) for one, other in rows[1:]))


@dataclass(frozen=True, slots=True)
class Found:
    """The pairs that a library found, beside those that there are."""

    found: frozenset[Pair]
    pairs: frozenset[Pair]

    def to_json(self) -> dict[str, Any]:
        """How many there are, and precision, recall and F1."""
        right = len(self.found & self.pairs)
        precision = right / len(self.found) if self.found else 0.0
        recall = right / len(self.pairs)
        return {
            "pairs": len(self.pairs),
            "found": len(self.found),
            "right": right,
            "precision": round(precision, 4),
            "recall": round(recall, 4),
            "f1": round(2 * precision * recall / (precision + recall), 4) if right else 0.0,
        }


def find_pairs(twins: Twins, put: Put) -> Found:
    """Put the first collection, then the second, and see which records became one paper."""
    first, second = twins.records
    by_key = defaultdict(list)
    for record, key in zip(first, put(first), strict=True):
        by_key[key].append(record.place)
    found = {(one, record.place) for record, key in zip(second, put(second), strict=True) for one in by_key[key]}
    return Found(frozenset(found), twins.pairs)


def _read_records(path: Path, source: str) -> Sequence[Record]:
    if not path.is_file():
        raise EvaluationError(f"{path} is not there")
    return [_record(members, source, place) for place, members in read_rows(path)]


def _record(members: dict[str, Any], source: str, place: str) -> Record:
    def text(name: str) -> str:
        return html.unescape(str(members.get(name) or "")).strip()

    year = text("year")
    try:
        version = Version(
            text("title"),
            authors=tuple(Author(name.strip()) for name in text("authors").split(",") if name.strip()),
            published=date(int(year), 1, 1) if year else None,
            venue=text("venue"),
        )
        return Record(source, (Identifier.local(source, text("id")),), version, place=text("id"))
    except (PaperError, ValueError) as error:
        raise EvaluationError(f"{place}: {error}") from error
