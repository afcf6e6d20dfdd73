"""A day whose papers have not come is told to readers, on the status page, and to admins once."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress

from broadsheet.digests import alarms, composing, issuing
from broadsheet.digests.models import AlarmMail, Delivery, Issue
from broadsheet.digests.outbox import Fate, NotTaken
from broadsheet.library.models import HarvestRun
from outboxes import Out


@pytest.fixture
def usual(listed, clock):
    """Have papers come at noon on this weekday of each of the last four weeks."""

    def make(*counts: int) -> None:
        now = clock.now
        for weeks, count in sorted(enumerate(counts, 1), reverse=True):
            clock.now = now - timedelta(weeks=weeks)
            listed(*(f"Paper {weeks} {n}" for n in range(count)))
        clock.now = now

    return make


@pytest.fixture
def assess(site_library, clock):
    return lambda: alarms.assess(site_library, clock())


@pytest.fixture
def watch(site_library, clock):
    return lambda out: alarms.watch(site_library, clock(), lambda: out)


def test_an_empty_and_a_half_filled_day_are_told_beside_what_is_usual(usual, listed, assess):
    usual(20, 22, 18, 40)
    assert assess() == "On Saturday 21 November 2026 no papers came, where 21 are usual by this hour."
    listed(*(f"New {n}" for n in range(10)))
    assert assess() == "On Saturday 21 November 2026 only 10 papers came, where 21 are usual by this hour."
    listed("One more")
    assert assess() == ""


def test_a_day_of_the_week_that_never_has_papers_raises_no_alarm(usual, assess, clock):
    usual(20, 20, 20, 20)
    clock.forward(days=1)
    assert assess() == ""


def test_an_hour_at_which_papers_have_not_come_yet_raises_no_alarm(usual, assess, clock):
    usual(20, 20, 20, 20)
    clock.forward(minutes=-1)
    assert assess() == ""
    clock.forward(minutes=1)
    assert assess() != ""


def test_few_papers_in_a_small_library_and_a_young_library_raise_no_alarm(usual, assess):
    usual(4, 4, 4, 4)
    assert assess() == ""
    usual(40, 40)
    assert assess() == ""


def test_a_source_that_failed_or_fell_silent_is_named(usual, assess, clock):
    usual(20, 20, 20, 20)
    at = clock() - timedelta(hours=2)
    HarvestRun.objects.create(source="arxiv", request="a", state="failed", started_at=at, ended_at=at, error="503")
    old = clock() - timedelta(days=3)
    HarvestRun.objects.create(source="hal", request="b", state="done", started_at=old, ended_at=old)
    assert assess().endswith("by this hour. The last run of arxiv failed. Nothing was heard of hal for 36 hours.")


def test_the_hour_is_that_of_the_wall_whatever_the_clocks_did(usual, assess, clock, settings_of):
    from broadsheet.library.feed_day import FeedDay

    settings_of(FEED_DAY=FeedDay.parse("Europe/Berlin 00:00"))
    clock.now = clock.now.replace(month=10, day=31, hour=11)  # Berlin left summer time on the 25th
    clock.forward(hours=1)
    usual(20, 20, 20, 20)
    clock.forward(minutes=-30)
    assert assess() == ""


def test_everybody_who_is_due_is_told_and_the_issue_keeps_the_alarm_as_it_is_now(
    usual, listed, interested, site_library, clock
):
    usual(20, 20, 20, 20)
    interested(("topic", "cs.IR"))
    assert issuing.queue_due(site_library, clock()) == 1
    delivery = Delivery.objects.select_related("issue").get()
    assert "no papers came" in delivery.issue.alarm
    letter = composing.Writer([delivery]).write(delivery)
    assert letter is not None
    assert letter.subject == "Few new papers came"
    assert delivery.issue.alarm in letter.body
    assert delivery.issue.alarm in letter.html
    listed(*(f"New {n}" for n in range(20)))
    alarms.open_issue(site_library, clock())
    assert Issue.objects.get().alarm == ""


def test_each_admin_with_a_verified_address_is_mailed_once_a_day(usual, reader, watch, clock):
    usual(20, 20, 20, 20)
    reader("ann", role="admin")
    reader("bo", role="admin")
    reader("unverified", is_verified=False, role="admin")
    reader("closed", role="admin", is_active=False)
    reader("editor", role="editor")
    out = Out()
    assert [watch(out), watch(out)] == [2, 0]
    assert sorted(mail.to[0] for mail in out.taken) == ["ann@example.org", "bo@example.org"]
    assert "no papers came" in out.taken[0].body
    clock.forward(days=7)
    assert watch(out) == 2  # 20 a week are still the median of the four weeks before


def test_no_alarm_no_mail(reader, watch):
    reader("ann", role="admin")
    out = Out()
    assert watch(out) == 0
    assert Issue.objects.get().alarm == ""


@pytest.mark.parametrize(("fate", "more"), [(Fate.LATER, 1), (Fate.UNKNOWN, 0), (Fate.NEVER, 0)])
def test_a_mail_that_was_surely_not_taken_goes_again_and_no_other(fate, more, usual, reader, watch):
    usual(20, 20, 20, 20)
    reader("ann", role="admin")
    out = Out(NotTaken("451 later", fate))
    assert [watch(out), watch(out), watch(out)] == [0, more, 0]
    assert AlarmMail.objects.get().error == ("" if more else "451 later")


def test_a_worker_that_dies_while_mailing_repeats_nothing(usual, reader, watch):
    usual(20, 20, 20, 20)
    reader("ann", role="admin")
    with pytest.raises(KeyboardInterrupt):
        watch(Out(KeyboardInterrupt()))
    out = Out()
    assert watch(out) == 0
    assert AlarmMail.objects.count() == 1


def test_an_admin_whose_address_cannot_be_written_keeps_no_other_from_being_told(usual, reader, watch):
    usual(20, 20, 20, 20)
    first = reader("ann", role="admin")
    reader("bo", role="admin")
    type(first).objects.filter(pk=first.pk).update(email="ü@example.org")
    EmailAddress.objects.filter(user=first).update(email="ü@example.org")
    out = Out()
    assert [watch(out), watch(out)] == [1, 0]
    assert [mail.to for mail in out.taken] == [["bo@example.org"]]
    assert "one plain address" in AlarmMail.objects.get(reader=first).error


def test_many_workers_tell_an_admin_once(usual, reader, watch, in_parallel):
    usual(20, 20, 20, 20)
    reader("ann", role="admin")
    out = Out()
    in_parallel([lambda: watch(out)] * 12)
    assert len(out.taken) == 1
