"""What the clients speak to: the site of a module's home, on loopback."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

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


@pytest.fixture(scope="session")
def exported_from(tmp_path_factory, furnish) -> Iterator[str]:
    """The address of a site with the papers that are hard to write down."""
    import exported_papers
    from homes import inside
    from sites import serving

    home = furnish(tmp_path_factory.mktemp("home"))
    inside(home, exported_papers.fill)
    with serving(home) as address:
        yield address


@pytest.fixture(scope="session")
def export(exported_from) -> Callable[[str], str]:
    """All of those papers in a form, as the site answers a search, or one of them: export("bib", key)."""
    from exported_papers import WORD

    def fetch(form: str, key: str = "") -> str:
        path = f"papers/{key}.{form}" if key else f"search.{form}?q={WORD}"
        with urlopen(f"{exported_from}/{path}", timeout=60) as answer:
            return answer.read().decode("utf-8")

    return fetch
