"""Where the formulas of a text are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.web.formulas import pieces


def formulas(text):
    return [piece.text for piece in pieces(text) if piece.is_formula]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("in $O(n)$ time", ["O(n)"]),
        (r"in \(O(n)\) time", ["O(n)"]),
        (r"so \[ a = b \] holds", [" a = b "]),
        ("so $$a = b$$ holds", ["a = b"]),
        ("CO$_2$ and H$_2$O", ["_2", "_2"]),
        (r"about $\sim$20 GPa", [r"\sim"]),
        (r"the $ 2.6\times$ longer", [r" 2.6\times"]),
        (r"$P_{\text{the long name of it}}$", [r"P_{\text{the long name of it}}"]),
        (r"$n \log n$ and $n log n$", [r"n \log n", "n log n"]),
    ],
)
def test_formulas_are_found_in_every_delimiter(text, found):
    assert formulas(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "costs $5 and $10",
        "costs $5",
        "from $0.8-$1.5 per run",
        "between $20 million and $30 million, or US$ 5",
        r"costs \$5 and \$10",
        "o3's $4,500/task to GPT-5.2's $12/task",
        "a lone $ sign",
        "$$",
        "$$$$",
        r"a \( that never closes",
        r"line \\(not a formula)",
    ],
)
def test_money_and_strays_stay_text(text):
    assert formulas(text) == []


@given(st.text(alphabet="$\\()[]{}ab 1", max_size=60))
def test_pieces_cover_the_text_in_order_without_gaps(text):
    end = 0
    for piece in pieces(text):
        assert piece.start == end
        end = piece.end
    assert end == len(text)


@pytest.mark.parametrize("part", ["\\(", "\\[", "$", "$$a", "$a ", "\\$", "$5 and ", "\\(a\\("])
def test_the_longest_abstract_of_delimiters_is_cut_too(part):
    text = part * (100_000 // len(part))
    assert sum(piece.end - piece.start for piece in pieces(text)) == len(text)
