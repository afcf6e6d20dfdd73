"""Provenance: of each field of a paper, which sources say what is shown, and what else they say."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from broadsheet.library.models import Merge, Version
from broadsheet.library.saying import Saying
from broadsheet.library.statements import sayings_of
from broadsheet.papers import Version as Text

FIELDS = ("title", "abstract", "authors", "published", "updated", "announced", "topics", "venue", "comment", "language")

Told = str | list[str]
"""What a source says of a field: a text or a day, or several names."""


@dataclass(frozen=True, slots=True)
class Value:
    """One thing that sources say of a field, the sources, and whether it is shown."""

    value: Told
    sources: tuple[str, ...]
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Origin:
    """A field of a paper and what is said of it: what is shown first. Of identifiers and links all are shown."""

    field: str
    values: tuple[Value, ...]

    @property
    def is_disputed(self) -> bool:
        """Whether a source says something else than what is shown."""
        return not all(value.is_shown for value in self.values)

    def to_json(self) -> dict[str, Any]:
        """The same for programs."""
        values = [
            {"value": each.value, "sources": list(each.sources), "is_shown": each.is_shown} for each in self.values
        ]
        return {"field": self.field, "values": values}


def provenance(alias: str, version: Version) -> tuple[Origin, ...]:
    """Where each field of an open version is from. One query for a paper of one source, four at most."""
    said = sayings_of(alias, version)
    sayings = sorted(said.values(), key=lambda each: (-each.seq, each.source, each.about))
    text = version.text
    found = [_field(name, text, version.source, sayings) for name in FIELDS]
    first = _first_named(alias, version) if len(sayings) > 1 else {}
    names = (Value(name, (first.get(name, version.source),), is_shown=True) for name in version.identifiers)
    found += [Origin("identifiers", tuple(names)), _links(text, version.source, sayings)]
    return tuple(origin for origin in found if origin.values)


def sources_of(origins: Iterable[Origin]) -> list[str]:
    """All sources that say anything, in the order of the alphabet."""
    return sorted({source for origin in origins for value in origin.values for source in value.sources})


def _field(name: str, text: Text, source: str, sayings: Sequence[Saying]) -> Origin:
    """What is said of a field of one value: what is shown, then what else."""
    shown = _told(getattr(text, name))
    said: dict[str, tuple[Told, list[str]]] = {}
    for each in sayings:
        if told := _told(getattr(each.text, name)):
            said.setdefault(repr(told), (told, []))[1].append(each.source)
    _, agreeing = said.pop(repr(shown), (shown, [source]))
    values = [Value(shown, _once(agreeing), is_shown=True)] if shown else []
    return Origin(name, (*values, *(Value(told, _once(sources), is_shown=False) for told, sources in said.values())))


def _first_named(alias: str, version: Version) -> dict[str, str]:
    """The source that first told each identifier, of this paper or of one that became part of it."""
    merged = Merge.objects.using(alias).filter(kept=version.paper_id).values_list("absorbed", flat=True)
    rows = Version.objects.using(alias).filter(paper__in=[version.paper_id, *merged]).order_by("born")
    first: dict[str, str] = {}
    for source, names in rows.values_list("source", "identifiers"):
        for name in names:
            first.setdefault(name, source)
    return first


def _links(text: Text, source: str, sayings: Sequence[Saying]) -> Origin:
    by: dict[str, list[str]] = {link.url: [] for link in text.links}
    for each in sayings:
        for link in each.text.links:
            by.setdefault(link.url, []).append(each.source)
    shown = {link.url for link in text.links}
    return Origin("links", tuple(Value(url, _once(names or [source]), url in shown) for url, names in by.items()))


def _told(value: Any) -> Told:
    if isinstance(value, tuple):
        return [str(getattr(each, "name", each)) for each in value]
    return value.isoformat() if isinstance(value, date) else value or ""


def _once(sources: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(sources))
