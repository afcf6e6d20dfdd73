"""A small collection, written once."""

import pytest

from broadsheet.bench.corpus import Corpus
from broadsheet.bench.drawing import DrawnPapers


def silently(step: str, done: int, total: int) -> None:
    """Hear how far some work is, and say nothing."""


@pytest.fixture(scope="session")
def corpus(tmp_path_factory) -> Corpus:
    """200 papers to build from, 40 kept back, and 20 questions."""
    return Corpus.write(tmp_path_factory.mktemp("corpus"), DrawnPapers(240), silently, 200, questions=20)


@pytest.fixture
def tell():
    return silently
