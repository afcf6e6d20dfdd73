"""What a search finds as a file that reference managers read, as of the same change."""

import json

import bibtexparser
import pytest
import rispy

TITLES = [f"Paging with predictions, part {n}: Gödel & $O(n^2)$" for n in range(1, 4)]


@pytest.fixture
def papers(library, record):
    library.put([record(title, f"2611.{n:05}", authors=["Gödel, Kurt"]) for n, title in enumerate(TITLES, 1)])
    return library


def found(client, form, **asked):
    return client.get(f"/search.{form}", {"q": "paging"} | asked)


def test_every_form_holds_what_the_page_shows(papers, client):
    bib, ris, csl, lines = (found(client, form).content.decode() for form in ("bib", "ris", "csl.json", "jsonl"))
    parsed = bibtexparser.parse_string(bib)
    assert (parsed.failed_blocks, len(parsed.entries)) == ([], 3)
    assert [row["title"] for row in rispy.loads(ris)] == [row["title"] for row in json.loads(csl)]
    assert sorted(json.loads(line)["title"] for line in lines.splitlines()) == TITLES
    page = client.get("/search?q=paging").content.decode()
    for form in ("bib", "ris", "csl.json", "jsonl"):
        assert f'href="/search.{form}?q=paging&amp;at=3"' in page


def test_a_file_of_an_earlier_change_is_the_same_for_ever(papers, client, record):
    before = found(client, "jsonl", at=3)
    papers.put([record("Paging anew", "2611.00009")])
    papers.withdraw("2611.00001")
    again = found(client, "jsonl", at=3)
    assert (again.content, again["X-Broadsheet-At"]) == (before.content, "3")
    assert len(found(client, "jsonl").content.splitlines()) == 3


@pytest.mark.parametrize("asked", [{"q": '"open'}, {"q": "x" * 1_001}, {"at": "99"}, {"at": "never"}, {"q": "\x00"}])
def test_what_cannot_be_searched_is_one_line_and_no_file(papers, client, asked):
    answer = found(client, "bib", **asked)
    assert answer.status_code == 400
    assert "Content-Disposition" not in answer
    assert len(answer.content.decode().splitlines()) == 1


def test_an_empty_answer_is_an_empty_file(papers, client):
    assert found(client, "bib", q="zebra").content == b""
    assert json.loads(found(client, "csl.json", q="zebra").content) == []


def test_files_cost_work_and_so_have_a_limit(papers, client):
    assert [found(client, "ris").status_code for _ in range(13)] == [200] * 12 + [429]
