"""Any plain text and any name, written as citations and read by other libraries: told without the product's readers."""

import io
import json
import re
from datetime import date
from unicodedata import normalize

import pybtex.database
import rispy
from bibtexparser import middlewares
from bibtexparser.entrypoint import parse_string
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from broadsheet.papers import Author, Identifier, Version
from broadsheet.sources import read_json_record, to_bibtex, to_csl, to_ris
from broadsheet.sources.export import EXPORTS, Exported

SOME = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
ARXIV = Identifier("arxiv", "2603.01234")
TEX = "\\${}~"
"""What begins TeX: how texts with these in them read is told elsewhere."""
SIGNS = st.characters(categories=["L", "M", "N", "P", "S"], exclude_characters=TEX)
HARD = st.sampled_from(
    [
        "%",
        "&",
        "#",
        "_",
        "^",
        '"',
        "'",
        "``",
        "@misc",
        "=",
        ", ",
        ";",
        "<b>",
        " and ",
        "日本",
        "Ελλ",
        "e\u0301",
        "ı",
        "\n",
    ]
)
PLAIN = st.lists(HARD | st.text(SIGNS | st.just(" "), max_size=8), min_size=1, max_size=8).map("".join)
WORDS = st.from_regex(r"[A-ZÀ-ÖØ-ÝΑ-ΡА-Я][a-zà-öø-ÿα-ωа-яıłńśřž]{1,8}(?:[-'’][A-Z][a-zé]{1,5})?", fullmatch=True)
FAMILIES = WORDS.filter(lambda word: word.lower() not in BODIES)
BODIES = frozenset("team group project network inc labs council agency centre others community society".split())
PARTICLES = st.sampled_from(["", "", "von der ", "van ", "de la ", "di ", "af "])
SUFFIXES = st.sampled_from(["", "", "", ", Jr.", ", III", " Jr.", " II"])


def folded(text: str) -> str:
    return " ".join(normalize("NFC", text).split())


def unescaped(tex: str) -> str:
    """What TeX sets for escaped signs; braces of TeX itself go."""
    for name, sign in (("textasciicircum", "^"), ("textasciitilde", "~")):
        tex = tex.replace(f"\\{name}{{}}", sign)
    return re.sub(r"\\([%&#_$])", r"\1", re.sub(r"(?<!\\)[{}]", "", tex))


def in_reading_order(name: str) -> str:
    family, *rest = name.split(", ")
    return ", ".join([f"{rest[0]} {family}", *rest[1:]] if rest else [family])


@SOME
@given(PLAIN, PLAIN, st.lists(PLAIN.map(lambda text: text.replace(",", "").replace(";", "")), max_size=3))
def test_plain_text_is_what_every_client_reads(title, abstract, topics):
    assume(folded(title) and folded(abstract) and all(map(folded, topics)))
    version = Version(title, abstract=abstract, topics=tuple(topics), published=date(2026, 3, 1))
    assume(len(version.topics) == len(topics))
    expected = [folded(title), folded(abstract), [folded(topic) for topic in version.topics]]

    written = to_bibtex(version, [ARXIV])
    (entry,) = pybtex.database.parse_string(written, "bibtex").entries.values()
    library = parse_string(written)
    assert library.failed_blocks == []
    for fields in (entry.fields, library.entries[0]):
        said = [unescaped(fields["title"]), unescaped(fields["abstract"])]
        keywords = unescaped(fields["keywords"]).split(", ") if topics else []
        assert [*said, keywords] == expected
        assert (fields["year"], fields["eprint"]) == ("2026", "2603.01234")

    (reference,) = rispy.loads(to_ris(version, [ARXIV]))
    assert [reference["title"], reference["abstract"], reference.get("keywords", [])] == expected
    assert (reference["year"], reference["accession_number"]) == ("2026", "2603.01234")

    csl = to_csl(version, [ARXIV])
    assert [csl["title"], csl["abstract"], csl.get("keyword", "")] == [*expected[:2], ", ".join(expected[2])]


@SOME
@given(
    st.lists(st.tuples(st.lists(WORDS, min_size=1, max_size=3), PARTICLES, FAMILIES, SUFFIXES), min_size=1, max_size=4)
)
def test_a_person_is_the_same_person_to_every_client(people):
    names = [f"{' '.join(given)} {particles}{family}{suffix}" for given, particles, family, suffix in people]
    assume(not any(word.lower() in BODIES for given, *_ in people for word in given))
    names = list(map(folded, names))
    version = Version("T", authors=tuple(map(Author, names)))
    written = to_bibtex(version, [])
    (entry,) = pybtex.database.parse_string(written, "bibtex").entries.values()
    read = [
        ", ".join(
            [
                " ".join(one.first_names + one.middle_names + one.prelast_names + one.last_names),
                *one.lineage_names,
            ]
        )
        for one in entry.persons["author"]
    ]
    assert read == names
    for one, (given_names, _, family, _) in zip(entry.persons["author"], people, strict=True):
        assert one.first_names[0] == folded(given_names[0])
        assert folded(family) in one.last_names

    steps = [middlewares.SeparateCoAuthors(), middlewares.SplitNameParts()]
    (entry,) = parse_string(written, append_middleware=steps).entries
    assert [", ".join([" ".join(one.first + one.von + one.last), *one.jr]) for one in entry["author"]] == names

    (reference,) = rispy.loads(to_ris(version, []))
    assert list(map(in_reading_order, reference["authors"])) == names


BODY_NAMES = st.lists(
    st.sampled_from("Team and & of the Research ATLAS Inc. University".split()) | WORDS, min_size=2, max_size=4
)


@SOME
@given(BODY_NAMES.map(" ".join))
def test_a_body_in_braces_stays_whole(name):
    assume(any(char.isalpha() for char in name))
    name = folded(name)
    version = Version("T", authors=(Author(f"{{{name}}}"), Author("Ann Lee")))
    (entry,) = pybtex.database.parse_string(to_bibtex(version, []), "bibtex").entries.values()
    body, person = entry.persons["author"]
    assert list(map(unescaped, body.last_names)) == [name]
    assert (person.first_names, person.last_names) == (["Ann"], ["Lee"])
    (reference,) = rispy.loads(to_ris(version, []))
    assert reference["authors"] == [name, "Lee, Ann"]
    assert to_csl(version, [])["author"] == [{"literal": name}, {"family": "Lee", "given": "Ann"}]


@SOME
@given(st.lists(PLAIN, min_size=1, max_size=3))
def test_json_lines_and_parquet_keep_every_sign(texts):
    papers = []
    for text in texts:
        assume(folded(text))
        version = Version(
            f"{text} \\alpha_1$ {{",
            abstract=text,
            authors=(Author(text[:400]), Author("Lee, Ann")),
            topics=(text[:90],),
        )
        papers.append(Exported(version, (ARXIV, Identifier("doi", "10.1000/x")), "arxiv", 2))
    lines, table = io.BytesIO(), io.BytesIO()
    EXPORTS["jsonl"].write(papers, lines)
    EXPORTS["parquet"].write(papers, table)
    read = [read_json_record(json.loads(line), "c", "c") for line in lines.getvalue().decode().split("\n") if line]
    rows = parquet.read_table(table).to_pylist()
    for paper, record, row in zip(papers, read, rows, strict=True):
        assert (record.version, record.identifiers[:2], record.number) == (paper.version, paper.identifiers, 2)
        assert (row["title"], row["abstract"]) == (paper.version.title, paper.version.abstract)
        assert [author["name"] for author in row["authors"]] == [author.name for author in paper.version.authors]
