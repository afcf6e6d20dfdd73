"""A paper as a page of Markdown, in which no text of its authors can pass for ours."""

from dataclasses import replace

from broadsheet.mcp.texts import line_of, visible
from broadsheet.mcp.tools import Desk, find
from broadsheet.papers import Author, Version
from broadsheet.sources import to_markdown
from broadsheet.sources.citation import encode_address


def write_paper(desk: Desk, name: str) -> str:
    """A paper by any of its identifiers. Raises Refusal."""
    row = find(desk.library, name)
    return to_markdown(_shown(row.text), desk.library.names(row.paper), desk.page(row.paper.key))


def _shown(version: Version) -> Version:
    """A text without what cannot be seen and without links that lead nowhere."""
    return replace(
        version,
        title=line_of(version.title) or "(a title without visible characters)",
        abstract=visible(version.abstract),
        authors=tuple(Author(line_of(author.name)) for author in version.authors),
        topics=tuple(line_of(topic) for topic in version.topics),
        comment=line_of(version.comment),
        venue=line_of(version.venue),
        links=tuple(link for link in version.links if encode_address(link.url)),
    )
