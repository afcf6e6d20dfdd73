"""Readers sign up and in, in a real Chromium: codes from real mails, passkeys of a virtual device."""

import re
from collections.abc import Callable, Iterator

import pytest
from browsing import CONTRAST, LAPTOP, PHONE, SMALL, in_browser, sync_api
from homes import inside
from mail_server import Mailbox
from readers import make
from sites import serving

pytestmark = in_browser


@pytest.fixture(scope="module")
def mails() -> Iterator[Mailbox]:
    with Mailbox() as mailbox:
        yield mailbox


@pytest.fixture(scope="module")
def site(home, mails) -> Iterator[str]:
    """A server with a mail server beside it, at the name that passkeys need."""
    patch = pytest.MonkeyPatch()
    patch.setenv("BROADSHEET_MAIL", mails.address)
    with serving(home) as address:
        yield address.replace("127.0.0.1", "localhost")
    patch.undo()


@pytest.fixture
def browse(browser, site) -> Iterator[Callable[..., "sync_api.Page"]]:
    """Open a browser of its own at a page; afterwards no page may have complained."""
    complaints: list[str] = []
    contexts = []

    def open_page(path: str = "/", **options) -> "sync_api.Page":
        context = browser.new_context(**{"viewport": LAPTOP} | options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: complaints.append(f"error {error}"))
        page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
        page.goto(site + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def type_code(page, mails, before: int) -> None:
    page.get_by_label("Code").fill(mails.code(before + 1))
    page.get_by_role("button", name="Go on").click()


def sign_up(page, mails, site, email: str) -> None:
    """Sign up by a code, as a reader would from the front page."""
    before = len(mails.mails)
    page.goto(site + "/")
    page.get_by_role("link", name="Sign in").click()
    page.get_by_role("link", name="Sign up").click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Send me a code").click()
    type_code(page, mails, before)
    page.get_by_text("Choose a handle and a name").wait_for()


def sign_in(page, mails, site, email: str) -> None:
    before = len(mails.mails)
    page.goto(site + "/accounts/login/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Send me a code").click()
    type_code(page, mails, before)
    page.get_by_role("button", name="Sign out").wait_for()


def device(page) -> "sync_api.CDPSession":
    """Give the browser a device that keeps passkeys and knows its owner's finger."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session


def test_a_reader_signs_up_by_code_chooses_a_handle_signs_out_and_in_again(browse, mails, site):
    page = browse("/")
    sign_up(page, mails, site, "ada@example.org")
    assert mails.mails[-1]["To"] == "ada@example.org"
    assert mails.mails[-1]["Subject"] == "Your code for Broadsheet"
    page.get_by_role("link", name="Settings").click()
    page.get_by_label("Handle").fill("ada")
    page.get_by_label("Name").fill("Ada Byron")
    page.get_by_label("ORCID").fill("https://orcid.org/0000-0002-1825-0097")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    page.get_by_role("link", name="Ada Byron").click()
    assert page.url.endswith("/@ada")
    assert page.locator("h1").inner_text() == "Ada Byron"
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign in").wait_for()
    sign_in(page, mails, site, "ada@example.org")
    assert page.get_by_role("link", name="Ada Byron").is_visible()


def test_a_wrong_code_is_said_to_be_wrong_and_another_can_be_sent(browse, mails, site):
    page = browse("/accounts/signup/")
    before = len(mails.mails)
    page.get_by_label("E-mail").fill("wrong@example.org")
    page.get_by_role("button", name="Send me a code").click()
    mails.wait(before + 1)
    page.get_by_label("Code").fill("BBBB-BBBB")
    page.get_by_role("button", name="Go on").click()
    assert page.get_by_text("This is not the code that was sent.").is_visible()


def test_a_reader_signs_up_and_in_by_passkey(browse, mails, site):
    page = browse("/accounts/signup/passkey/")
    device(page)
    before = len(mails.mails)
    page.get_by_label("E-mail").fill("key@example.org")
    page.get_by_role("button", name="Send me a code").click()
    type_code(page, mails, before)
    page.get_by_role("button", name="Make it on this device").click()
    page.wait_for_url("**/settings")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign in").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_role("button", name="Sign out").wait_for()


def test_a_passkey_is_added_renamed_and_removed_and_ends_other_sessions(browse, mails, site):
    page, elsewhere = browse("/"), browse("/")
    device(page)
    sign_up(page, mails, site, "two@example.org")
    sign_in(elsewhere, mails, site, "two@example.org")
    page.goto(site + "/settings")
    page.get_by_role("link", name="Passkeys").click()
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name").fill("My laptop")
    page.get_by_role("button", name="Make it on this device").click()
    page.get_by_text("The passkey was added.").wait_for()
    elsewhere.reload()
    assert elsewhere.get_by_role("link", name="Sign in").is_visible()
    page.get_by_role("link", name="Rename My laptop").click()
    page.get_by_label("Name").fill("Old laptop")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Remove Old laptop").click()
    page.get_by_role("button", name="Remove it").click()
    page.get_by_text("The passkey was removed.").wait_for()
    assert page.get_by_text("You have none yet.").is_visible()
    assert "passkey was removed" in mails.mails[-1]["Subject"]


def test_a_new_address_signs_the_reader_out_everywhere_else(browse, mails, site):
    page, elsewhere = browse("/"), browse("/")
    sign_up(page, mails, site, "old@example.org")
    sign_in(elsewhere, mails, site, "old@example.org")
    page.goto(site + "/settings")
    page.get_by_role("link", name="E-mail address").click()
    before = len(mails.mails)
    page.get_by_label("New address").fill("new@example.org")
    page.get_by_role("button", name="Send a code there").click()
    assert mails.wait(before + 1)["To"] == "new@example.org"
    type_code(page, mails, before)
    page.get_by_text("Your address is new@example.org.").wait_for()
    assert page.get_by_role("button", name="Sign out").is_visible()
    elsewhere.reload()
    assert elsewhere.get_by_role("link", name="Sign in").is_visible()
    warned = mails.wait(before + 2)
    assert warned["To"] == "old@example.org"


def test_everything_comes_as_a_file_and_an_account_ends(browse, mails, site):
    page = browse("/")
    sign_up(page, mails, site, "leaving@example.org")
    page.get_by_role("link", name="Settings").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download everything").click()
    assert re.fullmatch(r"broadsheet-reader-\w{6}\.json", download.value.suggested_filename)
    page.get_by_role("link", name="Delete your account").click()
    page.get_by_role("button", name="Delete my account").click()
    page.get_by_text("Your account is gone.").wait_for()
    assert page.get_by_role("link", name="Sign in").is_visible()


PAGES = ("/settings", "/accounts/email/", "/accounts/2fa/webauthn/", "/accounts/2fa/webauthn/add/", "/settings/leave")
ENTRANCES = ("/accounts/login/", "/accounts/signup/", "/accounts/signup/passkey/")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_account_pages_stand_out_fit_a_phone_and_meet_fingers(browse, mails, site, scheme):
    page = browse("/", viewport=PHONE, has_touch=True, is_mobile=True, color_scheme=scheme)
    for signs_in in (False, True):
        if signs_in:
            sign_up(page, mails, site, f"phone-{scheme}@example.org")
        for path in PAGES if signs_in else ENTRANCES:
            page.goto(site + path)
            assert page.evaluate(CONTRAST) == [], path
            assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
            fingers = "button:visible, nav a:visible, .row > input:visible, .ways a:visible, .tick label:visible"
            assert page.locator(fingers).evaluate_all(SMALL) == [], path


def test_an_admin_signs_in_by_code_and_works_in_the_administration_pages_under_the_policy(browse, mails, site, home):
    inside(home, lambda: (make("root", role="admin"), make("bo")))
    page = browse("/admin/")
    before = len(mails.mails)
    page.get_by_label("E-mail").fill("root@example.org")
    page.get_by_role("button", name="Send me a code").click()
    type_code(page, mails, before)
    page.wait_for_url("**/admin/")
    tables = page.locator("#content-main th a").evaluate_all("(all) => all.map((link) => link.href)")
    assert len(tables) > 10
    for table in tables:
        page.goto(table)
        assert page.locator("#changelist").count() == 1, table
    page.goto(site + "/admin/community/reader/")
    page.get_by_role("link", name="bo", exact=True).click()
    page.get_by_label("Role").select_option("editor")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("was changed successfully").wait_for()
    page.goto(site + "/admin/community/act/")
    assert "reader to editor" in page.locator("#result_list").inner_text()
    page.get_by_role("button", name="Log out").click()
    page.goto(site + "/settings")
    assert "/accounts/login/" in page.url
