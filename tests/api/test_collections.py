"""Collections through the API: one's own to keep, others' to read as far as they share them."""

import pytest

from broadsheet.community import counting
from broadsheet.community.models import Clipping, Collection


@pytest.fixture
def library(site_library):
    """On each kind of database."""
    return site_library


def make(program, title="Caches", **fields):
    answer = program.call("POST", "/collections", {"title": title, **fields})
    assert answer.status_code == 201
    assert answer["Location"].endswith(f"/api/v1/collections/{answer.json()['slug']}")
    return f"/collections/{answer.json()['slug']}"


def test_a_collection_is_made_filled_read_changed_and_deleted(program, library, paper, record):
    library.put([record("Another paper", "cs/0701001")])
    ann = program("ann", name="Ann Lee")
    place = make(ann, about="What to **read**.")
    put = ann.call("PUT", f"{place}/papers/2611.00001", {"note": "Read section 2."}).json()
    assert (put["paper"]["id"], put["note"]) == ("2611.00001", "Read section 2.")
    assert ann.call("PUT", f"{place}/papers/cs/0701001").json()["note"] == ""
    assert ann.call("PUT", f"{place}/papers/10.1145/3292500.3330919").json()["note"] == "Read section 2."
    found = ann.get(place).json()
    assert [one["paper"]["id"] for one in found["clippings"]] == ["2611.00001", "cs/0701001"]
    assert (found["papers"], found["visibility"], found["keeper"]) == (
        2,
        "private",
        {"handle": "ann", "name": "Ann Lee"},
    )
    assert ann.get("/papers/2611.00001").json()["saves"] == 1
    page = ann.get(f"{place}?limit=1").json()
    rest = ann.get(page["next"].removeprefix("http://localhost/api/v1")).json()
    assert (page["clippings"] + rest["clippings"], rest["next"]) == (found["clippings"], None)
    assert ann.call("PATCH", place, {"title": "Paging"}).json()["about"] == "What to **read**."
    assert ann.call("PATCH", place, {"about": ""}).json()["title"] == "Paging"
    for _ in range(2):
        assert ann.call("DELETE", f"{place}/papers/cs/0701001").status_code == 204
    assert [one["title"] for one in ann.get("/collections").json()["collections"]] == ["Paging"]
    assert ann.call("DELETE", place).status_code == 204
    assert ann.call("DELETE", place).status_code == 404
    assert ann.get("/papers/2611.00001").json()["saves"] == 0
    assert list(counting.miscounts()) == []


@pytest.mark.parametrize(("visibility", "status"), [("private", 404), ("link", 200), ("public", 200)])
def test_others_read_what_is_shared_and_change_nothing(program, anybody, paper, visibility, status):
    place = make(program("ann"), visibility=visibility)
    bo = program("bo", role="admin")
    assert [each.get(place).status_code for each in (anybody, bo)] == [status, status]
    for method, address, body in (
        ("PATCH", place, {"title": "Mine"}), ("DELETE", place, None), ("PUT", f"{place}/papers/2611.00001", None),
        ("DELETE", f"{place}/papers/2611.00001", None),
    ):  # fmt: skip
        assert bo.call(method, address, body).status_code == 404
        assert anybody.call(method, address, body).status_code == 401
    assert bo.get("/collections").json()["collections"] == []
    assert anybody.get("/collections").status_code == 401
    assert (Collection.objects.get().title, Clipping.objects.count()) == ("Caches", 0)


def test_a_limited_readers_collection_is_seen_by_that_reader_alone(program, anybody, paper):
    shadow = program("shadow", is_limited=True)
    place = make(shadow, visibility="public")
    shadow.call("PUT", f"{place}/papers/2611.00001")
    assert (shadow.get(place).status_code, anybody.get(place).status_code) == (200, 404)
    assert anybody.get("/papers/2611.00001").json()["saves"] == 0


def test_a_withdrawn_paper_leaves_the_list_but_can_still_be_taken_out(program, library, paper):
    ann = program("ann")
    place = make(ann)
    ann.call("PUT", f"{place}/papers/2611.00001", {"note": "x"})
    library.withdraw("2611.00001")
    found = ann.get(place)
    assert (found.json()["clippings"], found.json()["papers"]) == ([], 0)
    assert ann.call("PUT", f"{place}/papers/2611.00001").status_code == 410
    assert ann.call("DELETE", f"{place}/papers/2611.00001").status_code == 204
    assert not Clipping.objects.exists()


@pytest.mark.parametrize(
    "body",
    [{}, {"title": ""}, {"title": "  "}, {"title": "x" * 121}, {"title": 7}, {"title": "x", "visibility": "secret"},
     {"title": "x", "about": None}, {"title": "a\0b"}, {"title": "x", "slug": "mine"}, {"title": "\ud800"}],
)  # fmt: skip
def test_a_collection_that_does_not_fit_is_not_made(program, paper, body):
    assert program("ann").call("POST", "/collections", body).status_code == 422
    assert not Collection.objects.exists()


@pytest.mark.parametrize("slug", ["nothing", "%00", "x" * 3000, "é", "-", "a b"])
def test_an_unknown_collection_is_a_404(program, paper, slug):
    ann = program("ann")
    for method, address, body in (
        ("GET", f"/collections/{slug}", None), ("PATCH", f"/collections/{slug}", {"title": "x"}),
        ("DELETE", f"/collections/{slug}", None), ("PUT", f"/collections/{slug}/papers/2611.00001", None),
    ):  # fmt: skip
        assert ann.call(method, address, body).status_code == 404


@pytest.mark.parametrize("body", [{"note": "x" * 2001}, {"note": 7}, {"note": "a\0b"}, {"place": 1}, [], "x"])
def test_a_note_that_does_not_fit_changes_nothing(program, paper, body):
    ann = program("ann")
    place = make(ann)
    assert ann.call("PUT", f"{place}/papers/2611.00001", body).status_code == 422
    assert not Clipping.objects.exists()


def test_a_larger_collection_costs_no_more_queries(program, library, record):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    ann = program("ann")
    place = make(ann)

    def fill(numbers):
        library.put([record(f"Paper {n}", f"2611.{n:05}") for n in numbers])
        for number in numbers:
            ann.call("PUT", f"{place}/papers/2611.{number:05}")

    def cost(address):
        ann.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert ann.get(address).status_code == 200
        return len(queries)

    fill(range(1, 4))
    few = cost(f"{place}?limit=100")
    one = cost("/collections")
    fill(range(4, 20))
    make(ann, "Another")
    assert (cost(f"{place}?limit=100"), cost("/collections")) == (few, one)
    assert few <= 8
