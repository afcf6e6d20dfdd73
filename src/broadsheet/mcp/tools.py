"""The tools: what each is asked, what the library answers, and when a model should take which.

A tool's docstring is what models read of it. All of them only read; each costs a fixed number of queries.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from pydantic import BaseModel

from broadsheet.library import Hit, Library, NotFound, journal
from broadsheet.library.embedding import count_pending
from broadsheet.library.models import Version
from broadsheet.mcp import shapes, texts, wording
from broadsheet.mcp.errors import Refusal
from broadsheet.mcp.shapes import HitShape, LinkShape, PaperShape
from broadsheet.search.engine import WINDOW
from broadsheet.sources.citation import encode_address

_AUTHORS, _TOPICS, _TERMS = 20, 10, 6
_ALL_AUTHORS, _ABSTRACT = 500, 20_000


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a question is answered: the library, the site's address, and how long to follow the journal first."""

    library: Library
    address: str
    budget: float | None

    def page(self, key: str) -> str:
        """The address of a paper's page."""
        return f"{self.address}{reverse('web:paper', args=[key])}"

    def head(self) -> int:
        """The number of the last change."""
        return journal.head(self.library.alias)


def search(desk: Desk, asked: shapes.SearchAsked) -> shapes.SearchAnswer:
    """Find papers in this library by words and by meaning, best first.

    Take this for any question about research, whenever you need papers on a subject, by an author or of a time. Ask
    with keywords or a whole question; narrow with author:, topic:, title:, after: and before:. A paper is found from
    the moment it was stored. Each hit has a snippet; call `paper` for the whole abstract. Every answer names in `at`
    the change that it was given at: send the same query with that `at` to get the same papers again, or with a day
    to learn what was known then.
    """
    library = desk.library
    at = library.as_of(asked.at) if asked.at else None
    answer = library.search(
        asked.query, limit=asked.limit, offset=asked.offset, at=at, budget=desk.budget, sort=asked.sort
    )
    end = asked.offset + asked.limit
    return shapes.SearchAnswer(
        query=answer.query,
        at=answer.at,
        behind=answer.behind,
        pending=answer.pending,
        by_meaning=answer.by_meaning,
        sort=answer.sort,
        total=answer.total,
        papers=[_hit(desk, hit, _why(hit)) for hit in answer.hits],
        next_offset=end if end < answer.length and end <= WINDOW - shapes.MOST else None,
    )


def paper(desk: Desk, asked: shapes.PaperAsked) -> shapes.PaperAnswer:
    """Read one paper: its whole abstract, all authors, identifiers, links and dates.

    Take this when you know which paper you want: by the `id` of another answer, an arXiv number, a DOI or another
    identifier. Take `search` when you only know a title or a subject.
    """
    at = desk.head()
    version = find(desk.library, asked.id)
    work = version.paper
    links = [LinkShape(kind=texts.line_of(link["kind"]), url=encode_address(link["url"])) for link in version.links]
    return shapes.PaperAnswer(
        id=work.key,
        at=at,
        title=texts.line_of(version.title),
        authors=[texts.line_of(name) for name in version.author_names[:_ALL_AUTHORS]],
        author_count=len(version.authors),
        abstract=texts.cut(texts.visible(version.abstract), _ABSTRACT),
        identifiers=[texts.line_of(str(name)) for name in desk.library.names(work)],
        topics=[texts.line_of(topic) for topic in version.topics],
        venue=texts.line_of(version.venue),
        comment=texts.line_of(version.comment),
        language=version.language,
        links=[link for link in links if link.url],
        day=work.day,
        published=version.published,
        updated=version.updated,
        version=version.number,
        votes=work.votes,
        comments=work.comments,
        url=desk.page(work.key),
    )


def similar(desk: Desk, asked: shapes.SimilarAsked) -> shapes.SimilarAnswer:
    """Find the papers nearest in meaning to one that you know.

    Take this to go on from a good paper: related work, other takes on the same problem. It needs no words in common.
    """
    library = desk.library
    version = find(library, asked.id)
    hits = library.similar(version, asked.limit)
    return shapes.SimilarAnswer(
        id=version.paper.key,
        at=library.follower.index.position,
        papers=[_hit(desk, hit, f"cosine {hit.score:.3f}") for hit in hits],
        note="" if hits else _why_alone(library),
    )


def daily(desk: Desk, asked: shapes.DailyAsked) -> shapes.DailyAnswer:
    """List the papers of one day, by readers' votes.

    Take this for what is new: without a date it is the latest day that has papers, and `earlier` leads to the day
    before. For a subject rather than a day take `search`, with sort=date for the newest.
    """
    today, at = desk.library.today(), desk.head()
    day = date.fromisoformat(asked.date) if asked.date else None
    if day and day > today:
        raise Refusal(f"the list of {day.isoformat()} is not open yet; today is {today.isoformat()}")
    page = desk.library.day_page(day, asked.limit, asked.offset)
    end = asked.offset + asked.limit
    return shapes.DailyAnswer(
        day=page.day,
        today=today,
        at=at,
        total=page.total,
        papers=[_paper(desk, version) for version in page.versions],
        next_offset=end if end < page.total else None,
        earlier=page.earlier,
        later=page.later,
    )


def trending(desk: Desk, asked: shapes.TrendingAsked) -> shapes.TrendingAnswer:
    """List the papers that deserve attention most now, by votes, discussion and age, across days.

    Take this for what people talk about. For one day take `daily`, for a subject `search` with sort=trending.
    """
    at = desk.head()
    versions = desk.library.trending(asked.limit)
    return shapes.TrendingAnswer(at=at, papers=[_paper(desk, version) for version in versions])


def status(desk: Desk, asked: shapes.StatusAsked) -> shapes.StatusAnswer:
    """Tell how many papers this library holds, its last change, and whether searches go by meaning too.

    Take this to learn what kind of library you speak with, or when an answer seems to miss something.
    """
    library, head = desk.library, desk.head()
    is_by_meaning = library.embedder is not None
    behind = library.catch_up(desk.budget)
    return shapes.StatusAnswer(
        papers=library.size(),
        at=head,
        behind=behind,
        pending=count_pending(library.alias) if is_by_meaning else 0,
        by_meaning=is_by_meaning,
        today=library.today(),
        latest_day=library.day_page(limit=1).day,
        url=f"{desk.address}/",
    )


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool as models know it: its name is the function's, its description the docstring."""

    title: str
    asked: type[BaseModel]
    answered: type[BaseModel]
    answer: Callable[[Desk, Any], BaseModel]
    write: Callable[[Any], str]

    @property
    def name(self) -> str:
        """What it is called by."""
        return self.answer.__name__

    @property
    def description(self) -> str:
        """When to take it: the docstring, a line for each of its paragraphs."""
        return "\n".join(" ".join(part.split()) for part in (self.answer.__doc__ or "").split("\n\n"))


TOOLS = {
    tool.name: tool
    for tool in (
        Tool("Search papers", shapes.SearchAsked, shapes.SearchAnswer, search, wording.write_search),
        Tool("Read a paper", shapes.PaperAsked, shapes.PaperAnswer, paper, wording.write_paper),
        Tool("Similar papers", shapes.SimilarAsked, shapes.SimilarAnswer, similar, wording.write_similar),
        Tool("Papers of a day", shapes.DailyAsked, shapes.DailyAnswer, daily, wording.write_daily),
        Tool("Trending papers", shapes.TrendingAsked, shapes.TrendingAnswer, trending, wording.write_trending),
        Tool("About this library", shapes.StatusAsked, shapes.StatusAnswer, status, wording.write_status),
    )
}


def find(library: Library, name: str) -> Version:
    """What stands of a paper. Raises Refusal for one that is unknown, withdrawn or erased, without a word of it."""
    try:
        work = library.find_paper(name)
    except NotFound:
        raise Refusal(f"no paper here has the identifier {texts.line_of(name)[:80]}; search for its title") from None
    try:
        return library.find(work.key)
    except NotFound:
        raise Refusal(f"the paper {work.key} was {'erased' if work.erased_at else 'withdrawn'}") from None


def _paper(desk: Desk, version: Version, snippet: str = "") -> PaperShape:
    return PaperShape(**_facts(desk, version, snippet))


def _hit(desk: Desk, hit: Hit, why: str) -> HitShape:
    snippet = "".join(text for text, _ in hit.snippet)
    return HitShape(**_facts(desk, hit.version, snippet), score=hit.score, why=why)


def _facts(desk: Desk, version: Version, snippet: str) -> dict[str, Any]:
    work, names = version.paper, version.author_names
    return {
        "id": work.key,
        "title": texts.line_of(version.title),
        "authors": [texts.line_of(name) for name in names[:_AUTHORS]],
        "author_count": len(names),
        "topics": [texts.line_of(topic) for topic in version.topics[:_TOPICS]],
        "snippet": texts.line_of(snippet) or texts.beginning(version.abstract),
        "day": work.day,
        "published": version.published,
        "votes": work.votes,
        "url": desk.page(work.key),
    }


def _why(hit: Hit) -> str:
    """The parts of a hit's score, the words that matched in order of their shares."""
    said = []
    explanation = hit.explanation
    if explanation and explanation.words and explanation.words.terms:
        shares = explanation.words.terms
        terms = sorted(shares, key=lambda term: -shares[term])[:_TERMS]
        said.append(f"words {explanation.words.value:.2f} ({', '.join(terms)})")
    if explanation and explanation.meaning:
        said.append(f"meaning {explanation.meaning.value:.2f}")
    return " + ".join(said) or "passes the conditions"


def _why_alone(library: Library) -> str:
    if library.embedder is None:
        return "This library has no sentence encoder, so it does not know which papers are near in meaning."
    return "The paper has no vector yet; it gets one within moments of being stored, unless many papers wait."
