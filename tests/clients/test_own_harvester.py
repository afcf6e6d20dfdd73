"""The command `broadsheet harvest arxiv` copies the library of another Broadsheet from its real server."""

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

sys.path += [str(Path(__file__).parent), str(Path(__file__).parents[1] / "journeys")]
from homes import inside
from sites import environment, serving

PAPERS = 300  # two pages; there are three seconds between two requests


def fill() -> None:
    from broadsheet.library import Library
    from broadsheet.papers import Author, Identifier, Link, Record, Version

    library = Library.open(model="none")
    records = []
    for n in range(PAPERS):
        value = f"2611.{n:05}"
        fields = {"topics": ("cs.DS", "hep-th"), "links": (Link("pdf", f"https://arxiv.org/pdf/{value}"),)}
        authors = (Author("Ada Byron", "Rome"), Author("First de Last, Jr."))
        records.append(Record("arxiv", (Identifier("arxiv", value),), Version(f"Paper {n}", "Why.", authors, **fields)))
    library.put(records)


def change() -> None:
    from broadsheet.library import Library
    from broadsheet.papers import Identifier, Record, Version

    library = Library.open(model="none")
    library.put([Record("arxiv", (Identifier("arxiv", "2611.00007"),), Version("Paper 7, revised"))])
    library.withdraw("2611.00008")
    library.erase("2611.00009")


def titles() -> dict[str, str]:
    from broadsheet.library import Library

    return {version.paper.key: version.title for version in Library.open(model="none").versions()}


@pytest.fixture
def homes(tmp_path, furnish) -> tuple[Path, Path]:
    return furnish(tmp_path / "ours"), furnish(tmp_path / "theirs")


def test_a_library_is_copied_and_kept_up_with(homes):
    ours, theirs = homes
    inside(theirs, fill)
    with serving(theirs) as address:
        allowed = environment(ours) | {"BROADSHEET_FETCH_ALLOW": urlsplit(address).netloc}
        command = [sys.executable, "-m", "broadsheet", "harvest", "arxiv", "--endpoint", f"{address}/oai", "--json"]

        def harvest(*more: str) -> dict:
            done = subprocess.run([*command, *more], env=allowed, capture_output=True, text=True, timeout=120)
            assert done.returncode == 0, done.stderr
            return json.loads(done.stdout)

        assert harvest("--since", "2001-01-01")["added"] == PAPERS
        assert inside(ours, titles) == inside(theirs, titles)
        inside(theirs, change)
        again = harvest()
        assert (again["added"], again["revised"], again["withdrawn"]) == (0, 1, 2)
    assert inside(ours, titles) == inside(theirs, titles)
