"""Author lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.sources.names import is_name, parse_author_line


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Gottfried Vossen, Mathias Weske", ["Gottfried Vossen", "Mathias Weske"]),
        ("D. Scott Mackay", ["D. Scott Mackay"]),
        ("Ileana Streinu and Louis Theran", ["Ileana Streinu", "Louis Theran"]),
        ("A. One, B. Two, and C. Three", ["A. One", "B. Two", "C. Three"]),
        ("Vossen, Gottfried; Weske, Mathias", ["Gottfried Vossen", "Mathias Weske"]),
        ("Vossen, Gottfried and Weske, Mathias", ["Gottfried Vossen", "Mathias Weske"]),
        (r"C. Bal\'azs, E. L. Berger, C.-P. Yuan", ["C. Balázs", "E. L. Berger", "C.-P. Yuan"]),
        ("John Smith, Jr., Ann Bee", ["John Smith, Jr.", "Ann Bee"]),
        ("The CMS Collaboration: A. One, B. Two", ["The CMS Collaboration", "A. One", "B. Two"]),
        ("Sandy Andersen & Bo Candle", ["Sandy Andersen", "Bo Candle"]),
        (" , ;: ", []),
        ("", []),
    ],
)
def test_names_are_found_in_the_order_of_reading(line, names):
    assert [author.name for author in parse_author_line(line)] == names


def test_affiliations_stand_behind_names_or_in_a_list_at_the_end():
    line = "A. One (1 and 2), B. Two (Rome, Italy), C. Three (2) ((1) Oslo, Norway, (2) Bern)"
    assert [(author.name, author.affiliation) for author in parse_author_line(line)] == [
        ("A. One", "Oslo, Norway; Bern"),
        ("B. Two", "Rome, Italy"),
        ("C. Three", "Bern"),
    ]


def test_a_number_that_no_list_explains_is_no_affiliation():
    assert parse_author_line("A. One (1)")[0].affiliation == ""


def test_a_colon_is_nobody():
    assert not is_name(" : ")
    assert is_name("Ж")


@given(st.text(alphabet="aB().,;:&{}\\ 1and", max_size=60))
def test_no_line_fails(line):
    for author in parse_author_line(line):
        assert is_name(author.name)
