"""The Markdown of comments: paragraphs, emphasis, code, lists, quotes, links and formulas, and nothing that runs.

The parser gives tokens; the web room writes and sanitises them. What is described for readers in
docs/reference/comments.md is what this parser reads.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

from broadsheet.community.models.readers import HANDLE

_OFF = ("html_block", "html_inline", "image", "lheading", "reference")
_LINK = re.compile(r"(?:https?://[^/\s]|mailto:[^\s])", re.I)
_CONTROL = re.compile(r"[\x00-\x20\x7f]")
NAMED = re.compile(rf"(?<![\w@/.&=-])@(?P<handle>(?i:{HANDLE}))(?![\w@])(?!\.\w)")
"""A reader named in a text, but not the second half of a mail address."""


def parser() -> MarkdownIt:
    """A new parser of comments, to which a door may add rules of its own."""
    made = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable(_OFF)
    made.validateLink = is_link  # type: ignore[method-assign]
    return made


def is_link(url: str) -> bool:
    """Whether a link may lead there: a web or mail address, written out.

    >>> [is_link(url) for url in ("https://a.example", "mailto:a@b.example", "javascript:alert(1)", "/status")]
    [True, True, False, False]
    """
    return bool(_LINK.match(url)) and not _CONTROL.search(url)


def named(text: str) -> list[str]:
    """The handles that a comment names after @, each once, in order; code and links name nobody.

    >>> named("@ann and @bo, not `@cy`, [@di](https://x.example) or ed@example.org; @Ann again")
    ['ann', 'bo']
    """
    if "@" not in text:
        return []
    found = (handle.lower() for words in prose(_PARSER.parse(text)) for handle in NAMED.findall(words.content))
    return list(dict.fromkeys(found))


def prose(tokens: list[Token]) -> list[Token]:
    """The tokens among these that are plain words: neither code nor formula, and not in a link."""
    found = []
    for token in tokens:
        links = 0
        for child in token.children or ():
            links += (child.type == "link_open") - (child.type == "link_close")
            if child.type == "text" and not links:
                found.append(child)
    return found


_PARSER = parser()
