"""The vote button in a real Chromium."""

from urllib.parse import parse_qs, urlsplit

import pytest
from browsing import LAPTOP, in_browser, sync_api
from homes import fill, sample_papers
from readers import sign_in
from sites import serving

pytestmark = in_browser


@pytest.fixture(scope="module")
def site(home):
    fill(home, sample_papers()[:12])
    with serving(home) as address:
        yield address


@pytest.fixture
def page(browser, site, home, request):
    """The front page as a signed-in reader of its own sees it; the parameter turns scripts off."""
    context = browser.new_context(viewport=LAPTOP, java_script_enabled=getattr(request, "param", True))
    sign_in(context, site, home, f"reader-{abs(hash(request.node.name)) % 10_000}")
    page = context.new_page()
    page.set_default_timeout(30_000)
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(site)
    yield page
    context.close()
    assert complaints == []


def button(page, part: int):
    return page.locator("article", has_text=f"part {part},").locator("[data-votebutton]")


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


def test_the_button_answers_before_the_server_and_tells_if_the_vote_was_not_taken(page):
    held = []
    page.route("**/vote", lambda route: held.append(route))  # noqa: PLW0108 - playwright inspects what it calls
    button(page, 5).click()
    sync_api.expect(button(page, 5)).to_have_text("1")
    held[0].fulfill(status=429, content_type="application/json", body='{"error": "That was a lot of votes."}')
    sync_api.expect(button(page, 5)).to_have_text("0")
    sync_api.expect(page.get_by_role("alert")).to_have_text("That was a lot of votes.")


def test_the_key_v_votes_for_the_paper_one_is_at(page):
    page.keyboard.press("j")
    first = page.locator("article").first.locator("[data-votebutton]")
    page.keyboard.press("v")
    sync_api.expect(first).to_have_attribute("aria-pressed", "true")


def test_a_visitor_who_votes_is_led_to_sign_in_and_back(browser, site):
    page = browser.new_page()
    page.goto(site)
    page.locator("a[data-votebutton]").first.click()
    asked = urlsplit(page.url)
    assert asked.path == "/accounts/login/"
    assert parse_qs(asked.query)["next"][0].startswith("/#p")
    page.close()
