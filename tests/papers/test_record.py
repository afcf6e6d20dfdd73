"""Records are made clean or not at all."""

from datetime import date

import pytest

from broadsheet.papers import Author, Identifier, Link, Record, RecordError, Version


def test_white_space_is_folded_and_the_wording_kept():
    version = Version("  The\n {L}ov\\'asz   number ", abstract="a\x0bb\t c")
    assert version.title == "The {L}ov\\'asz number"
    assert version.abstract == "a b c"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"title": " \n "}, "no title"),
        ({"title": "x" * 1_000_000}, "1,000,000 characters"),
        ({"title": "nul\0byte"}, "NUL"),
        ({"title": "half \ud800 a character"}, "U+D800"),
        ({"title": "t", "abstract": "x" * 100_001}, "abstract"),
        ({"title": "t", "published": date(9999, 1, 1)}, "9999"),
        ({"title": "t", "updated": date(1, 1, 1)}, "updated"),
        ({"title": "t", "authors": (Author("a"),) * 10_001}, "10,001 authors"),
        ({"title": "t", "topics": tuple(map(str, range(201)))}, "201 topics"),
    ],
)
def test_what_cannot_be_right_is_refused_with_the_reason(fields, reason):
    with pytest.raises(RecordError, match=reason.replace("+", r"\+")):
        Version(**fields)


def test_a_link_must_be_a_web_address():
    with pytest.raises(RecordError, match="web address"):
        Link("code", "javascript:alert(1)")


def test_a_record_without_text_must_say_which_paper_is_gone():
    assert Record("arxiv", (Identifier("arxiv", "2104.12255"),), None).is_withdrawn
    with pytest.raises(RecordError, match="name its paper"):
        Record("arxiv", (), None)


def test_an_identifier_that_no_column_could_hold_is_refused():
    with pytest.raises(RecordError, match="identifier"):
        Record("x", (Identifier("doi", "10.1000/" + "y" * 700),), Version("t"))


def test_the_text_digest_sees_words_and_authors_only():
    one = Version("T", "a", (Author("A B"),), topics=("cs.IR",))
    assert one.text_digest() == Version("T", " a ", (Author("A B"),), topics=("cs.LG",)).text_digest()
    assert one.digest() != Version("T", "a", (Author("A B"),), topics=("cs.LG",)).digest()
    assert one.text_digest() != Version("T", "a", (Author("A C"),)).text_digest()
    assert one.text_digest() != Version("T", "b", (Author("A B"),)).text_digest()


@pytest.mark.parametrize(
    ("written", "name", "family"),
    [
        ("Knuth, Donald E.", "Donald E. Knuth", "Knuth"),
        ("Donald E. Knuth", "Donald E. Knuth", "Knuth"),
        ("van der Waals, Johannes", "Johannes van der Waals", "van der Waals"),
        ("Sammy Davis, Jr.", "Sammy Davis, Jr.", "Davis"),
        ("Davis, Jr., Sammy", "Sammy Davis, Jr.", "Davis"),
        ("Davis, Sammy, III", "Sammy Davis, III", "Davis"),
        ("Plato", "Plato", "Plato"),
        ("Викторов, Михаил", "Михаил Викторов", "Викторов"),
        ("", "", ""),
    ],
)
def test_names_are_read_in_both_orders(written, name, family):
    author = Author.parse(written)
    assert (author.name, author.family) == (name, family)


def test_the_key_of_a_name_forgets_accents_and_case():
    assert Author.parse("Özel, B.").key == Author.parse("Berna OZEL").key == "ozel"
