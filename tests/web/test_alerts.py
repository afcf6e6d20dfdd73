"""Alerts, as their reader sees them: saved, listed, tested, stopped, resumed, deleted; their feeds and their links."""

import json
from datetime import UTC, datetime, timedelta

import feedparser
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from broadsheet.community import limits
from broadsheet.digests import alerts, hooks
from broadsheet.digests.matching import Watched, follow
from broadsheet.digests.models import Alert, AlertMatch
from broadsheet.sources import FetchError

BY_FEED = {"query": "caching", "means": "feed"}
BY_MAIL = {"query": "caching", "means": "mail"}
BY_HOOK = {"query": "caching", "means": "webhook", "url": "https://hooks.example/in"}


@pytest.fixture
def land(library, record, clock):
    """Let a paper land and be matched; its key."""

    def put(title: str, number: str = "2611.00001", **fields) -> str:
        [placed] = library.put([record(title, number, **fields)])
        follow(library, clock(), Watched())
        return placed.key

    return put


def sheet(page) -> dict[str, str]:
    """The fields of the form with their values."""
    return {one["name"]: one.get("value") or "" for tag, one in page.tags if tag == "input" and "name" in one}


def test_a_saved_search_is_listed_with_its_last_match(signed_in, land, parsed):
    ann = signed_in("ann")
    assert ann.post("/alerts/new", BY_FEED)["Location"] == "/alerts"
    page = parsed(ann.get("/alerts"))
    assert "No match yet" in page.text
    land("Caching one")
    land("Caching two", "2611.00002")
    page = parsed(ann.get("/alerts"))
    assert "Caching two" in page.text
    assert "Caching one" not in page.text
    assert "/papers/2611.00002" in " ".join(page.links())


def test_the_search_page_leads_to_the_form_with_the_query_in_it(signed_in, land, parsed):
    land("Caching")
    ann = signed_in("ann")
    [way] = [
        link for link in parsed(ann.get("/search", {"q": 'caching "a & b"'})).links() if link.startswith("/alerts")
    ]
    assert sheet(parsed(ann.get(way)))["query"] == 'caching "a & b"'


def test_the_secret_of_a_webhook_is_shown_once_and_kept_by_no_cache(signed_in, parsed):
    ann = signed_in("ann")
    made = ann.post("/alerts/new", BY_HOOK)
    secret = Alert.objects.get().secret
    assert (made.status_code, "no-store" in made["Cache-Control"]) == (200, True)
    assert secret in parsed(made).text
    later = ann.get("/alerts")
    assert secret not in later.content.decode()
    assert "https://hooks.example/in" in parsed(later).text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({}, "This field is required"),
        ({"query": '"open', "means": "feed"}, "is not closed"),
        ({"query": "-caching", "means": "feed"}, "only excludes"),
        ({"query": "after:2026", "means": "feed"}, "Days alone"),
        ({"query": "before:2030 -trees", "means": "feed"}, "Days alone"),
        ({"query": "...", "means": "feed"}, "no letters or digits"),
        ({"query": "x" * 257, "means": "feed"}, "at most 256"),
        ({"query": "caching", "means": "pigeon"}, "Select a valid choice"),
        ({"query": "caching\x00", "means": "feed"}, "Null characters"),
        ({"query": "caching\x07", "means": "feed"}, "control character"),
        ({**BY_HOOK, "url": ""}, "Give the web address"),
        ({**BY_HOOK, "url": "ftp://hooks.example/"}, "not an http or https address"),
        ({**BY_HOOK, "url": "https://hooks.example:8443/"}, "not one of the web's own ports"),
        ({**BY_HOOK, "url": "https://ann:secret@hooks.example/"}, "carries a user name"),
        ({**BY_HOOK, "url": "https://" + "x" * 600}, "at most 500"),
        *(({**BY_HOOK, "url": f"http://{host}/latest/meta-data/"}, "not on the public web") for host in (
            "127.0.0.1", "169.254.169.254", "10.0.0.1", "192.168.0.1", "2130706433", "0x7f.0.0.1", "127.1", "0",
            "[::1]", "[::ffff:127.0.0.1]", "[fd00:ec2::254]", "[64:ff9b::7f00:1]",
        )),
    ],
)  # fmt: skip
def test_a_form_that_does_not_fit_says_why_and_saves_nothing(signed_in, parsed, form, said):
    refused = signed_in("ann").post("/alerts/new", form)
    page = parsed(refused)
    assert (refused.status_code, Alert.objects.count()) == (400, 0)
    assert said in page.text
    assert "secret" not in page.text.replace("address is secret", "")


def test_a_query_that_cannot_be_read_is_kept_and_its_spot_marked(signed_in, parsed):
    page = parsed(signed_in("ann").post("/alerts/new", {"query": 'caching "open', "means": "feed"}))
    assert sheet(page)["query"] == 'caching "open'
    assert any(tag == "mark" for tag, _ in page.tags)


def test_the_same_alert_is_made_once_and_no_more_than_the_most(signed_in, parsed, monkeypatch):
    ann = signed_in("ann")
    ann.post("/alerts/new", BY_FEED)
    assert "already" in parsed(ann.post("/alerts/new", {**BY_FEED, "query": "  caching "})).text
    assert ann.post("/alerts/new", BY_HOOK).status_code == 200
    monkeypatch.setattr(alerts, "LIMIT", 2)
    assert "which is the most" in parsed(ann.post("/alerts/new", {**BY_FEED, "query": "trees"})).text
    assert Alert.objects.count() == 2


def test_mail_needs_a_confirmed_address(signed_in, reader, parsed):
    bo = signed_in(reader("bo", is_verified=False))
    assert "Confirm your e-mail address" in parsed(bo.post("/alerts/new", BY_MAIL)).text
    assert bo.post("/alerts/new", BY_FEED).status_code == 302


def test_an_alert_is_stopped_resumed_and_deleted_by_its_reader_alone(signed_in, land):
    ann, bo = signed_in("ann"), signed_in("bo")
    ann.post("/alerts/new", BY_FEED)
    number = Alert.objects.get().pk
    for act in ("stop", "resume", "delete", "test"):
        assert bo.post(f"/alerts/{number}/{act}").status_code == 404
    assert ann.post(f"/alerts/{number}/stop")["Location"] == f"/alerts#alert-{number}"
    assert Alert.objects.get().stopped_at
    land("Caching")
    ann.post(f"/alerts/{number}/resume")
    assert (Alert.objects.get().stopped_at, AlertMatch.objects.count()) == (None, 0)
    land("Caching two", "2611.00002")
    assert AlertMatch.objects.count() == 1
    ann.post(f"/alerts/{number}/delete")
    assert (Alert.objects.count(), AlertMatch.objects.count()) == (0, 0)
    assert ann.post(f"/alerts/{number}/delete").status_code == 404


def test_only_who_is_signed_in_has_alerts_and_only_by_post_with_the_forms_token(client, signed_in):
    assert client.get("/alerts?q=x")["Location"].startswith("/accounts/login/")
    assert client.post("/alerts/new", BY_FEED).status_code == 302
    ann = signed_in("ann", checks=True)
    assert ann.post("/alerts/new", BY_FEED).status_code == 403
    assert ann.get("/alerts/new").status_code == 405
    assert not Alert.objects.exists()


def test_a_reader_saves_few_alerts_a_minute(signed_in, monkeypatch):
    monkeypatch.setitem(limits.RATES, "alert", ("2 per minute", "9 per minute"))
    ann = signed_in("ann")
    told = [ann.post("/alerts/new", {**BY_FEED, "query": f"trees {n}"}).status_code for n in range(3)]
    assert told == [302, 302, 429]


def test_text_of_readers_is_shown_as_text(signed_in, parsed, land):
    ann = signed_in("ann")
    ann.post("/alerts/new", {"query": "<b onclick=x>", "means": "webhook", "url": "https://hooks.example/<script>"})
    Alert.objects.update(error="<i>it</i> broke")
    land("<b onclick=x> & 1")
    page = parsed(ann.get("/alerts"))
    assert "<b onclick=x>" in page.text
    assert "<i>it</i> broke" in page.text
    assert not any(tag in ("b", "i", "script") and not one.get("src") for tag, one in page.tags)


@pytest.mark.parametrize("answer", [None, FetchError("x", status=500)])
def test_a_test_is_posted_at_once_and_its_outcome_shown(signed_in, parsed, monkeypatch, answer):
    posted = []

    def post(self, url, body, headers):
        posted.append((url, json.loads(body), headers["Webhook-Signature"]))
        if answer:
            raise answer

    monkeypatch.setattr(hooks.Transport, "post", post)
    ann = signed_in("ann")
    ann.post("/alerts/new", BY_HOOK)
    page = parsed(ann.post(f"/alerts/{Alert.objects.get().pk}/test", follow=True))
    [(url, told, signature)] = posted
    assert (url, told["papers"], told["test"], signature[:3]) == ("https://hooks.example/in", [], True, "v1,")
    assert ("answered 500" if answer else "The test got through") in page.text


def test_a_test_goes_through_the_guard_and_tells_nothing_of_inner_hosts(signed_in, parsed):
    ann = signed_in("ann")
    ann.post("/alerts/new", {**BY_HOOK, "url": "http://localhost/"})
    page = parsed(ann.post(f"/alerts/{Alert.objects.get().pk}/test", follow=True))
    assert "the host cannot be found, or is not on the public web" in page.text
    assert "127.0.0.1" not in page.text


# Feeds


def feed_of(alert: Alert, form: str = "atom") -> str:
    return f"/feeds/alerts/{alert.key}.{form}"


@pytest.mark.parametrize("form", ["atom", "rss", "json"])
def test_the_feed_of_an_alert_holds_its_matches_the_newest_first(signed_in, client, land, form):
    signed_in("ann").post("/alerts/new", BY_FEED)
    one = Alert.objects.get()
    empty = client.get(feed_of(one, form))
    assert (empty.status_code, empty["X-Robots-Tag"], "private" in empty["Cache-Control"]) == (200, "noindex", True)
    land("Caching one")
    land("Trees", "2611.00002")
    land("Caching two", "2611.00003")
    answer = client.get(feed_of(one, form))
    if form == "json":
        assert [each["title"] for each in json.loads(answer.content)["items"]] == ["Caching two", "Caching one"]
    else:
        read = feedparser.parse(answer.content)
        assert (read.bozo, [each.title for each in read.entries]) == (False, ["Caching two", "Caching one"])
    assert client.get(feed_of(one, form), headers={"If-None-Match": answer["ETag"]}).status_code == 304


def test_a_feed_holds_nothing_withdrawn_or_to_come_and_is_found_by_its_key_alone(signed_in, client, land, library):
    signed_in("ann").post("/alerts/new", BY_FEED)
    one = Alert.objects.get()
    library.withdraw(land("Caching one"))
    land("Caching later", "2611.00002", announced=library.today() + timedelta(days=3))
    read = feedparser.parse(client.get(feed_of(one)).content)
    assert read.entries == []
    assert client.get(f"/feeds/alerts/{'x' * 22}.atom").status_code == 404
    one.reader.is_active = False
    one.reader.save()
    assert client.get(feed_of(one)).status_code == 404


# The link of a mail


@pytest.fixture
def token(signed_in):
    signed_in("ann").post("/alerts/new", BY_MAIL)
    return alerts.seal(Alert.objects.get())


def test_a_mails_link_shows_a_button_which_stops_the_alert_without_signing_in(client, token, parsed):
    for _ in range(2):
        page = client.get(f"/d/alert/{token}")
        assert page.status_code == 200
        assert (page["X-Robots-Tag"], page["Referrer-Policy"]) == ("noindex", "same-origin")
    assert client.head(f"/d/alert/{token}").status_code == 200
    assert Alert.objects.get().stopped_at is None
    assert "Stopped" in parsed(client.post(f"/d/alert/{token}")).text
    assert Alert.objects.get().stopped_at


def test_a_mail_program_stops_the_alert_by_one_post(token):
    from django.test import Client

    stranger = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    for _ in range(2):
        done = stranger.post(f"/d/alert/{token}", {"List-Unsubscribe": "One-Click"})
        assert (done.status_code, done.content) == (200, b"")
    assert Alert.objects.get().stopped_at


def test_a_link_that_was_forged_or_cut_off_or_is_of_another_alert_stops_nothing(client, token, signed_in):
    signed_in("bo").post("/alerts/new", BY_MAIL)
    other = alerts.seal(Alert.objects.get(reader__username="bo"))
    mixed = f"{token.rpartition('-')[0]}-{other.rpartition('-')[2]}"
    for bad in (token[:-1], f"{token}x", mixed, token.upper(), token.rpartition("-")[0], "x", f"-{token}"):
        assert client.post(f"/d/alert/{bad}", {"List-Unsubscribe": "One-Click"}).status_code == 404
    assert not Alert.objects.filter(stopped_at__isnull=False).exists()


def test_a_link_outlives_a_change_of_the_secret_key_and_no_deletion(client, token, options):
    from django.conf import settings

    old = str(settings.SECRET_KEY)
    options(SECRET_KEY="n" * 50, SECRET_KEY_FALLBACKS=[old])
    assert client.get(f"/d/alert/{token}").status_code == 200
    options(SECRET_KEY_FALLBACKS=[])
    assert client.get(f"/d/alert/{token}").status_code == 404
    options(SECRET_KEY=old)
    Alert.objects.all().delete()
    assert client.get(f"/d/alert/{token}").status_code == 404


# What it costs, and what is left


def test_more_alerts_and_matches_cost_no_more_queries(signed_in, land, reader):
    ann = reader("ann")
    client = signed_in(ann)

    def cost(address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    def make(query: str) -> Alert:
        return alerts.make(ann, query, "feed", "", datetime.now(UTC))

    one = make("caching")
    land("Caching 0")
    few = cost("/alerts"), cost(feed_of(one))
    for n in range(10):
        make(f"caching -trees{n}")
    for n in range(1, 10):
        land(f"Caching {n}", f"2611.{n + 1:05}")
    assert (cost("/alerts"), cost(feed_of(one))) == few


def test_the_alerts_of_a_deleted_account_are_gone_and_an_export_holds_them_without_secrets(signed_in, land, reader):
    from broadsheet.community.export import export

    ann = reader("ann")
    one = alerts.make(ann, "caching", "webhook", "https://hooks.example/in", datetime.now(UTC))
    land("Caching")
    held = str(export(ann, datetime.now(UTC)))
    assert "https://hooks.example/in" in held
    assert one.secret not in held
    ann.delete()
    assert (Alert.objects.count(), AlertMatch.objects.count()) == (0, 0)
