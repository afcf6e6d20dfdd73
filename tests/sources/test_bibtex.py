"""BibTeX: real bibliographies, and broken ones."""

from datetime import date

import pytest

from broadsheet.papers import Identifier, Link, Record
from broadsheet.sources import Fault, parse_bibtex
from broadsheet.sources.bibtex_value import join_value, read_date, read_names, read_title


def read(text: str) -> list[Record | Fault]:
    return list(parse_bibtex(text, "refs", "refs.bib"))


def entry(**fields: str) -> Record:
    members = ", ".join(f"{name} = {{{value}}}" for name, value in {"title": "T", **fields}.items())
    (found,) = read(f"@article{{key, {members}}}")
    assert isinstance(found, Record), found
    return found


def test_no_entry_of_a_large_bibliography_is_lost(shared_data):
    text = (shared_data / "protocol_samples/bibtex/tugboat.bib").read_text()
    found = list(parse_bibtex(text, "tugboat", "tugboat.bib"))
    assert text.count("\n@Article{") == len(found) == 2_720
    faults = [one for one in found if isinstance(one, Fault)]
    assert [fault.place for fault in faults] == ["tugboat.bib line 41,448", "tugboat.bib line 42,244"]
    assert all("has no title" in fault.reason for fault in faults)
    first = found[0]
    assert first.version.title == "Editor's Comments"
    assert first.version.venue == "TUGboat"
    assert first.version.published == date(1980, 10, 1)
    assert first.identifiers == (Identifier("tugboat", "Welland:TB1-1-2"),)
    titles = {one.version.title for one in found if isinstance(one, Record)}
    assert r"Publishing \& \TeX" in titles
    assert r"{\TeX} on small machines" in titles


def test_every_entry_of_the_classic_example_is_a_record_or_a_fault(shared_data):
    text = (shared_data / "protocol_samples/bibtex/xampl.bib").read_text()
    found = list(parse_bibtex(text, "xampl", "xampl.bib"))
    records = {str(one.identifiers[-1]): one.version for one in found if isinstance(one, Record)}
    assert (len(found), len(records)) == (36, 33)
    assert records["xampl:article-crossref"].venue == "G-Animal's Journal"  # from the entry it names
    assert records["xampl:article-crossref"].published == date(1986, 7, 1)
    assert records["xampl:incollection-crossref"].venue == "High Speed Computer and Algorithm Organization"
    assert records["xampl:inproceedings-minimal"].title == "On Notions of Information Transfer in VLSI Circuits"
    assert records["xampl:inproceedings-full"].venue == (
        "Proc. Fifteenth Annual ACM Symposium on the Theory of Computing"
    )
    assert records["xampl:inbook-full"].published == date(1973, 1, 1)
    assert [author.name for author in records["xampl:unpublished-full"].authors][:2] == ["Ulrich Ünderwood", "Ned Ñet"]
    assert records["xampl:whole-set"].published == date(1968, 1, 1)
    assert {one.place for one in found if isinstance(one, Fault)} == {
        "xampl.bib line 43", "xampl.bib line 226", "xampl.bib line 358",
    }  # fmt: skip


def test_other_alphabets_and_an_editor_in_place_of_an_author(shared_data):
    text = (shared_data / "protocol_samples/bibtex/cyrillic.bib").read_text()
    found = list(parse_bibtex(text, "c", "c.bib"))
    names = [author.name for one in found for author in one.version.authors]
    assert names == [
        "Hongquin Liu", "Eli Ruckenstein", "Михаил Маркович Викторов", "Péter Jackson", "Vladimir Ilyich Lenin",
        "First Middle de Last, Jr.",
    ]  # fmt: skip
    assert found[2].version.links == (Link("page", "https://example.com/Peter%20Jackson.html"),)
    assert found[4].version.published == date(2006, 1, 1)


@pytest.mark.parametrize(
    ("fields", "identifiers"),
    [
        ({"doi": "10.1145/ABC"}, ["doi:10.1145/abc"]),
        ({"doi": r"https://doi.org/10.1000/a\_b"}, ["doi:10.1000/a_b"]),
        ({"eprint": "1706.03762", "archiveprefix": "arXiv"}, ["arxiv:1706.03762"]),
        ({"eprint": "1706.03762v5", "eprinttype": "arxiv"}, ["arxiv:1706.03762"]),
        ({"eprint": "hep-th/9901001"}, ["arxiv:hep-th/9901001"]),
        ({"eprint": "1706.03762", "archiveprefix": "elsewhere"}, []),
        ({"eprint": "17284678", "eprinttype": "pubmed"}, ["pubmed:17284678"]),
        ({"pmid": "17284678"}, ["pubmed:17284678"]),
        ({"journal": "arXiv preprint arXiv:1706.03762"}, ["arxiv:1706.03762"]),
        ({"journal": "CoRR", "volume": "abs/1706.03762"}, ["arxiv:1706.03762"]),
        ({"journal": "Nature", "volume": "abs/1706.03762"}, []),
        ({"url": "https://aclanthology.org/P18-1001/"}, ["acl:P18-1001"]),
        ({"url": r"\url{https://arxiv.org/abs/1706.03762}", "doi": "none"}, ["arxiv:1706.03762"]),
        ({"url": "https://doi.org/10.1000/a%3Cb%3E3.0.CO;2-O"}, ["doi:10.1000/a<b>3.0.co;2-o"]),
        ({"url": "https://arxiv.org/abs/1706.03762;https://doi.org/10.1/x;"}, ["arxiv:1706.03762"]),
        ({"acl": "P18-1001", "openreview": "Abc_-12345", "s2": "no"}, ["acl:P18-1001", "openreview:Abc_-12345"]),
        ({"url": "https://example.org/x"}, []),
    ],
)
def test_identifiers_are_found_wherever_an_entry_keeps_them(fields, identifiers):
    assert [str(identifier) for identifier in entry(**fields).identifiers] == [*identifiers, "refs:key"]


def test_fields_land_where_they_belong():
    version = entry(
        abstract="We  do\n it.", keywords="a, b; c", note="Best paper", langid="german", booktitle="Proc. {ACM}",
        date="2024-05-06", url="https://example.org/a%20b, http://example.org/c",
    ).version  # fmt: skip
    assert version.abstract == "We do it."
    assert version.topics == ("a", "b", "c")
    assert (version.comment, version.language, version.venue) == ("Best paper", "german", "Proc. ACM")
    assert version.published == date(2024, 5, 6)
    assert [link.url for link in version.links] == ["https://example.org/a%20b,", "http://example.org/c"]


def test_strings_are_joined_and_unknown_ones_come_to_nothing():
    strings = {"stoc": " Symposium", "acm": "ACM"}
    assert join_value('"Proc. " # ACM # STOC # missing', strings) == "Proc. ACM Symposium"
    assert join_value("{a # b}", strings) == "a # b"
    assert join_value('{a "} # "b {"} c" # 7', strings) == 'a "b {"} c7'
    assert join_value(r'{\#} # "\"{u}"', strings) == r"\#\"{u}"


def test_strings_made_of_strings_do_not_grow_without_end():
    laughs = "".join(f"@string{{a{n + 1} = a{n} # a{n}}}\n" for n in range(60))
    (found,) = read('@string{a0 = "ha"}\n' + laughs + "@misc{k, title = a60}")
    assert isinstance(found, Fault)
    assert "no title" in found.reason


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("{{All in Braces}}", "All in Braces"),
        (r"{\LaTeX}", r"{\LaTeX}"),
        (r"The {\LaTeX} Companion", r"The {\LaTeX} Companion"),
        (r"{Publishing \& \TeX}", r"Publishing \& \TeX"),
        ("{A} and {B}", "A and B"),
        ("Fighting Fire: {F}rench Phrases in Mc{D}", "Fighting Fire: French Phrases in McD"),
        (r"An {$O(n \log n)$} Sort of $x^{2}$ and CO$_{2}$", r"An $O(n \log n)$ Sort of $x^{2}$ and CO$_{2}$"),
        (r"{\'E}cole G{\"o}del \'{e} \emph{in {Vivo}}", r"{\'E}cole G{\"o}del \'{e} \emph{in Vivo}"),
        (r"\href[x]{a}{b} {Unix}", r"\href[x]{a}{b} Unix"),
        ("un{closed", "un{closed"),
    ],
)
def test_protecting_braces_go_and_commands_stay(written, shown):
    assert read_title(written) == shown


@pytest.mark.parametrize(
    ("year", "month", "day"),
    [
        ("1980", "oct", date(1980, 10, 1)),
        ("1980", "October", date(1980, 10, 1)),
        ("1986", "apr-may", date(1986, 4, 1)),
        ("1986", "7", date(1986, 7, 1)),
        ("1986", "13", date(1986, 1, 1)),
        ("c. 1986?", "Spring", date(1986, 1, 1)),
        ("in press", "", None),
        ("", "jan", None),
        ("0000", "", None),
        ("20245", "", None),
    ],
)
def test_a_date_is_what_year_and_month_say(year, month, day):
    assert read_date(year, month) == day


def test_an_impossible_year_is_a_fault_not_a_guess():
    (found,) = read("@misc{k, title = {T}, year = 9999}")
    assert "9999" in found.reason


def test_names_keep_organisations_together_and_know_no_others():
    names = read_names(r"{Barnes and Noble, Inc.} and Knuth, Donald E. and Erd{\H o}s, P{\'a}l and others")
    assert [author.name for author in names] == ["Barnes and Noble, Inc.", "Donald E. Knuth", "Pál Erdős"]


def test_an_accent_on_the_first_letter_behind_an_and_is_kept():
    names = read_names(r"Ann Lee and \'Etienne Bob AND \O{}ystein Moe and {A and \& B}")
    assert [author.name for author in names] == ["Ann Lee", "Étienne Bob", "Øystein Moe", "A and & B"]


DAMAGED = """@article{first, title = {One}}
@article{broken, title = {Two
@article{second, title = {Three}}
@article{first, title = {Again}}
@article{twice, title = {Four}, TITLE = {Five}, title = {Six}}
@article{untitled, year = 2000}
 @article open brace forgotten
@comment{a note}
@preamble{"\\newcommand"}
@string{x = "y"}
free text, a@example.org
@proceedings(paren, title = "In (round) brackets")
@article{, title = {No key}}
@article{end, title = {Never closed"""


def test_a_damaged_entry_is_a_fault_with_its_line_and_the_rest_is_read():
    found = read(DAMAGED)
    records = [(one.place, one.version.title) for one in found if isinstance(one, Record)]
    faults = {one.place: one.reason for one in found if isinstance(one, Fault)}
    assert records == [
        ("refs.bib line 1", "One"), ("refs.bib line 3", "Three"), ("refs.bib line 5", "Four"),
        ("refs.bib line 12", "In (round) brackets"), ("refs.bib line 13", "No key"),
    ]  # fmt: skip
    assert set(faults) == {f"refs.bib line {line}" for line in (2, 4, 6, 7, 14)}
    assert "damaged" in faults["refs.bib line 2"]
    assert "already used in line 1" in faults["refs.bib line 4"]
    assert "has no title" in faults["refs.bib line 6"]
    assert "no brace follows" in faults["refs.bib line 7"]
    assert "end of file" in faults["refs.bib line 14"]


def test_an_entry_without_key_has_no_number_in_the_collection():
    (found,) = read("@misc{, title = {T}}")
    assert found.identifiers == ()


def test_entries_that_refer_to_each_other_in_circles_are_read():
    found = read("@misc{a, crossref = {b}, title = {A}}\n@misc{b, crossref = {a}}\n@misc{c, crossref = {c}, title={C}}")
    assert [one.version.title for one in found] == ["A", "A", "C"]


def test_damage_is_told_on_the_page_and_not_in_a_log(caplog, capsys):
    read(DAMAGED)
    assert caplog.records == []
    assert capsys.readouterr() == ("", "")
