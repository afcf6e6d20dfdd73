"""What the clients speak to: the site of a module's home, on loopback."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path += [str(Path(__file__).parent), str(Path(__file__).parents[1] / "journeys")]


@pytest.fixture(scope="module")
def filled_home(tmp_path_factory, furnish, request) -> Path:
    """A home whose library the module's `fill` has filled."""
    from homes import inside

    home = furnish(tmp_path_factory.mktemp("home"))
    inside(home, request.module.fill)
    return home


@pytest.fixture(scope="module")
def filled_site(filled_home) -> Iterator[str]:
    """The address of the site of that home."""
    from sites import serving

    with serving(filled_home) as address:
        yield address
