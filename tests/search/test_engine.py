"""Searching: every page is cut from one ranking, the same that ranking everything would give."""

import random
from datetime import date, timedelta

import numpy as np
import pytest

from broadsheet.search import Embed, PositionError, Put, SearchError, Vector, parse, search
from broadsheet.search import engine as engine_module
from broadsheet.search.fusion import Scale

PAPERS = 200
WORDS = [f"word{letter}" for letter in "abcdefghijklm"]


def vector(chance):
    return Vector(np.array([chance.randint(-127, 127) for _ in range(8)], np.int8), 1 / 300)


@pytest.fixture(scope="module")
def index(make_index):
    """Papers of random words and vectors, one in five without a vector."""
    chance, index = random.Random(1), make_index()
    texts = [" ".join(chance.choices(WORDS, k=chance.randint(2, 12))) for _ in range(PAPERS)]
    first = date(2026, 1, 1)
    puts = [Put(n, n, text, "", day=first + timedelta(n % 50)) for n, text in enumerate(texts, 1)]
    embedded = [n for n in range(1, PAPERS + 1) if n % 5]
    embeds = [Embed(PAPERS + place, n, vector(chance)) for place, n in enumerate(embedded, 1)]
    index.apply(puts + embeds, PAPERS + len(embeds))
    return index


def whole_ranking(index, query, query_vector, nearest):
    """Every paper that can be found, scored, best first."""
    found = index.search(query, query_vector, 10_000, near=nearest)
    scale = Scale.of(found)
    scored = [
        (scale.explain(found, place, query).score, match.paper)
        for place, match in enumerate(found.matches)
        if match.terms or match.is_near
    ]
    return sorted(scored, key=lambda pair: (-pair[0], pair[1]))


@pytest.mark.slow
@pytest.mark.parametrize("nearest", [1, 3, 10, 200])
@pytest.mark.parametrize("text", ["worda", "wordb wordc", " ".join(WORDS[:9]), "wordd -worde", "nowhere"])
def test_pages_of_any_size_are_cut_from_one_exact_ranking(index, monkeypatch, nearest, text):
    monkeypatch.setattr(engine_module, "NEAREST", nearest)
    query, query_vector = parse(text), vector(random.Random(2))
    expected = whole_ranking(index, query, query_vector, nearest)
    for limit in (7, 40, 1_000):
        pages = [search(index, query, query_vector, limit=limit, offset=start) for start in range(0, 300, limit)]
        hits = [hit for page in pages for hit in page.hits]
        assert [(hit.score, hit.paper) for hit in hits] == expected[: len(hits)]
        assert len(hits) == min(len(expected), len(pages) * limit)
        assert {page.length for page in pages} == {len(expected)}


def test_without_a_vector_the_ranking_goes_by_words(index):
    hits = search(index, parse("worda wordb"), limit=PAPERS).hits
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert hits[0].score == 1
    assert all(hit.explanation.meaning is None for hit in hits)


def test_total_counts_papers_that_share_a_word_and_length_those_near_in_meaning_too(index, monkeypatch):
    monkeypatch.setattr(engine_module, "NEAREST", 20)
    nowhere = search(index, parse("nowhere"), vector(random.Random(3)))
    assert (nowhere.total, nowhere.length, len(nowhere.hits)) == (0, 20, 20)
    assert search(index, parse("nowhere")).length == 0


def test_conditions_alone_give_every_paper_that_passes_newest_first(index):
    query = parse("after:2026-01-11 before:2026-02-01")
    whole = [hit.paper for hit in search(index, query, limit=PAPERS).hits]
    assert whole == sorted((n for n in range(1, PAPERS + 1) if 10 <= n % 50 <= 30), key=lambda n: (-(n % 50), n))
    paged = [hit.paper for start in range(0, 140, 20) for hit in search(index, query, limit=20, offset=start).hits]
    assert paged == whole


def test_every_score_is_the_sum_of_its_explanation(index):
    for hit in search(index, parse("worda wordb"), vector(random.Random(4)), limit=100).hits:
        assert hit.explanation.score == hit.score
        assert sum(part["value"] for part in hit.explanation.to_json()["parts"]) == pytest.approx(hit.score)


def test_pages_end_at_the_window(index, monkeypatch):
    monkeypatch.setattr(engine_module, "WINDOW", 30)
    page = search(index, parse(" ".join(WORDS)), limit=20, offset=20)
    assert (len(page.hits), page.length) == (10, 30)
    assert search(index, parse("worda"), limit=20, offset=100_000).hits == ()


def test_a_search_as_of_an_earlier_number_says_so(index):
    page = search(index, parse("worda"), vector(random.Random(5)), at=PAPERS)
    assert page.at == PAPERS
    assert all(hit.explanation.meaning is None for hit in page.hits)
    assert search(index, parse("worda")).at == index.position


def test_what_makes_no_sense_is_refused(index):
    for page in ({"limit": -1}, {"offset": -1}):
        with pytest.raises(SearchError):
            search(index, parse("worda"), **page)
    with pytest.raises(PositionError):
        search(index, parse("worda"), at=index.position + 1)
    assert search(index, parse("worda"), limit=0).hits == ()
