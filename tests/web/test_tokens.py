"""The page of a reader's tokens: made, shown once, revoked."""

import re
from datetime import UTC, datetime

import pytest

from broadsheet.community import limits, tokens
from broadsheet.community.models import Token

NEW = {"name": "notes script", "scopes": "read write"}


def test_a_token_is_shown_once_works_and_is_kept_by_no_cache(signed_in, parsed):
    ann = signed_in("ann")
    made = ann.post("/settings/tokens/new", NEW)
    [secret] = re.findall(r"bs_[\w-]{43}", made.content.decode())
    assert (made.status_code, "no-store" in made["Cache-Control"]) == (200, True)
    assert tokens.find(secret, datetime.now(UTC)).scopes == ["read", "write"]
    later = ann.get("/settings/tokens")
    assert "notes script" in parsed(later).text
    assert secret not in later.content.decode()
    assert secret[3:] not in str(Token.objects.values().get())


def test_a_token_reads_unless_more_is_asked_for(signed_in, parsed):
    ann = signed_in("ann")
    page = parsed(ann.get("/settings/tokens"))
    checked = [
        one["value"] for tag, one in page.tags if tag == "input" and one.get("type") == "radio" and "checked" in one
    ]
    assert checked == ["read"]
    ann.post("/settings/tokens/new", {"name": "reader", "scopes": "read"})
    assert Token.objects.get().scopes == ["read"]


@pytest.mark.parametrize(
    "form",
    [{}, {"name": "", "scopes": "read"}, {"name": "x" * 61, "scopes": "read"}, {"name": "x", "scopes": "admin"},
     {"name": "x"}, {"name": "a\0b", "scopes": "read"}, {"name": "a\u202eb", "scopes": "read"}],
)  # fmt: skip
def test_a_form_that_does_not_fit_says_why_and_makes_nothing(signed_in, parsed, form):
    refused = signed_in("ann").post("/settings/tokens/new", form)
    assert refused.status_code == 400
    assert any("wrong" in (attributes.get("class") or "") for _, attributes in parsed(refused).tags)
    assert not Token.objects.exists()


def test_a_token_is_revoked_by_its_reader_alone(signed_in):
    ann, bo = signed_in("ann"), signed_in("bo")
    ann.post("/settings/tokens/new", NEW)
    place = f"/settings/tokens/{Token.objects.get().pk}/revoke"
    assert bo.post(place).status_code == 302
    assert Token.objects.count() == 1
    assert (ann.post(place)["Location"], Token.objects.count()) == ("/settings/tokens", 0)
    assert ann.post(place).status_code == 302
    assert ann.post(f"/settings/tokens/{'9' * 30}/revoke").status_code == 302


def test_only_who_is_signed_in_has_tokens_and_only_by_post(client, signed_in):
    assert client.get("/settings/tokens")["Location"] == "/accounts/login/?next=/settings/tokens"
    assert client.post("/settings/tokens/new", NEW).status_code == 302
    assert not Token.objects.exists()
    ann = signed_in("ann", checks=True)
    assert ann.post("/settings/tokens/new", NEW).status_code == 403
    assert ann.get("/settings/tokens/new").status_code == 405
    assert ann.get("/settings/tokens/1/revoke").status_code == 405


def test_a_reader_makes_few_tokens_an_hour(signed_in, monkeypatch):
    monkeypatch.setitem(limits.RATES, "token", ("2 per hour", "9 per hour"))
    ann = signed_in("ann")
    assert [ann.post("/settings/tokens/new", NEW).status_code for _ in range(3)] == [200, 200, 429]


def test_a_name_is_shown_as_text(signed_in, parsed):
    page = parsed(signed_in("ann").post("/settings/tokens/new", {"name": "<b onclick=x>", "scopes": "read"}))
    assert "<b onclick=x>" in page.text


def test_more_tokens_cost_no_more_queries(signed_in):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from broadsheet.community.models import Reader

    ann = signed_in("ann")

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert ann.get("/settings/tokens").status_code == 200
        return len(queries)

    few = cost()
    for _ in range(10):
        tokens.issue(Reader.objects.get(), "x", ["read"], datetime.now(UTC))
    assert cost() == few
