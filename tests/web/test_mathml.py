"""MathML carries mathematics and nothing else, whatever the formula holds."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet.web.mathml import DEPTH_LIMIT, LENGTH_LIMIT, formula

SAFE = re.compile(r"</?(?:m[a-z]+|math|code)(?: (?!on|style|href|src)[a-z]+=\"[^\"<>]*\")*>")


def bare(html):
    """What is left of the output when every tag that may be there is taken away."""
    return SAFE.sub("", html)


def test_a_formula_becomes_mathml():
    assert formula(r"\frac{a}{b} \le \sqrt{x}").startswith('<math display="inline"><mrow><mfrac>')


def test_a_displayed_formula_says_so():
    assert formula("a=b", is_block=True).startswith('<math display="block">')


def test_a_function_stands_apart_from_its_argument_as_in_tex():
    assert (
        '<mi>n</mi><mspace width="0.167em"></mspace><mi>log</mi><mspace width="0.167em"></mspace><mi>m</mi>'
        in formula(r"n \log m")
    )
    assert "mspace" not in formula(r"\log(n)")


@pytest.mark.parametrize(
    "tex",
    [
        r"\text{<svg/onload=alert(1)>}",
        r"\text{&lt;svg/onload=alert(1)&gt;}",
        r"\mbox{<img src=x onerror=alert(1)>}",
        r"\text{</math><script>alert(1)</script>}",
        r"\text{</mtext></math><style>*{}</style>}",
        r"\verb|<script>alert(1)</script>|",
        r"\href{javascript:alert(1)}{x}",
        r"\href{javascript&colon;alert(1)}{x}",
        r"\style{background:url(//e.example)}{x}",
        r"\class{unseen}{x}",
        r"\color{white}{x}",
        r"\unicode{x3c}script\unicode{x3e}",
        r"<script>alert(1)</script>",
        r"\operatorname{<b onclick=alert(1)>}",
        r"\begin{array}{c\" onload=\"alert(1)}x\end{array}",
        r"\hspace{9999em}x",
        r"\rule{9999em}{9999em}",
        r"\annotation-xml{<iframe>}",
    ],
)
def test_what_is_not_mathematics_does_not_get_through(tex):
    html = formula(tex)
    assert "<" not in bare(html), html
    assert not re.search(r"<[^>]*(?:onload|onerror|onclick|javascript| href| style=|unseen)", html)
    assert "9999" not in re.sub(r">[^<]*<", "><", html)


@pytest.mark.parametrize(
    "tex",
    [
        "{" * 5_000,
        "{" * (LENGTH_LIMIT - 1),
        "{" * 900 + "}" * 900,
        r"\sqrt" * 300 + "x",
        r"\left(" * 300,
        "x" * (LENGTH_LIMIT + 1),
        r"x_1_2",
        r"\frac{1}",
        r"\newcommand{\a}{\b\b}\newcommand{\b}{\c\c}\a",
        r"\def\x{\x\x}\x",
    ],
)
def test_what_cannot_be_converted_is_shown_as_its_escaped_source(tex):
    assert formula(tex) == f'<code class="tex">{tex}</code>'


def test_the_source_that_is_shown_is_escaped():
    assert formula(r"\frac{<b>}") == '<code class="tex">\\frac{&lt;b&gt;}</code>'


SCRAPS = [
    "{", "}", "^", "_", "a", "<", ">", '"', "'", "&", "&lt;", "\\text{", "\\href{", "\\style{", "\\sqrt", "\\frac", "%",
    "\\left(", "\\right)", "\\begin{matrix}", "\\end{matrix}", "\\\\", "<svg onload=x>", "\\color{", "]",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(SCRAPS), max_size=40).map("".join))
def test_no_formula_at_all_writes_another_tag_or_fails(tex):
    assert "<" not in bare(formula(tex))


def test_no_output_is_nested_deeper_than_the_limit():
    deepest = 0
    for depth in (10, 20, 60, 200):
        html = formula("\\sqrt{" * depth + "x" + "}" * depth)
        deepest = max(deepest, html.count("<msqrt>"))
    assert 0 < deepest <= DEPTH_LIMIT
