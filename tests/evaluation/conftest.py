"""A tiny collection, and models that are told apart by what they count."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from broadsheet.evaluation import Collection, KeptVectors, Prepared

sys.path.insert(0, str(Path(__file__).parent))  # for tiny
from tiny import JUDGEMENTS, PAPERS, QUERIES, CountingReranker, LetterEmbedder, write_lines


@pytest.fixture
def make_folder(tmp_path) -> Callable[..., Path]:
    """Write a collection into a folder of that name."""

    def make(name: str = "tiny", papers=PAPERS, queries=QUERIES, judgements: str = JUDGEMENTS) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        write_lines(folder / "docs.jsonl", papers)
        write_lines(folder / "queries.jsonl", queries)
        (folder / "qrels.tsv").write_text(judgements)
        return folder

    return make


@pytest.fixture
def embedder() -> LetterEmbedder:
    return LetterEmbedder()


@pytest.fixture
def reranker() -> CountingReranker:
    return CountingReranker()


@pytest.fixture
def prepared(make_folder, embedder, tmp_path) -> Prepared:
    """The tiny collection, embedded and indexed."""
    return Prepared(Collection.read(make_folder()), KeptVectors(tmp_path / "cache", embedder))
