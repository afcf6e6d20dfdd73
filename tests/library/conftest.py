"""A fresh library on each database, by words only unless a test asks for more."""

from collections.abc import Iterator

import pytest


@pytest.fixture
def library(database_url: str, clock) -> Iterator["Library"]:  # noqa: F821
    from broadsheet.library import Library

    opened = Library.open(database_url, model="none", clock=clock)
    yield opened
    opened.close()
