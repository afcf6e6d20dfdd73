"""Comments are Markdown: what may stand in one, and that nothing else comes of it, whatever is written."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadsheet.web.prose import comment_html

CORPUS = json.loads(Path(__file__).with_name("hostile.json").read_text()) + json.loads(
    Path(__file__).with_name("hostile_markdown.json").read_text()
)
TAGS = {"a", "blockquote", "br", "code", "em", "hr", "li", "ol", "p", "pre", "strong", "ul"}


def written(text, *known):
    return comment_html(text, frozenset(known))


def assert_clean(page):
    """Only listed tags; links lead to the web, to mail, or to papers and readers of this site."""
    for tag, attributes in page.tags:
        assert tag in TAGS or re.fullmatch(r"math|m[a-z]+", tag), tag
        for name, value in attributes.items():
            assert not name.startswith("on"), attributes
            assert name not in ("style", "src", "srcdoc", "id", "name", "action", "title"), attributes
            if name == "href":
                assert re.match(r"https?://|mailto:|/@[a-z0-9]|/papers/", value), value
                assert attributes.get("rel") == "noopener nofollow ugc" or value.startswith("/"), attributes
            if name == "class":
                assert value == "tex"


@pytest.mark.parametrize(
    "text, expected",
    [
        ("two\n\nparagraphs", "<p>two</p>\n<p>paragraphs</p>"),
        ("a line\nand a line", "<p>a line<br>\nand a line</p>"),
        ("*soft* and **strong**", "<p><em>soft</em> and <strong>strong</strong></p>"),
        ("`a < b`", "<p><code>a &lt; b</code></p>"),
        ("```python\n@ann $x$\n```", "<pre><code>@ann $x$\n</code></pre>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>'),
        ("> quoted", "<blockquote>\n<p>quoted</p>\n</blockquote>"),
        ("# A heading", "<p><strong>A heading</strong></p>"),
        ("<b>bold</b>", "<p>&lt;b&gt;bold&lt;/b&gt;</p>"),
        ("costs $5 or $10", "<p>costs $5 or $10</p>"),
        ("`$x$` and \\$x\\$", "<p><code>$x$</code> and $x$</p>"),
        ("[a]: https://x.example", '<p>[a]: <a href="https://x.example" rel="noopener nofollow ugc">https://x.example</a></p>'),
    ],
)  # fmt: skip
def test_markdown_becomes(text, expected):
    assert written(text) == expected.replace("</ul>", "</ol>" if "<ol" in expected else "</ul>")


@pytest.mark.parametrize(
    "text, address",
    [
        ("[here](https://x.example/a_b)", "https://x.example/a_b"),
        ("<https://x.example>", "https://x.example"),
        ("see https://x.example/a_(b).", "https://x.example/a_(b)"),
        ("[mail](mailto:ann@x.example)", "mailto:ann@x.example"),
        ("![picture](https://x.example/p.png)", "https://x.example/p.png"),
        ("as 2104.12255v2 says", "/papers/2104.12255"),
        ("arXiv:cs/0701001", "/papers/cs/0701001"),
        ("doi:10.1145/3292500.3330701.", "/papers/10.1145/3292500.3330701"),
        ("acl:P18-1001", "/papers/acl:P18-1001"),
        ("thanks @ann", "/@ann"),
        ("thanks @Ann!", "/@ann"),
    ],
)
def test_links_lead_where_they_say(parsed, text, address):
    assert parsed_text(written(text, "ann"), parsed).links() == [address]


def parsed_text(html, parsed):
    return parsed(type("Answer", (), {"content": html.encode()}))


@pytest.mark.parametrize(
    "text",
    ["@bo is unknown", "ed@ann.example", "`@ann`", "https://x.example/ann", "/@ann", "@ann.example", "@@ann",
     "1.2104.12255", "12345.67890", "2113.12345", "[j](javascript:alert(1))", "[r](/status)", "[r](//x.example)",
     "[d](data:text/html,x)", "[f](ftp://x.example)", "<javascript:alert(1)>", "[x](https:/status)",
     "[x](vbscript:x)", "[x](&#106;avascript:x)",
     "[x](java\tscript:x)", "[x](\x01javascript:x)"],
)  # fmt: skip
def test_this_does_not_become_a_link_into_the_site_or_into_a_script(parsed, text):
    links = parsed_text(written(text, "ann"), parsed).links()
    assert [link for link in links if not link.startswith("https://x.example/")] == []


def test_formulas_become_mathml_in_a_line_and_on_lines_of_their_own():
    assert '<math display="inline"><mrow><msup>' in written("so $x^2$ grows")
    assert written("$$\na\n- b\n$$").startswith('<p><math display="block">')
    assert "<li>" not in written("$$\na\n- b\n$$")
    assert '<math display="block">' in written("> $$ a $$\n\n- and $$b$$")


def test_a_formula_that_cannot_be_read_shows_its_source():
    assert written(r"$\frac{1}^2_{$") == '<p><code class="tex">\\frac{1}^2_{</code></p>'


PLACES = (
    "{}", "> {}", "- {}", "`{}`", "[{}](https://x.example)", "[x]({})", "<{}>", "${}$", "$$\n{}\n$$", "```{0}\n{0}",
    "# {}", "@{}",
)  # fmt: skip


@pytest.mark.parametrize("text", CORPUS)
def test_hostile_text_leaves_only_harmless_tags(parsed, text):
    for place in PLACES:
        assert_clean(parsed_text(written(place.format(text), "ann", "img", "script"), parsed))


HEAVY = [
    "[" * 5_000, "[](" * 5_000, "![" * 5_000, ">" * 10_000, "> " * 10_000, "*" * 10_000, "*a _b" * 4_000, "`" * 20_000,
    "- " * 10_000, "\n".join(" " * 2 * n + "- a" for n in range(140)), "{" * 5_000, "$" + "{" * 5_000 + "$",
    "$" * 20_000, "$$a\n" * 5_000, "$a$ " * 5_000, "<a:" * 6_000, "&#1;" * 5_000, "\\" * 20_000, "@a " * 6_000,
    "10.1234/(" * 2_000, "https://a/" + ")" * 19_000, "[a](<" * 4_000, "a**b" * 5_000, "\n" * 20_000 + "a",
    "1. " * 6_000, "$x^{" * 5_000,
    "".join("`" * n + " " for n in range(1, 195)), "http://a" * 2_500, "\t> " * 6_000, "| a " * 5_000, "# " * 10_000,
]  # fmt: skip


@pytest.mark.parametrize("text", HEAVY, ids=range(len(HEAVY)))
def test_heavy_text_is_written_and_stays_small(parsed, text):
    html = written(text, "a")
    assert len(html) <= 500_000
    assert_clean(parsed_text(html, parsed))


SCRAPS = [*"[](){}<>*_`$#@!&;:/\\\"'-+1. \n\ta", "$$", "```", "javascript:", "https://x", "@ann", "\\text"]
SCRAPS += ["<svg onload=x>", "2104.12255", "&#x6A;", "\u202e"]


@pytest.mark.slow
@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(SCRAPS), max_size=60))
def test_whatever_is_written_is_clean(parsed, parts):
    assert_clean(parsed_text(written("".join(parts), "ann"), parsed))
