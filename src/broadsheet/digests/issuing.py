"""Issuing: whose issue is due is queued a mail with its papers, in one transaction for each batch.

The mail's row and the next time its subscriber is due commit together, and so do the papers as sent: a crash anywhere
neither skips nor doubles anybody. Papers count as sent from the moment they are queued. Those of a mail that surely
did not go out (failed, expired, not wanted at that moment) may come again; those of a mail of which nobody knows count
as sent, since they may have been.
"""

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import QuerySet

from broadsheet.digests import alarms
from broadsheet.digests.letter import new_message_id
from broadsheet.digests.models import Delivery, Interest, Issue, SentPaper, Subscriber
from broadsheet.digests.picking import Picked, Wanted, pick
from broadsheet.digests.relevance import Relevance
from broadsheet.digests.schedule import next_time
from broadsheet.digests.suppressing import suppressed
from broadsheet.digests.tastes import Tastes
from broadsheet.digests.wanting import INTERESTS, is_paused, zone_of
from broadsheet.digests.window import DAYS, Window, take
from broadsheet.digests.wording import counted, long_day
from broadsheet.library import Library

log = logging.getLogger(__name__)

BATCH = 100
MISSED_AFTER = timedelta(hours=12)
"""How late an issue may be: what was due before comes with the next one."""
OVERLAP = timedelta(days=1)
"""How far a window reaches back before the last issue, for papers that came late to the list of a day."""
SILENCE = timedelta(days=7)
"""How often somebody is told that nothing comes at all."""
State = Delivery.State
NOT_SENT = (State.FAILED, State.EXPIRED, State.LEFT)


@dataclass(frozen=True, slots=True)
class Desk:
    """What all subscribers of one run share: the day's issue, the window and what interests find in it."""

    library: Library
    issue: Issue
    relevance: Relevance
    tastes: Tastes

    @property
    def window(self) -> Window:
        """The papers that may be sent."""
        return self.relevance.window


@dataclass(frozen=True, slots=True)
class Plan:
    """What was decided for a subscriber who was due at a time: the papers, and whether a mail goes out at all."""

    due_at: datetime
    papers: list[Picked]
    is_wanted: bool


def queue_due(library: Library, now: datetime) -> int:
    """Queue a mail for each subscriber whose issue is due, and return how many were queued.

    Any number of workers may do this at once: each subscriber gets one mail an issue.
    """
    if not _due(now).exists():
        return 0
    desk = open_desk(library, alarms.open_issue(library, now), now)
    queued = 0
    while batch := list(_due(now).order_by("next_at", "pk").prefetch_related(INTERESTS)[:BATCH]):
        plans = _plan(desk, batch, now)
        done, found = _queue(desk.issue, plans, now)
        queued += found
        if not done:  # another worker has them
            break
    return queued


def preview(library: Library, subscriber: Subscriber, now: datetime) -> Delivery:
    """The mail that a subscriber would get if it were due now; nothing is recorded."""
    day = settings.FEED_DAY.of(now)
    issue = Issue(day=day, opened_at=now, alarm=alarms.assess(library, now))
    desk = open_desk(library, issue, now)
    return _delivery(issue, subscriber, _choose(desk, [subscriber])[subscriber.pk], now, now)


def open_desk(library: Library, issue: Issue, now: datetime) -> Desk:
    """Read what all subscribers share, outside of any transaction."""
    window = take(library.alias, issue.day, now)
    tastes = Tastes(library.alias, window.model, window.today - timedelta(days=DAYS))
    return Desk(library, issue, Relevance(window, library), tastes)


def _due(now: datetime) -> "QuerySet[Subscriber]":
    return Subscriber.objects.filter(next_at__lte=now, confirmed_at__isnull=False, left_at__isnull=True)


def _plan(desk: Desk, subscribers: Sequence[Subscriber], now: datetime) -> dict[int, Plan]:
    """Decide for a batch, without writing anything."""
    unwanted = suppressed(subscriber.address for subscriber in subscribers)
    served = [
        subscriber
        for subscriber in subscribers
        if subscriber.address not in unwanted and not is_paused(subscriber, now) and not _is_missed(subscriber, now)
    ]
    chosen = _choose(desk, served)
    silent = [subscriber for subscriber in served if not chosen[subscriber.pk]]
    told = _tell_anyway(desk, silent, now)
    return {
        subscriber.pk: Plan(
            _due_at(subscriber),
            chosen.get(subscriber.pk, []),
            bool(chosen.get(subscriber.pk)) or subscriber.pk in told,
        )
        for subscriber in subscribers
    }


def _choose(desk: Desk, subscribers: Sequence[Subscriber]) -> dict[int, list[Picked]]:
    """The papers for each subscriber: a fixed number of queries for the batch."""
    keys = [subscriber.pk for subscriber in subscribers]
    history, tastes = _History(desk.window, keys), desk.tastes.read(subscribers)
    return {
        subscriber.pk: _pick(
            desk,
            subscriber,
            Wanted(
                [(interest.kind, interest.value) for interest in subscriber.interests.all()],
                subscriber.size,
                _since(subscriber, history.last.get(subscriber.pk), desk.issue.day),
                subscriber.reader_id,
                tastes[subscriber.pk],
                history.sent[subscriber.pk],
            ),
        )
        for subscriber in subscribers
    }


def _pick(desk: Desk, subscriber: Subscriber, wanted: Wanted) -> list[Picked]:
    """The papers for one subscriber; whom something goes wrong for keeps nobody else waiting."""
    try:
        return pick(desk.relevance, wanted)
    except DatabaseError:
        raise
    except Exception:
        log.exception("no papers could be chosen for subscriber %d", subscriber.pk)
        return []


def _since(subscriber: Subscriber, last: date | None, today: date) -> date:
    """From which day on papers are news to a subscriber: that of the last issue, or for a new one a rhythm ago."""
    longest = today - timedelta(days=DAYS)
    if last is None:
        assert subscriber.confirmed_at is not None
        is_new = settings.FEED_DAY.of(subscriber.confirmed_at) >= longest
        is_weekly = subscriber.rhythm == Subscriber.Rhythm.WEEKLY
        last = today - timedelta(days=1) if is_new and not is_weekly else longest
    return max(last - OVERLAP, longest)


class _History:
    """What a batch of subscribers was sent lately: four queries.

    Who was sent a paper that is part of another now was sent that, as it was when the two became one.
    """

    def __init__(self, window: Window, subscribers: Sequence[int]) -> None:
        first = window.today - timedelta(days=DAYS)
        self.last: dict[int, date] = {}
        self.sent: defaultdict[int, dict[int, int]] = defaultdict(dict)
        days = dict(Issue.objects.filter(day__gte=first).values_list("pk", "day"))
        rows = Delivery.objects.filter(issue__in=days, subscriber__in=subscribers)
        not_sent = set()
        for subscriber, issue, due_at, state in rows.values_list("subscriber", "issue", "due_at", "state"):
            if state in NOT_SENT:
                not_sent.add((subscriber, due_at))
            else:
                self.last[subscriber] = max(self.last.get(subscriber, days[issue]), days[issue])
        since = datetime.combine(first, time(), settings.FEED_DAY.zone)
        late = [each.paper for each in window.arrivals if each.version.paper.added_at < since]
        parts = {part.paper: part for part in window.parts}
        papers = SentPaper.objects.filter(subscriber__in=subscribers)
        for sent in (papers.filter(at__gte=since), papers.filter(paper__in=[*late, *parts])):
            for subscriber, paper, number, at in sent.values_list("subscriber", "paper", "number", "at"):
                if (subscriber, at) not in not_sent:
                    part = parts.get(paper)
                    known, text = (part.kept, part.number) if part else (paper, number)
                    self.sent[subscriber][known] = max(text, self.sent[subscriber].get(known, 0))


def _tell_anyway(desk: Desk, subscribers: Sequence[Subscriber], now: datetime) -> set[int]:
    """Those for whom nothing was found who get a mail nevertheless, which says what is wrong.

    Where the day has an alarm, all; where no paper came for a week, those who want what trends, once a week.
    """
    if desk.issue.alarm:
        return {subscriber.pk for subscriber in subscribers}
    if desk.window.listed:
        return set()
    keys = [subscriber.pk for subscriber in subscribers if _wants_trending(subscriber)]
    lately = Delivery.objects.filter(subscriber__in=keys, due_at__gt=now - SILENCE).exclude(state__in=NOT_SENT)
    return set(keys) - set(lately.values_list("subscriber", flat=True))


def _wants_trending(subscriber: Subscriber) -> bool:
    kinds = [interest.kind for interest in subscriber.interests.all()]
    return not kinds or Interest.Kind.TRENDING in kinds


@transaction.atomic
def _queue(issue: Issue, plans: dict[int, Plan], now: datetime) -> tuple[int, int]:
    """Write the deliveries of a batch and move its subscribers on; how many were moved, and how many queued.

    Who is not due any more was served by another worker meanwhile.
    """
    due = _due(now).filter(pk__in=plans).order_by("pk")
    if connection.features.has_select_for_update_skip_locked:
        due = due.select_for_update(skip_locked=True, of=("self",))
    rows = [subscriber for subscriber in due if subscriber.next_at == plans[subscriber.pk].due_at]
    served = set(Delivery.objects.filter(issue=issue, subscriber__in=rows).values_list("subscriber", flat=True))
    deliveries = [
        _delivery(issue, subscriber, plans[subscriber.pk].papers, plans[subscriber.pk].due_at, now)
        for subscriber in rows
        if plans[subscriber.pk].is_wanted and subscriber.pk not in served
    ]
    Delivery.objects.bulk_create(deliveries)
    SentPaper.objects.bulk_create(
        [
            SentPaper(
                subscriber_id=delivery.subscriber_id, paper_id=row["paper"], number=row["number"], at=delivery.due_at
            )
            for delivery in deliveries
            for row in delivery.papers
        ],
        update_conflicts=True,
        unique_fields=["subscriber", "paper"],
        update_fields=["number", "at"],
    )
    for subscriber in rows:
        subscriber.next_at = _next(subscriber, now)
    Subscriber.objects.bulk_update(rows, ["next_at"])
    return len(rows), len(deliveries)


def _delivery(issue: Issue, subscriber: Subscriber, papers: list[Picked], due_at: datetime, now: datetime) -> Delivery:
    """A queued mail. Its subject here names no paper, since a paper may be erased; the mail's own does."""
    return Delivery(
        issue=issue,
        subscriber=subscriber,
        message_id=new_message_id(),
        subject=f"{counted(len(papers), 'paper')} of {long_day(issue.day)}",
        papers=[asdict(picked) for picked in papers],
        due_at=due_at,
        next_at=now,
    )


def _is_missed(subscriber: Subscriber, now: datetime) -> bool:
    return now - _due_at(subscriber) > MISSED_AFTER


def _due_at(subscriber: Subscriber) -> datetime:
    assert subscriber.next_at is not None
    return subscriber.next_at


def _next(subscriber: Subscriber, now: datetime) -> datetime:
    zone = zone_of(subscriber).key
    return next_time(subscriber.rhythm, subscriber.weekday, subscriber.hour, zone, now)
