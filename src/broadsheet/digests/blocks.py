"""Blocks: a paper as a mail shows it, written once for all who get it; reason and links are filled in for each.

The places of what differs between readers are marked by a NUL and a name: no text of a paper can hold a NUL, so none
can be taken for such a place.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import fill

from django.conf import settings
from django.db.models import QuerySet
from django.template.loader import render_to_string

from broadsheet.digests import links
from broadsheet.digests.wording import cut, opening, plain
from broadsheet.library.models import Version

TITLE, AUTHORS, ABSTRACT, REASON = 300, 240, 420, 200
"""Characters at most."""
TITLE_WEIGHT, AUTHORS_WEIGHT, ABSTRACT_WEIGHT = 1_800, 1_000, 3_000
SHORT_TITLE_WEIGHT, SHORT_AUTHORS_WEIGHT, REASON_WEIGHT = 400, 250, 250
"""What they may weigh in a mail, and in one that would be too heavy."""
WIDTH = 72
"""Columns of the plain text."""
NAMES = 6
NAME = 60
SERIF = "Charter,'Iowan Old Style',Georgia,Cambria,'Times New Roman',serif"
SANS = "-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
ACTS = {"vote": "Vote", "save": "Save", "more": "More like this", "less": "Less like this"}
"""What a reader can do with a paper in a mail, by the purpose of the link."""
log = logging.getLogger(__name__)
_PLACE = re.compile(r"\0(\w+)\0")


@dataclass(frozen=True, slots=True)
class Form:
    """A paper in pieces, in HTML and in plain text: every second piece is the name of what stands there."""

    html: tuple[str, ...]
    text: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A paper as a mail shows it, and as it does where all would be too heavy: without its abstract, names cut."""

    title: str
    whole: Form
    short: Form


class Blocks:
    """The blocks of a process, by all that they are made of."""

    def __init__(self, limit: int = 5_000) -> None:
        self._limit = limit
        self._known: dict[tuple[str, ...], Block] = {}

    def of(self, versions: "QuerySet[Version]") -> dict[int, Block]:
        """The blocks of versions, by their papers. One query, and one more if any was not written before.

        A paper that cannot be written is left out: it keeps no mail of others from going out.
        """
        rows = versions.values_list("paper", "pk", "paper__key", "digest")
        made_of = {(paper, pk): (settings.SITE, key, digest) for paper, pk, key, digest in rows}
        found = {paper: self._known[made] for (paper, _), made in made_of.items() if made in self._known}
        missing = {pk: made for (paper, pk), made in made_of.items() if paper not in found}
        if len(self._known) + len(missing) > self._limit:
            self._known.clear()
        for version in versions.filter(pk__in=missing).select_related("paper") if missing else ():
            try:
                found[version.paper_id] = self._known[missing[version.pk]] = block(version)
            except Exception:
                log.exception("the paper %s cannot be written for mails", version.paper.key)
        return found


def block(version: Version) -> Block:
    """Write a paper."""
    title, authors = plain(version.title), _authors(version)
    whole = cut(title, TITLE, TITLE_WEIGHT)
    abstract = cut(opening(plain(version.abstract)), ABSTRACT, ABSTRACT_WEIGHT)
    return Block(
        whole,
        _form(version, whole, cut(authors, AUTHORS, AUTHORS_WEIGHT), abstract),
        _form(version, cut(title, TITLE, SHORT_TITLE_WEIGHT), cut(authors, AUTHORS, SHORT_AUTHORS_WEIGHT), ""),
    )


def _form(version: Version, title: str, authors: str, abstract: str) -> Form:
    page = links.to_paper(version.paper)
    told = [title, authors, "\0reason\0", fill(abstract, WIDTH, break_long_words=False), page]
    acts = [f"{word}: \0{purpose}\0" for purpose, word in ACTS.items()]
    context = {
        "serif": SERIF,
        "sans": SANS,
        "title": title,
        "authors": authors,
        "abstract": abstract,
        "page": page,
        "reason": "\0reason\0",
        "acts": [(word, f"\0{purpose}\0") for purpose, word in ACTS.items()],
    }
    return Form(
        pieces(render_to_string("digests/paper.html", context)),
        pieces("\n".join([line for line in told if line] + acts)),
    )


def _authors(version: Version) -> str:
    names = [cut(plain(name), NAME) for name in version.author_names[:NAMES]]
    more = len(version.authors) - len(names)
    return ", ".join(names) + (f" and {more:,} more" if more else "")


def pieces(written: str) -> tuple[str, ...]:
    """Cut a text at its places."""
    return tuple(_PLACE.split(written))


def fill_in(pieces: tuple[str, ...], values: Mapping[str, str]) -> str:
    """A text out of pieces and what stands at its places."""
    return "".join(values[piece] if place % 2 else piece for place, piece in enumerate(pieces))
