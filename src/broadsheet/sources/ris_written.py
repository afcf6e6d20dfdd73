"""Papers written as RIS, for EndNote, Zotero, Mendeley and whatever else reads tagged lines."""

from collections.abc import Sequence
from typing import Any

import rispy

from broadsheet.papers import Identifier, Version
from broadsheet.sources.citation import Citation, Kind, cite
from broadsheet.sources.citation_names import Name, read_names
from broadsheet.sources.citation_text import legible

_TYPES = {Kind.PREPRINT: "UNPB", Kind.ARTICLE: "JOUR", Kind.PAPER: "CPAPER", Kind.OTHER: "GEN"}


class _Writer(rispy.RisWriter):  # type: ignore[misc]
    """The library's writer with the format's line ends, and without the line "1." above a reference: that is no RIS."""

    NEWLINE = "\r\n"

    def set_header(self, count: int) -> str:
        return ""


def to_ris(version: Version, identifiers: Sequence[Identifier], url: str = "") -> str:
    r"""Write one reference, TY to ER, its lines ended by CRLF. Source: Research Information Systems, RIS Format.

    >>> to_ris(Version("A title"), [Identifier("doi", "10.1000/x")]).split("\r\n")
    ['TY  - GEN', 'TI  - A title', 'DO  - 10.1000/x', 'UR  - https://doi.org/10.1000/x', 'ER  - ', '']
    """
    citation = cite(version, identifiers, url)
    reference = {tag: value for tag, value in _reference(citation).items() if value}
    return str(rispy.dumps([reference], implementation=_Writer))


def _reference(citation: Citation) -> dict[str, Any]:
    version, day = citation.version, citation.day
    arxiv, pubmed = citation.value("arxiv"), citation.value("pubmed")
    return {
        "type_of_reference": _TYPES[citation.kind],
        "authors": [_name(name) for name in read_names(version.authors)],
        "title": legible(version.title),
        "year": f"{day.year:04}" if day else "",
        "date": f"{day:%Y/%m/%d}/" if day and not citation.is_year_only else "",
        "secondary_title": legible(version.venue) if version.venue and citation.kind != Kind.PREPRINT else "",
        "abstract": legible(version.abstract) if version.abstract else "",
        "keywords": [legible(topic) for topic in version.topics],
        "doi": citation.value("doi"),
        "name_of_database": "arXiv" if arxiv else "PubMed" if pubmed else "",
        "accession_number": arxiv or pubmed,
        "language": version.language,
        "notes": [legible(version.comment)] if version.comment else [],
        # A semicolon divides the addresses of one line.
        "urls": [address.replace(";", "%3B") for address in citation.addresses],
    }


def _name(name: Name) -> str:
    """Family, given, suffix; a name that stays whole loses its commas, for which the format knows no escape."""
    if not name.family:
        return " ".join(name.whole.replace(",", " ").split())
    parts = [name.family, name.given, name.suffix] if name.has_comma else [name.family_and_suffix, name.given]
    return ", ".join(parts)
