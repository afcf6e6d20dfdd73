"""Blocks: a paper as a mail shows it, written once for all who get it; reason and links are filled in for each.

The places of what differs between readers are marked by a NUL and a name: no text of a paper can hold a NUL, so none
can be taken for such a place.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import fill

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from broadsheet.digests.wording import cut, opening, plain
from broadsheet.library.models import Version

TITLE, AUTHORS, ABSTRACT, REASON = 300, 240, 420, 200
"""Characters at most."""
TITLE_OCTETS, AUTHORS_OCTETS, ABSTRACT_OCTETS, REASON_OCTETS = 700, 500, 1_100, 400
"""What they may weigh written as HTML."""
WIDTH = 72
"""Columns of the plain text."""
NAMES = 6
NAME = 60
SERIF = "Charter,'Iowan Old Style',Georgia,Cambria,'Times New Roman',serif"
SANS = "-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
ACTS = {"vote": "Vote", "save": "Save", "more": "More like this", "less": "Less like this"}
"""What a reader can do with a paper in a mail, by the purpose of the link."""
_PLACE = re.compile(r"\0(\w+)\0")


@dataclass(frozen=True, slots=True)
class Block:
    """A paper in pieces: in each tuple every second piece is the name of what stands there."""

    title: str
    html: tuple[str, ...]
    short_html: tuple[str, ...]
    text: tuple[str, ...]

    def write(self, values: Mapping[str, str], is_short: bool = False) -> str:
        """The paper in HTML, without its abstract if it is to be short; the values must be escaped already."""
        return fill_in(self.short_html if is_short else self.html, values)

    def write_text(self, values: Mapping[str, str]) -> str:
        """The paper in plain text."""
        return fill_in(self.text, values)


class Blocks:
    """The blocks of a process, those used last."""

    def __init__(self, limit: int = 5_000) -> None:
        self._limit = limit
        self._known: dict[int, Block] = {}

    def of(self, standing: Mapping[int, int]) -> dict[int, Block]:
        """The blocks of versions, by their papers; `standing` gives the version of each paper. One query at most."""
        missing = [pk for pk in standing.values() if pk not in self._known]
        if missing:
            if len(self._known) + len(missing) > self._limit:
                self._known.clear()
            for version in Version.objects.filter(pk__in=missing).select_related("paper"):
                self._known[version.pk] = block(version)
        return {paper: self._known[pk] for paper, pk in standing.items() if pk in self._known}


def block(version: Version) -> Block:
    """Write a paper."""
    title = cut(plain(version.title), TITLE, TITLE_OCTETS)
    authors = cut(_authors(version), AUTHORS, AUTHORS_OCTETS)
    abstract = cut(opening(plain(version.abstract)), ABSTRACT, ABSTRACT_OCTETS)
    page = f"{settings.SITE}{reverse('web:paper', args=[version.paper.key])}"
    context = {
        "serif": SERIF,
        "sans": SANS,
        "title": title,
        "authors": authors,
        "page": page,
        "reason": "\0reason\0",
        "acts": [(word, f"\0{purpose}\0") for purpose, word in ACTS.items()],
    }
    told = [title, authors, "\0reason\0", fill(abstract, WIDTH, break_long_words=False), page]
    links = [f"{word}: \0{purpose}\0" for purpose, word in ACTS.items()]
    return Block(
        title,
        pieces(render_to_string("digests/paper.html", {**context, "abstract": abstract})),
        pieces(render_to_string("digests/paper.html", context)),
        pieces("\n".join([line for line in told if line] + links)),
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
