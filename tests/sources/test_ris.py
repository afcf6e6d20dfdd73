"""RIS."""

from datetime import date

import pytest

from broadsheet.papers import Author, Link, Record
from broadsheet.sources import Fault, parse_ris

ARTICLE = """TY  - JOUR
AU  - Baldwin, S.A.
AU  - Fugaccia, I.
AU  - Brown, D.R.
TI  - Blood-brain barrier breach following
  cortical contusion in the rat
JO  - J. Neurosurg.
T2  - Journal of Neurosurgery
VL  - 85
PY  - 1996
DA  - 1996/09/02
AB  - Adult Fisher 344 rats were subjected
 to a unilateral impact.
KW  - cortical contusion
KW  - blood-brain barrier
DO  - 10.3171/JNS.1996.85.3.0476
UR  - https://example.org/a
LA  - eng
N1  - A note
ID  - 42
ER  - """


def read(text: str) -> list[Record | Fault]:
    return list(parse_ris(text, "lib", "lib.ris"))


def test_a_record_gives_every_field():
    (found,) = read(ARTICLE)
    assert [str(identifier) for identifier in found.identifiers] == ["doi:10.3171/jns.1996.85.3.0476", "lib:42"]
    version = found.version
    assert version.title == "Blood-brain barrier breach following cortical contusion in the rat"
    assert version.abstract == "Adult Fisher 344 rats were subjected to a unilateral impact."
    assert version.authors == (Author("S.A. Baldwin"), Author("I. Fugaccia"), Author("D.R. Brown"))
    assert version.published == date(1996, 9, 2)
    assert version.topics == ("cortical contusion", "blood-brain barrier")
    assert (version.venue, version.language, version.comment) == ("J. Neurosurg.", "eng", "A note")
    assert version.links == (Link("page", "https://example.org/a"),)
    assert found.place == "lib.ris line 1"


@pytest.mark.parametrize(
    ("lines", "day"),
    [
        ("PY  - 2005", date(2005, 1, 1)),
        ("Y1  - 2005///", date(2005, 1, 1)),
        ("PY  - 2005/7/3/spring", date(2005, 7, 3)),
        ("DA  - 2005-07\nPY  - 2005", date(2005, 7, 1)),
        ("PY  - in press", None),
        ("KW  - x", None),
        ("PY  - 1996\nDA  - 1996/09/02", date(1996, 9, 2)),
    ],
)
def test_the_most_exact_date_counts(lines, day):
    (found,) = read(f"TY  - JOUR\nTI  - T\n{lines}\nER  -")
    assert found.version.published == day


def test_older_tags_stand_in_for_newer_ones():
    (found,) = read("TY  - JOUR\nT1  - T\nA1  - One, Ann\nN2  - Text\nJF  - J. Full\nER  - \n")
    assert found.version.title == "T"
    assert found.version.authors == (Author("Ann One"),)
    assert (found.version.abstract, found.version.venue) == ("Text", "J. Full")


def test_known_addresses_and_pubmed_numbers_are_identifiers():
    (found,) = read(
        "TY  - JOUR\nTI  - T\nUR  - https://arxiv.org/abs/1706.03762; ftp://x\nDB  - PubMed\nAN  - 17284678\nER  - "
    )
    assert [str(identifier) for identifier in found.identifiers] == ["arxiv:1706.03762", "pubmed:17284678"]
    assert found.version.links == ()


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        ("TY  - JOUR\nTI  - Cut off", "the record has no end (ER)"),
        ("TI  - Stray\nER  - ", "does not begin with TY"),
        ("AU  - Stray, Ann", "these lines belong to no record"),
        ("TY  - JOUR\nAU  - One, Ann\nER  - ", "has no title"),
        ("TY  - JOUR\nTI  - T\nPY  - 0000\nER  - ", "is not a date"),
        ("TY  - JOUR\nTI  - T\nDA  - 2005/13/01\nER  - ", "is not a date"),
        ("TY  - JOUR\nTI  - T\n" + "AU  - A\n" * 30_000 + "ER  - ", "30,003 lines"),
        ("TY  - JOUR\nTI  - T\nPY  - 9999\nER  - ", "not between"),
    ],
)
def test_a_damaged_record_is_a_fault_with_its_line_and_the_rest_is_read(damage, reason):
    found = read(f"{ARTICLE}\n\n{damage}\n{ARTICLE}")
    records = [one for one in found if isinstance(one, Record)]
    (fault,) = [one for one in found if isinstance(one, Fault)]
    assert len(records) == 2
    assert fault.place == f"lib.ris line {ARTICLE.count(chr(10)) + 3}"
    assert reason in fault.reason


def test_words_around_the_records_are_passed_over():
    found = read(f"Provider: Somebody\nContent: text/plain\n\n{ARTICLE}\n\nEnd of export\n")
    assert len(found) == 1


def test_unknown_tags_and_loose_lines_do_no_harm():
    (found,) = read("TY  - JOUR\nloose\nZZ  - unknown\nmore of it\nTI  - T\nAU  - One, Ann\nhangs over\nER  - ")
    assert found.version.title == "T"


def test_a_list_that_hangs_over_is_read_or_refused_but_never_fails():
    (found,) = read("TY  - JOUR\nTI  - T\nUR  - https://example.org/a;\nhttps://example.org/b\nER  - ")
    assert found.version.title == "T"


def test_a_file_without_records_has_none():
    assert read("nothing here\n") == []


def test_a_suffix_stands_last_as_the_format_says():
    (found,) = read("TY  - JOUR\nTI  - T\nAU  - de Last, First, Jr.\nER  - ")
    assert found.version.authors == (Author("First de Last, Jr."),)
