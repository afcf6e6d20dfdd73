"""One BibTeX entry's fields into a record."""

import re
from collections.abc import Mapping
from datetime import date

from broadsheet.papers import Identifier, Link, Record, Version
from broadsheet.papers.tex import tex_to_unicode
from broadsheet.sources.bibtex_value import read_date, read_names, read_title
from broadsheet.sources.days import parse_day
from broadsheet.sources.identifiers import parse_as, parse_dois, parse_known

Fields = Mapping[str, str]

_VENUES = ("journal", "journaltitle", "booktitle", "school", "institution", "organization", "publisher", "howpublished")
_PREPRINT = re.compile(r"(?:arxiv:\s*|(?:corr|arxiv)[,\s]+abs/|^abs/)([a-z.-]*/?[0-9.]{7,10}(?:v[0-9]+)?)", re.I)
_ESCAPED = re.compile(r"\\([_%&#~{}$])")
_WEB = re.compile(r"https?://(?:[^\s;{}\"<>\\^`|]|;(?!https?://)(?=[^\s;{}\"<>\\^`|]))+")
OWN_FIELDS = ("acl", "openreview", "openalex", "s2", "s2corpus")
"""Schemes that stand under their own name in the entries that Broadsheet writes."""

_ISO_DAY = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?")


def read_entry(key: str, fields: Fields, collection: str, place: str) -> Record:
    """Make a record of an entry whose values are joined and inherited already. Raises PaperError.

    Its identifiers are those of doi, eprint, pmid, url, a preprint's journal and a scheme's own field, and its key in
    the collection.
    """
    links = _web_addresses(fields)
    version = Version(
        title=read_title(fields.get("title", "")),
        abstract=fields.get("abstract", ""),
        authors=read_names(fields.get("author") or fields.get("editor", "")),
        topics=tuple(part.strip() for part in re.split(r"[,;]", fields.get("keywords", ""))),
        published=_published(fields),
        comment=fields.get("note", ""),
        venue=tex_to_unicode(next((fields[name] for name in _VENUES if fields.get(name)), "")),
        language=fields.get("language") or fields.get("langid", ""),
        links=tuple(Link("page", url) for url in links if not parse_known(url)),
    )
    named = [*_global_names(fields, links)]
    if key.strip():
        named.append(Identifier.local(collection, key))
    return Record(collection, tuple(named), version, place=place)


def _global_names(fields: Fields, links: list[str]) -> list[Identifier]:
    named = [*parse_dois(_ESCAPED.sub(r"\1", fields.get("doi", "")))]
    candidates = [_eprint(fields), parse_as("pubmed", fields.get("pmid", "")), _preprint(fields)]
    candidates += [parse_as(scheme, fields.get(scheme, "").strip()) for scheme in OWN_FIELDS]
    named.extend(identifier for identifier in candidates if identifier)
    named.extend(known[0] for url in links if (known := parse_known(url)))
    return named


def _eprint(fields: Fields) -> Identifier | None:
    archive = (fields.get("archiveprefix") or fields.get("eprinttype") or "arxiv").strip().lower()
    scheme = {"arxiv": "arxiv", "pubmed": "pubmed"}.get(archive)
    return parse_as(scheme, fields.get("eprint", "").strip()) if scheme else None


def _preprint(fields: Fields) -> Identifier | None:
    """The arXiv identifier in "arXiv preprint arXiv:1706.03762" or in "CoRR", volume "abs/1706.03762"."""
    journal = fields.get("journal", "")
    if not journal.lower().startswith(("arxiv", "corr")):
        return None
    found = _PREPRINT.search(journal[:200]) or _PREPRINT.search(fields.get("volume", "")[:200])
    return parse_as("arxiv", found[1]) if found else None


def _published(fields: Fields) -> date | None:
    if found := _ISO_DAY.match(fields.get("date", "").strip()):
        return parse_day(found[0])
    return read_date(fields.get("year", ""), fields.get("month", ""))


def _web_addresses(fields: Fields) -> list[str]:
    text = _ESCAPED.sub(r"\1", fields.get("url", ""))
    return list(dict.fromkeys(_WEB.findall(text)))
