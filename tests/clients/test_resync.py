"""The real resync copies a real server's papers as files, and keeps its copy equal; what it builds, we read."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner, Result
from django.conf import settings

sys.path += [str(Path(__file__).parent), str(Path(__file__).parents[1] / "journeys")]
import oai_library
from homes import inside
from sites import ROOT, environment, serving

from broadsheet.sources import resourcesync

SYNC = ROOT / ".venv" / "bin" / "resync-sync"


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


def is_equal(folder: Path, site: str, *options: str) -> bool:
    """Whether the client finds its copy equal."""
    said = run("resync-sync", folder, "--audit", *options, f"{site}/", "copy")
    return re.search(r"Status: +(NOT )?IN SYNC", said)[1] is None


def copied(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (folder / "copy" / "resync" / "papers").iterdir()}


def test_a_copy_is_made_audited_and_kept_equal(home, site, tmp_path):
    run("resync-sync", tmp_path, "--baseline", f"{site}/", "copy", "-v")
    assert copied(tmp_path) == inside(home, resources)
    assert len(copied(tmp_path)) == 30
    assert is_equal(tmp_path, site)

    inside(home, lambda: put(1, 2, 3, title="Another paper"))
    inside(home, lambda: put(*range(31, 36)))
    inside(home, lambda: [withdraw(f"2611.{n:05}") for n in (4, 5, 31)])
    assert not is_equal(tmp_path, site)
    said = run("resync-sync", tmp_path, "--incremental", f"{site}/", "copy", "--delete", "-v")
    assert "deleted" in said
    assert copied(tmp_path) == inside(home, resources)
    assert len(copied(tmp_path)) == 32
    assert is_equal(tmp_path, site)


def test_a_list_of_several_parts_is_read_and_every_hash_is_right(home, site, tmp_path):
    run("resync-sync", tmp_path, "--baseline", f"{site}/", "copy")
    assert is_equal(tmp_path, site, "--hash", "sha-256")
    inside(home, lambda: put(*range(1_000, 2_000)))
    said = run("resync-sync", tmp_path, "--audit", "--hash", "sha-256", f"{site}/", "copy", "-v")
    assert "to create=1000" in said
    assert "same=30" in said
    file = next((tmp_path / "copy" / "resync" / "papers").iterdir())
    file.write_bytes(bytes(reversed(file.read_bytes())))
    os.utime(file, (0, 0))
    assert "to update=1," in run("resync-sync", tmp_path, "--audit", "--hash", "sha-256", f"{site}/", "copy", "-v")


def test_a_copy_that_is_made_while_others_write_is_equal_after_one_more_run(home, site, tmp_path):
    inside(home, lambda: put(*range(31, 120)))
    lenient = ("-v", "--ignore-failures")
    with oai_library.being_written(home, 6) as writes:
        subprocess.run(
            [SYNC, "--baseline", f"{site}/", "copy", *lenient], cwd=tmp_path, capture_output=True, check=True
        )
        again = [SYNC, "--incremental", f"{site}/", "copy", "--delete", *lenient]
        subprocess.run(again, cwd=tmp_path, capture_output=True, check=True)
    assert writes[0] > 10
    subprocess.run(again, cwd=tmp_path, capture_output=True, check=True)
    assert copied(tmp_path) == inside(home, resources)


def harvesting(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "broadsheet", "harvest", "resourcesync", *arguments, "--json", "--pause", "0"]


def allowing(home: Path, address: str) -> dict[str, str]:
    return environment(home) | {"BROADSHEET_FETCH_ALLOW": urlsplit(address).netloc}


def harvest(home: Path, *arguments: str) -> dict:
    """Run our destination's command in this process, and what it says as JSON."""
    from broadsheet.cli import main
    from broadsheet.library import Library

    def act() -> Result:
        library = Library.open(model="none")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(settings, "FETCH_ALLOW", [urlsplit(arguments[0]).netloc])
            patch.setattr(Library, "open", classmethod(lambda cls: library))
            done = CliRunner().invoke(main, harvesting(*arguments)[3:])
        library.close()
        return done

    done = inside(home, act)
    assert done.stdout, done.stderr
    return json.loads(done.stdout) | {"exit": done.exit_code}


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


class Folder:
    """A folder of files that is served as it is, with lists of it that resync-build makes."""

    def __init__(self, path: Path, port: int) -> None:
        self.path, self.url = path, f"http://127.0.0.1:{port}"
        self.asked: list[str] = []
        self.is_reached, self._may_go_on, self._stop = Event(), Event(), ""

    def stop_at(self, path: str) -> None:
        """Leave whoever asks for a path without an answer."""
        self._stop = path

    def go_on(self) -> None:
        """Answer everybody again."""
        self._stop = ""
        self._may_go_on.set()

    def hear(self, path: str) -> None:
        """Note what was asked for."""
        self.asked.append(path)
        if path == self._stop:
            self.is_reached.set()
            self._may_go_on.wait(60)

    def write(self, name: str, text: str) -> None:
        (self.path / name).write_text(text)

    def build(self) -> None:
        """Make a list of what is there, and one of what changed since the list before."""
        mapping = [f"{self.url}/", str(self.path), "--hash", "sha-256", "--exclude", r".*\.xml$"]
        before = self.path / "resourcelist.xml"
        lists = self.path.parent
        if before.exists():
            before.rename(lists / "before.xml")
            reference = ["--reference", str(lists / "before.xml"), "--outfile", str(lists / "changelist.xml")]
            run("resync-build", lists, "--write-changelist", *reference, *mapping)
            (lists / "changelist.xml").rename(self.path / "changelist.xml")
        run("resync-build", lists, "--write-resourcelist", "--outfile", str(lists / "list.xml"), *mapping)
        (lists / "list.xml").rename(before)
        lists_of_it = ",".join(
            f"{name}={self.url}/{name}.xml"
            for name in ("resourcelist", "changelist")
            if (self.path / f"{name}.xml").exists()
        )
        place = ["--outfile", str(self.path / "capabilitylist.xml")]
        run("resync-build", lists, "--write-capabilitylist", lists_of_it, *place)


@pytest.fixture
def folder(tmp_path) -> Iterator[Folder]:
    path = tmp_path / "lists" / "served"
    path.mkdir(parents=True)

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *args) -> None:
            super().__init__(*args, directory=str(path))

        def do_GET(self) -> None:
            served.hear(self.path)
            with suppress(ConnectionError):  # of whoever was killed
                super().do_GET()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served = Folder(path, server.server_port)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield served
        server.shutdown()
        thread.join()


def line(number: int, title: str) -> str:
    return json.dumps({"id": str(number), "title": title, "abstract": "On caches."}) + "\n"


def titles(home: Path) -> list[str]:
    return sorted(title for title, *_ in inside(home, contents).values())


def test_a_folder_that_resync_build_describes_is_read_and_followed(folder, tmp_path, furnish):
    copy = furnish(tmp_path / "copy")
    folder.write("notes.jsonl", line(1, "Caches of old") + line(2, "Graphs of old"))
    folder.write("refs.bib", "@article{a, title={Trees of old}, author={Lee, Ann}, year={2020}}\n")
    folder.write("one.json", line(9, "Heaps of old"))
    folder.write("readme.md", "Nothing to read")
    folder.build()
    address = f"{folder.url}/capabilitylist.xml"
    run = harvest(copy, address)
    assert titles(copy) == ["Caches of old", "Graphs of old", "Heaps of old", "Trees of old"]
    assert [fault["place"] for fault in run["faults"]] == [f"{folder.url}/readme.md"]

    folder.write("notes.jsonl", line(1, "Caches of today") + line(3, "Sorting of today"))
    (folder.path / "refs.bib").unlink()
    (folder.path / "one.json").unlink()
    folder.build()
    assert "datetime" not in (folder.path / "changelist.xml").read_text(), "which is what has to be read all the same"
    run = harvest(copy, address)
    assert (run["state"], run["faults"]) == ("done", [])
    assert titles(copy) == ["Caches of today", "Sorting of today"]


def test_a_source_without_a_list_of_changes_is_followed_by_its_list_of_resources(folder, tmp_path, furnish):
    copy = furnish(tmp_path / "copy")
    folder.write("one.json", line(1, "Caches of old"))
    folder.write("two.json", line(2, "Graphs of old"))
    folder.build()
    address = f"{folder.url}/resourcelist.xml"
    harvest(copy, address)
    assert titles(copy) == ["Caches of old", "Graphs of old"]
    folder.write("one.json", line(1, "Caches of today"))
    (folder.path / "two.json").unlink()
    folder.build()
    assert harvest(copy, address, "--audit")["surplus"] == 1
    harvest(copy, address)
    assert titles(copy) == ["Caches of today"]
    for file in ("one.json", "resourcelist.xml"):
        (folder.path / file).unlink()
    run = harvest(copy, address)
    assert (run["exit"], run["state"]) == (1, "failed")
    assert titles(copy) == ["Caches of today"]


def test_what_is_not_as_its_list_says_is_named_and_not_stored(folder, tmp_path, furnish):
    copy = furnish(tmp_path / "copy")
    folder.write("one.json", line(1, "Caches of old"))
    folder.write("two.json", line(2, "Graphs of old"))
    folder.write("three.json", line(3, "Trees of old"))
    folder.build()
    folder.write("two.json", line(2, "Grapes of old"))
    folder.write("three.json", line(3, "Trees of old, and more"))
    run = harvest(copy, f"{folder.url}/resourcelist.xml")
    reasons = {fault["place"]: fault["reason"] for fault in run["faults"]}
    assert reasons.keys() == {f"{folder.url}/two.json", f"{folder.url}/three.json"}
    assert "its sha-256 is" in reasons[f"{folder.url}/two.json"]
    assert "bytes, not" in reasons[f"{folder.url}/three.json"]
    assert titles(copy) == ["Caches of old"]


def follow(home: Path, site: str) -> tuple:
    """Harvest a site within this process: state, what was stored, and what was refused."""

    def act() -> tuple:
        from broadsheet.library import Library, mirroring
        from broadsheet.sources import Politeness, Reach, ResourceSync, Transport

        library = Library.open(model="none")
        transport = Transport(allow=[urlsplit(site).netloc], politeness=Politeness({}, 0))
        source = ResourceSync(transport, site)
        source.held = lambda: mirroring.held("default", source.name, source.site)
        source.since = Reach.read(mirroring.last_reach("default", source.name, "copy"))
        run = library.harvest(source, f"copy since={source.since or ''}")
        assert run.state == run.State.DONE, run.error
        mirroring.note_reach("default", run, str(source.reached))
        return run.added, run.revised, run.withdrawn, run.refused

    return inside(home, act)


def test_a_copy_that_follows_while_others_write_ends_up_equal(home, site, tmp_path, furnish, monkeypatch):
    copy = furnish(tmp_path / "copy")
    inside(home, lambda: put(*range(31, 160)))
    with oai_library.being_written(home, 5) as writes:
        first = follow(copy, site)
        assert first[0] > 120
        by_archives = follow(copy, site)
        monkeypatch.setattr(resourcesync, "MANY", 1_000_000)
        one_by_one = follow(copy, site)
    assert writes[0] > 10
    assert by_archives[1] + one_by_one[1] > 0
    follow(copy, site)
    assert follow(copy, site) == (0, 0, 0, 0)
    assert inside(copy, contents) == inside(home, contents)


def test_a_harvest_that_is_killed_goes_on_where_it_was(folder, tmp_path, furnish):
    copy, whole = furnish(tmp_path / "copy"), furnish(tmp_path / "whole")
    for number in range(120):
        folder.write(f"{number:03}.json", line(number, f"Paper {number}"))
    folder.build()
    address = f"{folder.url}/resourcelist.xml"
    folder.stop_at("/070.json")
    with subprocess.Popen(harvesting(address), env=allowing(copy, address), stdout=subprocess.DEVNULL) as run:
        assert folder.is_reached.wait(60)
        run.kill()
    folder.go_on()
    assert len(inside(copy, contents)) == 50, "a page of fifty was stored, and nothing of the next"
    again = harvest(copy, address)
    assert (again["state"], again["added"]) == ("done", 120)
    assert folder.asked.count("/049.json") == 1, "what was stored is not fetched again"
    assert folder.asked.count("/050.json") == 2
    harvest(whole, address)
    assert inside(copy, contents) == inside(whole, contents)
