"""The ways on from an answer: its conditions and others, its order, its day; all are links to other searches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlencode

from django.http import HttpRequest

from broadsheet.library import Answer
from broadsheet.library.facets import Facet, Facets
from broadsheet.library.since import Since
from broadsheet.library.sorting import SORTS, Sort
from broadsheet.search.conditions import conditions
from broadsheet.sources.export import EXPORTS
from broadsheet.web.addresses import fixed_address, search_address
from broadsheet.web.words import counted, listed

EXPORTED_FROM_PAGES = ("bib", "ris", "csl.json", "jsonl")
_SORTS = {"relevance": "relevance", "date": "newest first", "trending": "trending"}
_LABELS = {"years": "Year", "topics": "Topic", "authors": "Author", "sources": "Source"}


def asked_sort(request: HttpRequest) -> Sort:
    """The order in the address; what is none reads as relevance."""
    asked = request.GET.get("sort", "")
    return next((sort for sort in SORTS if sort == asked), "relevance")


class Way(NamedTuple):
    """A link, its number of papers where one is told; without an address it is where the reader is."""

    text: str
    address: str = ""
    papers: int | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """What may be changed about an answer.

    `facets` are the values to narrow it to, by label, if they were asked for, else `address` leads to them. `kept` are
    the parameters that a form of the page passes on.
    """

    conditions: Sequence[Way]
    sorts: Sequence[Way]
    facets: Sequence[tuple[str, Sequence[Way]]]
    address: str
    note: str
    is_open: bool
    kept: Mapping[str, object]
    files: Sequence[Way]


def panel(answer: Answer, facets: Facets | None, kept: Mapping[str, object]) -> Panel:
    """The ways on from an answer; `kept` are the parameters of its address besides the query and the page."""
    as_asked = {name: value for name, value in kept.items() if name != "deep"}
    opened = as_asked | {"facets": 1}
    return Panel(
        conditions=[Way(each.text, search_address(each.without, **as_asked)) for each in conditions(answer.query)],
        sorts=_sorts(answer, as_asked),
        facets=_facets(facets, opened) if facets else (),
        address=search_address(answer.query, **opened) if answer.total > 1 and not facets else "",
        note=_note(facets),
        is_open=facets is not None,
        kept={name: value for name, value in as_asked.items() if name != "at"},
        files=_files(answer, as_asked) if answer.hits else (),
    )


def _files(answer: Answer, kept: Mapping[str, object]) -> list[Way]:
    """The answer as a file, as of the same change."""
    asked = urlencode({"q": answer.query, **kept, "at": answer.at})
    return [
        Way(EXPORTS[form].name, f"{fixed_address('web:export_search', form)}?{asked}") for form in EXPORTED_FROM_PAGES
    ]


def changes(since: Since | None) -> str:
    """What changed since an answer, in a sentence without its full stop; "" where there is nothing to compare."""
    if since is None:
        return ""
    told = []
    if since.revised:
        told.append(
            f"{since.revised} of these papers {'has a newer version' if since.revised == 1 else 'have newer versions'}"
        )
    if since.withdrawn:
        told.append(f"{since.withdrawn} {'was' if since.withdrawn == 1 else 'were'} withdrawn")
    if since.later:
        least = "" if since.is_counted else "at least "
        verb = "matches" if since.later == 1 else "match"
        told.append(f"{least}{counted(since.later, 'paper')} that {verb} came later")
    return f"Since then {listed(told)}" if told else "Nothing that concerns this page has changed since then"


def _sorts(answer: Answer, kept: Mapping[str, object]) -> list[Way]:
    if answer.length < 2:
        return []
    others = {name: value for name, value in kept.items() if name != "sort"}
    asked = {sort: others if sort == "relevance" else others | {"sort": sort} for sort in SORTS}
    return [
        Way(_SORTS[sort], "" if sort == answer.sort else search_address(answer.query, **asked[sort])) for sort in SORTS
    ]


def _facets(facets: Facets, kept: Mapping[str, object]) -> list[tuple[str, list[Way]]]:
    kinds: Mapping[str, Sequence[Facet]] = {
        "years": facets.years,
        "topics": facets.topics,
        "authors": facets.authors,
        "sources": facets.sources,
    }
    return [
        (_LABELS[kind], [Way(each.value, search_address(each.query, **kept), each.papers) for each in found])
        for kind, found in kinds.items()
        if found
    ]


def _note(facets: Facets | None) -> str:
    if facets is None:
        return ""
    if not (facets.years or facets.topics or facets.authors or facets.sources):
        return "There is nothing to narrow this answer by"
    if facets.considered < facets.total:
        return f"Topics, authors and sources are those of the first {facets.considered:,}; all papers are counted"
    return ""
