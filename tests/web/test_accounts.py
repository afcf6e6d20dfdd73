"""Signing up and in by code: what is answered, what is mailed, what an attacker gets."""

import re

import pytest
from django.core import mail
from django.test import Client

from broadsheet.community.models import Reader

CODE = re.compile(r"Your code: ([A-Z-]+)")


@pytest.fixture(autouse=True)
def use_mailbox(mailbox):
    """Every test here reads the mail."""


def code() -> str:
    return CODE.search(mail.outbox[-1].body)[1]


def sign_up(client, email="ann@example.org", **more):
    client.post("/accounts/signup/", {"email": email, **more})
    return client.post("/accounts/confirm-email/", {"code": code()})


def sign_in(client, email="ann@example.org", **more):
    client.post("/accounts/login/", {"login": email, **more})
    return client.post("/accounts/login/code/confirm/", {"code": code(), **more})


def is_signed_in(client) -> bool:
    return client.get("/settings").status_code == 200


def test_a_code_from_the_mail_signs_up_and_a_handle_says_nothing_of_the_address(client):
    response = sign_up(client, "secret.name@example.org")
    assert response.status_code == 302
    assert response["Location"] == "/settings"
    reader = Reader.objects.get()
    assert re.fullmatch(r"reader-[a-z0-9]{6}", reader.username)
    assert reader.emailaddress_set.get().verified
    assert not reader.has_usable_password()
    assert is_signed_in(client)


def test_a_code_signs_in_and_leads_back_to_the_page(client, reader):
    reader("ann")
    assert sign_in(client, next="/search?q=a").headers["Location"] == "/search?q=a"
    assert is_signed_in(client)


def test_the_mail_is_plain_and_short_and_holds_nothing_that_a_stranger_typed(client, reader):
    reader("ann", name="Buy <b>now</b>")
    client.post("/accounts/login/", {"login": "ann@example.org"}, HTTP_USER_AGENT="Visit evil.example")
    (sent,) = mail.outbox
    assert sent.subject == "Your code for Broadsheet"
    assert sent.to == ["ann@example.org"]
    assert "Buy" not in sent.body
    assert "evil" not in sent.body
    assert len(sent.body.splitlines()) < 10


def without_chance(response) -> str:
    """A page without its token and its reader's address."""
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
    return page.replace("ann@example.org", "X").replace("nobody@example.org", "X")


def test_known_and_unknown_addresses_get_the_same_answers_at_sign_in(library, reader):
    reader("ann")
    pages = []
    for email in ("ann@example.org", "nobody@example.org"):
        client = Client(SERVER_NAME="localhost")
        first = client.post("/accounts/login/", {"login": email})
        second = client.get(first["Location"])
        wrong = client.post("/accounts/login/code/confirm/", {"code": "BBBB-BBBB"})
        pages.append((first.status_code, first["Location"], without_chance(second), without_chance(wrong)))
    assert pages[0] == pages[1]
    assert len(mail.outbox) == 2  # one each: the work is about the same
    assert CODE.search(mail.outbox[1].body) is None
    assert "no account" in mail.outbox[1].body


def test_known_and_unknown_addresses_cost_the_same_work_at_sign_in(library, reader):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    reader("ann")
    costs = []
    for email in ("ann@example.org", "nobody@example.org"):
        with CaptureQueriesContext(connection) as seen:
            Client(SERVER_NAME="localhost").post("/accounts/login/", {"login": email})
        costs.append((len(seen), len(mail.outbox)))
    (known, _), (unknown, _) = costs
    assert [mails for _, mails in costs] == [1, 2]
    assert abs(known - unknown) <= 1, costs


def test_known_and_unknown_addresses_get_the_same_answers_at_sign_up(library, reader):
    reader("ann")
    pages = []
    for email in ("ann@example.org", "nobody@example.org"):
        client = Client(SERVER_NAME="localhost")
        first = client.post("/accounts/signup/", {"email": email})
        second = client.get(first["Location"])
        wrong = client.post("/accounts/confirm-email/", {"code": "BBBB-BBBB"})
        pages.append((first.status_code, first["Location"], without_chance(second), without_chance(wrong)))
    assert pages[0] == pages[1]
    assert len(mail.outbox) == 2
    assert "http://localhost:8000/accounts/login/" in mail.outbox[0].body


def test_a_wrong_code_can_be_tried_three_times(client, reader):
    reader("ann")
    client.post("/accounts/login/", {"login": "ann@example.org"})
    for _ in range(3):
        response = client.post("/accounts/login/code/confirm/", {"code": "BBBB-BBBB"})
    assert response.status_code == 302
    client.post("/accounts/login/code/confirm/", {"code": code()})
    assert not is_signed_in(client)


def test_a_code_is_of_no_use_after_its_time(client, reader, options):
    reader("ann")
    client.post("/accounts/login/", {"login": "ann@example.org"})
    options(ACCOUNT_LOGIN_BY_CODE_TIMEOUT=-1)
    client.post("/accounts/login/code/confirm/", {"code": code()})
    assert not is_signed_in(client)


def test_a_code_works_in_the_browser_alone_that_asked_for_it(client, reader):
    reader("ann")
    client.post("/accounts/login/", {"login": "ann@example.org"})
    other = Client(SERVER_NAME="localhost")
    other.post("/accounts/login/", {"login": "nobody@example.org"})
    other.post("/accounts/login/code/confirm/", {"code": CODE.search(mail.outbox[0].body)[1]})
    assert not is_signed_in(other)


def test_of_many_uses_of_a_code_at_once_one_succeeds(client, reader, in_parallel):
    reader("ann")
    client.post("/accounts/login/", {"login": "ann@example.org"})
    cookie, told = client.cookies["sessionid"].value, code()
    places = []

    def use() -> None:
        one = Client(SERVER_NAME="localhost")
        one.cookies["sessionid"] = cookie
        places.append(one.post("/accounts/login/code/confirm/", {"code": told})["Location"])

    in_parallel([use] * 8)
    assert len(places) == 8
    assert places.count("/") == 1
    assert client.post("/accounts/login/code/confirm/", {"code": told})["Location"] != "/"


@pytest.mark.parametrize(
    "path",
    [
        "password/change/",
        "password/set/",
        "password/reset/",
        "password/reset/done/",
        "password/reset/key/done/",
        "password/reset/key/1-set-password/",
    ],
)
@pytest.mark.parametrize("who", [None, "ann"])
def test_there_is_no_page_about_passwords(client, signed_in, path, who):
    asking = signed_in(who) if who else client
    assert asking.get(f"/accounts/{path}").status_code == 404
    assert asking.post(f"/accounts/{path}", {"password": "x", "password1": "x", "email": "a@b.org"}).status_code == 404


def account_addresses() -> list[str]:
    from django.urls import get_resolver

    found = []

    def walk(patterns, before=""):
        for pattern in patterns:
            path = before + str(pattern.pattern).replace("^", "").replace("$", "")
            if hasattr(pattern, "url_patterns"):
                walk(pattern.url_patterns, path)
            elif path.startswith("accounts/"):
                found.append("/" + re.sub(r"<int:\w+>|\(\?P<\w+>[^)]*\)|<path:\w+>", "1", path))

    walk(get_resolver().url_patterns)
    return sorted(set(found))


@pytest.mark.parametrize("who", [None, "ann"])
def test_no_account_page_breaks_or_speaks_of_passwords(client, signed_in, who):
    asking = signed_in(who) if who else client
    assert len(account_addresses()) > 20
    for path in account_addresses():
        response = asking.get(path)
        assert response.status_code in (200, 301, 302, 401, 404), path
        if response.status_code == 200:
            assert 'type="password"' not in response.content.decode(), path


@pytest.mark.parametrize(
    "place",
    [
        "//evil.example",
        "/\\evil.example",
        "/%09/evil.example",
        "https:evil.example",
        "https://evil.example",
        "javascript:alert(1)",
    ],
)
def test_signing_in_never_leads_to_another_site(client, reader, place):
    from urllib.parse import urljoin, urlsplit

    reader("ann")
    response = sign_in(client, next=place)
    goal = urljoin("http://localhost/accounts/login/", response["Location"].replace("\\", "/"))
    assert urlsplit(goal)[:2] == ("http", "localhost")
    assert urlsplit(goal).path in ("/", "/%09/evil.example")


def test_a_foreign_host_is_refused_and_never_stands_in_a_mail(client, reader):
    reader("ann")
    assert client.post("/accounts/login/", {"login": "x@y.org"}, SERVER_NAME="evil.example").status_code == 400
    client.post("/accounts/signup/", {"email": "ann@example.org"}, HTTP_X_FORWARDED_HOST="evil.example")
    assert [sent for sent in mail.outbox if "evil" in sent.body] == []


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/login/",
        "/accounts/signup/",
        "/accounts/logout/",
        "/settings",
        "/settings/export",
        "/settings/leave",
        "/accounts/email/",
        "/accounts/reauthenticate/",
    ],
)
def test_every_form_needs_its_token(signed_in, path):
    assert signed_in("ann", checks=True).post(path, {"email": "e@example.org"}).status_code == 403


def test_a_victim_gets_a_dozen_mails_an_hour_at_most(library, reader):
    reader("ann")
    for _ in range(40):
        Client(SERVER_NAME="localhost", REMOTE_ADDR="192.0.2.1").post("/accounts/login/", {"login": "ann@example.org"})
    assert len(mail.outbox) <= 12


def test_a_closed_site_takes_nobody_new_and_still_signs_in(client, reader, options):
    options(SIGN_UP=("closed",))
    reader("ann")
    assert "no new readers" in client.get("/accounts/signup/").content.decode()
    client.post("/accounts/signup/", {"email": "new@example.org"})
    client.post("/accounts/signup/passkey/", {"email": "new@example.org"})
    assert Reader.objects.count() == 1
    assert "Sign up" not in client.get("/accounts/login/").content.decode()
    sign_in(client)
    assert is_signed_in(client)


def test_a_site_for_some_domains_takes_only_their_addresses(client, options):
    options(SIGN_UP=("lab.example",))
    for email in ("a@other.example", "a@evil-lab.example", "a@sub.lab.example", "a@lab.example.evil.example"):
        response = client.post("/accounts/signup/", {"email": email})
        assert "@lab.example" in response.content.decode()
    assert not Reader.objects.exists()
    sign_up(client, "ann@LAB.example")
    assert is_signed_in(client)


def test_an_address_that_is_two_is_none(client):
    for email in ("a@b.org, c@d.org", "a@b.org\nBcc: c@d.org", "a" * 321 + "@b.org", "a\u202e@b.org"):
        client.post("/accounts/signup/", {"email": email})
        client.post("/accounts/login/", {"login": email})
    assert mail.outbox == []


def test_accounts_that_were_begun_and_never_used_go_after_a_day(client):
    from datetime import timedelta

    client.post("/accounts/signup/", {"email": "begun@example.org"})
    Reader.objects.update(joined_at=Reader.objects.get().joined_at - timedelta(days=2))
    sign_up(Client(SERVER_NAME="localhost"), "ann@example.org")
    assert Reader.objects.get().email == "ann@example.org"


def test_the_sign_in_page_says_where_the_code_is_while_there_is_no_mail_server(client, options, capsys, reader):
    reader("ann")
    assert "terminal" not in client.get("/accounts/login/").content.decode()
    options(EMAIL_BACKEND="broadsheet.config.terminal_mail.EmailBackend")
    assert "terminal" in client.get("/accounts/login/").content.decode()
    client.post("/accounts/login/", {"login": "ann@example.org"})
    printed = capsys.readouterr().out
    assert printed.startswith("Mail to ann@example.org: Your code for Broadsheet\n  Your code: ")
    assert len(printed.splitlines()) < 10


def test_a_signed_out_reader_is_led_to_sign_in_and_back(client):
    assert client.get("/settings")["Location"] == "/accounts/login/?next=/settings"


def test_a_deactivated_reader_is_signed_out_at_once_and_does_not_get_in(client, reader):
    ann = reader("ann")
    sign_in(client)
    Reader.objects.filter(pk=ann.pk).update(is_active=False)
    assert not is_signed_in(client)
    client.post("/accounts/login/", {"login": "ann@example.org"})
    assert CODE.search(mail.outbox[-1].body) is None
