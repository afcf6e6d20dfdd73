"""Papers written as citations: each format by the cases that break it."""

from datetime import date

import pytest
import rispy
from bibtexparser.entrypoint import parse_string
from markdown_it import MarkdownIt

from broadsheet.papers import Author, Identifier, Link, Version
from broadsheet.sources import citation_key, parse_bibtex, parse_ris, tell_apart, to_bibtex, to_csl, to_markdown, to_ris
from broadsheet.sources.citation_names import read_name
from broadsheet.sources.citation_text import legible

PAPER = Version(
    "Simultaneous Nets: $O(n^2)$ for 100% of A & B",
    abstract="We show $\\alpha_1 < 5\\%$ at a cost of $5 and <b>more</b>.",
    authors=(Author("Ann Lée"), Author("Peter H. N. de With"), Author("First de Last, Jr."), Author("Qwen Team")),
    topics=("cs.LG", "nets, deep"),
    published=date(2026, 3, 2),
    links=(Link("code", "https://example.org/x?a=1&b=<2>"),),
)
ARXIV = Identifier("arxiv", "2603.01234")
DOI = Identifier("doi", "10.1000/ab(c)<1>;2-x")
PAGE = "https://papers.example.org/p/2603.01234"
ALL = [
    ARXIV,
    DOI,
    Identifier("pubmed", "17284678"),
    Identifier("acl", "P18-1001"),
    Identifier("openreview", "Abc_-12345"),
    Identifier("s2", "0123456789abcdef0123456789abcdef01234567"),
    Identifier("s2corpus", "12345"),
    Identifier("openalex", "W123"),
]


def titled(title: str, **fields) -> Version:
    return Version(title, **fields)


def named(*names: str) -> Version:
    return Version("T", authors=tuple(map(Author, names)))


def fields_of(bibtex: str) -> dict[str, str]:
    """The fields as bibtexparser reads them, after its own steps."""
    library = parse_string(bibtex)
    assert not library.failed_blocks
    (entry,) = library.entries
    return {field.key: field.value for field in entry.fields}


def test_a_preprint_in_bibtex():
    assert to_bibtex(PAPER, [DOI, ARXIV]) == (
        "@misc{lee2026simultaneous,\n"
        "  title = {{Simultaneous Nets: $O(n^2)$ for 100\\% of A \\& B}},\n"
        "  author = {Lée, Ann and de With, Peter H. N. and de Last, Jr., First and {Qwen Team}},\n"
        "  year = {2026},\n"
        "  month = mar,\n"
        "  doi = {10.1000/ab(c)<1>;2-x},\n"
        "  eprint = {2603.01234},\n"
        "  archivePrefix = {arXiv},\n"
        "  primaryClass = {cs.LG},\n"
        "  url = {https://arxiv.org/abs/2603.01234},\n"
        "  keywords = {cs.LG, nets deep},\n"
        "  abstract = {We show $\\alpha_1 < 5\\%$ at a cost of \\$5 and <b>more</b>.},\n"
        "}\n"
    )


def test_a_preprint_in_ris():
    assert to_ris(PAPER, [ARXIV, DOI], PAGE).split("\r\n") == [
        "TY  - UNPB",
        "AU  - Lée, Ann",
        "AU  - de With, Peter H. N.",
        "AU  - de Last, First, Jr.",
        "AU  - Qwen Team",
        "TI  - Simultaneous Nets: $O(n^2)$ for 100% of A & B",
        "PY  - 2026",
        "DA  - 2026/03/02/",
        "AB  - We show $\\alpha_1 < 5\\%$ at a cost of $5 and <b>more</b>.",
        "KW  - cs.LG",
        "KW  - nets, deep",
        "DO  - 10.1000/ab(c)<1>;2-x",
        "DB  - arXiv",
        "AN  - 2603.01234",
        f"UR  - {PAGE}",
        "UR  - https://arxiv.org/abs/2603.01234",
        "UR  - https://doi.org/10.1000/ab(c)%3C1%3E%3B2-x",
        "ER  - ",
        "",
    ]


def test_a_preprint_in_csl():
    assert to_csl(PAPER, [ARXIV, DOI], PAGE) == {
        "id": "lee2026simultaneous",
        "type": "article",
        "title": "Simultaneous Nets: $O(n^2)$ for 100% of A & B",
        "author": [
            {"family": "Lée", "given": "Ann"},
            {"family": "de With", "given": "Peter H. N."},
            {"family": "de Last", "given": "First", "suffix": "Jr."},
            {"literal": "Qwen Team"},
        ],
        "issued": {"date-parts": [[2026, 3, 2]]},
        "publisher": "arXiv",
        "number": "arXiv:2603.01234",
        "DOI": "10.1000/ab(c)<1>;2-x",
        "URL": PAGE,
        "abstract": "We show $\\alpha_1 < 5\\%$ at a cost of $5 and <b>more</b>.",
        "keyword": "cs.LG, nets, deep",
    }


def test_a_preprint_in_markdown():
    assert to_markdown(PAPER, [ARXIV, Identifier("scifact", "49")], PAGE) == (
        "# Simultaneous Nets: $O(n^2)$ for 100% of A & B\n\n"
        "- Authors: Ann Lée, Peter H. N. de With, First de Last, Jr., Qwen Team\n"
        "- Published: 2026-03-02\n"
        "- Identifier: arxiv:2603.01234 <https://arxiv.org/abs/2603.01234>\n"
        "- Identifier: scifact:49\n"
        "- Topics: cs.LG, nets, deep\n"
        f"- Page: <{PAGE}>\n\n"
        "## Abstract\n\n"
        "We show $\\alpha_1 &lt; 5\\%$ at a cost of \\$5 and &lt;b>more&lt;/b>.\n\n"
        "## Links\n\n"
        "- code: <https://example.org/x?a=1&b=%3C2%3E>\n"
    )


@pytest.mark.parametrize(
    ("venue", "identifier", "bibtex", "ris", "csl"),
    [
        ("", "arxiv:2603.01234", "misc", "UNPB", "article"),
        ("arXiv preprint", "acl:P18-1001", "misc", "UNPB", "article"),
        ("", "doi:10.1000/x", "misc", "GEN", "document"),
        ("Phys. Rev. D76:013009", "arxiv:2603.01234", "article", "JOUR", "article-journal"),
        ("Proceedings of the 3rd Workshop on X", "acl:P18-1001", "inproceedings", "CPAPER", "paper-conference"),
        ("emnlp", "acl:P18-1001", "inproceedings", "CPAPER", "paper-conference"),
        ("tacl", "acl:Q18-1001", "article", "JOUR", "article-journal"),
        ("Transactions of the ACL", "acl:Q18-1001", "article", "JOUR", "article-journal"),
        ("Proceedings of the National Academy of Sciences", "doi:10.1/x", "article", "JOUR", "article-journal"),
    ],
)
def test_the_venue_says_which_kind_of_work_it_is(venue, identifier, bibtex, ris, csl):
    version = titled("T", venue=venue)
    identifiers = [Identifier(*identifier.split(":"))]
    assert to_bibtex(version, identifiers).startswith(f"@{bibtex}{{")
    assert to_ris(version, identifiers).startswith(f"TY  - {ris}\r\n")
    assert to_csl(version, identifiers)["type"] == csl


def test_a_published_paper_names_its_venue_and_keeps_its_preprint():
    version = titled("T", venue="Proc. A & B")
    assert fields_of(to_bibtex(version, [ARXIV]))["booktitle"] == "Proc. A \\& B"
    assert fields_of(to_bibtex(version, [ARXIV]))["eprint"] == "2603.01234"
    assert "T2  - Proc. A & B\r\n" in to_ris(version, [ARXIV])
    csl = to_csl(version, [ARXIV])
    assert (csl["container-title"], csl["archive"], csl["archive_location"]) == ("Proc. A & B", "arXiv", "2603.01234")
    assert "publisher" not in csl


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"Erd\H{o}s and G{\"o}del, \'{e}cole, {\ss}, \v{c}, \'\i", "Erdős and Gödel, école, ß, č, í"),
        (r"\emph{A \& B} of \textbf{\"o}, {\em old} {BERT}s in {\LaTeX}", "A & B of ö, old BERTs in LaTeX"),
        (r"Fig.~1, \(x^2\), \[y\] and $$z_1$$ \cite{a,b}.", "Fig. 1, $x^2$, $y$ and $z_1$ ."),
        (r"\href{https://e.org}{words} at \url{https://e.org/a_b}", "words (https://e.org) at https://e.org/a_b"),
        (r"C:\Users and \unknown{x} stay, as does { and }}", r"C:\Users and \unknown{x} stay, as does { and }}"),
        (r"100\% of \$5, \#1, a\_b and \{c\}", "100% of $5, #1, a_b and {c}"),
        ("from $5 to $10, US$5 and US$6, $5-$10", "from $5 to $10, US$5 and US$6, $5-$10"),
        ("$ $ $$ $", "$ $ $$ $"),
        ("Größe 机器翻译 и русский", "Größe 机器翻译 и русский"),
        ("a \u202eevil\u202c title", "a evil title"),
    ],
)  # fmt: skip
def test_tex_becomes_text_and_the_rest_stands(written, read):
    assert legible(written) == read


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("$50% of x_1 # &$", r"$50\% of x_1 \# \&$"),
        (r"$\left\{ x \right.$", r"$\left\lbrace x \right.$"),
        (r"$\{a\}\{$", r"$\lbrace a\rbrace\lbrace$"),
        (r"$\{a\}$", r"$\{a\}$"),
        (r"$\begin{matrix}a & b \\{c}\end{matrix}$", r"$\begin{matrix}a & b \\ {c}\end{matrix}$"),
    ],
)
def test_maths_keeps_its_tex_as_long_as_every_program_can_count_its_braces(written, kept):
    assert legible(written) == kept
    assert f"title = {{{{{kept}}}}}" in to_bibtex(titled(written), [])


@pytest.mark.parametrize(
    "hostile",
    [
        r"$\input{/etc/passwd}$",
        r"$\immediate\write18{id}$",
        r"$^^5cinput{/etc/passwd}$",
        r"$\href{javascript:alert(1)}{x}$",
        r"$\begin{filecontents}{x}$",
        r"$\def\x{y}_1$",
        r"$x{_1$",
        r"$x_1\$",
        r"\input{/etc/passwd}",
        r"\write18{id}",
        "}, author = {Mallory}, x = {",
        "}}\n\n@misc{evil, title = {x}}",
        "{{{{",
        '"#" # "x"',
        r"\\{",
        "\\",
        "%",
        "~^_#&$",
        r"\textbackslash{}input{x}",
    ],
)
def test_nothing_that_a_title_says_is_obeyed(hostile):
    version = titled(hostile, abstract=hostile, topics=(hostile,), authors=(Author("Ann " + hostile),))
    bibtex = to_bibtex(version, [ARXIV])
    fields = fields_of(bibtex)
    assert list(fields)[:2] == ["title", "author"]
    assert bibtex.count("\n@") == 0
    assert not any(f"\\{name}" in bibtex for name in ("input", "immediate", "write", "href", "begin", "def"))
    (record,) = parse_bibtex(bibtex, "c", "c.bib")
    assert legible(record.version.title) == legible(version.title)
    assert [author.name for author in record.version.authors] == [legible(version.authors[0].name)]
    assert bibtex.count("{") == bibtex.count("}")


def test_capitals_survive_even_behind_an_escape():
    assert "title = {{A BERT for $X$}}" in to_bibtex(titled("A BERT for $X$"), [])
    assert "title = {{{}\\#MeToo}}" in to_bibtex(titled("#MeToo"), [])  # "{\" is an accented letter to BibTeX


@pytest.mark.parametrize(
    ("name", "bibtex", "ris", "parts"),
    [
        ("Ann Lee", "Lee, Ann", "Lee, Ann", ("Lee", "Ann", "")),
        ("Peter H. N. de With", "de With, Peter H. N.", "de With, Peter H. N.", ("de With", "Peter H. N.", "")),
        ("Wernher von Braun", "von Braun, Wernher", "von Braun, Wernher", ("von Braun", "Wernher", "")),
        ("First de Last, Jr.", "de Last, Jr., First", "de Last, First, Jr.", ("de Last", "First", "Jr.")),
        ("Martin L. King Jr.", "King Jr., Martin L.", "King Jr., Martin L.", ("King", "Martin L.", "Jr.")),
        ("bell hooks", "hooks, bell", "hooks, bell", ("hooks", "bell", "")),
        ("The Anh Han", "Han, The Anh", "Han, The Anh", ("Han", "The Anh", "")),
        ("Plato", "{Plato}", "Plato", ("", "", "")),
        ("王小明", "{王小明}", "王小明", ("", "", "")),
        ("others", "{others}", "others", ("", "", "")),
        ("ATLAS Collaboration", "{ATLAS Collaboration}", "ATLAS Collaboration", ("", "", "")),
        ("Barnes and Noble, Inc.", "{Barnes and Noble, Inc.}", "Barnes and Noble Inc.", ("", "", "")),
        ("AT&T Labs", "{AT\\&T Labs}", "AT&T Labs", ("", "", "")),
        ("Jr Smith", "{Jr Smith}", "Jr Smith", ("", "", "")),
        (r"Paul Erd{\H o}s", "Erdős, Paul", "Erdős, Paul", ("Erdős", "Paul", "")),
        ("Ann {Lee", "{}\\textbraceleft{}Lee, Ann", "{Lee, Ann", ("{Lee", "Ann", "")),
    ],
)
def test_names_are_taken_apart_or_stay_whole(name, bibtex, ris, parts):
    assert fields_of(to_bibtex(named(name), []))["author"] == bibtex
    assert f"AU  - {ris}\r\n" in to_ris(named(name), [])
    read = read_name(Author(name))
    assert (read.family, read.given, read.suffix) == parts
    (record,) = parse_bibtex(to_bibtex(named(name, "Bob Two"), []), "c", "c.bib")
    assert [author.name for author in record.version.authors] == [legible(name), "Bob Two"]


def test_a_stray_sign_in_the_list_is_no_author():
    version = named("Aleph Alpha", ":", "Ann Lee")
    assert fields_of(to_bibtex(version, []))["author"] == "Alpha, Aleph and Lee, Ann"
    assert to_ris(version, []).count("AU  - ") == len(to_csl(version, [])["author"]) == 2


@pytest.mark.parametrize(
    ("days", "bibtex", "ris", "csl"),
    [
        ({"published": date(2024, 2, 29)}, ("2024", "feb"), "PY  - 2024\r\nDA  - 2024/02/29/\r\n", [2024, 2, 29]),
        ({"published": date(1963, 1, 1)}, ("1963", None), "PY  - 1963\r\nER", [1963]),
        ({"announced": date(2024, 5, 6)}, ("2024", "may"), "DA  - 2024/05/06/", [2024, 5, 6]),
    ],
)
def test_a_date_is_as_exact_as_it_is_known(days, bibtex, ris, csl):
    version = titled("T", **days)
    fields = fields_of(to_bibtex(version, []))
    assert (fields["year"], fields.get("month")) == bibtex
    assert ris in to_ris(version, [])
    assert to_csl(version, [])["issued"] == {"date-parts": [csl]}


def test_without_a_date_nothing_is_said_of_it():
    version = titled("T")
    assert "year" not in fields_of(to_bibtex(version, []))
    assert to_ris(version, []) == "TY  - GEN\r\nTI  - T\r\nER  - \r\n"
    assert "issued" not in to_csl(version, [])


def test_every_identifier_that_means_the_same_everywhere_comes_back():
    (record,) = parse_bibtex(to_bibtex(PAPER, ALL, PAGE), "c", "c.bib")
    assert set(record.identifiers[:-1]) == set(ALL)
    (record,) = parse_ris(to_ris(PAPER, ALL, PAGE), "c", "c.ris")
    assert set(record.identifiers) == set(ALL)


@pytest.mark.parametrize("value", ["10.1000/a{b", "10.1000/}", "10.1000/a\\b", "10.1000/100%25", "10.1000/a_b#c?d"])
def test_no_sign_in_a_doi_breaks_the_entry(value):
    for page in ("", PAGE):
        (record,) = parse_bibtex(to_bibtex(PAPER, [Identifier("doi", value)], page), "c", "c.bib")
        assert record.identifiers[0] == Identifier("doi", value)
        (record,) = parse_ris(to_ris(PAPER, [Identifier("doi", value)], page), "c", "c.ris")
        assert record.identifiers == (Identifier("doi", value),)


def test_identifiers_with_line_ends_and_addresses_of_other_kinds_do_no_harm():
    odd = [Identifier("arxiv", "x}\n@misc{y"), Identifier("local", "a\nER  - "), Identifier("url", "javascript:x")]
    (entry,) = parse_string(to_bibtex(PAPER, odd, "javascript:alert(1)")).entries
    assert entry.key == "lee2026simultaneous"
    assert "javascript:" not in to_bibtex(PAPER, odd, "javascript:alert(1)") + to_ris(PAPER, odd, "javascript:alert(1)")
    assert len(rispy.loads(to_ris(PAPER, odd, PAGE).replace("\r\n", "\n"))) == 1
    assert "<javascript" not in to_markdown(PAPER, odd, "javascript:alert(1)")


def test_of_two_dois_the_publishers_is_shown():
    both = [Identifier("doi", "10.48550/arxiv.2603.01234"), Identifier("doi", "10.1000/x")]
    assert to_csl(PAPER, both)["DOI"] == fields_of(to_bibtex(PAPER, both))["doi"] == "10.1000/x"


def test_without_identifiers_a_link_is_the_address():
    assert to_csl(PAPER, [])["URL"] == "https://example.org/x?a=1&b=%3C2%3E"


@pytest.mark.parametrize(
    ("version", "identifiers", "key"),
    [
        (PAPER, [ARXIV], "lee2026simultaneous"),
        (titled("The Łódź of nets", authors=(Author("Jürgen van der Straße"),)), [], "vanderstrasselodz"),
        (titled("BERT", authors=(Author("The LIGO Scientific Collaboration"),)), [], "ligobert"),
        (titled("深度学习", authors=(Author("王小明"),), published=date(2026, 1, 1)), [DOI], "2026doi101000abc12x"),
        (titled("深度学习"), [], "9bea2bda"),
        (titled("On the", authors=(Author("Ann Lee"),)), [], "leeon"),
        (titled("$\\alpha$-Nets", authors=(Author(":"), Author("Ann Lee"))), [], "leenets"),
    ],
)
def test_a_key_is_short_ascii_and_always_the_same(version, identifiers, key):
    assert citation_key(version, identifiers) == citation_key(version, identifiers[::-1]) == key


def test_keys_of_a_list_are_told_apart_even_from_one_that_looks_numbered():
    assert list(tell_apart(["a", "a-2", "a", "a", "b"])) == ["a", "a-2", "a-3", "a-4", "b"]
    assert to_bibtex(PAPER, [ARXIV], key="lee2026simultaneous-2").startswith("@misc{lee2026simultaneous-2,\n")


HOSTILE_MARKDOWN = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "![x](https://evil.example/x.png)",
    "<https://evil.example>",
    "*a* _b_ `c` ~~d~~ **e** ***",
    "# Heading",
    "## Heading ##",
    "- list",
    "+ list",
    "1. list",
    "2) list",
    "> quote",
    "---",
    "===",
    "```",
    "    code",
    "[x]: https://evil.example",
    "| a | b |",
    "&lt;script&gt; &#60;b&#62; &amp;",
    "$[a](javascript:x)$ $a<b>c</b>$ $x_`<i>`$",
    "\\",
    "\\<b>",
    "\\[x\\](y)",
    "- [x] task",
]


@pytest.mark.parametrize("hostile", HOSTILE_MARKDOWN)
def test_no_text_of_a_paper_is_markup_in_markdown(hostile):
    version = Version(
        hostile,
        abstract=hostile,
        authors=(Author(hostile + "a"),),
        topics=(hostile,),
        comment=hostile,
        venue=hostile,
        links=(Link(hostile, "https://example.org/>)"),),
    )
    tokens = MarkdownIt("commonmark").enable("table").parse(to_markdown(version, [Identifier("local", hostile)]))
    blocks = [token.type for token in tokens if token.type.endswith("_open") and token.type != "paragraph_open"]
    assert blocks == [
        "heading_open", "bullet_list_open", *["list_item_open"] * 5,
        "heading_open", "heading_open", "bullet_list_open", "list_item_open",
    ]  # fmt: skip
    inline = [child for token in tokens for child in token.children or ()]
    assert {child.type for child in inline} <= {"text", "text_special", "link_open", "link_close"}
    links = [child.attrs["href"] for child in inline if child.type == "link_open"]
    assert links == ["https://example.org/%3E)"]
    shown = ["".join(child.content for child in token.children) for token in tokens if token.type == "inline"]
    assert shown[0] == legible(hostile).replace("](", "] (" if hostile.startswith("$") else "](")


def test_formats_read_what_the_libraries_write_and_the_other_way():
    (reference,) = rispy.loads(to_ris(PAPER, [ARXIV, DOI], PAGE).replace("\r\n", "\n"))
    assert reference["title"] == legible(PAPER.title)
    assert reference["abstract"] == legible(PAPER.abstract)
    assert reference["authors"] == ["Lée, Ann", "de With, Peter H. N.", "de Last, First, Jr.", "Qwen Team"]
    assert (reference["year"], reference["date"], reference["doi"]) == ("2026", "2026/03/02/", DOI.value)
    fields = fields_of(to_bibtex(PAPER, [ARXIV, DOI], PAGE))
    assert legible(fields["title"].strip("{}")) == legible(PAPER.title)
    assert legible(fields["abstract"]) == legible(PAPER.abstract)
    assert (fields["url"], fields["doi"], fields["year"]) == (PAGE, DOI.value, "2026")
