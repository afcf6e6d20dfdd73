"""PDFs in the forms of real papers, printed by a real Chromium, read by the reader of watched folders."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from browsing import in_browser

from broadsheet.sources.pdf_paper import Reading, read_sheet
from broadsheet.sources.pdf_reading import read_pdf

pytest.importorskip("pypdfium2")
pytestmark = in_browser

STYLE = """@page { size: A4; margin: 0 } body { margin: 2cm; font: 10pt "DejaVu Serif" } h2 { font-size: 12pt }
h1 { font-size: 17pt; font-weight: normal; text-align: center } .names, .cells { text-align: center }
.cells { display: flex; justify-content: space-around; font-size: 11pt } .cells i { font-size: 9pt }
.two { columns: 2; column-gap: 18pt; text-align: justify; hyphens: auto } sup, small { font-size: 7pt }
.stamp { position: absolute; left: 5mm; top: 20cm; transform: rotate(-90deg); transform-origin: left top;
  font-size: 16pt; color: #777; white-space: nowrap }"""
BODY = "The body of the paper goes on here and says nothing of what stands above it. " * 60
ABSTRACT = (
    "We consider the assignment of offices to researchers, an internationally acknowledged optimisation problem with"
    " considerable administrative consequences. Our state-of-the-art algorithm is efficient, and its pre-training is"
    " difficult; pre-training twice is not. Experimentation with representative universities substantiates this."
)


@pytest.fixture(scope="module")
def read(browser, tmp_path_factory) -> Callable[[str], Reading]:
    """Print a page and read it."""
    folder: Path = tmp_path_factory.mktemp("pdfs")
    page = browser.new_page()

    def print_and_read(body: str, title: str = "") -> Reading:
        page.set_content(f"<html lang=en><title>{title}</title><style>{STYLE}</style><body>{body}")
        path = folder / "paper.pdf"
        page.pdf(path=path, prefer_css_page_size=True)
        with path.open("rb") as file:
            return read_sheet(read_pdf(file.fileno()))

    return print_and_read


def names(reading: Reading) -> list[str]:
    return [author.name for author in reading.authors]


def test_one_column_with_arxivs_stamp_and_numbers_at_the_names(read):
    found = read(
        f"""<div class=stamp>arXiv:2104.12255v1 [cs.DS] 26 Apr 2021</div>
        <h1>Efficient Office Assignment with Di\ufb00iculties in<br>Large Buildings of the Nineteenth-<br>Century</h1>
        <p class=names>Ann Lee<sup>1,*</sup>, Peter H. N. de With<sup>2</sup> and Berna Özel<sup>1</sup></p>
        <p class=names><sup>1</sup>University of Oslo, Norway<br>{{ann,berna}}@example.org</p>
        <h2 class=names>Abstract</h2><p>{ABSTRACT}</p><h2>1 Introduction</h2><p>{BODY}</p>
        <p>The data are available at https://doi.org/10.5555/offices.</p>""",
        title="Microsoft Word - offices_final(2).docx",
    )
    assert found.title == "Efficient Office Assignment with Difficulties in Large Buildings of the Nineteenth-Century"
    assert names(found) == ["Ann Lee", "Peter H. N. de With", "Berna Özel"]
    assert found.abstract == ABSTRACT
    assert [str(name) for name in found.identifiers] == ["arxiv:2104.12255"]
    assert (found.topics, found.day) == (("cs.DS",), date(2021, 4, 26))


def test_two_columns_with_cells_of_authors_and_a_doi(read):
    found = read(
        f"""<small>KDD ’26, August 3–7, 2026, Toronto</small><h1><b>Offices, Assigned: A Bound That is Tight</b></h1>
        <div class=cells><p>Ann Lee<br><i>University of Oslo<br>Oslo, Norway<br>ann@example.org</i></p>
        <p>Bo van der Chen<br><i>Institute of Things<br>Palo Alto, CA, USA</i></p>
        <p>Çelik Öztürk-Ng<br><i>Google Research</i></p></div>
        <div class=two><h2>ABSTRACT</h2><p>{ABSTRACT}</p><h2>CCS CONCEPTS</h2><p>Theory of computation</p>
        <small>Permission to make copies. https://doi.org/10.1145/3292500.3330701</small>
        <h2>1 INTRODUCTION</h2><p>{BODY}</p><p>{BODY}</p></div>"""
    )
    assert found.title == "Offices, Assigned: A Bound That is Tight"
    assert names(found) == ["Ann Lee", "Bo van der Chen", "Çelik Öztürk-Ng"]
    assert found.abstract == ABSTRACT
    assert [str(name) for name in found.identifiers] == ["doi:10.1145/3292500.3330701"]


def test_an_abstract_that_begins_on_the_line_of_its_word_and_ends_at_the_index_terms(read):
    found = read(
        f"""<small>IEEE TRANSACTIONS ON OFFICES, VOL. 3, NO. 2, MAY 2026</small>
        <h1>Offices Without Walls for Distributed Teams</h1>
        <p class=names>Ann Lee, <i>Senior Member, IEEE</i>, and Bo Chen</p>
        <div class=two><p><b><i>Abstract</i>—{ABSTRACT}</b></p><p><b><i>Index Terms</i>—Offices, walls.</b></p>
        <h2 class=names>I. INTRODUCTION</h2><p>{BODY}</p></div>"""
    )
    assert found.title == "Offices Without Walls for Distributed Teams"
    assert names(found) == ["Ann Lee", "Bo Chen"]
    assert found.abstract == ABSTRACT


def test_a_paper_without_an_abstract_has_none_and_a_journals_name_is_no_title(read):
    found = read(
        f"""<h1 style="font-size: 22pt">Journal of Offices</h1><p class=names>Research Article</p>
        <h1>Doors of Perception in Open-Plan Offices</h1><p class=names>Ann Lee · Bo Chen</p>
        <p class=names>Published online: 3 May 2024</p><p>{BODY}</p>
        <p>See also 10.1000/one and 10.1000/two, and arXiv:1706.03762.</p>"""
    )
    assert found.title == "Doors of Perception in Open-Plan Offices"
    assert names(found) == ["Ann Lee", "Bo Chen"]
    assert (found.abstract, found.identifiers, found.day) == ("", (), date(2024, 5, 3))


def test_what_a_file_tells_of_itself_counts_where_the_page_says_nothing(read):
    assert (
        read("<p>One size of letters only.</p>", title="Offices and Their Plants").title == "Offices and Their Plants"
    )
    assert read("<p>One size of letters only.</p>", title="final-v2.tex").title == ""


def test_a_journals_page_with_its_name_in_the_largest_letters_and_the_abstract_beside_the_keywords(read):
    found = read(
        f"""<div class=names><small>Contents lists available at ScienceDirect</small>
        <h2 style="font-size: 18pt">Office Systems With Applications</h2>
        <small>journal homepage: www.j.example</small></div>
        <p style="font-size: 14pt">A survey of office assignment methods in<br>large organisations</p>
        <p style="font-size: 11pt">Ann Lee <sup>a,∗</sup>, Bo Chen <sup>b</sup>, María del Carmen Núñez <sup>a</sup></p>
        <small><sup>a</sup> Department of Offices, University of Oslo, Norway</small>
        <div style="display: flex"><div style="width: 5cm"><small>A R T I C L E &nbsp; I N F O</small><br>
        <small><i>Keywords:</i><br>Offices<br>Doors</small></div><div style="flex: 1"><small>A B S T R A C T</small>
        <p style="font-size: 8pt; text-align: justify">{ABSTRACT}</p></div></div>
        <div class=two><h2>1. Introduction</h2><p>{BODY}</p></div>"""
    )
    assert found.title == "A survey of office assignment methods in large organisations"
    assert names(found) == ["Ann Lee", "Bo Chen", "María del Carmen Núñez"]
    assert found.abstract == ABSTRACT


def test_names_with_numbers_of_people_and_an_abstract_that_runs_on(read):
    found = read(
        f"""<h1>Privacy of Doors: On the Locking of Offices</h1>
        <p class=names>Ann Lee<sup>1[0000-0002-1825-0097]</sup>, Bo Chen<sup>2</sup>, and<br>
        Peter H. N. de With<sup>1</sup></p>
        <p class=names><small><sup>1</sup> Universität Heidelberg, Germany<br>{{lee,with}}@uni.example</small></p>
        <p style="font-size: 9pt"><b>Abstract.</b> {ABSTRACT}</p>
        <p style="font-size: 9pt"><b>Keywords:</b> Doors · Locks</p>
        <h2>1 Introduction</h2><p>{BODY}</p>"""
    )
    assert names(found) == ["Ann Lee", "Bo Chen", "Peter H. N. de With"]
    assert found.abstract == ABSTRACT


def test_bold_names_in_rows_of_cells_among_affiliations_that_look_like_names(read):
    cells = [("Ann Lee", "Google Brain"), ("Bo Chen", "University of Toronto"), ("Llion Jones", "Google Research")]
    row = "".join(f"<p><b>{name}</b>∗<br>{place}<br><tt>x@mail.example</tt></p>" for name, place in cells)
    found = read(
        f"""<h1><b>Office Is All You Need</b></h1><div class=cells>{row}</div>
        <div class=cells><p><b>Łukasz Kaiser</b><br>Google Brain</p><p><b>Illia P. Polosukhin</b></p></div>
        <h2 class=names>Abstract</h2><p style="margin: 0 1.2cm">{ABSTRACT}</p><h2>1 Introduction</h2><p>{BODY}</p>
        <small>∗Equal contribution. 31st Conference on Offices, Long Beach, CA, USA.</small>"""
    )
    assert names(found) == ["Ann Lee", "Bo Chen", "Llion Jones", "Łukasz Kaiser", "Illia P. Polosukhin"]
    assert found.abstract == ABSTRACT


def test_what_is_no_paper_has_no_title(read):
    assert read("<h1>INVOICE</h1><p>No. 2024-17</p><p>To: Ann Lee, Oslo</p><p>Total: 300.00 EUR</p>").title == ""
