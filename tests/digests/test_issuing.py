"""Whose issue is due is queued one mail, with its papers; a crash or many workers neither skip nor double anybody."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from broadsheet.digests import issuing
from broadsheet.digests.issuing import queue_due
from broadsheet.digests.models import Delivery, Issue, SentPaper, Subscriber
from broadsheet.digests.suppressing import suppress

State = Delivery.State


@pytest.fixture
def queue(site_library, clock):
    """Queue what is due now."""
    return lambda: queue_due(site_library, clock())


@pytest.fixture
def titles(site_library):
    """The titles of a delivery's papers."""
    from broadsheet.library.models import Version

    def of(delivery: Delivery) -> list[str]:
        known = dict(Version.objects.filter(died=None).values_list("paper", "title"))
        return [known[row["paper"]] for row in delivery.papers]

    return of


def test_who_is_due_is_queued_one_mail_and_is_due_again_at_their_next_hour(listed, subscriber, queue, clock):
    listed("Paper")
    ann = subscriber("ann@example.org", hour=7, time_zone="Europe/Berlin")
    subscriber("later@example.org", next_at=clock() + timedelta(minutes=1))
    assert (queue(), queue()) == (1, 0)
    (delivery,) = Delivery.objects.select_related("issue")
    assert (delivery.subscriber_id, delivery.state) == (ann.pk, State.QUEUED)
    assert (delivery.due_at, delivery.next_at, delivery.issue.day) == (ann.next_at, clock(), clock().date())
    ann.refresh_from_db()
    assert ann.next_at == datetime(2026, 11, 22, 6, tzinfo=UTC)
    assert delivery.message_id.startswith("<")
    assert delivery.message_id.endswith("@localhost>")


def test_a_mail_s_row_names_no_paper_in_words(listed, subscriber, queue):
    listed("A paper that may be erased")
    subscriber("ann@example.org")
    queue()
    delivery = Delivery.objects.get()
    assert delivery.subject == "1 paper of Saturday 21 November 2026"
    assert {frozenset(row) for row in delivery.papers} == {frozenset({"paper", "number", "reason"})}


def test_fifty_workers_at_once_queue_one_mail_for_each_subscriber(
    listed, subscriber, in_parallel, site_library, clock, monkeypatch
):
    monkeypatch.setattr(issuing, "BATCH", 15)  # so that there are more batches than one, each of which all fifty plan
    listed(*(f"Paper {n}" for n in range(5)))
    for n in range(40):
        subscriber(f"reader-{n}@example.org", key=f"{n:022}")
    site_library.catch_up()
    in_parallel([lambda: queue_due(site_library, clock())] * 50)
    while queue_due(site_library, clock()):
        pass
    assert Counter(Delivery.objects.values_list("subscriber", flat=True)) == dict.fromkeys(
        Subscriber.objects.values_list("pk", flat=True), 1
    )
    assert Issue.objects.count() == 1
    assert not Subscriber.objects.filter(next_at__lte=clock()).exists()


@pytest.mark.parametrize("step", ["Delivery", "SentPaper", "Subscriber"])
def test_a_crash_at_any_step_leaves_everybody_due_and_nothing_written(
    step, listed, subscriber, queue, monkeypatch, clock
):
    listed("Paper")
    subscriber("ann@example.org")

    def crash(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        method = "bulk_update" if step == "Subscriber" else "bulk_create"
        patched.setattr(f"django.db.models.query.QuerySet.{method}", _only_for(step, method, crash))
        with pytest.raises(KeyboardInterrupt):
            queue()
    assert not Delivery.objects.exists()
    assert not SentPaper.objects.exists()
    assert Subscriber.objects.get().next_at == clock()
    assert queue() == 1


def _only_for(model: str, method: str, crash):
    from django.db.models.query import QuerySet

    whole = getattr(QuerySet, method)
    return lambda rows, *args, **more: (crash if rows.model.__name__ == model else whole)(rows, *args, **more)


def test_a_batch_that_another_worker_served_meanwhile_is_left_alone(listed, subscriber, queue, site_library, clock):
    listed("Paper")
    ann = subscriber("ann@example.org")
    desk = issuing.open_desk(site_library, Issue.objects.create(day=clock().date(), opened_at=clock()), clock())
    plans = issuing._plan(desk, [ann], clock())
    assert queue() == 1
    assert issuing._queue(desk.issue, plans, clock()) == (0, 0)
    assert Delivery.objects.count() == 1


def test_who_changes_the_hour_after_an_issue_gets_no_second_one_that_day(listed, subscriber, queue, clock):
    listed("Paper")
    ann = subscriber("ann@example.org")
    queue()
    Subscriber.objects.filter(pk=ann.pk).update(next_at=clock() + timedelta(hours=2))
    clock.forward(hours=3)
    listed("Another paper")
    assert queue() == 0
    assert Subscriber.objects.get().next_at > clock()


def test_what_was_due_more_than_half_a_day_ago_comes_with_the_next_issue(listed, subscriber, queue, clock):
    listed("Paper")
    subscriber("ann@example.org", next_at=clock() - timedelta(hours=12, seconds=1))
    subscriber("bo@example.org", next_at=clock() - timedelta(hours=12))
    assert queue() == 1
    assert Delivery.objects.get().subscriber.address == "bo@example.org"
    assert not Subscriber.objects.filter(next_at__lte=clock()).exists()


def test_who_left_paused_never_confirmed_or_is_suppressed_gets_nothing(listed, subscriber, queue, clock):
    listed("Paper")
    subscriber("left@example.org", left_at=clock())
    subscriber("unconfirmed@example.org", confirmed_at=None)
    subscriber("paused@example.org", paused_until=clock().date() + timedelta(days=1))
    subscriber("back@example.org", paused_until=clock().date())
    subscriber("bounced@example.org")
    suppress("Bounced@example.org", "bounce", "", clock())
    assert queue() == 1
    assert Delivery.objects.get().subscriber.address == "back@example.org"


def test_a_paper_is_sent_once(listed, interested, queue, clock, titles):
    listed("First", topics=("cs.IR",))
    interested(("topic", "cs.IR"))
    queue()
    clock.forward(days=1)
    listed("Second", topics=("cs.IR",))
    assert queue() == 1
    assert [titles(delivery) for delivery in Delivery.objects.order_by("pk")] == [["First"], ["Second"]]


@pytest.mark.parametrize(
    ("state", "comes_again"),
    [(State.FAILED, True), (State.EXPIRED, True), (State.LEFT, True), (State.UNKNOWN, False), (State.SENT, False)],
)
def test_papers_of_a_mail_that_surely_did_not_go_out_come_again(
    state, comes_again, listed, interested, queue, clock, titles
):
    listed("First", topics=("cs.IR",))
    interested(("topic", "cs.IR"))
    queue()
    Delivery.objects.update(state=state)
    clock.forward(days=1)
    listed("Second", topics=("cs.IR",))
    queue()
    assert sorted(titles(Delivery.objects.latest("pk"))) == (["First", "Second"] if comes_again else ["Second"])
    Delivery.objects.filter(state=State.QUEUED).update(state=State.SENT)
    clock.forward(days=1)
    listed("Third", topics=("cs.IR",))
    queue()
    assert titles(Delivery.objects.latest("pk")) == ["Third"]


def test_a_paper_sent_comes_again_only_if_revised_substantially(site_library, record, interested, queue, clock, titles):
    def put(abstract: str) -> None:
        fields = {"announced": datetime(2026, 11, 21).date(), "topics": ("cs.IR",), "source": "arxiv"}
        site_library.put([record("Paper", "2104.12255", abstract=abstract, **fields)])

    put("One. Two. Three. Four.")
    interested(("topic", "cs.IR"))
    assert queue() == 1
    clock.forward(days=1)
    put("One. Two. Three. Four. Five.")
    assert queue() == 0
    clock.forward(days=1)
    put("One. Two. Eight. Nine. Ten.")
    assert queue() == 1
    assert "revised: the abstract changed" in Delivery.objects.latest("pk").papers[0]["reason"]
    clock.forward(days=1)
    assert queue() == 0
    assert SentPaper.objects.get().number == 3


def test_for_whom_nothing_was_found_no_mail_is_queued(listed, interested, queue):
    listed("Paper", topics=("hep-th",))
    interested(("topic", "cs.IR"))
    assert queue() == 0
    assert not Subscriber.objects.filter(next_at__lte=datetime(2026, 11, 21, 12, tzinfo=UTC)).exists()


def test_who_wants_what_trends_is_told_once_a_week_that_nothing_comes_at_all(subscriber, interested, queue, clock):
    subscriber("ann@example.org")
    interested(("topic", "cs.IR"), address="bo@example.org")
    assert queue() == 1
    assert Delivery.objects.get().papers == []
    for expected in [0] * 6 + [1]:
        clock.forward(days=1)
        assert queue() == expected


def test_an_unknown_time_zone_keeps_nobody_else_waiting(listed, subscriber, queue, clock, caplog):
    listed("Paper")
    subscriber("ann@example.org", time_zone="Europe/Atlantis")
    subscriber("bo@example.org")
    assert queue() == 2
    assert "Europe/Atlantis" in caplog.text
    assert not Subscriber.objects.filter(next_at__lte=clock()).exists()


def test_somebody_for_whom_choosing_goes_wrong_keeps_nobody_else_waiting(
    listed, interested, queue, clock, monkeypatch, caplog
):
    listed("Paper", topics=("cs.IR",))
    interested(("topic", "cs.IR"))
    interested(("topic", "cs.IR"), address="bo@example.org", size=7)
    whole = issuing.pick

    def pick(relevance, wanted):
        return 1 / 0 if wanted.size == 7 else whole(relevance, wanted)

    monkeypatch.setattr(issuing, "pick", pick)
    assert queue() == 1
    assert "no papers could be chosen for subscriber" in caplog.text
    assert not Subscriber.objects.filter(next_at__lte=clock()).exists()


def test_more_than_a_batch_is_queued_in_one_call(listed, subscriber, queue, monkeypatch):
    listed("Paper")
    monkeypatch.setattr(issuing, "BATCH", 7)
    for n in range(20):
        subscriber(f"reader-{n}@example.org", key=f"{n:022}")
    assert queue() == 20


def test_a_preview_records_nothing(listed, subscriber, site_library, clock):
    listed("Paper")
    ann = subscriber("ann@example.org")
    with transaction.atomic():
        delivery = issuing.preview(site_library, ann, clock())
    assert len(delivery.papers) == 1
    assert not Issue.objects.exists()
    assert not Delivery.objects.exists()
    assert not SentPaper.objects.exists()
    assert Subscriber.objects.get().next_at == clock()
