"""What a search page says besides its hits: what was done, why each hit is there, what to try when there is none."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from broadsheet.library import Answer, Library
from broadsheet.library.facets import Facets
from broadsheet.library.spelling import did_you_mean
from broadsheet.search import QueryError
from broadsheet.search.deep import FIRST
from broadsheet.search.engine import SORTED
from broadsheet.search.tokens import MAX_LENGTH
from broadsheet.web import narrowing
from broadsheet.web.addresses import search_address
from broadsheet.web.paging import Pager
from broadsheet.web.why import largest, parts, why
from broadsheet.web.words import count, counted

_FILTER = re.compile(r"""(?<!\S)(?:-?(?:title|author|topic|id|after|before):(?:"[^"]*"?|\S+)|-"[^"]*"?|-\S+)""", re.I)
_FEWER_WORDS = 4
HITS = 20


def page(library: Library, answer: Answer, number: int, pinned: str, facets: Facets | None = None) -> dict[str, Any]:
    """What the template of the search page needs of an answer. The pages after the first are pinned to its change."""
    kept = kept_parameters(answer, pinned) | ({"facets": 1} if facets else {})
    exactly = kept | {"at": answer.at} | ({"page": number} if number > 1 else {})
    whole = largest(answer.hits)
    return {
        "answer": answer,
        "hits": [(hit, why(hit, whole)) for hit in answer.hits],
        "sentence": sentence(answer),
        "notices": notices(answer, library.size() if answer.pending else 0),
        "correction": correction(library, answer, kept) if number == 1 else None,
        "suggestions": () if answer.hits else suggestions(answer.query),
        "deep": closer_reading(library, answer, number, kept),
        "permalink": search_address(answer.query, **exactly),
        "narrow": narrowing.panel(answer, facets, kept),
        "changes": narrowing.changes(library.since(answer) if pinned else None),
        "newest": search_address(answer.query, **{name: kept[name] for name in kept if name != "at"}) if pinned else "",
        "pager": Pager(
            number, number * HITS < answer.length, urlencode({"q": answer.query, **kept, "at": answer.at}) + "&"
        ),
        "first": (number - 1) * HITS + 1,
    }


def kept_parameters(answer: Answer, pinned: str) -> dict[str, object]:
    """What the links of an answer's page keep of its address besides the query."""
    kept: dict[str, object] = {"at": answer.at} if pinned else {}
    if answer.sort != "relevance":
        kept["sort"] = answer.sort
    return kept | ({"deep": 1} if answer.rereading else {})


@dataclass(frozen=True, slots=True)
class CloserReading:
    """How the first papers may be read more closely, at `address`, or what became of it."""

    address: str = ""
    papers: int = 0
    says: str = ""


def closer_reading(library: Library, answer: Answer, number: int, kept: Mapping[str, object]) -> CloserReading | None:
    """What the first page says of closer reading; None where there is nothing to say."""
    if number > 1 or not answer.hits:
        return None
    if answer.rereading:
        return CloserReading(says=answer.rereading.says)
    papers = min(len(answer.hits), FIRST)
    if papers < 2 or answer.sort != "relevance" or not parts(answer.hits[0]) or library.rereader.reranker is None:
        return None
    return CloserReading(search_address(answer.query, **kept, deep=1), papers)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a search was refused, with the query in three pieces around the spot, if there is one.

    A query that is too long may be asked as an example.
    """

    message: str
    before: str = ""
    spot: str = ""
    after: str = ""
    is_long: bool = False


def fault(query: str, error: QueryError) -> Fault:
    """Mark the spot of a query that cannot be read; an empty spot is shown as a caret."""
    start, end = max(0, error.start), max(error.start, error.end)
    is_long = len(query) > MAX_LENGTH
    return Fault(str(error), query[:start], query[start:end] or "‸", query[end:], is_long)


def sentence(answer: Answer) -> str:
    """Say what was searched, how, and as of when.

    It is the first thing on the page, so that "no hits" is never mistaken for "nothing was searched".
    """
    if answer.total:
        found = f"{counted(answer.total, 'paper')} {'matches' if answer.total == 1 else 'match'}; {_how(answer)}"
    elif answer.hits:
        found = "No paper has any of these words, so check their spelling; these are the closest in meaning"
    else:
        found = f"No paper matches; {_how(answer)}"
    if answer.at < answer.head - answer.behind:
        when = f"as of change #{count(answer.at)}, {counted(answer.head - answer.at, 'change')} ago"
    else:
        when = f"as of today, change #{count(answer.at)}"
    return f"{found}; {when}"


def _how(answer: Answer) -> str:
    has_only_filters = bool(answer.hits) and not parts(answer.hits[0])
    if has_only_filters and answer.sort != "trending":
        return "newest first"
    how = "by words and meaning" if answer.by_meaning else "by words"
    among = f" of the best {SORTED:,}" if answer.length >= SORTED else ""
    order = {"date": f"the newest{among} first", "trending": f"what trends most now{among} first"}.get(answer.sort, "")
    return order if has_only_filters else ", ".join(filter(None, (how, order)))


def notices(answer: Answer, papers: int) -> list[str]:
    """What the answer may have missed, in words."""
    said = []
    if answer.behind:
        said.append(
            f"{counted(answer.behind, 'change')} of the last moments {'is' if answer.behind == 1 else 'are'} not in "
            "this answer yet; reload to see them."
        )
    if answer.pending:
        verb = "is" if answer.pending == 1 else "are"
        said.append(f"{count(answer.pending)} of {counted(papers, 'paper')} {verb} not yet found by meaning.")
    return said


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Another search worth trying."""

    words: str
    address: str


def correction(library: Library, answer: Answer, kept: Mapping[str, object]) -> Suggestion | None:
    """The query as it may have been meant, where a word of it is hardly known here. It is offered, never searched."""
    meant = did_you_mean(library, answer.query, answer.at)
    return Suggestion(meant, search_address(meant, **kept)) if meant else None


def suggestions(query: str) -> list[Suggestion]:
    """Wider searches for a query that found nothing: without its filters, then with one word at a time."""
    bare = " ".join(_FILTER.sub(" ", query).split())
    found = []
    if bare and bare != " ".join(query.split()):
        found.append(Suggestion(f"without filters: {bare}", search_address(bare)))
    words = list(dict.fromkeys(re.findall(r"\w{3,}", bare)))
    if len(words) > 1:
        longest = sorted(words, key=len, reverse=True)[:_FEWER_WORDS]
        found += [Suggestion(f"only {word}", search_address(word)) for word in words if word in longest]
    return found
