"""A collection on disk comes back as it was written, with exact answers to its questions."""

import json

import numpy as np
import pytest

from broadsheet.bench.collection import CollectedPapers
from broadsheet.bench.corpus import Corpus
from broadsheet.bench.drawing import DrawnPapers
from broadsheet.bench.errors import BenchError
from broadsheet.search import ReferenceIndex, quantise


def test_papers_come_back_as_they_were_written_in_batches_of_any_size(corpus):
    (drawn,) = DrawnPapers(240).batches()
    read = [paper for batch in corpus.batches(size=70) for paper in batch]
    assert [paper.number for paper in read] == list(range(200))
    assert [paper.title for paper in read] == list(drawn.titles)[:200]
    assert [paper.abstract for paper in read] == list(drawn.abstracts)[:200]
    assert np.array_equal([paper.vector for paper in read], drawn.vectors[:200])


def test_papers_kept_back_have_a_word_that_no_other_has(corpus):
    fresh = corpus.fresh()
    assert [paper.number for paper in fresh] == list(range(200, 240))
    known = {word for batch in corpus.batches() for paper in batch for word in paper.text.split()}
    markers = [paper.title.split()[-1] for paper in fresh]
    assert len(set(markers)) == 40
    assert not known & set(markers)


def test_exact_answers_are_those_of_comparing_every_vector(corpus):
    vectors = np.concatenate([batch.vectors for batch in corpus.batches()])
    assert corpus.nearest.shape == (20, 10)
    for question, nearest in zip(corpus.questions, corpus.nearest, strict=True):
        assert np.argsort(-(vectors @ question.vector))[:10].tolist() == nearest.tolist()


def test_more_papers_than_there_are_cannot_be_asked_for(tmp_path, tell):
    with pytest.raises(BenchError, match="300 papers were wanted, and there are 240"):
        Corpus.write(tmp_path, DrawnPapers(240), tell, 300)


class LengthEmbedder:
    """An encoder whose vector of a text is made of how often it has each letter."""

    name = "letters"
    dimension = 26

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def embed_passages(self, texts):
        self.embedded += texts
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text):
        return quantise(np.array([text.lower().count(letter) + 0.1 for letter in "abcdefghijklmnopqrstuvwxyz"]))


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "some"
    folder.mkdir()
    rows = [
        f'{{"id": "{n}", "title": "Title {n} of NOT-so few", "abstract": "It is {"abcdefgh"[n] * 5}."}}'
        for n in range(8)
    ]
    (folder / "docs.jsonl").write_text("\n".join(rows))
    return folder


def test_a_collection_is_embedded_once(folder, tmp_path, tell):
    embedder = LengthEmbedder()
    for place in ("first", "second"):
        (tmp_path / place).mkdir()
        papers = CollectedPapers(folder, embedder, tmp_path / "cache")
        corpus = Corpus.write(tmp_path / place, papers, tell, 8)
        assert len(embedder.embedded) == 8
    assert next(paper.title for batch in corpus.batches() for paper in batch) == "Title 0 of NOT-so few"
    assert "some, embedded by letters" in corpus.facts.origin


def test_without_queries_titles_are_asked_in_words_that_no_engine_takes_for_syntax(folder, tmp_path):
    papers = CollectedPapers(folder, LengthEmbedder(), tmp_path / "cache")
    questions = papers.questions(5, within=6)
    assert len(questions) == 5
    assert {question.text for question in questions} <= {f"title {n} of not so few" for n in range(6)}
    assert all(question.text == f"title {question.meant} of not so few" for question in questions)


def test_queries_of_a_collection_are_asked_where_it_has_some(folder, tmp_path):
    rows = [{"id": "1", "text": 'Is a cell\'s "aaaaa"?'}, {"id": "2", "text": "??"}]
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, rows)))
    questions = CollectedPapers(folder, LengthEmbedder(), tmp_path / "cache").questions(5, within=6)
    assert [(question.text, question.meant) for question in questions] == [("is a cell s aaaaa", -1)]


def test_a_folder_without_papers_is_refused(tmp_path):
    with pytest.raises(BenchError, match=r"has no docs\.jsonl"):
        next(CollectedPapers(tmp_path, LengthEmbedder(), tmp_path / "cache").batches())


def test_the_reference_index_finds_nearly_the_exact_ten_since_it_compares_every_vector(corpus):
    from broadsheet.bench.live import apply, nearest

    index = ReferenceIndex()
    for batch in corpus.batches():
        apply(index, batch, [quantise(vector) for vector in batch.vectors])
    pairs = [
        (set(nearest(index, q.vector, 10)), set(exact))
        for q, exact in zip(corpus.questions, corpus.nearest.tolist(), strict=True)
    ]
    assert np.mean([len(found & exact) / 10 for found, exact in pairs]) > 0.97
