"""Pages of what a parser finds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet.papers import Record, Version
from broadsheet.sources import Fault, SourceError
from broadsheet.sources.paging import PAGE_SIZE, paged, position_in

RECORD = Record("x", (), Version("A title"))
FAULT = Fault("line 1", "why")


@settings(max_examples=30)
@given(st.lists(st.booleans(), max_size=40).map(lambda kinds: kinds * 60))
def test_pages_hold_everything_in_order_and_only_the_last_has_no_cursor(kinds):
    found = [(number, RECORD if good else FAULT) for number, good in enumerate(kinds, 10)]
    pages = list(paged(found, done=3, total=9))
    assert sum(len(page.records) for page in pages) == sum(kinds)
    assert sum(len(page.faults) for page in pages) == len(kinds) - sum(kinds)
    assert [page.cursor is None for page in pages] == [False] * (len(pages) - 1) + [True]
    assert all(len(page.records) + len(page.faults) == PAGE_SIZE for page in pages[:-1])
    assert pages[-1].done == 3 + sum(kinds)
    assert {page.total for page in pages} == {9}


def test_a_cursor_is_the_position_of_the_last_thing_on_its_page():
    found = [(number * 2, RECORD) for number in range(1, PAGE_SIZE + 2)]
    first, last = paged(found)
    assert first.cursor == str(PAGE_SIZE * 2)
    assert len(last.records) == 1


def test_a_full_last_page_is_still_the_last():
    assert len(list(paged((number, RECORD) for number in range(PAGE_SIZE)))) == 1


def test_nothing_is_one_empty_page():
    (page,) = paged([])
    assert (page.records, page.faults, page.cursor) == ((), (), None)


def test_what_was_good_before_an_error_comes_first():
    def failing():
        yield 1, RECORD
        yield 2, FAULT
        raise SourceError("cut off")

    pages = paged(failing())
    page = next(pages)
    assert (len(page.records), len(page.faults), page.cursor) == (1, 1, "2")
    with pytest.raises(SourceError, match="cut off"):
        next(pages)


@pytest.mark.parametrize("cursor", ["", "-1", "x", "1.5", "٣", "9" * 16, "t|1"])
def test_a_cursor_that_is_no_position_is_refused(cursor):
    with pytest.raises(SourceError, match="not a position"):
        position_in(cursor)


def test_no_cursor_is_the_start():
    assert position_in(None) == 0
    assert position_in("40000") == 40_000
