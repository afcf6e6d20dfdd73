"""The examples in the docstrings of this room hold."""

import doctest

from broadsheet.api import lists


def test_the_examples_hold():
    assert doctest.testmod(lists).failed == 0
    assert doctest.testmod(lists).attempted == 1
