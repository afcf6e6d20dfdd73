"""Authors: a name as it was written, and the parts needed to sort and compare it."""

import re
from dataclasses import dataclass

from broadsheet.papers.text import fold

_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})
_PARTICLES = frozenset(
    {
        "van",
        "von",
        "der",
        "den",
        "de",
        "la",
        "le",
        "du",
        "di",
        "da",
        "del",
        "della",
        "dos",
        "ten",
        "ter",
        "el",
        "al",
        "bin",
    }
)


@dataclass(frozen=True, slots=True)
class Author:
    """A person's name in reading order ("Peter H. N. de With"), with what a source says besides."""

    name: str
    affiliation: str = ""
    orcid: str = ""

    @classmethod
    def parse(cls, text: str) -> "Author":
        """Read "Family, Given" or "Given Family" into reading order; a suffix may stand second (BibTeX) or last (RIS).

        >>> Author.parse("von Neumann-Cosel, P.").name
        'P. von Neumann-Cosel'
        >>> Author.parse("de Last, Jr., First").name
        'First de Last, Jr.'
        >>> Author.parse("de Last, First, Jr.").name
        'First de Last, Jr.'
        """
        parts = [" ".join(part.split()) for part in text.split(",")]
        parts = [part for part in parts if part]
        if len(parts) == 2 and not _is_suffix(parts[1]):
            return cls(f"{parts[1]} {parts[0]}")
        if len(parts) == 3 and _is_suffix(parts[2]) and not _is_suffix(parts[1]):
            return cls(f"{parts[1]} {parts[0]}, {parts[2]}")
        if len(parts) == 3:
            return cls(f"{parts[2]} {parts[0]}, {parts[1]}")
        return cls(", ".join(parts))

    @property
    def family(self) -> str:
        """The family name with its particles: what a list is sorted by.

        >>> Author("Peter H. N. de With").family, Author("First de Last, Jr.").family
        ('de With', 'de Last')
        """
        words = self.name.split(",")[0].split()
        start = len(words) - 1
        while start > 1 and words[start - 1].casefold() in _PARTICLES:
            start -= 1
        return " ".join(words[max(start, 0) :])

    @property
    def key(self) -> str:
        """The family name folded to plain letters: equal for "Özel, B." and "Berna Ozel"."""
        return re.sub(r"\W", "", fold(self.family))


def _is_suffix(text: str) -> bool:
    return fold(text).strip(".") in _SUFFIXES
