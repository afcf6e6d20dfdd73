"""Readers at the pages, in a real Chromium against a real server process."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from browsing import CONTRAST, LAPTOP, PHONE, SMALL, in_browser, sync_api
from homes import fill, sample_papers
from sites import serving

pytestmark = in_browser


@pytest.fixture(scope="module")
def site(home) -> Iterator[str]:
    fill(home, sample_papers())
    with serving(home) as address:
        yield address


@pytest.fixture
def visit(browser, site) -> Iterator[Callable[..., "sync_api.Page"]]:
    """Open a page as a reader with these settings; afterwards no page may have complained or asked anything."""
    complaints: list[str] = []
    contexts = []

    def listen(page):
        page.on("dialog", lambda dialog: (complaints.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("pageerror", lambda error: complaints.append(f"error {error}"))
        page.on("console", lambda message: message.type == "error" and complaints.append(message.text))

    def open_page(path: str, **settings):
        context = browser.new_context(**{"viewport": LAPTOP, "reduced_motion": "reduce"} | settings)
        contexts.append(context)
        context.on("page", listen)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.goto(site + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def is_within(page, selector: str) -> bool:
    """Whether the focus is in the first element that the selector names."""
    return page.evaluate("(s) => document.querySelector(s).contains(document.activeElement)", selector)


def test_a_reader_opens_a_paper_of_today_and_comes_back(visit):
    page = visit("/")
    assert "No. 2 · 12 new papers" in page.locator("h1").inner_text()
    page.get_by_role("link", name="part 3").click()
    assert "part 3" in page.locator("h1").inner_text()
    assert page.locator("article math mi").first.text_content() == "n"
    page.get_by_role("link", name="Today").click()
    assert page.locator("article").count() == 12


def test_the_first_screen_of_a_laptop_shows_six_papers(visit):
    page = visit("/")
    bottoms = page.locator("article").evaluate_all("(all) => all.map((one) => one.getBoundingClientRect().bottom)")
    assert sum(bottom <= LAPTOP["height"] for bottom in bottoms) >= 6


def test_a_reader_goes_through_the_lists_by_their_tabs(visit):
    page = visit("/")
    tabs = page.get_by_role("navigation", name="Lists")
    for name, heading in (("Week", "Week "), ("Month", f"{datetime.now(UTC):%B %Y}"), ("Newest", "Newest papers")):
        tabs.get_by_role("link", name=name).click()
        assert page.locator("h1").inner_text().startswith(heading)
        assert tabs.get_by_role("link", name=name).get_attribute("aria-current") == "page"
        assert page.locator("article").count() >= 12
    page.get_by_role("link", name="online algorithms").first.click()
    assert "Topic online algorithms" in page.locator("h1").inner_text()
    page.get_by_role("link", name="Search among them").click()
    assert page.locator("#q").input_value().strip() == 'topic:"online algorithms"'


def test_trending_tells_why_a_paper_stands_where_it_does(visit):
    page = visit("/trending")
    page.keyboard.press("j")
    page.keyboard.press("a")
    assert page.locator("article").first.get_by_text("sum").is_visible()
    assert page.locator("article .whole [open]").count() == 1
    assert page.locator("article summary[title]").first.get_attribute("title") == "0.00 = nothing yet"


def test_a_slash_leads_to_the_search_field_where_letters_are_letters(visit):
    page = visit("/")
    page.keyboard.press("/")
    assert is_within(page, "[data-search]")
    page.keyboard.type("jkoa?/g t")
    assert page.locator("[data-search]").input_value() == "jkoa?/g t"
    page.locator("[data-search]").fill("succinct part 7")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=succinct+part+7")
    assert "part 7" in page.locator(".hit h2").first.inner_text()
    assert page.locator(".hit mark").count() > 0
    page.keyboard.press("/")
    assert page.locator("#q").evaluate("(field) => field.selectionEnd - field.selectionStart") == len("succinct part 7")


def test_letters_go_through_the_list_open_abstracts_and_papers_and_lead_back(visit):
    page = visit("/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert is_within(page, "article:nth-of-type(2)")
    page.keyboard.press("k")
    assert is_within(page, "article:nth-of-type(1)")
    closed = page.locator(".abstract").first.bounding_box()["height"]
    page.keyboard.press("a")
    assert page.locator(".abstract").first.bounding_box()["height"] > closed
    page.keyboard.press("o")
    page.wait_for_url("**/papers/2611.00001")
    page.keyboard.press("g")
    page.keyboard.press("t")
    page.wait_for_url(re.compile(r":\d+/$"))
    page.keyboard.press("?")
    assert page.locator("#keys").is_visible()
    page.get_by_label("Use these keys").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    assert not is_within(page, "article:nth-of-type(1)")


def test_without_javascript_everything_can_be_read_and_done(visit):
    page = visit("/", java_script_enabled=False)
    abstract = page.locator(".abstract").first
    closed = abstract.bounding_box()["height"]
    page.locator(".whole summary").first.click()
    assert abstract.bounding_box()["height"] > closed
    page.get_by_label("Another day").fill("2001-01-02")
    page.get_by_role("button", name="Go").click()
    assert "2 January 2001" in page.locator("h1").inner_text()
    page.get_by_role("searchbox").fill("succinct")
    page.get_by_role("button", name="Search").click()
    page.get_by_text("why this").first.click()
    assert page.get_by_text("matched words").first.is_visible()
    assert page.locator(".copy").count() == 0
    page.get_by_role("button", name="Keys").click()
    assert page.locator("#keys").is_visible()


def test_the_first_tab_leads_past_the_masthead(visit):
    page = visit("/")
    page.keyboard.press("Tab")
    skip = page.locator(".skip")
    assert skip.bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert is_within(page, "main")


PAGES = (
    "/",
    "/search",
    "/search?q=succinct",
    "/papers/2611.00001",
    "/status",
    "/date/2001-01-02",
    "/date/1999-01-01",
    "/week",
    "/week/2001-W01",
    "/month",
    "/trending",
    "/newest",
    "/topics/online%20algorithms",
    "/authors/%C3%89milie%20du%20Ch%C3%A2telet",
)


def test_a_phone_scrolls_in_one_direction_only_and_fingers_hit_what_they_mean(visit, site):
    page = visit("/", viewport=PHONE, has_touch=True, is_mobile=True)
    for path in PAGES:
        page.goto(site + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
        small = page.locator("button:visible, nav a:visible, summary:visible, .meta a:visible").evaluate_all(SMALL)
        assert small == [], path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_stands_out_enough_by_day_and_by_night(visit, site, scheme):
    page = visit("/", color_scheme=scheme)
    for path in PAGES:
        page.goto(site + path)
        page.locator("summary").evaluate_all("(all) => all.slice(0, 2).forEach((one) => one.click())")
        assert page.evaluate(CONTRAST) == [], path


def test_a_printed_page_has_whole_abstracts_and_no_controls(visit):
    page = visit("/")
    page.emulate_media(media="print")
    assert not page.locator("nav").first.is_visible()
    assert not page.locator("form").first.is_visible()
    assert page.locator(".abstract").first.evaluate("(one) => one.scrollHeight <= one.clientHeight")


def test_hostile_texts_do_nothing_in_a_real_browser(visit, site):
    page = visit("/date/2001-01-02")
    papers = page.locator("article h2 a").evaluate_all("(all) => all.map((link) => link.href)")
    assert len(papers) >= 20
    for script in page.locator("script").all():
        assert script.get_attribute("src").startswith("/static/")
    for address in papers:
        page.goto(address, wait_until="domcontentloaded")
        assert page.locator("article h1").count() == 1
    page.goto(site + "/search?q=abstract")
    page.mouse.move(300, 300)
    assert page.locator("article").count() > 0
