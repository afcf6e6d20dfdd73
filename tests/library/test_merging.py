"""Two papers that an editor says are one work: one from then on, two as of before, and two again after `split`."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from broadsheet.library import Library, LibraryError, NotFound
from broadsheet.library.models import Change, Paper
from broadsheet.papers import Identifier, Record

DAY = date(2026, 5, 1)
OURS, THEIRS = "Paging with succinct predictions", "Caches that foresee paging"


@pytest.fixture
def records(record):
    ours = record(
        OURS, "2611.00001", source="arxiv", authors=["Ann Lee"], published=DAY, abstract="What is asked next."
    )
    theirs = record(
        THEIRS, "10.1000/7", "openalex:W7", source="openalex", authors=["Ann Lee", "Bo Ray"], topics=("paging",)
    )
    return ours, theirs


@pytest.fixture
def two(library, records):
    library.put(records)
    assert library.count() == 2
    return library


def titles(library, query="paging", **asked):
    return sorted(hit.title for hit in library.search(query, **asked).hits)


def test_one_has_the_names_and_words_of_both_and_a_search_as_of_before_finds_two(two):
    at = two.search("paging").at
    assert two.merge("2611.00001", "10.1000/7")
    assert two.count() == 1
    assert titles(two) == [THEIRS]
    assert titles(two, at=at) == [THEIRS, OURS]
    kept = two.find("2611.00001")
    assert kept.identifiers == ["arxiv:2611.00001", "doi:10.1000/7", "openalex:W7"]
    assert (kept.abstract, kept.topics, len(kept.authors)) == ("What is asked next.", ["paging"], 2)
    assert two.check().problems == []


def test_it_is_one_withdrawal_and_one_version_of_the_other(two):
    two.merge("2611.00001", "10.1000/7")
    kinds = list(Change.objects.using(two.alias).order_by("seq").values_list("kind", "paper__key"))
    assert kinds[2:] == [("withdrawn", "10.1000/7"), ("revised", "2611.00001")]


def test_the_old_address_and_every_name_lead_to_the_kept_paper(two):
    two.merge("2611.00001", "10.1000/7")
    for name in ("10.1000/7", "openalex:W7", "2611.00001"):
        assert two.find(name).paper.key == "2611.00001"


def test_what_the_sources_of_either_say_later_goes_to_the_kept_paper(two, records, record):
    two.merge("2611.00001", "10.1000/7")
    assert [each.key for each in two.put(records)] == ["2611.00001"] * 2
    later = record("Caches that foresee all paging", "openalex:W7", source="openalex")
    assert [(each.outcome, each.key) for each in two.put([later])] == [("revised", "2611.00001")]
    nameless = record(THEIRS, source="pages", authors=["Ann Lee", "Bo Ray"])
    assert two.put([nameless])[0].key == "2611.00001"
    assert two.count() == 1


def test_made_one_twice_is_made_one_once(two):
    two.merge("2611.00001", "10.1000/7")
    head = two.search("paging").at
    assert two.merge("2611.00001", "10.1000/7") is False
    assert two.search("paging").at == head


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        (("2611.00001", "arXiv:2611.00001v2"), "is one paper already"),
        (("2611.00001", "gone:1"), "gone:1 was withdrawn"),
        (("gone:1", "2611.00001"), "gone:1 was withdrawn"),
        (("erased:1", "2611.00001"), "erased:1 was erased"),
    ],
)
def test_what_cannot_be_made_one_is_said_and_nothing_changes(two, record, pair, said):
    two.put([record("Withdrawn", "gone:1"), record("Erased", "erased:1")])
    two.withdraw("gone:1")
    two.erase("erased:1")
    head = two.search("paging").at
    with pytest.raises(LibraryError, match=said):
        two.merge(*pair)
    assert two.search("paging").at == head


def test_unknown_papers_are_not_made_one(two):
    with pytest.raises(NotFound):
        two.merge("2611.00001", "2611.99999")


def test_a_paper_that_became_part_of_another_is_not_made_one_with_a_third(two, record):
    two.put([record("A third", "third:1")])
    two.merge("2611.00001", "10.1000/7")
    with pytest.raises(LibraryError, match=r"10.1000/7 is one with 2611.00001 already"):
        two.merge("third:1", "10.1000/7")


def test_what_became_part_of_a_part_is_found_at_its_end(two, record):
    two.put([record("A third", "third:1")])
    two.merge("10.1000/7", "2611.00001")
    two.merge("third:1", "10.1000/7")
    assert two.find("2611.00001").paper.key == "third:1"
    assert two.split("third:1", ["10.1000/7"]) == "10.1000/7"
    assert two.find("2611.00001").paper.key == "10.1000/7"
    assert two.split("10.1000/7", ["2611.00001"]) == "2611.00001"
    assert two.count() == 3
    assert two.check().problems == []


def test_split_gives_the_absorbed_paper_back_as_it_came(two, records):
    two.merge("2611.00001", "10.1000/7")
    assert two.split("2611.00001", ["openalex:W7", "10.1000/7"]) == "10.1000/7"
    ours, theirs = two.find("2611.00001"), two.find("10.1000/7")
    assert (ours.title, ours.identifiers, ours.topics) == (OURS, ["arxiv:2611.00001"], [])
    assert (theirs.title, theirs.identifiers, theirs.abstract) == (THEIRS, ["doi:10.1000/7", "openalex:W7"], "")
    assert [each.outcome for each in two.put(records)] == ["unchanged"] * 2
    assert titles(two) == sorted([OURS, THEIRS])
    assert two.check().problems == []


def test_what_a_source_said_meanwhile_goes_with_its_paper(two, record):
    two.merge("2611.00001", "10.1000/7")
    two.put([record("Caches that foresee all paging", "openalex:W7", source="openalex", abstract="Said since. " * 9)])
    two.split("2611.00001", ["10.1000/7"])
    assert (two.find("10.1000/7").title, two.find("2611.00001").title) == ("Caches that foresee all paging", OURS)


def test_split_refuses_names_that_did_not_come_with_the_absorbed_paper(two):
    two.merge("2611.00001", "10.1000/7")
    with pytest.raises(LibraryError, match=r"2611.00001 did not come with 10.1000/7"):
        two.split("2611.00001", ["10.1000/7", "2611.00001"])
    with pytest.raises(LibraryError, match=r"openalex:W7 came with 10.1000/7: split off 10.1000/7"):
        two.split("2611.00001", ["openalex:W7"])


def test_papers_without_names_are_made_one_and_taken_apart_by_their_addresses(library, record):
    placed = library.put([record("Introduction", authors=["Ann Lee"]), record("Introduction", authors=["Bo Ray"])])
    kept, other = (each.key for each in placed)
    library.merge(kept, other)
    assert library.find(other).paper.key == kept
    assert library.split(kept, [other]) == other
    assert library.count() == 2


def test_two_records_of_one_source_stand_side_by_side_and_each_is_known_again(library, record):
    first = record("Paging, a preprint", "openalex:W1", source="openalex", abstract="The first.")
    second = record("Paging, the article", "openalex:W2", source="openalex", abstract="The second.")
    library.put([first, second])
    library.merge("openalex:W1", "openalex:W2")
    head = library.search("paging").at
    assert [each.outcome for each in library.put([first, second, first])] == ["unchanged"] * 3
    assert library.search("paging").at == head
    changed = record("Paging, the preprint", "openalex:W1", source="openalex", abstract="The first.")
    assert library.put([changed])[0].key == "openalex:W1"
    gone = Record("openalex", (Identifier("openalex", "W2"),), None)
    library.put([gone])
    assert (library.find("openalex:W1").title, library.find("openalex:W1").abstract) == (
        "Paging, the preprint",
        "The first.",
    )
    library.put([Record("openalex", (Identifier("openalex", "W1"),), None)])
    assert library.count() == 0


def test_an_erased_paper_takes_what_became_part_of_it_along(two):
    at = two.search("paging").at
    two.merge("2611.00001", "10.1000/7")
    two.erase("10.1000/7")
    assert titles(two, at=at) == []
    assert sorted(Paper.objects.using(two.alias).values_list("key", flat=True)) == ["10.1000/7", "2611.00001"]
    with pytest.raises(NotFound, match="erased"):
        two.find("10.1000/7")
    assert two.check().problems == []


def test_a_copy_of_a_site_that_made_one_of_two_follows_it_there_and_back(library, record):
    site, ours, theirs = "papers.example.org", "https://papers.example.org/1", "https://papers.example.org/2"
    kept, other = record(OURS, "10.1000/7", ours, source=site), record(THEIRS, "2611.00001", theirs, source=site)
    library.put([kept, other])
    gone = Record(site, (Identifier.parse(theirs),), None)
    both = record(THEIRS, "2611.00001", "10.1000/7", ours, source=site)
    library.put([gone, both])
    assert [(each.paper.key, each.title) for each in library.versions()] == [("10.1000/7", THEIRS)]
    library.put([kept, other])
    assert sorted((each.paper.key, each.title) for each in library.versions()) == [
        ("10.1000/7", OURS),
        ("2611.00001", THEIRS),
    ]


WORDS = ("paging", "caches", "predictions", "trees")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.lists(some.lists(some.sampled_from(WORDS), min_size=1, max_size=3), min_size=3, max_size=5), some.randoms())
def test_made_one_and_taken_apart_in_turn_the_same_papers_are_found(make_empty, record, papers, chance):
    library = make_empty()
    library.put(
        [record(f"{' '.join(words)} {place}", f"notes:{place}", f"x:{place}") for place, words in enumerate(papers)]
    )
    before, at = found(library), library.search("paging").at
    keys, merged = [f"notes:{place}" for place in range(len(papers))], []
    for _ in range(len(papers) - 1):
        kept, other = chance.sample(keys, 2)
        library.merge(kept, other)
        keys.remove(other)
        merged.append((kept, other))
    assert library.count() == 1
    for kept, other in reversed(merged):
        assert library.split(kept, [other]) == other
    assert found(library) == before
    assert found(library, at) == before
    assert library.check().problems == []


def found(library, at=None):
    return {word: sorted((hit.id, hit.title) for hit in library.search(word, at=at).hits) for word in WORDS}


@pytest.fixture
def make_empty(sqlite_template, tmp_path_factory, clock):
    import shutil

    def make() -> Library:
        return Library.open(shutil.copy(sqlite_template, tmp_path_factory.mktemp("turn")), model="none", clock=clock)

    return make
