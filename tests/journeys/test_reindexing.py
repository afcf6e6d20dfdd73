"""Another encoder while a site is visited: its vectors are made aside by a command that is killed and goes on."""

import json
import re
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from homes import put_titles
from sites import environment

from broadsheet.search.models import find_model

PATIENCE = 120
PAPERS = 240
QUERY = "the eviction of pages"
SUBJECTS = ("paging", "caching", "sorting", "hashing", "parsing", "proving", "routing", "pricing")


def wait_until(is_so: Callable[[], object]) -> object:
    end = time.monotonic() + PATIENCE
    while not (found := is_so()):
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)
    return found


class Site:
    """A server with one press for its search pages."""

    def __init__(self, home: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "broadsheet", "serve", "--port", str(port), "--presses", "1"]
        self.process = subprocess.Popen(command, env=environment(home, model=""), stdout=subprocess.DEVNULL)
        wait_until(lambda: self.page("/healthz"))

    def page(self, path: str) -> str:
        try:
            with urlopen(self.address + path, timeout=PATIENCE) as answer:
                return answer.read().decode()
        except URLError:  # not there yet
            return ""

    def answer(self, query: str, at: int | None = None) -> dict:
        """What the server itself answers to a program."""
        asked = f"/api/v1/search?q={quote(query)}&limit=50" + (f"&at={at}" if at else "")
        told = json.loads(self.page(asked))
        told["hits"] = [(hit["paper"]["id"], hit["score"]) for hit in told["hits"]]
        return told

    def printed_at(self) -> int:
        """The change that a search page of the press is as of."""
        found = re.search(r"change #?<?[^0-9]*([\d,\u2009\u202f]+)", self.page(f"/search?q={quote(QUERY)}"))
        return int(re.sub(r"\D", "", found[1])) if found else 0


@pytest.fixture(scope="module")
def other_model(tmp_path_factory) -> Path:
    """The model of the offline pack, whose vectors are the mean of all tokens': another encoder."""
    model = find_model()
    if model is None:
        pytest.skip("the offline pack of models is not installed")
    folder = tmp_path_factory.mktemp("mean")
    files = {}
    for role, file in (("encoder", model.manifest.encoder), ("tokenizer", model.manifest.tokenizer)):
        (folder / file.path).symlink_to(model.folder / file.path)
        files[role] = {"path": file.path, "sha256": file.sha256}
    manifest = {"name": "mean", "dimension": model.manifest.dimension, "pooling": "mean", **files}
    (folder / "broadsheet-model.json").write_text(json.dumps(manifest))
    return folder


@pytest.fixture(scope="module")
def site(home, other_model) -> Iterator[Site]:
    put_titles(home, 1, *(f"On the {SUBJECTS[n % 8]} of pages, part {n}" for n in range(PAPERS)))
    subprocess.run([sys.executable, "-m", "broadsheet", "embed"], env=environment(home, model=""), check=True)
    served = Site(home)
    try:
        yield served
    finally:
        served.process.terminate()
        served.process.wait(20)


def reindexing(home: Path, model: Path | None, *options: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "broadsheet", "reindex", "--json", "--queries", "20", *options]
    command += ["--model", str(model)] if model else []
    return subprocess.Popen(command, env=environment(home, model=""), stdout=subprocess.PIPE, text=True)


def made_of(home: Path) -> tuple[int, int | None]:
    """How many vectors of the second generation are there, and since which change it is searched."""
    with sqlite3.connect(home / "broadsheet.sqlite3") as file:
        row = file.execute("SELECT done, since FROM library_generation WHERE model LIKE 'mean@%'").fetchone()
    file.close()
    return row or (0, None)


def test_a_site_is_searched_throughout_and_takes_up_the_new_vectors_by_itself(home, site, other_model):
    before = site.answer(QUERY)
    assert before["by_meaning"]

    killed = reindexing(home, other_model)
    wait_until(lambda: made_of(home)[0])
    killed.kill()
    killed.communicate()
    done, since = made_of(home)
    assert 0 < done < PAPERS, "it was killed in the middle"
    assert since is None
    assert site.answer(QUERY, before["at"])["hits"] == before["hits"]
    assert "Next model" in site.page("/status")

    again = reindexing(home, None, "--anyway")
    wait_until(lambda: made_of(home)[0] > done or again.poll() is not None)
    newcomer = put_titles(home, PAPERS + 1, "An unheard zeugma while vectors are made")
    assert newcomer == [key for key, _ in site.answer("zeugma")["hits"]][:1]
    told, _ = again.communicate(timeout=PATIENCE)
    report = json.loads(told)
    assert again.returncode == 0
    assert report["made"] - (PAPERS - done) in (0, 1), "what was made is kept"
    since = report["since"]
    after = wait_until(lambda: (found := site.answer(QUERY))["at"] >= since and found)
    wait_until(lambda: site.printed_at() >= since)
    assert (after["hits"] != before["hits"], after["behind"]) == (True, 0)
    assert site.answer(QUERY, before["at"])["hits"] == before["hits"]
    assert newcomer == [key for key, _ in site.answer("zeugma")["hits"]][:1]
    assert f"since change #{since}" in re.sub(r"[^\w #]", "", site.page("/status"))

    there = json.loads(broadsheet(home, "search", QUERY, "--limit", "50", "--json"))
    assert [(hit["id"], hit["score"]) for hit in there["hits"]] == site.answer(QUERY, there["at"])["hits"]
    assert json.loads(broadsheet(home, "check", "--json"))["problems"] == []


def broadsheet(home: Path, *arguments: str) -> str:
    """What a process of its own says, whose options name the first encoder."""
    command = [sys.executable, "-m", "broadsheet", *arguments]
    told = subprocess.run(command, env=environment(home, model=""), capture_output=True, text=True)
    assert told.returncode == 0, told.stderr + told.stdout
    return told.stdout
