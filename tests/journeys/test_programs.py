"""A reader makes a token, a program uses it, and citations are copied: a real server, a real Chromium, plain HTTP."""

import http.client
import json
from urllib.parse import urlsplit

import pytest
from browsing import CONTRAST, LAPTOP, PHONE, SMALL, in_browser
from homes import fill, sample_papers
from readers import sign_in
from sites import serving

pytestmark = in_browser
PAPER = "/papers/2611.00001"
VOTE = "/api/v1/papers/arXiv%3A2611.00001v1/vote"


@pytest.fixture(scope="module")
def site(home):
    fill(home, sample_papers()[:3])
    with serving(home) as address:
        yield address


@pytest.fixture
def visit(browser, site, home):
    """Open a page of a signed-in reader; afterwards no page may have complained."""
    complaints, contexts = [], []

    def open_page(path, **options):
        context = browser.new_context(**{"viewport": LAPTOP} | options)
        contexts.append(context)
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site)
        sign_in(context, site, home, "ann")
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"error {error}"))
        page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
        page.goto(site + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def call(site, method, address, secret, body=None, **headers):
    """The status and the JSON of a call by plain HTTP."""
    connection = http.client.HTTPConnection(urlsplit(site).netloc, timeout=30)
    try:
        sent = {"Authorization": f"Bearer {secret}", **headers}
        connection.request(method, address, body, sent, encode_chunked="Transfer-Encoding" in sent)
        answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None
    finally:
        connection.close()


def test_a_token_is_made_copied_used_by_a_program_and_revoked(visit, site):
    page = visit("/settings/tokens")
    page.get_by_role("textbox", name="Name").fill("notes script")
    page.get_by_label("read, and vote, comment and collect in my name").check()
    page.get_by_role("button", name="Make the token").click()
    page.get_by_role("button", name="copy bs_").click()
    page.get_by_role("button", name="copy bs_").filter(has_text="copied").wait_for()
    secret = page.evaluate("navigator.clipboard.readText()")
    assert call(site, "GET", "/api/v1/me", secret)[1]["handle"] == "ann"
    assert call(site, "PUT", VOTE, secret) == (200, {"votes": 1, "voted": True})
    page.goto(site + PAPER)
    assert page.locator("[data-votes]").first.text_content() == "1"
    page.goto(site + "/settings/tokens")
    assert secret not in page.content()
    page.get_by_role("button", name="Revoke notes script").click()
    page.get_by_text("Revoked.").wait_for()
    assert call(site, "DELETE", VOTE, secret)[0] == 401


def test_a_body_of_unknown_length_or_too_large_is_refused_by_the_real_server(visit, site):
    page = visit("/settings/tokens")
    page.get_by_role("textbox", name="Name").fill("another script")
    page.get_by_label("read, and vote").check()
    page.get_by_role("button", name="Make the token").click()
    secret = page.locator(".notice code").text_content()
    place, json_type = "/api/v1" + PAPER + "/comments", {"Content-Type": "application/json"}
    chunks = (b'{"text": "' + b"x" * 100_000 for _ in range(20))
    assert call(site, "POST", place, secret, chunks, **json_type, **{"Transfer-Encoding": "chunked"})[0] == 411
    assert call(site, "POST", place, secret, b" " * 2_000_000, **json_type)[0] == 413
    assert call(site, "POST", place, secret, b'{"text": "Well."}', **json_type)[0] == 201
    assert call(site, "GET", "/api/v1/papers/2611.00001/nothing", secret)[0] == 404
    assert call(site, "HEAD", "/api/v1/papers", secret) == (200, None)


def test_the_citation_and_every_form_are_copied(visit, site):
    page = visit(PAPER)
    page.keyboard.press("y")
    page.locator("[data-citation] ~ .copy", has_text="copied").wait_for()
    assert "arXiv:2611.00001" in page.evaluate("navigator.clipboard.readText()")
    for name, begins in (("BibTeX", "@misc{"), ("RIS", "TY  - "), ("CSL-JSON", "["), ("Markdown", "# ")):
        button = page.get_by_role("button", name=f"copy {name}")
        button.click()
        button.filter(has_text="copied").wait_for()
        assert page.evaluate("navigator.clipboard.readText()").startswith(begins)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_tokens_and_citations_are_legible_and_fit_a_phone(visit, scheme):
    for path in ("/settings/tokens", PAPER):
        page = visit(path, viewport=PHONE, has_touch=True, is_mobile=True, color_scheme=scheme)
        assert page.evaluate(CONTRAST) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
        hit = page.locator(".column button:visible, .cite a:visible, .cite button:visible")
        assert hit.evaluate_all(SMALL) == [], path
