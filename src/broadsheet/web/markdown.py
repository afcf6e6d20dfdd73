"""Comments as HTML: Markdown with formulas, web addresses, papers and readers as links; nh3 reads the result last.

The parser makes no HTML of what readers write, and the sanitiser lets through nothing but the elements listed here.
"""

import html
import re
from collections.abc import Sequence, Set
from functools import lru_cache
from typing import Any

import nh3
from django.urls import reverse
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from broadsheet.community import markdown
from broadsheet.papers import Identifier, IdentifierError
from broadsheet.web.formulas import formula_at
from broadsheet.web.mathml import ATTRIBUTES, ELEMENTS, formula
from broadsheet.web.outward import REL, WEB_ADDRESS, web_address, without_tail

SIGNS_LIMIT = 2_000
"""How many signs of Markdown a comment may hold; one with more was not written by hand and is shown as it stands."""
FORMULAS_LIMIT = LINKS_LIMIT = 200
LINES_LIMIT = 50
"""How many lines a formula may go over."""
OUTPUT_LIMIT = 400_000

_SIGNS = re.compile(r"[\[\]*_`>$]|^[ \t]*[-+\d]", re.M)
_PAPER = r"""
    (?<![\w./:@-])(?:
        arxiv:\s?(?:\d{4}\.\d{4,5}|[a-z]+(?:-[a-z]+)?(?:\.[a-z]{2})?/\d{7})(?:v[1-9]\d{0,2})?
      | \d{2}(?:0[1-9]|1[0-2])\.\d{5}(?:v[1-9]\d{0,2})?
      | (?:acl:|doi:\s?)?10\.\d{4,9}/[^\s<>"'`{}|\\^]{1,120}
      | acl:\s?[\w.-]{6,60}
    )(?![\w/-])(?!\.\d)"""
_LINKED = re.compile(
    rf"(?P<url>{WEB_ADDRESS.pattern}) | (?P<paper>(?i:{_PAPER})) | {markdown.NAMED.pattern}",
    re.X,
)
_CLEANER = nh3.Cleaner(
    tags={"a", "blockquote", "br", "code", "em", "hr", "li", "ol", "p", "pre", "strong", "ul", *ELEMENTS},
    attributes={"*": set(ATTRIBUTES), "a": {"href", "rel"}, "ol": {"start"}},
    tag_attribute_values={"code": {"class": {"tex"}}},
    url_schemes={"http", "https", "mailto"},
    link_rel=None,
)


def written(text: str, known_handles: Set[str]) -> str:
    """Write a comment as sanitised HTML; of the readers it names, those who are known become links."""
    named = {handle.lower() for handle in markdown.NAMED.findall(text)}
    return _written(text, frozenset(named & known_handles))


@lru_cache(maxsize=500)
def _written(text: str, known: frozenset[str]) -> str:
    if len(_SIGNS.findall(text)) > SIGNS_LIMIT:
        return _CLEANER.clean(_as_it_stands(text))
    environment: dict[str, Any] = {"known": known, "formulas": 0, "links": 0}
    tokens = _PARSER.parse(text, environment)
    for token in markdown.prose(tokens):
        token.type = "prose"
    written = str(_PARSER.renderer.render(tokens, _PARSER.options, environment)).strip()
    return _CLEANER.clean(written if len(written) <= OUTPUT_LIMIT else _as_it_stands(text))


def _as_it_stands(text: str) -> str:
    paragraphs = (html.escape(part).replace("\n", "<br>") for part in re.split(r"\n{2,}", text))
    return "".join(f"<p>{part}</p>" for part in paragraphs)


def _linked(self: object, tokens: Sequence[Token], place: int, options: object, environment: dict[str, Any]) -> str:
    """Words outside of links and code: what they mention becomes links."""
    text = tokens[place].content
    parts, done = [], 0
    for found in _LINKED.finditer(text):
        environment["links"] += 1
        is_link = environment["links"] <= LINKS_LIMIT
        shown = _link(found, environment["known"]) if is_link else html.escape(found[0])
        parts += [html.escape(text[done : found.start()]), shown]
        done = found.end()
    return "".join([*parts, html.escape(text[done:])])


def _link(found: re.Match[str], known: frozenset[str]) -> str:
    if found["url"]:
        return web_address(found[0], is_link=True)
    if found["handle"]:
        handle = found["handle"].lower()
        return f'<a href="/@{handle}">{found[0]}</a>' if handle in known else found[0]
    name, tail = without_tail(found[0])
    try:
        address = reverse("web:paper", args=[Identifier.parse(name).key])
    except IdentifierError:
        return html.escape(found[0])
    return f'<a href="{html.escape(address)}">{html.escape(name)}</a>{html.escape(tail)}'


def _formula_in_line(state: StateInline, silent: bool) -> bool:
    """Markdown's rule for ``$…$`` and ``$$…$$`` within a paragraph."""
    if state.src[state.pos] != "$" or (found := formula_at(state.src, state.pos)) is None:
        return False
    if not silent:
        token = state.push("formula", "math", 0)
        token.content, token.meta = found.text, {"is_block": found.is_block}
    state.pos = found.end
    return True


def _formula_of_lines(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """Markdown's rule for ``$$`` at the beginning of a line up to ``$$`` at the end of this or a later one."""
    if state.is_code_block(first):
        return False
    opening = state.src[state.bMarks[first] + state.tShift[first] : state.eMarks[first]]
    if not opening.startswith("$$"):
        return False
    lines, line = [opening[2:]], first
    while not lines[-1].rstrip().endswith("$$"):
        line += 1
        if line >= min(end, first + LINES_LIMIT) or state.sCount[line] < state.blkIndent or state.isEmpty(line):
            return False
        lines.append(state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]])
    tex = "\n".join(lines).rstrip().removesuffix("$$")
    if not tex.strip() or "$$" in tex:
        return False
    if not silent:
        token = state.push("formula", "math", 0)
        token.content, token.meta, token.map, token.block = tex, {"is_block": True}, [first, line + 1], True
        state.line = line + 1
    return True


def _math(self: object, tokens: Sequence[Token], place: int, options: object, environment: dict[str, Any]) -> str:
    token = tokens[place]
    environment["formulas"] += 1
    if environment["formulas"] > FORMULAS_LIMIT:
        return f'<code class="tex">{html.escape(token.content)}</code>'
    written = formula(token.content, token.meta["is_block"])
    return f"<p>{written}</p>" if token.block else written


def _link_open(self: object, tokens: Sequence[Token], place: int, *_: object) -> str:
    return f'<a href="{html.escape(str(tokens[place].attrGet("href")))}" rel="{REL}">'


def _parser() -> MarkdownIt:
    made = markdown.parser()
    made.inline.ruler.before("escape", "formula", _formula_in_line)
    made.block.ruler.before("fence", "formula", _formula_of_lines, {"alt": ["paragraph", "blockquote", "list"]})
    made.add_render_rule("prose", _linked)
    made.add_render_rule("formula", _math)
    made.add_render_rule("link_open", _link_open)
    made.add_render_rule("heading_open", lambda *_: "<p><strong>")
    made.add_render_rule("heading_close", lambda *_: "</strong></p>\n")
    return made


_PARSER = _parser()
