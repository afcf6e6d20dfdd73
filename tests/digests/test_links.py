"""Links of mails: good for one purpose of one subscriber and paper; anything else is refused, whoever made it."""

import base64
import re

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as rounds
from hypothesis import strategies as st

from broadsheet.digests import links
from broadsheet.digests.errors import BadLink

PAPERS = (0, 1, 2, 10**12)


@pytest.fixture
def library(library_on_sqlite):
    return library_on_sqlite


@pytest.fixture
def ann(library, subscriber_in):
    return subscriber_in("ann@example.org", key="-_ann" + "a" * 17)


@pytest.fixture
def bo(library, subscriber_in):
    return subscriber_in("bo@example.org", key="bo-" + "b" * 19)


@pytest.fixture
def subscriber_in(library, clock):
    from broadsheet.digests.models import Subscriber

    return lambda address, **fields: Subscriber.objects.create(address=address, asked_at=clock(), **fields)


def test_a_link_opens_for_its_purpose_and_paper(ann, bo):
    for subscriber in (ann, bo):
        for purpose in links.PURPOSES:
            for paper in PAPERS:
                assert links.open_seal(links.seal(subscriber, purpose, paper), purpose, paper) == subscriber


def test_it_opens_for_no_other_purpose_paper_or_subscriber(ann, bo):
    for purpose in links.PURPOSES:
        token = links.seal(ann, purpose, 1)
        signature = token.rpartition("-")[2]
        others = [(token, other, 1) for other in links.PURPOSES if other != purpose]
        others += [(token, purpose, paper) for paper in PAPERS if paper != 1]
        others.append((f"{bo.key}-{signature}", purpose, 1))
        for forged in others:
            with pytest.raises(BadLink):
                links.open_seal(*forged)


def test_a_link_goes_into_an_address_and_a_line_of_text_as_it_is(ann):
    for paper in range(500):
        token = links.seal(ann, "vote", paper)
        assert re.fullmatch(r"[\w-]{22}-[a-z2-7]{24}", token), token
        assert len(f"<http://papers.example.org/d/leave/{token}>") < 998


def test_a_link_of_another_site_is_refused(ann, monkeypatch):
    token = links.seal(ann, "leave")
    monkeypatch.setattr(settings, "SECRET_KEY", "another")
    with pytest.raises(BadLink):
        links.open_seal(token, "leave")


def test_a_link_made_with_a_key_that_was_replaced_is_good_until_that_key_is_taken_out(ann, monkeypatch):
    token, old = links.seal(ann, "leave"), str(settings.SECRET_KEY)
    monkeypatch.setattr(settings, "SECRET_KEY", "new")
    monkeypatch.setattr(settings, "SECRET_KEY_FALLBACKS", ["older", old])
    assert links.open_seal(token, "leave") == ann
    assert links.seal(ann, "leave") != token
    monkeypatch.setattr(settings, "SECRET_KEY_FALLBACKS", ["older"])
    with pytest.raises(BadLink):
        links.open_seal(token, "leave")


def test_a_new_key_of_the_subscriber_ends_all_links_at_once(ann):
    tokens = {purpose: links.seal(ann, purpose) for purpose in links.PURPOSES}
    ann.key = "n" * 22
    ann.save()
    for purpose, token in tokens.items():
        with pytest.raises(BadLink):
            links.open_seal(token, purpose)


def test_what_is_forged_never_reaches_the_database(ann):
    with CaptureQueriesContext(connection) as queries:
        for token in ("", "-", "x", "\0", ann.key, f"{ann.key}-", f"{ann.key}-{'a' * 24}", "é" * 47, "\0-" + "a" * 24):
            with pytest.raises(BadLink):
                links.open_seal(token, "leave")
    assert len(queries) == 0


def mutations(token: str) -> st.SearchStrategy[str]:
    """The token with a few characters changed, put in, taken out or moved."""
    place = st.integers(0, len(token))
    char = st.characters()
    return st.one_of(
        st.builds(lambda at, new: token[:at] + new + token[at + 1 :], place, char),
        st.builds(lambda at, new: token[:at] + new + token[at:], place, char),
        st.builds(lambda at, to: token[:at] + token[to:], place, place),
        st.builds(lambda at: token[at:] + token[:at], place),
        st.builds(lambda many: token * many, st.integers(0, 4)),
        st.just(token.upper()),
        st.just(base64.urlsafe_b64encode(token.encode()).decode()),
        st.text(max_size=80),
    )


@rounds(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(chosen=st.data())
def test_no_change_to_a_link_leaves_it_good(ann, chosen):
    purpose = chosen.draw(st.sampled_from(links.PURPOSES))
    token = links.seal(ann, purpose)
    mutated = chosen.draw(mutations(token))
    if mutated == token:
        return
    for asked in links.PURPOSES:
        with pytest.raises(BadLink):
            links.open_seal(mutated, asked)


@rounds(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(chosen=st.data())
def test_no_changed_link_does_anything_through_the_door(ann, chosen):
    from urllib.parse import quote

    from django.test import Client

    from broadsheet.digests.models import Subscriber

    client = Client(SERVER_NAME="localhost", raise_request_exception=False)
    before = list(Subscriber.objects.values())
    purpose = chosen.draw(st.sampled_from(("confirm", "leave", "change")))
    token = links.seal(ann, purpose)
    mutated = chosen.draw(mutations(token))
    path = (
        f"/d/{purpose}/{quote(mutated, safe='')}"
        if mutated.isascii()
        else f"/d/{purpose}/{quote(mutated.encode(errors='replace'))}"
    )
    if mutated == token:
        return
    for ask in (client.get, client.head, client.post):
        assert ask(path).status_code in (400, 404), path
    assert list(Subscriber.objects.values()) == before
