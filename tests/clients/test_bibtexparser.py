"""The real bibtexparser reads what a running site writes as BibTeX: as it stands, and by its own reading of TeX."""

import pytest
from bibtexparser import middlewares, parse_string
from bibtexparser.middlewares import NameParts
from bibtexparser.model import Entry
from exported_papers import PAPERS, plain

UNBALANCED = ("2611.00007", "2611.00008")
"""It has no sign for the name of a brace, and leaves it out."""


def whole(name: NameParts) -> str:
    return plain(", ".join([" ".join(name.first + name.von + name.last), *name.jr]))


def entries(text: str, *steps: middlewares.BlockMiddleware) -> list[Entry]:
    library = parse_string(text, append_middleware=steps)
    assert library.failed_blocks == []
    return library.entries


def read(text: str) -> dict[str, dict[str, object]]:
    """Papers by arXiv's number."""
    papers = {}
    for entry in entries(text, middlewares.SeparateCoAuthors(), middlewares.SplitNameParts()):
        fields = {field.key: field.value for field in entry.fields}
        papers[fields["eprint"]] = {
            "title": plain(fields["title"][1:-1]),
            "names": list(map(whole, fields["author"])),
            "year": fields["year"],
            "arxiv": fields["eprint"],
            "doi": fields.get("doi", ""),
            "abstract": plain(fields["abstract"]),
            "topics": plain(fields["keywords"]).split(", ") if "keywords" in fields else [],
        }
    return papers


def test_a_search_is_read_as_it_was_put(export):
    assert read(export("bib")) == {paper.arxiv: paper.expected for paper in PAPERS}


@pytest.mark.parametrize("number", range(len(PAPERS)))
def test_a_paper_is_read_as_it_was_put(export, number):
    paper = PAPERS[number]
    assert read(export("bib", paper.arxiv)) == {paper.arxiv: paper.expected}


def test_its_own_reading_of_tex_says_the_same_where_braces_are_in_balance(export):
    expected = {paper.arxiv: paper.expected for paper in PAPERS}
    for name in UNBALANCED:
        del expected[name]
    for entry in entries(export("bib"), middlewares.LatexDecodingMiddleware()):
        if paper := expected.pop(entry["eprint"], None):
            assert (entry["title"], entry["abstract"]) == (paper["title"], paper["abstract"])
            assert not paper["topics"] or entry["keywords"].split(", ") == paper["topics"]
    assert expected == {}
