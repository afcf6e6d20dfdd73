"""Tokens: shown once, kept as a digest, good until revoked."""

from datetime import timedelta

import pytest

from broadsheet.community import tokens
from broadsheet.community.errors import CommunityError
from broadsheet.community.models import Token


def test_a_token_is_found_by_its_secret_alone_and_the_secret_is_kept_nowhere(site_library, reader):
    ann, now = reader("ann"), site_library.clock()
    token, secret = tokens.issue(ann, " a  script ", ["write"], now)
    assert secret.startswith("bs_") and len(secret) >= 46
    assert (token.name, token.scopes) == ("a script", ["read", "write"])
    found = tokens.find(secret, now)
    assert found == token and found.reader == ann
    assert secret[3:] not in str(Token.objects.values().get())
    for wrong in ("", "bs_", secret[:-1], secret.upper(), token.digest, "\ud800", "x" * 100_000, "bs_\0"):
        assert tokens.find(wrong, now) is None


def test_no_two_secrets_are_alike(site_library, reader):
    ann = reader("ann")
    assert len({tokens.issue(ann, "x", ["read"], site_library.clock())[1] for _ in range(50)}) == 50


def test_a_revoked_token_is_dead_and_nobody_revokes_anothers(site_library, reader):
    ann, bo, now = reader("ann"), reader("bo"), site_library.clock()
    token, secret = tokens.issue(ann, "x", ["read"], now)
    for number in (token.pk, 10**30):
        tokens.revoke(bo, number)
    assert tokens.find(secret, now) is not None
    tokens.revoke(ann, token.pk)
    tokens.revoke(ann, token.pk)
    assert tokens.find(secret, now) is None
    assert tokens.of(ann) == []


def test_a_closed_readers_token_is_dead(site_library, reader):
    ann, now = reader("ann"), site_library.clock()
    _, secret = tokens.issue(ann, "x", ["read"], now)
    ann.is_active = False
    ann.save()
    assert tokens.find(secret, now) is None


def test_when_it_was_used_is_written_at_most_once_a_minute(site_library, reader, clock):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    _, secret = tokens.issue(reader("ann"), "x", ["read"], clock.now)
    first = clock.now
    for seconds, used_at, queries in ((0, first, 2), (59, first, 1), (60, first + timedelta(seconds=60), 2)):
        clock.now = first + timedelta(seconds=seconds)
        with CaptureQueriesContext(connection) as captured:
            tokens.find(secret, clock.now)
        assert Token.objects.get().used_at == used_at
        assert len(captured) == queries


@pytest.mark.parametrize(
    ("name", "scopes"), [("", ["read"]), ("  ", ["read"]), ("x" * 61, ["read"]), ("a\0b", ["read"]),
                         ("a\u202eb", ["read"]), ("\ud800", ["read"]), ("x", []), ("x", ["admin"])],
)  # fmt: skip
def test_a_token_without_a_name_or_with_other_scopes_is_not_made(site_library, reader, name, scopes):
    with pytest.raises(CommunityError):
        tokens.issue(reader("ann"), name, scopes, site_library.clock())
    assert not Token.objects.exists()


def test_a_reader_has_at_most_fifty_tokens(site_library, reader):
    ann = reader("ann")
    for _ in range(tokens.MOST):
        tokens.issue(ann, "x", ["read"], site_library.clock())
    with pytest.raises(CommunityError, match="revoke one"):
        tokens.issue(ann, "x", ["read"], site_library.clock())
    tokens.issue(reader("bo"), "x", ["read"], site_library.clock())
