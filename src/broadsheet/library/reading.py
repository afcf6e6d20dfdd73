"""Reading the library: papers by name, by day, by history. Each function costs a fixed number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet

from broadsheet.library.errors import NotFound
from broadsheet.library.matching import by_preference
from broadsheet.library.models import Change, Name, Paper, Version
from broadsheet.papers import Identifier, IdentifierError


@dataclass(frozen=True, slots=True)
class DayPage:
    """A piece of one day's list: `number` counts the days with papers up to this one, `earlier` and `later` lead on."""

    day: date | None
    versions: list[Version]
    total: int
    earlier: date | None
    later: date | None
    number: int


def standing_papers(alias: str) -> "QuerySet[Paper]":
    """The papers that are neither withdrawn nor erased."""
    return Paper.objects.using(alias).filter(withdrawn_at__isnull=True, erased_at__isnull=True)


def open_versions(alias: str) -> "QuerySet[Version]":
    """What stands in the library now, a version a paper, the paper with it."""
    return Version.objects.using(alias).filter(died__isnull=True).select_related("paper")


def by_votes(versions: "QuerySet[Version]") -> "QuerySet[Version]":
    """The order of every dated list: by votes, then by place (what an editor featured, then order of arrival)."""
    return versions.order_by("-paper__votes", "-paper__is_featured", "paper_id")


def versions_at(alias: str, papers: Iterable[int], at: int) -> dict[int, Version]:
    """The versions of these papers that were open at a sequence number, by paper number. One query."""
    rows = (
        Version.objects.using(alias)
        .filter(Q(died__isnull=True) | Q(died__gt=at), paper__in=list(papers), born__lte=at)
        .select_related("paper")
    )
    return {row.paper_id: row for row in rows}


def day_page(alias: str, day: date | None, today: date, limit: int, offset: int) -> DayPage:
    """One day's papers by votes, then place; no day means the latest that has any, up to today. Six queries."""
    days = standing_papers(alias)
    if day is None:
        day = days.filter(day__lte=today).order_by("-day").values_list("day", flat=True).first()
    if day is None:
        return DayPage(None, [], 0, None, None, 0)
    versions = by_votes(open_versions(alias).filter(paper__day=day))
    return DayPage(
        day=day,
        versions=list(versions[offset : offset + limit]),
        total=days.filter(day=day).count(),
        earlier=days.filter(day__lt=day).order_by("-day").values_list("day", flat=True).first(),
        later=days.filter(day__gt=day).order_by("day").values_list("day", flat=True).first(),
        number=days.filter(day__lte=day).values("day").distinct().count(),
    )


def newest(alias: str, limit: int) -> list[Version]:
    """The newest papers, the latest day first. Two queries."""
    ids = list(standing_papers(alias).order_by("-day", "-pk").values_list("pk", flat=True)[:limit])
    by_paper = {version.paper_id: version for version in open_versions(alias).filter(paper__in=ids)}
    return [by_paper[pk] for pk in ids if pk in by_paper]


def stored_at(alias: str, versions: Iterable[Version]) -> dict[int, datetime]:
    """When each of these versions was stored, by its primary key. One query."""
    ids = {version.born: version.pk for version in versions}
    times = Change.objects.using(alias).filter(seq__in=ids).values_list("seq", "at")
    return {ids[seq]: at for seq, at in times}


def find_paper(alias: str, text: str) -> Paper:
    """The paper with this key or any of its identifiers, in any written form. Raises NotFound."""
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
