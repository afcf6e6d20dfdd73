"""Tokens of lists of OAI-PMH: only those that the site gave out are good, for the list and the journal they are of."""

from xml.etree.ElementTree import fromstring

import pytest
from django.core.signing import Signer
from django.test import Client

from broadsheet.web.oai.tokens import Place, write_token

OAI = "{http://www.openarchives.org/OAI/2.0/}"

pytestmark = pytest.mark.usefixtures("short_oai_pages")


@pytest.fixture
def refused():
    """Go on with a token that is refused; the root of the answer."""

    def ask(token: str, verb: str = "ListRecords"):
        client = Client(SERVER_NAME="localhost", raise_request_exception=False)
        root = fromstring(client.get("/oai", {"verb": verb, "resumptionToken": token}).content)
        assert root.find(f"{OAI}error").get("code") == "badResumptionToken"
        return root

    return ask


TOKENS = {
    "empty word": "x",
    "no signature": "WyJMaXN0UmVjb3JkcyJd",
    "wrong signature": "WyJMaXN0UmVjb3JkcyJd:AAAA",
    "letters that are no letters": "\x00\ufffd]]>'\"<é",
    "long": "a" * 5_000,
}


@pytest.mark.parametrize("text", TOKENS.values(), ids=TOKENS)
@pytest.mark.parametrize("verb", ["ListRecords", "ListIdentifiers", "ListSets"])
def test_a_token_of_ones_own_is_refused(put_numbered, refused, text, verb):
    put_numbered(1)
    assert refused(text, verb).find(f"{OAI}request").get("verb") == verb


@pytest.mark.parametrize("values", [[], ["ListRecords"], {"verb": 1}, 5, None, [1] * 7, ["ListRecords", *"abcdef"]])
def test_a_token_of_another_release_is_refused(put_numbered, refused, values):
    put_numbered(1)
    refused(Signer(salt="broadsheet.oai").sign_object(values))


def test_every_one_character_change_of_a_token_is_noticed(client, put_numbered, refused):
    put_numbered(*range(9))
    root = fromstring(client.get("/oai?verb=ListRecords&metadataPrefix=oai_dc").content)
    token = root.find(f".//{OAI}resumptionToken").text
    for at in range(0, len(token), 7):
        refused(token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :])


@pytest.mark.parametrize(
    "place",
    [
        Place("ListIdentifiers", "oai_dc", "", 3, 3, 9, 9),
        Place("ListRecords", "marc", "", 3, 3, 9, 9),
        Place("ListRecords", "oai_dc", "", 3, 3, 99, 99),
        Place("ListRecords", "oai_dc", "", 3, 3, 9, 0),
    ],
    ids=["another verb", "a format of old", "a journal that was longer", "a journal that is another"],
)
def test_a_token_of_another_list_or_another_journal_is_refused(library_at_noon, record, refused, place):
    library_at_noon.put([record(f"Paper {n}", f"2611.{n:05}") for n in range(9)])
    refused(write_token(place))
