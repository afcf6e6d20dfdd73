"""Taking turns at a host."""

import threading

from broadsheet.sources import Politeness


class Clock:
    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def polite(**options: object) -> tuple[Politeness, Clock]:
    clock = Clock()
    return Politeness(clock=clock, sleep=clock.sleep, **options), clock


def test_all_hosts_of_arxiv_share_one_request_in_three_seconds():
    politeness, clock = polite()
    begun = []
    for host in ("arxiv.org", "export.arxiv.org", "oaipmh.ARXIV.org.", "arxiv.org"):
        with politeness.turn(host):
            begun.append(clock.now)
    assert begun == [0, 3, 6, 9]


def test_a_host_that_only_ends_alike_is_another():
    politeness, clock = polite()
    for host in ("arxiv.org", "notarxiv.org", "arxiv.org.example"):
        with politeness.turn(host):
            pass
    assert clock.slept == []


def test_other_hosts_have_their_own_interval_each():
    politeness, clock = polite(interval=1.0)
    for host in ("a.example", "b.example", "a.example"):
        with politeness.turn(host):
            clock.now += 0.25
    assert clock.slept == [0.5]


def test_a_turn_tells_how_long_it_had_to_wait():
    politeness, _ = polite()
    with politeness.turn("arxiv.org") as waited:
        assert waited == 0
    with politeness.turn("arxiv.org") as waited:
        assert waited == 3


def test_threads_hold_one_connection_at_a_time_and_keep_the_interval():
    politeness, clock = polite()
    holding, begun, crowd = [], [], []

    def ask() -> None:
        with politeness.turn("export.arxiv.org"):
            holding.append(1)
            crowd.append(len(holding))
            begun.append(clock.now)
            holding.pop()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(begun) == [0, 3, 6, 9, 12, 15, 18, 21]
    assert set(crowd) == {1}


def test_a_turn_ends_even_if_the_request_fails():
    politeness, _ = polite()
    try:
        with politeness.turn("a.example"):
            raise OSError
    except OSError:
        pass
    with politeness.turn("a.example") as waited:
        assert waited == 1
