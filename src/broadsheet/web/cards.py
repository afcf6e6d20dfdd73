"""What a paper's page says of it to programs: to search engines, to reference managers, to whoever shows its link.

Sources: the inclusion guidelines of Google Scholar, schema.org/ScholarlyArticle, the Open Graph protocol (ogp.me).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse

from broadsheet.library.models import Version
from broadsheet.papers import Identifier
from broadsheet.sources.citation import Citation, Kind, cite
from broadsheet.web.addresses import is_web, links_out
from broadsheet.web.paper_forms import FORMS, shown_text
from broadsheet.web.prose import plain

AUTHORS = 500
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")
DESCRIPTION = 200
_ABSTRACT = 5_000


@dataclass(frozen=True, slots=True)
class Card:
    """A paper in short: names and contents of meta tags, and the same as linked data."""

    address: str
    metas: list[tuple[str, str]]
    properties: list[tuple[str, str]]
    linked_data: dict[str, Any]


def page(request: HttpRequest, version: Version, names: Sequence[Identifier]) -> dict[str, Any]:
    """What the head of a paper's page and its links to other forms need."""
    return {"card": card(request, version, names), "forms": FORMS}


def site_address(request: HttpRequest, path: str) -> str:
    """A path of this site as an address: under BROADSHEET_SITE if it is set, else where the reader reached it."""
    is_named = f"http://localhost:{settings.WEB_PORT}" != settings.SITE
    return f"{settings.SITE}{path}" if is_named else request.build_absolute_uri(path)


def card(request: HttpRequest, version: Version, names: Sequence[Identifier]) -> Card:
    """Gather what a paper's page says of it in its head."""
    address = site_address(request, reverse("web:paper", args=[version.paper.key]))
    citation = cite(shown_text(version), names, address)
    title, about = plain(version.title), shortened(plain(version.abstract))
    shown = [("title", title), ("description", about or title)]
    icon = site_address(request, static("web/icon.png"))
    return Card(
        address=address,
        metas=[
            ("description", about or title),
            *_scholar(citation, version, title),
            ("twitter:card", "summary"),
            *((f"twitter:{name}", content) for name, content in shown),
            ("twitter:image", icon),
        ],
        properties=[
            ("og:type", "article"),
            ("og:site_name", "Broadsheet"),
            ("og:url", address),
            *((f"og:{name}", content) for name, content in shown),
            ("og:image", icon),
        ],
        linked_data=_linked_data(citation, version, title),
    )


def shortened(text: str, limit: int = DESCRIPTION) -> str:
    """A text in one line of at most `limit` characters, cut between words.

    >>> shortened("Caches  ask an oracle.", 12)
    'Caches ask…'
    """
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    head = text[:limit]
    return f"{head[: head.rfind(' ') if ' ' in head else limit - 1].rstrip(' ,;:.')}…"


def _scholar(citation: Citation, version: Version, title: str) -> list[tuple[str, str]]:
    """The tags that reference managers and Google Scholar read; those without content are left out."""
    day = citation.day
    published = "" if day is None else f"{day.year:04}" if citation.is_year_only else f"{day:%Y/%m/%d}"
    venue = {Kind.ARTICLE: "citation_journal_title", Kind.PAPER: "citation_conference_title"}.get(citation.kind)
    tags = [
        ("citation_title", title),
        *(("citation_author", plain(name)) for name in version.author_names[:AUTHORS]),
        ("citation_publication_date", published),
        ("citation_doi", citation.value("doi")),
        ("citation_arxiv_id", citation.value("arxiv")),
        ("citation_pmid", citation.value("pubmed")),
        (venue or "", plain(version.venue) if venue else ""),
        ("citation_pdf_url", _pdf(citation, version)),
        ("citation_abstract_html_url", citation.url),
        ("citation_keywords", "; ".join(plain(topic) for topic in version.topics)),
        ("citation_language", _language(version)),
    ]
    return [(name, content) for name, content in tags if content]


def _pdf(citation: Citation, version: Version) -> str:
    """Where the text itself is: a link that says so, or arXiv's."""
    found = next((link["url"] for link in links_out(version) if link["kind"].casefold() == "pdf"), "")
    arxiv = citation.value("arxiv")
    return found or (f"https://arxiv.org/pdf/{arxiv}" if arxiv else "")


def _linked_data(citation: Citation, version: Version, title: str) -> dict[str, Any]:
    members: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "ScholarlyArticle",
        "@id": citation.url,
        "url": citation.url,
        "headline": shortened(title, 110),
        "name": title,
        "author": [_person(author) for author in version.authors[:AUTHORS]],
        "datePublished": citation.day.isoformat() if citation.day else "",
        "dateModified": version.updated.isoformat() if version.updated else "",
        "abstract": plain(version.abstract)[:_ABSTRACT],
        "keywords": [plain(topic) for topic in version.topics],
        "inLanguage": _language(version),
        "isPartOf": _venue(citation, version),
        "identifier": [
            {"@type": "PropertyValue", "propertyID": one.scheme, "value": one.value} for one in citation.identifiers
        ],
        "sameAs": [address for address in citation.addresses[1:] if is_web(address)],
    }
    return {name: value for name, value in members.items() if value}


def _language(version: Version) -> str:
    return version.language if LANGUAGE.fullmatch(version.language) else ""


def _person(author: dict[str, str]) -> dict[str, Any]:
    person: dict[str, Any] = {"@type": "Person", "name": plain(author["name"])}
    if affiliation := author.get("affiliation"):
        person["affiliation"] = {"@type": "Organization", "name": plain(affiliation)}
    if orcid := author.get("orcid"):
        person["identifier"] = orcid
    return person


def _venue(citation: Citation, version: Version) -> dict[str, str]:
    kind = {Kind.ARTICLE: "Periodical", Kind.PAPER: "Event"}.get(citation.kind)
    return {"@type": kind, "name": plain(version.venue)} if kind else {}
