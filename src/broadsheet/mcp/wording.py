"""Answers as plain text that a model reads well: our own words first, then each paper's text, quoted line by line."""

from collections.abc import Iterator, Sequence

from broadsheet.mcp import shapes
from broadsheet.mcp.shapes import HitShape, PaperShape
from broadsheet.mcp.texts import line_of, quote

_QUOTED = "Lines that begin with “>” are the papers' own text."


def write_search(answer: shapes.SearchAnswer) -> str:
    """What was found, how, and how to ask again."""
    how = "by words and meaning" if answer.by_meaning else "by words"
    order = {"relevance": f"best first {how}", "date": "newest first", "trending": "what trends most first"}[
        answer.sort
    ]
    match = "matches" if answer.total == 1 else "match"
    said = [f"{_counted(answer.total, 'paper')} {match}, {order}, at change {answer.at}."]
    if answer.papers and not answer.total:
        said = [f"No paper has these words; these are the nearest in meaning, at change {answer.at}."]
    if answer.behind:
        said.append(f"{_counted(answer.behind, 'change')} of the last moments not looked at yet; ask again for them.")
    if answer.pending:
        said.append(f"{_counted(answer.pending, 'paper')} not found by meaning yet.")
    if not answer.papers:
        said.append("Try fewer words, other words, or fewer conditions.")
    if answer.next_offset is not None:
        said.append(f"More with offset={answer.next_offset} and at={answer.at}.")
    return _listed(" ".join(said), answer.papers)


def write_paper(answer: shapes.PaperAnswer) -> str:
    """A paper, whole."""
    facts = [
        f"id {line_of(answer.id)}; version {answer.version}; list of {answer.day}; {_counted(answer.votes, 'vote')}, "
        f"{_counted(answer.comments, 'comment')}; as of change {answer.at}",
        f"page {answer.url}",
    ]
    if answer.identifiers:
        facts.append(f"identifiers {', '.join(answer.identifiers)}")
    if answer.published:
        facts.append(f"published {answer.published}")
    if answer.updated:
        facts.append(f"updated {answer.updated}")
    own = [f"Title: {answer.title}", f"Authors: {_authors(answer) or 'not named'}"]
    for label, text in (("Venue", answer.venue), ("Comment", answer.comment), ("Topics", ", ".join(answer.topics))):
        if text:
            own.append(f"{label}: {text}")
    own += [f"Link ({link.kind or 'web'}): {link.url}" for link in answer.links]
    if answer.abstract:
        own.append(f"Abstract: {answer.abstract}")
    return "\n".join([*facts, _QUOTED, *(line for text in own for line in quote(text))])


def write_similar(answer: shapes.SimilarAnswer) -> str:
    """The neighbours of a paper."""
    if not answer.papers:
        return answer.note
    return _listed(f"Nearest in meaning to {line_of(answer.id)}, nearest first, at change {answer.at}.", answer.papers)


def write_daily(answer: shapes.DailyAnswer) -> str:
    """The list of a day."""
    if answer.day is None:
        return f"This library has no papers up to today, {answer.today}."
    said = [f"{_counted(answer.total, 'paper')} on {answer.day}, by votes. Today is {answer.today}."]
    if answer.next_offset is not None:
        said.append(f"More with date={answer.day} and offset={answer.next_offset}.")
    ways = (("Earlier", answer.earlier), ("Later", answer.later))
    said += [f"{name} day with papers: {day}." for name, day in ways if day]
    return _listed(" ".join(said), answer.papers)


def write_trending(answer: shapes.TrendingAnswer) -> str:
    """What trends."""
    if not answer.papers:
        return "This library has no papers."
    return _listed(f"What deserves attention most now, best first, at change {answer.at}.", answer.papers)


def write_status(answer: shapes.StatusAnswer) -> str:
    """The library in short."""
    how = "by words and meaning" if answer.by_meaning else "by words only"
    return (
        f"{_counted(answer.papers, 'paper')} at {answer.url}, at change {answer.at}, of which {answer.behind} are not "
        f"followed yet. Searches go {how}; {_counted(answer.pending, 'paper')} not found by meaning yet. Today is "
        f"{answer.today}; the latest list is of {answer.latest_day or 'no day'}."
    )


def _listed(said: str, papers: Sequence[PaperShape]) -> str:
    if not papers:
        return said
    return "\n\n".join([f"{said} {_QUOTED}", *("\n".join(_lines(n, paper)) for n, paper in enumerate(papers, 1))])


def _lines(number: int, paper: PaperShape) -> Iterator[str]:
    score = f"score {paper.score:.3f}: {paper.why}; " if isinstance(paper, HitShape) else ""
    yield f"{number}. id {line_of(paper.id)}; {score}list of {paper.day}; {_counted(paper.votes, 'vote')}; {paper.url}"
    yield from quote(paper.title)
    if paper.authors:
        yield from quote(_authors(paper))
    if paper.snippet:
        yield from quote(paper.snippet)


def _authors(paper: PaperShape | shapes.PaperAnswer) -> str:
    more = paper.author_count - len(paper.authors)
    return ", ".join(paper.authors) + (f" and {more:,} more" if more else "")


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
