"""Which texts name a work."""

import pytest

from broadsheet.papers import Identifier
from broadsheet.sources.identifiers import parse_as, parse_dois, parse_known


@pytest.mark.parametrize("text", ["", "4983", "acm:0", "https://example.org/paper", "doi:banana", "x" * 600])
def test_a_collections_own_numbers_and_web_addresses_are_not_known_everywhere(text):
    assert parse_known(text) is None


def test_a_known_identifier_comes_with_its_version():
    assert parse_known("https://arxiv.org/abs/math/0306266v3") == (Identifier("arxiv", "math/0306266"), 3)
    assert parse_known("2020.acl-main.1") == (Identifier("acl", "2020.acl-main.1"), None)


def test_a_field_that_says_its_scheme_may_leave_it_out():
    assert parse_as("pubmed", "17284678") == Identifier("pubmed", "17284678")
    assert parse_as("doi", "https://doi.org/10.1/X") is None
    assert parse_as("doi", "https://doi.org/10.1000/X") == Identifier("doi", "10.1000/x")
    assert parse_as("arxiv", "10.1000/x") is None


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("10.1103/PhysRevD.93.016005, 10.1103/PhysRevD.98.079901;10.1103/PhysRevD.98.079903",
         ["10.1103/physrevd.93.016005", "10.1103/physrevd.98.079901", "10.1103/physrevd.98.079903"]),
        ("10.1002/(SICI)1097-0258(19980815)17:15<1661::AID-SIM968>3.0.CO;2-2",
         ["10.1002/(sici)1097-0258(19980815)17:15<1661::aid-sim968>3.0.co;2-2"]),
        ("10.1000/a 10.1000/A https://doi.org/10.1000/b", ["10.1000/a", "10.1000/b"]),
        ("to appear", []), ("", []),
    ],
)  # fmt: skip
def test_a_field_may_hold_several_dois(text, values):
    assert [doi.value for doi in parse_dois(text)] == values
