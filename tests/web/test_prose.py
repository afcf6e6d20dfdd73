"""Text as written by authors reads well and stays text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.web.prose import plain, render, render_marked


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (r"Erd\H{o}s--R\'enyi", "Erdős–Rényi"),
        (r"{\L}ojasiewicz, na{\"\i}ve, \v{c}ech, stra\ss{}e", "Łojasiewicz, naïve, čech, straße"),
        ("``quoted'' and `single'", "“quoted” and ‘single’"),
        (r"a \emph{real} one, {\it too}", "a <em>real</em> one, <em>too</em>"),
        (r"50\% of \$5 \& Fig.~2", "50% of $5 &amp; Fig.\u00a02"),
        ("costs $5 and $10", "costs $5 and $10"),
        ("snake_case, x^2, ~/home, --verbose, {name}", "snake_case, x^2, ~/home, --verbose, {name}"),
        (r"see \cite{knuth} and {BERT}", "see  and BERT"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        (r"\emph{<b>}", "<em>&lt;b&gt;</em>"),
        ("&lt;b&gt;", "&amp;lt;b&amp;gt;"),
    ],
)
def test_prose_reads_well_and_is_escaped(text, html):
    assert render(text) == html


def test_a_formula_between_words_becomes_mathml():
    assert render("in $n$ steps").startswith('in <math display="inline">')


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("at https://example.org/~ada/a--b_c.", "https://example.org/~ada/a--b_c"),
        ("(see https://en.wikipedia.org/wiki/A_(b))", "https://en.wikipedia.org/wiki/A_(b)"),
        (r"at \url{https://example.org/x}.", "https://example.org/x"),
        (r"our \href{https://example.org/x}{code}", "https://example.org/x"),
        ("https://example.org", "https://example.org"),
    ],
)
def test_web_addresses_become_links_that_show_where_they_lead(text, url):
    assert f'<a href="{url}" rel="noopener nofollow ugc">{url}</a>' in render(text, links=True)
    assert "<a" not in render(text)


@pytest.mark.parametrize(
    "text",
    ["javascript:alert(1)", "data:text/html,x", "https://", "http://[::1]/", "ftp://example.org/", "//example.org"],
)
def test_nothing_else_becomes_a_link(text):
    assert "<a" not in render(text, links=True)


def test_an_address_cannot_break_out_of_its_attribute():
    assert render('https://e.example/"onclick=alert(1)', links=True) == (
        '<a href="https://e.example/" rel="noopener nofollow ugc">https://e.example/</a>&quot;onclick=alert(1)'
    )


def test_matches_are_marked_and_a_formula_is_marked_whole():
    html = render_marked([("the ", False), ("graph", True), ("s of $n", False), ("+1", True), ("$ <b>", False)])
    assert html.startswith("the <mark>graph</mark>s of <mark><math")
    assert html.endswith("</math></mark> &lt;b&gt;")


def test_a_page_title_has_no_markup_and_nothing_that_steers_its_direction():
    assert plain("\u202eGraphs\u2066 of $\\mathcal{O}(n^{2})$ \\emph{size}") == "Graphs of O(n2) size"


@given(st.text(alphabet="<>&\"'$\\{}()[]`-~ahtps:/.", max_size=80), st.booleans())
def test_no_text_opens_a_tag_of_its_own(text, links):
    html = render(text, links=links)
    for tag in html.split("<")[1:]:
        assert tag.startswith(("a href=", "/a>", "em>", "/em>", "code class=", "/code>", "m", "/m")), html
