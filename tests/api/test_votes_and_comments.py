"""Votes and comments through the API count and show as those of the pages do."""

import pytest

from broadsheet.community import counting
from broadsheet.community.models import Comment


@pytest.fixture
def library(site_library):
    """On each kind of database."""
    return site_library


def test_a_vote_is_given_once_and_taken_back_once(program, paper):
    ann, bo = program("ann"), program("bo")
    for _ in range(2):
        assert ann.call("PUT", "/papers/2611.00001/vote").json() == {"votes": 1, "voted": True}
    assert bo.get("/papers/2611.00001/vote").json() == {"votes": 1, "voted": False}
    for _ in range(2):
        assert ann.call("DELETE", "/papers/2611.00001/vote").json() == {"votes": 0, "voted": False}
    assert list(counting.miscounts()) == []


def test_a_limited_readers_vote_and_comment_are_seen_by_that_reader_alone(program, anybody, paper):
    shadow = program("shadow", is_limited=True)
    assert shadow.call("PUT", "/papers/2611.00001/vote").json() == {"votes": 1, "voted": True}
    assert shadow.get("/papers/2611.00001").json()["votes"] == 1
    written = shadow.call("POST", "/papers/2611.00001/comments", {"text": "Buy this."})
    assert written.status_code == 201
    number = written.json()["id"]
    assert shadow.get("/papers/2611.00001/comments").json()["total"] == 1
    assert anybody.get("/papers/2611.00001/vote").json() == {"votes": 0, "voted": None}
    assert anybody.get("/papers/2611.00001/comments").json() == {"comments": [], "total": 0, "next": None}
    assert anybody.get(f"/comments/{number}").status_code == 404
    assert "shown" not in written.content.decode() and "limited" not in written.content.decode()


def test_a_discussion_is_a_flat_list_in_reading_order_with_parents(program, anybody, paper):
    ann, bo = program("ann", name="Ann Lee"), program("bo")
    first = ann.call("POST", "/papers/2611.00001/comments", {"text": "First **word**."})
    assert first["Location"] == f"http://localhost/api/v1/comments/{first.json()['id']}"
    second = ann.call("POST", "/papers/10.1145/3292500.3330919/comments", {"text": "Second."}).json()
    reply = bo.call("POST", "/papers/2611.00001/comments", {"text": "A reply.", "parent": first.json()["id"]}).json()
    told = anybody.get("/papers/2611.00001/comments").json()
    assert [(one["text"], one["parent"], one["depth"]) for one in told["comments"]] == [
        ("First **word**.", None, 0), ("A reply.", first.json()["id"], 1), ("Second.", None, 0),
    ]  # fmt: skip
    assert told["comments"][0]["writer"] == {"handle": "ann", "name": "Ann Lee"}
    assert {reply["id"], second["id"]} < {one["id"] for one in told["comments"]}
    page = anybody.get("/papers/2611.00001/comments?limit=2").json()
    rest = anybody.get(page["next"].removeprefix("http://localhost/api/v1")).json()
    assert (page["comments"] + rest["comments"], rest["next"]) == (told["comments"], None)
    assert anybody.get("/papers/2611.00001").json()["comments"] == 3


def test_a_comment_is_edited_and_deleted_by_its_writer_alone(program, anybody, paper):
    ann, bo = program("ann"), program("bo", role="moderator")
    place = f"/comments/{ann.call('POST', '/papers/2611.00001/comments', {'text': 'Frist.'}).json()['id']}"
    for method, body in (("PATCH", {"text": "Mine."}), ("DELETE", None)):
        assert bo.call(method, place, body).status_code == 403
    edited = ann.call("PATCH", place, {"text": "First."}).json()
    assert (edited["text"], edited["edited_at"] is None) == ("First.", False)
    assert anybody.get(place).json() == edited
    for _ in range(2):
        assert ann.call("DELETE", place).status_code == 204
    stub = anybody.get(place).json()
    assert (stub["text"], stub["writer"], stub["edited_at"], stub["is_deleted"]) == ("", None, None, True)
    assert ann.call("PATCH", place, {"text": "Again."}).status_code == 403
    assert anybody.get("/papers/2611.00001").json()["comments"] == 0
    assert list(counting.miscounts()) == []


def test_the_same_words_sent_twice_are_one_comment(program, paper):
    ann = program("ann")
    numbers = {ann.call("POST", "/papers/2611.00001/comments", {"text": "Well."}).json()["id"] for _ in range(2)}
    assert len(numbers) == Comment.objects.count() == 1


def test_a_closed_discussion_takes_no_comment(program, paper, clock):
    from broadsheet.community.models import Lock

    Lock.objects.create(paper=paper, at=clock.now, reason="It went in circles")
    refused = program("ann").call("POST", "/papers/2611.00001/comments", {"text": "Well."})
    assert (refused.status_code, "circles" in refused.json()["error"]) == (403, True)


def test_a_reply_to_a_comment_of_another_paper_is_refused(program, library, paper, record):
    library.put([record("Another paper", "2611.00002")])
    ann = program("ann")
    other = ann.call("POST", "/papers/2611.00002/comments", {"text": "Well."}).json()["id"]
    answer = ann.call("POST", "/papers/2611.00001/comments", {"text": "Well.", "parent": other})
    assert answer.status_code == 404


def test_hostile_text_comes_back_as_it_was_typed_and_as_json(program, anybody, paper):
    text = "</script><script>alert(1)</script> \u202e $x$ [a](javascript:alert(1))"
    program("ann").call("POST", "/papers/2611.00001/comments", {"text": text})
    answer = anybody.get("/papers/2611.00001/comments")
    assert answer.json()["comments"][0]["text"] == text
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_longer_discussion_costs_no_more_queries(program, library, paper, clock):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    ann = program("ann")

    def cost():
        ann.get("/papers/2611.00001/comments")
        with CaptureQueriesContext(connection) as queries:
            assert ann.get("/papers/2611.00001/comments").status_code == 200
        return len(queries)

    def fill(count):
        Comment.objects.bulk_create(
            [Comment(paper=paper, reader=ann.reader, text=f"{n}", at=clock.now) for n in range(count)]
        )

    fill(3)
    few = cost()
    fill(90)
    assert cost() == few <= 6
