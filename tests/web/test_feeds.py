"""Feeds, as a reader of feeds sees them: every list in every form."""

import json
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import product
from pathlib import Path
from urllib.parse import urlencode

import feedparser
import pytest

from broadsheet.web import feeds
from broadsheet.web.feed_ages import FeedAges
from broadsheet.web.feeds import LISTS
from each import each

CORPUS = json.loads(Path(__file__).with_name("hostile.json").read_text())
FORMS = ("atom", "rss", "json")
ASKED = {"topic": "t=cs.DS", "author": "name=Ann+Lee", "search": "q=caches"}
COLLECTION = "collections/abcdefghijklmnopqrstuv"
ADDRESSES = {
    name: f"/feeds/{name}.{{form}}" + (f"?{ASKED[name]}" if name in ASKED else "") for name in LISTS
} | {COLLECTION: f"/feeds/{COLLECTION}.{{form}}"}  # fmt: skip
EVERY = list(product(ADDRESSES, FORMS))
BAD_CHARACTERS = "form\x0cfeed, noncharacter\ufffe, bell\x07"


@pytest.fixture(autouse=True)
def fresh_memory(monkeypatch):
    """Each test is a new process to the feeds, which remember what they sent."""
    monkeypatch.setattr(feeds, "ages", FeedAges())


@pytest.fixture
def papers(library, record):
    """Two papers of today on caches: everything lists them."""
    library.put(
        [
            record(
                "Old paper about caches",
                "2104.00001",
                abstract="Old & <b>bold</b>.",
                authors=["Ann Lee", "Bo Chen"],
                topics=("cs.DS",),
                announced=library.today(),
            ),
            record(
                "New paper about caches",
                "2104.00002",
                authors=["Ann Lee"],
                topics=("cs.DS",),
                announced=library.today(),
            ),
        ]
    )
    return library


@pytest.fixture
def collect(library, reader, clock):
    """Make a collection of papers: collect("2104.00001", visibility="link"); its reader is Ann."""
    from broadsheet.community import clipping
    from broadsheet.community.models import Collection, Reader

    def make(*keys: str, visibility: str = "public", **fields) -> Collection:
        ann = Reader.objects.filter(username="ann").first() or reader("ann")
        made = Collection.objects.create(
            reader=ann, slug=COLLECTION.split("/")[1], title="On caches", created_at=clock.now, changed_at=clock.now,
            visibility=visibility, **fields,
        )  # fmt: skip
        for key in keys:
            clipping.clip(made, library.find(key).paper_id, clock.now)
        return made

    return make


@pytest.fixture
def everywhere(papers, collect):
    """The two papers in a public collection too, so that every feed holds both."""
    collect("2104.00001", "2104.00002")
    return papers


def read(response) -> list[dict]:
    """The entries of a feed of any form: id, link, title, text, authors, tags, published, updated."""
    assert response.status_code == 200, response.content
    if response["Content-Type"].startswith("application/feed+json"):
        return [
            {
                "id": entry["id"],
                "link": entry["url"],
                "title": entry["title"],
                "text": entry["content_text"],
                "authors": [author["name"] for author in entry["authors"]],
                "tags": entry["tags"],
                "published": datetime.fromisoformat(entry["date_published"]).replace(microsecond=0),
                "updated": datetime.fromisoformat(entry["date_modified"]).replace(microsecond=0),
            }
            for entry in json.loads(response.content)["items"]
        ]
    feed = feedparser.parse(response.content, sanitize_html=False)
    assert not feed.bozo, feed.get("bozo_exception")
    return [
        {
            "id": entry.id,
            "link": entry.link,
            "title": entry.title,
            "text": entry.summary,
            "authors": [author.name for author in entry.get("authors", []) if author],
            "tags": [tag.term for tag in entry.get("tags", [])],
            "published": datetime(*entry.published_parsed[:6], tzinfo=UTC),
            "updated": datetime(*(dict.get(entry, "updated_parsed") or entry.published_parsed)[:6], tzinfo=UTC),
        }
        for entry in feed.entries
    ]


@each("name, form", EVERY)
def test_every_list_is_a_feed_that_readers_understand(client, everywhere, clock, name, form):
    entries = {entry["link"]: entry for entry in read(client.get(ADDRESSES[name].format(form=form)))}
    assert len(entries) == 2
    old = entries["http://localhost/papers/2104.00001"]
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", old["id"])
    assert old["title"] == "Old paper about caches"
    assert old["text"] == ("Old & <b>bold</b>." if form == "json" else "Old &amp; &lt;b&gt;bold&lt;/b&gt;.")
    assert old["authors"] == ["Ann Lee", "Bo Chen"]
    assert old["tags"] == ["cs.DS"]
    assert old["published"] == old["updated"] == clock.now.replace(microsecond=0)


@each("name, form", EVERY)
def test_what_did_not_change_is_not_sent_again(client, everywhere, name, form):
    address = ADDRESSES[name].format(form=form)
    first = client.get(address)
    for headers in (
        {"If-None-Match": first["ETag"]},
        {"If-Modified-Since": first["Last-Modified"]},
        {"If-None-Match": first["ETag"], "If-Modified-Since": first["Last-Modified"]},
    ):
        again = client.get(address, headers=headers)
        assert (again.status_code, again.content) == (304, b""), headers
    assert parsedate_to_datetime(first["Last-Modified"]) <= datetime.now(UTC)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ADDRESSES)
def test_an_empty_feed_is_the_same_at_every_hour(client, library, collect, clock, name, form):
    collect()
    address = ADDRESSES[name].format(form=form)
    first = client.get(address)
    assert read(first) == []
    clock.forward(hours=3)
    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert client.get(address).content == first.content


def test_what_was_withdrawn_or_erased_leaves_every_feed_by_either_header(client, everywhere, subtests):
    addresses = [ADDRESSES[name].format(form=form) for name, form in EVERY]
    for leave, left in ((everywhere.withdraw, 1), (everywhere.erase, 0)):
        before = {address: client.get(address) for address in addresses}
        leave(f"2104.0000{left + 1}")
        for address, seen in before.items():
            with subtests.test(address):
                for headers in ({"If-None-Match": seen["ETag"]}, {"If-Modified-Since": seen["Last-Modified"]}):
                    assert len(read(client.get(address, headers=headers))) == left


@pytest.mark.parametrize("name", ["daily", "week", "month", "trending"])
def test_a_vote_changes_the_order_and_never_the_entries(client, everywhere, reader, clock, name):
    from broadsheet.community import voting

    address = ADDRESSES[name].format(form="atom")
    before = client.get(address)
    voting.vote(reader("bo"), everywhere.find("2104.00002").paper_id, clock.now)
    after = client.get(address, headers={"If-Modified-Since": before["Last-Modified"]})
    assert [entry["title"][:3] for entry in read(before)] == ["Old", "New"]
    assert [entry["title"][:3] for entry in read(after)] == ["New", "Old"]
    assert read(before) == read(after)[::-1]


def test_an_entry_keeps_its_name_when_it_is_revised_and_whatever_the_host(client, papers, record, clock):
    address = "/feeds/search.atom?q=caches"

    def old(**more):
        return next(entry for entry in read(client.get(address, **more)) if entry["title"].startswith("Old"))

    before = old()
    clock.forward(hours=5)
    papers.put([record("Old paper about caches, revised", "2104.00001", abstract="New.")])
    after, elsewhere = old(), old(headers={"Host": "127.0.0.1"})
    assert (
        (before["id"], before["published"])
        == (after["id"], after["published"])
        == (elsewhere["id"], before["published"])
    )
    assert elsewhere["link"].startswith("http://127.0.0.1/")
    assert before["updated"] < after["updated"]
    assert after["title"] == "Old paper about caches, revised"
    names = {
        entry["id"]
        for name in ADDRESSES
        if name != COLLECTION
        for entry in read(client.get(ADDRESSES[name].format(form="rss")))
    }
    assert len(names) == 2


def test_a_feed_is_the_same_for_everybody(client, everywhere, signed_in, subtests):
    editor = signed_in("ed", role="editor")
    for name, form in EVERY:
        address = ADDRESSES[name].format(form=form)
        with subtests.test(address):
            responses = [client.get(address), editor.get(address)]
            for response in responses:
                assert response["Cache-Control"] == "public, no-cache"
                assert "Vary" not in response
                assert not response.cookies
            assert responses[0].content == responses[1].content


@pytest.mark.parametrize("name", ADDRESSES)
def test_what_is_to_come_is_in_no_feed_until_its_day(client, everywhere, collect, record, clock, name):
    from broadsheet.community import clipping
    from broadsheet.community.models import Collection

    tomorrow = everywhere.today() + timedelta(days=1)
    everywhere.put(
        [record("To come: caches", "2104.00003", announced=tomorrow, topics=("cs.DS",), authors=["Ann Lee"])]
    )
    paper = everywhere.find("2104.00003").paper_id
    clipping.clip(Collection.objects.get(), paper, clock.now)
    address = ADDRESSES[name].format(form="atom")
    assert b"To come" not in client.get(address).content
    clock.forward(days=1)
    assert b"To come" in client.get(address).content


def test_the_daily_feed_is_the_latest_day_the_newest_one_goes_across_days(client, library, record):
    today = library.today()
    library.put([record(f"Day {n}", f"notes:{n}", announced=today - timedelta(days=n)) for n in range(3)])
    assert [entry["title"] for entry in read(client.get("/feeds/daily.atom"))] == ["Day 0"]
    assert [entry["title"] for entry in read(client.get("/feeds/newest.atom"))] == ["Day 0", "Day 1", "Day 2"]


def test_a_search_feed_holds_what_the_search_finds_the_newest_first(client, library, record, clock):
    for number in range(3):
        library.put([record(f"Caches, part {number}", f"2104.0000{number}")])
        clock.forward(days=1)
    library.put([record("Something else", "2104.00009")])
    feed = feedparser.parse(client.get('/feeds/search.rss?q="caches"').content)
    assert [entry.title for entry in feed.entries] == [f"Caches, part {number}" for number in (2, 1, 0)]


def test_a_feed_holds_a_hundred_papers_at_most(client, library, record):
    library.put(
        [
            record(f"Paper {n} on caches", f"2104.{n:05}", topics=("cs.DS",), announced=library.today())
            for n in range(130)
        ]
    )
    for name in ("daily", "week", "month", "newest", "trending", "topic", "search"):
        assert len(read(client.get(ADDRESSES[name].format(form="json")))) == 100, name


def test_a_collections_feed_keeps_its_order_and_tells_its_notes(client, papers, collect, library, clock):
    from broadsheet.community import clipping

    made = collect("2104.00001", "2104.00002")
    note = f"Read <script>alert(1)</script> & {BAD_CHARACTERS}"
    clipping.annotate(made, library.find("2104.00001").paper_id, note, clock.now)
    clipping.move(made, library.find("2104.00002").paper_id, "top", clock.now)
    for form in FORMS:
        response = client.get(f"/feeds/{COLLECTION}.{form}")
        entries = read(response)
        assert [entry["title"][:3] for entry in entries] == ["New", "Old"]
        text = entries[1]["text"]
        if form == "json":
            assert text == "Read <script>alert(1)</script> & formfeed, noncharacter, bell\n\nOld & <b>bold</b>."
        else:
            assert text == (
                "<p>Read &lt;script&gt;alert(1)&lt;/script&gt; &amp; formfeed, noncharacter, bell</p>"
                "<p>Old &amp; &lt;b&gt;bold&lt;/b&gt;.</p>"
            )
        assert b"<script" not in response.content or form == "json"


def test_a_long_collections_feed_holds_what_came_last(client, library, record, collect, clock):
    from broadsheet.community import clipping

    library.put([record(f"Paper {n}", f"2104.{n:05}") for n in range(103)])
    made = collect()
    for number in range(103):
        clipping.clip(made, library.find(f"2104.{number:05}").paper_id, clock.now)
        clock.forward(seconds=1)
    entries = read(client.get(f"/feeds/{COLLECTION}.atom"))
    assert [entry["title"] for entry in entries] == [f"Paper {n}" for n in range(3, 103)]


@pytest.mark.parametrize("form", FORMS)
def test_a_private_collection_has_no_feed_not_even_for_its_reader(client, papers, collect, signed_in, form):
    from broadsheet.community.models import Reader

    made = collect("2104.00001", visibility="private")
    address = f"/feeds/{COLLECTION}.{form}"
    for visitor in (client, signed_in(Reader.objects.get(username="ann"))):
        response = visitor.get(address)
        assert response.status_code == 404
        assert b"caches" not in response.content
    assert client.get(f"/feeds/collections/nothing-of-the-kind.{form}").status_code == 404
    type(made).objects.update(visibility="link")
    assert len(read(client.get(address))) == 1
    type(made).objects.update(visibility="private")
    assert client.get(address).status_code == 404


def test_a_limited_readers_collection_has_no_feed(client, papers, collect):
    from broadsheet.community.models import Reader

    collect("2104.00001")
    Reader.objects.update(is_limited=True)
    assert client.get(f"/feeds/{COLLECTION}.atom").status_code == 404


@pytest.mark.parametrize("form", FORMS)
def test_hostile_texts_are_only_text_in_every_form(client, library, record, collect, clock, form):
    from broadsheet.community import clipping

    library.put(
        [
            record(
                f"{text} title {n}"[:1_990],
                f"2104.{n:05}",
                abstract=f"{text} abstract",
                authors=[f"{text} author"[:499]],
                topics=(text[:199],),
                announced=library.today(),
            )
            for n, text in enumerate(CORPUS)
        ]
    )
    made = collect(*(f"2104.{n:05}" for n in range(len(CORPUS))), about=CORPUS[0])
    for n, text in enumerate(CORPUS):
        clipping.annotate(made, library.find(f"2104.{n:05}").paper_id, f"{text} note"[:2_000], clock.now)
    type(made).objects.update(title=CORPUS[1])
    topic = CORPUS[0]
    for address in (
        *(ADDRESSES[name].format(form=form) for name in ("daily", "newest", "week", "trending", COLLECTION)),
        f"/feeds/topic.{form}?{urlencode({'t': topic})}",
        f"/feeds/author.{form}?{urlencode({'name': f'{topic} author'})}",
        f"/feeds/search.{form}?q=alert",
    ):
        response = client.get(address)
        entries = read(response)
        assert entries, address
        assert all(entry["link"].startswith("http://localhost/papers/2104.") for entry in entries)
        if form != "json":
            lowered = response.content.lower()
            assert not any(tag in lowered for tag in (b"<script", b"<img", b"<svg", b"<iframe", b"<style"))
            assert all(set(re.findall(r"</?\w+", entry["text"])) <= {"<p", "</p"} for entry in entries)
        if form == "rss":
            assert not any("<" in entry["title"] for entry in entries)


def test_characters_that_xml_cannot_hold_are_left_out(client, library, record, collect, clock):
    library.put([record("Title", "2104.00001", abstract="Abstract", announced=library.today())])
    from broadsheet.library.models import Version

    Version.objects.using(library.alias).update(
        title=f"Title {BAD_CHARACTERS}",
        abstract=BAD_CHARACTERS,
        authors=[{"name": BAD_CHARACTERS}],
        topics=[BAD_CHARACTERS],
    )
    for form in FORMS:
        (entry,) = read(client.get(f"/feeds/newest.{form}"))
        assert entry["title"] == "Title formfeed, noncharacter, bell"
