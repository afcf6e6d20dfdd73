"""Searching a library: fresh at once, repeatable for ever, honest about what it could not see yet."""

import pytest

from broadsheet.library import LibraryError
from broadsheet.search import QueryError

TITLES = ["Simultaneous updates of shared indexes", "Paging with succinct predictions", "Updates of neural weights"]


def put_all(library, record):
    library.put([record(title, f"2104.0000{n}") for n, title in enumerate(TITLES)])


def titles(answer):
    return [hit.title for hit in answer.hits]


def test_a_paper_is_found_by_words_at_the_next_query(library, record):
    assert titles(library.search("updates")) == []
    put_all(library, record)
    assert set(titles(library.search("updates"))) == {TITLES[0], TITLES[2]}
    library.put([record("Fresh updates", "2104.11111")])
    answer = library.search("updates")
    assert titles(answer)[0] == "Fresh updates"
    assert (answer.behind, answer.by_meaning, answer.total) == (0, False, 3)


def test_a_search_as_of_an_earlier_change_gives_what_it_gave_then(library, record):
    put_all(library, record)
    then = library.search("updates").to_json()
    library.put([record("Updates upon updates", "2104.11111")])
    library.put([record("Another title altogether", "2104.00000")])
    library.withdraw("2104.00002")
    assert titles(library.search("updates")) == ["Updates upon updates"]
    assert library.search("updates", at=then["at"]).to_json() == then


def test_a_withdrawn_paper_is_found_no_more_but_as_of_earlier(library, record):
    put_all(library, record)
    library.withdraw("2104.00001")
    assert titles(library.search("paging")) == []
    assert titles(library.search("paging", at=3)) == [TITLES[1]]


def test_an_erased_paper_is_found_nowhere_not_even_as_of_earlier(library, record):
    put_all(library, record)
    library.search("paging")
    library.erase("2104.00001")
    assert titles(library.search("paging")) == []
    assert titles(library.search("paging", at=3)) == []
    assert library.check().problems == []


def test_pages_of_one_answer_do_not_overlap(library, record):
    library.put([record(f"Updates, part {n:03}", f"2104.{n:05}") for n in range(30)])
    at = library.search("updates").at
    pages = [titles(library.search("updates", limit=10, offset=offset, at=at)) for offset in (0, 10, 20, 30)]
    assert len({title for page in pages for title in page}) == 30
    assert pages[3] == []


def test_a_change_that_is_not_in_the_journal_is_refused(library, record):
    put_all(library, record)
    for at in (4, -1):
        with pytest.raises(LibraryError, match="journal"):
            library.search("updates", at=at)


def test_people_may_say_when_by_date_or_by_number(library, record, clock):
    put_all(library, record)
    clock.forward(days=1)
    library.put([record("A day later another paper", "2104.11111")])
    assert library.as_of("2026-11-20") == 0
    assert library.as_of("2026-11-21") == 3
    assert library.as_of("2026-11-22T12:00") == 4
    assert library.as_of("#1,234") == 1234
    with pytest.raises(LibraryError, match="date"):
        library.as_of("yesterday")


def test_a_bad_query_is_an_error_that_says_where(library):
    with pytest.raises(QueryError):
        library.search('"never closed')
    with pytest.raises(QueryError):
        library.search('"' * 10_000)


def test_a_bounded_search_says_how_far_it_is_behind(library, record):
    library.put([record(f"Updates, part {n:03}", f"2104.{n:05}") for n in range(600)])
    answer = library.search("updates", budget=0.0)
    assert answer.behind == 600 - answer.at
    assert library.search("updates").behind == 0


def test_every_score_is_the_sum_of_its_parts(library, record):
    put_all(library, record)
    for hit in library.search("neural updates").to_json()["hits"]:
        assert sum(part["value"] for part in hit["explanation"]["parts"]) == pytest.approx(hit["score"])


def test_check_tells_of_a_row_that_was_tampered_with(library, record):
    put_all(library, record)
    assert library.check().is_well
    from broadsheet.library.models import Version

    Version.objects.using(library.alias).filter(title=TITLES[0]).update(died=2, title="Changed by hand")
    report = library.check()
    assert not report.is_well
    assert any("2104.00000" in problem for problem in report.problems)
