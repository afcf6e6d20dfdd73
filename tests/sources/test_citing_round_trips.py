"""Citations read back: by Broadsheet and by other libraries, of real papers and of any text at all."""

import gzip
import json
from datetime import date
from itertools import islice

import pytest
import rispy
from bibtexparser.entrypoint import parse_string
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from broadsheet.papers import Author, Identifier, RecordError, Version
from broadsheet.sources import (
    citation_key,
    parse_bibtex,
    parse_ris,
    read_json_record,
    to_bibtex,
    to_csl,
    to_markdown,
    to_ris,
)
from broadsheet.sources.bibtex_written import escape_tex
from broadsheet.sources.citation_names import read_names
from broadsheet.sources.citation_text import legible

MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
SHOWN = {"text", "text_special", "link_open", "link_close", "em_open", "em_close", "strong_open", "strong_close"}
"""Emphasis too, since "_" and "*" stay as they are in maths."""
MANY = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
MARKS = [
    "{", "}", "\\", "$", "%", "&", "#", "_", "^", "~", '"', "'", "`", "@", "=", ",", ";", "<", ">", "\n", " and ",
    "\\emph{", "\\textbf{x}", "\\\"{o}", "\\'e", "{\\ss}", "\\(", "\\)", "\\[", "\\]", "$$", "$x_1$", "$\\{x$", "\\\\",
    "\\input{x}", "\\begin{array}", "{BERT}", "\\LaTeX", "\\textbackslash{}", "\\cite{a}", "~\\ref{b}", "ER  - ",
    "TY  - ", "@misc{", "}\n", ", Jr.", "\u202e", "é", "机", "ﬁ", "e\u0301", "5", "$5", "\\href{a}{b}", "\\{", "\\}",
]  # fmt: skip
ANY = st.characters(exclude_categories=["Cs", "Co", "Cc"])  # private signs stand for escapes while TeX is resolved
TEXTS = st.lists(st.sampled_from(MARKS) | st.text(ANY, max_size=5), max_size=12).map("".join)
NAMES = TEXTS.filter(lambda name: "--" not in name)  # a dash to TeX, in names as elsewhere
IDENTIFIERS = st.lists(
    st.sampled_from(["arxiv:2603.01234", "doi:10.1000/a;b<c>_{d}%", "acl:P18-1001", "pubmed:17284678"])
    | st.text(st.characters(min_codepoint=33, exclude_categories=["Cs", "Cc", "Z"]), max_size=9).map(
        lambda text: f"doi:10.1000/{text}x"
    ),
    max_size=3,
).map(lambda names: list({one.scheme: one for one in map(Identifier.parse, names)}.values()))


def is_short(text: str) -> bool:
    """Whether it fits a field of a record when TeX spells its signs out."""
    return len(escape_tex(text)) <= 200


@st.composite
def versions(draw) -> Version:
    """Any version that is valid at all."""
    try:
        return Version(
            draw(TEXTS),
            abstract=draw(TEXTS),
            authors=tuple(map(Author, draw(st.lists(NAMES.filter(is_short), max_size=3)))),
            topics=tuple(draw(st.lists(TEXTS.filter(is_short), max_size=2))),
            published=draw(st.none() | st.dates(date(1400, 1, 1), date(2200, 12, 31))),
            venue=draw(TEXTS),
            comment=draw(TEXTS),
        )
    except RecordError:
        assume(False)
        raise


def expected_names(version: Version, *, with_commas: bool) -> list[str]:
    names = read_names(version.authors)
    return [
        name.whole if name.family or with_commas else " ".join(name.whole.replace(",", " ").split()) for name in names
    ]


def check_bibtex(version: Version, identifiers: list[Identifier]) -> None:
    written = to_bibtex(version, identifiers)
    (record,) = parse_bibtex(written, "c", "c.bib")
    read = record.version
    assert legible(read.title) == legible(version.title)
    assert not version.abstract or legible(read.abstract) == legible(version.abstract)
    assert [author.name for author in read.authors] == expected_names(version, with_commas=True)
    assert record.identifiers == (*record.identifiers[:-1], Identifier("c", citation_key(version, identifiers)))
    assert set(record.identifiers[:-1]) == set(identifiers)
    day = version.published
    assert read.published == (day and day.replace(day=1))
    library = parse_string(written)
    assert (len(library.entries), library.failed_blocks) == (1, [])
    assert "\n" not in "".join(field.value for field in library.entries[0].fields)


def check_ris(version: Version, identifiers: list[Identifier]) -> None:
    written = to_ris(version, identifiers)
    (record,) = parse_ris(written, "c", "c.ris")
    read = record.version
    assert read.title == Version(legible(version.title)).title
    assert not version.abstract or read.abstract == legible(version.abstract)
    assert [author.name for author in read.authors] == expected_names(version, with_commas=False)
    assert set(record.identifiers) == set(identifiers)
    assert read.published == version.published
    (reference,) = rispy.loads(written.replace("\r\n", "\n"))
    assert reference["title"] == legible(version.title)
    assert len(reference.get("authors", [])) == len(read.authors)


def check_others(version: Version, identifiers: list[Identifier]) -> None:
    csl = to_csl(version, identifiers)
    assert json.loads(json.dumps(csl)) == csl
    assert csl["title"] == legible(version.title)
    assert all(
        set(name) <= {"family", "given", "suffix", "literal"} and all(name.values()) for name in csl.get("author", [])
    )
    assert citation_key(version, identifiers).isascii()
    assert citation_key(version, identifiers).replace("-", "").isalnum()
    check_markdown(version, identifiers)


def check_markdown(version: Version, identifiers: list[Identifier]) -> None:
    tokens = MARKDOWN.parse(to_markdown(version, identifiers))
    blocks = [token.type for token in tokens if token.type.endswith("_open") and token.level == 0]
    inline = [child for token in tokens for child in token.children or ()]
    abstract = ["heading_open", "paragraph_open"] if version.abstract else []
    facts = ["bullet_list_open"] if any(token.type == "list_item_open" for token in tokens) else []
    assert blocks == ["heading_open", *facts, *abstract]
    assert {child.type for child in inline} <= SHOWN
    assert sum(child.type == "link_open" for child in inline) == len(identifiers)
    assert not {token.type for token in tokens} & {"html_block", "fence", "code_block", "hr", "blockquote_open"}
    if "$" not in legible(version.title):
        assert "".join(child.content for child in tokens[1].children) == legible(version.title)


@pytest.mark.slow
@MANY
@given(versions(), IDENTIFIERS)
def test_any_version_comes_back_from_bibtex(version, identifiers):
    check_bibtex(version, identifiers)


@pytest.mark.slow
@MANY
@given(versions(), IDENTIFIERS)
def test_any_version_comes_back_from_ris(version, identifiers):
    check_ris(version, identifiers)


@pytest.mark.slow
@MANY
@given(versions(), IDENTIFIERS)
def test_any_version_is_well_formed_in_csl_and_markdown(version, identifiers):
    check_others(version, identifiers)


@pytest.mark.slow
@pytest.mark.parametrize(
    "bomb",
    [
        "{",
        "\\(",
        "$x_",
        "$$",
        "\\emph{",
        "\\emph{{",
        "\\href{a}{",
        "\\cite[",
        "~\\cite{",
        "{\\em ",
        "\\\\",
        "&",
        "$\\{x$",
        "<",
        "`",
    ],
)
@pytest.mark.parametrize("write", [to_bibtex, to_ris, to_csl, to_markdown])
def test_hostile_text_costs_no_more_than_its_length(write, bomb):
    version = Version("T", abstract=bomb * (90_000 // len(bomb)))
    assert write(version, [])


def papers(path, step: int, count: int):
    with gzip.open(path) as lines:
        for line in islice(lines, 0, step * count, step):
            record = read_json_record(json.loads(line), "c", "c")
            if record.version is not None:
                yield record.version, [one for one in record.identifiers if one.scheme != "c"]


@pytest.mark.parametrize(
    ("name", "step"), [("arxiv_daily/docs_2026-03.jsonl.gz", 16), ("acl_anthology/docs.jsonl.gz", 100)]
)
def test_a_thousand_real_papers_come_back(shared_data, name, step):
    """Half of them from each collection."""
    seen = 0
    for version, identifiers in papers(shared_data / name, step, 501):
        check_bibtex(version, identifiers)
        check_ris(version, identifiers)
        check_others(version, identifiers)
        seen += 1
    assert seen >= 500


def test_pybtex_reads_real_papers(shared_data):
    pybtex = pytest.importorskip("pybtex.database")
    for version, identifiers in papers(shared_data / "arxiv_daily/docs_2026-03.jsonl.gz", 80, 100):
        (entry,) = pybtex.parse_string(to_bibtex(version, identifiers), "bibtex").entries.values()
        assert legible(entry.fields["title"].strip("{}")) == legible(version.title).strip("{}")
        assert entry.fields["month"] == f"{version.published:%B}"
        names = read_names(version.authors)
        people = entry.persons.get("author", [])
        assert [" ".join(person.prelast_names + person.last_names).strip("{}") for person in people] == [
            (name.family_and_suffix or name.whole).replace("&", "\\&") for name in names
        ]
