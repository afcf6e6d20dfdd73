"""ResourceSync as a destination sees it: discovery, lists in parts, changes, archives, and the resources themselves."""

import hashlib
import json
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree.ElementTree import fromstring
from zipfile import ZipFile

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from broadsheet.library.models import Change, Paper
from broadsheet.papers import Author, Identifier, Link, Record, Version
from broadsheet.sources import read_json_record
from broadsheet.web.resourcesync import changes, lists

MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
RS = "{http://www.openarchives.org/rs/terms/}"
HOSTILE = json.loads(Path(__file__).with_name("hostile.json").read_text())


@pytest.fixture
def library(library_at_noon):
    return library_at_noon


@pytest.fixture(autouse=True)
def short_parts(monkeypatch):
    monkeypatch.setattr(lists, "PART", 4)
    monkeypatch.setattr(changes, "PART", 4)


@pytest.fixture
def read(client):
    """A document: what it says of itself, and its rows as address, modified, and description."""

    def read(address):
        response = client.get(address.removeprefix("http://localhost"))
        assert response.status_code == 200, address
        assert response["Content-Type"] == "application/xml; charset=utf-8"
        root = fromstring(response.content)
        assert root.tag in (f"{MAP}urlset", f"{MAP}sitemapindex")
        rows = [
            (row.findtext(f"{MAP}loc"), row.findtext(f"{MAP}lastmod"), dict(getattr(row.find(f"{RS}md"), "attrib", {})))
            for row in root
            if row.tag in (f"{MAP}url", f"{MAP}sitemap")
        ]
        return dict(root.find(f"{RS}md").attrib), rows

    return read


@pytest.fixture
def listed(read):
    """Every resource of every part of the list."""

    def read_all():
        _, parts = read("/resync/resourcelist.xml")
        return [row for part, _, _ in parts for row in read(part)[1]]

    return read_all


@pytest.fixture
def changed(read):
    """Every change of every part of the list, as paper number, change and time."""

    def read_all():
        _, parts = read("/resync/changelists.xml")
        rows = [row for part, _, _ in parts for row in read(part)[1]]
        return [(number_of(address), about["change"], about["datetime"]) for address, _, about in rows]

    return read_all


def number_of(address: str) -> int:
    return int(address.removeprefix("http://localhost/resync/papers/").removesuffix(".json"))


def put(library, *numbers: int, title: str = "Paper", **fields) -> None:
    library.put(
        [Record("arxiv", (Identifier("arxiv", f"2611.{n:05}"),), Version(f"{title} {n}", **fields)) for n in numbers]
    )


def test_a_destination_finds_everything_from_the_well_known_address(library, read):
    put(library, 1)
    about, rows = read("/.well-known/resourcesync")
    assert about == {"capability": "description"}
    assert [(address, more) for address, _, more in rows] == [
        ("http://localhost/resync/capabilitylist.xml", {"capability": "capabilitylist"})
    ]
    about, rows = read(rows[0][0])
    assert about == {"capability": "capabilitylist"}
    found = {more["capability"]: address for address, _, more in rows}
    assert found.keys() == {"resourcelist", "changelist", "resourcedump"}
    for capability, address in found.items():
        assert read(address)[0]["capability"] == capability


def test_every_list_says_what_is_above_it_and_who_indexes_it(library, client):
    put(library, 1)
    up = "http://localhost/resync/capabilitylist.xml"
    for address, index in (
        ("/resync/resourcelist/1/000000.xml", "http://localhost/resync/resourcelist.xml"),
        ("/resync/changelists/000000.xml", "http://localhost/resync/changelists.xml"),
    ):
        links = fromstring(client.get(address).content).findall(f"{RS}ln")
        assert {link.get("rel"): link.get("href") for link in links} == {"up": up, "index": index}


def test_each_paper_is_listed_with_the_length_and_hash_of_exactly_what_is_served(library, listed, client):
    put(library, *range(1, 11), abstract="Über $a<b$ & mehr.")
    rows = listed()
    assert len(rows) == 10
    for address, modified, about in rows:
        response = client.get(address.removeprefix("http://localhost"))
        assert response["Content-Type"] == "application/json"
        assert about["hash"] == f"sha-256:{hashlib.sha256(response.content).hexdigest()}"
        assert about["length"] == str(len(response.content))
        assert (about["type"], modified) == ("application/json", "2026-11-21T12:00:00Z")


@pytest.mark.parametrize("text", HOSTILE, ids=[str(number) for number in range(len(HOSTILE))])
def test_a_record_is_read_back_as_it_was_put_and_lists_stay_wellformed(library_on_sqlite, text):
    version = Version(
        f"{text} title"[:2_000],
        abstract=text,
        authors=(Author(f"{text} name"[:500], "Rome", ""),),
        topics=("cs.DS", f"{text} topic"[:200]),
        comment=text,
        links=(Link("code", "https://example.org/a?b=<c>&d"),),
    )
    record = Record("a<b", (Identifier("arxiv", "2611.00001"), Identifier("notes", "a <b>")), version, 3)
    library_on_sqlite.put([record])
    client = Client(SERVER_NAME="localhost", raise_request_exception=False)
    members = json.loads(client.get(f"/resync/papers/{Paper.objects.get().pk}.json").content)
    assert read_json_record(members, "elsewhere", "") == record
    assert members["version"] == 1
    for address in ("resourcelist/1/000000.xml", "changelists/000000.xml", "changelist.xml"):
        assert len(fromstring(client.get(f"/resync/{address}").content).findall(f"{MAP}url")) == 1


def test_a_part_stays_the_same_while_papers_arrive_and_a_revised_one_keeps_its_place(library, read, clock):
    put(library, *range(1, 10))
    _, parts = read("/resync/resourcelist.xml")
    before = [read(part) for part, _, _ in parts]
    assert [len(rows) for _, rows in before] == [4, 4, 1]
    clock.forward(minutes=1)
    put(library, *range(20, 30))
    assert [read(part) for part, _, _ in parts] == before
    put(library, 2, title="Another paper")
    again = [read(part) for part, _, _ in parts]
    assert [[row[0] for row in rows] for _, rows in again] == [[row[0] for row in rows] for _, rows in before]
    assert again[0][1][1][2]["hash"] != before[0][1][1][2]["hash"]
    assert again[0][1][1][1] == "2026-11-21T12:00:00Z", "a list says nothing later than when it was made"
    addresses = [row[0] for part, _, _ in read("/resync/resourcelist.xml")[1] for row in read(part)[1]]
    assert len(addresses) == len(set(addresses)) == 19


def test_lists_say_as_of_when_they_hold(library, read):
    put(library, 1, 2, 3, 4, 5)
    about, parts = read("/resync/resourcelist.xml")
    assert about == {"capability": "resourcelist", "at": "2026-11-21T12:00:00.250000Z"}
    for part, _, more in parts:
        assert read(part)[0] == about
        assert more == {"at": about["at"]}


def test_a_list_of_long_ago_is_not_read_any_more(library, read, client, monkeypatch):
    put(library, 1, 2, 3)
    monkeypatch.setattr(lists, "REACH", 2)
    assert client.get("/resync/resourcelist/1/000000.xml").status_code == 200
    put(library, 4)
    refused = client.get("/resync/resourcelist/1/000000.xml")
    assert (refused.status_code, refused["Content-Type"]) == (404, "text/plain; charset=utf-8")
    assert b"/.well-known/resourcesync" in refused.content
    for part in ("5/000000.xml", "4/000001.xml", "999999999999999999/000000.xml"):
        assert client.get(f"/resync/resourcelist/{part}").status_code == 404
    assert client.get("/resync/changelists/000001.xml").status_code == 404


def test_every_change_is_told_in_order_with_its_time(library, changed, clock):
    put(library, 1, 2)
    clock.forward(minutes=1)
    put(library, 1, title="Another paper")
    put(library, 1, title="Another paper", topics=("cs.DS",))
    clock.forward(minutes=1)
    library.put([Record("arxiv", (Identifier("arxiv", "2611.00002"),), None)])
    put(library, 2)
    library.withdraw("2611.00001")
    first, second = Paper.objects.order_by("pk").values_list("pk", flat=True)
    at = [f"2026-11-21T12:0{minute}:00.250000Z" for minute in range(3)]
    assert changed() == [
        (first, "created", at[0]),
        (second, "created", at[0]),
        (first, "updated", at[1]),
        (first, "updated", at[1]),
        (second, "deleted", at[2]),
        (second, "created", at[2]),
        (first, "deleted", at[2]),
    ]


def test_lists_of_changes_say_from_when_to_when(library, read, clock):
    assert read("/resync/changelists.xml") == ({"capability": "changelist"}, [])
    assert read("/resync/changelist.xml") == ({"capability": "changelist"}, [])
    for number in range(5):
        put(library, number)
        clock.forward(minutes=1)
    about, parts = read("/resync/changelists.xml")
    first, fourth, fifth = (f"2026-11-21T12:0{minute}:00.250000Z" for minute in (0, 3, 4))
    assert about == {"capability": "changelist", "from": first}
    assert [more for _, _, more in parts] == [{"from": first, "until": fourth}, {"from": fifth}]
    for part, _, more in parts:
        assert read(part)[0] == {"capability": "changelist", **more}
    closed = read(parts[0][0])
    put(library, 9)
    assert read(parts[0][0]) == closed


def test_the_latest_changes_are_one_list_for_those_who_read_no_index(library, read, monkeypatch):
    monkeypatch.setattr(changes, "LATEST", 3)
    put(library, 1, 2, 3, 4)
    library.withdraw("2611.00003")
    about, rows = read("/resync/changelist.xml")
    assert [more["change"] for _, _, more in rows] == ["created", "deleted"], "of each paper the last change is told"
    assert about["from"] == "2026-11-21T12:00:00.250000Z"
    assert "until" not in about
    assert read("/changelist.xml") == (about, rows)


def test_a_change_is_described_by_what_its_address_serves(library, read):
    put(library, 1)
    put(library, 1, title="Another paper")
    _, rows = read("/resync/changelists/000000.xml")
    assert [sorted(more) for _, _, more in rows] == [
        ["change", "datetime"],
        ["change", "datetime", "hash", "length", "type"],
    ]
    assert [modified for _, modified, _ in rows] == [None, "2026-11-21T12:00:00Z"]


def test_embeddings_are_no_changes(library, changed):
    put(library, 1)
    paper, version = Paper.objects.get(), Paper.objects.get().versions.get()
    Change.objects.create(seq=2, at=library.clock(), kind=Change.Kind.EMBEDDED, paper=paper, version=version)
    assert [change for _, change, _ in changed()] == ["created"]


def test_a_copied_paper_shows_its_page_at_the_site_that_it_was_copied_from(library, client):
    """Not the file that was copied; the number leads to the page there."""
    put(library, 1)
    number = Paper.objects.get().pk
    there = client.get(f"/resync/papers/{number}")
    assert (there.status_code, there["Location"]) == (302, "/papers/2611.00001")
    copied = Identifier("url", f"https://papers.example.org/resync/papers/{number}.json")
    library.put([Record("papers.example.org", (copied,), Version("A paper that nobody numbered"))])
    key = Paper.objects.latest("pk").key
    shown = client.get(f"/papers/{key}").content.decode()
    assert f'href="https://papers.example.org/resync/papers/{number}"' in shown
    for address in (f"/papers/{key}.bib", f"/papers/{key}.ris", f"/papers/{key}.json"):
        assert f"/resync/papers/{number}.json" not in client.get(address).content.decode()
    assert (
        f"url = {{https://papers.example.org/resync/papers/{number}}}"
        in client.get(f"/papers/{key}.bib").content.decode()
    )


@pytest.mark.parametrize("take_out", ["withdraw", "erase"])
def test_a_paper_that_is_gone_is_in_no_list_and_its_address_says_so(library, listed, changed, client, take_out):
    put(library, 1, 2)
    library.put([Record("notes", (), Version("A paper that nobody numbered"))])
    gone = Paper.objects.exclude(names__scheme="arxiv").get()
    getattr(library, take_out)(gone.key)
    assert gone.pk not in [number_of(address) for address, _, _ in listed()]
    assert changed()[-1][:2] == (gone.pk, "deleted")
    for address in ("resourcelist/4/000000.xml", "changelists/000000.xml", "changelist.xml"):
        assert b"numbered" not in client.get(f"/resync/{address}").content
    response = client.get(f"/resync/papers/{gone.pk}.json")
    assert (response.status_code, response["Content-Type"]) == (410, "text/plain; charset=utf-8")
    assert client.get(f"/resync/papers/{gone.pk}").status_code == 410
    assert client.get("/resync/papers/4000").status_code == client.get("/resync/papers/4000.json").status_code == 404
    assert client.get(f"/resync/papers/{'9' * 18}.json").status_code == 404


def test_archives_hold_what_the_list_says_to_the_byte(library, read, listed, client):
    put(library, *range(1, 7))
    about, archives = read("/resync/resourcedump.xml")
    assert about["capability"] == "resourcedump"
    held = []
    for address, _, more in archives:
        assert more["type"] == "application/zip"
        response = client.get(address.removeprefix("http://localhost"))
        assert response["Content-Type"] == "application/zip"
        with ZipFile(BytesIO(response.content)) as pack:
            manifest = fromstring(pack.read("manifest.xml"))
            assert manifest.find(f"{RS}md").attrib == {"capability": "resourcedump-manifest", "at": about["at"]}
            for row in manifest.findall(f"{MAP}url"):
                md = dict(row.find(f"{RS}md").attrib)
                body = pack.read(md.pop("path").removeprefix("/"))
                assert md["hash"] == f"sha-256:{hashlib.sha256(body).hexdigest()}"
                held.append((row.findtext(f"{MAP}loc"), row.findtext(f"{MAP}lastmod"), md))
        assert client.get(address.removeprefix("http://localhost")).content == response.content
    assert held == listed()


def test_who_has_a_resource_is_told_that_it_has_not_changed(library, client):
    put(library, 1)
    for address in (f"/resync/papers/{Paper.objects.get().pk}.json", "/resync/resourcelist.xml"):
        response = client.get(address)
        assert response["Cache-Control"] == "public, no-cache"
        assert client.get(address, headers={"If-None-Match": response["ETag"]}).status_code == 304
    put(library, 1, title="Another paper")
    assert client.get(address, headers={"If-None-Match": response["ETag"]}).status_code == 200


@pytest.mark.parametrize(
    ("address", "most"),
    [
        ("/.well-known/resourcesync", 0),
        ("/resync/capabilitylist.xml", 0),
        ("/resync/resourcelist.xml", 1),
        ("/resync/resourcedump.xml", 1),
        ("/resync/changelists.xml", 2),
        ("/resync/resourcelist/{head}/000000.xml", 10),
        ("/resync/resourcedump/{head}/000000.zip", 10),
        ("/resync/changelists/000000.xml", 4),
        ("/resync/changelist.xml", 4),
        ("/resync/papers/{paper}.json", 2),
        ("/resync/papers/{paper}", 1),
    ],
)
def test_more_papers_cost_no_more_queries(library, client, address, most):
    counts = []
    for first in (1, 10):
        put(library, *range(first, first + 9))
        library.withdraw(f"2611.{first:05}")
        address_now = address.format(head=Change.objects.count(), paper=Paper.objects.last().pk)
        with CaptureQueriesContext(connections["default"]) as queries:
            assert client.get(address_now).status_code in (200, 302)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= most


def test_sitemaps_for_crawlers_hold_none_of_this(library, client):
    put(library, 1)
    parts = [row.findtext(f"{MAP}loc") for row in fromstring(client.get("/sitemap.xml").content)]
    assert parts
    for address in ("/sitemap.xml", *parts):
        response = client.get(urlsplit(address).path)
        assert response.status_code == 200
        assert b"openarchives" not in response.content
        assert b"/resync" not in response.content


def test_nothing_here_changes_anything(client):
    for address in ("/.well-known/resourcesync", "/resync/changelist.xml", "/resync/papers/1.json"):
        assert client.post(address).status_code == 405
