"""Copies of other sites in the library: what is held of them, how far they were followed, how they compare."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from broadsheet.library import mirroring
from broadsheet.library.models import HarvestRun, Paper
from broadsheet.papers import Identifier, Record, Version
from broadsheet.sources import Fault, Page, SourceError

SITE = "http://papers.example.org"
SOURCE = "papers.example.org"


@pytest.fixture
def library(site_library):
    return site_library


def record(number: int, title: str | None = "Paper", *names: Identifier, source: str = SOURCE, key: int = 0) -> Record:
    named = (*names, Identifier("url", f"{SITE}/resync/papers/{number}.json"))
    return Record(source, named, Version(f"{title} {key or number}") if title else None, 1)


def arxiv(number: int) -> Identifier:
    return Identifier("arxiv", f"2611.{number:05}")


def compare(library, *records: Record, faults: tuple[Fault, ...] = ()) -> mirroring.Comparison:
    return mirroring.compare(library.alias, SOURCE, [Page(records, faults)])


def test_a_withdrawal_by_address_finds_the_paper_that_came_from_there(library):
    library.put([record(1, "Paper", arxiv(1)), record(2, "A paper that nobody numbered")])
    (first, second) = library.put([record(1, None), record(2, None)])
    assert (first.outcome, second.outcome) == ("withdrawn", "withdrawn")
    assert library.count() == 0
    (again,) = library.put([record(1, "Paper", arxiv(1))])
    assert again.outcome == "restored"


def test_a_paper_keeps_the_key_that_it_has_at_the_source(library):
    library.put([record(1, "Paper", arxiv(1)), record(2, "A paper that nobody numbered")])
    plain = Record("notes", (), Version("A paper that nobody numbered 2"))
    from broadsheet.library.matching import key_for

    assert set(Paper.objects.values_list("key", flat=True)) == {"2611.00001", key_for(plain, plain.version)}


def test_what_came_from_elsewhere_is_not_withdrawn_by_an_address_alone(library):
    library.put([record(1, "Paper", arxiv(1), source="arxiv")])
    (placed,) = library.put([record(1, None)])
    assert placed.outcome == "refused"
    assert "which it did not bring" in placed.reason


def test_a_second_address_of_one_source_for_a_paper_is_refused_and_told_until_the_first_is_gone(library):
    library.put([record(1, "Paper", arxiv(1)), record(3, "Paper", arxiv(3))])
    before = library.find("2611.00001").pk
    second = record(2, "Other words", arxiv(1))
    for _ in range(2):
        (placed,) = library.put([second])
        assert (placed.outcome, placed.key) == ("refused", "2611.00001")
        expected = f"{SOURCE} has 2611.00001 at {SITE}/resync/papers/1.json already; what it has here stays out"
        assert placed.reason == expected
    assert library.find("2611.00001").pk == before
    assert [placed.outcome for placed in library.put([record(1, "Paper", arxiv(1))])] == ["unchanged"]
    gone, moved = library.put([record(1, None), second])
    assert (gone.outcome, moved.outcome) == ("withdrawn", "restored")
    assert library.find("2611.00001").title == "Other words 2"
    assert [placed.outcome for placed in library.put([second])] == ["unchanged"]


def test_a_paper_of_other_sources_takes_any_address_and_keeps_the_pages_it_has_on_the_site(library):
    about = Identifier("url", f"{SITE}/about/1")
    library.put([Record("notes", (arxiv(1), about), Version("Paper 1"))])
    (placed,) = library.put([record(1, "Paper", arxiv(1))])
    assert placed.outcome == "described"
    (placed,) = library.put([record(1, "Words", arxiv(1), about)])
    assert placed.outcome == "revised"


def test_what_is_held_is_what_stands_and_came_from_there(library):
    library.put([record(1, "Paper", arxiv(1)), record(2, "Paper", arxiv(2)), record(3, "Paper", arxiv(3))])
    library.put([record(4, "Paper", arxiv(4), source="arxiv"), Record("notes", (arxiv(1),), Version("Paper 1"))])
    library.withdraw("2611.00002")
    library.erase("2611.00003")
    about = Identifier("url", f"{SITE}/about/1")
    library.put([record(1, "Paper", arxiv(1), about, Identifier("url", "https://else.example/1"))])
    assert list(mirroring.held(library.alias, SOURCE, SITE)) == [(f"{SITE}/resync/papers/1.json", f"{SITE}/about/1")]
    assert list(mirroring.held(library.alias, SOURCE, "http://papers.example")) == []


def test_a_copy_is_compared_and_left_as_it_is(library):
    library.put([record(number, "Paper", arxiv(number)) for number in (1, 2, 3, 4)])
    library.withdraw("2611.00004")
    before = list(Paper.objects.values_list("key", "withdrawn_at"))
    found = compare(
        library,
        record(1, "Paper", arxiv(1)),
        record(2, "Another paper", arxiv(2)),
        record(3, None),
        record(4, "Paper", arxiv(4)),
        record(5, "Paper", arxiv(5)),
        record(6, None),
        faults=(Fault("there", "it is broken"),),
    )
    counts = (found.same, found.different, found.surplus, found.missing, found.refused)
    assert counts == (1, 1, 1, 2, 1)
    assert not found.is_equal
    assert len(found.differences) == 5
    assert "there: it is broken" in found.differences
    assert list(Paper.objects.values_list("key", "withdrawn_at")) == before
    assert compare(library, record(1, "Paper", arxiv(1))).is_equal


def test_what_others_said_since_makes_no_difference(library):
    library.put([record(1, "Paper", arxiv(1))])
    library.put([Record("notes", (arxiv(1),), Version("Paper 1", abstract="Words."))])
    assert compare(library, record(1, "Paper", arxiv(1))).is_equal


def test_more_papers_cost_no_more_queries(library):
    counts = []
    for papers in (3, 30):
        records = [record(number, "Paper", arxiv(number)) for number in range(1, papers)]
        library.put(records)
        with CaptureQueriesContext(connections["default"]) as queries:
            compare(library, *records)
            list(mirroring.held(library.alias, SOURCE, SITE))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 3


class Once:
    """A source of one page, which may fail after it."""

    name = SOURCE

    def __init__(self, error: str = "") -> None:
        self.error = error

    def harvest(self, cursor: str | None = None) -> Iterator[Page]:
        yield Page((record(1, "Paper", arxiv(1)),), cursor="[0]" if self.error else None)
        if self.error:
            raise SourceError(self.error)


def test_the_next_run_goes_on_where_the_last_that_ended_got_to(library, clock):
    assert mirroring.last_reach(library.alias, SOURCE, "copy") == ""
    run = library.harvest(Once(), "copy since=")
    mirroring.note_reach(library.alias, run, "2026-11-21T12:00:00Z/3")
    clock.forward(minutes=1)
    assert mirroring.last_reach(library.alias, SOURCE, "copy") == "2026-11-21T12:00:00Z/3"
    assert mirroring.last_reach(library.alias, SOURCE, "cop") == ""
    assert mirroring.last_reach(library.alias, "elsewhere", "copy") == ""
    failed = library.harvest(Once("it is away"), "copy since=2026-11-21T12:00:00Z/3")
    assert (failed.state, failed.error) == (HarvestRun.State.FAILED, "it is away")
    assert mirroring.last_reach(library.alias, SOURCE, "copy") == "2026-11-21T12:00:00Z/3"
    again = library.harvest(Once(), "copy since=2026-11-21T12:00:00Z/3")
    assert again.pk == failed.pk, "a run that failed is taken up"
    clock.forward(minutes=1)
    assert mirroring.last_reach(library.alias, SOURCE, "copy") == "2026-11-21T12:00:00Z/3", "at least where it began"


def test_a_moment_is_written_in_the_run_itself(library):
    run = library.harvest(Once(), "copy since=")
    mirroring.note_reach(library.alias, run, f"{datetime(2026, 11, 21, tzinfo=UTC):%Y-%m-%d}/0")
    assert HarvestRun.objects.get().request == "copy since= reached=2026-11-21/0"
