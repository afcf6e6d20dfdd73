"""JSON objects into records, and back."""

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet.papers import Author, Identifier, IdentifierError, Link, PaperError, RecordError, Version
from broadsheet.sources import read_json_record, record_to_json


def read(**members: object):
    return read_json_record(members, "My list", "f line 1")


def test_the_common_names_of_each_field_are_known():
    version = read(
        title="T",
        summary="S",
        authors=[{"name": "Bee, Ann", "affiliation": "Rome", "orcid": "0000-0001"}, "Cy Dee"],
        categories="cs.LG cs.AI",
        first_seen="2026-03-02",
        date="2026-03",
        updated="2026-03-05T01:02:03Z",
        venue=["acl", "emnlp"],
        comments="9 pages",
        lang="fra",
        github=["https://github.com/a/b"],
        pdf_url="https://e.org/p",
        url="https://example.org/t",
    ).version
    assert version == Version(
        "T", "S", (Author("Ann Bee", "Rome", "0000-0001"), Author("Cy Dee")), ("cs.LG", "cs.AI"),
        date(2026, 3, 1), date(2026, 3, 5), date(2026, 3, 2), "9 pages", "acl, emnlp", "fra",
        (Link("code", "https://github.com/a/b"), Link("pdf", "https://e.org/p"), Link("page", "https://example.org/t")),
    )  # fmt: skip


@pytest.mark.parametrize(("year", "day"), [(1963, date(1963, 1, 1)), ("1999", date(1999, 1, 1))])
def test_a_year_may_be_a_number_or_text(year, day):
    assert read(title="T", year=year).version.published == day


def test_what_is_null_or_empty_is_not_there():
    version = read(
        title="T", abstract=None, comment="", tags=[], keywords=["a"], date="", year=2000, authors=None
    ).version
    assert version == Version("T", topics=("a",), published=date(2000, 1, 1))


@pytest.mark.parametrize(
    ("text", "identifier", "number"),
    [
        ("2502.01476", Identifier("arxiv", "2502.01476"), None),
        ("2502.01476v2", Identifier("arxiv", "2502.01476"), 2),
        ("1963.earlymt-1.1", Identifier("acl", "1963.earlymt-1.1"), None),
        ("10.1145/ABC", Identifier("doi", "10.1145/abc"), None),
        ("https://arxiv.org/abs/2502.01476", Identifier("arxiv", "2502.01476"), None),
        ("https://example.org/p/7", Identifier("url", "https://example.org/p/7"), None),
        ("4983", Identifier("my-list", "4983"), None),
        (4983, Identifier("my-list", "4983"), None),
        ("acm:0", Identifier("my-list", "acm:0"), None),
        ("SysEexbRb", Identifier("my-list", "SysEexbRb"), None),
    ],
)
def test_an_id_is_known_everywhere_or_the_collections_own(text, identifier, number):
    found = read(title="T", id=text)
    assert (found.identifiers, found.number, found.source) == ((identifier,), number, "My list")


def test_a_doi_and_a_known_address_are_names_besides_the_id():
    found = read(title="T", id="7", doi="https://doi.org/10.18653/v1/X", url="https://arxiv.org/abs/2502.01476v3")
    assert [str(identifier) for identifier in found.identifiers] == [
        "my-list:7", "doi:10.18653/v1/x", "arxiv:2502.01476",
    ]  # fmt: skip
    assert found.number == 3
    assert found.version.links == ()


def test_a_line_without_id_has_no_identifiers():
    assert read(title="T").identifiers == ()


@pytest.mark.parametrize("reason", [True, "The authors found an error."])
def test_a_retracted_paper_is_withdrawn(reason):
    assert read(title="T", id="2020.acl-main.1", retracted=reason).is_withdrawn
    with pytest.raises(RecordError, match="does not say which paper"):
        read(title="T", retracted=reason)


@pytest.mark.parametrize("reason", [False, None, ""])
def test_a_paper_that_is_not_retracted_is_not_withdrawn(reason):
    assert not read(title="T", id="x", retracted=reason).is_withdrawn


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({}, "the record has no title"),
        ({"title": 7}, "the title is a number, not text"),
        ({"title": ["T"]}, "the title is a list, not text"),
        ({"title": False}, "the title is true or false, not text"),
        ({"title": "T", "authors": {"name": "A"}}, "the authors is an object, not a list"),
        ({"title": "T", "authors": [7]}, "the author is a number, not text"),
        ({"title": "T", "authors": [["A"]]}, "the author is a list, not text"),
        ({"title": "T", "authors": [{"name": 7}]}, "the name is a number, not text"),
        ({"title": "T", "topics": [None]}, "the topics hold null where text should be"),
        ({"title": "T", "topics": 7}, "the topics is a number, not a list"),
        ({"title": "T", "date": "0000-00-00"}, "the date is not usable: '0000-00-00' is not a date"),
        ({"title": "T", "date": 20240101}, "the date is a number, not text"),
        ({"title": "T", "year": 0}, "the year is not usable"),
        ({"title": "T", "year": True}, "the year is true or false"),
        ({"title": "T", "year": 2024.0}, "the year is a number, not text"),
        ({"title": "T", "date": "9999-01-01"}, "not between 1400 and 2200"),
        ({"title": "T", "date": "0001"}, "not between 1400 and 2200"),
        ({"title": "a\0b"}, "NUL byte"),
        ({"title": "a\ud800b"}, "half a character"),
        ({"title": "T" * 3_000}, "3,000 characters"),
        ({"title": "T", "id": {"a": 1}}, "the id is an object"),
        ({"title": "T", "id": 1.5}, "the id is a number, not text"),
        ({"title": "T", "id": "x" * 600}, "characters"),
        ({"title": "T", "doi": 10.1}, "the doi is a number"),
        ({"title": "T", "links": "x"}, "the links is text, not a list"),
        ({"title": "T", "links": ["x"]}, "the link is text, not an object"),
        ({"title": "T", "links": [{"kind": "pdf", "url": "javascript:alert(1)"}]}, "not a web address"),
        ({"title": "T", "github": ["nonsense"]}, "not a web address"),
        ({"title": "T", "id": "x", "retracted": 1}, "the retracted is a number"),
        ({"title": "T", "identifiers": ["nonsense"]}, "is not an identifier"),
        ({"title": "T", "identifiers": "arxiv"}, "is not an identifier"),
        ({"title": "T", "identifiers": [7]}, "hold a number"),
        ({"title": "T", "identifiers": [], "number": 0}, "whole number"),
        ({"title": "T", "identifiers": [], "number": "2"}, "whole number"),
        ({"title": "T", "identifiers": [], "number": True}, "whole number"),
        ({"identifiers": [], "withdrawn": True}, "does not say which paper"),
    ],
)
def test_what_cannot_be_right_is_refused_with_a_sentence(members, reason):
    with pytest.raises(PaperError) as refusal:
        read(**members)
    assert reason in str(refusal.value)


def test_a_doi_that_is_none_is_left_out():
    assert read(title="T", id="7", doi="to appear").identifiers == (Identifier("my-list", "7"),)


TEXT = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=12)
TITLE = TEXT.map("T{}".format)
DAYS = st.none() | st.dates(date(1400, 1, 1), date(2200, 12, 31))
VERSIONS = st.builds(
    Version,
    title=TITLE,
    abstract=TEXT,
    authors=st.lists(st.builds(Author, TITLE, TEXT, st.text("0123456789-X", max_size=19)), max_size=2).map(tuple),
    topics=st.lists(TEXT, max_size=2).map(tuple),
    published=DAYS,
    updated=DAYS,
    announced=DAYS,
    comment=TEXT,
    venue=TEXT,
    language=TEXT,
    links=st.lists(st.builds(Link, TITLE, TITLE.map("https://example.org/{}".format)), max_size=3).map(tuple),
)


def local(collection: str, value: str) -> Identifier | None:
    try:
        return Identifier.local(collection, value)
    except IdentifierError:
        return None


GLOBAL = ["2104.12255", "cs/0701001", "10.1145/abc,def;x", "P18-1001", "pubmed:7", "https://example.org/a:b?c"]
COLLECTIONS = ["pmid", "oai", "http", "arxiv", "url", "SciFact"]
IDENTIFIERS = st.sampled_from(GLOBAL).map(Identifier.parse)
LOCAL = st.builds(local, TEXT | st.sampled_from(COLLECTIONS), TEXT).filter(bool)
NUMBERS = st.none() | st.integers(1, 99)


@settings(max_examples=60)
@given(st.lists(IDENTIFIERS | LOCAL, max_size=3), VERSIONS, st.sampled_from(["a", "my list"]), NUMBERS)
def test_what_is_exported_is_imported_as_it_was(identifiers, version, source, number):
    line = record_to_json(identifiers, version, source, number)
    assert "\n" not in line
    found = read_json_record(json.loads(line), "elsewhere", "f line 1")
    assert found.version == version
    assert found.identifiers == tuple(dict.fromkeys(identifiers))
    assert found.number == number
    assert found.source == source


def test_a_withdrawn_record_comes_back_withdrawn():
    line = record_to_json([Identifier("arxiv", "2104.12255")], None, "arxiv")
    found = read_json_record(json.loads(line), "elsewhere", "x")
    assert found.is_withdrawn
    assert found.source == "arxiv"


def test_names_in_an_export_are_not_turned_round_again():
    version = Version("T", authors=(Author("Barnes, Noble"),))
    line = record_to_json([], version, "s")
    assert read_json_record(json.loads(line), "s", "x").version == version


def test_links_of_an_export_stand_once():
    version = Version("T", links=(Link("code", "https://github.com/a/b"), Link("page", "https://example.org/")))
    line = record_to_json([], version, "s")
    assert read_json_record(json.loads(line), "s", "x").version.links == version.links
