"""Two works that were taken for one are taken apart: each with its names and texts, now and as of every change."""

from datetime import date

import pytest

from broadsheet.library import LibraryError
from broadsheet.library.putting import Outcome

DAY = date(2001, 5, 1)
TITLE = "Efficient and tunable similar set retrieval"
AUTHORS = ["Aristides Gionis", "Nick Koudas"]


@pytest.fixture
def records(record):
    ours = record(TITLE, "dblp:1", source="dblp", authors=AUTHORS, published=DAY, abstract="Sets that are alike.")
    theirs = record(f"{TITLE} in practice", "acm:7", source="acm", authors=AUTHORS[::-1], published=DAY)
    return ours, theirs


@pytest.fixture
def merged(library, records):
    placed = library.put(records)
    assert placed[0].key == placed[1].key == "dblp:1"
    return library


def titles(library, **asked):
    return sorted(hit.title for hit in library.search("retrieval", **asked).hits)


def test_each_has_its_names_and_text_and_a_search_as_of_before_finds_one(merged):
    at = merged.search("retrieval").at
    assert merged.split("acm:7", ["acm:7"]) == "acm:7"
    assert titles(merged) == [TITLE, f"{TITLE} in practice"]
    assert titles(merged, at=at) == [f"{TITLE} in practice"]
    ours, theirs = merged.find("dblp:1"), merged.find("acm:7")
    assert (ours.identifiers, theirs.identifiers) == (["dblp:1"], ["acm:7"])
    assert (ours.title, ours.number, theirs.number) == (TITLE, 3, 1)
    assert merged.check().problems == []


def test_what_sources_say_again_keeps_them_apart(merged, records):
    merged.split("dblp:1", ["acm:7"])
    assert {each.outcome for each in merged.put(records)} <= {Outcome.UNCHANGED, Outcome.REVISED}
    assert merged.count() == 2
    assert [each.key for each in merged.put(records)] == ["dblp:1", "acm:7"]


def test_a_record_of_a_third_source_joins_the_one_it_is_most_like(merged, record):
    merged.split("dblp:1", ["acm:7"])
    third = record(f"{TITLE} in practise", "crossref:3", source="crossref", authors=AUTHORS, published=DAY)
    assert merged.put([third])[0].key == "acm:7"


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], "by one of its identifiers"),
        (["acm:8"], "is not called acm:8"),
        (["acm:7", "dblp:1"], "nothing would be left"),
        (["dblp:1"], "this paper's address"),
    ],
)
def test_what_cannot_be_split_off_is_said_and_nothing_changes(merged, names, said):
    head = merged.search("retrieval").at
    with pytest.raises(LibraryError, match=said):
        merged.split("dblp:1", names)
    assert merged.search("retrieval").at == head


def test_a_paper_of_one_source_is_not_taken_apart(library, record):
    library.put([record(TITLE, "dblp:1", "notes:2", source="dblp")])
    with pytest.raises(LibraryError, match="dblp brought all"):
        library.split("dblp:1", ["notes:2"])
    for name in ("", "nonsense", "on-walls-1f2e3d4c"):
        with pytest.raises(LibraryError, match=f"dblp:1 has no part that is called '{name}'"):
            library.split("dblp:1", [name])


def test_withdrawn_papers_stay_as_they_are(merged):
    merged.withdraw("dblp:1")
    with pytest.raises(LibraryError, match="withdrawn"):
        merged.split("dblp:1", ["acm:7"])
