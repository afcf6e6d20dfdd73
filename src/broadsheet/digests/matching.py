"""Matching: the alerts follow the journal, and every new paper is compared with all of them at once.

How far they have read is a row, `Position`, that moves in the transaction that writes the matches. So a follower killed
anywhere repeats nothing and misses nothing, after a day without a worker it goes on where it was, and of two at once
one wins. Comparing is done before that transaction, which is short: nobody who writes waits for it.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from threading import Lock
from typing import NamedTuple

from django.conf import settings
from django.db import connections, transaction
from django.db.models import QuerySet

from broadsheet.digests.models import Alert, AlertMatch, Position
from broadsheet.library import Library, journal, reading, unions
from broadsheet.library.follower import put_of
from broadsheet.library.models import Change, Paper
from broadsheet.search import Put, Query, QueryError
from broadsheet.search.standing import StandingQueries

log = logging.getLogger(__name__)

NAME = "alerts"
AT_ONCE = 200
"""How many new texts are matched and written together."""
NEW_FOR = timedelta(days=30)
"""How long before its arrival the day of a paper may be: what comes from an archive is no news."""
KINDS = (Change.Kind.ADDED, Change.Kind.REVISED, Change.Kind.RESTORED)
"""The changes that bring a text."""
_AT_A_TIME = 2_000
State = AlertMatch.State
_BEGINS = {Alert.Means.FEED.value: State.TOLD.value}
_INSERT = """
INSERT INTO digests_alertmatch (alert_id, paper_id, seq, state, at, next_at, attempts, message, error)
VALUES {rows} ON CONFLICT DO NOTHING
"""
_ROW = "(%s, %s, %s, %s, %s, %s, 0, '', '')"


class Watch(NamedTuple):
    """What is known of one alert."""

    query: str
    since: int
    means: str


class Watched:
    """The alerts of this process: each query is read once, and again only if it is another."""

    def __init__(self) -> None:
        self.turn = Lock()
        self.standing = StandingQueries()
        self.alerts: dict[int, Watch] = {}

    def load(self, alias: str) -> None:
        """Take up what was added, stopped or deleted. One query."""
        before = self.alerts
        rows = _active(alias).values_list("pk", "query", "since", "means")
        self.alerts = {number: Watch(query, since, means) for number, query, since, means in rows}
        for number in before.keys() - self.alerts.keys():
            self.standing.remove(number)
        for number, row in self.alerts.items():
            if number not in before or before[number].query != row.query:
                self._read(number, row.query)

    def _read(self, number: int, text: str) -> None:
        try:
            self.standing.add(number, Query.parse(text))
        except QueryError as error:  # it could be read when it was made: the query language has changed since
            self.standing.remove(number)
            log.warning("the query of alert %d cannot be read any more: %s", number, error)


class Match(NamedTuple):
    """A paper that matches an alert, as of a change; `state` is where its telling begins."""

    alert: int
    paper: int
    seq: int
    state: str


@dataclass(frozen=True, slots=True)
class _Batch:
    """What was found in the journal after `begins`, up to `ends`."""

    begins: int
    ends: int
    matches: list[Match]


@cache
def watched() -> Watched:
    """The alerts of this process."""
    return Watched()


def follow(library: Library, now: datetime, alerts: Watched | None = None) -> int:
    """Match what the journal brought since the last time, up to its head, and return how many matches are new."""
    alerts = alerts or watched()
    alias, found = library.alias, 0
    with alerts.turn:
        Position.objects.using(alias).get_or_create(name=NAME)
        while (batch := _compare(alias, alerts)) is not None:
            found += _write(alias, batch, now, alerts)
    return found


def hold(alias: str) -> int:
    """Hold every follower back until this transaction ends, and return the journal's head.

    An alert that is made to begin there hears of everything that comes later, and of nothing else.
    """
    Position.objects.using(alias).get_or_create(name=NAME)
    Position.objects.using(alias).select_for_update().get(name=NAME)
    return journal.head(alias)


def _compare(alias: str, alerts: Watched) -> _Batch | None:
    """Compare the next texts with every alert; None at the head. Nothing is locked."""
    begins = Position.objects.using(alias).values_list("seq", flat=True).get(name=NAME)
    head = journal.head(alias)  # read before the alerts: see _write
    if head <= begins:
        return None
    alerts.load(alias)
    since = min((watch.since for watch in alerts.alerts.values()), default=head)
    changes = _changes(alias, max(begins, since), head)
    ends = changes[-1].seq if len(changes) == AT_ONCE else head
    return _Batch(begins, ends, _matches(alias, changes, alerts))


def _write(alias: str, batch: _Batch, now: datetime, alerts: Watched) -> int:
    """Write the matches and move on, unless another follower did or an alert came meanwhile; return how many are new.

    Who makes an alert holds the position from before it reads the head. So an alert that was not compared and begins
    before the end of this batch is committed by now, and no other can come.
    """
    with transaction.atomic(using=alias):
        position = Position.objects.using(alias).select_for_update().get(name=NAME)
        if position.seq != batch.begins:
            return 0
        begun = _active(alias).filter(since__gte=batch.begins, since__lt=batch.ends).values_list("pk", flat=True)
        if not alerts.alerts.keys() >= set(begun):
            return 0
        new = _insert(alias, batch.matches, now)
        position.seq = batch.ends
        position.save(using=alias, update_fields=["seq"])
    return new


def _active(alias: str) -> "QuerySet[Alert]":
    return Alert.objects.using(alias).filter(stopped_at=None, reader__is_active=True)


def _changes(alias: str, after: int, head: int) -> list[Change]:
    rows = Change.objects.using(alias).filter(seq__gt=after, seq__lte=head, kind__in=KINDS)
    return list(rows.select_related("paper").order_by("seq")[:AT_ONCE])


def _matches(alias: str, changes: Iterable[Change], alerts: Watched) -> list[Match]:
    """What matches of the papers that these changes are about, each as it stands now."""
    latest = {change.paper.pk: change.seq for change in changes if change.paper and _is_news(change, change.paper)}
    puts = _puts(alias, latest)
    return [
        Match(number, put.paper, put.seq, _BEGINS.get(alerts.alerts[number].means, State.QUEUED.value))
        for put, numbers in zip(puts, alerts.standing.match(puts), strict=True)
        for number in sorted(numbers)
        if alerts.alerts[number].since < put.seq
    ]


def _is_news(change: Change, paper: Paper) -> bool:
    arrived = settings.FEED_DAY.of(change.at)
    return bool(arrived - paper.day <= NEW_FOR)


def _puts(alias: str, papers: dict[int, int]) -> list[Put]:
    """The open versions of those of these papers that are neither withdrawn nor erased, with their changes' numbers."""
    rows = reading.open_versions(alias).filter(paper__in=list(papers))
    rows = rows.filter(paper__withdrawn_at=None, paper__erased_at=None).order_by("paper")
    return [put_of(version, papers[version.paper_id]) for version in rows]


def _insert(alias: str, matches: list[Match], now: datetime) -> int:
    """Write what is new of the matches, of alerts that are still wanted, and return how many that are.

    A paper is not new to an alert that one of its parts matched before they became one.
    They go in by the thousand: a common word matches for thousands of alerts, and others wait to write.
    """
    if not matches:
        return 0
    papers = {match.paper for match in matches}
    parts = {part.paper: part.kept for part in unions.parts(alias, papers)}
    before = AlertMatch.objects.using(alias).filter(paper__in=papers | parts.keys()).values_list("alert", "paper")
    known = {(alert, parts.get(paper, paper)) for alert, paper in before}
    wanted = _keep(alias, sorted({match.alert for match in matches}))
    new = [match for match in matches if match.alert in wanted and (match.alert, match.paper) not in known]
    at = connections[alias].ops.adapt_datetimefield_value(now)
    with connections[alias].cursor() as cursor:
        for start in range(0, len(new), _AT_A_TIME):
            rows = new[start : start + _AT_A_TIME]
            statement = _INSERT.format(rows=", ".join([_ROW] * len(rows)))
            cursor.execute(statement, [value for match in rows for value in (*match, at, at)])
    return len(new)


def _keep(alias: str, numbers: list[int]) -> set[int]:
    """Those of some alerts that nobody stopped or deleted; until the transaction ends nobody can."""
    found: set[int] = set()
    for start in range(0, len(numbers), _AT_A_TIME):
        rows = Alert.objects.using(alias).filter(pk__in=numbers[start : start + _AT_A_TIME], stopped_at=None)
        found.update(rows.order_by("pk").select_for_update().values_list("pk", flat=True))
    return found
