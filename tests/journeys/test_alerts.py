"""Alerts in a real browser: from the search page to a post that a real worker sends to a real receiver."""

from collections.abc import Callable, Iterator

import pytest
from browsing import CONTRAST, LAPTOP, PHONE, SMALL, in_browser, sync_api
from homes import put_titles
from hook_server import HookServer
from readers import sign_in
from sites import serving, working

pytestmark = in_browser


@pytest.fixture(scope="module")
def hooks() -> Iterator[HookServer]:
    with HookServer() as server:
        yield server


@pytest.fixture(scope="module")
def site(home, hooks) -> Iterator[str]:
    put_titles(home, 1, "Caching and graphs", "Trees")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BROADSHEET_HOOK_ALLOW", hooks.authority)
        with serving(home) as address:
            yield address


@pytest.fixture
def visit(browser, site, home) -> Iterator[Callable[..., "sync_api.Page"]]:
    """Open a page as this reader; afterwards no page may have complained, but for a form that was refused."""
    complaints: list[str] = []
    contexts = []

    def open_page(path: str, handle: str, **settings) -> "sync_api.Page":
        context = browser.new_context(**{"viewport": LAPTOP, "reduced_motion": "reduce"} | settings)
        contexts.append(context)
        sign_in(context, site, home, handle)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
        page.goto(site + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [each for each in complaints if "400 (Bad Request)" not in each] == []


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_a_reader_goes_from_a_search_to_an_alert_tests_it_stops_and_deletes_it(visit, home, hooks, script):
    handle = "ann" if script else "bo"
    page = visit("/search?q=caching", handle, java_script_enabled=script)
    page.get_by_role("link", name="Alert me").click()
    assert page.get_by_label("Search", exact=True).input_value() == "caching"
    page.get_by_label("by webhook").check()
    page.get_by_label("Web address for a webhook").fill(hooks.url)
    page.get_by_role("button", name="Save the alert").click()
    hooks.secrets.append(page.locator(".notice code").inner_text())
    page.get_by_role("button", name="Send a test").click()
    assert "The test got through" in page.locator("main").inner_text()
    assert hooks.posts[-1][1] | {"alert": 0} == {"alert": 0, "query": "caching", "papers": [], "test": True}

    with working(home, BROADSHEET_HOOK_ALLOW=hooks.authority):
        [key] = put_titles(home, 10 if script else 11, f"Caching for {handle}")
        while key not in hooks.papers:
            hooks.wait(len(hooks.papers) + 1)
    page.reload()
    page.get_by_role("link", name=f"Caching for {handle}").click()
    assert page.url.endswith(f"/papers/{key}")
    page.go_back()
    page.get_by_role("button", name="Stop").click()
    assert "stopped" in page.locator(".rows").inner_text()
    page.get_by_role("button", name="Resume").click()
    assert "stopped" not in page.locator(".rows").inner_text()
    page.get_by_role("button", name="Delete").click()
    assert page.locator(".rows").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_a_phone_and_can_be_read_by_day_and_by_night(visit, hooks, scheme):
    page = visit("/alerts", f"phone-{scheme}", viewport=PHONE, has_touch=True, is_mobile=True, color_scheme=scheme)
    for query in ("caching topic:cs.DS", f'"{"averylongword" * 15}"'):
        page.get_by_label("Search", exact=True).fill(query)
        page.get_by_label("by webhook").check()
        page.get_by_label("Web address for a webhook").fill(hooks.url + "/long" * 40)
        page.get_by_role("button", name="Save the alert").click()
        page.locator(".rows li", has_text=query).wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        assert page.evaluate(CONTRAST) == []
    page.get_by_label("Search", exact=True).fill('caching "open')
    page.get_by_role("button", name="Save the alert").click()
    assert page.locator("mark").inner_text() == '"open'
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    small = "button:visible, nav a:visible, .rows a:visible, .tick label:visible"
    assert page.locator(small).evaluate_all(SMALL) == []
    assert page.evaluate(CONTRAST) == []
