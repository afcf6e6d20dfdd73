"""Papers written as Markdown: for programs and language models, and for people who paste it into notes."""

import re
from collections.abc import Iterator, Sequence

from broadsheet.papers import Identifier, Version
from broadsheet.sources.citation import Citation, address_of, cite, encode_address
from broadsheet.sources.citation_names import read_names
from broadsheet.sources.citation_text import Piece, read_pieces

_MARKUP = re.compile(r"[\\`*_\[\]|~$]|(?<!\S)#|&(?=#?\w+;)|<")
_BLOCK = re.compile(r"([0-9]{0,9})([-+>=.)])")
_ENTITIES = {"<": "&lt;", "&": "&amp;"}


def to_markdown(version: Version, identifiers: Sequence[Identifier], url: str = "") -> str:
    r"""Write a page of CommonMark: the title, a list of what is known, the abstract, the links.

    No text of the paper can begin a heading, a list, a link or HTML. Maths keeps its TeX, except that "<" is written
    ``&lt;`` there too.

    >>> print(to_markdown(Version("<b>*Nets*", topics=("cs.LG",)), [Identifier("arxiv", "2104.12255")]), end="")
    # &lt;b>\*Nets\*
    <BLANKLINE>
    - Identifier: arxiv:2104.12255 <https://arxiv.org/abs/2104.12255>
    - Topics: cs.LG
    """
    citation = cite(version, identifiers, url)
    sections = [f"# {escape_markdown(version.title)}", "\n".join(_facts(citation, url))]
    if version.abstract:
        sections += ["## Abstract", escape_markdown(version.abstract)]
    if links := list(_links(version)):
        sections += ["## Links", "\n".join(links)]
    return "\n\n".join(filter(None, sections)) + "\n"


def escape_markdown(text: str) -> str:
    r"""One line of Markdown that shows this text, its maths kept.

    >>> escape_markdown("1. [x](y) & $a_1 < b$ <br>"), escape_markdown("  - R&D &lt; C#")
    ('1\\. \\[x\\](y) & $a_1 &lt; b$ &lt;br>', '\\- R&D &amp;lt; C#')
    """
    return _begin("".join(map(_piece, read_pieces(text)))) if text else ""


def _facts(citation: Citation, url: str) -> Iterator[str]:
    version = citation.version
    if names := read_names(version.authors):
        yield f"- Authors: {', '.join(escape_markdown(name.whole) for name in names)}"
    for label, day in (("Published", version.published), ("Updated", version.updated)):
        if day:
            yield f"- {label}: {day.isoformat()}"
    for identifier in citation.identifiers:
        address = address_of(identifier)
        yield f"- Identifier: {_verbatim(str(identifier))}" + (f" <{address}>" if address else "")
    for label, text in (("Venue", version.venue), ("Comment", version.comment), ("Language", version.language)):
        if text:
            yield f"- {label}: {escape_markdown(text)}"
    if version.topics:
        yield f"- Topics: {', '.join(escape_markdown(topic) for topic in version.topics)}"
    if page := encode_address(url):
        yield f"- Page: <{page}>"


def _links(version: Version) -> Iterator[str]:
    for link in version.links:
        yield f"- {_verbatim(link.kind) or 'link'}: <{encode_address(link.url)}>"


def _piece(piece: Piece) -> str:
    """Maths keeps its signs, as long as they make no link, no code and no HTML of it."""
    if piece.is_maths and "`" not in piece.text:
        return str(piece).replace("<", "&lt;").replace("](", "] (")
    return _MARKUP.sub(_escape, str(piece))


def _verbatim(text: str) -> str:
    return _begin(_MARKUP.sub(_escape, " ".join(text.split())))


def _begin(line: str) -> str:
    """Escape the sign that would make a list, a quotation or a rule of a line that begins with it."""
    return _BLOCK.sub(r"\1\\\2", line, count=1) if _BLOCK.match(line) else line


def _escape(found: re.Match[str]) -> str:
    return _ENTITIES.get(found[0]) or f"\\{found[0]}"
