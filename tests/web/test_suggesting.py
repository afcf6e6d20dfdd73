"""What the search field offers while a reader types."""

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from broadsheet.community import limits


@pytest.fixture
def papers(library, record):
    library.put(
        [
            record("Paging with predictions", "2611.00001", authors=["Ada Byron"], topics=("caching", "cs.DS")),
            record(r"Pages of $\sigma$ <b>signs</b>", "10.1145/a(b)?", authors=["Bo Chen"], topics=("a//b",)),
        ]
    )
    return library


def offers(client, typed: str) -> list[tuple[str, str, str]]:
    response = client.get("/suggest", {"q": typed})
    assert response.status_code == 200
    assert response["Content-Type"] == "application/x-suggestions+json"
    said, texts, kinds, addresses = response.json()
    assert said == typed
    return list(zip(texts, kinds, addresses, strict=True))


def test_papers_authors_and_topics_lead_to_their_pages(client, papers):
    assert offers(client, "pagi") == [("Paging with predictions", "paper", "/papers/2611.00001")]
    assert offers(client, "ada") == [("Ada Byron", "author", "/authors/Ada%20Byron")]
    assert offers(client, "cach") == [("caching", "topic, 1 paper", "/topics/caching")]
    assert offers(client, "a//")[0][2] == "/topics?t=a%2F%2Fb"


def test_every_address_offered_is_one_of_this_site(client, papers):
    for typed in ("pagi", "pages", "ada", "cach", "author:by", "topic:c", "bo"):
        for _, _, address in offers(client, typed):
            assert client.get(address).status_code == 200


def test_texts_are_plain_and_the_answer_is_no_page(client, papers):
    [(text, _, _)] = offers(client, "pages of")
    assert text == "Pages of σ <b>signs</b>"
    assert client.get("/suggest?q=pages")["X-Content-Type-Options"] == "nosniff"


def test_a_condition_at_the_end_is_completed_within_the_query(client, papers):
    assert offers(client, "paging author:by") == [
        ('paging author:"Ada Byron"', "author", "/search?q=paging+author%3A%22Ada+Byron%22")
    ]
    assert offers(client, 'paging -author:"Ada B')[0][0] == 'paging -author:"Ada Byron"'
    assert offers(client, "topic:cs")[0][0] == "topic:cs.DS"
    assert offers(client, "author:") == []


def test_a_reader_is_offered_their_own_saved_searches_and_nobody_elses(papers, signed_in, client, reader):
    from broadsheet.digests import alerts
    from broadsheet.library import shared

    ann = reader("ann")
    for query in ("paging theory", "graphs"):
        alerts.make(ann, query, "feed", "", shared().clock())
    own = offers(signed_in(ann), "pagi")
    assert own[0] == ("paging theory", "your alert", "/search?q=paging+theory")
    assert len(own) == 2
    assert offers(signed_in("bo"), "pagi") == offers(client, "pagi") == own[1:]


@pytest.mark.parametrize(
    "typed", ["", "p", "x" * 50, "\x00", "%00\ud800", '"', 'author:"', "pag" + "\u200b" * 9, "' OR 1=1 --"]
)
def test_hostile_beginnings_are_answered_with_empty_lists(client, papers, typed):
    response = client.get("/suggest", {"q": typed.encode("utf-8", "replace").decode()})
    assert response.status_code == 200
    assert len(response.json()) == 4


def test_a_long_text_begins_nothing_and_is_not_sent_back(client, papers):
    assert client.get("/suggest", {"q": "paging " * 1_000}).json() == [("paging " * 1_000)[:100], [], [], []]


def test_withdrawn_papers_are_not_offered_any_more(client, papers):
    papers.withdraw("2611.00001")
    assert offers(client, "pagi") == offers(client, "ada") == offers(client, "cach") == []


def test_suggestions_are_limited_like_other_acts_and_kept_by_no_shared_cache(client, papers, monkeypatch):
    monkeypatch.setitem(limits.RATES, "suggestion", ("2 per minute", "2 per minute"))
    assert "private" in client.get("/suggest?q=pag")["Cache-Control"]
    client.get("/suggest?q=pag")
    refused = client.get("/suggest?q=pag")
    assert (refused.status_code, set(refused.json())) == (429, {"error"})
    assert int(refused["Retry-After"]) > 0


def test_only_reading_is_allowed(client, papers):
    assert client.post("/suggest", {"q": "pag"}).status_code == 405


def test_a_suggestion_costs_a_fixed_number_of_queries(client, papers, record, signed_in):
    def cost(who) -> int:
        papers.suggest("pag")
        with CaptureQueriesContext(connections[papers.alias]) as queries:
            assert offers(who, "pag")
        return len(queries)

    ann = signed_in("ann")
    assert cost(client) == 2
    few = cost(ann)
    assert few <= 5
    papers.put([record(f"Paging {n}", authors=[f"Pagan {n}"], topics=(f"pages {n}",)) for n in range(200)])
    assert (cost(client), cost(ann)) == (2, few)


def test_the_fields_of_all_pages_know_where_to_ask(client, papers, parsed):
    for address in ("/", "/search", "/search?q=paging"):
        fields = [
            attributes for tag, attributes in parsed(client.get(address)).tags if "data-suggestions" in attributes
        ]
        assert [field["data-suggestions"] for field in fields] == ["/suggest"]
