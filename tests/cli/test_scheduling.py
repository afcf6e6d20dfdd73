"""`broadsheet harvest … --every`: orders are kept, listed and ended, and the worker carries them out."""

import json
import subprocess
import sys
from datetime import timedelta

import pytest

from broadsheet.cli.repeating import Repeating
from broadsheet.cli.scheduling import arguments_of
from broadsheet.library import scheduling


@pytest.fixture
def orders(library_on_sqlite):
    return lambda: scheduling.orders("default")


@pytest.fixture
def repeating(library_on_sqlite, clock):
    """A worker's harvests, in which a run is a program that a test gives; the words of the order come behind it."""
    made = []

    def make(program: str) -> Repeating:
        made.append(Repeating(library_on_sqlite, (sys.executable, "-c", program), lambda: 0.5))
        return made[-1]

    yield make
    for one in made:
        one.stop()


def finish(repeating: Repeating, clock) -> str:
    """Let the run under way come to its end, and have it looked at."""
    repeating._run.child.wait(60)
    return repeating.tick(clock())


def test_an_order_is_kept_without_what_each_run_is_told_anew(invoke, orders, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my papers").mkdir()
    said = invoke("harvest", "pdf", "my papers", "--every", "6h", "--no-embed").output
    assert "every 6 hours, first now" in said
    invoke("harvest", "crossref", "--issn", "2641-3337", "--every=daily", "--since", "2026-11-01", "--json")
    invoke("harvest", "arxiv", "--since=2026-10-01", "--set", "cs:cs:IR", "--every", "2d")
    pdf, crossref, arxiv = orders()
    assert arguments_of(pdf) == ["pdf", f"{tmp_path}/my papers", "--json", "--no-embed"]
    assert arguments_of(crossref)[:3] == ["crossref", "--issn", "2641-3337"]
    assert arguments_of(crossref)[3:5] == ["--since", "2026-11-01"]
    assert (arxiv.command, str(arxiv.since), arxiv.every.days) == ("arxiv --set cs:cs:IR", "2026-10-01", 2)


def test_arxiv_begins_a_week_ago_unless_told_otherwise_and_a_query_has_no_day(invoke, orders):
    invoke("harvest", "arxiv", "--set", "cs:cs:IR", "--every", "daily")
    invoke("harvest", "arxiv", "--query", "cat:cs.IR", "--every", "daily")
    invoke("harvest", "semantic-scholar", "dense", "--every", "weekly")
    assert [(str(row.since), row.overlap) for row in orders()] == [("2026-11-14", 1), ("None", None), ("None", 30)]


def test_orders_are_listed_and_ended(invoke, orders):
    assert "No harvest comes again by itself" in invoke("harvest", "--list").output
    invoke("harvest", "acl", "2026.acl", "--every", "weekly")
    [row] = orders()
    listed = invoke("harvest", "--list").output
    assert f"{row.pk}  acl 2026.acl  every week" in listed
    assert "has not succeeded yet; next now" in listed
    [told] = json.loads(invoke("harvest", "--list", "--json").stdout)
    assert (told["command"], told["every_seconds"], told["failures"]) == ("acl 2026.acl", 604_800, 0)
    assert "does not come again" in invoke("harvest", "--stop", str(row.pk)).output
    assert orders() == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("acl", "--every", "often"), "say 30m, 6h, 2d, hourly, daily or weekly"),
        (("acl", "--every", "5m"), "every 15 minutes at the soonest"),
        (("arxiv", "--since", "2026-01-01", "--until", "2026-02-01", "--every", "6h"), "does not go with --until"),
        (("--stop", "7"), "there is no harvest with the number 7"),
    ],
)
def test_what_cannot_be_ordered_is_said(invoke, orders, arguments, said):
    result = invoke("harvest", *arguments)
    assert result.exit_code != 0
    assert said in result.output
    assert orders() == []


def test_the_worker_runs_what_is_due_and_writes_down_how_it_ended(repeating, clock, orders):
    scheduling.order("default", "acl 2026.acl", timedelta(hours=6), clock())
    program = "import sys, json; print(json.dumps({'added': len(sys.argv)}))"
    worker = repeating(program)
    assert worker.tick(clock()) == ""
    assert finish(worker, clock) == "acl 2026.acl: 5 new papers"
    [row] = orders()
    assert (row.succeeded_at, row.next_at) == (clock(), clock() + timedelta(hours=6))
    assert worker.tick(clock()) == ""
    assert worker._run is None


@pytest.mark.parametrize(
    ("program", "error"),
    [
        ("import json, sys; print(json.dumps({'error': 'it answered 503'})); sys.exit(1)", "it answered 503"),
        ("import sys; sys.exit('Error: no such thing')", "no such thing"),
        ("import os; os.kill(os.getpid(), 9)", "it ended with exit code -9"),
    ],
)
def test_a_run_that_fails_is_told_and_tried_again_later(repeating, clock, orders, program, error):
    scheduling.order("default", "acl", timedelta(hours=6), clock())
    worker = repeating(program)
    worker.tick(clock())
    assert finish(worker, clock) == f"acl failed: {error}"
    [row] = orders()
    assert (row.failures, row.error, row.next_at - clock()) == (1, error, timedelta(minutes=5))


def test_a_run_whose_order_is_ended_is_ended_and_one_that_is_stopped_goes_on_later(repeating, clock, orders):
    scheduling.order("default", "acl", timedelta(hours=6), clock())
    worker = repeating("import time; time.sleep(600)")
    worker.tick(clock())
    child = worker._run.child
    worker.stop()
    assert child.returncode is not None
    worker.tick(clock())
    child = worker._run.child
    scheduling.stop("default", orders()[0].pk)
    clock.forward(minutes=2)
    assert "was ended" in worker.tick(clock())
    assert child.returncode is not None


def test_a_run_on_a_leash_ends_with_who_started_it(tmp_path):
    program = "from broadsheet.cli.repeating import end_with_standard_input as end; end(); print('ready', flush=True);"
    child = subprocess.Popen(
        [sys.executable, "-c", f"{program} import time; time.sleep(600)"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with child:
        assert child.stdout.readline() == b"ready\n"
        child.stdin.close()
        assert child.wait(60) == 1


def test_a_harvest_by_the_worker_brings_papers_by_a_real_process(tmp_path, furnish):
    """The worker's own command, in a home of its own, on a folder without PDFs."""
    home = furnish(tmp_path / "home")
    (tmp_path / "empty").mkdir()
    command = [sys.executable, "-m", "broadsheet", "harvest", "--leash", "pdf", str(tmp_path / "empty"), "--json"]
    with subprocess.Popen([*command, "--home", str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert json.loads(child.stdout.read())["seen"] == 0
        assert child.wait(60) == 0
