"""Papers by any identifier, lists that can be walked, and search, for programs."""

from datetime import date, timedelta
from urllib.parse import quote

import pytest

DOIS = (
    "10.1002/(sici)1097-0258(19980815)17:15<1661::aid-sim968>3.0.co;2-2",
    "10.1000/a?b#c%20d",
    "10.1000/ä-ö",
    "10.1016/0370-2693(86)91254-9",
    "10.1234/part/of/a/long/path",
    "10.1234/ends/with/json.json",
)


def test_a_paper_says_what_is_known_of_it(anybody, paper):
    found = anybody.get("/papers/2611.00001").json()
    assert found["id"] == "2611.00001"
    assert found["url"] == "http://localhost/papers/2611.00001"
    assert found["title"] == "Paging with predictions"
    assert found["authors"] == [{"name": "Ada Byron", "affiliation": "", "orcid": ""}]
    assert found["identifiers"] == ["arxiv:2611.00001", "doi:10.1145/3292500.3330919"]
    assert found["links"] == [{"kind": "code", "url": "https://code.example/1"}]
    assert (found["version"], found["votes"], found["voted"]) == (1, 0, None)


@pytest.mark.parametrize(
    "other", ["arXiv:2611.00001", "2611.00001v2", "10.1145/3292500.3330919", "https://doi.org/10.1145/3292500.3330919"]
)
def test_any_identifier_in_any_form_names_the_paper(anybody, paper, other):
    assert anybody.get(f"/papers/{quote(other, safe='')}").json()["id"] == "2611.00001"
    assert anybody.get(f"/papers?id={quote(other, safe='')}").json()["papers"][0]["id"] == "2611.00001"


@pytest.mark.parametrize("key", [*DOIS, "cs/0701001"])
@pytest.mark.parametrize("safe", ["", "/"])
def test_an_identifier_may_hold_slashes_and_odd_signs_and_its_parts_are_still_told_apart(
    program, library, record, key, safe
):
    library.put([record("An odd identifier", key)])
    ann, place = program("ann"), quote(key, safe=safe)
    assert ann.get(f"/papers/{place}").json()["id"] == key
    assert ann.get(f"/papers?id={quote(key)}").json()["papers"][0]["id"] == key
    assert ann.call("PUT", f"/papers/{place}/vote").json() == {"votes": 1, "voted": True}
    assert ann.call("POST", f"/papers/{place}/comments", {"text": "Well."}).json()["paper"] == key
    assert ann.get(f"/papers/{place}/comments").json()["total"] == 1


@pytest.mark.parametrize("part", ["vote", "comments"])
def test_an_identifier_that_ends_like_a_part_is_read_by_name_and_acted_on_by_its_whole_address(
    program, library, record, part
):
    library.put([record("Short", "10.1234/x"), record("Long", f"10.1234/x/{part}")])
    ann = program("ann")
    ann.call("PUT", f"/papers/10.1234/x/{part}/vote")
    by_name = {key: ann.get(f"/papers?id={key}").json()["papers"][0] for key in ("10.1234/x", f"10.1234/x/{part}")}
    assert {key: found["votes"] for key, found in by_name.items()} == {"10.1234/x": 0, f"10.1234/x/{part}": 1}
    assert ann.get(f"/papers/10.1234/x/{part}/comments").status_code == 200


@pytest.mark.parametrize("key", ["2601.00001", "nonsense", "%00", "x" * 3000, "..%2f..%2fetc", "10.1234/%ff%fe"])
def test_an_unknown_paper_is_a_404(program, paper, key):
    ann = program("ann")
    assert ann.get(f"/papers/{key}").json() == {"error": "No paper here has this identifier."}
    for method, part in (("PUT", "vote"), ("DELETE", "vote"), ("GET", "comments")):
        assert ann.call(method, f"/papers/{key}/{part}").status_code == 404
    assert ann.call("POST", f"/papers/{key}/comments", {"text": "Well."}).status_code == 404


@pytest.mark.parametrize("end", ["withdraw", "erase"])
def test_a_paper_that_is_gone_is_a_410_without_a_word_of_it(program, library, paper, end):
    ann = program("ann")
    getattr(library, end)("2611.00001")
    for method, address in (
        ("GET", "/papers/2611.00001"),
        ("GET", "/papers/10.1145/3292500.3330919"),
        ("GET", "/papers/2611.00001/comments"),
        ("PUT", "/papers/2611.00001/vote"),
        ("POST", "/papers/2611.00001/comments"),
    ):
        response = ann.call(method, address, {"text": "Well."} if method == "POST" else None)
        assert response.status_code == 410, address
        assert "Paging" not in response.content.decode()
    assert ann.get("/papers?id=2611.00001").json()["papers"] == []
    assert ann.get("/papers").json()["papers"] == []


def test_papers_are_named_up_to_a_hundred_at_a_time_in_the_order_asked_for(anybody, library, record):
    library.put([record(f"Paper {n}", f"2611.{n:05}") for n in range(1, 5)])
    asked = ["2611.00003", "2611.00001", "2611.09999", "nonsense", "2611.00003"]
    found = anybody.get("/papers?" + "&".join(f"id={key}" for key in asked)).json()
    assert [each["id"] for each in found["papers"]] == ["2611.00003", "2611.00001"]
    assert anybody.get("/papers?" + "&".join(["id=2611.00001"] * 101)).status_code == 422


@pytest.fixture
def month(library, record):
    """Forty papers over four days of November 2026, with votes of all sizes and ties."""
    from broadsheet.library.models import Paper

    library.put(
        [record(f"Paper {n}", f"2611.{n:05}", announced=date(2026, 11, 16) + timedelta(n % 4)) for n in range(1, 41)]
    )
    for number, paper in enumerate(Paper.objects.order_by("pk")):
        Paper.objects.filter(pk=paper.pk).update(votes=number % 5, is_featured=number % 7 == 0, trending=number % 3)
    return library


def walk(program, address):
    """The ids of a list, page by page, through its Link headers."""
    pages = []
    while address:
        response = program.get(address)
        assert response.status_code == 200
        pages.append([each["id"] for each in response.json()["papers"]])
        address = response.json()["next"]
        assert response.get("Link") == (f'<{address}>; rel="next"' if address else None)
        address = address and address.removeprefix("http://localhost/api/v1")
    return pages


@pytest.mark.parametrize(
    ("asked", "total"),
    [("", 40), ("sort=trending&", 40), ("sort=votes&", 40), ("day=2026-11-17&", 10), ("week=2026-W47&", 40),
     ("month=2026-11&sort=newest&", 40), ("month=2026-10&", 0)],
)  # fmt: skip
def test_a_list_is_walked_page_by_page_without_a_gap_or_a_repeat(anybody, month, asked, total):
    pages = walk(anybody, f"/papers?{asked}limit=7")
    whole = [key for page in walk(anybody, f"/papers?{asked}limit=100") for key in page]
    assert [key for page in pages for key in page] == whole
    assert len(set(whole)) == len(whole) == total
    assert all(len(page) == 7 for page in pages[:-1])


def test_a_list_of_a_day_has_the_order_of_its_page(anybody, month):
    shown = [version.paper.key for version in month.day_page(date(2026, 11, 17)).versions]
    assert [key for page in walk(anybody, "/papers?day=2026-11-17&limit=3") for key in page] == shown


def test_a_paper_that_arrives_while_a_list_is_walked_shifts_nothing(anybody, month, record):
    first = anybody.get("/papers?limit=10").json()
    rest = [key for page in walk(anybody, "/papers?limit=10") for key in page][10:]
    month.put([record("A newer one", "2611.00099", announced=date(2026, 11, 20))])
    address = first["next"].removeprefix("http://localhost/api/v1")
    assert [key for page in walk(anybody, address) for key in page] == rest


@pytest.mark.parametrize(
    ("asked", "status", "where"),
    [
        ("limit=0", 422, "limit"), ("limit=101", 422, "limit"), ("limit=ten", 422, "limit"),
        ("limit=1e400", 422, "limit"),
        ("limit=" + "9" * 5000, 422, "limit"), ("day=yesterday", 422, "day"), ("day=2026-02-30", 422, "day"),
        ("day=1700000000", 422, "day"), ("week=2026-W54", 422, "week"), ("week=2026-47", 422, "week"),
        ("month=2026-13", 422, "month"), ("month=0000-01", 422, "month"), ("sort=best", 422, "sort"),
        ("day=%00", 422, "day"), ("id=%00", 422, "id.0"), ("cursor=%00", 422, "cursor"), ("cursor=x", 400, "cursor"),
        ("cursor=W10", 400, "cursor"), ("cursor=WyJuZXdlc3QiLCIyMDI2LTExLTAxIiwtMV0", 400, "cursor"),
        ("cursor=" + "W" * 200, 400, "cursor"), ("day=2026-11-01&week=2026-W47", 400, "week"),
        ("sort=trending&cursor=WyJ0cmVuZGluZyIsTmFOLDFd", 400, "cursor"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_told_with_its_place(anybody, paper, asked, status, where):
    response = anybody.get(f"/papers?{asked}")
    assert (response.status_code, response.json()["where"]) == (status, where)


def test_a_cursor_belongs_to_one_order(anybody, month):
    cursor = anybody.get("/papers?sort=trending&limit=1").json()["next"].rpartition("cursor=")[2]
    assert anybody.get(f"/papers?sort=newest&cursor={cursor}").status_code == 400


def test_every_caller_sees_their_own_votes(program, anybody, paper):
    ann, bo = program("ann"), program("bo")
    ann.call("PUT", "/papers/2611.00001/vote")
    seen = [each.get("/papers").json()["papers"][0] for each in (ann, bo, anybody)]
    assert [(each["votes"], each["voted"]) for each in seen] == [(1, True), (1, False), (1, None)]


def test_a_search_gives_scores_reasons_and_the_way_to_the_next_page(anybody, library, record):
    library.put([record(f"Paging number {n}", f"2611.{n:05}", abstract="Caches.") for n in range(1, 26)])
    response = anybody.get("/search?q=paging")
    first = response.json()
    assert (first["total"], len(first["hits"]), first["by_meaning"]) == (25, 20, False)
    hit = first["hits"][0]
    assert hit["paper"]["title"].startswith("Paging number")
    assert hit["score"] > 0
    assert response["Link"] == f'<{first["next"]}>; rel="next"'
    library.put([record("Paging paging paging", "2611.00099")])
    rest = anybody.get(first["next"].removeprefix("http://localhost/api/v1")).json()
    assert (rest["at"], len(rest["hits"]), rest["next"]) == (first["at"], 5, None)
    ids = [each["paper"]["id"] for each in first["hits"] + rest["hits"]]
    assert len(set(ids)) == 25


def test_a_search_as_of_an_earlier_change_finds_what_was_there(anybody, library, paper, record):
    head = anybody.get("/search?q=predictions").json()["at"]
    library.withdraw("2611.00001")
    assert anybody.get("/search?q=predictions").json()["hits"] == []
    assert len(anybody.get(f"/search?q=predictions&at={head}").json()["hits"]) == 1


@pytest.mark.parametrize(
    ("asked", "status", "where"),
    [("", 422, "q"), ("q=", 400, "q"), ("q=-x", 400, "q"), ("q=after:never", 400, "q"), ("q=a&at=soon", 400, None),
     ("q=a&at=99999999999999999", 400, None), ("q=a&offset=-1", 422, "offset"), ("q=a&offset=10000", 422, "offset"),
     ("q=%00", 422, "q"), ("q=" + "x" * 1001, 422, "q"), ("q=a&at=%00", 422, "at"), ("q=a&limit=101", 422, "limit")],
)  # fmt: skip
def test_what_cannot_be_searched_is_told_with_its_place(anybody, paper, asked, status, where):
    response = anybody.get(f"/search?{asked}")
    assert (response.status_code, response.json().get("where")) == (status, where)


@pytest.mark.parametrize("address", ["/papers?limit={}", "/search?q=paging&limit={}", "/papers?id=2611.00001&limit={}"])
def test_a_longer_answer_costs_no_more_queries(program, library, record, address):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    library.put([record(f"Paging {n}", f"2611.{n:05}") for n in range(1, 60)])
    ann = program("ann")

    def cost(limit):
        ann.get(address.format(limit))
        with CaptureQueriesContext(connection) as queries:
            assert ann.get(address.format(limit)).status_code == 200
        return len(queries)

    assert cost(50) == cost(5) <= 9
