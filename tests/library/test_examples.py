"""Searches by example: by the mean in meaning of some texts, and by the words that tell them from other papers."""

import numpy as np
import pytest

from broadsheet.library.examples import WORDS, find_like
from broadsheet.library.live import Generations
from broadsheet.search import quantise

COLOURS = ("red", "green", "blue")


class ByColour:
    """An encoder that knows how often each colour is named, and nothing else."""

    name, dimension = "colours@1", 8

    def embed_passages(self, texts):
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text):
        counts = [text.lower().count(colour) for colour in COLOURS]
        return quantise(np.array([*counts, 0.1, 0, 0, 0, 0], np.float64))


@pytest.fixture
def library(site_library, record):
    site_library.generations = Generations(site_library.alias, ByColour, {}.get, "")
    site_library.put(
        [
            record("On red", "2611.00001"),
            record("On green", "2611.00002"),
            record("On blue", "2611.00003"),
            record("Red, green", "2611.00004"),
        ]
    )
    site_library.embed()
    return site_library


def found(library, *examples):
    return [hit.id[-1] for hit in find_like(library, list(examples))]


def test_a_text_finds_what_is_nearest_by_words_and_meaning(library):
    assert found(library, ("", "Of green things, and of green ones."))[0] == "2"


def test_the_mean_of_several_lies_between_them(library):
    assert found(library, ("Redness", "red red"), ("Greenness", "green green"))[0] == "4"


def test_the_examples_themselves_are_not_found_again(library):
    assert "4" not in found(library, ("Red, green", ""))


def test_what_only_a_withdrawn_paper_has_is_not_found(library):
    library.withdraw("2611.00002")
    assert "2" not in found(library, ("", "Of green things, and of green ones."))


def test_a_text_of_which_no_word_is_known_finds_by_meaning_and_one_without_words_nothing(library):
    assert found(library, ("", "greenish"))[0] == "2"
    assert found(library, ("", "?!")) == []


def test_the_telling_words_are_few_and_those_that_are_rare_here(library, record):
    library.put([record(f"Common ground, part {n}") for n in range(30)] + [record("Rarely seen")])
    [first, *_] = find_like(
        library, [("", "common common common ground rarely seen " + " ".join(f"w{n}" for n in range(500)))]
    )
    assert first.query.words[:2] in (("rarely", "seen"), ("seen", "rarely"))
    assert len(first.query.terms) <= WORDS
