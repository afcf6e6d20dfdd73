"""What search sees of a text, and what counts as the same title."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.papers.tex import tex_to_unicode
from broadsheet.papers.text import fold, searchable, title_key


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"Erd\H{o}s and R\'enyi", "Erdős and Rényi"),
        (r"{\'E}cole, na\"{\i}ve, \v{C}ech, \c{c}a, {\ss}", "École, naïve, Čech, ça, ß"),
        (r"CO$_2$ at 10$^{3}$ K", "CO2 at 103 K"),
        (r"$\alpha$-divergence", "α-divergence"),
        (r"\textit{Escherichia coli} and \emph{in vivo}", "Escherichia coli and in vivo"),
        (r"bounds of $O(\sqrt{n}\log n)$", "bounds of O(nlog n)"),
        (r"$\frac{1}{2}-\epsilon$", "1/2-ε"),
        (r"100\% of \$5 \& more", "100% of $5 & more"),
        (r"as shown in \cite[p.~3]{knuth84} before", "as shown in before"),
        ("plain text, untouched", "plain text, untouched"),
        (r"\textbackslash{}x \textasciitilde{}y\textasciicircum{}2 \textbraceleft{}z\textbraceright{}", r"\x ~y^2 {z}"),
        ("snake_case and a_b, x^2, H_2O", "snake_case and ab, x2, H2O"),
    ],
)
def test_tex_reads_as_unicode(written, read):
    assert tex_to_unicode(written) == read


def test_compatibility_forms_become_plain_letters():
    assert searchable("eﬃcient ＡＢＣ x²") == "efficient ABC x2"


def test_folding_forgets_case_accents_and_strokes():
    assert fold("Gödel, ŁUKASZ, Æsir, Straße") == "godel, lukasz, aesir, strasse"


def test_two_spellings_of_a_title_have_one_key():
    assert title_key("A  Note on {SQL}: the $k$-NN Case.") == title_key("a note on SQL - The k-NN case")


@pytest.mark.parametrize(
    "bomb", ["{" * 50_000, "\\frac" * 20_000, "$" * 50_000, "\\'" * 50_000, "^_" * 50_000, "\\cite[" * 40_000]
)
def test_hostile_tex_costs_no_more_than_its_length(bomb):
    began = time.process_time()
    assert isinstance(tex_to_unicode(bomb), str)
    assert time.process_time() - began < 5


@given(st.text(alphabet="\\{}$^_ab'\"`~%&#[]()12 αé\ud800", max_size=60))
def test_no_text_makes_the_reader_of_tex_fail(text):
    assert isinstance(tex_to_unicode(text), str)
