"""How long lists of OAI-PMH are said to be: exactly as long as they are, or nothing is said."""

from xml.etree.ElementTree import Element, fromstring

import pytest
from django.core.signing import Signer
from django.db import connections
from django.test.utils import CaptureQueriesContext

from broadsheet.library import changes_since
from broadsheet.library.changes_since import Span, Wanted, size
from broadsheet.library.models import Change, Paper, Version
from broadsheet.web.oai import verbs

OAI = "{http://www.openarchives.org/OAI/2.0/}"


@pytest.fixture
def library(library_at_noon):
    return library_at_noon


@pytest.fixture(autouse=True)
def short_pages(monkeypatch):
    monkeypatch.setattr(verbs, "PAGE", 3)


@pytest.fixture
def token_of(client):
    """The element that says where a list goes on: token_of(set="cs"), token_of(resumptionToken="…")."""

    def ask(**question: str) -> Element:
        given = question if "resumptionToken" in question else {"metadataPrefix": "oai_dc", **question}
        return fromstring(client.get("/oai", {"verb": "ListIdentifiers", **given}).content).find(
            f".//{OAI}resumptionToken"
        )

    return ask


def put(library, record, *numbers: int, source: str = "notes", text: str = "first") -> None:
    library.put([record(f"Paper {n}, {text}", f"2611.{n:05}", source=source, topics=("cs.LG",)) for n in numbers])


def test_the_size_counts_what_is_gone_and_stays_while_others_write(library, token_of, record):
    put(library, record, *range(12))
    library.withdraw("2611.00001")
    library.erase("2611.00002")
    put(library, record, 3, text="second")
    token, given = token_of(), []
    while token.text:
        given.append((token.get("completeListSize"), token.get("cursor")))
        number = 30 + len(given)
        put(library, record, number, 4, text=f"written after page {len(given)}")
        (library.erase if len(given) % 2 else library.withdraw)(f"2611.{4 + len(given):05}")
        token = token_of(resumptionToken=token.text)
    assert [*given, (token.get("completeListSize"), token.get("cursor"))] == [
        ("12", cursor) for cursor in ("0", "3", "6", "9")
    ]


def test_a_list_of_an_earlier_release_goes_on_without_its_size(library, token_of, record):
    put(library, record, *range(9))
    token = Signer(salt="broadsheet.oai").sign_object(["ListIdentifiers", "oai_dc", "", 3, 3, 9, 9])
    assert token_of(resumptionToken=token).attrib == {"cursor": "3"}


@pytest.mark.parametrize("name", ["cs", "cs:cs:LG", "source:notes"])
def test_the_size_of_a_set_is_told_unless_its_papers_would_all_be_read(library, token_of, record, monkeypatch, name):
    put(library, record, *range(8))
    put(library, record, 8, 9, source="arxiv")
    library.withdraw("2611.00001")
    library.catch_up()
    assert token_of(set=name).get("completeListSize") == ("8" if name == "source:notes" else "10")
    monkeypatch.setattr(changes_since, "FEW", 0)
    assert token_of(set=name).get("completeListSize") == ("8" if name == "source:notes" else None)


def test_a_size_is_counted_in_indexes_by_one_query(library):
    """Each of many papers was once revised, and few come from a second source."""
    many = 1_500
    made = (Paper(key=f"p{n}", day=library.today(), added_at=library.clock(), trending=0.0) for n in range(many))
    Paper.objects.bulk_create(made, batch_size=2_000)
    rows = [
        Version(paper=paper, number=number, source="ab"[n % 50 == 0], born=born, died=died, title="t")
        for n, paper in enumerate(Paper.objects.order_by("pk"), 1)
        for number, born, died in ((1, n, many + n), (2, many + n, None))
    ]
    Version.objects.bulk_create(rows, batch_size=2_000)
    Change.objects.bulk_create(
        [Change(seq=row.born, at=library.clock(), kind="added", paper=row.paper, version=row) for row in rows],
        batch_size=2_000,
    )
    connection = connections[library.alias]
    span = Span(0, 2 * many, 2 * many)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with CaptureQueriesContext(connection) as queries:
        assert (size(library.alias, span, None), size(library.alias, span, Wanted(source="b"))) == (many, many // 50)
    asked = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
    with connection.cursor() as cursor:
        plans = []
        for query in [each["sql"] for each in queries]:
            cursor.execute(asked + query)
            plans.append("\n".join(str(row[-1]) for row in cursor.fetchall()))
    whole, of_source = plans
    assert "open_by_source" in of_source
    assert "removals" in of_source
    if connection.vendor == "sqlite":  # PostgreSQL may well read a table whole that has but a few pages
        assert "SEARCH library_version USING INDEX open_by_birth" in whole
