"""Texts of papers as a mail shows them."""

import doctest

import pytest

from broadsheet.digests import relevance, revisions, window, wording
from broadsheet.digests.wording import cut, opening, plain, weight


@pytest.mark.parametrize("module", [wording, revisions, relevance, window])
def test_the_examples_of_a_module_hold(module):
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Superconductivity in La$_3$Ni$_2$O$_7$", "Superconductivity in La₃Ni₂O₇"),
        (r"An $\epsilon$-optimal $O(n^{2})$ method", "An ε-optimal O(n²) method"),
        ("It costs $5, or $10 for two", "It costs $5, or $10 for two"),
        (r"G\"odel --- \'Etudes", "Gödel — Études"),
        ("a\u202eb\n c\u2066", "ab c"),
        ("x" + "$" * 50 + "y", "x" + "$" * 50 + "y"),
    ],
)
def test_maths_reads_as_text_and_nothing_steers_the_text_around_it(written, shown):
    assert plain(written) == shown


def test_a_short_form_ends_no_sentence():
    assert (
        opening("As Smith et al. say (cf. Fig. 2). So it is. And more.")
        == "As Smith et al. say (cf. Fig. 2). So it is."
    )
    assert opening("One sentence alone") == "One sentence alone"


@pytest.mark.parametrize("text", ["&" * 5_000, "<b>" * 900, "語" * 3_000, "word " * 800, "\U0001f600" * 900, ""])
def test_a_text_is_cut_by_what_it_weighs(text):
    shown = cut(text, 300, 500)
    assert len(shown) <= 301
    assert weight(shown) <= 500
    assert bool(shown) == bool(text)
