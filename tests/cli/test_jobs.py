"""The worker's jobs: one that fails is told, rests, and comes back; the others notice nothing."""

from threading import Event

from django.db import OperationalError

from broadsheet.cli.jobs import LONGEST_PATIENCE, Job, work


class Work:
    """Work that fails as often as it is told to."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.done = 0

    def __call__(self) -> str:
        if self.errors:
            raise self.errors.pop(0)
        self.done += 1
        return f"done {self.done}"


def test_a_job_says_what_it_did(capsys):
    work = Work()
    job = Job("Work", work)
    job.tick(lambda: 0)
    job.tick(lambda: 0)
    assert capsys.readouterr().out.split("\n")[:2] == ["done 1", "done 2"]


def test_a_failing_job_is_told_and_rests_longer_each_time(capsys):
    work = Work(ConnectionRefusedError("no mail here"), ConnectionRefusedError("still none"))
    job, now = Job("Mail", work), 0.0
    rests = []
    for _ in range(2):
        job.tick(lambda now=now: now)
        rests.append(job.rests_until - now)
        now = job.rests_until
        job.tick(lambda now=now: now - 0.1)
        assert work.done == 0
    assert rests == [5, 10]
    job.tick(lambda now=now: now)
    assert (work.done, job.failures) == (1, 0)
    told = capsys.readouterr().err
    assert "Mail failed, trying again in 5 seconds: ConnectionRefusedError: no mail here" in told
    assert told.count("\n") == 2


def test_a_job_never_rests_longer_than_five_minutes():
    job = Job("Mail", Work(*[OSError("away")] * 2_000))
    for _ in range(2_000):
        now = job.rests_until
        job.tick(lambda now=now: now)
    assert job.rests_until - now == LONGEST_PATIENCE


def test_a_database_that_is_away_is_called_so_and_hostile_words_stay_words(capsys):
    Job("Work", Work(OperationalError("[red]\x1b[2Jgone\nfar"))).tick(lambda: 0)
    told = capsys.readouterr().err
    assert told.startswith("The database does not answer")
    assert "\x1b" not in told
    assert "[red]" in told


def test_a_job_beside_waits_for_no_long_one():
    stopping, mailed = Event(), Event()

    def embed() -> str:
        assert mailed.wait(60)  # for ever, if mail waited for this
        stopping.set()
        return ""

    def mail() -> str:
        mailed.set()
        return ""

    work([Job("Embedding", embed)], [Job("Mail", mail)], stopping)
    assert mailed.is_set()
