"""The forms of a paper that programs read: BibTeX, RIS, CSL-JSON, Markdown."""

import json
import re
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass

from broadsheet.library.models import Version as Row
from broadsheet.papers import Identifier, Version
from broadsheet.papers.text import fold
from broadsheet.sources import to_bibtex, to_csl, to_markdown, to_ris
from broadsheet.web.addresses import links_out


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a paper: how it is called, its type, and what writes it, given the address of the paper's page."""

    name: str
    media_type: str
    write: Callable[[Version, Sequence[Identifier], str], str]

    @property
    def content_type(self) -> str:
        """The type with its encoding."""
        return f"{self.media_type}; charset=utf-8"


def shown_text(row: Row) -> Version:
    """A stored version as the papers room knows it, without the links that may not be shown."""
    shown = copy(row)
    shown.links = [dict(link) for link in links_out(row)]
    return shown.text


def file_name(key: str) -> str:
    """The name under which a paper's file is kept: ASCII letters, digits, dots and hyphens.

    >>> file_name("cs/0701001"), file_name("10.1002/(sici)1097<1661::aid>3.0;2-2"), file_name("数:1")
    ('cs-0701001', '10.1002-sici-1097-1661-aid-3.0-2-2', '1')
    """
    return re.sub(r"[^a-z0-9.]+", "-", fold(key)).strip("-.")[:100] or "paper"


def _bibtex(version: Version, names: Sequence[Identifier], page: str) -> str:
    return to_bibtex(version, names, _address(names, page))


def _ris(version: Version, names: Sequence[Identifier], page: str) -> str:
    return to_ris(version, names, _address(names, page))


def _csl(version: Version, names: Sequence[Identifier], page: str) -> str:
    return json.dumps([to_csl(version, names, _address(names, page))], ensure_ascii=False, indent=1) + "\n"


def _address(names: Sequence[Identifier], page: str) -> str:
    """The address that a citation shows: that of its best identifier, else the page here."""
    return "" if any(name.url for name in names) else page


FORMS = {
    "bib": Form("BibTeX", "application/x-bibtex", _bibtex),
    "ris": Form("RIS", "application/x-research-info-systems", _ris),
    "json": Form("CSL-JSON", "application/vnd.citationstyles.csl+json", _csl),
    "md": Form("Markdown", "text/markdown", to_markdown),
}
"""By the ending of their addresses."""
