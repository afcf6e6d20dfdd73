"""One paper, many sources: texts without a common name that are one work, and those that only look like it."""

import doctest
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.library import likeness as module
from broadsheet.library.likeness import LIKELY, Traits, likeness
from broadsheet.library.putting import Outcome

DAY = date(2001, 5, 1)
TITLE = "Efficient and tunable similar set retrieval"
AUTHORS = ["Aristides Gionis", "Dimitrios Gunopulos", "Nick Koudas"]


def traits(title=TITLE, authors=AUTHORS, year=2001):
    return Traits.read(title, authors, year)


@pytest.mark.parametrize(
    "other",
    [
        traits(authors=AUTHORS[::-1]),
        traits(authors=["A. Gionis", "D. Gunopulos", "N. Koudas"]),
        traits("Efficient and tumble similar set retrieval"),
        traits("Efficient and Tunable Similar-Set Retrieval (extended abstract)"),
        traits(authors=["Gionis, Aristides", "Gunopulus, Dimitrios", "Koudas, Nick"]),
        traits(year=None),
        traits(authors=AUTHORS[:2]),
    ],
)
def test_one_work_written_otherwise_is_likely_the_same(other):
    assert likeness(traits(), other) >= LIKELY
    assert traits().blocks & other.blocks


@pytest.mark.parametrize(
    "other",
    [
        traits(f"{TITLE} II"),
        traits(f"{TITLE}, part 2"),
        traits(year=2005),
        Traits.read("Similar set retrieval", ["Ada Byron", "Bo Chen"], 2001),
        traits("Efficient and tunable joins over streams"),
        traits("Introduction"),
        traits("Efficient retrieval of images by wavelets"),
    ],
)
def test_another_work_of_the_same_people_or_title_is_not(other):
    assert likeness(traits(), other) < LIKELY


def test_the_same_title_by_strangers_is_another_work_unless_it_is_long():
    strangers = ["Ada Byron", "Bo Chen"]
    short = Traits.read("Similar set retrieval", AUTHORS, 2001)
    assert likeness(short, Traits.read("Similar set retrieval", strangers, 2001)) == 0
    assert likeness(traits(), traits(authors=strangers)) >= LIKELY


def test_like_titles_without_authors_are_two_works_unless_one_holds_the_other():
    one = Traits.read("Paging, come while relevance was read", [], 2026)
    assert likeness(one, Traits.read("Paging, come while date was read", [], 2026)) == 0
    assert likeness(one, Traits.read("Preface: paging, come while relevance was read", ["Ann Lee"], 2026)) >= LIKELY


def test_parts_numbered_otherwise_are_never_one_work():
    assert likeness(traits("Graph minors I: foundations"), traits("Graph minors II: foundations")) == 0
    assert likeness(traits("Graph minors 20"), traits("Graph minors 21")) == 0


@given(
    st.text(max_size=60),
    st.text(max_size=60),
    st.lists(st.text(max_size=12), max_size=4),
    st.lists(st.text(max_size=12), max_size=4),
    st.none() | st.integers(1, 9999),
    st.none() | st.integers(1, 9999),
)
def test_likeness_is_between_0_and_1_and_the_same_both_ways(title, other, names, others, year, later):
    one, two = Traits.read(title, names, year), Traits.read(other, others, later)
    assert 0 <= likeness(one, two) <= 1
    assert likeness(one, two) == pytest.approx(likeness(two, one))
    assert all(0 <= key < 2**63 for key in one.blocks)


def test_the_examples_hold():
    assert doctest.testmod(module).failed == 0


@pytest.fixture
def first(record):
    return record(TITLE, "dblp:1", source="dblp", authors=AUTHORS, published=DAY)


@pytest.fixture
def second(record):
    slip = "Efficient and tumble similar set retrieval"
    return record(slip, "acm:7", source="acm", authors=AUTHORS[::-1], published=DAY)


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one after the other"])
def test_a_record_of_another_source_joins_the_paper_it_is_likely_about(library, first, second, together):
    batches = [[first, second]] if together else [[first], [second]]
    placed = [each for batch in batches for each in library.put(batch)]
    assert placed[0].outcome == Outcome.ADDED
    assert placed[1].outcome != Outcome.ADDED
    assert placed[0].key == placed[1].key
    assert library.count() == 1
    assert {"acm:7", "dblp:1"} <= set(library.find("acm:7").identifiers)


def test_records_whose_names_clash_stay_apart_however_alike(library, first, record):
    again = record(TITLE, "dblp:2", source="dblp", authors=AUTHORS[::-1], published=DAY)
    library.put([first])
    assert [each.outcome for each in library.put([again])] == [Outcome.ADDED]


def test_of_two_records_the_likelier_one_gets_the_paper(library, first, record):
    library.put([first])
    far = record(TITLE.replace("tunable", "simple"), "acm:1", source="acm", authors=AUTHORS[::-1], published=DAY)
    near = record(f"{TITLE}s", "acm:2", source="acm", authors=AUTHORS[::-1], published=DAY)
    placed = library.put([far, near])
    assert [each.outcome == Outcome.ADDED for each in placed] == [True, False]
    keys = [library.find_paper(name).key for name in ("acm:2", "dblp:1", "acm:1")]
    assert keys[0] == keys[1] != keys[2]


def test_an_erased_paper_leaves_no_block_behind(library, first):
    from broadsheet.library.models import Block

    library.put([first])
    assert Block.objects.using(library.alias).count() == len(traits().blocks)
    library.erase("dblp:1")
    assert not Block.objects.using(library.alias).exists()


def test_blocks_that_too_many_papers_are_in_tell_nothing(library, first, second, monkeypatch):
    from broadsheet.library import alike

    library.put([first])
    monkeypatch.setattr(alike, "COMMON", 0)
    assert [each.outcome for each in library.put([second])] == [Outcome.ADDED]
