"""The walk over a server's list: places, restarts, limits, and servers that lead astray."""

import pytest

from broadsheet.papers import Identifier, Record, Version
from broadsheet.sources.asking import mail_in, reason_in
from broadsheet.sources.errors import FetchError, SourceError
from broadsheet.sources.source import Fault, Page
from broadsheet.sources.walking import MAX_RESTARTS, walk


def some(*numbers: int, cursor: str | None = None, total: int | None = None) -> Page:
    records = tuple(Record("s", (Identifier("s", str(number)),), Version(f"Paper {number}")) for number in numbers)
    return Page(records, cursor=cursor, total=total, done=len(records))


def titles(pages) -> list[list[str]]:
    return [[record.version.title[6:] for record in page.records] for page in pages]


LIST = {None: some(1, 2, cursor="b", total=5), "b": some(3, 4, cursor="c"), "c": some(5)}


def test_a_walk_goes_from_place_to_place_and_counts():
    pages = list(walk(LIST.__getitem__, "x"))
    assert titles(pages) == [["1", "2"], ["3", "4"], ["5"]]
    assert [page.done for page in pages] == [2, 4, 5]
    assert [page.cursor for page in pages] == ["2 b", "4 c", None]


def test_a_walk_goes_on_from_a_cursor_with_its_count():
    pages = list(walk(LIST.__getitem__, "x", "4 c"))
    assert titles(pages) == [["5"]]
    assert pages[0].done == 5


def test_a_limit_holds_over_a_run_that_was_cut_off():
    assert titles(walk(LIST.__getitem__, "x", limit=3)) == [["1", "2"], ["3"]]
    (page,) = walk(LIST.__getitem__, "x", "2 b", limit=3)
    assert titles([page]) == [["3"]]
    assert (page.cursor, page.done) == (None, 3)
    assert list(walk(LIST.__getitem__, "x", "4 c", limit=4)) == []


def test_a_limit_counts_faults_and_is_the_total():
    page = Page((), (Fault("a", "b"), Fault("c", "d")), cursor="b", total=99)
    (only,) = walk(lambda _: page, "x", limit=1)
    assert (len(only.faults), only.total, only.cursor) == (1, 1, None)


def test_a_forgotten_place_begins_the_run_again_and_says_so():
    def ask(place):
        if place == "old":
            raise FetchError("it answered 404 Not Found (Cursor specified but it is invalid)", status=404)
        return LIST[place]

    pages = list(walk(ask, "https://list.example", "7 old"))
    assert titles(pages) == [["1", "2"], ["3", "4"], ["5"]]
    assert pages[-1].done == 5
    assert pages[0].faults[0].place == "https://list.example"
    assert "began again at its beginning: it answered 404" in pages[0].faults[0].reason


def test_a_server_that_forgets_every_place_is_given_up():
    asked = []

    def ask(place):
        asked.append(place)
        if place:
            raise FetchError("gone", status=410)
        return LIST[None]

    with pytest.raises(FetchError, match="gone"):
        list(walk(ask, "x"))
    assert len(asked) == 2 * (MAX_RESTARTS + 1)


def test_a_refused_question_and_a_broken_connection_are_not_asked_again():
    for status in (400, None, 500):
        asked = []

        def ask(place, asked=asked, status=status):
            asked.append(place)
            raise FetchError("no", status=status)

        with pytest.raises(FetchError):
            list(walk(ask, "x", None if status == 400 else "1 b"))
        assert len(asked) == 1


@pytest.mark.parametrize("place", ["a b", "", "\ud800", "\0", "x" * 2_001, "é", "a\nb"])
def test_a_place_that_cannot_be_asked_for_is_refused(place):
    with pytest.raises(SourceError, match="cannot be asked for"):
        list(walk(lambda _: some(1, cursor=place), "x"))


def test_a_server_that_leads_in_circles_is_left():
    circle = {None: some(1, cursor="b"), "b": some(2, cursor="c"), "c": some(3, cursor="b")}
    with pytest.raises(SourceError, match="goes in circles"):
        list(walk(circle.__getitem__, "x"))


@pytest.mark.parametrize("cursor", ["", "b", "x b", "1 ", "-1 b", "1" * 13 + " b"])
def test_a_cursor_of_another_kind_is_refused(cursor):
    with pytest.raises(SourceError, match="not a place in a list"):
        list(walk(LIST.__getitem__, "x", cursor))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"status":"failed","message":[{"type":"a","value":"v","message":"Not an integer"}]}', "Not an integer"),
        (b'{"error":"Unrecognized or unsupported fields: [x]"}', "Unrecognized or unsupported fields: [x]"),
        (b'{"error":"Invalid query","message":"No such filter"}', "No such filter"),
        (b'{"errors":[{"status":"400","title":"Bad page"}]}', "Bad page"),
        (b'{"message":"half \\ud800"}', "half ?"),
        (b"<html>", ""),
        (b"[]", ""),
        (b'{"errors":7}', ""),
        (b"", ""),
    ],
)
def test_the_words_of_a_service_are_found_in_its_errors(body, words):
    assert reason_in(body) == words


def test_only_a_mail_address_is_given_as_one():
    assert mail_in("papers@example.org") == "papers@example.org"
    assert mail_in("https://user@example.org") == mail_in("") == ""
