"""The real pybtex reads what a running site writes as BibTeX, and makes a bibliography of it."""

import pytest
from exported_papers import PAPERS, plain
from pybtex import PybtexEngine
from pybtex.database import Person, parse_string


def whole(person: Person) -> str:
    words = person.first_names + person.middle_names + person.prelast_names + person.last_names
    return plain(", ".join([" ".join(words), *person.lineage_names]))


def read(text: str) -> dict[str, dict[str, object]]:
    """Papers by arXiv's number."""
    return {
        entry.fields["eprint"]: {
            "title": plain(entry.fields["title"][1:-1]),
            "names": list(map(whole, entry.persons["author"])),
            "year": entry.fields["year"],
            "arxiv": entry.fields["eprint"],
            "doi": entry.fields.get("doi", ""),
            "abstract": plain(entry.fields["abstract"]),
            "topics": plain(entry.fields["keywords"]).split(", ") if "keywords" in entry.fields else [],
        }
        for entry in parse_string(text, "bibtex").entries.values()
    }


def test_a_search_is_read_as_it_was_put(export):
    assert read(export("bib")) == {paper.arxiv: paper.expected for paper in PAPERS}


@pytest.mark.parametrize("number", range(len(PAPERS)))
def test_a_paper_is_read_as_it_was_put(export, number):
    paper = PAPERS[number]
    assert read(export("bib", paper.arxiv)) == {paper.arxiv: paper.expected}


def test_a_bibliography_says_every_title_and_name(export):
    made = PybtexEngine().format_from_string(export("bib"), style="unsrt", output_backend="plaintext", min_crossrefs=9)
    said = " ".join(made.split())
    for told in (
        "日本語の文書から学ぶ Ελληνικά",
        "Ursula von der Leyen",
        "Sammy Davis, Jr.",
        "AT&T Labs",
        "100% of A & B #",
    ):
        assert told in said
