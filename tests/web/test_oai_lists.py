"""Lists of OAI-PMH while others write: pages, tokens, and that a harvester ends up with exactly the library."""

from itertools import product
from xml.etree.ElementTree import fromstring

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadsheet.library import changes_since, journal
from broadsheet.library.models import Change, Paper, Version
from broadsheet.papers import Identifier, Record
from broadsheet.web.oai import verbs
from broadsheet.web.oai.identifiers import name_of

OAI = "{http://www.openarchives.org/OAI/2.0/}"
TITLE = "{http://purl.org/dc/elements/1.1/}title"

pytestmark = pytest.mark.usefixtures("short_oai_pages")


@pytest.fixture
def library(library_at_noon):
    return library_at_noon


@pytest.fixture
def put(put_numbered):
    return put_numbered


class Harvester:
    """Keeps a copy of what it was given: titles by identifier, None for what is gone."""

    def __init__(self, client, **question) -> None:
        self.client = client
        self.question = {"verb": "ListRecords", "metadataPrefix": "oai_dc", **question}
        self.copy: dict[str, str | None] = {}
        self.since = ""
        self.token = ""
        self.given: list[str] = []
        self.pages = 0
        self.sizes: set[int] = set()

    def begin(self) -> bool:
        """Ask for what changed since the last list began; False if that is nothing."""
        self.given, self.pages, self.sizes = [], 0, set()
        root = self.ask({**self.question, "from": self.since} if self.since else self.question)
        self.since = root.find(f"{OAI}responseDate").text
        return root.find(f"{OAI}error") is None

    def go_on(self) -> None:
        """Ask for the next page."""
        root = self.ask({"verb": self.question["verb"], "resumptionToken": self.token})
        assert root.find(f"{OAI}error") is None
        assert root.find(f"{OAI}responseDate").text == self.since

    def finish(self) -> None:
        while self.token:
            self.go_on()

    def ask(self, question):
        response = self.client.get("/oai", question)
        assert response.status_code == 200, response.content
        root = fromstring(response.content)
        records = root.findall(f".//{OAI}record")
        for record in records:
            name = record.find(f".//{OAI}identifier").text
            title = record.find(f".//{TITLE}")
            assert (record[0].get("status") == "deleted") == (title is None)
            assert name not in self.given, "given twice within one list"
            self.given.append(name)
            self.copy[name] = None if title is None else title.text
        assert len(records) <= verbs.PAGE
        token = root.find(f".//{OAI}resumptionToken")
        self.token = "" if token is None else token.text or ""
        if token is not None and "set" not in self.question:
            self.sizes.add(int(token.get("completeListSize")))
            assert self.token or self.sizes == {len(self.given)}, "not as many as was told"
        self.pages += 1
        return root


def contents() -> dict[str, str | None]:
    """The library as a harvester should have it."""
    states = changes_since.states("default", Paper.objects.values_list("pk", flat=True))
    return {name_of(state): None if state.is_gone else state.version.title for state in states.values()}


def test_a_list_comes_in_pages_each_with_where_it_stands(client, put):
    put(*range(7))
    roots = [fromstring(client.get("/oai?verb=ListIdentifiers&metadataPrefix=arXiv").content)]
    while (token := roots[-1].find(f".//{OAI}resumptionToken")) is not None and token.text:
        roots.append(fromstring(client.get("/oai", {"verb": "ListIdentifiers", "resumptionToken": token.text}).content))
    assert [len(root.findall(f".//{OAI}header")) for root in roots] == [3, 3, 1]
    tokens = [root.find(f".//{OAI}resumptionToken") for root in roots]
    assert [(token.get("cursor"), token.get("completeListSize")) for token in tokens] == [
        ("0", "7"),
        ("3", "7"),
        ("6", "7"),
    ]
    assert [bool(token.text) for token in tokens] == [True, True, False]
    assert roots[1].find(f"{OAI}request").attrib.keys() == {"verb", "resumptionToken"}


def test_a_list_that_fits_one_page_has_no_token(client, put):
    put(1, 2, 3)
    root = fromstring(client.get("/oai?verb=ListRecords&metadataPrefix=arXiv").content)
    assert len(root.findall(f".//{OAI}record")) == 3
    assert root.find(f".//{OAI}resumptionToken") is None


def test_a_paper_that_changes_between_pages_keeps_its_place_and_is_told_as_it_is_now(library, client, put, clock):
    put(*range(9))
    harvester = Harvester(client)
    harvester.begin()
    clock.forward(seconds=5)
    put(0, 4, text="second")
    put(20)
    library.withdraw("2611.00005")
    library.erase("2611.00007")
    harvester.finish()
    assert harvester.given == [f"oai:localhost:2611.{n:05}" for n in range(9)]
    assert harvester.copy["oai:localhost:2611.00000"] == "Paper 0, first"
    assert harvester.copy["oai:localhost:2611.00004"] == "Paper 4, second"
    assert harvester.copy["oai:localhost:2611.00005"] is None
    assert harvester.copy["oai:localhost:2611.00007"] is None
    assert harvester.begin()
    harvester.finish()
    assert harvester.copy == contents()


def test_the_same_token_gives_the_same_page_again(client, put):
    put(*range(9))
    harvester = Harvester(client)
    harvester.begin()
    question = {"verb": "ListRecords", "resumptionToken": harvester.token}
    before = client.get("/oai", question).content
    put(30, 31)
    assert client.get("/oai", question).content == before


def test_who_writes_for_long_is_not_missed(library, client, put, clock, record):
    """A change gets the time at which its writer began; a harvester may have come and gone in the meantime."""
    put(1)
    began = clock.now
    clock.forward(seconds=30)
    harvester = Harvester(client)
    harvester.begin()
    harvester.finish()
    clock.now = began
    put(2)
    clock.forward(seconds=60)
    assert harvester.begin()
    assert harvester.copy == contents()


def test_a_list_up_to_a_date_ends_there_and_the_next_begins_there(library, client, put, clock):
    put(1, 2)
    clock.forward(minutes=1)
    put(3, 1, text="second")
    clock.forward(minutes=1)
    put(4)
    first = Harvester(client, until="2026-11-21T12:00:30Z")
    first.begin()
    assert first.given == ["oai:localhost:2611.00002"]
    second = Harvester(client, **{"from": "2026-11-21T12:00:31Z", "until": "2026-11-21T12:01:00Z"})
    second.begin()
    assert second.given == ["oai:localhost:2611.00003", "oai:localhost:2611.00001"]


def test_a_set_is_paged_as_the_whole_is_and_an_erasure_between_pages_is_heard_of(library, client, put, clock):
    put(*range(8))
    put(*range(10, 14), source="arxiv")
    for name in ("cs", "cs:cs:LG", "source:notes"):
        harvester = Harvester(client, set=name)
        harvester.begin()
        victim = {"cs": 5, "cs:cs:LG": 6, "source:notes": 7}[name]
        clock.forward(seconds=2)
        library.erase(f"2611.{victim:05}")
        put(0, text=name)
        harvester.finish()
        assert harvester.copy[f"oai:localhost:2611.{victim:05}"] is None
        assert harvester.begin()
        harvester.finish()
        expected = contents()
        if name == "source:notes":
            expected = {key: value for key, value in expected.items() if ":2611.0001" not in key}
        assert harvester.copy == expected


def test_sets_come_in_pages_too(client, library, record):
    library.put([record(f"Paper {n}", topics=(f"cs.{chr(65 + n)}A", f"topic {n}")) for n in range(5)])
    found, question = [], {"verb": "ListSets"}
    while question:
        root = fromstring(client.get("/oai", question).content)
        found += [element.text for element in root.iter(f"{OAI}setSpec")]
        token = root.find(f".//{OAI}resumptionToken")
        question = {"verb": "ListSets", "resumptionToken": token.text} if token.text else {}
    topics = [f"cs:cs:{chr(65 + n)}A" for n in range(5)] + [f"topic:topic~20{n}" for n in range(5)]
    assert found == ["source:notes", "cs", "cs:cs", *topics]


def test_a_page_costs_a_fixed_number_of_queries(client, library, put, monkeypatch):
    monkeypatch.setattr(verbs, "PAGE", 20)

    def cost(prefix: str, name: str) -> list[int]:
        question = {"verb": "ListRecords", "metadataPrefix": prefix} | ({"set": name} if name else {})
        counts = []
        library.catch_up()
        for _ in range(2):
            with CaptureQueriesContext(connections[library.alias]) as queries:
                root = fromstring(client.get("/oai", question).content)
            counts.append(len(queries))
            question = {"verb": "ListRecords", "resumptionToken": root.find(f".//{OAI}resumptionToken").text}
        return counts

    def costs() -> dict[tuple[str, str], list[int]]:
        return {
            asked: cost(*asked) for asked in product(("oai_dc", "arXiv", "arXivRaw"), ("", "cs:cs:LG", "source:notes"))
        }

    put(*range(60))
    library.withdraw("2611.00001")
    few = costs()
    put(*range(60, 200))
    put(*range(100, 180), text="second")
    library.withdraw("2611.00190")
    library.erase("2611.00195")
    assert costs() == few
    assert max(map(max, few.values())) <= 13


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["put", "put", "put", "late", "describe", "withdraw", "erase", "embed", "tick", "page"]),
        st.integers(0, 11),
    ),
    max_size=60,
)


def test_whatever_is_written_between_pages_a_harvester_ends_with_exactly_the_library(
    library, client, record, clock, monkeypatch
):
    counter = iter(range(10**9))

    def act(kind: str, number: int, harvester: Harvester) -> None:
        key = f"{next_key}{number:02}"
        text = f"Text {next(counter)}"
        if kind == "page":
            harvester.go_on() if harvester.token else harvester.begin()
        elif kind == "tick":
            clock.forward(seconds=number / 4)
        elif kind == "late":  # a writer that read the clock some time ago
            clock.forward(seconds=-20)
            act("put", number, harvester)
            clock.forward(seconds=20)
        elif kind == "put":
            names = [f"notes:{key}"] if number % 4 else []
            title = text if names else f"{next_key} the title of a paper without any name {number}"
            library.put([record(title, *names, source="arxiv", topics=("cs.LG",), comment=text)])
        elif kind == "describe":
            current = Version.objects.filter(died=None, identifiers__0=f"notes:{key}").first()
            if current:
                library.put([record(current.title, f"notes:{key}", source="arxiv", topics=("cs.LG", text))])
        elif kind == "withdraw" and number % 2:
            library.put([Record("arxiv", (Identifier("notes", key),), None)])
        elif paper := Paper.objects.filter(key__startswith=f"notes:{key}").first():
            if kind == "withdraw":
                library.withdraw(paper.key)
            elif kind == "erase":
                library.erase(paper.key)
            else:
                with journal.appending(library.alias, clock()) as pen:
                    pen.write(Change.Kind.EMBEDDED, paper)

    next_key = ""

    @settings(
        max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
    )
    @given(
        before=ACTS,
        during=ACTS,
        name=st.sampled_from(["", "source:arxiv", "cs:cs:LG", "cs"]),
        few=st.sampled_from([0, 5_000]),
    )
    def holds(before, during, name, few):
        nonlocal next_key
        monkeypatch.setattr(changes_since, "FEW", few)
        next_key = f"{next(counter)}-"
        harvester = Harvester(client, **({"set": name} if name else {}))
        for kind, paper in before:
            if kind != "page":
                act(kind, paper, harvester)
        harvester.begin()
        for kind, paper in during:
            act(kind, paper, harvester)
        harvester.finish()
        first = set(harvester.given)
        harvester.begin()
        harvester.finish()
        assert harvester.copy == contents()
        assert first <= harvester.copy.keys()

    holds()


def test_sets_of_a_library_with_much_to_read_first_are_asked_for_again_later(client, put, monkeypatch):
    put(1, 2, 3)
    monkeypatch.setattr(verbs, "_READ_AT_ONCE", 2)
    busy = client.get("/oai?verb=ListSets")
    assert (busy.status_code, busy["Retry-After"], busy.content) == (503, "10", b"")
    assert fromstring(client.get("/oai?verb=ListSets").content)[2].tag == f"{OAI}ListSets"  # it has read them since
