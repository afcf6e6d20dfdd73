"""Harvest runs: every good record stored, every bad one named, killed anywhere and taken up again."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from broadsheet.library.models import HarvestRun, Version
from broadsheet.papers import Identifier, Record
from broadsheet.papers import Version as Text
from broadsheet.sources import Fault, Page, SourceError


class Papers:
    """A source of numbered papers, five a page, that can stop with an error."""

    name = "papers"

    def __init__(self, count: int, stops_after: int | None = None, faults: tuple[Fault, ...] = ()) -> None:
        self.count, self.stops_after, self.faults = count, stops_after, faults

    def harvest(self, cursor=None):
        for start in range(int(cursor or 0), self.count, 5):
            if self.stops_after is not None and start >= self.stops_after:
                raise SourceError("papers.jsonl line 11: the file ends in the middle of a record")
            end = min(start + 5, self.count)
            records = tuple(
                Record("papers", (Identifier("arxiv", f"2104.{n:05}"),), Text(f"Paper number {n}"))
                for n in range(start, end)
            )
            yield Page(records, self.faults, cursor=str(end) if end < self.count else None, total=self.count, done=end)


def test_a_run_counts_what_it_saw(library):
    run = library.harvest(Papers(12), "all")
    assert (run.state, run.seen, run.added, run.cursor) == (HarvestRun.State.DONE, 12, 12, None)


def test_a_run_twice_is_a_run_once(library):
    library.harvest(Papers(12), "all")
    again = library.harvest(Papers(12), "all")
    assert (again.added, again.unchanged) == (0, 12)
    assert Version.objects.using(library.alias).count() == 12


def test_a_source_that_fails_keeps_what_it_brought_and_says_why(library):
    run = library.harvest(Papers(12, stops_after=10), "all")
    assert run.state == HarvestRun.State.FAILED
    assert "line 11" in run.error
    assert library.count() == 10


def test_the_next_run_of_a_failed_request_goes_on_where_it_was(library):
    failed = library.harvest(Papers(12, stops_after=10), "all")
    run = library.harvest(Papers(12), "all")
    assert (run.pk, run.state, run.seen, run.added, run.error) == (failed.pk, HarvestRun.State.DONE, 12, 12, "")


def test_faults_stand_on_the_run_and_do_not_stop_it(library):
    run = library.harvest(Papers(5, faults=(Fault("docs.jsonl line 7", "the record has no title"),)), "all")
    assert (run.added, run.refused, run.seen) == (5, 1, 6)
    assert [str(fault) for fault in run.faults.using(library.alias)] == ["docs.jsonl line 7: the record has no title"]


def test_a_run_killed_in_the_middle_ends_as_one_clean_run(database_url, library, tmp_path):
    """The child kills itself by SIGKILL in the middle of storing a page, at several places."""
    script = textwrap.dedent(
        """
        import os, signal, sys
        sys.path.insert(0, sys.argv[3])
        from broadsheet.library import Library
        from broadsheet.library import putting
        from test_harvesting import Papers
        library = Library.open(sys.argv[1], model="none")
        save, stored = putting._Batch.save, []
        def save_and_die(batch):
            save(batch)
            stored.append(batch)
            if len(stored) == int(sys.argv[2]):
                os.kill(os.getpid(), signal.SIGKILL)  # after the rows, before the commit
        putting._Batch.save = save_and_die
        library.harvest(Papers(60), "all")
        """
    )
    for pages in (1, 3, 2):
        child = subprocess.run(
            [sys.executable, "-c", script, database_url, str(pages), str(Path(__file__).parent)],
            env=child_env(tmp_path),
        )
        assert child.returncode == -signal.SIGKILL
    assert library.count() == 15  # one page less than it was storing, each time
    run = library.harvest(Papers(60), "all")
    assert (run.state, run.added, run.seen, library.count()) == (HarvestRun.State.DONE, 60, 60, 60)
    assert HarvestRun.objects.using(library.alias).count() == 1
    assert library.check().problems == []


def child_env(tmp_path) -> dict[str, str]:
    return {**os.environ, "BROADSHEET_HOME": str(tmp_path / "home")}


def test_a_run_that_is_cut_off_after_its_last_page_is_already_done(library):
    class CutOff(Papers):
        def harvest(self, cursor=None):
            yield from super().harvest(cursor)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        library.harvest(CutOff(12), "all")
    [run] = HarvestRun.objects.using(library.alias)
    assert (run.state, run.seen) == (HarvestRun.State.DONE, 12)


@pytest.mark.parametrize("where", ["mysql://x/y", "postgresql://host", "http://x"])
def test_an_address_of_another_kind_is_refused(where):
    from broadsheet.library import Library, LibraryError

    with pytest.raises(LibraryError):
        Library.open(where)
