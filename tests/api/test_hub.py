"""The papers API of the Hugging Face Hub, on both databases: its shapes and the orders of its lists."""

import json
import re
from datetime import UTC, date, datetime

import pytest

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
FRIDAY, SATURDAY, SUNDAY = date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 22)
STAMP = re.compile(r"\d{4}-\d\d-\d\dT00:00:00\.000Z")
LISTS = ("/daily_papers", "/papers", "/papers/search", "/papers/search?q=paging")


@pytest.fixture
def library(site_library, clock):
    """Noon of Saturday 21 November 2026."""
    clock.now = NOON
    return site_library


@pytest.fixture
def ids(ask_hub):
    return lambda address: [each["paper"]["id"] for each in ask_hub(address)]


def keys(value) -> set[str]:
    """Every key anywhere in a JSON value."""
    if isinstance(value, dict):
        return set(value) | {key for each in value.values() for key in keys(each)}
    return {key for each in value for key in keys(each)} if isinstance(value, list) else set()


def dates(value) -> list[str]:
    """Every value anywhere whose key ends as times do."""
    if isinstance(value, dict):
        own = [each for key, each in value.items() if key.endswith("At")]
        return own + [found for each in value.values() for found in dates(each)]
    return [found for each in value for found in dates(each)] if isinstance(value, list) else []


def test_a_paper_of_a_list_says_everything_at_both_levels(ask_hub, hub_papers):
    found = ask_hub("/daily_papers?date=2026-11-21")[1]
    title = "Paging with $O(\\log n)$ bits: a naïve “proof” 数"
    for level in (found, found["paper"]):
        assert level["id"] == "2611.00001"
        assert level["title"] == title
        assert level["summary"] == "Caches ask an oracle."
        assert level["upvotes"] == 0
        assert level["submittedOnDailyAt"] == "2026-11-21T00:00:00.000Z"
        assert (level["githubRepo"], level["githubStars"]) == ("https://github.com/ann-lee/paging", 0)
        assert re.fullmatch("[0-9a-f]{24}", level["discussionId"])
        assert level["mediaUrls"] == []
    assert found["paper"]["publishedAt"] == "2026-11-02T00:00:00.000Z"
    assert found["publishedAt"] == "2026-11-21T00:00:00.000Z"
    assert (found["numComments"], found["source"], found["isAuthorParticipating"]) == (1, "arxiv", True)
    assert found["thumbnail"].startswith("http://localhost/static/web/icon")
    assert {name: found["submittedBy"][name] for name in ("user", "fullname", "type")} == {
        "user": "arxiv", "fullname": "arXiv", "type": "org",
    }  # fmt: skip


def test_authors_are_objects_and_those_whose_claim_stands_are_readers(ask_hub, hub_papers):
    first, second = ask_hub("/daily_papers?date=2026-11-21")[1]["paper"]["authors"]
    assert (first["name"], first["status"], first["hidden"]) == ("Ada Byron", "claimed_verified", False)
    assert (first["user"]["user"], first["user"]["fullname"], first["user"]["type"]) == ("ann", "Ann Lee", "user")
    assert second["name"] == "Émilie du Châtelet"
    assert second.get("user") is None
    assert first["_id"] != second["_id"]


def test_a_paper_alone_is_flat_and_has_what_it_links_to(ask_hub, hub_papers):
    found = ask_hub("/papers/2611.00001")
    assert "paper" not in found
    assert (found["id"], found["upvotes"], found["numComments"]) == ("2611.00001", 0, 1)
    assert found["publishedAt"] == "2026-11-02T00:00:00.000Z"
    assert found["submittedOnDailyAt"] == "2026-11-21T00:00:00.000Z"
    assert found["linkedModels"] == [{"id": "ann/oracle", "author": "ann"}]
    assert found["linkedDatasets"] == [{"id": "ann/requests", "author": "ann"}]
    assert found["linkedSpaces"] == [{"id": "ann/demo", "author": "ann"}]
    assert [found[f"numTotal{kind}"] for kind in ("Models", "Datasets", "Spaces")] == [1, 1, 1]
    assert ask_hub("/arxiv/2611.00001/repos") == {
        "models": found["linkedModels"], "datasets": found["linkedDatasets"], "spaces": found["linkedSpaces"],
    }  # fmt: skip
    assert ask_hub("/arxiv/2611.00002/repos") == {"models": [], "datasets": [], "spaces": []}


@pytest.mark.parametrize("address", [*LISTS, "/papers/2611.00001"])
def test_dates_have_a_time_and_a_zone_nothing_is_called_self_and_people_are_objects(ask_hub, hub_papers, address):
    found = ask_hub(address)
    assert len(dates(found)) >= 2
    assert all(STAMP.fullmatch(text) for text in dates(found))
    assert "self" not in keys(found)
    for each in found if isinstance(found, list) else [found]:
        assert {"user", "fullname", "avatarUrl", "_id", "type", "isPro"} <= set(each["submittedBy"])
        assert isinstance(each["upvotes"], int)


def test_a_paper_without_any_date_has_the_day_of_its_list(ask_hub, library, record):
    library.put([record("Undated", "acl:P18-1001")])
    assert ask_hub("/papers/acl:P18-1001")["publishedAt"] == "2026-11-21T00:00:00.000Z"


@pytest.mark.parametrize(
    "name",
    ["2611.00001", "2611.00001v1", "2611.00001v7", "arXiv:2611.00001", "10.1145/3292500.3330919",
     "10.1145%2F3292500.3330919"],
)  # fmt: skip
def test_any_identifier_names_a_paper(ask_hub, hub_papers, name):
    assert ask_hub(f"/papers/{name}")["id"] == "2611.00001"
    assert len(ask_hub(f"/arxiv/{name}/repos")["models"]) == 1


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", "31254"),
        ("?sort=publishedAt", "31254"),
        ("?sort=trending", "31524"),
        ("?limit=2", "31"),
        ("?p=1&limit=2", "25"),
        ("?p=9", ""),
        ("?date=2026-11-21", "312"),
        ("?date=2026-11-20", "54"),
        ("?date=2026-11-22", ""),
        ("?date=1999-01-01", ""),
        ("?week=2026-W47", "35124"),
        ("?month=2026-11", "35124"),
        ("?month=2026-11&sort=trending&limit=1", "3"),
        ("?submitter=ann", "3"),
        ("?submitter=ANN&date=2026-11-21", "3"),
        ("?submitter=ann&date=2026-11-20", ""),
        ("?submitter=cy", ""),
        ("?submitter=nobody", ""),
        ("?submitter=a%00b", None),
        ("?unknown=1&limit=1", "3"),
    ],
)
def test_lists_have_the_order_of_the_sites_own(ask_hub, ids, hub_papers, asked, found):
    if found is None:
        ask_hub(f"/daily_papers{asked}", 400)
    else:
        assert ids(f"/daily_papers{asked}") == [f"2611.0000{n}" for n in found]


def test_a_list_of_a_day_is_that_of_its_page(ids, hub_papers):
    for day in (FRIDAY, SATURDAY):
        assert ids(f"/daily_papers?date={day}") == [version.paper.key for version in hub_papers.day_page(day).versions]
    assert ids("/daily_papers?sort=trending") == [version.paper.key for version in hub_papers.trending()]


def test_a_submission_names_its_reader_and_shows_its_pictures(ask_hub, hub_papers):
    found = {each["id"]: each for each in ask_hub("/daily_papers")}
    brought = found["2611.00003"]
    assert (brought["submittedBy"]["user"], brought["submittedBy"]["fullname"]) == ("ann", "Ann Lee")
    assert brought["paper"]["submittedOnDailyBy"] == brought["submittedBy"]
    assert brought["mediaUrls"] == ["https://example.org/film.mp4"]
    assert (brought["upvotes"], brought["paper"]["upvotes"]) == (2, 2)
    hidden = found["2611.00002"]["submittedBy"]  # by a reader whom nobody sees
    assert (hidden["user"], hidden["type"]) == ("notes", "org")


def walk(client, address: str) -> list[list[str]]:
    """The ids of a list, page by page, by its Link headers."""
    pages = []
    while address:
        response = client.get(address)
        pages.append([each["id"] for each in response.json()])
        found = re.fullmatch(r'<(/api/[^>]+)>; rel="next"', response.get("Link", ""))
        address = found[1] if found else ""
    return pages


@pytest.mark.parametrize(
    ("address", "sizes"),
    [
        ("daily_papers?limit=2", [2, 2, 1]),
        ("daily_papers?limit=2&sort=trending", [2, 2, 1]),
        ("daily_papers?limit=5", [5]),
        ("daily_papers?limit=1&date=2026-11-20", [1, 1]),
        ("papers?limit=3", [3, 2]),
        ("papers", [5]),
        ("papers/search?limit=2", [2]),
    ],
)
def test_a_link_leads_on_where_there_is_more(client, ids, hub_papers, address, sizes):
    pages = walk(client, f"/api/{address}")
    assert [len(page) for page in pages] == sizes
    walked = [key for page in pages for key in page]
    assert len(set(walked)) == len(walked)
    assert "2611.00006" not in walked  # of tomorrow


def test_the_link_to_a_next_page_is_written_as_the_hub_does(client, hub_papers):
    response = client.get("/api/daily_papers?limit=2&sort=trending")
    assert response["Link"] == '</api/daily_papers?limit=2&sort=trending&p=1>; rel="next"'


def test_a_search_goes_by_words_and_without_any_gives_the_newest(ids, hub_papers):
    assert set(ids("/papers/search?q=paging")) == {"2611.00001", "2611.00003"}
    assert ids("/papers/search?q=paging&limit=1") == ids("/papers/search?q=paging")[:1]
    assert ids("/papers/search?q=na%C3%AFve+log") == ["2611.00001"]
    assert ids("/papers/search?q=nothing-of-the-kind") == []
    newest = [version.paper.key for version in hub_papers.newest()]
    for asked in ("", "?q=", "?q=%20%20"):
        assert ids(f"/papers/search{asked}") == newest


@pytest.mark.parametrize("end", ["withdraw", "erase"])
def test_a_paper_that_is_gone_is_in_no_list_and_a_404(ask_hub, ids, hub_papers, end):
    before = {address: ids(address) for address in LISTS}
    getattr(hub_papers, end)("2611.00001")
    for address in LISTS:
        assert ids(address) == [key for key in before[address] if key != "2611.00001"]
    for address in ("/papers/2611.00001", "/papers/2611.00001v1", "/arxiv/2611.00001/repos"):
        said = ask_hub(address, 404)
        assert set(said) == {"error"}
        assert "Paging" not in json.dumps(said)
