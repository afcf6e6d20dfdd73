"""Reading the library: papers by name, in lists, by history. Each function costs a fixed number of queries."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connections
from django.db.models import Q, QuerySet

from broadsheet.library.errors import NotFound
from broadsheet.library.matching import by_preference
from broadsheet.library.models import Change, Merge, Name, Paper, Version
from broadsheet.library.rows import versions_at as versions_at
from broadsheet.papers import Identifier, IdentifierError
from broadsheet.sources.export import Exported


@dataclass(frozen=True, slots=True)
class DayPage:
    """A piece of one day's list: `number` counts the days with papers up to this one, `earlier` and `later` lead on."""

    day: date | None
    versions: list[Version]
    total: int
    earlier: date | None
    later: date | None
    number: int


@dataclass(frozen=True, slots=True)
class SpanPage:
    """A piece of the list of several days; `earlier` and `later` are the nearest days with papers outside of them."""

    versions: list[Version]
    total: int
    earlier: date | None
    later: date | None


BY_VOTES = ("-votes", "-is_featured", "id")
"""The order of every dated list: by votes, then by place (what an editor featured, then order of arrival)."""

_DAYS_UNTIL = """
WITH RECURSIVE days (day) AS (
    SELECT MIN(day) FROM library_paper WHERE withdrawn_at IS NULL AND erased_at IS NULL AND day <= %s
    UNION ALL
    SELECT (SELECT MIN(day) FROM library_paper
            WHERE withdrawn_at IS NULL AND erased_at IS NULL AND day > days.day AND day <= %s)
    FROM days WHERE day IS NOT NULL
)
SELECT COUNT(day) FROM days
"""


def standing_papers(alias: str) -> "QuerySet[Paper]":
    """The papers that are neither withdrawn nor erased."""
    return Paper.objects.using(alias).filter(withdrawn_at__isnull=True, erased_at__isnull=True)


def exported(version: Version) -> Exported:
    """A version on its way out of the library."""
    return Exported(version.text, version.names, version.source, version.source_number)


def open_versions(alias: str) -> "QuerySet[Version]":
    """What stands in the library now, a version a paper, the paper with it."""
    return Version.objects.using(alias).filter(died__isnull=True).select_related("paper")


def titles_at(alias: str, seq: int) -> Iterator[tuple[int, str]]:
    """The papers that stood at a sequence number, each with its title of then. One query, in bounded memory."""
    stood = Version.objects.using(alias).filter(Q(died__isnull=True) | Q(died__gt=seq), born__lte=seq)
    return stood.order_by("paper").values_list("paper_id", "title").iterator(chunk_size=10_000)


def day_page(alias: str, day: date | None, today: date, limit: int, offset: int, until: date) -> DayPage:
    """One day's papers by votes, then place; no day means the latest that has any, up to today. Six queries.

    `later` goes no further than `until`. The index holds a day's list in its order: the cost is that of the page, one
    step for each day with papers before it, and the counting of the day's own papers.
    """
    days = standing_papers(alias)
    if day is None:
        day = _latest(days.filter(day__lte=today))
    if day is None:
        return DayPage(None, [], 0, None, None, 0)
    papers = days.filter(day=day)
    return DayPage(
        day=day,
        versions=_page(alias, papers, BY_VOTES, limit, offset),
        total=papers.count(),
        earlier=_latest(days.filter(day__lt=day)),
        later=_earliest(days.filter(day__gt=day, day__lte=until)),
        number=_count_days(alias, day),
    )


def span_page(alias: str, first: date, last: date, until: date, limit: int, offset: int) -> SpanPage:
    """The papers of the days from `first` to `last` by votes, then place, none of them after `until`. Four queries.

    The cost grows with the papers of the span, since the most voted of them may stand on any of its days: their index
    rows are read and sorted (25,000 of a month in some 10 ms), their texts only for the page.
    """
    days = standing_papers(alias)
    papers = days.filter(day__gte=first, day__lte=min(last, until))
    return SpanPage(
        versions=_page(alias, papers, BY_VOTES, limit, offset),
        total=papers.count(),
        earlier=_latest(days.filter(day__lt=first)),
        later=_earliest(days.filter(day__gt=last, day__lte=until)),
    )


def trending(alias: str, until: date, limit: int, offset: int) -> list[Version]:
    """The papers of the days up to `until` by their stored trending number, best first. One query.

    They are read in the order of the index: the cost is that of the page and of what stands before it.
    """
    return _page(alias, standing_papers(alias).filter(day__lte=until), ("-trending", "id"), limit, offset)


def newest(alias: str, until: date, limit: int, offset: int) -> list[Version]:
    """The newest papers of the days up to `until`, the latest day first, of a day what came last. One query.

    The cost is that of the days on the page and of what stands before it.
    """
    return _page(alias, standing_papers(alias).filter(day__lte=until), ("-day", "-id"), limit, offset)


def _page(alias: str, papers: "QuerySet[Paper]", order: tuple[str, ...], limit: int, offset: int) -> list[Version]:
    """A piece of an ordered list as versions. The inner query reads an index alone, the outer one the page's texts."""
    numbers = papers.order_by(*order).values("pk")[offset : offset + limit]
    by_paper = [f"-paper__{name[1:]}" if name.startswith("-") else f"paper__{name}" for name in order]
    return list(open_versions(alias).filter(paper__in=numbers).order_by(*by_paper))


def _latest(papers: "QuerySet[Paper]") -> date | None:
    return papers.order_by("-day").values_list("day", flat=True).first()


def _earliest(papers: "QuerySet[Paper]") -> date | None:
    return papers.order_by("day").values_list("day", flat=True).first()


def _count_days(alias: str, until: date) -> int:
    """How many days up to `until` have papers: a look at the index for each of them, not for each paper."""
    with connections[alias].cursor() as cursor:
        cursor.execute(_DAYS_UNTIL, [until, until])
        return int(cursor.fetchone()[0])


def stored_at(alias: str, versions: Iterable[Version]) -> dict[int, datetime]:
    """When each of these versions was stored, by its primary key. One query."""
    ids = {version.born: version.pk for version in versions}
    times = Change.objects.using(alias).filter(seq__in=ids).values_list("seq", "at")
    return {ids[seq]: at for seq, at in times}


def find_paper(alias: str, text: str) -> Paper:
    """The paper with this key or any of its identifiers, in any written form. Raises NotFound.

    The address of a paper that was made one with another leads to that.
    """
    paper = find_own_paper(alias, text)
    while paper.withdrawn_at and (moved := Merge.objects.using(alias).filter(absorbed=paper).first()):
        paper = Paper.objects.using(alias).get(pk=moved.kept_id)
    return paper


def find_own_paper(alias: str, text: str) -> Paper:
    """As `find_paper`, but at its own address a paper that was made one with another is itself."""
    if "\0" in text:  # which PostgreSQL refuses to compare with
        raise NotFound("no paper here has a NUL character in its key")
    paper = Paper.objects.using(alias).filter(key=text).first()
    if paper is None:
        try:
            identifier = Identifier.parse(text)
        except IdentifierError as error:
            raise NotFound(f"no paper here has the key {text[:80]!r}") from error
        name = (
            Name.objects.using(alias)
            .filter(scheme=identifier.scheme, value=identifier.value)
            .select_related("paper")
            .first()
        )
        if name is None:
            raise NotFound(f"{identifier} is not in this library")
        paper = name.paper
    return paper


def find_version(alias: str, text: str) -> Version:
    """The open version of the paper with this key or identifier. Raises NotFound, also for withdrawn and erased."""
    paper = find_paper(alias, text)
    version = open_versions(alias).filter(paper=paper).first()
    if version is None:
        raise NotFound(f"{paper.key} was {'erased' if paper.erased_at else 'withdrawn'}")
    return version


def history(alias: str, paper: Paper) -> list[Version]:
    """Every version of a paper, oldest first."""
    return list(Version.objects.using(alias).filter(paper=paper).order_by("born"))


def names(alias: str, paper: Paper) -> list[Identifier]:
    """Every identifier of a paper, the best first."""
    return by_preference(name.identifier for name in Name.objects.using(alias).filter(paper=paper))
