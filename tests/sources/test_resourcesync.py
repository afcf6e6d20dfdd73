"""ResourceSync as a destination: what is read of a source, what is refused, and where a run goes on."""

import gzip
import hashlib
import json
from datetime import UTC, datetime
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from broadsheet.sources import Reach, ResourceSync, SourceError
from broadsheet.sources.resourcesync_lists import read_listing, read_moment

NAMES = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:rs="http://www.openarchives.org/rs/terms/"'
AT = "2026-11-21T12:00:00.000000Z"
SINCE = Reach(datetime(2026, 11, 21, 12, tzinfo=UTC))


def document(capability: str, *rows: str, about: str = "", index: bool = False) -> bytes:
    root = "sitemapindex" if index else "urlset"
    return f'<{root} {NAMES}><rs:md capability="{capability}" {about}/>{"".join(rows)}</{root}>'.encode()


def row(address: str, about: str = "", index: bool = False) -> str:
    tag = "sitemap" if index else "url"
    return f"<{tag}><loc>{address}</loc><rs:md {about}/></{tag}>"


def paper(nth: int, title: str = "Paper", **more) -> bytes:
    return json.dumps({"identifiers": [f"arxiv:2611.{nth:05}"], "title": f"{title} {nth}", **more}).encode()


def described(body: bytes) -> str:
    return f'hash="sha-256:{hashlib.sha256(body).hexdigest()}" length="{len(body)}"'


class Site(dict):
    """What a server has, by path; "{site}" in it stands for its own address."""

    def list(self, *paths: str, at: str = AT) -> None:
        rows = [row(f"{{site}}{path}", described(self[path])) for path in paths]
        self["/list.xml"] = document("resourcelist", *rows, about=f'at="{at}"')

    def change(self, *changes: tuple[str, str, str], about: str = f'from="{AT}"') -> None:
        rows = []
        for path, change, at in changes:
            more = described(self[path]) if path in self and change != "deleted" else ""
            rows.append(row(f"{{site}}{path}", f'change="{change}" {at and f"datetime={at!r}"} {more}'))
        self["/changes.xml"] = document("changelist", *rows, about=about)

    def offer(self, **capabilities: str) -> None:
        rows = [row(f"{{site}}{path}", f'capability="{name}"') for name, path in capabilities.items()]
        self["/capabilities.xml"] = document("capabilitylist", *rows)
        self["/.well-known/resourcesync"] = document(
            "description", row("{site}/capabilities.xml", 'capability="capabilitylist"')
        )


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def server(serve, site):
    def answer(path: str, headers: dict[str, str]):
        if path not in site:
            return 404, {}, b""
        body = site[path]
        if isinstance(body, tuple):
            return body
        return 200, {}, body.replace(b"{site}", server.url.encode()) if b"{site}" in body else body

    server = serve(answer)
    return server


@pytest.fixture
def source(server, transport_to):
    def make(path: str = "/list.xml", **options) -> ResourceSync:
        limits = {name: options.pop(name) for name in ("limit", "now", "retries") if name in options}
        return ResourceSync(transport_to(server, **limits), f"{server.url}{path}", **options)

    return make


def titles(pages) -> list[str]:
    return [record.version.title if record.version else "gone" for page in pages for record in page.records]


def reasons(pages) -> str:
    return "\n".join(str(fault) for page in pages for fault in page.faults)


# What is read


def test_everything_is_found_from_the_sites_address(site, source, server):
    site["/1.json"], site["/2.json"] = paper(1), paper(2)
    site.list("/1.json", "/2.json")
    site.offer(resourcelist="/list.xml")
    for path in ("", "/", "/papers", "/.well-known/resourcesync", "/capabilities.xml", "/list.xml"):
        harvester = source(path)
        pages = list(harvester.harvest())
        assert titles(pages) == ["Paper 1", "Paper 2"], path
        assert reasons(pages) == ""
        assert harvester.reached == SINCE
        assert pages[-1].cursor is None


def test_a_record_is_of_the_site_and_named_by_its_address(site, source, server):
    site["/1.json"] = paper(1, source="editor", number=7, version=3)
    site.list("/1.json")
    (record,) = next(iter(source().harvest())).records
    assert record.source == server.authority, "what a stranger says of whose record it is counts for nothing"
    assert [str(name) for name in record.identifiers] == ["arxiv:2611.00001", f"url:{server.url}/1.json"]
    assert record.number == 3
    assert record.place == f"{server.url}/1.json"


def test_parts_of_an_index_are_read_in_its_order(site, source):
    for number in (1, 2):
        site[f"/{number}.json"] = paper(number)
        site[f"/part{number}.xml"] = document("resourcelist", row(f"{{site}}/{number}.json"))
    site["/list.xml"] = document(
        "resourcelist", *(row(f"{{site}}/part{n}.xml", index=True) for n in (2, 1)), index=True
    )
    assert titles(source().harvest()) == ["Paper 2", "Paper 1"]


def test_files_of_many_papers_are_read_by_their_endings(site, source, server):
    site["/a.jsonl"] = b'{"id": "1", "title": "Caches"}\n{"id": "2"}\n'
    site["/b.bib.gz"] = gzip.compress(b"@article{x, title={Trees}, author={Lee, Ann}}")
    site["/c.ris"] = b"TY  - JOUR\nTI  - Graphs\nER  - \n"
    site["/d.xml"] = b"<feed xmlns='http://www.w3.org/2005/Atom'></feed>"
    site["/e.html"] = b"<p>Hello"
    site.list(*sorted(path for path in site if path != "/list.xml"))
    pages = list(source().harvest())
    assert titles(pages) == ["Caches", "Trees", "Graphs"]
    said = reasons(pages)
    assert f"{server.url}/a.jsonl line 2: the record has no title" in said
    assert f"{server.url}/e.html: its ending is none" in said
    names = {str(record.identifiers[-1]) for page in pages for record in page.records}
    assert f"url:{server.url}/a.jsonl#a:1" in names


def test_every_form_of_a_time_is_read():
    for text, read in (
        ("2026", "2026-01-01T00:00:00+00:00"),
        ("2026-11", "2026-11-01T00:00:00+00:00"),
        ("2026-11-21", "2026-11-21T00:00:00+00:00"),
        ("2026-11-21T10:30+01:30", "2026-11-21T09:00:00+00:00"),
        (" 2026-11-21T10:30:01Z ", "2026-11-21T10:30:01+00:00"),
        ("2026-11-21T10:30:01.5Z", "2026-11-21T10:30:01.500000+00:00"),
        ("2026-11-21T10:30:01", "2026-11-21T10:30:01+00:00"),
    ):
        assert read_moment(text).isoformat() == read
    for text in (
        "",
        "yesterday",
        "2026-13-01",
        "2026-11-21T25:00Z",
        "0001-01-01T00:00+23:00",
        "20261121",
        "٢٠٢٦",
        "9" * 99,
    ):
        with pytest.raises(ValueError, match="is not a time"):
            read_moment(text)


# Changes


def test_only_changes_since_the_last_run_are_read_and_of_each_resource_the_last(site, source, server):
    site["/1.json"], site["/2.json"], site["/3.json"] = paper(1), paper(2), paper(3)
    site.change(
        ("/1.json", "created", AT),
        ("/2.json", "created", "2026-11-21T12:00:01Z"),
        ("/2.json", "deleted", "2026-11-21T12:00:02Z"),
        ("/3.json", "updated", "2026-11-21T12:00:03Z"),
        ("/3.json", "updated", "2026-11-21T12:00:03Z"),
    )
    site.offer(resourcelist="/none.xml", changelist="/changes.xml")
    kept = {"since": Reach(datetime(2026, 11, 21, 12, 0, 1, tzinfo=UTC)), "held": lambda: [(f"{server.url}/3.json",)]}
    harvester = source("", **kept)
    assert titles(harvester.harvest()) == ["gone", "Paper 3"]
    assert str(harvester.reached) == "2026-11-21T12:00:03.000000Z/2"
    assert [path for path, _ in server.asked if path.endswith("json")] == ["/3.json"]
    again = source("", since=harvester.reached)
    assert titles(again.harvest()) == [], "as many changes of the last moment as before are none"
    assert again.reached == harvester.reached
    site["/4.json"] = paper(4)
    changes = site["/changes.xml"].decode().replace("</urlset>", "")
    site["/changes.xml"] = (
        changes + row("{site}/4.json", 'change="created" datetime="2026-11-21T12:00:03Z"') + "</urlset>"
    ).encode()
    later = source("", since=harvester.reached)
    assert titles(later.harvest()) == ["Paper 3", "Paper 4"], "one more of the same moment may be any of them"
    assert str(later.reached) == "2026-11-21T12:00:03.000000Z/3"


def test_a_deletion_names_the_paper_by_its_address(site, source, server):
    site.change(("/1.json", "deleted", AT))
    site.offer(resourcelist="/none.xml", changelist="/changes.xml")
    (page,) = source("", since=SINCE).harvest()
    assert [str(name) for name in page.records[0].identifiers] == [f"url:{server.url}/1.json"]


def test_a_file_that_goes_takes_its_papers_along_and_so_does_a_line_of_it(site, source, server):
    site["/b.jsonl"] = b'{"id": "1", "title": "Caches"}\n'
    site.change(("/a.jsonl", "deleted", AT), ("/b.jsonl", "updated", AT))
    site.offer(resourcelist="/none.xml", changelist="/changes.xml")
    held = [(f"{server.url}/{name}",) for name in ("a.jsonl#a:1", "b.jsonl#b:1", "b.jsonl#b:2", "c.jsonl#c:1")]
    (page,) = source("", since=SINCE, held=lambda: held).harvest()
    gone = [record.identifiers[0].value for record in page.records if record.is_withdrawn]
    assert sorted(gone) == [f"{server.url}/a.jsonl#a:1", f"{server.url}/b.jsonl#b:2"]


def test_changes_of_the_moment_of_a_list_are_not_read_again_where_the_list_had_them(site, source, server):
    site["/1.json"], site["/2.json"], site["/3.json"] = paper(1), paper(2), paper(3)
    site.list("/1.json", "/2.json", "/3.json")
    site.change(("/1.json", "created", AT), ("/2.json", "updated", AT), ("/4.json", "deleted", AT), about='from="2026"')
    site.offer(resourcelist="/list.xml", changelist="/changes.xml")
    first = source("")
    assert len(titles(first.harvest())) == 3
    assert str(first.reached) == f"{AT}/3"
    del server.asked[:]
    assert titles(source("", since=first.reached).harvest()) == []
    assert not [path for path, _ in server.asked if path.endswith(".json")]


@pytest.mark.parametrize("change", ["another", "refused", "deleted", "unlisted", "unhashed"])
def test_changes_of_the_moment_of_a_list_that_it_had_not_are_read(site, source, change):
    site["/1.json"], site["/2.json"] = paper(1), paper(2)
    site.list("/1.json", *(["/2.json"] if change != "unlisted" else []))
    site.change(("/1.json", "created", AT), ("/2.json", "deleted" if change == "deleted" else "updated", AT))
    if change == "another":
        site["/changes.xml"] = site["/changes.xml"].replace(described(paper(2)).encode(), described(b"{}").encode())
    if change == "unhashed":
        site["/changes.xml"] = site["/changes.xml"].replace(described(paper(2)).encode(), b"")
    if change == "refused":
        site["/2.json"] = b"{}"
    site.offer(resourcelist="/list.xml", changelist="/changes.xml")
    harvester = source("")
    list(harvester.harvest())
    assert harvester.reached == SINCE


def test_changes_without_times_are_always_taken(site, source):
    site["/1.json"] = paper(1)
    site.change(("/1.json", "updated", ""), about="")
    site.offer(resourcelist="/none.xml", changelist="/changes.xml")
    harvester = source("", since=SINCE)
    assert titles(harvester.harvest()) == ["Paper 1"]
    assert harvester.reached == SINCE


def test_of_an_index_of_changes_only_the_parts_since_then_are_read(site, source, server):
    site["/2.json"] = paper(2)
    site["/old.xml"] = b"never read"
    site["/new.xml"] = document("changelist", row("{site}/2.json", f'change="created" datetime="{AT}"'))
    site["/changes.xml"] = document(
        "changelist",
        row("{site}/old.xml", 'from="2026-11-20" until="2026-11-21T11:59:59Z"', index=True),
        row("{site}/new.xml", 'from="2026-11-21T11:59:59Z"', index=True),
        index=True,
    )
    site.offer(resourcelist="/none.xml", changelist="/changes.xml")
    assert titles(source("", since=SINCE).harvest()) == ["Paper 2"]
    assert "/old.xml" not in [path for path, _ in server.asked]


def test_changes_that_do_not_reach_back_far_enough_mean_everything_is_read(site, source):
    site["/1.json"] = paper(1)
    site.list("/1.json", at="2026-11-22T00:00:00Z")
    site.change(about='from="2026-11-21T13:00:00Z"')
    site.offer(resourcelist="/list.xml", changelist="/changes.xml")
    harvester = source("", since=SINCE)
    assert titles(harvester.harvest()) == ["Paper 1"]
    assert harvester.reached.at == datetime(2026, 11, 22, tzinfo=UTC)


def test_a_change_yet_to_come_does_not_make_us_deaf_until_then(site, source):
    site["/1.json"] = paper(1)
    site.change(("/1.json", "created", "2999-01-01T00:00:00Z"))
    site.offer(resourcelist="/none.xml", changelist="/changes.xml")
    harvester = source("", since=SINCE, now=lambda: datetime(2026, 11, 21, 13, tzinfo=UTC))
    pages = list(harvester.harvest())
    assert titles(pages) == ["Paper 1"]
    assert "yet to come" in reasons(pages)
    assert harvester.reached == SINCE


def test_where_very_much_changed_everything_is_read_by_archives_and_stays_so(site, source, server, dump, monkeypatch):
    monkeypatch.setattr("broadsheet.sources.resourcesync.MANY", 3)
    monkeypatch.setattr("broadsheet.sources.resourcesync_pages.PAGE_SIZE", 2)
    bodies = {f"/{number}.json": paper(number) for number in range(1, 6)}
    rows = [row(f"{server.url}{path}", f'path="{path}" {described(body)}') for path, body in bodies.items()]
    dump(archive({path[1:]: body for path, body in bodies.items()}, document("resourcedump-manifest", *rows)))
    site.change(*((path, "updated", "2026-11-21T12:00:01Z") for path in bodies))
    site.offer(resourcelist="/none.xml", changelist="/changes.xml", resourcedump="/dump.xml")
    first = next(source("", since=SINCE).harvest())
    assert titles([first]) == ["Paper 1", "Paper 2"]
    assert not [path for path, _ in server.asked if path.endswith(".json")]
    site.change(("/1.json", "updated", "2026-11-21T12:00:01Z"))
    harvester = source("", since=SINCE)
    assert titles(harvester.harvest(first.cursor)) == ["Paper 3", "Paper 4", "Paper 5"], "what was begun is ended"
    assert harvester.reached == SINCE


def test_of_very_many_lists_of_changes_none_is_read_where_there_are_archives(site, source, server, dump, monkeypatch):
    monkeypatch.setattr("broadsheet.sources.resourcesync.MANY", 3)
    dump(archive({}, document("resourcedump-manifest")))
    rows = [row(f"{{site}}/changes{number}.xml", f'from="{AT}"', index=True) for number in range(4)]
    site["/changes.xml"] = document("changelist", *rows, index=True)
    site.offer(resourcelist="/none.xml", changelist="/changes.xml", resourcedump="/dump.xml")
    assert titles(source("", since=SINCE).harvest()) == []
    assert not [path for path, _ in server.asked if path.startswith("/changes") and path != "/changes.xml"]


def test_a_deletion_of_what_nobody_can_have_is_a_fault(site, source):
    site.change((f"/{'x' * 600}.json", "deleted", AT), ("/1.json", "deleted", AT))
    site.offer(resourcelist="/none.xml", changelist="/changes.xml")
    pages = list(source("", since=SINCE).harvest())
    assert titles(pages) == ["gone"]
    assert "512 characters" in reasons(pages)


# What is listed no more


def test_what_is_listed_no_more_is_withdrawn_after_a_whole_list(site, source, server):
    site["/1.json"] = paper(1)
    site.list("/1.json")
    held = [(f"{server.url}/1.json",), (f"{server.url}/about/2", f"{server.url}/2.json")]
    pages = list(source(held=lambda: held).harvest())
    assert titles(pages) == ["Paper 1", "gone"]
    unread = document("resourcelist", row("{site}/1.json"), row("{site}/2.json", 'length="many"'))
    site["/list.xml"] = unread
    pages = list(source(held=lambda: held).harvest())
    assert titles(pages) == ["Paper 1"], "what could not be read may have been the other"
    assert "'many' is not a number of bytes" in reasons(pages)
    site.list()
    pages = list(source(held=lambda: held).harvest())
    assert titles(pages) == []
    assert "lists nothing any more" in reasons(pages)


def keep_one(pages, held: list[tuple[str, ...]]) -> list[str]:
    """What a library says to records of one paper: at a second address it is refused as long as the first is good."""
    said = []
    for page in pages:
        for record in page.records:
            address = record.identifiers[-1].value
            if record.is_withdrawn:
                said.append("withdrawn" if (address,) in held else "unchanged")
                held[:] = [one for one in held if one != (address,)]
            elif held and (address,) not in held:
                said.append("refused")
            else:
                said.append("kept")
                held[:] = [(address,)]
    return said


@pytest.mark.parametrize("is_followed", [False, True])
def test_a_paper_that_moved_to_another_address_is_taken_from_there_in_the_same_run(site, source, server, is_followed):
    site["/moved/1.json"], site["/2.json"] = paper(1), b"no paper"
    site.list("/moved/1.json", "/2.json")
    later = "2026-11-21T12:00:05.000000Z"
    site.change(("/moved/1.json", "created", AT), ("/1.json", "deleted", later))
    site.offer(changelist="/changes.xml", resourcelist="/list.xml")
    held = [(f"{server.url}/1.json",)]
    harvester = source(
        "" if is_followed else "/list.xml", since=SINCE if is_followed else None, held=lambda: list(held)
    )
    assert keep_one(harvester.harvest(), held) == ["refused", "withdrawn", "kept"]
    assert held == [(f"{server.url}/moved/1.json",)]
    assert [path for path, _ in server.asked].count("/2.json") == (not is_followed), "what cannot be read is asked once"


# Refusals


def test_a_resource_that_is_not_what_was_said_is_named_and_not_read(site, source, server):
    right = paper(1)
    site["/hash.json"] = site["/length.json"] = site["/md5.json"] = site["/fine.json"] = right
    other = hashlib.sha256(b"other").hexdigest()
    site["/list.xml"] = document(
        "resourcelist",
        row("{site}/hash.json", f'hash="sha-256:{other}"'),
        row("{site}/length.json", f'length="{len(right) + 1}"'),
        row("{site}/md5.json", f'hash="md5:{"0" * 32} sha-256:{hashlib.sha256(right).hexdigest()}"'),
        row("{site}/fine.json", f'hash="crc:1 SHA-256:{hashlib.sha256(right).hexdigest().upper()}"'),
        row("{site}/broken.json", 'hash="sha-256:12"'),
        row("{site}/huge.json", 'length="99999999999"'),
        row("{site}/absent.json"),
    )
    pages = list(source().harvest())
    assert [record.place for page in pages for record in page.records] == [f"{server.url}/fine.json"]
    said = reasons(pages)
    for name in ("hash", "length", "md5", "broken", "huge", "absent"):
        assert f"{server.url}/{name}.json" in said
    assert "/huge.json" not in [path for path, _ in server.asked]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "is not JSON"),
        (b"{", "is not JSON"),
        (b"[1]", "not an object"),
        (b'{"title": 3}', "title"),
        (b'{"id": "1"}', "no title"),
        (b'{"title": "\xff"}', "not UTF-8"),
        (b"[" * 100_000, "not"),
    ],
    ids=["empty", "cut", "list", "type", "untitled", "latin", "deep"],
)
def test_a_record_that_cannot_be_read_is_a_fault_and_the_others_are_read(site, source, body, reason):
    site["/1.json"], site["/2.json"] = body, paper(2)
    site.list("/1.json", "/2.json")
    pages = list(source().harvest())
    assert titles(pages) == ["Paper 2"]
    assert reason in reasons(pages)


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><urlset>&b;</urlset>'


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (BOMB, "document type"),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><urlset/>', "document type"),
        (b"<html><body>Not here</body></html>", "begins with <html>"),
        (b"", "is empty"),
        (b"<urlset>", "not well-formed"),
        (document("resourcelist").decode().encode("utf-16"), "not written in UTF-8"),
        (b'<?xml version="1.0" encoding="utf-7"?><urlset/>', "declares the encoding"),
        (b"<urlset><url><loc>\xff</loc></url></urlset>", "is not UTF-8"),
        (document("resourcelist-archive"), "leads to no list"),
        (document("description", row("{site}/a.xml"), row("{site}/b.xml")), "describes 2 sets"),
        (document("capabilitylist"), "names neither"),
        (b"<urlset>" + b"<url><loc>/a</loc></url>" * 50_001 + b"</urlset>", "more than 50,000"),
        (gzip.compress(b" " * 1_000), "not"),
    ],
    ids="bomb file html empty cut utf16 utf7 latin archive sets nothing many gzip".split(),
)
def test_what_is_no_list_is_refused_with_its_address(site, source, server, body, reason):
    site["/list.xml"] = body
    with pytest.raises(SourceError, match=reason) as raised:
        list(source().harvest())
    assert f"{server.url}/list.xml" in str(raised.value)


def test_a_list_of_a_hundred_megabytes_is_refused_before_and_while_it_is_read(site, source, server):
    site["/list.xml"] = 200, {"Content-Length": "100000000"}, b""
    with pytest.raises(SourceError, match="100,000,000 bytes, more than"):
        list(source().harvest())
    site["/list.xml"] = 200, {"Content-Encoding": "gzip"}, gzip.compress(b"<urlset>" + b" " * (1 << 20))
    with pytest.raises(SourceError, match="larger than 100,000 bytes"):
        list(source(limit=100_000).harvest())


def test_an_index_that_leads_in_circles_is_refused(site, source):
    site["/list.xml"] = document("resourcelist", row("{site}/list.xml", index=True), index=True)
    with pytest.raises(SourceError, match="an index within an index"):
        list(source().harvest())
    site["/changes.xml"] = document("changelist", row("{site}/changes.xml", index=True), index=True)
    site.offer(resourcelist="/list.xml", changelist="/changes.xml")
    with pytest.raises(SourceError, match="an index within an index"):
        list(source("", since=SINCE).harvest())


def test_a_site_speaks_for_no_other(site, source, serve, transport_to, server):
    other = serve(lambda path, headers: (200, {}, paper(1)))
    addresses = [f"{other.url}/1.json", "https://{host}/1.json", "file:///etc/passwd", "ftp://a/b", "http://[::1/"]
    site["/list.xml"] = document("resourcelist", *(row(address) for address in addresses), row("{site}/2.json"))
    site["/2.json"] = paper(2)
    harvester = ResourceSync(transport_to(server, other), f"{server.url}/list.xml")
    pages = list(harvester.harvest())
    assert titles(pages) == ["Paper 2"]
    assert reasons(pages).count("another site") >= 4
    for index in (True, False):
        site["/list.xml"] = document("resourcelist", row(f"{other.url}/part.xml", index=index), index=index)
        if index:
            with pytest.raises(SourceError, match="on another site"):
                list(ResourceSync(transport_to(server, other), f"{server.url}/list.xml").harvest())
    assert other.asked == []


def test_a_private_address_is_not_asked(transport_to, server):
    for address in (server.url, "http://169.254.169.254/", "http://localhost:80/"):
        with pytest.raises(SourceError):
            list(ResourceSync(transport_to(), address).harvest())
    assert server.asked == []


def test_rows_that_make_no_sense_are_faults(site, source):
    site["/1.json"] = paper(1)
    site["/list.xml"] = document(
        "resourcelist",
        "<url/>",
        "<url><loc> </loc></url>",
        row("{site}/2.json", 'change="eaten"'),
        row("{site}/3.json", 'length="-1"'),
        row("{site}/1.json", 'datetime="soon" from="31 November"'),
        row(f"{{site}}/{'x' * 600}.json"),
        about='at="yesterday"',
    )
    harvester = source()
    pages = list(harvester.harvest())
    assert titles(pages) == ["Paper 1"]
    for words in ("no address", "'eaten'", "'-1'", "'soon'", "'31 November'", "'yesterday'", "512 characters"):
        assert words in reasons(pages)
    assert harvester.reached is None, "who does not say as of when is read whole the next time"


def test_a_paper_that_cannot_be_named_within_its_file_stops_no_other(site, source):
    site["/a.jsonl"] = "".join(
        json.dumps({"id": name, "title": f"Paper {name[:1]}"}) + "\n" for name in ("ж" * 400, "2")
    ).encode()
    site.list("/a.jsonl")
    pages = list(source().harvest())
    assert titles(pages) == ["Paper 2"]
    assert "a.jsonl line 1: its address has more than" in reasons(pages)


# Archives


def archive(files: dict[str, bytes], manifest: bytes | None) -> bytes:
    body = BytesIO()
    with ZipFile(body, "w", ZIP_DEFLATED) as pack:
        for name, content in files.items():
            pack.writestr(name, content)
        if manifest is not None:
            pack.writestr("manifest.xml", manifest)
    return body.getvalue()


@pytest.fixture
def dump(site, server):
    """Offer an archive beside a list that nobody needs then."""

    def offer(body: bytes) -> None:
        site["/dump.zip"] = body
        site["/dump.xml"] = document("resourcedump", row("{site}/dump.zip"), about=f'at="{AT}"')
        site.offer(resourcelist="/list.xml", resourcedump="/dump.xml")

    return offer


def test_everything_comes_by_archives_where_there_are_any(site, source, server, dump):
    one, two = paper(1), paper(2)
    rows = [
        row(f"{server.url}/1.json", f'path="/resources/1.json" {described(one)}'),
        row(f"{server.url}/2.json", f'path="/resources/2.json" {described(one)}'),
        row(f"{server.url}/3.json", 'path="/../../etc/passwd"'),
    ]
    dump(archive({"resources/1.json": one, "resources/2.json": two}, document("resourcedump-manifest", *rows)))
    harvester = source("")
    pages = list(harvester.harvest())
    assert titles(pages) == ["Paper 1"]
    assert f"{server.url}/2.json: its sha-256 is" in reasons(pages) or "2.json: it has" in reasons(pages)
    assert "does not hold" in reasons(pages)
    assert harvester.reached == SINCE
    assert not [path for path, _ in server.asked if path.endswith((".json", "list.xml"))]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (lambda: b"PK\x03\x04 nothing", "no archive"),
        (lambda: archive({"a.json": b"{}"}, None), "does not hold 'manifest.xml'"),
        (lambda: archive({}, BOMB), "document type"),
        (lambda: archive({"a": b"a"}, document("resourcedump-manifest"))[:-30], "no archive"),
        (lambda: archive({}, b" " * (51 << 20)), "more than"),
    ],
    ids=["nothing", "bare", "bomb", "cut", "huge"],
)
def test_a_broken_archive_is_refused_with_its_address(source, server, dump, body, reason):
    dump(body())
    with pytest.raises(SourceError, match=reason) as raised:
        list(source("").harvest())
    assert f"{server.url}/dump.zip" in str(raised.value)


def test_a_file_that_inflates_beyond_all_measure_is_a_fault(source, server, dump):
    manifest = document("resourcedump-manifest", row(f"{server.url}/1.json", 'path="/1.json"'))
    dump(archive({"1.json": b" " * (33 << 20)}, manifest))
    pages = list(source("").harvest())
    assert "more than" in reasons(pages)


def test_a_dump_that_is_none_is_not_used_where_there_is_a_list(site, source, dump):
    dump(b"")
    site["/dump.xml"] = b"PK"
    site["/1.json"] = paper(1)
    site.list("/1.json")
    pages = list(source("").harvest())
    assert titles(pages) == ["Paper 1"]
    assert "its dump was not used" in reasons(pages)


# Going on


def test_a_run_that_is_cut_off_goes_on_behind_the_last_page_that_was_stored(site, source, server, monkeypatch):
    monkeypatch.setattr("broadsheet.sources.resourcesync_pages.PATIENCE", 2)
    paths = [f"/{number}.json" for number in range(1, 8)]
    for number, path in enumerate(paths, 1):
        site[path] = paper(number)
    site.list(*paths)
    site["/5.json"] = 500, {}, b""
    found, cursor = [], None
    with pytest.raises(SourceError, match=r"/5\.json: it answered 500"):
        for page in source().harvest():
            found += titles([page])
            cursor = page.cursor
    assert found == [f"Paper {number}" for number in range(1, 5)]
    site["/5.json"] = paper(5)
    site.list(*paths, at="2026-11-21T13:00:00Z")
    del server.asked[:]
    harvester = source(held=lambda: [("http://elsewhere/1.json",)])
    assert titles(harvester.harvest(cursor)) == ["Paper 5", "Paper 6", "Paper 7"]
    assert harvester.reached == SINCE, "changes are asked for from when the list was first read"
    assert [path for path, _ in server.asked][1:] == ["/5.json", "/6.json", "/7.json"]


def test_changes_that_are_cut_off_go_on_by_their_times(site, source, server, monkeypatch):
    monkeypatch.setattr("broadsheet.sources.resourcesync_pages.PATIENCE", 2)
    for number in range(1, 6):
        site[f"/{number}.json"] = paper(number)
    site.change(*((f"/{number}.json", "created", f"2026-11-21T12:00:0{number}Z") for number in range(1, 6)))
    site.offer(resourcelist="/none.xml", changelist="/changes.xml")
    pages = source("", since=SINCE).harvest()
    first = next(pages)
    assert titles([first]) == ["Paper 1", "Paper 2"]
    harvester = source("", since=SINCE)
    assert titles(harvester.harvest(first.cursor)) == ["Paper 2", "Paper 3", "Paper 4", "Paper 5"]
    assert str(harvester.reached) == "2026-11-21T12:00:05.000000Z/1"


def test_of_a_file_that_fills_several_pages_none_is_lost_between_them(site, source):
    site["/a.jsonl"] = b"".join(
        json.dumps({"id": str(n), "title": f"Paper {n}"}).encode() + b"\n" for n in range(1_200)
    )
    site["/b.json"] = paper(1)
    site.list("/a.jsonl", "/b.json")
    pages = list(source().harvest())
    assert [len(page.records) for page in pages] == [500, 500, 200, 1, 0]
    assert len({page.cursor for page in pages[:2]}) == 1
    assert json.loads(pages[0].cursor)[2] == "", "until all of a file is stored it is read again"
    assert titles(source().harvest(pages[1].cursor))[0] == "Paper 0"
    assert titles(source().harvest(pages[2].cursor)) == ["Paper 1"]


@pytest.mark.parametrize(
    "cursor", ["", "x", "[]", "[1]", "{}", '["", "a", "", ""]', "[0, 1, 2, 3]", '["", 1e99, "", ""]', "9" * 5_000]
)
def test_a_cursor_of_nobodys_is_refused(site, source, cursor):
    site["/1.json"] = paper(1)
    site.list("/1.json")
    with pytest.raises(SourceError, match="is no place in a source"):
        list(source().harvest(cursor or " "))


def test_a_busy_site_is_left_alone_until_later(site, source):
    site["/1.json"] = 503, {"Retry-After": "7200"}, b""
    site["/list.xml"] = document("resourcelist", row("{site}/1.json"))
    with pytest.raises(SourceError, match="may be asked again from"):
        list(source(retries=1).harvest())


def test_where_a_run_got_to_is_written_and_read():
    assert Reach.read(str(SINCE)) == SINCE
    assert Reach.read("2026-11-21/3") == Reach(datetime(2026, 11, 21, tzinfo=UTC), 3)
    for text in ("", "x", "/3", "2026-11-21/x"):
        assert Reach.read(text) is None


def test_an_address_may_be_written_from_where_its_list_is(site):
    (listed,) = read_listing(document("resourcelist", row("../1.json")), "http://a.example/x/y/list.xml").rows
    assert listed.address == "http://a.example/x/1.json"
