"""A harvest beside writers that write at once, by the real clock, on either database."""

from datetime import UTC, datetime
from random import Random
from threading import Event
from xml.etree.ElementTree import fromstring

import pytest
from django.test import Client

from broadsheet.library import changes_since
from broadsheet.library.models import Paper
from broadsheet.papers import Identifier, Record, Version
from broadsheet.web.oai import verbs
from broadsheet.web.oai.identifiers import name_of

OAI = "{http://www.openarchives.org/OAI/2.0/}"
TITLE = "{http://purl.org/dc/elements/1.1/}title"


@pytest.fixture
def library(site_library):
    site_library.clock = lambda: datetime.now(UTC)
    return site_library


def paper(number: int, text: object) -> Record:
    return Record("arxiv", (Identifier("arxiv", f"2611.{number:05}"),), Version(f"Paper {number}, {text}"))


def harvest(copy: dict[str, str | None], since: str = "") -> str:
    """Bring a copy up to date; the response date."""
    client = Client(SERVER_NAME="localhost", raise_request_exception=False)
    question, given = {"verb": "ListRecords", "metadataPrefix": "oai_dc"} | ({"from": since} if since else {}), []
    while question:
        root = fromstring(client.get("/oai", question).content)
        for found in root.iter(f"{OAI}record"):
            name, title = found.find(f".//{OAI}identifier").text, found.find(f".//{TITLE}")
            copy[name] = None if title is None else title.text
            given.append(name)
        token = root.find(f".//{OAI}resumptionToken")
        question = {} if token is None or not token.text else {"verb": "ListRecords", "resumptionToken": token.text}
    assert len(given) == len(set(given))
    return root.find(f"{OAI}responseDate").text


def contents() -> dict[str, str | None]:
    states = changes_since.states("default", Paper.objects.values_list("pk", flat=True)).values()
    return {name_of(state): None if state.is_gone else state.version.title for state in states}


def test_copies_made_one_after_the_other_beside_writers_end_with_exactly_the_library(library, in_parallel, monkeypatch):
    monkeypatch.setattr(verbs, "PAGE", 20)
    library.put(paper(number, "first") for number in range(200))
    copy: dict[str, str | None] = {}
    ended, writes = Event(), []

    def write(seed: int) -> None:
        chance = Random(seed)
        while not ended.is_set():
            number, kind = chance.randrange(300), chance.random()
            if kind < 0.05:
                library.put([Record("arxiv", (Identifier("arxiv", f"2611.{number:05}"),), None)])
            elif kind < 0.08 and number < 200:
                library.erase(f"2611.{number:05}")
            else:
                library.put([paper(number, (seed, len(writes))), paper((number + 7) % 300, (seed, len(writes)))])
            writes.append(seed)

    def read() -> None:
        try:
            since = ""
            for _ in range(4):
                since = harvest(copy, since)
            since_last.append(since)
        finally:
            ended.set()

    since_last: list[str] = []
    in_parallel([lambda: write(1), lambda: write(2), read])
    assert len(set(writes)) == 2
    harvest(copy, since_last[0])
    assert copy == contents()
