"""A reader's own references: BibTeX, RIS and CSL-JSON of strangers are read within bounds, or refused in words."""

import json

import pytest

from broadsheet.papers import Record
from broadsheet.sources import SourceError, to_csl
from broadsheet.sources.csl_read import parse_csl
from broadsheet.sources.references import FILE_LIMIT, MOST, read_references

ZOTERO = [
    {
        "id": "http://zotero.org/users/1/items/ABC", "type": "article-journal", "title": "On <i>Offices</i>",
        "abstract": "We look at offices.", "container-title": "Journal of Offices", "DOI": "10.1000/OFFICES.1",
        "author": [{"family": "Lee", "given": "Ann"}, {"literal": "The Office Group"}, {"family": "With",
                   "given": "Peter", "non-dropping-particle": "de"}],
        "issued": {"date-parts": [["2024", 5, "3"]]}, "language": "en",
    },
    {"type": "article", "title": "Walls", "number": "arXiv:2104.12255", "issued": {"date-parts": [[2021]]}},
    {"type": "book", "title": "Doors", "note": "PMID: 17\narXiv: hep-th/9901001", "PMID": 17284678, "URL": "https://a.example"},
]  # fmt: skip


def test_what_zotero_exports_as_csl_json_is_read():
    offices, walls, doors = read_references(json.dumps(ZOTERO).encode())
    assert (offices.version.title, offices.version.venue) == ("On Offices", "Journal of Offices")
    assert [author.name for author in offices.version.authors] == ["Ann Lee", "The Office Group", "Peter de With"]
    assert str(offices.version.published) == "2024-05-03"
    assert [str(name) for name in offices.identifiers] == ["doi:10.1000/offices.1"]
    assert [str(name) for name in walls.identifiers] == ["arxiv:2104.12255"]
    assert [str(name) for name in doors.identifiers] == ["pubmed:17284678", "arxiv:hep-th/9901001"]


def test_what_is_written_as_csl_json_here_is_read_back(record):
    [first] = read_references(json.dumps(ZOTERO[:1]).encode())
    [again] = parse_csl(json.dumps([to_csl(first.version, first.identifiers)]), "mine", "a")
    assert (again.version, again.identifiers) == (first.version, first.identifiers)


def test_works_that_cannot_be_used_are_told_and_the_others_come():
    works = [{"title": "Good"}, {}, 7, {"title": ["a", "list"]}, {"title": "x" * 3_000}, {"title": "Also good"}]
    found = read_references(json.dumps({"items": works}).encode(), "my.json")
    assert [one.version.title for one in found if isinstance(one, Record)] == ["Good", "Also good"]
    faults = [str(one) for one in found if not isinstance(one, Record)]
    assert [fault.split(":")[0] for fault in faults] == [f"my.json work {number}" for number in (2, 3, 4, 5)]


@pytest.mark.parametrize(
    "work",
    [
        {"title": "t", "issued": {"date-parts": [[2024, 13, 45]]}},
        {"title": "t", "issued": {"date-parts": [["²⁰²⁴"]]}},
        {"title": "t", "issued": {"date-parts": "2024"}},
        {"title": "t", "issued": [], "author": {"family": "x"}, "DOI": {"a": 1}, "PMID": True},
        {"title": "t", "author": [{"family": ["x"]}, 3, {"literal": "\x00"}], "URL": "http://[::1"},
    ],
)
def test_members_of_the_wrong_kind_harm_nobody(work):
    [found] = read_references(json.dumps([work]).encode())
    assert isinstance(found, Record)


def test_the_form_is_known_by_what_is_in_the_file():
    bibtex = b"% my file\n@article{a, title={On Offices}, year=2024}"
    ris = b"TY  - JOUR\nTI  - On Offices\nPY  - 2024\nER  - \n"
    for payload in (bibtex, ris, b'\n[{"title": "On Offices"}]', b"\xef\xbb\xbf" + bibtex):
        [found] = read_references(payload)
        assert found.version.title == "On Offices"


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (b"", "neither BibTeX nor RIS nor CSL-JSON"),
        (b"%PDF-1.7", "neither BibTeX nor RIS nor CSL-JSON"),
        (b"@article{a, title={\xff}}", "is not UTF-8"),
        (b"@article{a, title={\x00}}", "NUL"),
        (b" " * (FILE_LIMIT + 1), "more than 5 MB"),
        (b"[" * 100_000, "not JSON that can be read"),
        (b'{"a": 1}', "not a list of works"),
        (b"[1" + b"0" * 100_000 + b"]", "not JSON that can be read"),
        (b'[{"title":"x"}' + b',{"title":"x"}' * MOST + b"]", "more than 5,000 references"),
        (b"TY  - JOUR\n" * (MOST + 1), "more than 5,000 references"),
        (b"@article{" * (MOST + 1), "more than 5,000 references"),
        (b"@article{a, title={" + b"{" * 1_000_000, "mostly marks"),
        (b"@article{a," + b"a=" * 1_000_000, "mostly marks"),
    ],
)
def test_hostile_files_are_refused_in_words(payload, said):
    with pytest.raises(SourceError, match=said):
        read_references(payload)
