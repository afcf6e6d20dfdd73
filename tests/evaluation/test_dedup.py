"""Pairs of two collections: read as they are, counted right, and the real ones found."""

import json

import pytest

from broadsheet.evaluation import EvaluationError, Found, Twins, find_pairs


@pytest.fixture
def folder(tmp_path):
    def make(matches="a\tb\na:1\tb:9\n", **rows):
        for name, records in (
            {"a": [{"id": "a:1", "title": "Paging"}], "b": [{"id": "b:9", "title": "Paging"}]} | rows
        ).items():
            (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in records))
        (tmp_path / "matches.tsv").write_text(matches)
        return tmp_path

    return make


def test_records_are_read_with_what_they_say(folder):
    row = {"id": "a:1", "title": "L&#243;vasz", "authors": "Ann Lee, Bo &#214;zsu", "year": "1999", "venue": "STOC"}
    twins = Twins.read(folder(a=[row]))
    version = twins.records[0][0].version
    assert (version.title, [author.name for author in version.authors]) == ("Lóvasz", ["Ann Lee", "Bo Özsu"])
    assert (version.published.year, version.venue, twins.pairs) == (1999, "STOC", {("a:1", "b:9")})


@pytest.mark.parametrize(
    ("matches", "rows", "said"),
    [
        ("", {}, "tells of no pair"),
        ("a\tb\n", {}, "tells of no pair"),
        ("a\tb\na:1\n", {}, "line 2: not two names"),
        ("a\tc\na:1\tc:1\n", {}, "c.jsonl is not there"),
        ("a\tb\na:1\tb:9\n", {"a": [{"id": "a:1", "title": ""}]}, "title"),
        ("a\tb\na:1\tb:9\n", {"a": [{"id": "a:1", "title": "Paging", "year": "last"}]}, "line 1"),
    ],
)
def test_what_is_damaged_is_one_clear_line(folder, matches, rows, said):
    with pytest.raises(EvaluationError, match=said):
        Twins.read(folder(matches, **rows))


def test_a_name_that_leads_out_of_the_folder_is_refused(folder):
    with pytest.raises(EvaluationError, match="is no name of a file here"):
        Twins.read(folder("../a\tb\na:1\tb:9\n"))


def test_figures_are_those_counted_by_hand():
    found = Found(
        frozenset({("a", "x"), ("b", "y"), ("c", "x")}), frozenset({("a", "x"), ("b", "y"), ("d", "z"), ("e", "w")})
    )
    assert found.to_json() == {"pairs": 4, "found": 3, "right": 2, "precision": 0.6667, "recall": 0.5, "f1": 0.5714}
    assert Found(frozenset(), frozenset({("a", "x")})).to_json()["f1"] == 0


def test_records_that_became_one_paper_are_a_pair(folder):
    rows = {"a": [{"id": "a:1", "title": "One"}, {"id": "a:2", "title": "Two"}], "b": [{"id": "b:9", "title": "Two"}]}
    twins = Twins.read(folder("a\tb\na:2\tb:9\n", **rows))
    found = find_pairs(twins, lambda records: [record.version.title for record in records])
    assert found.found == twins.pairs


def test_the_pairs_of_dblp_and_acm_are_found(shared_data, library_on_sqlite):
    twins = Twins.read(shared_data / "dedup_dblp_acm")
    figures = find_pairs(twins, lambda records: [one.key for one in library_on_sqlite.put(records)]).to_json()
    assert figures["pairs"] == 2_224
    assert figures["f1"] >= 0.99
