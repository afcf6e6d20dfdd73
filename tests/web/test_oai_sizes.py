"""How long lists of OAI-PMH are said to be: exactly as long as they are, or nothing is said."""

from xml.etree.ElementTree import Element, fromstring

import pytest
from django.core.signing import Signer

from broadsheet.library import changes_since

OAI = "{http://www.openarchives.org/OAI/2.0/}"

pytestmark = pytest.mark.usefixtures("short_oai_pages")


@pytest.fixture
def library(library_at_noon):
    return library_at_noon


@pytest.fixture
def token_of(client):
    """The element that says where a list goes on: token_of(set="cs"), token_of(resumptionToken="…")."""

    def ask(**question: str) -> Element:
        given = question if "resumptionToken" in question else {"metadataPrefix": "oai_dc", **question}
        return fromstring(client.get("/oai", {"verb": "ListIdentifiers", **given}).content).find(
            f".//{OAI}resumptionToken"
        )

    return ask


@pytest.fixture
def put(put_numbered):
    return put_numbered


def test_the_size_counts_what_is_gone_and_stays_while_others_write(library, token_of, put):
    put(*range(12))
    library.withdraw("2611.00001")
    library.erase("2611.00002")
    put(3, text="second")
    token, given = token_of(), []
    while token.text:
        given.append((token.get("completeListSize"), token.get("cursor")))
        number = 30 + len(given)
        put(number, 4, text=f"written after page {len(given)}")
        (library.erase if len(given) % 2 else library.withdraw)(f"2611.{4 + len(given):05}")
        token = token_of(resumptionToken=token.text)
    assert [*given, (token.get("completeListSize"), token.get("cursor"))] == [
        ("12", cursor) for cursor in ("0", "3", "6", "9")
    ]


def test_a_list_of_an_earlier_release_goes_on_without_its_size(library, token_of, put):
    put(*range(9))
    token = Signer(salt="broadsheet.oai").sign_object(["ListIdentifiers", "oai_dc", "", 3, 3, 9, 9])
    assert token_of(resumptionToken=token).attrib == {"cursor": "3"}


@pytest.mark.parametrize("name", ["cs", "cs:cs:LG", "source:notes"])
def test_the_size_of_a_set_is_told_unless_its_papers_would_all_be_read(library, token_of, put, monkeypatch, name):
    put(*range(8))
    put(8, 9, source="arxiv")
    library.withdraw("2611.00001")
    library.catch_up()
    assert token_of(set=name).get("completeListSize") == ("8" if name == "source:notes" else "10")
    monkeypatch.setattr(changes_since, "FEW", 0)
    assert token_of(set=name).get("completeListSize") == ("8" if name == "source:notes" else None)
