"""A reader searches by keyboard with suggestions, and narrows an answer without JavaScript."""

from collections.abc import Iterator

import pytest
from browsing import CONTRAST, PHONE, SMALL, in_browser, sync_api
from homes import fill
from sites import serving

pytestmark = in_browser

OPTIONS = "[role=listbox] [role=option]"


@pytest.fixture(scope="module")
def site(home) -> Iterator[str]:
    fill(
        home,
        [
            {
                "id": f"2611.{n:05}",
                "title": f"Paging with predictions, part {n}" if n % 2 else f"Colouring graphs, part {n}",
                "abstract": "We study paging, eviction and colouring.",
                "authors": ["Ada Byron", "Bo Chen"][: 1 + n % 3],
                "topics": ["caching", "cs.DS"][: 1 + n % 2],
                "announced": f"202{4 + n % 3}-05-0{1 + n % 9}",
            }
            for n in range(1, 31)
        ],
    )
    with serving(home) as address:
        yield address


def type_into(page, field: str, text: str) -> None:
    page.locator(field).press_sequentially(text)
    page.locator(OPTIONS).first.wait_for()


def chosen(page) -> str:
    return page.evaluate(
        "document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))?.textContent ?? ''"
    )


def test_suggestions_are_walked_and_opened_by_keys_from_any_page(visit):
    page = visit("/")
    page.keyboard.press("/")
    type_into(page, "#find", "cach")
    field = page.locator("#find")
    assert field.get_attribute("role") == "combobox"
    assert field.get_attribute("aria-expanded") == "true"
    assert chosen(page) == ""
    page.keyboard.press("ArrowDown")
    assert chosen(page) == "caching topic, 30 papers"
    page.keyboard.press("ArrowDown")
    assert chosen(page) == ""  # behind the last comes the field itself
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/topics/caching")


def test_escape_closes_the_list_and_keeps_what_was_typed(visit):
    page = visit("/search")
    type_into(page, "#q", "ada")
    page.keyboard.press("Escape")
    assert page.locator(OPTIONS).count() == 0
    assert page.locator("#q").get_attribute("aria-expanded") == "false"
    assert page.locator("#q").input_value() == "ada"
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.press("ArrowDown")
    page.locator(OPTIONS).first.wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")  # nothing is chosen, so the search itself is asked
    page.wait_for_url("**/search?q=ada")


def test_a_title_is_found_by_its_beginning_and_by_pointing(visit):
    page = visit("/search")
    type_into(page, "#q", "paging with pred")
    option = page.locator(OPTIONS).first
    assert option.inner_text().startswith("Paging with predictions, part")
    option.click()
    page.wait_for_url("**/papers/2611.*")


def test_a_condition_is_completed_within_the_query(visit):
    page = visit("/search")
    type_into(page, "#q", "paging author:by")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=paging*Ada*Byron*")
    assert page.get_by_text("match; by words").count() == 1


def test_leaving_the_field_closes_the_list_and_slow_answers_open_none(visit):
    page = visit("/search")
    held: list[sync_api.Route] = []
    page.route("**/suggest?*", lambda route: held.append(route))  # noqa: PLW0108 (Playwright looks into it)
    with page.expect_request("**/suggest?*"):
        page.locator("#q").press_sequentially("ada")
    page.locator("#q").blur()
    for route in held:
        route.fulfill(json=["ada", ["Ada Byron"], ["author"], ["/authors/Ada%20Byron"]])
    page.locator("#q").focus()
    assert page.locator(OPTIONS).count() == 0


def test_without_javascript_the_field_searches_and_facets_are_links(visit):
    page = visit("/search", java_script_enabled=False)
    page.locator("#q").fill("paging")
    page.locator("#q").press("Enter")
    page.wait_for_url("**/search?q=paging")
    page.get_by_role("link", name="Narrow by year, topic, author").click()
    narrow = page.get_by_role("complementary", name="Narrow")
    papers = narrow.locator("li", has_text="2026").locator(".number").inner_text()
    narrow.get_by_role("link", name="2026").click()
    assert page.get_by_text(f"{papers} papers match").is_visible()
    narrow.get_by_role("link", name="Bo Chen").click()
    page.get_by_role("link", name="newest first").click()
    assert page.get_by_text("by words, the newest first").is_visible()
    page.get_by_role("link", name='Remove author:"Bo Chen"').click()
    assert page.get_by_text(f"{papers} papers match").is_visible()
    assert "sort=date" in page.url


def test_an_answer_is_copied_as_a_link_and_asked_as_of_a_day(visit):
    page = visit("/search?q=paging")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="copy Reproducible link").click()
    page.get_by_role("button", name="copied").or_(page.locator("button.copy", has_text="copied")).first.wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "/search?q=paging&at=" in copied
    assert copied.startswith("http://")
    page.get_by_text("as of a day").click()
    page.get_by_label("Search as of the end of this day").fill("2001-01-01")
    page.locator(".then button").click()
    page.wait_for_url("**at=2001-01-01*")
    assert page.get_by_text("No paper matches").is_visible()
    assert page.get_by_text("Since then 30 papers that match came later.").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_of_it_can_be_read_and_hit_on_a_phone(visit, scheme):
    page = visit("/search?q=paging+topic:caching&facets=1", viewport=PHONE, color_scheme=scheme, has_touch=True)
    assert page.evaluate(CONTRAST) == []
    assert page.locator(".narrow a, .onward a, .onward summary").evaluate_all(SMALL) == []
    page.locator("#q").fill("")
    type_into(page, "#q", "pagi")
    assert page.evaluate(CONTRAST) == []
    assert page.locator(OPTIONS).evaluate_all(SMALL) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator(OPTIONS).first.tap()
    page.wait_for_url("**/papers/2611.*")
