"""Readers in a discussion, in a real Chromium: written, answered, named, edited, reported, removed, closed."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from browsing import CONTRAST, LAPTOP, PHONE, SMALL, in_browser, sync_api
from homes import fill, inside, sample_papers
from mail_server import Mailbox
from readers import sign_in
from sites import ROOT, serving, working

pytestmark = in_browser

PAPER = "/papers/2611.00001"


@pytest.fixture(scope="module")
def site(home) -> Iterator[str]:
    fill(home, sample_papers()[:12])
    with serving(home) as address:
        yield address


@pytest.fixture
def visit(browser, site, home) -> Iterator[Callable[..., "sync_api.Page"]]:
    """Open a page as this reader; afterwards no page may have complained or asked anything."""
    complaints: list[str] = []
    contexts = []

    def listen(page) -> None:
        page.on("dialog", lambda dialog: (complaints.append(f"dialog {dialog.message}"), dialog.dismiss()))
        page.on("pageerror", lambda error: complaints.append(f"error {error}"))
        page.on("console", lambda message: message.type == "error" and complaints.append(message.text))

    def open_page(path: str, handle: str = "", role: str = "reader", **settings):
        context = browser.new_context(**{"viewport": LAPTOP, "reduced_motion": "reduce"} | settings)
        contexts.append(context)
        context.on("page", listen)
        if handle:
            sign_in(context, site, home, handle, role=role, joined_at="2020-01-01T00:00Z")
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.goto(site + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def talk(home: Path, handle: str, *texts: str) -> None:
    """Let a reader write comments, beside the server."""
    from broadsheet.community import comments
    from broadsheet.community.models import Reader
    from broadsheet.library.models import Paper

    def say() -> None:
        paper = Paper.objects.get(key="2611.00006").pk
        for text in texts:
            comments.write(Reader.objects.get(username=handle), paper, text, datetime.now(UTC))

    inside(home, say)


def store(home: Path, handle: str, texts: list[str]) -> None:
    """Store comments of a reader without asking whether they may be written."""
    from broadsheet.community.models import Comment, Reader
    from broadsheet.library.models import Paper

    def put() -> None:
        about = {"paper": Paper.objects.get(key="2611.00002"), "reader": Reader.objects.get(username=handle)}
        at = datetime.now(UTC) - timedelta(days=1)
        Comment.objects.bulk_create(
            Comment(text=text, at=at + timedelta(seconds=n), **about) for n, text in enumerate(texts)
        )

    inside(home, put)


def write(page, text: str) -> None:
    page.get_by_label("Write a comment").fill(text)
    page.locator("#discussion > .write").get_by_role("button", name="Send").click()
    page.wait_for_url("**#c*")


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_a_discussion_from_the_first_word_to_its_end(visit, site, script):
    paper = PAPER if script else "/papers/2611.00003"
    bo = visit("/", "bo", java_script_enabled=script)
    ann = visit(paper, "ann", java_script_enabled=script)
    write(ann, "Why is the bound $O(\\log n)$, and does @bo know?")
    remark = ann.locator(".remark").first
    assert remark.locator("math mi").first.text_content() == "O"
    assert ann.locator(":target").count() == 1

    bo.get_by_role("link", name="Notifications").click()
    assert "You are mentioned" in bo.locator("main").inner_text()
    assert bo.locator(".unseen-count").count() == 1
    bo.get_by_role("button", name="Mark all read").click()
    assert bo.locator(".unseen-count").count() == 0
    bo.locator(".told a").first.click()
    bo.wait_for_url(f"**{paper}#c*")
    bo.locator(".answer summary").first.click()
    bo.get_by_label("Your reply").fill("Because:\n\n$$\n\\sum_{i=1}^n \\frac{1}{i} \\le \\ln n + 1\n$$")
    bo.locator(".answer").get_by_role("button", name="Preview").click()
    assert bo.locator(".said math[display=block]").count() == 1
    bo.get_by_role("button", name="Send").click()
    bo.wait_for_url(f"**{paper}#c*")
    assert bo.locator(".remark.in1 math[display=block]").count() == 1

    ann.goto(site + paper)
    assert ann.locator(".unseen-count").count() == 1
    remark.get_by_role("link", name="Edit").click()
    ann.get_by_label("Your comment").fill("Why is the bound $O(\\log n)$?")
    ann.get_by_role("button", name="Save").click()
    ann.wait_for_url(f"**{paper}#c*")
    remark.get_by_role("link", name="edited").click()
    assert "does @bo know" in ann.locator("main").inner_text()
    ann.goto(site + paper)
    ann.locator(".remark.in1").get_by_role("link", name="Report").click()
    ann.get_by_label("What is wrong with it?").fill("The bound is off by one")
    ann.get_by_role("button", name="Report it").click()
    assert "The moderators see your report" in ann.locator("main").inner_text()

    mo = visit("/", "mo", "moderator", java_script_enabled=script)
    mo.get_by_role("link", name="Moderation").click()
    assert "The bound is off by one" in mo.locator("main").inner_text()
    mo.get_by_label("Reason").fill("Settles the matter")
    mo.get_by_role("button", name="Remove the comment").click()
    assert "No report is open." in mo.locator("main").inner_text()
    mo.get_by_role("link", name="Audit log").click()
    assert "Settles the matter" in mo.locator("main").inner_text()
    mo.goto(site + paper)
    assert "Removed by a moderator" in mo.locator("#discussion").inner_text()
    mo.get_by_role("link", name="Close this discussion").click()
    mo.get_by_label("Reason").fill("All is said")
    mo.get_by_role("button", name="Close it").click()
    mo.wait_for_url(f"**{paper}#discussion")

    ann.goto(site + paper)
    assert "All is said" in ann.locator("#discussion").inner_text()
    assert ann.locator("#discussion textarea").count() == 0
    remark.get_by_role("link", name="Delete").click()
    ann.get_by_role("button", name="Delete it").click()
    ann.wait_for_url(f"**{paper}#c*")
    assert "Deleted by its writer" in ann.locator("#discussion").inner_text()
    assert visit(paper).locator(".said").count() == 0


def test_the_letter_c_leads_to_the_discussion(visit, site):
    page = visit("/papers/2611.00004", "ann")
    write(page, "First")
    page.goto(site + "/papers/2611.00004")
    page.keyboard.press("c")
    page.wait_for_url("**/papers/2611.00004#discussion")
    page.goto(site)
    for _ in range(4):
        page.keyboard.press("j")
    page.keyboard.press("c")
    page.wait_for_url("**/papers/2611.00004#discussion")


def test_hostile_comments_do_nothing_in_a_real_browser(visit, home):
    visit("/", "ann")
    corpus = [*json.loads((ROOT / "tests" / "web" / "hostile.json").read_text())]
    corpus += json.loads((ROOT / "tests" / "web" / "hostile_markdown.json").read_text())
    store(home, "ann", corpus)
    shown = 0
    for number in range(1, -(-len(corpus) // 100) + 1):
        page = visit(f"/papers/2611.00002?page={number}", "ann")
        shown += page.locator(".remark").count()
        inside = page.locator(".said").evaluate_all(
            "(all) => all.flatMap((one) => [...one.querySelectorAll('*')].map((tag) => tag.localName))"
        )
        assert not {"script", "img", "svg", "iframe", "style", "form", "input", "object", "base"} & set(inside)
        for link in page.locator(".said a").evaluate_all("(all) => all.map((one) => one.protocol)"):
            assert link in ("http:", "https:", "mailto:")
        page.mouse.move(400, 400)
        page.keyboard.press("Tab")
        assert page.locator("#main").count() == 1
        assert page.locator("#discussion").bounding_box()["width"] <= 46 * 16
    assert shown == len(corpus)


def test_the_worker_mails_who_is_named_and_outlasts_a_mail_server_that_is_away(visit, home):
    for handle in ("ann", "bo"):
        visit("/", handle)
    with Mailbox() as mailbox, Mailbox() as gone:
        gone.__exit__()
        for server, served in ((gone, None), (mailbox, mailbox)):
            talk(home, "bo", f"@ann, the server is at {server.address}")
            with working(home, BROADSHEET_MAIL=server.address) as worker:
                if served is None:
                    told = next(line for line in worker.stderr if "Mail failed" in line)
                    assert "ConnectionRefusedError" in told
                    assert worker.poll() is None
                else:
                    assert {served.wait(2)["To"], served.wait(1)["To"]} == {"ann@example.org"}
        bodies = [mail.get_body(("plain",)).get_content() for mail in mailbox.mails]
        assert sum(gone.address in body for body in bodies) == 1
        assert len(bodies) == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_fit_a_phone_and_can_be_read_by_day_and_by_night(visit, site, scheme):
    page = visit("/papers/2611.00005", "ann", viewport=PHONE, has_touch=True, is_mobile=True, color_scheme=scheme)
    write(page, "First, `code`, @ann and\n\n> a quote of " + "averylongword" * 30)
    number = page.url.rpartition("#c")[2]
    for path in ("/papers/2611.00005", f"/comments/{number}/reply", f"/comments/{number}/edit",
                 f"/comments/{number}/delete", f"/comments/{number}/history", "/notifications"):  # fmt: skip
        page.goto(site + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
        links = "button:visible, nav a:visible, summary:visible, .turns a:visible, .byline a:visible"
        assert page.locator(links).evaluate_all(SMALL) == [], path
        assert page.evaluate(CONTRAST) == [], path
