"""A reader's own digest: as it would be now, and as a feed of the issues that went out."""

from datetime import timedelta

import feedparser
import pytest

from broadsheet.digests import composing, issuing, links
from broadsheet.digests.models import Delivery, Interest, Issue, Subscriber
from broadsheet.web import previewing


@pytest.fixture
def listed(library, record):
    """Put papers on today's list."""
    return lambda *titles: library.put(
        [record(title, source="arxiv", announced=library.today(), topics=("cs.IR",)) for title in titles]
    )


@pytest.fixture
def subscribed(library, clock):
    """Make the subscription of a reader, which is due now."""

    def make(reader) -> Subscriber:
        times = {"asked_at": clock(), "confirmed_at": clock(), "next_at": clock()}
        made = Subscriber.objects.create(address=reader.email, reader=reader, key="k" * 22, **times)
        Interest.objects.create(subscriber=made, kind="topic", value="cs.IR")
        return made

    return make


def test_a_preview_shows_the_next_mail_and_keeps_nothing(signed_in, reader, listed, subscribed, parsed):
    ann = reader("ann")
    listed("Paper <b>one</b>", "Paper two")
    subscribed(ann)
    response = signed_in(ann).get("/digest/preview")
    page = parsed(response)
    assert previewing.NOTE in page.text
    assert "Paper <b>one</b>" in page.text
    assert "topic cs.IR" in page.text
    assert not Issue.objects.exists()
    assert not Delivery.objects.exists()
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "no-store" in response["Cache-Control"]


def test_a_preview_of_nothing_says_so(signed_in, reader, subscribed, parsed):
    ann = reader("ann")
    subscribed(ann)
    assert previewing.NOTHING in parsed(signed_in(ann).get("/digest/preview")).text


def test_a_preview_is_for_its_subscriber_alone(client, signed_in, reader, subscribed):
    subscribed(reader("ann"))
    assert client.get("/digest/preview").url.startswith("/accounts/login/")
    assert signed_in("bo").get("/digest/preview").url == "/subscribe"
    assert signed_in("cy").post("/digest/preview").status_code == 405


def test_a_preview_cannot_be_asked_for_without_end(signed_in, reader, subscribed):
    ann = reader("ann")
    subscribed(ann)
    browser = signed_in(ann)
    assert [browser.get("/digest/preview").status_code for _ in range(11)] == [200] * 10 + [429]


@pytest.fixture
def sent(reader, listed, subscribed, library, clock):
    """A subscriber who was sent two issues, the first at a noon, so that the second is of the next day."""
    clock.now = clock.now.replace(hour=12, minute=0) - timedelta(days=3)
    ann = subscribed(reader("ann"))
    for day in range(2):
        listed(*(f"Day {day} paper {n} & <i>more</i>" for n in range(4)))
        issuing.queue_due(library, clock())
        clock.now = Subscriber.objects.get(pk=ann.pk).next_at  # hours later it would be missed, and only told of
    return ann


def test_the_feed_equals_the_mails(sent, client):
    entries = feedparser.parse(client.get(f"/d/feed/{links.seal(sent, 'feed')}.atom").content).entries
    expected = []
    for delivery in Delivery.objects.select_related("subscriber", "issue").order_by("-pk"):
        letter = composing.Writer([delivery]).write(delivery)
        assert letter is not None
        blocks = letter.body.split("\n\n")[1:-1]
        assert len(blocks) == 4
        expected += [tuple(block.splitlines()[:2]) for block in blocks]
    assert len(expected) == 8
    found = [(f"{nth % 4 + 1}. {entry.title}", entry.summary) for nth, entry in enumerate(entries)]
    assert found == expected


def test_the_feed_needs_its_own_link_and_ends_with_the_subscription(sent, client, clock):
    token = links.seal(sent, "feed")
    for other in (links.seal(sent, "leave"), token[:-1], "x", f"{token}x"):
        assert client.get(f"/d/feed/{other}.atom").status_code == 404
    assert client.post(f"/d/feed/{token}.atom").status_code == 405
    response = client.get(f"/d/feed/{token}.atom")
    assert response["Content-Type"].startswith("application/atom+xml")
    assert "no-store" in response["Cache-Control"]
    Subscriber.objects.update(left_at=clock())
    assert client.get(f"/d/feed/{token}.atom").status_code == 410


def test_withdrawn_papers_leave_the_feed(sent, client, library):
    from broadsheet.library.models import Paper

    library.withdraw(Paper.objects.earliest("pk").key)
    assert len(feedparser.parse(client.get(f"/d/feed/{links.seal(sent, 'feed')}.atom").content).entries) == 7


def test_the_feed_costs_as_many_queries_for_many_issues_as_for_few(sent, client, library, clock, listed):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/d/feed/{links.seal(sent, 'feed')}.atom")
        return len(queries)

    few = cost()
    for _ in range(4):
        Subscriber.objects.update(next_at=clock() - timedelta(minutes=1))
        listed(f"Paper of {clock()}")
        issuing.queue_due(library, clock())
        clock.forward(days=1)
    assert cost() == few


def test_the_status_page_tells_an_alarm(client, library, clock, parsed):
    Issue.objects.create(day=library.today(), opened_at=clock(), alarm="No papers came.")
    assert "No papers came." in parsed(client.get("/status")).text
