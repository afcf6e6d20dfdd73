"""The real rispy reads what a running site writes as RIS."""

import pytest
import rispy
from exported_papers import PAPERS


def in_reading_order(name: str) -> str:
    """ "Family, Given, Suffix" as it is read: "Given Family, Suffix"."""
    family, *rest = name.split(", ")
    return ", ".join([f"{rest[0]} {family}", *rest[1:]] if rest else [family])


def read(text: str) -> dict[str, dict[str, object]]:
    """Papers by arXiv's number."""
    return {
        paper["accession_number"]: {
            "title": paper["title"],
            "names": list(map(in_reading_order, paper["authors"])),
            "year": paper["year"],
            "arxiv": paper["accession_number"],
            "doi": paper.get("doi", ""),
            "abstract": paper["abstract"],
            "topics": paper.get("keywords", []),
        }
        for paper in rispy.loads(text)
    }


def test_a_search_is_read_as_it_was_put(export):
    assert read(export("ris")) == {paper.arxiv: paper.expected for paper in PAPERS}


@pytest.mark.parametrize("number", range(len(PAPERS)))
def test_a_paper_is_read_as_it_was_put(export, number):
    paper = PAPERS[number]
    assert read(export("ris", paper.arxiv)) == {paper.arxiv: paper.expected}
