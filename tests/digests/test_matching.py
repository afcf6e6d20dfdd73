"""Alerts follow the journal: every new paper is matched once, whatever is killed and however many follow."""

import signal
from datetime import timedelta

import alert_worker
import pytest

from broadsheet.digests import alerts, matching
from broadsheet.digests.matching import Watched, follow
from broadsheet.digests.models import Alert, AlertMatch, Position
from broadsheet.library import journal
from broadsheet.library.models import Change


@pytest.fixture
def match(site_library, clock):
    """Follow the journal as a worker that was just started; what matches all in all, as (query, paper), sorted."""

    def run() -> list[tuple[str, str]]:
        follow(site_library, clock(), Watched())
        return sorted(AlertMatch.objects.values_list("alert__query", "paper__key"))

    return run


@pytest.fixture
def put(site_library, record):
    """Put papers with these titles, numbered 2611.00001 and so on; their keys."""
    made = iter(range(1, 10_000))

    def put_papers(*titles: str, **fields) -> list[str]:
        numbers = [f"2611.{next(made):05}" for _ in titles]
        records = [record(title, number, **fields) for title, number in zip(titles, numbers, strict=True)]
        return [placed.key for placed in site_library.put(records)]

    return put_papers


def test_a_new_paper_matches_the_alerts_whose_words_it_has_all(alert, put, match):
    for query in ("caching predictions", '"caching with"', "caching -trees", "caching trees", "title:caching"):
        alert(query)
    [key] = put("Caching with a prediction")
    found = [query for query, paper in match() if paper == key]
    assert found == ['"caching with"', "caching -trees", "caching predictions", "title:caching"]


def test_filters_hold(alert, put, match):
    held = ["topic:cs.DS", "topic:cs", "author:lee", 'author:"A. Lee"', "id:2611.00001", "caching after:2026"]
    lacking = ["topic:cs.IR", "author:chen", "id:2611.00002", "caching before:2026"]
    for query in held + lacking:
        alert(query)
    put("Caching", authors=["Ann Lee"], topics=("cs.DS",))
    assert {query for query, _ in match()} == set(held)


def test_what_came_before_the_alert_does_not_match_nor_does_a_paper_twice(alert, put, match, site_library, record):
    put("Caching before")
    alert("caching")
    [key] = put("Caching after")
    assert match() == [("caching", key)]
    assert match() == [("caching", key)]
    site_library.put([record("Caching after, revised", "2611.00002")])
    assert match() == [("caching", key)]
    assert journal.head("default") == Position.objects.get(name=matching.NAME).seq


def test_a_revision_that_has_the_words_at_last_matches(alert, put, match, site_library, record):
    alert("caching predictions")
    [key] = put("Caching")
    assert match() == []
    site_library.put([record("Caching with predictions", "2611.00001")])
    assert match() == [("caching predictions", key)]


def test_a_paper_is_matched_as_it_stands_when_it_is_read(alert, put, match, site_library, record):
    alert("caching")
    alert("trees")
    alert("topic:cs.DS")
    [key] = put("Caching")
    site_library.put([record("Trees", "2611.00001")])
    site_library.put([record("Trees", "2611.00001", topics=("cs.DS",))])
    assert match() == [("topic:cs.DS", key), ("trees", key)]


def test_what_was_withdrawn_or_erased_meanwhile_is_not_told(alert, put, match, site_library):
    alert("caching")
    first, second, third = put("Caching one", "Caching two", "Caching three")
    site_library.withdraw(first)
    site_library.erase(second)
    assert match() == [("caching", third)]


def test_a_paper_restored_by_its_source_matches(alert, put, match, site_library, record):
    from broadsheet.papers import Identifier, Record

    alert("caching")
    [key] = put("Caching one")
    site_library.put([Record("notes", (Identifier.parse("2611.00001"),), None)])
    assert match() == []
    site_library.put([record("Caching one", "2611.00001")])
    assert Change.objects.latest("seq").kind == Change.Kind.RESTORED
    assert match() == [("caching", key)]


def test_old_papers_of_an_archive_are_no_news(alert, put, match, clock):
    alert("caching")
    old, recent = clock().date() - timedelta(days=31), clock().date() - timedelta(days=30)
    put("Caching of old", announced=old)
    [key] = put("Caching of late", announced=recent)
    assert match() == [("caching", key)]


def test_papers_that_came_while_nobody_followed_are_matched_weeks_later(alert, put, match, clock):
    alert("caching")
    keys = put(*(f"Caching {n}" for n in range(5)))
    clock.forward(days=45)
    assert [paper for _, paper in match()] == keys


def test_a_stopped_alert_and_one_of_a_closed_account_match_nothing(alert, put, match, clock):
    alerts.stop(alert("caching one"), clock())
    closed = alert("caching two", of="bo")
    closed.reader.is_active = False
    closed.reader.save()
    put("Caching one and two")
    assert match() == []


def test_a_resumed_alert_hears_of_what_comes_from_then_on(alert, put, match, clock):
    one = alert("caching")
    alerts.stop(one, clock())
    put("Caching meanwhile")
    alerts.resume(one)
    [key] = put("Caching after")
    assert match() == [("caching", key)]


def test_a_follower_takes_up_alerts_as_they_come_change_and_go(alert, put, site_library, clock):
    watched = Watched()
    first, second = alert("caching"), alert("trees")
    put("Caching trees")
    assert follow(site_library, clock(), watched) == 2
    first.delete()
    Alert.objects.filter(pk=second.pk).update(query="graphs")
    alert("predictions")
    put("Caching trees", "Graphs with predictions")
    assert follow(site_library, clock(), watched) == 2
    assert len(watched.standing) == 2


def test_a_query_that_cannot_be_read_any_more_stops_nobody_else(alert, put, match):
    broken = alert("caching")
    alert("caching trees")
    Alert.objects.filter(pk=broken.pk).update(query='"open')
    [key] = put("Caching trees")
    assert match() == [("caching trees", key)]


def test_what_a_feed_alone_keeps_is_told_at_once(alert, put, match):
    alert("caching", means="feed")
    alert("caching")
    put("Caching")
    match()
    states = dict(AlertMatch.objects.values_list("alert__means", "state"))
    assert states == {"feed": "told", "mail": "queued"}


def test_a_long_way_is_gone_in_batches(alert, put, match, monkeypatch):
    monkeypatch.setattr(matching, "AT_ONCE", 3)
    alert("caching")
    keys = put(*(f"Caching {n}" for n in range(10)))
    assert [paper for _, paper in match()] == keys
    assert Position.objects.get(name=matching.NAME).seq == journal.head("default")


def test_an_alert_that_comes_while_others_are_compared_misses_nothing(alert, put, site_library, clock, monkeypatch):
    """Its maker has read the head, and papers come before it commits: the follower compares once more."""
    alert("trees")
    late: list[Alert] = []
    compare = matching._matches

    def compare_slowly(*args):
        found = compare(*args)
        if not late:
            late.append(alert("caching", of="bo"))
            Alert.objects.filter(pk=late[0].pk).update(since=late[0].since - 1)  # as if read before the paper came
        return found

    monkeypatch.setattr(matching, "_matches", compare_slowly)
    put("Caching trees")
    assert follow(site_library, clock(), Watched()) == 2


def test_an_alert_deleted_while_it_is_compared_breaks_nothing(alert, put, site_library, clock, monkeypatch):
    one, two = alert("caching"), alert("trees")
    compare = matching._matches

    def compare_slowly(*args):
        found = compare(*args)
        Alert.objects.filter(pk=one.pk).delete()
        return found

    monkeypatch.setattr(matching, "_matches", compare_slowly)
    put("Caching trees")
    assert follow(site_library, clock(), Watched()) == 1
    assert AlertMatch.objects.get().alert == two


def test_of_two_followers_of_the_same_papers_one_wins(alert, put, site_library, clock, monkeypatch):
    alert("caching")
    compare, others = matching._matches, []

    def compare_slowly(*args):
        found = compare(*args)
        if not others:
            others.append(0)
            others.append(follow(site_library, clock(), Watched()))
            put("Caching later")
            others.append(follow(site_library, clock(), Watched()))
        return found

    monkeypatch.setattr(matching, "_matches", compare_slowly)
    put("Caching")
    assert (follow(site_library, clock(), Watched()), others) == (0, [0, 1, 1])
    assert Position.objects.get(name=matching.NAME).seq == journal.head("default")


def test_followers_at_once_match_everything_once(alert, put, site_library, clock, in_parallel, monkeypatch):
    monkeypatch.setattr(matching, "AT_ONCE", 4)
    alert("caching")
    keys = put(*(f"Caching {n}" for n in range(40)))
    in_parallel([lambda: follow(site_library, clock(), Watched())] * 4)
    assert sorted(AlertMatch.objects.values_list("paper__key", flat=True)) == keys


def test_alerts_made_while_papers_come_and_are_followed_miss_nothing_later(
    alert, put, site_library, clock, in_parallel, reader
):
    """Whoever is made while papers come has, in the end, every paper since its beginning and no other."""
    owners = [reader(f"reader-{n}") for n in range(3)]
    acts = [lambda n=n: [put_one(site_library, n * 10 + each) for each in range(10)] for n in range(3)]
    acts += [lambda owner=owner: alerts.make(owner, "caching", "feed", "", clock()) for owner in owners]
    acts += [lambda: [follow(site_library, clock(), Watched()) for _ in range(5)]] * 2
    in_parallel(acts)
    follow(site_library, clock(), Watched())
    for row in Alert.objects.all():
        since = Change.objects.filter(seq__gt=row.since).values_list("paper", flat=True)
        assert sorted(row.matches.values_list("paper", flat=True)) == sorted(since)


def put_one(library, number: int) -> None:
    from broadsheet.papers import Identifier, Record, Version

    library.put([Record("notes", (Identifier("arxiv", f"2612.{number:05}"),), Version(f"Caching {number}"))])


@pytest.mark.parametrize("step", alert_worker.MATCHING)
def test_a_follower_killed_at_any_step_repeats_nothing_and_misses_nothing(
    alert, put, match, database_url, clock, parting, step
):
    alert("caching")
    keys = put(*(f"Caching {n}" for n in range(5)))
    worker = parting.Process(target=alert_worker.follow_until, args=(database_url, clock(), step))
    worker.start()
    worker.join(60)
    assert worker.exitcode == -signal.SIGKILL
    assert [paper for _, paper in match()] == keys


def test_more_alerts_cost_no_more_queries(alert, put, site_library, clock):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    watched = Watched()

    def cost() -> int:
        put("Caching")
        with CaptureQueriesContext(connection) as queries:
            follow(site_library, clock(), watched)
        return len(queries)

    alert("caching 0", of="ann")
    alert("caching")
    cost()
    few = cost()
    for n in range(20):
        alert(f"caching -trees{n}")
    assert cost() == few
