"""Journeys share a browser and a home, one of each for a module; and what lies in the modules beside the tests."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="module")
def browser() -> Iterator["sync_api.Browser"]:  # noqa: F821
    """A browser, in which each test opens contexts of its own."""
    from browsing import chromium

    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def home(tmp_path_factory, furnish) -> Path:
    """The home of an empty library."""
    return furnish(tmp_path_factory.mktemp("home"))
