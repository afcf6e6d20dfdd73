"""Checking: do the journal, the tables and the index tell the same story?"""

import re
from dataclasses import dataclass, field

from django.db.models import Count, Exists, F, Max, OuterRef, Q

from broadsheet.library.follower import IndexFollower
from broadsheet.library.generations import model_of
from broadsheet.library.models import Change, Embedding, Paper, Version
from broadsheet.search import Index, NativeIndex, Query, parse

PROBES = 50
_SHOWN = 10


@dataclass(slots=True)
class Report:
    """What a check saw: how much it compared, and each problem as a sentence. No problem means all is well."""

    papers: int = 0
    versions: int = 0
    changes: int = 0
    queries: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def is_well(self) -> bool:
        """Whether everything agreed."""
        return not self.problems


def check(alias: str, live: IndexFollower, fresh: NativeIndex) -> Report:
    """Compare tables with journal, journal with the live index, and the live index with one rebuilt from zero.

    `fresh` is an empty index; it is filled here. The comparison runs at the journal's head of this moment.
    """
    report = Report()
    live.catch_up()
    _check_journal(alias, report)
    _check_versions(alias, report)
    _check_index(alias, live, fresh, report)
    return report


def _check_journal(alias: str, report: Report) -> None:
    changes = Change.objects.using(alias)
    totals = changes.aggregate(count=Count("seq"), head=Max("seq"))
    report.changes = totals["count"]
    if totals["count"] != (totals["head"] or 0):
        report.problems.append(f"the journal has gaps: {totals['count']:,} changes up to #{totals['head']:,}")
    latest = None
    for seq, at in changes.order_by("seq").values_list("seq", "at").iterator(chunk_size=10_000):
        if latest and at < latest:
            report.problems.append(f"change #{seq:,} is dated before the one it follows")
            break
        latest = at


def _check_versions(alias: str, report: Report) -> None:
    versions = Version.objects.using(alias)
    report.versions = versions.count()
    report.papers = versions.filter(died__isnull=True).count()
    journalled = dict(
        Change.objects.using(alias)
        .filter(kind__in=Change.BIRTHS)
        .values_list("seq", "version_id")
        .iterator(chunk_size=10_000)
    )
    unborn = [
        pk for pk, born in versions.values_list("pk", "born").iterator(chunk_size=10_000) if journalled.get(born) != pk
    ]
    _note(report, [f"version {pk} has no journal row that gave birth to it" for pk in unborn])
    model = model_of(alias)
    embedded = Exists(Embedding.objects.using(alias).filter(version=OuterRef("pk"), model=model))
    mismarked = versions.exclude(is_embedded=embedded).values_list("pk", flat=True)[:_SHOWN]
    _note(report, [f"version {pk} is marked as embedded and is not, or the other way round" for pk in mismarked])
    upside_down = versions.filter(died__lte=F("born")).values_list("pk", flat=True)[:_SHOWN]
    _note(report, [f"version {pk} died before it was born" for pk in upside_down])
    open_versions = Count("versions", filter=Q(versions__died__isnull=True))
    papers = Paper.objects.using(alias).annotate(open=open_versions)
    gone = Q(withdrawn_at__isnull=False) | Q(erased_at__isnull=False)
    for paper in papers.filter(gone, open__gt=0)[:_SHOWN]:
        report.problems.append(f"{paper.key} is withdrawn or erased, yet has an open version")
    for paper in papers.filter(~gone).exclude(open=1)[:_SHOWN]:
        report.problems.append(f"{paper.key} should have one open version and has {paper.open}")


def _check_index(alias: str, live: IndexFollower, fresh: NativeIndex, report: Report) -> None:
    at = live.index.position
    rebuilt = IndexFollower(alias, fresh, live.model)
    rebuilt.catch_up(until=at)
    stored = sorted(
        Version.objects.using(alias)
        .filter(Q(died__isnull=True) | Q(died__gt=at), born__lte=at)
        .values_list("paper_id", flat=True)
    )
    for name, index in (("live", live.index), ("rebuilt", fresh)):
        indexed = list(index.papers(at))
        if indexed != stored:
            different = sorted(set(indexed) ^ set(stored))[:_SHOWN]
            report.problems.append(f"the {name} index and the tables differ in papers {different} at #{at:,}")
    _compare_answers(alias, live.index, fresh, at, report)


def _compare_answers(alias: str, live: Index, fresh: Index, at: int, report: Report) -> None:
    """Ask both indexes the words of some titles, spread over the library, and compare ids and scores."""
    titles = Version.objects.using(alias).filter(born__lte=at).order_by("pk").values_list("pk", "title")
    step = max(1, titles.count() // PROBES)
    for pk, title in titles[::step][:PROBES]:
        words = " ".join(re.findall(r"[^\W_]{3,}", title)[:8])
        if not words:
            continue
        report.queries += 1
        query = parse(words)
        if _scores(live, query, at) != _scores(fresh, query, at):
            report.problems.append(f"the live index and a rebuilt one answer the title of version {pk} differently")


def _scores(index: Index, query: Query, at: int) -> dict[int, float]:
    return {match.paper: match.words for match in index.search(query, None, depth=50, at=at).matches}


def _note(report: Report, problems: list[str]) -> None:
    report.problems += problems[:_SHOWN]
    if len(problems) > _SHOWN:
        report.problems.append(f"… and {len(problems) - _SHOWN:,} more of this kind")
