"""A reader has the first papers of a search read more closely, with and without JavaScript, by the real reranker."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from browsing import CONTRAST, PHONE, SMALL, in_browser, sync_api
from homes import put_titles
from sites import serving

from broadsheet.search.reranker_model import find_reranker_model

pytestmark = in_browser

ASKED = "does caching with predictions beat caching without"
TITLES = [
    "Caching, caching and caching: predictions of the weather, predictions of the tides",
    "Caching without eviction: a history of caching in early machines",
    "With and without: predictions of election outcomes",
    "Beating the market with predictions",
    *(f"Caching of web pages, part {n}, without {word}" for n, word in enumerate(["keys", "disks", "locks"] * 5)),
    "Predictions make caching provably better than any classical cache replacement policy",
    "Learned oracles improve the hit rate of caching over LRU",
    *(f"Predictions of soil moisture without sensors, part {n}" for n in range(9)),
]
STATUS = "[data-deep] [role=status]"
DEEP = "**/search?*deep=1*"


@pytest.fixture(scope="module")
def site(home) -> Iterator[str]:
    if find_reranker_model() is None:
        pytest.skip("the offline model pack (extra: models) is not installed")
    put_titles(home, 1, *TITLES)
    with serving(home) as address:
        yield address


def search(**asked: object) -> str:
    return f"/search?{urlencode({'q': ASKED} | asked)}"


def order(page) -> list[str]:
    return page.locator(".hits [data-open]").evaluate_all("(all) => all.map((one) => one.getAttribute('href'))")


def hold(page) -> list["sync_api.Route"]:
    """Let no deep answer through until its route is told to go on."""
    held: list[sync_api.Route] = []
    page.route(DEEP, lambda route: held.append(route))  # noqa: PLW0108 (Playwright looks into it)
    return held


def ask(page) -> None:
    with page.expect_request(DEEP):
        page.get_by_role("link", name="Read the first 20 more closely").click()


def wait_for_the_answer(page) -> None:
    page.locator(STATUS, has_text="The first 20 were read more closely.").wait_for()


@pytest.fixture(scope="module")
def deep_order(browser, site) -> list[str]:
    """The order in which the server itself gives the page."""
    page = browser.new_context().new_page()
    page.set_default_timeout(60_000)
    page.goto(site + search(deep=1))
    found = order(page)
    page.context.close()
    return found


def test_without_javascript_the_link_leads_to_the_page_in_its_new_order(visit, deep_order):
    page = visit(search(), java_script_enabled=False)
    first = order(page)
    ask(page)
    page.wait_for_url("**deep=1")
    assert order(page) == deep_order
    assert sorted(deep_order) == sorted(first)
    assert deep_order != first
    assert page.get_by_text("The first 20 were read more closely.").is_visible()
    page.get_by_text("why this").first.click()
    assert page.locator(".why tbody").first.get_by_text("read more closely").is_visible()


def test_the_first_order_stays_on_screen_until_the_answer_comes(visit, deep_order):
    page = visit(search())
    first, held = order(page), hold(page)
    ask(page)
    page.locator(STATUS, has_text="Reading…").wait_for()
    assert order(page) == first
    held[0].continue_()
    wait_for_the_answer(page)
    assert order(page) == deep_order
    assert page.url.endswith("&deep=1")
    assert "deep=1" in page.get_by_role("link", name="Reproducible link").get_attribute("href")
    assert "deep=1" in page.locator(".pager a").get_attribute("href")
    page.get_by_text("why this").first.click()
    assert page.locator(".why tbody").first.get_by_text("read more closely").is_visible()


def test_who_reads_a_paper_meanwhile_stays_at_it(visit, deep_order):
    page = visit(search())
    held = hold(page)
    ask(page)
    page.locator(STATUS, has_text="Reading…").wait_for()
    title = page.locator(".hits [data-open]").nth(2)
    title.focus()
    read = title.get_attribute("href")
    page.locator(".hits details").nth(2).locator("summary").click()
    title.focus()
    held[0].continue_()
    wait_for_the_answer(page)
    assert page.evaluate("document.activeElement.getAttribute('href')") == read
    opened = page.locator(f".hits li:has([data-open][href='{read}']) details")
    assert opened.get_attribute("open") is not None
    page.keyboard.press("j")  # the keys follow the new order
    assert page.evaluate("document.activeElement.getAttribute('href')") == deep_order[deep_order.index(read) + 1]


def test_it_is_asked_for_by_keys_and_the_focus_stays_near(visit):
    page = visit(search())
    page.get_by_role("link", name="Read the first 20 more closely").focus()
    page.keyboard.press("Enter")
    wait_for_the_answer(page)
    assert page.evaluate("document.activeElement.hasAttribute('data-deep')")
    assert page.get_by_role("link", name="Read the first 20 more closely").count() == 0


def test_an_answer_that_does_not_come_changes_nothing_and_can_be_asked_for_again(visit, deep_order):
    page = visit(search())
    first, held = order(page), hold(page)
    ask(page)
    page.locator(STATUS, has_text="Reading…").wait_for()
    held.pop().abort()
    page.locator(STATUS, has_text="That did not work; the papers stand in their first order.").wait_for()
    assert order(page) == first
    page.unroute_all()
    ask(page)
    wait_for_the_answer(page)
    assert order(page) == deep_order


def test_the_second_page_follows_the_first_twenty(visit, deep_order):
    page = visit(search())
    ask(page)
    wait_for_the_answer(page)
    page.locator(".pager [rel=next]").click()
    page.wait_for_url("**page=2*")
    assert set(order(page)).isdisjoint(deep_order)
    page.locator(".pager [rel=prev]").click()
    page.wait_for_url("**page=1*")
    assert order(page) == deep_order


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read_and_hit_on_a_phone(visit, scheme):
    page = visit(search(), viewport=PHONE, color_scheme=scheme, has_touch=True)
    assert page.evaluate(CONTRAST) == []
    assert page.locator("[data-deep] a").evaluate_all(SMALL) == []
    page.locator("[data-deep] a").tap()
    wait_for_the_answer(page)
    assert page.evaluate(CONTRAST) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
