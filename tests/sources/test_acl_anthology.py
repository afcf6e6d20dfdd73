"""The ACL Anthology: collections into records, and harvests against a server of one's own."""

import json
from datetime import date

import pytest

from broadsheet.papers import Author, Link
from broadsheet.sources import AclAnthology, SourceError, parse_acl_anthology
from broadsheet.sources.acl_anthology import parse_listing

META = (
    "<meta><booktitle>Proceedings of ACL</booktitle><month>August 11-16</month><year>2024</year><venue>acl</venue>"
    "</meta>"
)


def paper(number: int, more: str = "", name: str = "2024.acl-long") -> str:
    title = f"<title>Paper <fixed-case>N</fixed-case>o. {number}</title>"
    return f"<paper id='{number}'>{title}<url>{name}.{number}</url>{more}</paper>"


def collection(
    *papers: str, name: str = "2024.acl", volume: str = "id='long' ingest-date='2024-08-01'", meta: str = META
) -> bytes:
    return f"<collection id='{name}'><volume {volume}>{meta}{''.join(papers)}</volume></collection>".encode()


def only(payload: bytes):
    (found,) = parse_acl_anthology(payload, "x").records
    return found


def test_a_paper_gives_every_field():
    more = (
        "<author orcid='0000-0002-4869-9338'><first>Ann</first><last>One</last><affiliation>Rome</affiliation></author>"
        "<author><first/><last>Madonna</last></author><editor><first>No</first><last>Author</last></editor>"
        "<abstract>We show <tex-math>x^2</tex-math>.</abstract>"
        "<doi>10.18653/v1/2024.acl-long.7</doi><language>eng</language>"
    )
    found = only(collection(paper(7, more)))
    assert [str(name) for name in found.identifiers] == ["acl:2024.acl-long.7", "doi:10.18653/v1/2024.acl-long.7"]
    version = found.version
    assert version.title == "Paper No. 7"
    assert version.abstract == "We show x^2."
    assert version.authors == (Author("Ann One", "Rome", "0000-0002-4869-9338"), Author("Madonna"))
    assert (version.venue, version.published, version.language) == ("Proceedings of ACL", date(2024, 8, 1), "eng")
    assert version.topics == ("acl",)
    assert version.links == (Link("pdf", "https://aclanthology.org/2024.acl-long.7.pdf"),)


def test_old_collections_number_their_papers_otherwise():
    bare = "<paper id='5'><title>T</title></paper>"
    for name, volume, number in (("P18", "1", "P18-1005"), ("W18", "5", "W18-0505"), ("D19", "53", "D19-5305")):
        assert str(only(collection(bare, name=name, volume=f"id='{volume}'")).identifiers[0]) == f"acl:{number}"


def test_retracted_and_removed_papers_are_withdrawn():
    gone = [
        paper(1, "<retracted date='2025-01-01'>Wrong.</retracted>"),
        paper(2, "<removed date='2025-01-01'/>"),
        paper(3),
    ]
    assert [record.is_withdrawn for record in parse_acl_anthology(collection(*gone), "x").records] == [
        True,
        True,
        False,
    ]


def test_what_cannot_be_used_is_a_fault_beside_the_good_ones():
    broken = [
        "<paper id='2'><title>T</title><url>https://a.example/x</url></paper>".replace("'2'", "'&lt;'"),
        paper(3).replace("Paper", ""),
    ]
    page = parse_acl_anthology(collection(paper(1), *broken, "<paper id='4'><url>2024.acl-long.4</url></paper>"), "x")
    assert [str(record.identifiers[0]) for record in page.records] == ["acl:2024.acl-long.1", "acl:2024.acl-long.3"]
    assert [fault.place for fault in page.faults] == ["x volume long paper <", "x volume long paper 4"]


def test_volumes_taken_in_before_a_day_are_left_out():
    payload = collection(paper(1))
    assert len(parse_acl_anthology(payload, "x", date(2024, 8, 1)).records) == 1
    assert not parse_acl_anthology(payload, "x", date(2024, 8, 2)).records
    assert parse_acl_anthology(collection(paper(1), volume="id='long'"), "x", date(2024, 8, 2)).records


def test_a_day_of_no_month_is_the_year_and_of_no_year_is_none():
    assert only(collection(paper(1), meta="<meta><year>2001</year></meta>")).version.published == date(2001, 1, 1)
    assert only(collection(paper(1), meta="")).version.published is None


@pytest.mark.parametrize("payload", [b"", b"<html/>", b"<!DOCTYPE a><collection/>", b"<collection"])
def test_what_is_no_collection_is_refused(payload):
    with pytest.raises(SourceError):
        parse_acl_anthology(payload, "x")


LISTING = json.dumps(
    {"tree": [{"path": f"{name}"} for name in ("P18.xml", "2024.acl.xml", "schema.rnc", "../x.xml")]}
).encode()


def serve_anthology(path: str, _headers: dict[str, str]):
    if path == "/tree":
        return 200, {}, LISTING
    name = path.removeprefix("/").removesuffix(".xml")
    return (
        200,
        {},
        collection(paper(1, name=f"{name}-x"), paper(2, name=f"{name}-x"), name=name, volume="id='x'")
        if "." in name
        else (collection("<paper id='1'><title>Old</title></paper>", name=name, volume="id='1'")),
    )


def test_a_harvest_of_all_asks_for_the_list_and_goes_on_behind_a_collection(serve, transport_to):
    server = serve(serve_anthology)
    source = AclAnthology(transport_to(server), endpoint=f"{server.url}/", listing=f"{server.url}/tree")
    pages = list(source.harvest())
    assert [path for path, _ in server.asked] == ["/tree", "/2024.acl.xml", "/P18.xml"]
    assert [page.cursor for page in pages] == ["2024.acl", None]
    assert [page.done for page in pages] == [2, 3]
    assert [page.records for page in source.harvest("2024.acl")] == [pages[1].records]
    assert [page.records for page in source.harvest("P18")] == [()]


def test_named_collections_are_asked_for_alone_up_to_a_limit(serve, transport_to):
    server = serve(serve_anthology)
    source = AclAnthology(transport_to(server), ["P18", "2024.acl", "P18"], limit=1, endpoint=f"{server.url}/")
    (page,) = source.harvest()
    assert (len(page.records), page.cursor) == (1, None)
    assert [path for path, _ in server.asked] == ["/2024.acl.xml"]


@pytest.mark.parametrize("name", ["../P18", "P18/x", "", "a b", "P18?x", "\ud800"])
def test_a_name_of_no_collection_is_not_asked_for(transport_to, name):
    with pytest.raises(SourceError, match="is not a collection"):
        AclAnthology(transport_to(), [name])


@pytest.mark.parametrize(
    "payload", [b"", b"[]", b"{}", b'{"tree": 7}', b'{"tree": [7]}', b'{"tree": [{"path": "x.rnc"}]}']
)
def test_what_is_no_listing_is_refused(payload):
    with pytest.raises(SourceError, match="list"):
        parse_listing(payload, "x")
