"""The worker's jobs: those of a line wait for each other, lines for nobody; a line with work left does not rest."""

from threading import Event

import pytest

from broadsheet.cli.jobs import PATIENCE, Job, work

pytestmark = pytest.mark.usefixtures("library_on_sqlite")


class Watched(Event):
    """An event that counts how often somebody waited for it."""

    waits = 0

    def wait(self, timeout=None):
        self.waits += 1
        return super().wait(0)


def test_a_line_that_is_busy_holds_up_no_other():
    stopping, is_told = Event(), Event()

    def embed():
        assert is_told.wait(30)
        stopping.set()
        return "embedded"

    def mail():
        is_told.set()
        return "mailed"

    work([[Job("Embedding", embed)], [Job("Mail", mail)]], stopping)
    assert is_told.is_set()


def test_a_line_rests_only_after_a_round_in_which_nothing_was_done():
    stopping, left = Watched(), [3, 2, 1]

    def embed():
        if not left:
            stopping.set()
            return ""
        return f"{left.pop()} embedded"

    work([[Job("Embedding", embed), Job("Nothing", lambda: "")]], stopping)
    assert (left, stopping.waits) == ([], 1)


def test_a_job_that_fails_is_told_and_rests_twice_as_long_each_time_while_the_others_go_on(capsys):
    times = iter([0.0, 0.0, PATIENCE - 1, PATIENCE, PATIENCE, 3 * PATIENCE - 1])
    failing = Job("Bounces", lambda: 1 // 0)
    assert [failing.tick(lambda: next(times)) for _ in range(4)] == [False] * 4
    assert (failing.failures, failing.rests_until) == (2, 3 * PATIENCE)
    told = capsys.readouterr().err
    assert told.count("Bounces failed, trying again in") == 2
    assert Job("Mail", lambda: "mailed").tick()
