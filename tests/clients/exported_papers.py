"""Papers that are hard to write down, and what every client must read of them, told without any code of the product."""

import re
from dataclasses import dataclass
from datetime import date

WORD = "zebrafish"
"""Stands in every abstract, so that one search finds them all."""


@dataclass(frozen=True)
class Hard:
    """A paper as it was put, and how its title, names, abstract and topics read where they read otherwise."""

    title: str
    names: tuple[str, ...]
    arxiv: str
    doi: str = ""
    abstract: str = ""
    topics: tuple[str, ...] = ()
    year: int = 2026
    read_title: str = ""
    read_names: tuple[str, ...] = ()
    read_abstract: str = ""

    @property
    def expected(self) -> dict[str, object]:
        return {
            "title": self.read_title or self.title,
            "names": list(self.read_names or self.names),
            "year": str(self.year),
            "arxiv": self.arxiv,
            "doi": self.doi,
            "abstract": f"{self.read_abstract or self.abstract} {WORD}".strip(),
            "topics": list(self.topics),
        }


PAPERS = [
    Hard(
        "日本語の文書から学ぶ Ελληνικά και кириллица: naïve Łódź, ı and é",
        ("山田 太郎", "王小明", "홍 길동", "Κώστας Παπαδόπουλος", "Işık Yılmaz", "José Núñez", "Ñandú Łukasz Żółw"),
        "2611.00001",
        "10.1000/straße",
        "深層学習について。 Für Größe – “quoted” ‘so’ … €5 « là » ẞ ﬁ Å.",
        ("自然言語処理", "θεωρία", "cs.CL"),
    ),
    Hard(
        "Accents that combine: cafe\u0301, a\u030angstro\u0308m",
        ("Zoe\u0308 A\u030akesson",),
        "2611.00002",
        abstract="re\u0301sume\u0301",
        read_title="Accents that combine: café, ångström",
        read_names=("Zoë Åkesson",),
        read_abstract="résumé",
    ),
    Hard(
        "Names of every kind",
        (
            "Ursula von der Leyen", "Ludwig van Beethoven", "Peter H. N. de With", "Anne Marie de la Cruz",
            "Carl af Ugglas", "Sammy Davis, Jr.", "Martin Luther King Jr.", "First de Last, III", "Jean-Luc D'Arc",
            "Miles O’Brien", "bell hooks", "Plato", "J. R. R. Tolkien", "Vũ Hữu Sỹ", "ʻAbd al-Rahman",
        ),
        "2611.00003",
        "10.1000/names(2026)<1>;2-x",
        topics=("math.NT",),
    ),
    Hard(
        "Names of bodies",
        (
            "The ATLAS Collaboration", "AT&T Labs", "Johnson and Johnson", "Association for Computing Machinery",
            "{Barnes} and {Noble}", "{World Health Organization}", "Team #1_a", "Research and Development Team",
        ),
        "2611.00004",
        read_names=(
            "The ATLAS Collaboration", "AT&T Labs", "Johnson and Johnson", "Association for Computing Machinery",
            "Barnes and Noble", "World Health Organization", "Team #1_a", "Research and Development Team",
        ),
    ),
    Hard(
        r"On $\alpha_i^2$, $O(n \log n)$ and $\{x \mid x < 5\}$ in \(\mathbb{R}^n\)",
        ("Ann Lee",),
        "math/0701001",
        "10.1000/a_b#c?d",
        r"We show $\frac{1}{2}$ of $a & b$, $$\sum_{i=1}^{n} x_i$$ for $5 or $10, and $x^{y^{z}}$.",
        ("math.CO",),
        read_title=r"On $\alpha_i^2$, $O(n \log n)$ and $\{x \mid x < 5\}$ in $\mathbb{R}^n$",
        read_abstract=r"We show $\frac{1}{2}$ of $a \& b$, $\sum_{i=1}^{n} x_i$ for $5 or $10, and $x^{y^{z}}$.",
    ),
    Hard(
        "100% of A & B # C_D: \"quotes\", 'single', <b>tags</b> @ a=b, c;d | e~f {g} back\\slash",
        ("Ann Lee",),
        "2611.00006",
        abstract=r"TeX says 100\% of A \& B \# C\_D, Erd\H{o}s, \'etude, na{\"\i}ve; \emph{so} {BERT}",
        topics=("R&D", "C# and F#", "a_b", "50%"),
        read_abstract="TeX says 100% of A & B # C_D, Erdős, étude, naïve; so BERT",
    ),
    Hard(
        "Braces out } of { balance",
        ("Ann Lee",),
        "2611.00007",
        abstract="{{ open, $x_{1$ and } and C:\\temp",
        year=1999,
    ),
    Hard("}, author = {Mallory}, x = {", ("Bob Two",), "2611.00008",
         read_title="}, author = Mallory, x = {", abstract="}}\n\n@misc{evil, title = {x}}",
         read_abstract="}} @misc{evil, title = {x}}"),
    Hard("Lines\nof RIS\nER  - \nTY  - JOUR", ("Bob Two",), "2611.00009", abstract="AU  - Mallory, M.",
         read_title="Lines of RIS ER - TY - JOUR", read_abstract="AU - Mallory, M."),
    Hard("#MeToo, \\LaTeX{} and the ﬁrst É", ("Émile Zola", "Özgür Åström"), "2611.00010", year=2025,
         read_title="#MeToo, LaTeX and the ﬁrst É"),
    Hard("month = jan, title twice", ("Ann Lee",), "2611.00011", "10.1000/twice"),
    Hard("month = jan, title twice", ("Ann Lee", "Bob Two"), "2611.00012", "10.1000/twice.2"),
]  # fmt: skip


def fill() -> None:
    from broadsheet.library import Library
    from broadsheet.papers import Author, Identifier, Record, Version

    def record(paper: Hard) -> Record:
        names = [Identifier("arxiv", paper.arxiv), *([Identifier("doi", paper.doi)] if paper.doi else [])]
        version = Version(
            paper.title,
            abstract=f"{paper.abstract} {WORD}",
            authors=tuple(map(Author, paper.names)),
            topics=paper.topics,
            published=date(paper.year, 11, 3),
        )
        return Record("arxiv", tuple(names), version)

    library = Library.open(model="none")
    library.put([record(paper) for paper in PAPERS])


_NAMED = {
    "textbackslash": "\\", "textbraceleft": "{", "textbraceright": "}", "textasciitilde": "~", "textasciicircum": "^",
}  # fmt: skip
_WRITTEN = re.compile(
    r"(?P<maths>(?<!\\)\$(?:\\.|[^$\\])*\$)|\\(?P<name>text[a-z]+)\{\}|\\(?P<sign>[%&#_${}])|\{(?P<kept>(?:\\.|[^{}\\])*)\}"
)


def plain(tex: str) -> str:
    r"""What TeX sets for prose that a program wrote: ``\%`` for %, the names of signs; all else as it stands."""

    def say(found: re.Match[str]) -> str:
        if found["name"]:
            return _NAMED[found["name"]]
        return plain(found["kept"]) if found["kept"] is not None else found["sign"] or found["maths"]

    return _WRITTEN.sub(say, tex)
