"""Votes through the doors: fifty at once by HTTP on both databases, and the button in a real Chromium."""

import http.client
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from readers import sign_in
from test_pages import CHROMIUM, FILL, LAPTOP, QUIET, environment, sample_papers, serving, sync_api

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


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    papers = json.dumps(sample_papers()[:12])
    subprocess.run([sys.executable, "-c", FILL], input=papers, env=environment(home), text=True, check=True)
    return home


@pytest.fixture(scope="module")
def site(home):
    with serving(home) as address:
        yield address


@pytest.fixture
def page(browser, site, home, request):
    """The front page as a signed-in reader of its own sees it; the parameter turns scripts off."""
    context = browser.new_context(viewport=LAPTOP, java_script_enabled=getattr(request, "param", True))
    sign_in(context, site, home, f"reader-{abs(hash(request.node.name)) % 10_000}")
    page = context.new_page()
    page.set_default_timeout(5_000)
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(site)
    yield page
    context.close()
    assert complaints == []


def button(page, part: int):
    return page.locator("article", has_text=f"part {part},").locator("[data-votebutton]")


@pytest.mark.browser
@pytest.mark.parametrize("page", [True, False], ids=["scripts", "no scripts"], indirect=True)
def test_a_reader_votes_and_takes_the_vote_back(page, request):
    part = 3 if "no scripts" in request.node.name else 2
    for pressed, count in (("true", "1"), ("false", "0")):
        button(page, part).click()
        sync_api.expect(button(page, part)).to_have_attribute("aria-pressed", pressed)
        sync_api.expect(button(page, part)).to_have_text(count)
        page.wait_for_load_state("networkidle")
        page.reload()
        assert button(page, part).get_attribute("aria-pressed") == pressed
        assert button(page, part).inner_text() == count


@pytest.mark.browser
def test_the_button_answers_before_the_server_and_tells_if_the_vote_was_not_taken(page):
    held = []
    page.route("**/vote", lambda route: held.append(route))  # noqa: PLW0108 - playwright inspects what it calls
    button(page, 5).click()
    sync_api.expect(button(page, 5)).to_have_text("1")
    held[0].fulfill(status=429, content_type="application/json", body='{"error": "That was a lot of votes."}')
    sync_api.expect(button(page, 5)).to_have_text("0")
    sync_api.expect(page.get_by_role("alert")).to_have_text("That was a lot of votes.")


@pytest.mark.browser
def test_the_key_v_votes_for_the_paper_one_is_at(page):
    page.keyboard.press("j")
    first = page.locator("article").first.locator("[data-votebutton]")
    page.keyboard.press("v")
    sync_api.expect(first).to_have_attribute("aria-pressed", "true")


@pytest.mark.browser
def test_a_visitor_who_votes_is_led_to_sign_in_and_back(browser, site):
    page = browser.new_page()
    page.goto(site)
    page.locator("a[data-votebutton]").first.click()
    asked = urlsplit(page.url)
    assert asked.path == "/accounts/login/"
    assert parse_qs(asked.query)["next"][0].startswith("/#p")
    page.close()
