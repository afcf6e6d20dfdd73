"""What an answer can be narrowed to, and the orders it can have."""

from datetime import date

import pytest

from broadsheet.library import LibraryError
from broadsheet.library.facets import CONSIDERED, VALUES
from broadsheet.search import QueryError, parse


@pytest.fixture
def library(site_library, record):
    site_library.put(
        [
            record(
                "Paging with predictions",
                "2611.00001",
                authors=["Ada Byron", "Émilie du Châtelet"],
                topics=("cs.DS", "caching"),
                published=date(2024, 2, 29),
            ),
            record(
                "Paging without predictions",
                "2611.00002",
                authors=["Byron, Ada"],
                topics=("Caching",),
                published=date(2026, 1, 1),
            ),
            record("Paging", "2611.00003", authors=["Bo Chen"], topics=("cs.OS",), published=date(2026, 12, 31)),
            record("Graphs", "2611.00004", authors=["Ada Byron"], topics=("math.CO",), published=date(2025, 1, 1)),
        ]
    )
    return site_library


def told(facets):
    return [(facet.value, facet.papers) for facet in facets]


def test_an_answer_tells_its_years_topics_and_authors(library):
    found = library.facets("paging")
    assert (found.total, found.considered) == (3, 3)
    assert told(found.years) == [("2026", 2), ("2024", 1)]
    assert told(found.topics) == [("Caching", 2), ("cs.DS", 1), ("cs.OS", 1)]
    assert told(found.authors) == [("Ada Byron", 2), ("Bo Chen", 1), ("Émilie du Châtelet", 1)]


@pytest.mark.parametrize(
    "query", ["paging", "paging after:2020", '"with predictions"', "topic:cs", "-graphs after:2024", "paging -without"]
)
def test_a_count_is_what_the_narrower_search_finds(library, query):
    found = library.facets(query)
    for facet in (*found.years, *found.topics, *found.authors):
        assert library.search(facet.query).total == facet.papers > 0
        assert set(parse(facet.query).terms) == set(parse(query).terms)


def test_a_year_takes_the_place_of_other_days(library):
    [facet] = [
        facet
        for facet in library.facets("paging after:2019-03 topic:caching before:2027").years
        if facet.value == "2024"
    ]
    assert facet.query == "paging topic:caching after:2024 before:2025"


def test_a_condition_that_holds_already_is_not_offered(library):
    found = library.facets('paging topic:caching author:"Ada Byron"')
    assert told(found.topics) == [("cs.DS", 1)]
    assert told(found.authors) == [("Émilie du Châtelet", 1)]


def test_an_earlier_answer_is_narrowed_as_of_then(library, record):
    at = library.search("paging").at
    library.put([record("Paging again", "2611.00005", topics=("caching",), published=date(2023, 5, 5))])
    library.put([record("Paging", "2611.00003", authors=["Cy Dee"], published=date(2026, 12, 31))])
    assert told(library.facets("paging", at).authors)[1] == ("Bo Chen", 1)
    assert ("2023", 1) in told(library.facets("paging").years)
    assert ("2023", 1) not in told(library.facets("paging", at).years)


def test_withdrawn_papers_leave_at_once_and_erased_ones_leave_nothing(library):
    at = library.search("paging").at
    library.withdraw("2611.00003")
    assert ("Bo Chen", 1) not in told(library.facets("paging").authors)
    assert ("Bo Chen", 1) in told(library.facets("paging", at).authors)
    library.erase("2611.00003")
    assert ("Bo Chen", 1) not in told(library.facets("paging", at).authors)


def test_an_answer_from_several_sources_is_narrowed_to_one(library, record):
    assert library.facets("paging").sources == ()
    library.put([record("Paging elsewhere", "2611.00009", source="ACL Anthology", published=date(2026, 1, 1))])
    found = library.facets("paging")
    assert told(found.sources) == [("notes", 3), ("ACL Anthology", 1)]
    assert [hit.title for hit in library.search(found.sources[1].query).hits] == ["Paging elsewhere"]
    assert library.search("paging -source:notes").total == library.search("source:'acl anthology'").total + 1 == 1
    library.put([record("Paging elsewhere", "2611.00009", source="notes", published=date(2026, 1, 2))])
    assert library.search('source:"acl anthology"').total == 0


def test_nothing_found_is_narrowed_to_nothing(library):
    assert library.facets("zebra").to_json() == {
        "at": 4, "total": 0, "considered": 0, "years": [], "topics": [], "authors": [], "sources": []
    }  # fmt: skip


def test_a_query_too_long_for_another_condition_is_offered_none(library):
    found = library.facets("paging " + "w" * 989)
    assert (found.total, found.topics, found.authors) == (3, (), ())


def test_what_cannot_be_read_or_is_not_in_the_journal_is_refused(library):
    with pytest.raises(QueryError):
        library.facets("author:")
    with pytest.raises(LibraryError, match="not in this library's journal"):
        library.facets("paging", 99)


def test_of_many_papers_the_best_are_looked_at_and_all_are_counted(library, record):
    library.put(
        [
            record(f"Paging, part {n}", authors=[f"Author Number {n % 40}"], topics=(f"t{n % 40:02}",))
            for n in range(CONSIDERED + 200)
        ]
    )
    found = library.facets("paging")
    assert (found.total, found.considered) == (CONSIDERED + 203, CONSIDERED)
    assert len(found.topics) == len(found.authors) == VALUES
    assert {facet.papers for facet in found.topics} == {(CONSIDERED + 200) // 40}


def test_the_best_are_sorted_by_date_the_newest_first(library, record):
    library.put([record("Paging undated", "2611.00009")])
    answer = library.search("paging", sort="date")
    assert [hit.id[-1] for hit in answer.hits] == ["3", "9", "2", "1"]  # without a date, the day it is listed counts
    assert answer.sort == "date"


def test_the_best_are_sorted_by_what_trends(library):
    from broadsheet.library.models import Paper

    for number, trending in ((1, 5.0), (2, 7.5), (3, 6.0)):
        Paper.objects.filter(key=f"2611.0000{number}").update(trending=trending)
    assert [hit.id[-1] for hit in library.search("paging", sort="trending").hits] == ["2", "3", "1"]


@pytest.mark.parametrize("sort", ["date", "trending"])
def test_the_pages_of_a_sorted_answer_are_pieces_of_one_order(library, record, sort):
    library.put([record(f"Paging, part {n}", published=date(2026, 1, 1 + n % 9)) for n in range(47)])
    at = library.search("paging").at
    whole = library.search("paging", limit=50, sort=sort, at=at)
    pages = [library.search("paging", limit=10, offset=offset, sort=sort, at=at).hits for offset in range(0, 60, 10)]
    assert [hit.id for page in pages for hit in page] == [hit.id for hit in whole.hits]
    assert whole.length == whole.total == 50
    assert len({hit.id for hit in whole.hits}) == 50


@pytest.mark.parametrize("sort", ["date", "trending"])
def test_another_order_changes_no_score_and_no_explanation(library, sort):
    scores = {hit.id: (hit.score, hit.explanation) for hit in library.search("paging predictions").hits}
    assert {
        hit.id: (hit.score, hit.explanation) for hit in library.search("paging predictions", sort=sort).hits
    } == scores


def test_a_deep_search_has_the_order_of_relevance_alone(library):
    with pytest.raises(LibraryError, match="cannot be sorted by date"):
        library.search("paging", deep=True, sort="date")
