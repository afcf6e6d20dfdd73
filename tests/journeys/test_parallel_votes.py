"""Votes through the door: fifty at once by HTTP, on both databases."""

import http.client
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from sites import serving

TOKEN = "t" * 32
PAPER = "/papers/2611.00001"


@pytest.fixture
def voters(database_url, as_site, record, reader) -> list[str]:
    """The sessions of fifty readers, in the database of a library with one paper."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from broadsheet.library import Library

    keys = []
    with as_site(database_url):
        Library.open(model="none").put([record("Paging with predictions", "2611.00001")])
        for n in range(50):
            session, made = SessionStore(), reader(f"voter-{n}")
            session[SESSION_KEY] = str(made.pk)
            session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
            session[HASH_SESSION_KEY] = made.get_session_auth_hash()
            session.save()
            keys.append(session.session_key)
    return keys


def post(site: str, session: str, vote: str) -> int:
    """Send the vote form of a reader; the status of the answer."""
    connection = http.client.HTTPConnection(urlsplit(site).netloc, timeout=60)
    form = urlencode({"csrfmiddlewaretoken": TOKEN, "vote": vote})
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": f"sessionid={session}; csrftoken={TOKEN}",
        "Accept": "application/json",
    }
    connection.request("POST", f"{PAPER}/vote", form, headers)
    status = connection.getresponse().status
    connection.close()
    return status


def shown_votes(site: str) -> int:
    connection = http.client.HTTPConnection(urlsplit(site).netloc, timeout=60)
    connection.request("GET", PAPER)
    page = connection.getresponse().read().decode()
    connection.close()
    return int(re.search(r'class="vote".*?<span>(\d+)</span>', page, re.S)[1])


def test_fifty_votes_at_once_through_the_door_count_once_a_reader(database_url, voters, monkeypatch):
    monkeypatch.setenv("BROADSHEET_DATABASE", database_url)
    key_of_sessions = Path(os.environ["BROADSHEET_HOME"])
    with serving(key_of_sessions) as site, ThreadPoolExecutor(50) as pool:
        assert set(pool.map(lambda _: post(site, voters[0], "1"), range(50))) == {200}
        assert shown_votes(site) == 1
        assert set(pool.map(lambda session: post(site, session, "1"), voters)) == {200}
        assert shown_votes(site) == 50
        assert set(pool.map(lambda session: post(site, session, "0"), voters[:20])) == {200}
        assert shown_votes(site) == 30
