"""Each queued mail goes out once: with many workers, with servers that fail, with workers that die."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

import pytest
from django.core.mail import EmailMessage

from broadsheet.digests import subscribing
from broadsheet.digests.delivering import EXPIRES_AFTER, STALE_AFTER, ServerTroubled, begin, deliver, lease
from broadsheet.digests.models import Delivery, Subscriber
from broadsheet.digests.outbox import Answer, Fate, NotTaken
from broadsheet.digests.pacing import Pace
from broadsheet.digests.suppressing import suppress

State = Delivery.State


def write(delivery: Delivery) -> EmailMessage | None:
    return EmailMessage(delivery.subject, "Papers", "paper@example.org", [delivery.subscriber.address])


class Out:
    """An outbox in memory that fails as a test says; it stands for a server only where its answers are the matter."""

    def __init__(self, *failures: NotTaken) -> None:
        self.failures = list(failures)
        self.taken: list[str] = []
        self.turn = Lock()

    def send(self, mail: EmailMessage) -> Answer:
        with self.turn:
            failure = self.failures.pop(0) if self.failures else None
            if failure and failure.fate is not Fate.UNKNOWN:
                raise failure
        return lambda: self.answer(mail, failure)

    def answer(self, mail: EmailMessage, failure: NotTaken | None) -> None:
        if failure:
            raise failure
        with self.turn:
            self.taken += mail.to

    def close(self) -> None:
        pass


@pytest.fixture
def run(clock):
    """Deliver what is due, as the worker `owner`; bounces are collected in `run.bounced`."""

    def start(out: Out, owner: str = "one", may_go_on=lambda: True, write=write) -> Counter[str]:
        bounced = start.bounced
        return deliver(lambda _: write, out, owner, clock, may_go_on, lambda delivery, said: bounced.append(said))

    start.bounced = []
    return start


def states() -> Counter[str]:
    return Counter(Delivery.objects.values_list("state", flat=True))


def test_every_queued_mail_goes_out_once(queued, run):
    queued(120)
    out = Out()
    assert run(out) == {State.SENT: 120}
    assert run(out) == {}
    assert sorted(out.taken) == sorted({f"reader-{n}@example.org" for n in range(120)})
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {1}


def test_many_workers_at_once_send_each_mail_once(queued, run, in_parallel):
    queued(200)
    out = Out()
    in_parallel([lambda owner=f"worker-{n}": run(out, owner) for n in range(8)])
    assert Counter(out.taken) == {f"reader-{n}@example.org": 1 for n in range(200)}
    assert states() == {State.SENT: 200}


def test_a_mail_that_may_come_later_is_tried_again_later_each_time_and_given_up_in_the_end(queued, run, clock):
    queued(1)
    waits = []
    for _ in range(6):
        run(Out(NotTaken("451 busy", Fate.LATER)))
        waits.append(Delivery.objects.get().next_at - clock())
        clock.forward(hours=1)
    assert [wait.total_seconds() / 60 for wait in waits[:5]] == [2, 4, 8, 16, 32]
    failed = Delivery.objects.get()
    assert (failed.state, failed.error) == (State.FAILED, "451 busy; tried 6 times")
    assert run.bounced == []


def test_an_address_that_is_refused_for_good_bounces_a_mail_that_is_does_not(queued, run):
    queued(3)
    out = Out(NotTaken("550 5.1.1 nobody here", Fate.NEVER, is_address=True), NotTaken("554 not such mail", Fate.NEVER))
    assert run(out) == {State.FAILED: 2, State.SENT: 1}
    assert run.bounced == ["550 5.1.1 nobody here"]


def test_a_mail_of_which_nobody_knows_is_recorded_and_never_sent_again(queued, run, clock):
    queued(1)
    assert run(Out(NotTaken("the connection broke", Fate.UNKNOWN))) == {State.UNKNOWN: 1}
    clock.forward(hours=1)
    out = Out()
    run(out)
    assert out.taken == []
    assert Delivery.objects.get().error == "the connection broke"


def test_a_server_that_is_away_is_left_alone_and_costs_no_mail_an_attempt(queued, run, clock):
    queued(30)
    away = [NotTaken("no connection", Fate.LATER, is_server=True) for _ in range(10)]
    with pytest.raises(ServerTroubled, match="10 times"):
        run(Out(*away))
    assert states() == {State.QUEUED: 30}
    assert set(Delivery.objects.values_list("attempts", "owner")) == {(0, "")}
    clock.forward(minutes=5)
    assert run(Out()) == {State.SENT: 30}


def test_a_mail_of_yesterday_is_not_sent_after_a_restart(queued, run, clock):
    queued(1)
    clock.now += EXPIRES_AFTER + timedelta(minutes=1)
    out = Out()
    assert run(out) == {State.EXPIRED: 1}
    assert out.taken == []


def test_a_mail_that_cannot_be_written_fails_alone(queued, run):
    first, *_ = queued(3)

    def stumble(delivery: Delivery) -> EmailMessage | None:
        if delivery.pk == first.pk:
            raise ValueError("no such address")
        return write(delivery)

    assert run(Out(), write=stumble) == {State.FAILED: 1, State.SENT: 2}
    first.refresh_from_db()
    assert first.error == "cannot be written: no such address"


def test_a_mail_with_nothing_to_say_any_more_does_not_go_out(queued, run):
    queued(1)
    assert run(Out(), write=lambda delivery: None) == {State.LEFT: 1}


CHANGES_OF_MIND: dict[str, Callable[[Subscriber, datetime], object]] = {
    "leaves": subscribing.leave,
    "is not confirmed": lambda row, now: Subscriber.objects.filter(pk=row.pk).update(confirmed_at=None),
    "pauses": lambda row, now: subscribing.pause(row, now.date() + timedelta(days=3), now),
    "is suppressed": lambda row, now: suppress(row.address, "complaint", "", now),
    "closes the account": lambda row, now: row.delete(),
}


@pytest.mark.parametrize("change", CHANGES_OF_MIND)
def test_who_changes_their_mind_after_the_mail_was_written_gets_none(queued, run, clock, change):
    queued(3)
    out = Out()

    def write_and_change(delivery: Delivery) -> EmailMessage | None:
        mail = write(delivery)
        if delivery.subscriber.address == "reader-1@example.org":
            CHANGES_OF_MIND[change](delivery.subscriber, clock())
        return mail

    fates = run(out, write=write_and_change)
    assert sorted(out.taken) == ["reader-0@example.org", "reader-2@example.org"]
    assert fates == {State.SENT: 2} | ({} if change == "closes the account" else {State.LEFT: 1})


def test_a_pause_that_ends_that_day_and_a_suppression_of_others_stop_nothing(queued, run, clock):
    delivery, *_ = queued(1)
    Subscriber.objects.update(paused_until=delivery.due_at.date())
    suppress("somebody@example.org", "bounce", "", clock())
    assert run(Out()) == {State.SENT: 1}


def test_what_mails_are_made_of_is_read_anew_where_the_server_is_slow(queued, clock):
    queued(12)
    read = []

    def compose(deliveries):
        read.append(len(deliveries))
        return write

    class Slow(Out):
        def answer(self, mail: EmailMessage, failure: NotTaken | None) -> None:
            super().answer(mail, failure)
            clock.now += timedelta(seconds=2)

    out = Slow()
    deliver(compose, out, "one", clock, lambda: True, lambda *_: None)
    assert sorted(out.taken) == sorted(f"reader-{n}@example.org" for n in range(12))
    assert read[0] == 12
    assert len(read) > 2
    assert states() == {State.SENT: 12}


def test_a_worker_told_to_stop_gives_back_what_it_had_leased(queued, run):
    queued(20)
    out = Out()
    run(out, may_go_on=lambda: len(out.taken) < 5)
    sent = len(out.taken)
    assert sent in (5, 6)  # one may be in the air when the word comes
    assert states() == {State.SENT: sent, State.QUEUED: 20 - sent}
    assert run(Out(), owner="two") == {State.SENT: 20 - sent}


def test_what_a_dead_worker_had_leased_goes_out_and_what_it_was_sending_is_unknown(queued, run, clock):
    first, *_ = queued(10)
    lease("dead", clock())
    assert begin(first, "dead", clock())
    assert run(Out(), owner="two") == {}
    clock.now += STALE_AFTER + timedelta(seconds=1)
    assert run(Out(), owner="two") == {State.SENT: 9}
    assert states() == {State.SENT: 9, State.UNKNOWN: 1}


def test_a_slow_worker_does_not_send_what_another_has_taken_over(queued, run, clock):
    delivery, *_ = queued(1)
    lease("slow", clock())
    clock.forward(minutes=6)
    assert run(Out(), owner="two") == {State.SENT: 1}
    assert not begin(delivery, "slow", clock())


def test_mails_to_one_domain_keep_the_pace_and_the_rest_wait_their_turn(queued, clock):
    queued(10)
    out, pace = Out(), Pace(4)
    for taken in (4, 4):
        deliver(lambda _: write, out, "one", clock, lambda: True, lambda *_: None, pace)
        assert len(out.taken) == taken
    waiting = Delivery.objects.filter(state=State.QUEUED)
    assert {(row.attempts, row.owner) for row in waiting} == {(0, "")}
    assert all(timedelta(0) < row.next_at - clock() <= timedelta(minutes=1, seconds=1) for row in waiting)
    clock.forward(minutes=2)
    deliver(lambda _: write, out, "one", clock, lambda: True, lambda *_: None, Pace(0))
    assert sorted(out.taken) == sorted({f"reader-{n}@example.org" for n in range(10)})
