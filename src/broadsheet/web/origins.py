"""Where a paper comes from, for people: field by field whose word is shown, and what other sources say."""

from collections.abc import Iterable
from dataclasses import dataclass

from broadsheet.library import Library
from broadsheet.library.models import Version
from broadsheet.library.provenance import Origin, Value, sources_of
from broadsheet.web.words import listed

_NAMES = {
    "published": "First published",
    "updated": "Last changed",
    "announced": "Listed",
    "venue": "Published in",
    "identifiers": "Identifiers",
}
_CUT = 280


@dataclass(frozen=True, slots=True)
class Line:
    """A field, whose word is shown, and pairs of who says else and what."""

    name: str
    sources: str
    others: list[tuple[str, str]]


def origins(library: Library, version: Version) -> dict[str, object]:
    """What the paper's page says of its sources; the fields are told apart only where there are several."""
    found = library.provenance(version)
    sources = sources_of(found)
    return {"sources": listed(sources), "origins": [line(each) for each in found] if len(sources) > 1 else []}


def line(origin: Origin) -> Line:
    """A field as it is told: what adds up is grouped by who says it."""
    name = _NAMES.get(origin.field, origin.field.capitalize())
    if origin.field in ("identifiers", "links"):
        grouped: dict[tuple[str, ...], list[str]] = {}
        for value in origin.values:
            grouped.setdefault(value.sources, []).append(_written(value))
        return Line(name, "", [(listed(sources), ", ".join(values)) for sources, values in grouped.items()])
    return Line(name, listed(_shown(origin.values)), [_said(value) for value in origin.values if not value.is_shown])


def _shown(values: Iterable[Value]) -> list[str]:
    return [source for value in values if value.is_shown for source in value.sources]


def _said(value: Value) -> tuple[str, str]:
    return listed(list(value.sources)), _written(value)


def _written(value: Value) -> str:
    text = value.value if isinstance(value.value, str) else ", ".join(value.value)
    return text if len(text) <= _CUT else f"{text[:_CUT].rstrip()}…"
