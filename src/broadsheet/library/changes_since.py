"""Papers in the order of their latest changes, page by page, for whoever keeps a copy of the library.

A list is fixed by a change, its `bound`, mostly the journal's head when the first page was asked for. Every paper has
one place in it: the number of its latest change up to the bound, embeddings left out. Places of a bound never move,
whatever is written later, so pages read one after another skip nothing and give nothing twice. What is told of a paper
is how it stands when its page is read. What changed after the bound has a time of at least the bound's, since times in
the journal never fall: the next list, of all changes from that time on, holds it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connections
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL

from broadsheet.library.models import Change, Paper, Version
from broadsheet.library.reading import stored_at
from broadsheet.search import Query, QueryError
from broadsheet.search.index import Index

FEW = 5_000
"""Up to how many papers of a topic are looked up one by one, instead of passing over all others."""

_SOURCES = """
WITH RECURSIVE names (source) AS (
    SELECT MIN(source) FROM library_version WHERE died IS NULL
    UNION ALL
    SELECT (SELECT MIN(source) FROM library_version WHERE died IS NULL AND source > names.source)
    FROM names WHERE source IS NOT NULL
)
SELECT source FROM names WHERE source IS NOT NULL
"""
_TOPICS = {"sqlite": "json_each({}) AS topic", "postgresql": "jsonb_array_elements_text({}) AS topic(value)"}
_IS_REMOVAL = RawSQL("library_change.kind IN ('withdrawn', 'erased')", (), BooleanField())


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which papers a list holds: of one source, or with one of some topics or a topic that begins in one of some ways.

    Of an erased paper nobody knows the topics any more, so every list holds it: whoever has a copy has to hear of it.
    """

    source: str = ""
    topics: tuple[str, ...] = ()
    beginnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """The changes after `after` up to `until`, as of the change `bound`."""

    after: int
    until: int
    bound: int


@dataclass(frozen=True, slots=True)
class State:
    """How a paper stands: its latest version, closed if the paper `is_gone`, and when its latest change was."""

    paper: Paper
    version: Version
    at: datetime
    is_gone: bool
    history: Sequence[Version] = ()


def head_moment(alias: str) -> tuple[int, datetime | None]:
    """The number and the time of the journal's last change; 0 and None where it has none. One query."""
    return Change.objects.using(alias).order_by("-seq").values_list("seq", "at").first() or (0, None)


def first_moment(alias: str) -> datetime | None:
    """The time of the journal's first change: none is earlier. One query."""
    return Change.objects.using(alias).order_by("seq").values_list("at", flat=True).first()


def time_of(alias: str, seq: int) -> datetime | None:
    """When a change was, None if there is none of this number. One query."""
    return Change.objects.using(alias).filter(seq=seq).values_list("at", flat=True).first()


def last_before(alias: str, when: datetime) -> int:
    """The number of the last change before a time, 0 if there is none. One query, of an index on times."""
    earlier = Change.objects.using(alias).filter(at__lt=when).order_by("-at", "-seq")
    return earlier.values_list("seq", flat=True).first() or 0


def few_with(index: Index, wanted: Wanted, at: int) -> list[int] | None:
    """The papers, if they are few, that stood at a change with such a topic, and perhaps with one much like it.

    None if they are many, or if the index has not come so far.
    """
    found: set[int] = set()
    if index.position < at:
        return None
    for topic in dict.fromkeys((*wanted.topics, *(beginning.rstrip(".") for beginning in wanted.beginnings))):
        try:
            query = Query.of_topic(topic)
        except QueryError:  # nothing but signs
            return None
        found.update(index.search(query, None, FEW + 1, at, near=1, is_counted=False).papers.tolist())
        if len(found) > FEW:
            return None
    return sorted(found)


def places(
    alias: str, span: Span, wanted: Wanted | None, limit: int, among: Sequence[int] | None = None
) -> list[tuple[int, int]]:
    """The first papers of a list whose places are in a span, as (place, paper), in order. Three queries.

    Those that stand as they did at the bound are asked for first, and those that changed since after them: a paper that
    is closed in between is met twice, which is noticed, and never missed. The cost is that of the page and of what was
    written since the bound. With topics it is that of the papers `among` which all with such a topic are, as
    `few_with` tells them; else that of the papers that are passed over, which are few where many have the topic.
    """
    found: dict[int, int] = {}
    standing = _standing(alias, span, wanted)
    if among is not None:
        standing = standing.filter(paper__in=among)
    for rows in (standing, _closed_since(alias, span, wanted), _gone(alias, span, wanted)):
        found.update(rows[:limit])
    return sorted(found.items())[:limit]


def size(alias: str, span: Span, wanted: Wanted | None, among: Sequence[int] | None = None) -> int | None:
    """How many places of a list are in a span; None for topics that many papers have, which would all be read.

    One query, of which the database sees one moment: no place is counted twice. It reads indexes, and no papers.
    """
    if wanted and not wanted.source and among is None:
        return None
    standing = _standing(alias, span, wanted)
    if among is not None:
        standing = standing.filter(paper__in=among)
    closed, gone = _closed_since(alias, span, wanted), _gone(alias, span, wanted)
    # What stood at the bound stands, was closed since, or was gone already: never two of these.
    found = standing.order_by().values_list("born")
    return found.union(closed.order_by().values_list("born"), gone.order_by().values_list("seq"), all=True).count()


def _standing(alias: str, span: Span, wanted: Wanted | None) -> "QuerySet[Version, tuple[int, int]]":
    """Papers whose open version was born in the span."""
    versions = Version.objects.using(alias).filter(died__isnull=True, born__gt=span.after, born__lte=span.until)
    if wanted and wanted.source:
        versions = versions.filter(source=wanted.source)
    elif wanted:
        versions = versions.filter(_HasTopic("topics", wanted))
    return versions.order_by("born").values_list("born", "paper_id")


def _closed_since(alias: str, span: Span, wanted: Wanted | None) -> "QuerySet[Version, tuple[int, int]]":
    """Papers whose version that was open at the bound was born in the span and has been closed since."""
    changed = Change.objects.using(alias).filter(seq__gt=span.bound).exclude(kind__in=Change.SILENT)
    versions = Version.objects.using(alias).filter(
        paper__in=changed.values("paper"), died__gt=span.bound, born__gt=span.after, born__lte=span.until
    )
    if wanted:
        fits = Q(source=wanted.source) if wanted.source else Q(_HasTopic("topics", wanted))
        versions = versions.filter(fits | Q(paper__erased_at__isnull=False))
    return versions.order_by("born").values_list("born", "paper_id")


def _gone(alias: str, span: Span, wanted: Wanted | None) -> "QuerySet[Change, tuple[int, int]]":
    """Papers that were taken out in the span and had not come back at the bound."""
    changes = Change.objects.using(alias)
    later = changes.filter(paper=OuterRef("paper"), seq__gt=OuterRef("seq"), seq__lte=span.bound)
    removals = changes.filter(_IS_REMOVAL, seq__gt=span.after, seq__lte=span.until)
    removals = removals.filter(~Exists(later.exclude(kind__in=Change.SILENT)))
    if wanted:
        fits = Q(version__source=wanted.source) if wanted.source else Q(_HasTopic("version__topics", wanted))
        removals = removals.filter(fits | Q(paper__erased_at__isnull=False))
    return removals.order_by("seq").values_list("seq", "paper_id")


class _HasTopic(Func):
    """Whether one of the topics in a column is wanted."""

    def __init__(self, column: str, wanted: Wanted) -> None:
        super().__init__(F(column), output_field=BooleanField())
        self.wanted = wanted

    def as_sql(self, compiler: Any, connection: Any, *_args: Any, **_more: Any) -> tuple[str, Any]:
        column, values = compiler.compile(self.source_expressions[0])
        tests = ["topic.value = %s"] * len(self.wanted.topics)
        tests += ["substr(topic.value, 1, %s) = %s"] * len(self.wanted.beginnings)
        values = [*values, *self.wanted.topics]
        for beginning in self.wanted.beginnings:
            values += [len(beginning), beginning]
        topics = _TOPICS[connection.vendor].format(column)
        return f"EXISTS (SELECT 1 FROM {topics} WHERE {' OR '.join(tests)})", values  # noqa: S608 (names of columns)


def states(alias: str, papers: Iterable[int], *, is_brief: bool = False, has_history: bool = False) -> dict[int, State]:
    """How papers stand now, by paper number. Five queries at most, and one for their histories.

    A brief state has no abstract, authors, comment or links. A history is one row for each text, oldest first, with
    its numbers and days alone.
    """
    asked = list(papers)
    versions = Version.objects.using(alias).select_related("paper").filter(paper__in=asked)
    if is_brief:
        versions = versions.defer("abstract", "authors", "comment", "links")
    standing = list(versions.filter(died__isnull=True))
    times = stored_at(alias, standing)
    found = {row.paper_id: State(row.paper, row, times[row.pk], is_gone=False) for row in standing}
    found |= _gone_states(alias, [paper for paper in asked if paper not in found])
    if not has_history:
        return found
    histories = _histories(alias, asked)
    return {
        number: State(state.paper, state.version, state.at, state.is_gone, histories[number])
        for number, state in found.items()
    }


def _gone_states(alias: str, papers: list[int]) -> dict[int, State]:
    """How papers stand that have no open version."""
    removals = Change.objects.using(alias).filter(paper__in=papers, kind__in=Change.REMOVALS).order_by("seq")
    times = dict(removals.values_list("paper_id", "at"))
    versions = Version.objects.using(alias).select_related("paper").filter(paper__in=papers).order_by("born")
    latest = {row.paper_id: row for row in versions.defer("abstract", "authors", "comment", "links")}
    return {number: State(row.paper, row, times[number], is_gone=True) for number, row in latest.items()}


def _histories(alias: str, papers: list[int]) -> dict[int, list[Version]]:
    versions = Version.objects.using(alias).filter(paper__in=papers).order_by("born")
    histories: defaultdict[int, list[Version]] = defaultdict(list)
    for version in versions.only("paper", "number", "source", "source_number", "published", "updated"):
        histories[version.paper_id].append(version)
    return histories


def find_state(alias: str, *, has_history: bool = False, **name: object) -> State | None:
    """How the paper of a key, or of a number (`pk`), stands now; None if there is none."""
    number = Paper.objects.using(alias).filter(**name).values_list("pk", flat=True).first()
    return states(alias, [number], has_history=has_history)[number] if number else None


def sources(alias: str) -> list[str]:
    """The names of the sources that standing papers come from, in order. One query, a look at an index for each."""
    with connections[alias].cursor() as cursor:
        cursor.execute(_SOURCES)
        return [name for (name,) in cursor.fetchall()]
