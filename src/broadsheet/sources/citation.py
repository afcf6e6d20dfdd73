"""What a citation says whatever its format: which kind of work, from which day, under which names and addresses."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from urllib.parse import quote

from broadsheet.papers import Identifier, Version

_PREPRINTS = re.compile(r"\b(?:arxiv|biorxiv|medrxiv|corr|preprint)\b", re.I)
_JOURNALS = re.compile(
    r"\b(?:journal|transactions|tacl|letters|computational linguistics$)\b"
    r"|\bproc(?:eedings|\.)?\s(?:of\s)?(?:the\s)?(?:national academy|natl|royal|r\.|roy\.|ieee$|london)",
    re.I,
)
_MEETINGS = re.compile(
    r"\b(?:proceedings|proc|conference|conf|workshops?|symposium|meeting|congress|colloquium|advances in neural"
    r"|findings|neurips|nips|iclr|icml|acl|emnlp|naacl|eacl|aacl|coling|lrec|conll|semeval|cvpr|iccv|eccv|aaai|ijcai"
    r"|kdd|sigir|interspeech|icassp)\b",
    re.I,
)
_CATEGORY = re.compile(
    r"(?:astro-ph|cond-mat|cs|econ|eess|gr-qc|hep-ex|hep-lat|hep-ph|hep-th|math|math-ph|nlin|nucl-ex|nucl-th|physics"
    r"|q-bio|q-fin|quant-ph|stat)(?:\.[A-Za-z-]{2,12})?"
)
_PREFERRED = ("arxiv", "acl", "openreview", "doi", "pubmed")
_SAFE = "%/:?#[]@!$&'()*+,;=~"


class Kind(StrEnum):
    """The kinds of work that the formats tell apart."""

    PREPRINT = "preprint"
    ARTICLE = "article"
    PAPER = "paper"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Citation:
    """A version with its identifiers and the address to show for it; see `cite`."""

    version: Version
    identifiers: tuple[Identifier, ...]
    addresses: tuple[str, ...]
    """Percent-encoded, the one to show first, then those of the identifiers, the preferred schemes first."""

    def value(self, scheme: str) -> str:
        """What this scheme calls the work, or ""; of two DOIs the publisher's, not arXiv's."""
        values = [" ".join(one.value.split()) for one in self.identifiers if one.scheme == scheme]
        return min(values, key=lambda value: value.lower().startswith("10.48550/arxiv."), default="")

    @property
    def url(self) -> str:
        """The one address to show, or ""."""
        return self.addresses[0] if self.addresses else ""

    @property
    def day(self) -> date | None:
        """The work's first day, or else the best known."""
        return self.version.day

    @property
    def is_year_only(self) -> bool:
        """Whether the day says no more than a year: a year alone is read as its first of January."""
        return self.day is not None and (self.day.month, self.day.day) == (1, 1)

    @property
    def kind(self) -> Kind:
        """Which kind of work this is, told by its venue."""
        venue = self.version.venue
        if (self.value("arxiv") and not venue) or _PREPRINTS.search(venue):
            return Kind.PREPRINT
        if not venue:
            return Kind.OTHER
        return Kind.PAPER if _MEETINGS.search(venue) and not _JOURNALS.search(venue) else Kind.ARTICLE

    @property
    def category(self) -> str:
        """The first arXiv category, or the archive that an old arXiv identifier names."""
        arxiv = self.value("arxiv")
        if not arxiv:
            return ""
        named = (topic for topic in self.version.topics if _CATEGORY.fullmatch(topic))
        archive = arxiv.partition("/")[0] if "/" in arxiv else ""
        return next(named, archive if _CATEGORY.fullmatch(archive) else "")


def cite(version: Version, identifiers: Sequence[Identifier], url: str = "") -> Citation:
    """Gather what the formats share.

    >>> cite(Version("T"), [Identifier("doi", "10.1/a<b;c")]).url
    'https://doi.org/10.1/a%3Cb;c'
    """
    ordered = sorted(identifiers, key=lambda one: _PREFERRED.index(one.scheme) if one.scheme in _PREFERRED else 9)
    found = [url, *(address_of(one) for one in ordered)]
    if not any(map(encode_address, found)):
        found += [link.url for link in version.links]
    addresses = dict.fromkeys(filter(None, map(encode_address, found)))
    return Citation(version, tuple(dict.fromkeys(identifiers)), tuple(addresses))


def encode_address(url: str) -> str:
    """A web address with everything percent-encoded that an address may not hold; "" for any other text.

    >>> encode_address("https://example.org/{a} b%20c"), encode_address("javascript:alert(1)")
    ('https://example.org/%7Ba%7D%20b%20c', '')
    """
    url = url.strip()
    return quote(url, _SAFE, errors="replace") if re.match(r"https?://\S", url, re.I) else ""


def address_of(identifier: Identifier) -> str:
    """Where the scheme shows the work, percent-encoded; "" for a collection's own numbers."""
    if identifier.scheme == "url":
        return encode_address(identifier.url or "")
    return Identifier(identifier.scheme, quote(identifier.value, "/:;,=()", errors="replace")).url or ""
