"""Feeds, as a reader of feeds sees them."""

import json

import feedparser
import pytest

HOSTILE = "Attack </title><script>alert(1)</script> & $x<y$ of “quotes”"


@pytest.fixture
def papers(library, record):
    library.put(
        [
            record("Old paper about caches", "2104.00001", abstract="Old.", authors=["Ann Lee"], topics=("cs.DS",)),
            record(HOSTILE, "2104.00002", abstract="<img src=x onerror=alert(1)> & more"),
        ]
    )


@pytest.mark.parametrize("form", ["atom", "rss"])
def test_a_feed_reader_reads_every_paper_and_nothing_that_runs(client, papers, form):
    response = client.get(f"/feeds/newest.{form}")
    feed = feedparser.parse(response.content, sanitize_html=False)
    assert not feed.bozo
    assert [entry.link for entry in feed.entries] == [
        "http://localhost/papers/2104.00002",
        "http://localhost/papers/2104.00001",
    ]
    assert feed.entries[1].title == "Old paper about caches"
    assert feed.entries[1].summary == "Old."
    assert feed.entries[1].author == "Ann Lee"
    assert [tag.term for tag in feed.entries[1].tags] == ["cs.DS"]
    assert b"<script" not in response.content
    assert b"<img" not in response.content
    assert "<img" not in feed.entries[0].summary
    if form == "rss":
        assert "<script" not in feed.entries[0].title


def test_the_json_feed_holds_the_same(client, papers):
    response = client.get("/feeds/newest.json")
    assert response["Content-Type"].startswith("application/feed+json")
    feed = json.loads(response.content)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert [entry["url"].rsplit("/", 1)[1] for entry in feed["items"]] == ["2104.00002", "2104.00001"]
    old = feed["items"][1]
    assert (old["title"], old["content_text"], old["authors"], old["tags"]) == (
        "Old paper about caches", "Old.", [{"name": "Ann Lee"}], ["cs.DS"],
    )  # fmt: skip


@pytest.mark.parametrize("form", ["atom", "rss", "json"])
def test_what_did_not_change_is_not_sent_again(client, papers, library, record, form):
    address = f"/feeds/search.{form}?q=caches"
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    library.put([record("New paper about caches", "2104.00003")])
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_an_entry_keeps_its_name_when_it_is_revised(client, papers, library, record, clock):
    before = feedparser.parse(client.get("/feeds/search.atom?q=caches").content).entries[0]
    clock.forward(hours=5)
    library.put([record("Old paper about caches, revised", "2104.00001", abstract="New.")])
    after = feedparser.parse(client.get("/feeds/search.atom?q=caches").content).entries[0]
    assert (before.id, before.published) == (after.id, after.published)
    assert before.updated < after.updated
    assert after.title == "Old paper about caches, revised"


def test_a_search_feed_holds_what_the_search_finds_the_newest_first(client, library, record, clock):
    for number in range(3):
        library.put([record(f"Caches, part {number}", f"2104.0000{number}")])
        clock.forward(days=1)
    library.put([record("Something else", "2104.00009")])
    feed = feedparser.parse(client.get('/feeds/search.rss?q="caches"').content)
    assert [entry.title for entry in feed.entries] == [f"Caches, part {number}" for number in (2, 1, 0)]


def test_a_withdrawn_paper_leaves_the_feeds(client, papers, library):
    library.withdraw("2104.00001")
    assert b"2104.00001" not in client.get("/feeds/daily.atom").content
    assert b"2104.00001" not in client.get("/feeds/search.atom?q=caches").content


def test_a_bad_query_is_a_sentence_and_an_unknown_form_is_not_there(client, library):
    bad = client.get('/feeds/search.atom?q="never closed')
    assert bad.status_code == 400
    assert b"quote" in bad.content
    assert client.get("/feeds/search.atom").status_code == 400
    assert client.get("/feeds/daily.xml").status_code == 404


def test_every_page_tells_of_its_feeds(client, papers, parsed):
    for page, feed in (
        ("/", "/feeds/daily.atom"),
        ("/search?q=caches+%26+co", "/feeds/search.atom?q=caches%20%26%20co"),
    ):
        tags = parsed(client.get(page)).tags
        links = [attributes["href"] for tag, attributes in tags if tag == "link" and attributes["rel"] == "alternate"]
        assert feed in links
        assert len(links) == 3
        assert all(client.get(link).status_code == 200 for link in links)


@pytest.mark.parametrize("address", ["/feeds/daily.atom", "/feeds/search.json?q=paper"])
def test_a_feed_of_fifty_papers_costs_as_many_queries_as_one_of_five(client, library, record, address):
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    def cost() -> int:
        library.search("warm up")
        with CaptureQueriesContext(connections[library.alias]) as queries:
            assert client.get(address).status_code == 200
        return len(queries)

    library.put([record(f"Paper {n} of many", f"2104.{n:05}") for n in range(5)])
    few = cost()
    library.put([record(f"Paper {n} of many", f"2104.{n:05}") for n in range(5, 50)])
    assert cost() == few
