"""Five pages of another system's search results, imported together: our search brings back the page of each question.

Each page holds what that system found for one question, so a search is good as far as its first hits stand on the page
that was found for the same question.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from broadsheet.cli import main
from broadsheet.library import Library
from broadsheet.sources import open_file
from databases import as_the_site

PAGES = 5
FOUND_FOR = {"simultaneous updates": 2, "update algorithm": 4, "iterative updates": 5}
HITS = 20


@pytest.fixture(scope="module")
def pages(shared_data: Path) -> dict[int, Path]:
    return {number: shared_data / "daily_papers_pages" / f"page_{number}.txt" for number in range(1, PAGES + 1)}


@pytest.fixture(scope="module")
def broadsheet(home, pages):
    """The command, in this process, with a home into which another one imported and embedded the five pages."""
    command = [sys.executable, "-m", "broadsheet", "import", *map(str, pages.values()), "--json"]
    environment = {**os.environ, "BROADSHEET_HOME": str(home)}
    imported = json.loads(subprocess.run(command, env=environment, text=True, capture_output=True, check=True).stdout)
    assert (imported["papers"], imported["embedded"]) == (557, 557)

    def run(*arguments: str) -> dict:
        done = CliRunner().invoke(main, [*arguments, "--json"], catch_exceptions=False)
        assert done.exit_code == 0, done.stderr
        return json.loads(done.stdout)

    with as_the_site(str(home)), pytest.MonkeyPatch.context() as patch:
        library = Library.open()
        patch.setattr(Library, "open", classmethod(lambda cls: library))
        yield run
        library.close()


def titles_on(page: Path) -> set[str]:
    return {record.version.title for batch in open_file(page).harvest() for record in batch.records}


def test_searches_bring_back_the_pages_that_were_found_for_them(broadsheet, pages):
    shares = {}
    for question, number in FOUND_FOR.items():
        hits = broadsheet("search", question, "--limit", str(HITS))["hits"]
        expected = titles_on(pages[number])
        shares[question] = sum(hit["title"] in expected for hit in hits) / HITS
    assert sum(shares.values()) / len(shares) >= 0.80, shares


def test_papers_are_found_that_share_no_word_with_the_question(broadsheet):
    hits = broadsheet("search", "simultaneous updates", "--limit", "100")["hits"]
    by_meaning_alone = [
        hit
        for hit in hits
        if not any(part["part"] == "words" and part["value"] for part in hit["explanation"]["parts"])
    ]
    assert by_meaning_alone, [hit["title"] for hit in hits]


def test_every_score_is_the_sum_of_its_parts(broadsheet):
    for hit in broadsheet("search", "low-rank adaptation of attention", "--limit", "50")["hits"]:
        assert sum(part["value"] for part in hit["explanation"]["parts"]) == pytest.approx(hit["score"])
        for part in hit["explanation"]["parts"]:
            if part["part"] == "words":
                assert sum(part["terms"].values()) == pytest.approx(part["value"])


def test_an_answer_as_of_an_earlier_change_stays_what_it_was(broadsheet):
    before = broadsheet("search", "iterative updates")
    broadsheet("init", "--no-embed")
    again = broadsheet("search", "iterative updates", "--at", str(before["at"]))
    assert [(hit["id"], hit["score"]) for hit in again["hits"]] == [(hit["id"], hit["score"]) for hit in before["hits"]]


def test_the_library_agrees_with_itself(broadsheet):
    assert broadsheet("check")["problems"] == []
