"""Journals' RSS and Atom feeds: entries into records, and what has not changed since."""

from datetime import date

import pytest

from broadsheet.papers import Identifier
from broadsheet.sources import FetchError, JournalFeed, SourceError, parse_feed

NAMES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
)


def rss(*entries: str) -> bytes:
    inner = "".join(f"<item>{entry}</item>" for entry in entries)
    return f'<rss version="2.0" {NAMES}><channel><title>Nature &amp;amp; Co</title>{inner}</channel></rss>'.encode()


def rdf(*entries: str) -> bytes:
    inner = "".join(f"<item>{entry}</item>" for entry in entries)
    return (
        f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" {NAMES}>'
        f"<channel><title>Science</title></channel>{inner}</rdf:RDF>"
    ).encode()


def atom(*entries: str) -> bytes:
    inner = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Letters</title>{inner}</feed>'.encode()


def only(payload: bytes):
    (found,) = parse_feed(payload, "x", "feed-x").records
    return found


ENTRY = (
    "<title>On &lt;i&gt;E. coli&lt;/i&gt;</title><link>https://www.nature.com/articles/s1</link>"
    "<prism:doi>10.1038/s1</prism:doi>"
    "<description>Short.</description><content:encoded>&lt;p&gt;The longer text.&lt;/p&gt;</content:encoded>"
    "<dc:creator>Ann One</dc:creator><dc:creator>Two, Bob</dc:creator><dc:date>2026-11-20</dc:date>"
    "<prism:publicationName>Nature</prism:publicationName><dc:subject>Biology</dc:subject>"
)


@pytest.mark.parametrize("wrap", [rss, rdf])
def test_an_entry_of_rss_gives_every_field(wrap):
    found = only(wrap(ENTRY))
    assert found.identifiers == (Identifier("doi", "10.1038/s1"),)
    assert found.source == "feed-x"
    version = found.version
    assert version.title == "On E. coli"
    assert version.abstract == "The longer text."
    assert [author.name for author in version.authors] == ["Ann One", "Bob Two"]
    assert (version.published, version.venue, version.topics) == (date(2026, 11, 20), "Nature", ("Biology",))


def test_an_entry_of_atom_gives_every_field():
    found = only(
        atom(
            "<title type='html'>On &lt;b&gt;this&lt;/b&gt;</title><id>tag:x,2026:1</id>"
            "<published>2026-11-20T01:02:03Z</published>"
            "<link rel='self' href='https://a.example/self'/><link href='https://a.example/doi/10.1103/PhysRevX.1.1'/>"
            "<summary>Text</summary><author><name>Ann One</name></author><author><name>Bob Two</name></author>"
            "<category term='physics'/>"
        )
    )
    assert found.identifiers == (Identifier("doi", "10.1103/physrevx.1.1"),)
    assert [author.name for author in found.version.authors] == ["Ann One", "Bob Two"]
    assert (found.version.venue, found.version.topics) == ("Letters", ("physics",))
    assert found.version.published == date(2026, 11, 20)


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        ("<link>https://onlinelibrary.wiley.com/doi/abs/10.1002/anie.1?af=R</link>", "doi:10.1002/anie.1"),
        ("<link>https://a.example/1</link><dc:identifier>doi:10.1000/x</dc:identifier>", "doi:10.1000/x"),
        ("<link>https://www.biorxiv.org/content/10.1101/2026.01.01.1v2?rss=1</link>", "doi:10.1101/2026.01.01.1"),
        ("<link>https://arxiv.org/abs/2509.13332</link>", "arxiv:2509.13332"),
        ("<guid isPermaLink='false'>oai:arXiv.org:2509.13332v1</guid>", "arxiv:2509.13332"),
        ("<guid>https://a.example/paper/1</guid>", "url:https://a.example/paper/1"),
        ("<link>https://a.example/paper/2</link>", "url:https://a.example/paper/2"),
    ],
)
def test_a_paper_is_named_by_its_doi_its_arxiv_id_or_else_its_link(entry, name):
    assert [str(found) for found in only(rss(f"<title>T</title>{entry}")).identifiers] == [name]


def test_arxiv_s_own_feed_is_read(shared_data):
    part = (shared_data / "protocol_samples/arxiv_rss/cs.AI_2025-09-18.fragment.xml").read_bytes()
    told = (
        b"<description>arXiv:2509.13332v1 Announce Type: new \nAbstract: We test it.</description>"
        b"<dc:creator>A. One, B. Two</dc:creator>"
    )
    found = only(part + told + b"</item></channel></rss>")
    assert found.identifiers == (Identifier("arxiv", "2509.13332"),)
    assert found.version.title.startswith("Explicit Reasoning Makes Better Judges")
    assert found.version.abstract == "We test it."
    assert [author.name for author in found.version.authors] == ["A. One", "B. Two"]


@pytest.mark.parametrize(("encoding", "sign"), [("ISO-8859-1", "é"), ("iso-8859-15", "€"), ("windows-1252", "“")])
def test_the_old_western_encodings_are_read_and_no_others(encoding, sign):
    written = rss(f"<title>T{sign}</title><link>https://a.example/1</link>").decode().encode(encoding)
    declared = f'<?xml version="1.0" encoding="{encoding}"?>'.encode()
    assert only(declared + written).version.title == f"T{sign}"
    with pytest.raises(SourceError, match="only UTF-8 is read here"):
        parse_feed(declared.replace(encoding.encode(), b"utf-7") + written, "x", "feed-x")


def test_days_are_read_as_mail_and_as_the_web_write_them():
    for written in ("Thu, 20 Nov 2026 00:00:00 -0400", "20 Nov 2026 10:00:00 GMT", "2026-11-20T00:00:00Z"):
        entry = f"<title>T</title><link>https://a.example/1</link><pubDate>{written}</pubDate>"
        assert only(rss(entry)).version.published == date(2026, 11, 20)


def test_what_cannot_be_used_is_a_fault_beside_the_good_ones():
    page = parse_feed(
        rss(
            "<title>T</title><link>https://a.example/1</link>",
            "<title>No link</title>",
            "<link>https://a.example/3</link>",
            "<title>T</title><link>https://a.example/4</link><pubDate>someday</pubDate>",
            "<title>T</title><link>javascript:alert(1)</link>",
        ),
        "x",
        "feed-x",
    )
    assert len(page.records) == 1
    assert [fault.place for fault in page.faults] == [
        "x entry 2",
        "https://a.example/3",
        "https://a.example/4",
        "x entry 5",
    ]


@pytest.mark.parametrize("payload", [b"", b"<html/>", b"{}", b"<opml/>", b'<!DOCTYPE rss SYSTEM "x"><rss/>'])
def test_what_is_no_feed_is_refused(payload):
    with pytest.raises(SourceError):
        parse_feed(payload, "x", "feed-x")


def test_a_feed_of_too_many_entries_is_refused():
    with pytest.raises(SourceError, match="10,001 entries"):
        parse_feed(rss(*[""] * 10_001), "x", "feed-x")


def test_what_has_not_changed_is_not_sent_again(serve, transport_to):
    def reply(_path, headers):
        if headers.get("if-none-match") == '"v1"':
            return 304, {}, b""
        return 200, {"ETag": '"v1"', "Last-Modified": "Fri, 20 Nov 2026 00:00:00 GMT"}, rss(ENTRY, ENTRY)

    server = serve(reply)
    feed = JournalFeed(transport_to(server), f"{server.url}/nature.rss")
    (page,) = feed.harvest()
    assert (len(page.records), feed.etag, feed.last_modified) == (2, '"v1"', "Fri, 20 Nov 2026 00:00:00 GMT")
    assert feed.name == "feed-127.0.0.1"
    again = JournalFeed(transport_to(server), f"{server.url}/nature.rss", feed.etag, feed.last_modified)
    (page,) = again.harvest()
    assert (page.records, page.total) == ((), 0)
    assert again.etag == '"v1"'
    assert server.asked[1][1]["if-modified-since"] == "Fri, 20 Nov 2026 00:00:00 GMT"


def test_a_feed_may_not_lead_inside(serve, transport_to):
    inside = serve(lambda *_: (200, {}, rss(ENTRY)))
    server = serve(lambda *_: (302, {"Location": f"{inside.url}/x"}, b""))
    with pytest.raises(FetchError, match="redirects to where it must not"):
        list(JournalFeed(transport_to(server), server.url).harvest())
    assert not inside.asked


@pytest.mark.parametrize("address", ["", "nature.rss", "/x", "http://[x", "\ud800"])
def test_what_is_no_address_is_refused(transport_to, address):
    with pytest.raises(SourceError, match="address"):
        JournalFeed(transport_to(), address)
