"""Identifiers: a scheme and a value, without version, in one normal form so that equal means the same work."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from broadsheet.papers.errors import IdentifierError

MAX_LENGTH = 512

_ARXIV_NEW = re.compile(r"(?P<value>\d{2}(?:0[1-9]|1[0-2])\.\d{4,5})(?:v(?P<version>[1-9]\d{0,3}))?", re.I)
_ARXIV_OLD = re.compile(
    r"(?P<archive>[a-z]+(?:-[a-z]+)?)(?:\.[a-z]{2})?/(?P<number>\d{2}(?:0[1-9]|1[0-2])\d{3})(?:v(?P<version>[1-9]\d{0,3}))?",
    re.I,
)
_DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/\S+")
_ACL = re.compile(r"[A-Z]\d{2}-\d{4}|(?:19|20)\d{2}\.[a-z0-9_]+-[a-z0-9_]+\.\d+", re.I)
_PUBMED = re.compile(r"[1-9]\d{0,8}")
_OPENREVIEW = re.compile(r"[\w-]{6,64}")
_S2 = re.compile(r"[0-9a-f]{40}", re.I)
_S2_CORPUS = re.compile(r"[1-9]\d{0,11}")
_OPENALEX = re.compile(r"W[1-9]\d{0,12}", re.I)
_LOCAL_SCHEME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_COPIED = re.compile(r"https?://[^/?#\s]+/resync/papers/[1-9][0-9]{0,17}\.json")
_PREFIXED = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9_ -]{0,39}):\s*(?P<rest>\S.*)", re.S)


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """A name that a scheme gives to a work, whatever its version.

    Known schemes are ``arxiv doi acl pubmed openreview s2 s2corpus openalex url``. Any other scheme is the name of a
    collection whose own numbering it is (``scifact:4983``).

    >>> Identifier.parse("https://arxiv.org/pdf/2104.12255v1.pdf")
    Identifier(scheme='arxiv', value='2104.12255')
    >>> Identifier.parse("cs/0701001") == Identifier.parse("math/0701001")
    False
    >>> str(Identifier.parse("doi:10.1145/ABC.1"))
    'doi:10.1145/abc.1'
    """

    scheme: str
    value: str

    @classmethod
    def parse(cls, text: str) -> "Identifier":
        """Read any written form: bare, prefixed, or a web address. Raises IdentifierError."""
        return parse_versioned(text)[0]

    @classmethod
    def local(cls, collection: str, value: str) -> "Identifier":
        """Name a paper inside one collection that numbers its own papers. Raises IdentifierError.

        >>> Identifier.local("SciFact", "4983")
        Identifier(scheme='scifact', value='4983')
        """
        scheme = re.sub(r"[^a-z0-9]+", "-", collection.casefold()).strip("-_")[:30] or "local"
        if not scheme[0].isalpha():
            scheme = f"c-{scheme}"
        if scheme in _SCHEMES or scheme in _ALIASES or scheme == "oai":
            scheme = f"{scheme}-local"
        value = " ".join(value.split())
        most = MAX_LENGTH - len(scheme) - 1  # so that the written form can be read again
        if not 1 <= len(value) <= most:
            raise IdentifierError(f"an identifier in {collection!r} must have 1 to {most} characters")
        return cls(scheme, value)

    @property
    def key(self) -> str:
        """The short form for page addresses: bare where the value alone says its scheme, else ``scheme:value``.

        >>> Identifier("arxiv", "cs/0701001").key, Identifier("acl", "P18-1001").key
        ('cs/0701001', 'acl:P18-1001')
        """
        return self.value if self.scheme in ("arxiv", "doi") else str(self)

    @property
    def url(self) -> str | None:
        """Where the scheme shows the work on the web, or None for a collection's own numbers.

        Of a paper that was copied from another Broadsheet it is the paper's page there, not the file that was copied.

        >>> Identifier("url", "https://papers.example.org/resync/papers/7.json").url
        'https://papers.example.org/resync/papers/7'
        """
        if self.scheme == "url":
            return self.value.removesuffix(".json") if _COPIED.fullmatch(self.value) else self.value
        template = _URLS.get(self.scheme)
        return template.format(self.value) if template else None

    def clashes_with(self, other: "Identifier") -> bool:
        """Whether one scheme names two different works here; web addresses never clash, a work may have many."""
        return self.scheme == other.scheme and self.value != other.value and self.scheme != "url"

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"


def parse_versioned(text: str) -> tuple[Identifier, int | None]:
    """Read an identifier and the version number that it may carry. Raises IdentifierError.

    >>> parse_versioned("arXiv:hep-th/9901001v3")
    (Identifier(scheme='arxiv', value='hep-th/9901001'), 3)
    """
    text = text.strip()
    if not text:
        raise IdentifierError("an empty text is not an identifier")
    if len(text) > MAX_LENGTH:
        raise IdentifierError(f"an identifier has at most {MAX_LENGTH} characters, this one has {len(text):,}")
    if re.match(r"https?://", text, re.I):
        return _from_url(text)
    if prefixed := _PREFIXED.fullmatch(text):
        return _from_prefix(prefixed["scheme"], prefixed["rest"].strip(), text)
    for scheme in ("arxiv", "doi", "acl"):  # the only ones whose bare form cannot be mistaken
        if found := _SCHEMES[scheme](text):
            return found
    raise IdentifierError(
        f"{_shown(text)} is not an identifier: give an arXiv id, a DOI, an ACL id, a link, or scheme:value"
    )


def _from_prefix(scheme: str, rest: str, text: str) -> tuple[Identifier, int | None]:
    scheme = scheme.casefold().strip()
    if scheme == "oai":  # oai:arXiv.org:math/0306266
        archive, _, rest = rest.partition(":")
        scheme = {"arxiv.org": "arxiv"}.get(archive.casefold(), archive.casefold())
    scheme = _ALIASES.get(scheme, scheme)
    if parse := _SCHEMES.get(scheme):
        if found := parse(rest):
            return found
        if scheme != "url" and re.match(r"https?://", rest, re.I):
            inner = _from_url(rest)
            if inner[0].scheme == scheme:
                return inner
        raise IdentifierError(f"{_shown(text)} is not a valid {scheme} identifier")
    if _LOCAL_SCHEME.fullmatch(scheme):
        return Identifier(scheme, rest), None
    raise IdentifierError(f"{_shown(text)} is not an identifier: {scheme!r} is not a scheme")


def _from_url(text: str) -> tuple[Identifier, int | None]:
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").removeprefix("www.")
        port = parts.port
    except ValueError as error:
        raise IdentifierError(f"{_shown(text)} is not a web address: {error}") from error
    if not host:
        raise IdentifierError(f"{_shown(text)} is not a web address: it has no host")
    path = unquote(parts.path).strip("/")
    scheme, value = "", ""
    if host == "arxiv.org" or host.endswith(".arxiv.org"):
        match = re.fullmatch(r"(?:abs|pdf|html|format|ps|src|e-print)/(.+?)(?:\.pdf)?", path)
        scheme, value = "arxiv", match[1] if match else ""
    elif host in ("doi.org", "dx.doi.org"):
        scheme, value = "doi", path
    elif host in ("aclanthology.org", "aclweb.org"):
        scheme, value = "acl", re.sub(r"\.(pdf|bib)$", "", path.removeprefix("anthology/"))
    elif host in ("pubmed.ncbi.nlm.nih.gov", "ncbi.nlm.nih.gov"):
        scheme, value = "pubmed", path.removeprefix("pubmed/")
    elif host == "openreview.net" and (found := re.search(r"(?:^|&)id=([\w-]+)", parts.query)):
        scheme, value = "openreview", found[1]
    elif host == "semanticscholar.org" and path.startswith("paper/"):
        scheme, value = "s2", path.rsplit("/", 1)[-1]
    elif host == "api.semanticscholar.org":
        scheme, value = "s2corpus", path.removeprefix("CorpusID:")
    elif host in ("openalex.org", "api.openalex.org"):
        scheme, value = "openalex", path.rsplit("/", 1)[-1]
    elif host in ("huggingface.co", "hf.co", "alphaxiv.org"):
        scheme, value = "arxiv", re.sub(r"^(papers|abs|overview)/", "", path)
    if scheme and (found_id := _SCHEMES[scheme](value)):
        return found_id
    authority = host if port in (None, 80, 443) else f"{host}:{port}"
    query = f"?{parts.query}" if parts.query else ""
    return Identifier("url", f"{parts.scheme.lower()}://{authority}{parts.path or '/'}{query}"), None


def _arxiv(text: str) -> tuple[Identifier, int | None] | None:
    if match := _ARXIV_NEW.fullmatch(text):
        value = match["value"]
        if len(value) == 9 and value[:4] >= "1501":  # five digits since January 2015
            return None
    elif match := _ARXIV_OLD.fullmatch(text):
        value = f"{match['archive'].lower()}/{match['number']}"
    else:
        return None
    return Identifier("arxiv", value), int(match["version"]) if match["version"] else None


def _doi(text: str) -> tuple[Identifier, int | None] | None:
    text = re.sub(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", "", text, flags=re.I).rstrip(".,;")
    return (Identifier("doi", text.lower()), None) if _DOI.fullmatch(text) else None


def _acl(text: str) -> tuple[Identifier, int | None] | None:
    text = re.sub(r"v\d+$", "", text)
    if not _ACL.fullmatch(text):
        return None
    return Identifier("acl", text.upper() if text[0].isalpha() else text.lower()), None


def _plain(
    scheme: str, pattern: re.Pattern[str], fold: Callable[[str], str] = str
) -> Callable[[str], tuple[Identifier, int | None] | None]:
    def parse(text: str) -> tuple[Identifier, int | None] | None:
        return (Identifier(scheme, fold(text)), None) if pattern.fullmatch(text) else None

    return parse


def _url(text: str) -> tuple[Identifier, int | None] | None:
    return _from_url(text) if re.match(r"https?://", text, re.I) else None


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")


_SCHEMES: dict[str, Callable[[str], tuple[Identifier, int | None] | None]] = {
    "arxiv": _arxiv,
    "doi": _doi,
    "acl": _acl,
    "pubmed": _plain("pubmed", _PUBMED),
    "openreview": _plain("openreview", _OPENREVIEW),
    "s2": _plain("s2", _S2, str.lower),
    "s2corpus": _plain("s2corpus", _S2_CORPUS),
    "openalex": _plain("openalex", _OPENALEX, str.upper),
    "url": _url,
}
_ALIASES = {"pmid": "pubmed", "corpusid": "s2corpus", "s2id": "s2", "acl id": "acl", "http": "url", "https": "url"}
_URLS = {
    "arxiv": "https://arxiv.org/abs/{}",
    "doi": "https://doi.org/{}",
    "acl": "https://aclanthology.org/{}",
    "pubmed": "https://pubmed.ncbi.nlm.nih.gov/{}/",
    "openreview": "https://openreview.net/forum?id={}",
    "s2": "https://www.semanticscholar.org/paper/{}",
    "s2corpus": "https://api.semanticscholar.org/CorpusID:{}",
    "openalex": "https://openalex.org/{}",
}
