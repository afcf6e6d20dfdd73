"""``broadsheet search --like``."""

import json

import pytest

ABSTRACT = "Eviction of pages with one bit of prediction for each request."


@pytest.fixture
def papers(library_on_sqlite, record):
    library_on_sqlite.put(
        [
            record("Paging with predictions", "2611.00001", abstract="Page eviction with one bit of prediction."),
            record("Evicting pages by oracles", "2611.00002", abstract="Each request comes with a bit."),
            *(record(f"On bread, part {n}", abstract="Each of the loaves.") for n in range(20)),
        ]
    )
    return library_on_sqlite


def found(done):
    assert done.exit_code == 0, done.stderr
    return [hit["id"] for hit in json.loads(done.stdout)["hits"]]


def test_papers_like_a_text_are_found(invoke, papers, tmp_path):
    (tmp_path / "abstract.txt").write_text(ABSTRACT)
    path = str(tmp_path / "abstract.txt")
    assert found(invoke("search", "--like", path, "--json"))[:2] == ["2611.00001", "2611.00002"]
    assert len(found(invoke("search", "--like", path, "--limit", "1", "--json"))) == 1
    assert "Paging with predictions" in invoke("search", "--like", path).stdout


def test_papers_like_those_of_a_list_are_found_but_not_these(invoke, papers, tmp_path):
    (tmp_path / "own.ris").write_text("TY  - JOUR\nTI  - Paging with predictions\nER  -\n")
    assert found(invoke("search", "--like", str(tmp_path / "own.ris"), "--json"))[0] == "2611.00002"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("own.bib", b"nothing", "neither BibTeX nor RIS nor CSL-JSON"),
        ("own.txt", b"\xff\xfe\x00", "is not UTF-8"),
        ("own.txt", b"a" * 5_000_001, "holds more than 5 MB"),
    ],
)
def test_what_is_no_example_is_named(invoke, papers, tmp_path, name, content, said):
    (tmp_path / name).write_bytes(content)
    done = invoke("search", "--like", str(tmp_path / name))
    assert done.exit_code != 0
    assert said in " ".join(done.stderr.split())


@pytest.mark.parametrize("words", [(), ("paging", "--like", __file__)])
def test_a_search_has_a_query_or_an_example(invoke, papers, words):
    done = invoke("search", *words)
    assert done.exit_code == 2
    assert "give a query, or --like and a file" in done.stderr


@pytest.mark.parametrize("option", [["--at", "1"], ["--deep"], ["--facets"], ["--sort", "date"], ["--offset", "5"]])
def test_what_has_no_meaning_for_an_example_is_refused(invoke, papers, tmp_path, option):
    (tmp_path / "abstract.txt").write_text(ABSTRACT)
    done = invoke("search", "--like", str(tmp_path / "abstract.txt"), *option)
    assert done.exit_code == 2
    assert "of the other options it knows --limit" in " ".join(done.stderr.split())
