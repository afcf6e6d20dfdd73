"""Signing in with an OpenID Connect provider: a real one, in a process of its own on loopback."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest
from django.core import mail
from django.test import Client

from broadsheet.community import voting
from broadsheet.community.models import Reader

LOGIN = "/accounts/oidc/oidc/login/?process=login"


class Stay(HTTPRedirectHandler):
    """Shows where an answer leads instead of going there."""

    def redirect_request(self, *_: object) -> None:
        return None


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + 20
            while not listens(port):
                assert process.poll() is None, "the provider ended"
                assert time.monotonic() < deadline, "the provider does not listen"
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(10)


@pytest.fixture
def known(provider) -> Callable[..., None]:
    """Tell the provider who someone is: known("ann", email="…", email_verified=True)."""

    def tell(sub: str, **claims: object) -> None:
        headers = {"Content-Type": "application/json"}
        build_opener().open(Request(f"{provider}/users/{sub}", json.dumps(claims).encode(), headers, method="PUT"))

    return tell


@pytest.fixture(autouse=True)
def configured(provider, options, mailbox):
    from broadsheet.config.settings import _sign_in_elsewhere

    chosen = {"name": "Lab", "issuer": provider, "client": "broadsheet", "secret": "s3cret"}
    options(SOCIALACCOUNT_PROVIDERS=_sign_in_elsewhere(chosen))


def go_through(client, sub: str, start: str = LOGIN):
    """Sign in at the provider as `sub` and come back; the site's answer."""
    away = client.get(start)
    assert away.status_code == 302
    try:
        build_opener(Stay).open(away["Location"], urlencode({"sub": sub}).encode())
    except HTTPError as answer:
        back = urlsplit(answer.headers["Location"])
        answer.close()
    return client.get(f"{back.path}?{back.query}")


def code() -> str:
    return mail.outbox[-1].body.split("Your code: ")[1].split()[0]


def is_signed_in(client) -> bool:
    return client.get("/settings").status_code == 200


def test_the_sign_in_page_offers_the_provider_by_its_name(client, parsed):
    page = parsed(client.get("/accounts/login/?next=/search"))
    assert "Sign in with Lab" in page.text
    assert any(link.startswith("/accounts/oidc/oidc/login/?") and "next=%2Fsearch" in link for link in page.links())


def test_the_first_sign_in_makes_an_account_and_the_second_finds_it(client, known):
    known("u1", email="u1@lab.example", email_verified=True, name="Una One", preferred_username="una.one")
    response = go_through(client, "u1", LOGIN + "&next=/search")
    assert response["Location"] == "/search"
    assert is_signed_in(client)
    reader = Reader.objects.get()
    assert reader.email == "u1@lab.example"
    assert reader.username.startswith("reader-")
    assert reader.name == ""
    assert voting.is_verified(reader)
    again = Client(SERVER_NAME="localhost")
    go_through(again, "u1")
    assert is_signed_in(again)
    assert Reader.objects.count() == 1


@pytest.mark.parametrize("claim", [False, "false", "true", 1, None])
def test_an_address_that_the_provider_does_not_vouch_for_is_not_trusted(client, known, claim):
    known("u2", email="u2@lab.example", email_verified=claim)
    go_through(client, "u2")
    assert not is_signed_in(client)
    reader = Reader.objects.get()
    assert not voting.is_verified(reader)
    client.post("/accounts/confirm-email/", {"code": code()})
    assert is_signed_in(client)
    assert voting.is_verified(reader)


def test_the_provider_cannot_take_over_an_account_by_its_address(client, known, reader):
    ann = reader("ann")
    known("thief", email=ann.email, email_verified=True)
    go_through(client, "thief")
    assert not is_signed_in(client)
    assert not ann.socialaccount_set.exists()


def test_a_reader_connects_a_provider_signs_in_by_it_and_disconnects_it(client, known, reader):
    ann = reader("ann")
    client.post("/accounts/login/", {"login": ann.email})
    client.post("/accounts/login/code/confirm/", {"code": code()})
    known("u3", email="elsewhere@lab.example", email_verified=True)
    go_through(client, "u3", LOGIN.replace("process=login", "process=connect"))
    assert ann.socialaccount_set.count() == 1
    assert is_signed_in(client)  # this session stays, whatever happens to others
    other = Client(SERVER_NAME="localhost")
    go_through(other, "u3")
    assert is_signed_in(other)
    client.post("/accounts/3rdparty/", {"account": ann.socialaccount_set.get().pk})
    assert not ann.socialaccount_set.exists()
    assert is_signed_in(client)
    assert not is_signed_in(other)


def test_a_closed_site_lets_nobody_in_by_the_back_door(client, known, options):
    known("u4", email="u4@other.example", email_verified=True)
    options(SIGN_UP=("closed",))
    assert "no new readers" in go_through(client, "u4").content.decode()
    assert not Reader.objects.exists()


def test_a_site_for_some_domains_asks_for_an_address_of_theirs(client, known, options):
    known("u4", email="u4@other.example", email_verified=True)
    options(SIGN_UP=("lab.example",))
    go_through(client, "u4")
    assert "@lab.example" in client.post("/accounts/3rdparty/signup/", {"email": "u4@other.example"}).content.decode()
    assert not Reader.objects.exists()
    client.post("/accounts/3rdparty/signup/", {"email": "u4@lab.example"})
    assert not is_signed_in(client)
    client.post("/accounts/confirm-email/", {"code": code()})
    assert is_signed_in(client)
    assert list(Reader.objects.get().emailaddress_set.values_list("email", flat=True)) == ["u4@lab.example"]


def test_an_answer_that_this_browser_did_not_ask_for_is_refused(client, known):
    known("u5", email="u5@lab.example", email_verified=True)
    asked = Client(SERVER_NAME="localhost")
    away = asked.get(LOGIN)
    try:
        build_opener(Stay).open(away["Location"], urlencode({"sub": "u5"}).encode())
    except HTTPError as answer:
        back = urlsplit(answer.headers["Location"])
        answer.close()
    response = client.get(f"{back.path}?{back.query}")
    assert "not signed in" in response.content.decode()
    assert not is_signed_in(client)


def test_a_provider_that_is_away_gives_a_page_that_says_so(client, options):
    from broadsheet.config.settings import _sign_in_elsewhere

    away = {"name": "Lab", "issuer": "http://127.0.0.1:1", "client": "b", "secret": "s"}
    options(SOCIALACCOUNT_PROVIDERS=_sign_in_elsewhere(away))
    response = client.get(LOGIN)
    assert response.status_code in (200, 401)
    assert "not signed in" in response.content.decode()
