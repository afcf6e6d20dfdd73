"""What sources say of a paper, field by field, and which of it is shown: the one place of that rule.

Of a field, what was newly said last is shown, with five exceptions. Who says nothing of a field changes nothing: others
fill it, and what the same source said of it before stays its word (but for comments and links, which it takes back). An
abstract or a list of authors gives way to another source's that it is the beginning of, or that is half as long again,
since sources shorten both. A work was first published on the earliest day. What comes later and is dated earlier only
fills what nobody else says, and so does what was guessed from the looks of a page. Links add up.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any

from broadsheet.papers import Author, Link
from broadsheet.papers import Version as Text
from broadsheet.papers.text import title_key

FIELDS = tuple(each.name for each in fields(Text) if each.name != "links")
"""What one source's word is shown of; links are those of all."""
_TAKEN_BACK = ("comment", "links")
_DAYS = ("published", "updated", "announced")
_FULLER = 1.5
_GUESSED = -1
"""Since when a source says what was only guessed from how a page looks: before all that anybody says."""


@dataclass(frozen=True, slots=True)
class Saying:
    """What one source says of a paper: its text, and for each field since which change it says this of it.

    `about` tells two records of one source apart that an editor says are one work. A text is not `is_exact` where an
    earlier Broadsheet kept it only as far as it was shown.
    """

    source: str
    about: str
    text: Text
    since: Mapping[str, int]
    seq: int = 0
    is_exact: bool = True

    def __str__(self) -> str:
        return self.source


def reworded(
    before: Saying | None, source: str, about: str, text: Text, seq: int, *, is_late: bool, is_guess: bool = False
) -> Saying:
    """What a source says at the change `seq`, after what it said before; `is_late` if others told a later text."""
    weight = _GUESSED if is_guess else 0 if is_late else seq
    if before is None:
        return Saying(source, about, text, dict.fromkeys(FIELDS, weight), seq)
    silent = [name for name in FIELDS if name not in _TAKEN_BACK and not getattr(text, name)]
    kept = {name: value for name in silent if (value := getattr(before.text, name))}
    text = replace(text, **kept) if kept else text
    since = {
        name: before.since[name] if getattr(text, name) == getattr(before.text, name) else weight for name in FIELDS
    }
    return Saying(source, about, text, since, seq)


def best(sayings: Iterable[Saying]) -> dict[str, Saying]:
    """Whose word is shown of each field that anybody says something of."""
    sayings = list(sayings)
    found = {}
    for name in FIELDS:
        said = [each for each in sayings if getattr(each.text, name)]
        if said:
            said.sort(key=lambda each: (each.since[name], each.seq, each.source, each.about), reverse=True)
            found[name] = _RULES.get(name, _newest)(said)
    return found


def _newest(said: Sequence[Saying]) -> Saying:
    return said[0]


def _earliest(said: Sequence[Saying]) -> Saying:
    """Whose day of publication is the first; January 1st is mostly a year without a day, so days of that year win."""
    days = [(day, each) for each in said if (day := each.text.published)]
    return min(days, key=lambda pair: (pair[0].year, (pair[0].month, pair[0].day) == (1, 1), pair[0]))[1]


def _fullest(name: str, parts: Callable[[Text], Sequence[str]]) -> Callable[[Sequence[Saying]], Saying]:
    """The newest, but another source's that is fuller, and one that is yet fuller than that."""

    def choose(said: Sequence[Saying]) -> Saying:
        chosen, *others = said
        for each in others:
            is_told = each.since[name] != _GUESSED or chosen.since[name] == _GUESSED
            if each.source != chosen.source and is_told and _is_fuller(parts(each.text), parts(chosen.text)):
                chosen = each
        return chosen

    return choose


def _is_fuller(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether one is half as long again as the other, or goes on where that ends."""
    return len(one) >= _FULLER * len(other) or (len(one) > len(other) and one[: len(other)] == other)


def _letters(text: Text) -> str:
    """An abstract by its letters alone, so that dots at its end do not count."""
    return title_key(text.abstract)


def _families(text: Text) -> list[str]:
    return [author.key for author in text.authors]


_RULES = {"abstract": _fullest("abstract", _letters), "authors": _fullest("authors", _families), "published": _earliest}


def shown(sayings: Iterable[Saying]) -> Text:
    """The text of a paper that sources say these things of, one of them at least."""
    sayings = list(sayings)
    if len(sayings) == 1:
        return sayings[0].text
    chosen = {name: getattr(each.text, name) for name, each in best(sayings).items()}
    return Text(**chosen, links=links_of(sayings))


def links_of(sayings: Iterable[Saying]) -> tuple[Link, ...]:
    """The links of all, each address once, those of whoever spoke last first."""
    newest = sorted(sayings, key=lambda each: (each.seq, each.source, each.about), reverse=True)
    found: dict[str, Link] = {}
    for each in newest:
        for link in each.text.links:
            found.setdefault(link.url, link)
    return tuple(found.values())


def written(text: Text) -> dict[str, Any]:
    """A text for a JSON column, without what it does not say."""
    told = {name: value for name, value in asdict(text).items() if value}
    for name in _DAYS:
        if day := told.get(name):
            told[name] = day.isoformat()
    return told


def read(told: Mapping[str, Any]) -> Text:
    """The text that `written` wrote."""
    days = {name: date.fromisoformat(told[name]) for name in _DAYS if name in told}
    more = {
        "authors": tuple(Author(**author) for author in told.get("authors", ())),
        "topics": tuple(told.get("topics", ())),
        "links": tuple(Link(**link) for link in told.get("links", ())),
    }
    return Text(**{**told, **days, **more})
