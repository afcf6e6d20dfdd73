"""Harvests that come again, by real workers: one of them runs each, and none outlives its worker."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
from homes import inside
from sites import environment, working

import pdfs

pytest.importorskip("pypdfium2")
PAPER = [(20, 700, "Paging with Succinct Predictions"), (11, 670, "Ann Lee"), (9, 500, "Words."), (9, 490, "More.")]


def until(found: Callable[[], object], seconds: float = 240) -> object:
    """What is found, as soon as something is."""
    end = time.monotonic() + seconds
    while not (answer := found()):
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.2)
    return answer


def order(home, *words: str) -> None:
    command = [sys.executable, "-m", "broadsheet", "harvest", *words]
    subprocess.run(command, env=environment(home), check=True, capture_output=True)


def orders(home) -> list:
    from broadsheet.library import scheduling

    return inside(home, lambda: scheduling.orders("default"))


def runs(home) -> list:
    from broadsheet.library.models import HarvestRun

    return inside(home, lambda: list(HarvestRun.objects.order_by("pk")))


def test_of_two_workers_one_reads_the_folder(tmp_path, furnish):
    home, folder = furnish(tmp_path / "home"), tmp_path / "shelf"
    folder.mkdir()
    (folder / "one.pdf").write_bytes(pdfs.text(PAPER))
    order(home, "pdf", str(folder), "--every", "1h")
    with working(home), working(home):
        until(lambda: orders(home)[0].succeeded_at)
    [run] = runs(home)
    assert (run.state, run.added, run.source) == ("done", 1, "shelf PDFs")


def test_a_run_ends_with_a_worker_that_is_killed_and_the_next_worker_takes_it_up_at_once(tmp_path, furnish):
    home = furnish(tmp_path / "home")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(240)
        where = f"127.0.0.1:{silent.getsockname()[1]}"
        order(home, "feed", f"http://{where}/feed", "--every", "1h")
        with working(home, BROADSHEET_FETCH_ALLOW=where) as worker:
            first, _ = silent.accept()
            worker.send_signal(signal.SIGKILL)
            first.settimeout(240)
            while first.recv(4_096):  # what it asks, and then nothing: it has ended
                pass
            first.close()
        [row] = orders(home)
        assert (row.failures, row.claimed_until is not None) == (0, True)
        with working(home, BROADSHEET_FETCH_ALLOW=where):
            again, _ = silent.accept()
            again.close()
