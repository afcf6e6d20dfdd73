"""How the library is: counts, sources, how far its followers are behind, what went wrong lately."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from django.db import connections
from django.db.models import Subquery
from django.db.models.functions import Coalesce

from broadsheet.library import generations, journal
from broadsheet.library.embedding import count_pending, waiting_since
from broadsheet.library.models import Change, Embedding, Generation, HarvestFault, HarvestRun, Version
from broadsheet.library.reading import standing_papers

DAYS = 14
LATELY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class RunRow:
    """The last run of a source. `per_day` counts the papers it added on each of the last 14 days, today last."""

    source: str
    request: str
    state: str
    last_at: datetime
    seen: int
    added: int
    revised: int
    unchanged: int
    refused: int
    error: str
    per_day: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Making:
    """The vectors of another model, made aside since `began_at`: `done` of `total` papers have theirs since `seen_at`.

    `lately` counts those of the last ten minutes.
    """

    model: str
    done: int
    total: int
    began_at: datetime
    seen_at: datetime
    lately: int


@dataclass(frozen=True, slots=True)
class Status:
    """The library at a glance: `behind` counts changes not followed yet, `pending` versions without vector.

    The one that waits longest came at `pending_since`; `embedded_lately` got theirs in the last ten minutes. `model` is
    that of this process; the library is searched by `searched_by` since the change `searched_since`.
    """

    papers: int
    versions: int
    head: int
    position: int
    behind: int
    pending: int
    pending_since: datetime | None
    embedded_lately: int
    model: str | None
    searched_by: str | None
    searched_since: int
    making: Making | None
    database: str
    bytes: int | None
    runs: list[RunRow]
    faults: list[tuple[str, str, str]]


def status(alias: str, position: int, model: str | None, now: datetime) -> Status:
    """Take the library's state, a fixed number of queries."""
    head = journal.head(alias)
    faults = HarvestFault.objects.using(alias).select_related("run").order_by("-pk")[:20]
    searched, made = generations.both(alias)
    return Status(
        papers=standing_papers(alias).count(),
        versions=Version.objects.using(alias).count(),
        head=head,
        position=position,
        behind=max(0, head - position),
        pending=count_pending(alias),
        pending_since=waiting_since(alias),
        embedded_lately=_made_since(alias, now - LATELY, searched.model) if searched else 0,
        model=model,
        searched_by=searched.model if searched else None,
        searched_since=(searched.since or 0) if searched else 0,
        making=_making(alias, made, now) if made else None,
        database=connections[alias].vendor,
        bytes=_size(alias),
        runs=_runs(alias, now),
        faults=[(fault.run.source, fault.place, fault.reason) for fault in faults],
    )


def _making(alias: str, row: Generation, now: datetime) -> Making:
    return Making(
        row.model, row.done, row.total, row.began_at, row.seen_at, _made_since(alias, now - LATELY, row.model)
    )


def _made_since(alias: str, when: datetime, model: str) -> int:
    """How many vectors of a model were made after a time. One query."""
    before = Change.objects.using(alias).filter(at__lte=when).order_by("-seq").values("seq")[:1]
    return Embedding.objects.using(alias).filter(born__gt=Coalesce(Subquery(before), 0), model=model).count()


def _runs(alias: str, now: datetime) -> list[RunRow]:
    """The latest run of each source that ran, the latest first."""
    runs = list(HarvestRun.objects.using(alias).order_by("-started_at", "-pk")[:1_000])
    per_day = _added_per_day(runs)
    latest: dict[str, HarvestRun] = {}
    for run in runs:
        latest.setdefault(run.source, run)
    days = [(now - timedelta(days=back)).date() for back in reversed(range(DAYS))]
    return [
        RunRow(
            source=run.source,
            request=run.request,
            state=run.state,
            last_at=run.last_at,
            seen=run.seen,
            added=run.added,
            revised=run.revised,
            unchanged=run.unchanged,
            refused=run.refused,
            error=run.error,
            per_day=[per_day[run.source, day] for day in days],
        )
        for run in latest.values()
    ]


def _added_per_day(runs: Iterable[HarvestRun]) -> Counter[tuple[str, date]]:
    """How many papers each source added on each day, by the day its runs last stored any."""
    counts: Counter[tuple[str, date]] = Counter()
    for run in runs:
        counts[run.source, run.last_at.date()] += run.added
    return counts


def _size(alias: str) -> int | None:
    connection = connections[alias]
    if connection.vendor == "sqlite":
        path = Path(connection.settings_dict["NAME"])
        return sum(file.stat().st_size for file in (path, Path(f"{path}-wal")) if file.exists())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        row = cursor.fetchone()
    return int(row[0]) if row else None
