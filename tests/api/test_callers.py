"""Who may call what: by token, by session, or as anybody; what is wrong is told before anything happens."""

import pytest

from broadsheet.community.models import Comment, Token, Vote

WRITES = [
    ("PUT", "/papers/2611.00001/vote", None),
    ("DELETE", "/papers/2611.00001/vote", None),
    ("POST", "/papers/2611.00001/comments", {"text": "Well."}),
    ("PATCH", "/comments/1", {"text": "Well."}),
    ("DELETE", "/comments/1", None),
]
LARGE = b'{"text": "' + b"x" * 10_000_000 + b'"}'


def untouched() -> bool:
    return not Vote.objects.exists() and not Comment.objects.exists()


@pytest.mark.parametrize(("method", "address", "body"), WRITES)
def test_anybody_reads_and_nobody_unknown_writes(anybody, paper, method, address, body):
    assert anybody.get("/papers/2611.00001").status_code == 200
    refused = anybody.call(method, address, body)
    assert refused.status_code == 401
    assert refused["WWW-Authenticate"] == "Bearer"
    assert untouched()


@pytest.mark.parametrize(("method", "address", "body"), WRITES)
def test_a_token_that_may_read_does_not_write(program, paper, method, address, body):
    ann = program("ann", scopes=["read"])
    assert ann.get("/me").json()["scopes"] == ["read"]
    refused = ann.call(method, address, body)
    assert (refused.status_code, refused.json()["error"]) == (403, "This token may only read; make one that may write.")
    assert untouched()


@pytest.mark.parametrize(
    "header",
    ["Bearer bs_wrong", "Bearer", "Bearer ", "Basic YTpi", "bs_x", "Bearer " + "x" * 50_000, "Bearer \x00", ""],
)
def test_a_wrong_token_is_refused_even_where_none_is_needed_and_beside_a_session(anybody, paper, reader, header):
    anybody.client.force_login(reader("ann"))
    for method, address in (("GET", "/papers"), ("GET", "/me"), ("PUT", "/papers/2611.00001/vote")):
        assert anybody.call(method, address, Authorization=header).status_code == 401
    assert untouched()


def test_a_revoked_token_ends_at_once(program, paper):
    ann = program("ann")
    assert ann.get("/me").json()["handle"] == "ann"
    Token.objects.all().delete()
    assert ann.get("/me").status_code == 401


def test_me_says_who_calls_and_never_the_address_of_mail(program, anybody):
    ann = program("ann", name="Ann Lee", role="editor")
    me = ann.get("/me")
    assert {name: me.json()[name] for name in ("handle", "name", "role", "scopes")} == {
        "handle": "ann", "name": "Ann Lee", "role": "editor", "scopes": ["read", "write"],
    }  # fmt: skip
    assert "@" not in me.content.decode()
    assert anybody.get("/me").status_code == 401


@pytest.mark.parametrize(("method", "address", "body"), WRITES)
def test_a_session_writes_only_with_its_csrf_token(anybody, paper, reader, method, address, body):
    anybody.client.force_login(reader("ann"))
    assert anybody.get("/me").json()["handle"] == "ann"
    assert anybody.call(method, address, body).status_code == 403
    assert anybody.call(method, address, body, **{"X-CSRFToken": "x" * 32}).status_code == 403
    assert untouched()


@pytest.fixture
def session(anybody, reader):
    """A page of this site: signed in, with the CSRF token that its form holds."""
    import re

    anybody.client.force_login(reader("bo"))
    page = anybody.client.get("/").content.decode()
    anybody.headers = {"X-CSRFToken": re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]}
    return anybody


def test_a_page_of_this_site_writes_with_session_and_token(paper, session):
    assert session.call("PUT", "/papers/2611.00001/vote").json() == {"votes": 1, "voted": True}
    assert session.call("PUT", "/papers/2611.00001/vote", Origin="http://localhost").status_code == 200


@pytest.mark.parametrize("origin", ["http://e.example", "null", "http://localhost.e.example", "https://localhost"])
def test_a_page_of_another_site_does_not_write_even_with_the_token(paper, session, origin):
    assert session.call("PUT", "/papers/2611.00001/vote", Origin=origin).status_code == 403
    assert untouched()


def test_a_form_of_another_site_does_not_write(paper, session):
    for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data; boundary=x"):
        answer = session.call("POST", "/papers/2611.00001/comments", b"text=Well", content_type=kind)
        assert answer.status_code in (403, 415)
    assert untouched()


def test_no_other_site_may_read_through_a_browser(anybody, paper):
    for method in ("GET", "OPTIONS"):
        answer = anybody.call(method, "/papers", Origin="https://e.example")
        assert not [name for name in answer.headers if name.startswith("Access-Control")]
    assert answer.status_code == 405


def test_a_foreign_host_name_is_refused_in_json(anybody, paper):
    assert anybody.call("GET", "/papers", Host="e.example").status_code == 400


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (LARGE, "application/json", 413),
        (b"text=Well", "application/x-www-form-urlencoded", 415),
        (b"<text/>", "application/xml", 415),
        (b'{"text": "Well"}', "text/plain", 415),
        (b"{", "application/json", 400),
        (b"\xff\xfe{", "application/json", 400),
        (b'{"text": NaN}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"text":' * 50_000, "application/json", 400),
        (b'{"text": "Well", "parent": ' + b"9" * 5_000 + b"}", "application/json", 400),
        (b"null", "application/json", 422),
        (b"[]", "application/json", 422),
        (b'"text"', "application/json", 422),
        (b"{}", "application/json", 422),
        (b'{"text": 7}', "application/json", 422),
        (b'{"text": ""}', "application/json", 422),
        (b'{"text": "   "}', "application/json", 422),
        (b'{"text": "a\\u0000b"}', "application/json", 422),
        (b'{"text": "\\ud800"}', "application/json", 422),
        (b'{"text": "Well", "parent": "1"}', "application/json", 422),
        (b'{"text": "Well", "parent": 1.5}', "application/json", 422),
        (b'{"text": "Well", "parent": true}', "application/json", 422),
        (b'{"text": "Well", "parent": -1}', "application/json", 422),
        (b'{"text": "Well", "parent": 99999999999999999999}', "application/json", 422),
        (b'{"text": "Well", "is_shown": true}', "application/json", 422),
        (b'{"text": "Well", "parent": 9223372036854775807}', "application/json", 404),
        (b'{"text": "' + b"x" * 20_001 + b'"}', "application/json", 422),
        (b'{"text": "' + b"x" * 50_000 + b'"}', "application/json", 422),
        (b"", "application/json", 422),
    ],
)  # fmt: skip
def test_a_body_that_does_not_fit_is_refused_before_anything_happens(program, paper, body, kind, status):
    answer = program("ann").call("POST", "/papers/2611.00001/comments", body, content_type=kind)
    assert answer.status_code == status, answer.content
    assert untouched()


@pytest.mark.parametrize("length", ["abc", "-1", "9" * 30])
def test_a_length_that_is_none_is_refused(program, paper, length):
    answer = program("ann").call("PUT", "/papers/2611.00001/vote", b"{}", **{"Content-Length": length})
    assert answer.status_code in (400, 413)
    assert untouched()


def test_a_body_without_a_length_is_refused(program, paper):
    from django.test import RequestFactory

    from broadsheet.api.v1 import api

    request = RequestFactory().put("/", headers={**program("ann").headers, "Transfer-Encoding": "chunked"})
    assert "CONTENT_LENGTH" not in request.META
    view = next(each.callback for each in api.urls[0] if str(each.pattern).endswith("/vote"))
    assert view(request, paper_id="2611.00001").status_code == 411
    assert untouched()


@pytest.mark.parametrize(
    "address", ["/nothing", "/papers/", "/comments", "/comments/x", "/comments/-1", "/../v2/", "//"]
)
def test_an_address_that_is_none_is_a_404_in_json(anybody, library, address):
    assert anybody.get(address).status_code == 404


@pytest.mark.parametrize("address", ["/api/", "/api/v2/papers", "/api/v1x", "/api/x?y=%00"])
def test_whatever_lies_beside_the_api_is_a_404_in_json(anybody, library, address):
    for method in ("GET", "POST", "DELETE"):
        response = anybody.client.generic(method, address)
        assert response.status_code == 404
        assert response.json()["error"].startswith("The API has no such address")


@pytest.mark.parametrize("number", ["9223372036854775808", "9" * 4000])
def test_a_number_too_large_to_be_a_comment_is_a_404(program, paper, number):
    ann = program("ann")
    for method, body in (("GET", None), ("PATCH", {"text": "x"}), ("DELETE", None)):
        assert ann.call(method, f"/comments/{number}", body).status_code in (404, 422)


def test_a_method_that_an_address_does_not_have_is_a_405_that_names_those_it_has(anybody, program, paper):
    for caller in (anybody, program("ann")):
        refused = caller.call("POST", "/papers/2611.00001/vote")
        assert (refused.status_code, refused["Allow"]) == (405, "DELETE, GET, PUT")
        assert caller.call("POST", "/openapi.json").status_code == 405


def test_head_answers_as_get_without_a_body(anybody, paper):
    answer = anybody.client.head("/api/v1/papers/2611.00001")
    assert (answer.status_code, answer.content) == (200, b"")


def test_an_answer_that_has_not_changed_is_a_304(anybody, paper):
    first = anybody.get("/papers/2611.00001")
    assert "private" in first["Cache-Control"]
    assert {"Authorization", "Cookie"} <= {name.strip() for name in first["Vary"].split(",")}
    again = anybody.client.get("/api/v1/papers/2611.00001", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304


def test_a_fault_of_ours_is_a_500_in_json_that_tells_nothing(anybody, library, monkeypatch):
    from broadsheet.api import papers

    def broken():
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr(papers, "shared", broken)
    answer = anybody.get("/papers")
    assert (answer.status_code, "fire" in answer.content.decode()) == (500, False)


def test_a_database_that_is_away_is_a_500_in_json(program, paper, monkeypatch):
    from django.db import OperationalError

    ann = program("ann")

    def away(*arguments, **options):
        raise OperationalError("unable to open database file")

    monkeypatch.setattr("broadsheet.community.tokens.find", away)
    assert ann.get("/me").status_code == 500


def test_who_calls_too_often_is_told_how_long_to_wait(program, anybody, paper, monkeypatch):
    from broadsheet.community import limits

    monkeypatch.setitem(limits.RATES, "read", ("3 per minute", "5 per minute"))
    ann = program("ann")
    assert [ann.get("/me").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = ann.get("/me")
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert [anybody.get("/papers").status_code for _ in range(3)] == [200, 200, 429]


def test_guessing_tokens_is_limited_like_reading(anybody, library, monkeypatch):
    from broadsheet.community import limits

    monkeypatch.setitem(limits.RATES, "read", ("3 per minute", "3 per minute"))
    answers = [anybody.get("/me", Authorization=f"Bearer bs_{n}").status_code for n in range(4)]
    assert answers == [401, 401, 401, 429]


def test_acts_of_programs_and_of_pages_share_one_limit(program, paper, monkeypatch):
    from broadsheet.community import limits

    monkeypatch.setitem(limits.RATES, "vote", ("2 per minute", "9 per minute"))
    ann = program("ann")
    ann.client.force_login(ann.reader)
    limits.spend("vote", ann.reader.pk, "127.0.0.1")
    assert [ann.call("PUT", "/papers/2611.00001/vote").status_code for _ in range(2)] == [200, 429]
