"""Five pages of another system's search results, imported together: our search brings back the page of each question.

Each page holds what that system found for one question, so a search is good as far as its first hits stand on the page
that was found for the same question. Of each page the first papers are taken: embedding takes most of the time.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from click.testing import CliRunner

from broadsheet.cli import main
from broadsheet.library import Library
from broadsheet.papers import Record
from broadsheet.sources import open_file
from broadsheet.sources.json_record import record_to_json
from databases import as_the_site

PAGES, FIRST = 5, 50
FOUND_FOR = {"simultaneous updates": 2, "update algorithm": 4, "iterative updates": 5}
HITS = 20


@pytest.fixture(scope="module")
def pages(shared_data: Path, tmp_path_factory) -> dict[int, Path]:
    """The first papers of each page, in a file each."""
    folder, files = tmp_path_factory.mktemp("pages"), {}
    for number in range(1, PAGES + 1):
        read = records_on(shared_data / "daily_papers_pages" / f"page_{number}.txt")
        lines = (
            record_to_json(each.identifiers, each.version, each.source, each.number) for each in islice(read, FIRST)
        )
        files[number] = folder / f"page_{number}.jsonl"
        files[number].write_text("\n".join(lines))
    return files


@pytest.fixture(scope="module")
def broadsheet(home, pages):
    """The command, in this process, with a home into which another one imported and embedded the five pages."""
    command = [sys.executable, "-m", "broadsheet", "import", *map(str, pages.values()), "--json"]
    environment = {**os.environ, "BROADSHEET_HOME": str(home)}
    imported = json.loads(subprocess.run(command, env=environment, text=True, capture_output=True, check=True).stdout)
    assert imported["papers"] == imported["embedded"] == len(set().union(*map(titles_on, pages.values())))

    def run(*arguments: str) -> dict:
        done = CliRunner().invoke(main, [*arguments, "--json"], catch_exceptions=False)
        assert done.exit_code == 0, done.stderr
        return json.loads(done.stdout)

    with as_the_site(str(home)), pytest.MonkeyPatch.context() as patch:
        library = Library.open()
        patch.setattr(Library, "open", classmethod(lambda cls: library))
        yield run
        library.close()


def records_on(page: Path) -> Iterator[Record]:
    return (record for batch in open_file(page).harvest() for record in batch.records)


def titles_on(page: Path) -> set[str]:
    return {record.version.title for record in records_on(page)}


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
