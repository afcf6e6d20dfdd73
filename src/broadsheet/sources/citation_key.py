"""The short name under which a manuscript cites a paper."""

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import count

from broadsheet.papers import Identifier, Version
from broadsheet.papers.text import fold, title_key
from broadsheet.sources.citation import cite
from broadsheet.sources.citation_names import read_names

_LONGEST = 40
_WEAK = frozenset(
    "a an and are as at be beyond by can do does for from how in is it its of on or that the to toward towards via what"
    " when where which who why with without".split()
)


def citation_key(version: Version, identifiers: Sequence[Identifier]) -> str:
    """First author's family name, year and first telling word of the title, in small ASCII letters and digits.

    The same paper has the same key every time. Where a part cannot be written in ASCII, an identifier stands in for it.

    >>> from broadsheet.papers import Author
    >>> citation_key(Version("On Simultaneous Nets", authors=(Author("Ann Lée"),)), [Identifier("arxiv", "2601.00001")])
    'leesimultaneous'
    >>> citation_key(Version("机器翻译"), [Identifier("arxiv", "2601.00001")])
    'arxiv260100001'
    """
    day = cite(version, identifiers).day
    family, word = _family(version), _first_word(version.title)
    key = f"{family}{day.year if day else ''}{word}"
    return key if family and word else f"{key}{_stand_in(version, identifiers)}"


def tell_apart(keys: Iterable[str]) -> Iterator[str]:
    """Yield the keys of a list in order, a number behind each that came before: BibTeX allows a key once in a file.

    >>> list(tell_apart(["lee2026deep", "lee2026deep", "kim2026deep", "lee2026deep"]))
    ['lee2026deep', 'lee2026deep-2', 'kim2026deep', 'lee2026deep-3']
    """
    used: set[str] = set()
    turns: dict[str, Iterator[int]] = {}
    for key in keys:
        own = key
        while own in used:
            own = f"{key}-{next(turns.setdefault(key, count(2)))}"
        used.add(own)
        yield own


def _family(version: Version) -> str:
    first = next(iter(read_names(version.authors[:5])), None)
    if first is None:
        return ""
    return _ascii(fold(first.family))[:_LONGEST] if first.family else _first_word(first.whole)


def _first_word(text: str) -> str:
    words = [word for word in title_key(text).split() if word == _ascii(word)]
    return next((word for word in words if word not in _WEAK), "".join(words[:1]))[:_LONGEST]


def _stand_in(version: Version, identifiers: Sequence[Identifier]) -> str:
    named = min((str(identifier) for identifier in identifiers), default="")
    return _ascii(named.lower())[:_LONGEST] or hashlib.sha256(version.title.encode()).hexdigest()[:8]


def _ascii(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text)
