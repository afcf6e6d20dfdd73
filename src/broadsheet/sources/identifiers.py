"""Which texts in a source name a work: one scheme's identifier, several DOIs in one field, or nothing known."""

import re
from collections.abc import Iterable

from broadsheet.papers import Identifier, IdentifierError
from broadsheet.papers.identifier import parse_versioned

GLOBAL_SCHEMES = frozenset({"arxiv", "doi", "acl", "pubmed", "openreview", "s2", "s2corpus", "openalex"})
"""Schemes whose values mean the same work everywhere, unlike a web address or one collection's own numbers."""

ARXIV_DOI = "10.48550/arxiv."
"""What arXiv puts before its own identifiers to make DOIs of them."""
ACL_DOI = "10.18653/v1/"
"""What the ACL Anthology puts before its own identifiers to make DOIs of them."""

_BETWEEN_DOIS = re.compile(r"(?<![\s,;])[\s,;]+(?=10\.[0-9]{4,9}[./]|doi:|https?://)", re.I)


def parse_known(text: str) -> tuple[Identifier, int | None] | None:
    """Read an identifier of a scheme that means the same everywhere, and its version; None if it is not one.

    >>> parse_known("2104.12255v2")
    (Identifier(scheme='arxiv', value='2104.12255'), 2)
    >>> parse_known("acm:17") is None
    True
    """
    if not text:
        return None
    try:
        identifier, number = parse_versioned(text)
    except IdentifierError:
        return None
    return (identifier, number) if identifier.scheme in GLOBAL_SCHEMES else None


def parse_as(scheme: str, text: str) -> Identifier | None:
    """Read a value that its field says is of this scheme; None if the scheme does not allow it.

    >>> parse_as("pubmed", "PMID: 17284678")
    Identifier(scheme='pubmed', value='17284678')
    """
    for written in (text, f"{scheme}:{text}") if text else ():
        known = parse_known(written)
        if known and known[0].scheme == scheme:
            return known[0]
    return None


def parse_dois(text: str) -> tuple[Identifier, ...]:
    """Read the DOIs of a field that may hold several; what is not a DOI is left out.

    A DOI may itself hold commas and semicolons, so only those before the next "10." divide.

    >>> [doi.value for doi in parse_dois("10.1103/A.93, 10.1103/B.98;10.1103/C.98 see text")]
    ['10.1103/a.93', '10.1103/b.98']
    """
    if not text:
        return ()
    found = (parse_as("doi", part) for part in _BETWEEN_DOIS.split(text.strip()))
    return tuple(dict.fromkeys(doi for doi in found if doi))


def name_work(candidates: Iterable[tuple[str, str]]) -> tuple[Identifier, ...]:
    """Read (scheme, text) pairs into the names of one work, leaving out what its scheme does not allow.

    Of each scheme the first counts. A DOI that arXiv or the ACL Anthology made of its own number gives that as well.

    >>> [str(name) for name in name_work([("doi", "https://doi.org/10.48550/arXiv.2104.12255"), ("pubmed", "none")])]
    ['doi:10.48550/arxiv.2104.12255', 'arxiv:2104.12255']
    """
    found: dict[str, Identifier] = {}
    for scheme, text in candidates:
        identifier = parse_as(scheme, text.strip())
        if identifier is None:
            continue
        found.setdefault(scheme, identifier)
        for other, prefix in (("arxiv", ARXIV_DOI), ("acl", ACL_DOI)):
            is_own = scheme == "doi" and identifier.value.startswith(prefix)
            if is_own and (inner := parse_as(other, identifier.value.removeprefix(prefix))):
                found.setdefault(other, inner)
    return tuple(found.values())
