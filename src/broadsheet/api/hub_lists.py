"""Lists in the orders of the Hub: each day's papers by votes, then place; the latest day first where there are several.

Two queries a page, in the order of an index.
"""

import re
from datetime import date

from broadsheet.api.hub_asked import Daily
from broadsheet.api.lists import span_of
from broadsheet.community.models import Submission
from broadsheet.community.models.readers import HANDLE
from broadsheet.library import Library
from broadsheet.library.models import Version
from broadsheet.library.reading import BY_VOTES, open_versions, standing_papers

_BY_DAY = ("-day", *BY_VOTES)
_BY_TRENDING = ("-trending", "id")


def daily(library: Library, asked: Daily) -> tuple[list[Version], bool]:
    """A page of a daily list, and whether there is more; nothing of a day to come."""
    papers = standing_papers(library.alias).filter(day__lte=library.today())
    span = span_of(asked.date, asked.week, asked.month)
    if span:
        papers = papers.filter(day__range=span)
    if asked.submitter is not None:
        handle = asked.submitter.casefold()
        if not re.fullmatch(HANDLE, handle):
            return [], False
        brought = Submission.objects.filter(reader__username=handle, reader__is_limited=False)
        papers = papers.filter(pk__in=brought.values("paper"))
    order = _BY_TRENDING if asked.sort == "trending" else BY_VOTES if span else _BY_DAY
    end = asked.offset + asked.limit
    ids = list(papers.order_by(*order).values_list("pk", flat=True)[asked.offset : end + 1])
    by_paper = {version.paper_id: version for version in open_versions(library.alias).filter(paper__in=ids)}
    return [by_paper[pk] for pk in ids[: asked.limit] if pk in by_paper], len(ids) > asked.limit


def search(library: Library, query: str, limit: int, budget: float) -> list[Version]:
    """What a search finds, best first, as far as it stands now; the newest papers for a query without words.

    Raises QueryError.
    """
    if not query.strip():
        return library.newest(limit)
    hits = library.search(query, limit, budget=budget).hits
    return [hit.version for hit in hits if _is_listed(hit.version, library.today())]


def _is_listed(version: Version, today: date) -> bool:
    paper = version.paper
    return paper.withdrawn_at is None and paper.erased_at is None and paper.day <= today
