"""Collections that others made: papers, queries, and which papers answer which query.

A folder holds ``docs.jsonl`` (`id`, `title`, `abstract`), ``queries.jsonl`` (`id`, `text`) and ``qrels_test.tsv`` or
``qrels.tsv`` (query, paper, relevance). The names and keys of BEIR are read too; each file may be gzipped, whatever its
name. A file that holds nothing but the path of another stands for that other.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from broadsheet.evaluation.errors import EvaluationError
from broadsheet.evaluation.judgements import read_judgements
from broadsheet.papers import PaperError
from broadsheet.sources.jsonl import parse_object
from broadsheet.sources.lines import MAX_LINE, read_lines
from broadsheet.sources.payload import open_payload, read_head

_PAPERS = ("docs.jsonl", "corpus.jsonl", "papers.jsonl")
_QUERIES = ("queries.jsonl",)
_JUDGEMENTS = ("qrels_test.tsv", "qrels.tsv", "qrels/test.tsv")
Row = TypeVar("Row", "Paper", "Question")
_HOPS = 8
_LONGEST_PATH = 4096
_SEED = 1


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper of a collection: the collection's own id, and what is searched."""

    id: str
    title: str
    abstract: str


@dataclass(frozen=True, slots=True)
class Question:
    """A query of a collection with its judgements: the relevance of papers by id, above zero for one at least."""

    id: str
    text: str
    judged: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Collection:
    """Papers in the order of their file, judged queries in the order of theirs, and what was odd about the files."""

    name: str
    papers: tuple[Paper, ...]
    questions: tuple[Question, ...]
    oddities: tuple[str, ...] = ()

    @classmethod
    def read(cls, folder: Path, judgements: str | None = None) -> "Collection":
        """Read a folder; `judgements` names another file of judgements in it than the usual.

        Judgements of unknown queries are left out, and those of unknown papers kept: nobody can find such a paper.
        `oddities` counts both. Raises EvaluationError or SourceError for a file that is missing or damaged, with its
        line, and for a folder without a judged query.
        """
        papers, twice = _once(_read_papers(_find(folder, _PAPERS)))
        texts, asked_twice = _once(_read_queries(_find(folder, _QUERIES)))
        path = _find(folder, (judgements,) if judgements else _JUDGEMENTS)
        judged = read_judgements(path)
        questions = [
            replace(question, judged=judged[question.id])
            for question in texts
            if any(relevance > 0 for relevance in judged.get(question.id, {}).values())
        ]
        if not papers or not questions:
            what = f"{folder} has no query with a relevant paper in {path.name}" if papers else f"{folder} has no paper"
            raise EvaluationError(f"{what}: there is nothing to measure")
        known, asked = {paper.id for paper in papers}, {question.id for question in texts}
        lost = Counter(
            query=sum(len(papers_of) for query, papers_of in judged.items() if query not in asked),
            paper=sum(name not in known for query in judged if query in asked for name in judged[query]),
        )
        oddities = [
            (lost["query"], "judgement(s) of a query that is not there, left out"),
            (lost["paper"], "judgement(s) of a paper that is not there, which counts as not found"),
            (len(asked & judged.keys()) - len(questions), "judged query(s) without a relevant paper, left out"),
            (twice, "paper(s) with the id of one before, left out"),
            (asked_twice, "query(s) with the id of one before, left out"),
        ]
        said = tuple(f"{count:,} {_numbered(what, count)}" for count, what in oddities if count)
        return cls(folder.resolve().name, tuple(papers), tuple(questions), said)

    def limited(self, most: int) -> "Collection":
        """The same papers with at most so many of the questions, drawn from a fixed seed."""
        drawn = np.random.default_rng(_SEED).permutation(len(self.questions))[:most]
        return replace(self, questions=tuple(self.questions[place] for place in sorted(drawn.tolist())))


def _numbered(what: str, count: int) -> str:
    return what.replace("query(s)", "queries" if count > 1 else "query").replace("(s)", "s" if count > 1 else "")


def _find(folder: Path, names: tuple[str, ...]) -> Path:
    """The first of these files that a folder has, gzipped or not, or the file that stands in it by name."""
    for name in names:
        for path in (folder / name, folder / f"{name}.gz"):
            if path.is_file():
                return _followed(path)
    raise EvaluationError(f"{folder} has no {' or '.join(names)}" if folder.is_dir() else f"{folder} is not a folder")


def _followed(path: Path) -> Path:
    """The file itself, or the one whose path is all that it holds, relative to where it lies."""
    for _ in range(_HOPS):
        line = read_head(path, _LONGEST_PATH).decode("utf-8", "replace").strip()
        if not _is_path(line) or (path.suffix == ".tsv" and " " in line):  # that is one judgement
            return path
        if not _is_there(named := path.parent / line):
            raise EvaluationError(f"{path} stands for {line[:200]!r}, and there is no such file")
        path = named
    raise EvaluationError(f"{path} stands for another file, which stands for another, without an end")


def _is_path(text: str) -> bool:
    """Whether a file's beginning can be a path and nothing else."""
    is_line = 0 < len(text) < _LONGEST_PATH and text.isprintable() and "\ufffd" not in text
    return is_line and not text.startswith(("{", "[", "\ufeff"))


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name longer than any file's
        return False


def _read_papers(path: Path) -> Iterator[Paper]:
    for place, members in read_rows(path):
        abstract = _text(members, "abstract", "text", "contents")
        yield Paper(_id(members, place, "doc_id", "docid"), _text(members, "title"), abstract)


def _read_queries(path: Path) -> Iterator[Question]:
    for place, members in read_rows(path):
        yield Question(_id(members, place, "query_id", "qid"), _text(members, "text", "query"), {})


def _once(rows: Iterator[Row]) -> tuple[list[Row], int]:
    """The rows without those whose id one before has, and how many these were."""
    first: dict[str, Row] = {}
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007
        first.setdefault(row.id, row)
    return list(first.values()), count - len(first)


def read_rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The objects of a file, each with the place where it stands. Raises EvaluationError for one that is damaged."""
    with open_payload(path) as stream:
        for number, line in enumerate(read_lines(stream), 1):
            place = f"{path} line {number:,}"
            if line is None:
                raise EvaluationError(f"{place}: the line is longer than {MAX_LINE >> 20} MiB")
            if line.strip():
                try:
                    yield place, parse_object(line, first=number == 1)
                except PaperError as error:
                    raise EvaluationError(f"{place}: {error}") from error


def _id(members: Mapping[str, Any], place: str, *others: str) -> str:
    for key in ("id", "_id", *others):
        found = members.get(key)
        if isinstance(found, str | int) and not isinstance(found, bool) and str(found).strip():
            return _whole(str(found).strip())
    raise EvaluationError(f"{place}: there is no id, as a text or a whole number")


def _text(members: Mapping[str, Any], *keys: str) -> str:
    """The text under the first of some keys that has one."""
    return next((_whole(members[key]) for key in keys if isinstance(members.get(key), str)), "")


def _whole(text: str) -> str:
    """A text without half characters, which JSON can hold and no file."""
    return text.encode("utf-8", "replace").decode("utf-8")
