"""Harvests that come again: what is due, who has it, and when it comes next."""

from datetime import UTC, date, datetime, timedelta

import pytest

from broadsheet.library import LibraryError, scheduling

HALF = lambda: 0.5  # noqa: E731 (no chance at all)
ALIAS = "default"
DAILY, HOURLY = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def row_of(number: int):
    return next(row for row in scheduling.orders(ALIAS) if row.pk == number)


def test_a_harvest_is_due_at_once_and_then_at_the_same_hour_however_long_it_takes(site_library, now):
    scheduling.order(ALIAS, "arxiv --set cs:cs:IR", DAILY, now, date(2026, 11, 1), 1)
    row = scheduling.claim(ALIAS, "me", now)
    assert row.command == "arxiv --set cs:cs:IR"
    assert scheduling.settle(ALIAS, row, "", now + timedelta(hours=3), HALF)
    row = row_of(row.pk)
    assert (row.next_at, row.succeeded_at) == (now + DAILY, now + timedelta(hours=3))
    assert row.since == date(2026, 11, 20)
    assert scheduling.claim(ALIAS, "me", now + timedelta(hours=23)) is None
    assert scheduling.claim(ALIAS, "me", now + DAILY) is not None


def test_one_harvest_runs_at_a_time_the_one_that_has_been_due_longest_first(site_library, now):
    scheduling.order(ALIAS, "feed https://a.example", HOURLY, now)
    scheduling.order(ALIAS, "feed https://b.example", HOURLY, now - HOURLY)
    first = scheduling.claim(ALIAS, "me", now)
    assert first.command.endswith("b.example")
    assert scheduling.claim(ALIAS, "other", now) is None
    scheduling.settle(ALIAS, first, "", now, HALF)
    assert scheduling.claim(ALIAS, "other", now).command.endswith("a.example")


def test_of_many_workers_that_ask_at_once_one_gets_the_harvest(site_library, now, in_parallel):
    scheduling.order(ALIAS, "acl", HOURLY, now)
    scheduling.order(ALIAS, "unpaywall", HOURLY, now)
    got = []
    in_parallel([lambda name=str(n): got.append(scheduling.claim(ALIAS, name, now)) for n in range(6)])
    assert [row.command for row in got if row] == ["acl"]


def test_a_claim_that_is_held_lasts_and_one_that_is_not_runs_out(site_library, now):
    scheduling.order(ALIAS, "acl", HOURLY, now)
    mine = scheduling.claim(ALIAS, "me", now)
    later = now + scheduling.CLAIM - timedelta(minutes=1)
    assert scheduling.hold(ALIAS, mine, later)
    assert scheduling.claim(ALIAS, "other", now + scheduling.CLAIM) is None
    theirs = scheduling.claim(ALIAS, "other", later + scheduling.CLAIM)
    assert theirs is not None
    assert not scheduling.hold(ALIAS, mine, later + scheduling.CLAIM)
    assert not scheduling.settle(ALIAS, mine, "", later + scheduling.CLAIM, HALF)
    assert row_of(mine.pk).succeeded_at is None


def test_the_claim_of_a_worker_that_is_dead_holds_nobody_up(site_library, now):
    scheduling.order(ALIAS, "acl", HOURLY, now)
    scheduling.claim(ALIAS, "me", now)
    assert scheduling.claim(ALIAS, "other", now, lambda owner: owner == "me") is None
    assert scheduling.claim(ALIAS, "other", now, lambda owner: owner != "me") is not None


def test_a_failing_source_is_left_alone_longer_and_longer_and_then_goes_on_from_where_it_was(site_library, now):
    scheduling.order(ALIAS, "crossref x", timedelta(hours=6), now, date(2026, 11, 1), 1)
    began, rests = now, []
    for _ in range(8):
        row = scheduling.claim(ALIAS, "me", now)
        assert row.began_at == began
        scheduling.settle(ALIAS, row, "it answered 503", now, HALF)
        row = row_of(row.pk)
        rests.append((row.next_at - now) // timedelta(minutes=1))
        now = row.next_at
    assert rests == [5, 10, 20, 40, 80, 160, 320, 360]
    assert (row.failures, row.error, row.since) == (8, "it answered 503", date(2026, 11, 1))
    scheduling.settle(ALIAS, scheduling.claim(ALIAS, "me", now), "", now, HALF)
    row = row_of(row.pk)
    assert (row.failures, row.error, row.began_at) == (0, "", None)
    assert row.since == began.date() - timedelta(days=1)


def test_rests_are_shaken_by_a_quarter(now):
    rests = [scheduling.rest(1, DAILY, lambda c=chance: c) for chance in (0.0, 1.0)]
    assert rests == [timedelta(minutes=3.75), timedelta(minutes=6.25)]


def test_a_run_that_was_stopped_is_due_again_at_once(site_library, now):
    scheduling.order(ALIAS, "acl", HOURLY, now)
    row = scheduling.claim(ALIAS, "me", now)
    scheduling.release(ALIAS, row)
    assert scheduling.claim(ALIAS, "other", now).failures == 0


def test_the_same_command_has_one_order_and_an_order_can_be_ended(site_library, now):
    first = scheduling.order(ALIAS, "acl", HOURLY, now, date(2026, 1, 1), 1)
    again = scheduling.order(ALIAS, "acl", DAILY, now + HOURLY, None, 1)
    assert (first.pk, again.every, row_of(again.pk).since) == (again.pk, DAILY, date(2026, 1, 1))
    claimed = scheduling.claim(ALIAS, "me", now + HOURLY)
    assert scheduling.stop(ALIAS, first.pk).command == "acl"
    assert not scheduling.hold(ALIAS, claimed, now + HOURLY)
    with pytest.raises(LibraryError, match="no harvest with the number"):
        scheduling.stop(ALIAS, first.pk)


@pytest.mark.parametrize("every", [timedelta(0), timedelta(minutes=14), timedelta(days=400)])
def test_a_harvest_comes_neither_all_the_time_nor_never(every, now):
    with pytest.raises(LibraryError, match="every 15 minutes at the soonest"):
        scheduling.order(ALIAS, "acl", every, now)


def test_somebody_must_look_after_a_day_for_daily_harvests_and_after_six_hours_for_hourly_ones(site_library, now):
    daily = scheduling.order(ALIAS, "acl", DAILY, now)
    hourly = scheduling.order(ALIAS, "unpaywall", HOURLY, now)
    minute = timedelta(minutes=1)
    late = [scheduling.is_late(daily, now + 2 * DAILY + step) for step in (-minute, minute)]
    assert late + [scheduling.is_late(hourly, now + 7 * HOURLY + step) for step in (-minute, minute)] == [
        False, True, False, True,
    ]  # fmt: skip
