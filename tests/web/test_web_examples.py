"""The examples in the docstrings of this room hold."""

import doctest
from importlib import import_module

import pytest

MODULES = (
    "addresses", "answers", "cards", "formulas", "mathml", "paper_forms", "prose", "sparkline", "versions", "why",
    "words",
)  # fmt: skip


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_hold(name, library):
    assert doctest.testmod(import_module(f"broadsheet.web.{name}")).failed == 0
