"""The papers API of the Hugging Face Hub, on both databases: its limits, its errors, its headers and its costs."""

import json
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from each import each

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
FRIDAY, SATURDAY = date(2026, 11, 20), date(2026, 11, 21)
GETS = (
    "/daily_papers", "/papers", "/papers/search", "/papers/search?q=paging", "/papers/2611.00001",
    "/arxiv/2611.00001/repos", "/agent-harnesses",
)  # fmt: skip


@pytest.fixture
def library(site_library, clock):
    """Noon of Saturday 21 November 2026."""
    clock.now = NOON
    return site_library


@each("key", ["2601.00001", "nonsense", "%00", "x" * 3000, "..%2f..%2fetc", "10.1234/%ff%fe", "search/x"])
def test_an_unknown_paper_is_a_404_in_the_hubs_shape(client, hub_papers, key):
    for address in (f"/api/papers/{key}", f"/api/arxiv/{key}/repos"):
        response = client.get(address)
        assert response.status_code == 404
        assert response.json() == {"error": "No paper here has this identifier."}
        assert response["X-Error-Message"] == "No paper here has this identifier."
        assert response["Cache-Control"] == "no-store"


@each(
    "asked",
    [
        "daily_papers?limit=0", "daily_papers?limit=101", "daily_papers?limit=ten", "daily_papers?limit=",
        "daily_papers?limit=1e400", "daily_papers?limit=-1", "daily_papers?p=-1", "daily_papers?p=1.5",
        "daily_papers?p=25001&limit=1", "daily_papers?p=501&limit=50", "daily_papers?sort=upvotes",
        "daily_papers?sort=", "daily_papers?date=", "daily_papers?date=yesterday", "daily_papers?date=2026-02-30",
        "daily_papers?date=2026-11-21T00:00:00Z", "daily_papers?date=1700000000", "daily_papers?date=%00",
        "daily_papers?week=2026-W54", "daily_papers?week=2026-47", "daily_papers?month=2026-13",
        "daily_papers?month=0000-01", "daily_papers?date=2026-11-21&week=2026-W47", "daily_papers?submitter=",
        "daily_papers?submitter=%00", "daily_papers?submitter=" + "x" * 101,
        "papers/search?limit=121", "papers/search?limit=0", "papers/search?q=" + "x" * 251, "papers/search?q=%00",
        "papers/search?q=%22never+closed", "papers/search?q=-x", "papers/search?q=after:n%C3%A9ver%E2%80%AE%0d%0aX:y",
        "papers?cursor=x", "papers?cursor=%00", "papers?cursor=W10", "papers?cursor=" + "W" * 201, "papers?limit=101",
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_a_400_with_one_message_in_body_and_header(client, hub_papers, asked):
    response = client.get(f"/api/{asked}")
    assert response.status_code == 400, response.content
    said = response.json()
    assert set(said) == {"error"}
    assert said["error"].endswith(".")
    assert response["X-Error-Message"] == "".join(char if " " <= char <= "~" else "?" for char in said["error"])
    assert response["Access-Control-Allow-Origin"] == "*"


@each(
    "asked",
    ["daily_papers?p=9999999999999", "daily_papers?limit=" + "9" * 5000, "daily_papers?" + "&".join(["a=1"] * 2000),
     "daily_papers?week=9999-W53", "daily_papers?submitter=%ff%fe", "papers/search?q=%ff%fe%ed%a0%80",
     "papers/search?q=%E2%80%AE%5D%5D%3E%EF%BF%BF", "papers/search?q=%3Cscript%3E&limit=120", "papers/",
     "papers//", "papers/2611.00001/comment", "arxiv//repos", "daily_papers/"],
)  # fmt: skip
def test_hostile_addresses_are_answered_in_json_and_never_a_fault_of_ours(client, hub_papers, asked):
    response = client.get(f"/api/{asked}")
    assert response.status_code in (200, 400, 404)
    response.json()


def test_hostile_text_leaves_valid_json(ask_hub, library, record):
    hostile = json.loads((Path(__file__).parents[1] / "web" / "hostile.json").read_text())
    kept = [text for text in hostile if "\ud800" not in text]
    rows = [(f"{text} title"[:2000], f"0101.{n:04}", text) for n, text in enumerate(kept, 1)]
    library.put([record(title, key, abstract=text, announced=SATURDAY) for title, key, text in rows])
    shown = [each for p in range(9) for each in ask_hub(f"/daily_papers?limit=100&p={p}")]
    assert len(shown) == len(kept)
    assert {each["title"] for each in shown} == {library.find(each["id"]).title for each in shown}


@each("address", GETS)
def test_answers_are_the_same_for_everybody_kept_by_nobody_unasked_and_open_to_scripts(client, hub_papers, address):
    response = client.get(f"/api{address}", headers={"Authorization": "Bearer hf_of_another_site"})
    assert response.status_code == 200
    assert response.content == client.get(f"/api{address}").content
    assert response["Access-Control-Allow-Origin"] == "*"
    assert set(response["Cache-Control"].split(", ")) == {"public", "no-cache"}
    assert "Set-Cookie" not in response.headers
    again = client.get(f"/api{address}", headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = client.head(f"/api{address}")
    assert (head.status_code, head["Access-Control-Allow-Origin"]) == (200, "*")
    assert head["Content-Length"] == response["Content-Length"]


@each("address, method", list(product(GETS, ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])))
def test_other_methods_are_refused_and_other_sites_may_not_use_them(client, hub_papers, address, method):
    response = client.generic(method, f"/api{address}")
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")
    assert "Access-Control-Allow-Origin" not in response.headers


def test_the_rest_of_the_api_is_as_it_was(client, hub_papers):
    assert client.get("/api/v1/papers/2611.00001").json()["title"].startswith("Paging")
    assert "Access-Control-Allow-Origin" not in client.get("/api/v1/papers").headers
    for address in ("/api/", "/api/models", "/api/daily", "/api/v1/daily_papers"):
        response = client.get(address)
        assert response.status_code == 404
        assert "/api/v1/openapi.json" in response.json()["error"]


def test_an_error_repeats_the_number_that_its_client_gave_it_and_nothing_else(client, hub_papers):
    def number(given: str) -> str | None:
        return client.get("/api/papers/nonsense", headers={"X-Amzn-Trace-Id": given}).get("X-Request-Id")

    assert number("0a1b2c3d-1111-4222-8333-444455556666") == "0a1b2c3d-1111-4222-8333-444455556666"
    for given in ("a b", "x" * 201, "<b>", "é", ""):
        assert number(given) is None


def test_who_asks_too_often_is_told_when_to_come_back(client, hub_papers, monkeypatch):
    from broadsheet.community import limits

    monkeypatch.setitem(limits.RATES, "read", ("2 per minute", "2 per minute"))
    assert [client.get("/api/agent-harnesses").status_code for _ in range(3)] == [200, 200, 429]
    response = client.get("/api/daily_papers")
    assert int(response["Retry-After"]) <= 60
    assert response["X-Error-Message"] == response.json()["error"]


ADDRESSES = [
    "/daily_papers",
    "/daily_papers?month=2026-11",
    "/daily_papers?submitter=ann",
    "/papers",
    "/papers/search?q=paging",
]


def test_a_longer_answer_costs_no_more_queries(client, hub_papers, record, reader, subtests):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from broadsheet.community.models import Claim, Reader, Submission

    hub_papers.put(
        [record(f"Paging {n}", f"2611.{n:05}", announced=FRIDAY, authors=["Ada Byron"]) for n in range(10, 60)]
    )
    ann = Reader.objects.get(username="ann")
    for n in range(10, 60):
        paper = hub_papers.find(f"2611.{n:05}").paper_id
        Submission.objects.create(paper_id=paper, reader=ann, day=FRIDAY, at=NOON)
        Claim.objects.create(paper_id=paper, reader=ann, author="Ada Byron", state="accepted", at=NOON)

    def cost(address: str, limit: int) -> int:
        asked = f"/api{address}{'&' if '?' in address else '?'}limit={limit}"
        client.get(asked)
        with CaptureQueriesContext(connection) as queries:
            assert len(client.get(asked).json()) == limit
        return len(queries)

    for address in ADDRESSES:
        with subtests.test(address):
            assert cost(address, 50) == cost(address, 5) <= 8


def test_every_list_reads_an_index_however_many_papers_there_are(library, reader, clock):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from broadsheet.api.hub_asked import Daily
    from broadsheet.api.hub_lists import daily
    from broadsheet.community.models import Submission
    from broadsheet.library.models import Paper

    Paper.objects.bulk_create(
        (
            Paper(key=f"p{n}", day=FRIDAY - timedelta(days=n % 82), added_at=NOON, votes=n % 7, trending=float(n))
            for n in range(8_000)
        ),
        batch_size=2_000,
    )
    ann = reader("ann")
    brought = Paper.objects.order_by("pk")[:40]
    Submission.objects.bulk_create(Submission(paper=paper, reader=ann, day=FRIDAY, at=NOON) for paper in brought)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    for fields in ({}, {"p": 20}, {"week": "2026-W47"}, {"month": "2026-11"}, {"date": "2026-11-20"},
                   {"sort": "trending"}, {"submitter": "ann"}, {"submitter": "ann", "month": "2026-11"}):  # fmt: skip
        with CaptureQueriesContext(connection) as queries:
            daily(library, Daily(**fields))
        for query in queries:
            with connection.cursor() as cursor:
                verb = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
                cursor.execute(verb + query["sql"])
                plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
            assert "Seq Scan on library_paper" not in plan, f"{fields}\n{plan}"
            assert "SCAN library_paper\n" not in f"{plan}\n", f"{fields}\n{plan}"
