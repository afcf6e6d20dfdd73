"""Journeys share a browser and a home, one of each for a module; and what lies in the modules beside the tests."""

import sys
from collections.abc import Callable, Iterator
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


@pytest.fixture
def visit(browser, site) -> Iterator[Callable[..., "sync_api.Page"]]:  # noqa: F821
    """Opens pages of the module's `site`, each in a context of its own; no script of them may fail."""
    from browsing import LAPTOP

    contexts, errors = [], []

    def open_page(path: str, **settings):
        context = browser.new_context(**{"viewport": LAPTOP, "reduced_motion": "reduce"} | settings)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(site + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []
