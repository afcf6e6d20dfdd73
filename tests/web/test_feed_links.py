"""Where feeds are, and what their addresses answer."""

import json
import re
from pathlib import Path

import feedparser
import pytest

from broadsheet.web.feeds import LISTS

COLLECTION = "collections/abcdefghijklmnopqrstuv"


@pytest.fixture
def everywhere(library, record, reader, clock):
    """A paper of today, which is in every list and in a public collection."""
    from broadsheet.community import clipping
    from broadsheet.community.models import Collection

    library.put([record("On caches", "2104.00001", authors=["Ann Lee"], topics=("cs.DS",), announced=library.today())])
    made = Collection.objects.create(
        reader=reader("ann"),
        slug=COLLECTION.split("/")[1],
        title="On caches",
        created_at=clock.now,
        changed_at=clock.now,
        visibility="public",
    )
    clipping.clip(made, library.find("2104.00001").paper_id, clock.now)
    return library


def test_a_bad_query_is_a_sentence_and_an_unknown_form_is_not_there(client, library):
    bad = client.get('/feeds/search.atom?q="never closed')
    assert bad.status_code == 400
    assert b"quote" in bad.content
    for address in ("/feeds/search.atom", "/feeds/topic.rss", "/feeds/author.json?name=%3F", "/feeds/topic.atom?t=+"):
        assert client.get(address).status_code == 400
    for address in ("/feeds/daily.xml", "/feeds/daily", "/feeds/status.atom", "/feeds/collections/a.xml"):
        assert client.get(address).status_code == 404
    assert client.post("/feeds/daily.atom").status_code in (403, 405)


def test_every_page_tells_of_its_feeds(client, everywhere, parsed):
    for page, feed in (
        ("/", "/feeds/daily.atom"),
        (f"/date/{everywhere.today().isoformat()}", "/feeds/daily.atom"),
        ("/week", "/feeds/week.atom"),
        ("/month", "/feeds/month.atom"),
        ("/trending", "/feeds/trending.atom"),
        ("/newest", "/feeds/newest.atom"),
        ("/topics/cs.DS", "/feeds/topic.atom?t=cs.DS"),
        ("/authors/Ann%20Lee", "/feeds/author.atom?name=Ann+Lee"),
        (f"/{COLLECTION}", f"/feeds/{COLLECTION}.atom"),
        ("/search?q=caches+%26+co", "/feeds/search.atom?q=caches%20%26%20co"),
    ):
        tags = parsed(client.get(page)).tags
        links = [attributes["href"] for tag, attributes in tags if tag == "link" and attributes["rel"] == "alternate"]
        assert feed in links
        assert len(links) == 3
        assert all(client.get(link).status_code == 200 for link in links)


def test_a_feed_tells_its_own_address_and_that_of_its_page(client, everywhere):
    for address, page in (
        ("/feeds/topic.{}?t=cs.DS", "/topics/cs.DS"),
        ("/feeds/author.{}?name=Ann+Lee", "/authors/Ann%20Lee"),
        ("/feeds/week.{}", "/week"),
        (f"/feeds/{COLLECTION}.{{}}", f"/{COLLECTION}"),
    ):
        asked = address.format("json")
        feed = json.loads(client.get(asked + ("&" if "?" in asked else "?") + "tracker=1").content)
        assert (feed["feed_url"], feed["home_page_url"]) == (f"http://localhost{asked}", f"http://localhost{page}")
        atom = feedparser.parse(client.get(address.format("atom")).content).feed
        assert {(link.rel, link.href) for link in atom.links} == {
            ("self", f"http://localhost{address.format('atom')}"),
            ("alternate", f"http://localhost{page}"),
        }
        assert client.get(page).status_code == 200


def test_the_reference_page_names_every_feed():
    page = Path(__file__).resolve().parents[2] / "docs" / "reference" / "feeds.md"
    described = re.findall(r"^\| `/feeds/([a-z]+)", page.read_text(), re.M)
    assert sorted(described) == sorted([*LISTS, "alerts", "collections"])
