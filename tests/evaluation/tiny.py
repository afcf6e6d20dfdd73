"""A tiny collection, an encoder that counts letters and a reranker that counts a word."""

import json
from pathlib import Path

import numpy as np

from broadsheet.search import quantise

PAPERS = [
    {"id": "p1", "title": "Paging with succinct predictions", "abstract": "We study online paging with advice."},
    {"id": "p2", "title": "Simultaneous updates of an index", "abstract": "Many writers change one index."},
    {"id": "p3", "title": "White matter of newborns", "abstract": "Diffusion tensor imaging of the developing brain."},
    {"id": "p4", "title": "Caching", "abstract": "Predictions help where paging fails."},
]
QUERIES = [{"id": "q1", "text": "paging predictions"}, {"id": "q2", "text": "brain imaging"}, {"id": "q3", "text": "x"}]
JUDGEMENTS = "query-id\tcorpus-id\tscore\nq1\tp4\t2\nq1\tp1\t1\nq2\tp3\t1\n"


def write_lines(path: Path, rows: list[dict]) -> Path:
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return path


class LetterEmbedder:
    """An encoder whose vector of a text is made of how often it has each letter; it remembers what it embedded."""

    dimension = 26

    def __init__(self, name: str = "letters") -> None:
        self.name = name
        self.embedded: list[str] = []

    def embed_passages(self, texts):
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text):
        self.embedded.append(text)
        return quantise(np.array([text.lower().count(letter) + 0.1 for letter in "abcdefghijklmnopqrstuvwxyz"]))


class CountingReranker:
    """A reranker that is surer than may be of each "where" in a passage, whatever is asked; it remembers its pairs."""

    name = "counting"

    def __init__(self) -> None:
        self.pairs: list[tuple[str, str]] = []

    def score(self, query, passages, stop=None):
        self.pairs += [(query, passage) for passage in passages]
        return [10.0 * passage.count("where") for passage in passages]
