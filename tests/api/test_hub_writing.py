"""What a reader's program writes through the Hub's papers API, on both databases: comments and replies."""

import json

import pytest


@pytest.fixture
def library(site_library):
    """The site's own."""
    return site_library


@pytest.fixture
def write(client, library, reader, clock):
    """Send a comment to an address under /api/papers, with a token of ann that may write unless told otherwise."""
    from broadsheet.community import tokens

    ann = reader("ann", name="Ann Lee")
    secrets = {scope: tokens.issue(ann, scope, ("read", scope), clock())[1] for scope in ("read", "write")}

    def post(address: str, body: object, token: str | None = None, **headers: str):
        given = secrets.get(token or "write", token or "")
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return client.post(
            f"/api/papers/{address}",
            content,
            content_type=headers.pop("content_type", "application/json"),
            headers={"Authorization": f"Bearer {given}", **headers},
        )

    return post


@pytest.fixture
def paper(library, record):
    library.put([record("Paging", "2611.00001"), record("Short", "10.1234/x"), record("Long", "10.1234/x/comment")])


def texts() -> list[tuple[str, str, int | None]]:
    """Every comment: on which paper, what, and the comment that it answers."""
    from broadsheet.community.models import Comment

    return list(Comment.objects.order_by("pk").values_list("paper__key", "text", "parent"))


def test_a_comment_and_a_reply_are_written_in_the_name_of_the_tokens_reader(write, paper, client):
    first = write("2611.00001/comment", {"comment": "Well **done** 数"})
    assert first.status_code == 201
    said = first.json()["newMessage"]
    assert (said["type"], said["author"]["user"], said["author"]["fullname"]) == ("comment", "ann", "Ann Lee")
    assert said["data"]["latest"]["raw"] == "Well **done** 数"
    assert said["createdAt"].endswith("Z")
    reply = write(f"2611.00001/comment/{said['id']}/reply", {"comment": "Indeed"})
    assert reply.status_code == 201
    assert reply.json()["newMessage"]["data"]["parentCommentId"] == said["id"]
    assert texts() == [("2611.00001", "Well **done** 数", None), ("2611.00001", "Indeed", int(said["id"]))]
    assert client.get("/api/papers/2611.00001").json()["numComments"] == 2
    assert first["Cache-Control"] == "no-store"


def test_a_paper_whose_identifier_ends_like_the_address_is_still_read(write, paper, client):
    assert client.get("/api/papers/10.1234/x/comment").json()["title"] == "Long"
    assert client.head("/api/papers/10.1234/x/comment").status_code == 200
    assert client.get("/api/papers/2611.00001/comment").status_code == 404
    assert write("10.1234/x/comment/comment", {"comment": "On the long one"}).status_code == 201
    assert write("10.1234/x/comment", {"comment": "On the short one"}).status_code == 201
    assert [key for key, *_ in texts()] == ["10.1234/x/comment", "10.1234/x"]


@pytest.mark.parametrize(
    ("token", "status"), [("", 401), ("bs_wrong", 401), ("hf_of_another_site", 401), ("read", 403)]
)  # fmt: skip
def test_only_a_token_of_this_site_that_may_write_writes(write, client, paper, token, status):
    response = write("2611.00001/comment", {"comment": "Well"}, token or " ")
    assert response.status_code == status
    assert response["X-Error-Message"].isascii()
    assert response["X-Error-Message"].split()[:3] == response.json()["error"].split()[:3]
    assert "Bearer" in response["WWW-Authenticate"]
    assert texts() == []


def test_a_session_alone_writes_nothing_and_no_script_of_another_site_does(write, client, paper):
    from django.test import Client

    from broadsheet.community.models import Reader

    strict = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    for status in (401, 403):  # without a session, and with it
        sent = strict.post("/api/papers/2611.00001/comment", b'{"comment": "Well"}', content_type="application/json")
        assert sent.status_code == status
        assert "Access-Control-Allow-Origin" not in sent.headers
        strict.force_login(Reader.objects.get(username="ann"))
    preflight = client.options("/api/papers/2611.00001/comment", headers={"Origin": "https://e.example"})
    assert (preflight.status_code, preflight["Allow"]) == (405, "GET, HEAD, POST")
    assert "Access-Control-Allow-Origin" not in preflight.headers
    assert texts() == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400), ({"comment": ""}, 400), ({"comment": " \n "}, 400), ({"comment": 5}, 400), ({"comment": None}, 400),
        ({"comment": "\0"}, 400), ({"comment": "x" * 20_001}, 400), ({"comment": "x" * 65_537}, 400), ([], 400),
        (b"", 400), (b"{", 400), (b'{"comment": NaN}', 400), (b'{"comment": "\\ud800"}', 400), (b"\xff\xfe", 400),
        (b"[" * 50_000, 400), (b'{"comment": "' + b"x" * 1_100_000 + b'"}', 413),
    ],
    ids=range(16),
)  # fmt: skip
def test_what_cannot_be_written_is_told_and_nothing_is(write, paper, body, status):
    response = write("2611.00001/comment", body)
    assert response.status_code == status, response.content
    assert set(response.json()) == {"error"}
    assert response["X-Error-Message"] == response.json()["error"]
    assert texts() == []


def test_what_is_not_json_is_refused(write, paper):
    assert write("2611.00001/comment", b"comment=Well", content_type="text/plain").status_code == 415
    assert texts() == []


@pytest.mark.parametrize(
    "address",
    ["2611.09999/comment", "%00/comment", "2611.00001/comment/7/reply",
     "2611.00001/comment/99999999999999999999/reply"],
)  # fmt: skip
def test_nothing_is_written_where_there_is_nothing_to_answer(write, paper, address):
    assert write(address, {"comment": "Well"}).status_code == 404
    assert texts() == []


def test_nothing_is_written_on_a_paper_that_is_gone(write, library, paper):
    library.withdraw("2611.00001")
    response = write("2611.00001/comment", {"comment": "Well"})
    assert (response.status_code, response.json()) == (404, {"error": "This paper was withdrawn."})
    assert texts() == []


def test_who_writes_too_often_is_told_when_to_come_back(write, paper, monkeypatch):
    from broadsheet.community import limits

    monkeypatch.setitem(limits.RATES, "comment", ("1 per minute", "1 per minute"))
    assert write("2611.00001/comment", {"comment": "One"}).status_code == 201
    response = write("2611.00001/comment", {"comment": "Two"})
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 60
    assert len(texts()) == 1
