"""The versions of a paper: what each changed, and how the work is cited."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from broadsheet.library.models import Paper, Version
from broadsheet.papers import Identifier
from broadsheet.web.addresses import paper_address
from broadsheet.web.words import counted, listed

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_DESCRIPTION = ("topics", "links", "comment", "venue", "published", "announced", "language")
_NAMES = {"published": "dates", "announced": "dates"}
_CITED_AUTHORS = 10


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a paper's timeline; `address` is that of the text with its number."""

    number: int
    day: date
    what: str
    is_text: bool
    address: str


def timeline(paper: Paper, history: Sequence[Version]) -> list[Step]:
    """What each version of a paper changed, the newest first. Changes of the description only are told as such.

    One query.
    """
    page, last = paper_address(paper.key), history[-1].number
    stored = dict(paper.changes.filter(version__in=history).order_by("-seq").values_list("version", "at"))
    steps = []
    for before, version in zip([None, *history], history, strict=False):
        is_text = before is None or version.number != before.number
        dated = version.date if before is None else version.updated if is_text else None
        what = changed(before, version) if before else "first text"
        address = page if version.number == last else f"{page}?version={version.number}"
        steps.append(Step(version.number, dated or stored[version.pk].date(), what, is_text, address))
    return steps[::-1]


def changed(before: Version, after: Version) -> str:
    """Say in words what a version changed.

    >>> changed(Version(title="A", abstract="One. Two."), Version(title="B", abstract="One. Three."))
    'changed the title and 1 sentence of the abstract'
    """
    what = []
    if before.title != after.title:
        what.append("the title")
    if before.abstract != after.abstract:
        what.append(_sentences_changed(before.abstract, after.abstract))
    if before.author_names != after.author_names:
        what.append("the authors")
    described = [_NAMES.get(name, name) for name in _DESCRIPTION if getattr(before, name) != getattr(after, name)]
    if not what and described:
        what = [f"the {listed(list(dict.fromkeys(described)))}"]
    return f"changed {listed(what)}" if what else "came back without changes"


def _sentences_changed(before: str, after: str) -> str:
    if not before:
        return "the abstract, which was missing"
    old, new = set(_SENTENCE_END.split(before)), set(_SENTENCE_END.split(after))
    return f"{counted(max(len(old - new), len(new - old), 1), 'sentence')} of the abstract"


def citation(version: Version, names: Sequence[Identifier]) -> str:
    """One line to cite the work by."""
    authors = version.author_names[:_CITED_AUTHORS]
    if len(version.authors) > _CITED_AUTHORS:
        authors.append("et al.")
    year = f"({version.date.year})" if version.date else ""
    parts = [" ".join(part for part in (", ".join(authors), year) if part), version.title, version.venue]
    parts += [_cited_name(name) for name in names if name.scheme != "url"][:1]
    return " ".join(f"{part.rstrip('.')}." for part in parts if part)


def _cited_name(name: Identifier) -> str:
    if name.scheme == "doi":
        return f"https://doi.org/{name.value}"
    return f"arXiv:{name.value}" if name.scheme == "arxiv" else str(name)
