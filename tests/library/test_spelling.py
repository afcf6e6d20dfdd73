"""Did you mean: words that hardly any paper has, put right by words that many have."""

import doctest

import pytest

from broadsheet.library import spelling
from broadsheet.library.spelling import did_you_mean


@pytest.fixture
def library(site_library, record):
    site_library.put(
        [record(f"Paging with succinct predictions, part {n}", abstract="Of cached pages.") for n in range(12)]
        + [record(f"Gödel numbers and lattices, part {n}") for n in range(6)]
        + [record("A singular pagint of nothing")]
    )
    return site_library


def meant(library, query):
    return did_you_mean(library, query, library.search(query).at)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("pagign", "paging"),
        ("succint predictons", "succinct predictions"),
        ("predicitons -lattices", "predictions -lattices"),
        ('"succint predictions" after:2020', '"succinct predictions" after:2020'),
        ("title:pagig", "title:paging"),
        ("laticces", "lattices"),
        ("Godal", "godel"),
        ("pagint", "paging"),
        ("paging predictions", ""),
        ("zebra", ""),
        ("author:pagign", ""),
        ("paging -pagign", ""),
        ("topic:pagign", ""),
        ("xagin", ""),
        ("pgs", ""),
        ("2611.99999", ""),
    ],
)
def test_a_misspelled_word_is_put_right_and_all_else_stays(library, query, said):
    assert meant(library, query) == said


def test_a_word_of_an_erased_paper_is_never_offered(library, record):
    library.put([record(f"Unspeakable secret {n}", f"2611.{n:05}") for n in range(6)])
    assert meant(library, "unspeakabel") == "unspeakable"
    for n in range(6):
        library.erase(f"2611.{n:05}")
    assert meant(library, "unspeakabel") == ""


def test_the_examples_hold():
    assert doctest.testmod(spelling).failed == 0
