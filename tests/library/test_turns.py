"""Turns are given to so many threads at once, in the order of asking."""

from threading import Event, Thread

import pytest

from broadsheet.library.turns import Turns


class Waiting:
    """A thread that takes a turn, notes that it has, and keeps it until told."""

    def __init__(self, turns, name, noted, is_ahead=False):
        self.has_turn, self.may_end = Event(), Event()

        def take():
            with turns.turn(is_ahead=is_ahead):
                noted.append(name)
                self.has_turn.set()
                self.may_end.wait()

        self.thread = Thread(target=take)
        self.thread.start()

    def end(self):
        self.may_end.set()
        self.thread.join()


@pytest.fixture
def noted():
    return []


def wait_for_others(turns, count):
    while len(turns._waiting) < count:
        pass


def test_turns_are_handed_on_in_the_order_of_asking_but_for_those_let_ahead(noted):
    turns = Turns(1)
    first = Waiting(turns, "first", noted)
    first.has_turn.wait()
    others = []
    for name, is_ahead in (("second", False), ("third", False), ("news", True)):
        others.append(Waiting(turns, name, noted, is_ahead))
        wait_for_others(turns, len(others))
    first.may_end.set()
    for waiting in others:
        waiting.may_end.set()
    for waiting in (first, *others):
        waiting.end()
    assert noted == ["first", "news", "second", "third"]


def test_as_many_have_a_turn_as_there_are(noted):
    turns = Turns(2)
    both = [Waiting(turns, "one", noted), Waiting(turns, "two", noted)]
    for waiting in both:
        waiting.has_turn.wait()
    third = Waiting(turns, "three", noted)
    wait_for_others(turns, 1)
    assert sorted(noted) == ["one", "two"]
    both[0].end()
    third.has_turn.wait()
    for waiting in (both[1], third):
        waiting.end()


def test_a_turn_that_ends_in_an_error_is_handed_on():
    turns = Turns(1)
    for _ in range(2):
        with pytest.raises(ValueError, match="no"), turns.turn():
            raise ValueError("no")
