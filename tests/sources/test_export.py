"""Papers leave in every form and come back as they were."""

import io
import sys
from datetime import date

import pytest
from pyarrow import parquet

from broadsheet.papers import Author, Identifier, Link, Version
from broadsheet.sources import SourceError
from broadsheet.sources.export import EXPORTS, Exported

PAPER = Exported(
    Version(
        "Gödel’s $O(n^2)$ — “paging”",
        "An abstract.",
        (Author("Kurt Gödel", "Wien"), Author("Bo Chen", orcid="0000-0001")),
        ("cs.DS", "caching"),
        date(2026, 11, 3),
        links=(Link("code", "https://e.example/a"),),
    ),
    (Identifier("arxiv", "2611.00001"), Identifier("doi", "10.1/x")),
    "arxiv",
    2,
)


def written(form, papers):
    file = io.BytesIO()
    EXPORTS[form].write(papers, file)
    return file.getvalue()


def test_parquet_has_a_row_for_each_paper_with_all_that_was_said():
    rows = parquet.read_table(io.BytesIO(written("parquet", [PAPER] * 2_500))).to_pylist()
    assert len(rows) == 2_500
    row = rows[-1]
    assert (row["title"], row["abstract"]) == (PAPER.version.title, "An abstract.")
    assert row["authors"][0] == {"name": "Kurt Gödel", "affiliation": "Wien", "orcid": ""}
    assert (row["identifiers"], row["topics"]) == (["arxiv:2611.00001", "doi:10.1/x"], ["cs.DS", "caching"])
    assert (row["published"], row["updated"], row["links"]) == (
        date(2026, 11, 3),
        None,
        [{"kind": "code", "url": "https://e.example/a"}],
    )
    assert (row["source"], row["number"]) == ("arxiv", 2)


def test_without_the_extra_parquet_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(SourceError, match=r"broadsheet\[parquet\]"):
        written("parquet", [PAPER])


@pytest.mark.parametrize("form", EXPORTS)
def test_no_paper_is_a_file_that_can_be_read(form):
    assert isinstance(written(form, []), bytes)


@pytest.mark.parametrize("form", ["bib", "csl.json"])
def test_citation_keys_stand_once(form):
    assert written(form, [PAPER, PAPER]).count(b"odel2026") >= 2
    assert written(form, [PAPER, PAPER]) != written(form, [PAPER]) * 2
