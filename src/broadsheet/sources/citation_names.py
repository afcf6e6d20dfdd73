"""Names as citations take them apart: family, given, suffix; or one name that must stay whole."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from broadsheet.papers import Author
from broadsheet.sources.citation_text import legible
from broadsheet.sources.names import is_name

_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv)\.?", re.I)
_BODY = re.compile(
    r"\b(?:collaborations?|consortium|investigators|teams?|group|committee|association|society|institute|university|college"
    r"|foundation|project|initiative|network|organi[sz]ation|department|laborator(?:y|ies)|labs|council|agency|centre"
    r"|inc|ltd|llc|gmbh|corporation|company|community|alliance|task force|others|et al)\b|&|\band\b|@",
    re.I,
)
"""What stands in the name of a body and not of a person, and the words that would divide a list of names."""
_BRACED = re.compile(r"\{([^{}]*[^\s{}][^{}]*)\}")
_FAMILY_FIRST = re.compile("[\u1100-\u11ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]")
"""Han, kana and hangul: names in them begin with the family's, which no order of words tells from the other."""


@dataclass(frozen=True, slots=True)
class Name:
    """A person's name in parts, or only `whole`; `has_comma` tells "Last, Jr." from "Last Jr.".

    >>> read_name(Author("First de Last, Jr."))
    Name(whole='First de Last, Jr.', family='de Last', given='First', suffix='Jr.', has_comma=True)
    >>> read_name(Author("ATLAS Collaboration")).family
    ''
    """

    whole: str
    family: str = ""
    given: str = ""
    suffix: str = ""
    has_comma: bool = False

    @property
    def family_and_suffix(self) -> str:
        """The family name with a suffix that stood behind it without a comma."""
        return f"{self.family} {self.suffix}" if self.suffix and not self.has_comma else self.family


def read_names(authors: Iterable[Author]) -> list[Name]:
    """The names of those who are named at all: a list from arXiv may hold a stray ":"."""
    return [name for name in map(read_name, authors) if is_name(name.whole)]


def read_name(author: Author) -> Name:
    """Take a name apart; what is not surely a person's stays whole.

    That is a body, one word, a name in braces, commas that are no suffix's, and any name in Han, kana or hangul.
    """
    whole = legible(author.name)
    if braced := _BRACED.fullmatch(whole):
        return Name(braced[1].strip())
    person, *rest = [part.strip() for part in whole.split(",")]
    if _BODY.search(whole) or _FAMILY_FIRST.search(whole) or len(rest) > 1 or (rest and not _SUFFIX.fullmatch(rest[0])):
        return Name(whole)
    words, suffix = person.split(), rest[0] if rest else ""
    if not suffix and len(words) > 2 and _SUFFIX.fullmatch(words[-1]):
        suffix = words.pop()
    family = Author(" ".join(words)).family
    given = " ".join(words[: len(words) - len(family.split())])
    name = Name(whole, family, given, suffix, bool(rest))
    again = f"{family}, {suffix}, {given}" if rest else f"{name.family_and_suffix}, {given}"
    return name if given and Author.parse(again).name == whole else Name(whole)
