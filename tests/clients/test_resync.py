"""The real resync copies a real server's papers as files, and keeps its copy equal; what it builds, we read."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

sys.path += [str(Path(__file__).parent), str(Path(__file__).parents[1] / "journeys")]
from homes import inside
from sites import ROOT, environment, serving


@pytest.fixture
def home(tmp_path, furnish) -> Path:
    home = furnish(tmp_path / "home")
    inside(home, lambda: put(*range(1, 31)))
    return home


@pytest.fixture
def site(home) -> Iterator[str]:
    with serving(home) as address:
        yield address


def put(*numbers: int, title: str = "Paper", **fields) -> None:
    from broadsheet.library import Library
    from broadsheet.papers import Author, Identifier, Record, Version

    fields = {"authors": (Author("Émilie du Châtelet"),), "abstract": "On caches.", **fields}
    Library.open(model="none").put(
        Record("arxiv", (Identifier("arxiv", f"2611.{n:05}"),), Version(f"{title} {n}", **fields)) for n in numbers
    )


def withdraw(key: str) -> None:
    from broadsheet.library import Library

    Library.open(model="none").withdraw(key)


def resources() -> dict[str, bytes]:
    """What the site serves, by file name."""
    from broadsheet.library.reading import open_versions
    from broadsheet.web.resourcesync.records import Resource

    return {f"{version.paper_id}.json": Resource.of(version).body for version in open_versions("default")}


def run(program: str, folder: Path, *arguments: str) -> str:
    """Run one of the client's programs in a folder and return all that it said."""
    done = subprocess.run(
        [ROOT / ".venv" / "bin" / program, *arguments], cwd=folder, capture_output=True, text=True, timeout=120
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "Error" not in said, said
    return said


def copied(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (folder / "copy" / "resync" / "papers").iterdir()}


def test_a_copy_is_made_audited_and_kept_equal(home, site, tmp_path):
    run("resync-sync", tmp_path, "--baseline", f"{site}/", "copy", "-v")
    assert copied(tmp_path) == inside(home, resources)
    assert len(copied(tmp_path)) == 30
    assert "IN SYNC" in run("resync-sync", tmp_path, "--audit", f"{site}/", "copy")

    inside(home, lambda: put(1, 2, 3, title="Another paper"))
    inside(home, lambda: put(*range(31, 36)))
    inside(home, lambda: [withdraw(f"2611.{n:05}") for n in (4, 5, 31)])
    assert "NOT IN SYNC" in run("resync-sync", tmp_path, "--audit", f"{site}/", "copy")
    said = run("resync-sync", tmp_path, "--incremental", f"{site}/", "copy", "--delete", "-v")
    assert "deleted" in said
    assert copied(tmp_path) == inside(home, resources)
    assert len(copied(tmp_path)) == 32
    assert "IN SYNC" in run("resync-sync", tmp_path, "--audit", f"{site}/", "copy").replace("NOT IN SYNC", "")


def harvest(home: Path, *arguments: str) -> dict:
    """Run our destination as people do, and what it says as JSON."""
    command = [sys.executable, "-m", "broadsheet", "harvest", "resourcesync", *arguments, "--json", "--pause", "0"]
    allowed = {"BROADSHEET_FETCH_ALLOW": " ".join(urlsplit(one).netloc for one in arguments if one.startswith("http"))}
    done = subprocess.run(command, env=environment(home) | allowed, capture_output=True, text=True, timeout=120)
    assert done.stdout, done.stderr
    return json.loads(done.stdout) | {"exit": done.returncode}


def contents() -> dict[str, tuple]:
    """What stands in a library."""
    from broadsheet.library.reading import open_versions

    return {one.paper.key: (one.title, one.abstract, one.authors, one.topics) for one in open_versions("default")}


def test_a_second_library_copies_the_first_and_follows_it(home, site, tmp_path, furnish):
    copy = furnish(tmp_path / "copy")
    inside(home, lambda: put(*range(101, 111), topics=("cs.DS",)))
    run = harvest(copy, site)
    assert (run["exit"], run["state"], run["error"], run["faults"]) == (0, "done", None, [])
    assert inside(copy, contents) == inside(home, contents)
    assert harvest(copy, site, "--audit")["exit"] == 0
    inside(home, lambda: put(101, 102, title="Another paper"))
    inside(home, lambda: [withdraw(f"2611.{n:05}") for n in (103, 104)])
    compared = harvest(copy, site, "--audit")
    assert (compared["exit"], compared["different"], compared["surplus"]) == (1, 2, 2)
    run = harvest(copy, site)
    assert (run["revised"], run["withdrawn"], run["added"]) == (2, 2, 0)
    assert inside(copy, contents) == inside(home, contents)
    again = harvest(copy, site)
    assert again["seen"] == 0, "what was read before is not read again"
    assert harvest(copy, site, "--audit")["exit"] == 0
