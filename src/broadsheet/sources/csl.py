"""Papers written as CSL-JSON, which citeproc, pandoc and Zotero read."""

from collections.abc import Sequence

from broadsheet.papers import Identifier, Version
from broadsheet.sources.citation import Citation, Kind, cite
from broadsheet.sources.citation_key import citation_key
from broadsheet.sources.citation_names import Name, read_names
from broadsheet.sources.citation_text import legible

_TYPES = {
    Kind.PREPRINT: "article",
    Kind.ARTICLE: "article-journal",
    Kind.PAPER: "paper-conference",
    Kind.OTHER: "document",
}


def to_csl(version: Version, identifiers: Sequence[Identifier], url: str = "") -> dict[str, object]:
    """Make one object of the CSL-JSON schema 1.0.2, without empty members.

    >>> to_csl(Version("A title"), [Identifier("doi", "10.1000/x")])  # doctest: +NORMALIZE_WHITESPACE
    {'id': 'titledoi101000x', 'type': 'document', 'title': 'A title', 'DOI': '10.1000/x',
     'URL': 'https://doi.org/10.1000/x'}
    """
    citation = cite(version, identifiers, url)
    members: dict[str, object] = {
        "id": citation_key(version, identifiers),
        "type": _TYPES[citation.kind],
        "title": legible(version.title),
        "author": [_name(name) for name in read_names(version.authors)],
        "issued": _issued(citation),
        **_places(citation),
        "DOI": citation.value("doi"),
        "PMID": citation.value("pubmed"),
        "URL": citation.url,
        "abstract": legible(version.abstract) if version.abstract else "",
        "keyword": ", ".join(legible(topic) for topic in version.topics),
        "language": version.language,
    }
    return {name: value for name, value in members.items() if value}


def _issued(citation: Citation) -> dict[str, object]:
    day = citation.day
    if day is None:
        return {}
    return {"date-parts": [[day.year] if citation.is_year_only else [day.year, day.month, day.day]]}


def _places(citation: Citation) -> dict[str, object]:
    """Where it came out: as a preprint at arXiv, or at a venue, with arXiv as the archive that holds it too."""
    arxiv, venue = citation.value("arxiv"), citation.version.venue
    if citation.kind == Kind.PREPRINT:
        return {"publisher": "arXiv", "number": f"arXiv:{arxiv}"} if arxiv else {"publisher": legible(venue)}
    archive = {"archive": "arXiv", "archive_location": arxiv} if arxiv else {}
    return {"container-title": legible(venue) if venue else "", **archive}


def _name(name: Name) -> dict[str, str]:
    if not name.family:
        return {"literal": name.whole}
    parts = {"family": name.family, "given": name.given, "suffix": name.suffix}
    return {part: value for part, value in parts.items() if value}
