"""Somebody subscribes by an address, in a real browser, with a real mail server and a real worker between them."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from browsing import CONTRAST, LAPTOP, PHONE, SMALL, in_browser, sync_api
from mail_server import Mailbox
from readers import sign_in
from sites import serving, working

pytestmark = in_browser

LINK = re.compile(r"http://localhost:\d+(/d/\S+)")


@pytest.fixture(scope="module")
def mails() -> Iterator[Mailbox]:
    with Mailbox() as mailbox:
        yield mailbox


@pytest.fixture(scope="module")
def site(home, mails) -> Iterator[str]:
    """A server and a worker, with a mail server beside them."""
    patch = pytest.MonkeyPatch()
    patch.setenv("BROADSHEET_MAIL", mails.address)
    with serving(home) as address, working(home) as worker:
        Thread(target=worker.stderr.read, daemon=True).start()  # so that the pipe never fills
        yield address.replace("127.0.0.1", "localhost")
    patch.undo()


@pytest.fixture
def browse(browser, site) -> Iterator[Callable[..., "sync_api.Page"]]:
    """Open a browser of its own at a page; afterwards no page may have complained."""
    complaints: list[str] = []
    contexts = []

    def open_page(path: str = "/", handle: str = "", home: Path | None = None, **options) -> "sync_api.Page":
        context = browser.new_context(**{"viewport": LAPTOP, "timezone_id": "Europe/Berlin"} | options)
        contexts.append(context)
        if handle:
            sign_in(context, site, home, handle)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: complaints.append(f"error {error}"))
        page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
        page.goto(site + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [words for words in complaints if "status of 400" not in words] == []


def ask(page, mails, address: str) -> str:
    """Ask for a digest and return where the link of the mail leads."""
    before = len(mails.mails)
    page.get_by_label("E-mail address").fill(address)
    page.get_by_role("button", name="Subscribe").click()
    page.get_by_role("heading", name="One more step").wait_for()
    mail = mails.wait(before + 1)
    assert mail["To"] == address
    return LINK.search(mail.get_body(("plain",)).get_content())[1]


def said(page) -> str:
    return page.locator("h1 + p").inner_text()


def test_somebody_subscribes_by_an_address_confirms_changes_pauses_and_leaves(browse, mails, site):
    page = browse("/subscribe")
    path = ask(page, mails, "ada@example.org")
    page.goto(site + path)
    page.get_by_role("button", name="Yes, subscribe").click()
    page.get_by_text("You are subscribed.").wait_for()
    assert "a…@example.org" in said(page)
    assert "07:00 (Europe/Berlin)" in said(page)

    page.get_by_label("Topics").fill("caching\nonline algorithms")
    page.get_by_label("At", exact=True).select_option("18:00")
    page.get_by_label("It comes").select_option("once a week")
    page.get_by_label("Day, if once a week").select_option("Friday")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    assert re.search(r"Friday .* 18:00 \(Europe/Berlin\)", said(page))
    assert page.get_by_label("Topics").input_value() == "caching\nonline algorithms"

    page.get_by_label("Send nothing before").fill((datetime.now(UTC) + timedelta(days=30)).date().isoformat())
    page.get_by_role("button", name="Pause").click()
    page.get_by_text("Nothing is sent before").wait_for()
    page.get_by_role("button", name="Go on now").click()
    page.get_by_text("The issues go on.").wait_for()
    page.get_by_role("button", name="Leave").click()
    page.get_by_role("heading", name="You have left").wait_for()
    page.goto(site + path)
    assert page.get_by_role("heading", name="You have left").is_visible()


def test_it_works_without_scripts_in_utc(browse, mails, site):
    page = browse("/subscribe", java_script_enabled=False)
    path = ask(page, mails, "no-scripts@example.org")
    page.goto(site + path)
    page.get_by_role("button", name="Yes, subscribe").click()
    assert "07:00 (UTC)" in said(page)


def test_whoever_did_not_ask_is_never_written_to_again(browse, mails, site):
    page = browse("/subscribe")
    path = ask(page, mails, "victim@example.org")
    page.goto(site + path)
    page.get_by_role("button", name="Never write to me").click()
    page.get_by_text("Nothing is ever sent to this address").wait_for()
    before = len(mails.mails)
    page.goto(site + "/subscribe")
    page.get_by_label("E-mail address").fill("victim@example.org")
    page.get_by_role("button", name="Subscribe").click()
    page.get_by_role("heading", name="One more step").wait_for()
    page.goto(site + "/subscribe")
    ask(page, mails, "another@example.org")
    assert len(mails.mails) == before + 1


def test_a_signed_in_reader_is_subscribed_at_once(browse, site, home, mails):
    before = len(mails.mails)
    page = browse("/subscribe?topic=caching", "grace", home)
    assert page.get_by_label("E-mail address").input_value() == "grace@example.org"
    assert page.get_by_label("Topics").input_value() == "caching"
    page.get_by_role("button", name="Subscribe").click()
    page.get_by_text("You are subscribed.").wait_for()
    assert said(page).startswith("It goes to grace@example.org. The next issue:")
    assert len(mails.mails) == before


def test_what_is_wrong_is_said_where_it_stands_and_opened(browse):
    page = browse("/subscribe")
    page.get_by_label("E-mail address").fill("ada@example.org")
    page.get_by_text("What it is about").click()
    page.get_by_label("Searches").fill('"open')
    page.get_by_role("button", name="Subscribe").click()
    wrong = page.locator("#id_searches_error")
    wrong.wait_for()
    assert wrong.is_visible()
    assert page.get_by_label("E-mail address").input_value() == "ada@example.org"


def test_the_field_for_programs_is_out_of_sight_and_out_of_reach(browse):
    page = browse("/subscribe")
    box = page.locator("[name=website]").bounding_box()
    assert box["x"] + box["width"] < 0
    page.get_by_label("E-mail address").focus()
    reached = set()
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.name || document.activeElement.tagName"))
    assert "website" not in reached
    assert "SUMMARY" in reached


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_subscriptions_stand_out_fit_a_phone_and_meet_fingers(browse, mails, site, scheme):
    page = browse("/subscribe", viewport=PHONE, has_touch=True, is_mobile=True, color_scheme=scheme)
    path = ask(page, mails, f"phone-{scheme}@example.org")

    def look() -> None:
        page.locator("details.wishes:not([open]) > summary").evaluate_all("all => all.forEach((one) => one.click())")
        assert page.evaluate(CONTRAST) == [], page.url
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], page.url
        small = page.locator("main :is(button, summary, select, input:not([type=checkbox])):visible, main .tick label")
        assert small.evaluate_all(SMALL) == [], page.url

    look()
    page.goto(site + "/subscribe")
    look()
    page.goto(site + path)
    look()
    page.get_by_role("button", name="Yes, subscribe").click()
    page.get_by_text("You are subscribed.").wait_for()
    look()
    page.goto(site + path)
    look()
    page.goto(site + page.get_by_role("link", name="What comes and when").get_attribute("href"))
    page.get_by_role("button", name="Leave").click()
    look()
