"""Addresses: searches for an author or topic on this site, and which links lead safely out of it."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

from django.urls import reverse

from broadsheet.papers import Identifier

if TYPE_CHECKING:
    from broadsheet.library.models import Version

_SAFE_IN_PATH = "!$&'()*+,;=/~:@"  # RFC 3986, as `reverse` has it
_UNSAFE_IN_PATH = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\\]")
_SCHEME_NAMES = {
    "arxiv": "arXiv",
    "doi": "DOI",
    "acl": "ACL Anthology",
    "pubmed": "PubMed",
    "openreview": "OpenReview",
    "s2": "Semantic Scholar",
    "s2corpus": "Semantic Scholar",
    "openalex": "OpenAlex",
    "url": "web page",
}


@cache
def fixed_address(page: str, *args: str) -> str:
    """What `reverse` gives for a page, remembered: for those that are always the same, and few."""
    return reverse(page, args=args)


def search_address(query: str, **more: object) -> str:
    """The address of a search."""
    return f"{fixed_address('web:search')}?{urlencode({'q': query, **more})}"


def paper_address(key: str) -> str:
    """The page of a paper.

    >>> paper_address("2611.00001"), paper_address("doi:10.1/a b?c")
    ('/papers/2611.00001', '/papers/doi:10.1/a%20b%3Fc')
    """
    return _below("web:paper", key)


def version_address(version: "Version") -> str:
    """Where a version is read: on the paper's page if it is open, else on the page of its number."""
    page = paper_address(version.paper.key)
    return page if version.died is None else f"{page}?version={version.number}"


def _below(page: str, name: str) -> str:
    """What `reverse` gives for a page of one name, many times faster."""
    return f"{_above(page)}{quote(name, safe=_SAFE_IN_PATH)}"


@cache
def _above(page: str) -> str:
    return reverse(page, args=["x"])[:-1]


def topic_address(topic: str) -> str:
    """The page of a topic.

    >>> topic_address("cs.IR"), topic_address("a/../b")
    ('/topics/cs.IR', '/topics?t=a%2F..%2Fb')
    """
    if fits_path(topic):
        return _below("web:topic", topic)
    return f"{reverse('web:topics')}?{urlencode({'t': topic})}"


def author_address(name: str) -> str:
    """The page of an author.

    >>> author_address("Lee, A."), author_address("..")
    ('/authors/Lee,%20A.', '/authors?name=..')
    """
    if fits_path(name):
        return _below("web:author", name)
    return f"{reverse('web:authors')}?{urlencode({'name': name})}"


def fits_path(text: str) -> bool:
    """Whether a text may stand at the end of a path: browsers and proxies fold dots, slashes and backslashes."""
    return not _UNSAFE_IN_PATH.search(text) and all(part not in ("", ".", "..") for part in text.split("/"))


def is_web(url: str) -> bool:
    """Whether an address may stand in a link: http or https with a host, no tricks."""
    if any(char <= " " or char == "\\" for char in url):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc


def links_out(version: "Version") -> list[Mapping[str, str]]:
    """A version's links that may be shown, as kind and url, each address once."""
    seen = {link["url"]: link for link in reversed(version.links) if is_web(link["url"])}
    return list(reversed(seen.values()))


def identifier_rows(names: Iterable[Identifier]) -> list[Mapping[str, str]]:
    """Identifiers for people: the scheme's name, the value, and where it leads, if anywhere."""
    return [
        {
            "scheme": _SCHEME_NAMES.get(name.scheme, name.scheme),
            "text": (name.scheme == "url" and name.url) or str(name),
            "url": name.url if name.url and is_web(name.url) else "",
        }
        for name in names
    ]
