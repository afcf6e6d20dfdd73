"""Readers bring papers, editors feature them, collections are shared: in a real Chromium, with arXiv on loopback."""

from datetime import UTC, datetime, timedelta

import pytest
from arxiv_api import UNKNOWN, Arxiv
from browsing import CONTRAST, LAPTOP, PHONE, SMALL, in_browser
from homes import fill, sample_papers
from readers import sign_in
from sites import serving

pytestmark = in_browser

TELL_OF_WAITING = """() => {
  const note = document.querySelector("[data-waiting]"), button = document.querySelector(".sheet button");
  const tell = () => sessionStorage.setItem("said", `${note.textContent} ${button.disabled}`);
  new MutationObserver(() => note.checkVisibility() && tell()).observe(note.parentElement, {
    attributes: true, subtree: true,
  });
}"""
"""A page keeps in mind what it said while its form was under way; the browser's driver waits meanwhile."""


@pytest.fixture(scope="module")
def arxiv():
    server = Arxiv()
    yield server
    server.http.shutdown()
    server.http.server_close()


@pytest.fixture(scope="module")
def site(home, arxiv):
    fill(home, sample_papers()[:12])
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("BROADSHEET_LOOKUP", f"http://{arxiv.authority}")
        patched.setenv("BROADSHEET_FETCH_ALLOW", arxiv.authority)
        with serving(home) as address:
            yield address


@pytest.fixture
def visit(browser, site, home):
    """Open a page as a reader, or as nobody: visit("/submit", "ann", role="editor"). No page may complain."""
    contexts, complaints = [], []

    def open_page(path, handle=None, settings=None, **fields):
        context = browser.new_context(viewport=LAPTOP, reduced_motion="reduce", **(settings or {}))
        contexts.append(context)
        if handle:
            sign_in(context, site, home, handle, **fields)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
        page.goto(site + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def test_a_paper_submitted_by_its_link_is_on_todays_page_with_the_readers_vote(visit, site, arxiv):
    page = visit("/submit", "ann")
    page.evaluate(TELL_OF_WAITING)
    page.get_by_label("Identifier or link").fill("https://arxiv.org/abs/2104.12255v1")
    page.get_by_label("Why it is worth reading").fill("Read it on the train")
    page.get_by_label("Pictures or film").fill("https://a.example/film.mp4")
    page.get_by_role("button", name="Submit").click()
    page.wait_for_url("**/papers/2104.12255")
    said = page.evaluate("sessionStorage.getItem('said')")
    assert said == "Asking the source for it. This may take a few seconds. true"
    assert page.locator("h1").inner_text() == "Evicting pages, brought as 2104.12255"
    page.goto(site)
    block = page.locator("article", has_text="brought as 2104.12255")
    assert block.locator("[data-votes]").inner_text() == "1"
    assert block.locator("[data-votebutton]").get_attribute("aria-pressed") == "true"
    assert "submitted by @ann" in block.inner_text()
    assert "Read it on the train" in block.inner_text()
    stranger = visit("/")
    assert "submitted by @ann" in stranger.locator("article", has_text="brought as 2104.12255").inner_text()


def test_refusals_say_why_and_lead_on(visit, arxiv):
    page = visit("/submit", "bo")
    page.get_by_label("Identifier or link").fill("2611.00003")
    page.keyboard.press("Enter")
    page.get_by_text("already here").wait_for()
    page.locator(".notice a").click()
    assert "part 3" in page.locator("h1").inner_text()
    page = visit("/submit", "bo")
    for text, answer in (
        ("a paper about paging", "give an arXiv id"),
        ("http://127.0.0.1:1/secret", "give an arXiv id"),
        (UNKNOWN, "arXiv does not know"),
    ):
        page.get_by_label("Identifier or link").fill(text)
        page.get_by_label("Why it is worth reading").fill("kept")
        page.get_by_role("button", name="Submit").click()
        assert answer in page.locator(".wrong").first.inner_text()
        assert page.get_by_label("Why it is worth reading").input_value() == "kept"
    arxiv.status = 500
    page.get_by_label("Identifier or link").fill("2611.07001")
    page.get_by_role("button", name="Submit").click()
    assert "nothing was stored" in page.locator(".wrong").first.inner_text()
    arxiv.status = 200
    page.get_by_role("button", name="Submit").click()
    page.wait_for_url("**/papers/2611.07001")
    assert not any("secret" in asked for asked in arxiv.asked)


def test_a_paper_that_is_not_here_comes_when_a_reader_asks_for_it(visit, site, arxiv):
    stranger = visit("/papers/2611.07002")
    assert stranger.get_by_role("link", name="Sign in to fetch it").is_visible()
    assert "2611.07002" not in arxiv.asked
    page = visit("/papers/2611.07002", "ann")
    page.get_by_role("button", name="Fetch it").click()
    page.wait_for_url("**/papers/2611.07002")
    assert "brought as 2611.07002" in page.locator("h1").inner_text()
    assert "submitted by" not in page.locator("main").inner_text()
    page.goto(site)
    assert "2611.07002" not in page.locator("main").inner_text()


def test_an_editor_features_a_paper_and_schedules_another(visit, site):
    page = visit("/papers/2611.00005", "eve", role="editor")
    page.get_by_text("Feature it").click()
    page.get_by_label("Why", exact=False).first.fill("A clean argument")
    page.get_by_role("button", name="Feature").click()
    assert "featured by the editors" in page.locator("header").last.inner_text()
    page.goto(f"{site}/papers/2611.00006")
    page.get_by_text("Feature it").click()
    later = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    page.get_by_label("On the list of").fill(later)
    page.get_by_role("button", name="Feature").click()
    page.goto(f"{site}/editing")
    assert page.locator("#scheduled + .rows li").count() == 2
    stranger = visit("/")
    titles = stranger.locator("article h2").all_inner_texts()
    with_votes = sum("brought as" in title for title in titles)
    assert "part 5" in titles[with_votes]
    assert not any("part 6" in title for title in titles)
    page.locator("li", has_text="part 6").get_by_role("button", name="Take off").click()
    assert page.locator("#scheduled + .rows li").count() == 1
    stranger.reload()
    assert any("part 6" in title for title in stranger.locator("article h2").all_inner_texts())


def test_the_key_s_saves_and_unsaves_in_a_list_and_on_a_papers_page(visit, site):
    page = visit("/", "cy")
    page.keyboard.press("j")
    button = page.locator("article").first.locator("[data-savebutton]")
    with page.expect_response("**/save") as answer:
        page.keyboard.press("s")
    assert answer.value.json()["saved"] is True
    assert (button.inner_text(), button.get_attribute("aria-pressed")) == ("saved", "true")
    page.reload()
    assert button.inner_text() == "saved"
    page.locator("article h2 a").first.click()
    page.wait_for_url("**/papers/**")
    own = page.locator(".one > header [data-savebutton]")
    assert own.inner_text() == "saved"
    with page.expect_response("**/save") as answer:
        page.keyboard.press("s")
    assert answer.value.json()["saved"] is False
    assert own.inner_text() == "save"
    page.goto(f"{site}/collections")
    assert "0 papers" in page.locator("main").inner_text()


def test_a_save_that_the_server_refuses_is_taken_back_on_the_page(visit):
    page = visit("/", "cy")
    page.route("**/save", lambda route: route.fulfill(status=429, json={"error": "That was a lot."}))
    form = page.locator("article").nth(2).locator("[data-save]")
    form.locator("button").click()
    form.get_by_text("That was a lot.").wait_for()
    assert form.locator("button").inner_text() == "save"


def test_a_collection_is_made_filled_ordered_shared_and_exported(visit, site, tmp_path):
    page = visit("/collections/new", "dan")
    page.get_by_label("Title").fill("Paging, the good parts")
    page.get_by_role("button", name="Make it").click()
    address = page.url
    assert len(address.rsplit("/", 1)[1]) == 22
    for n in (1, 2, 3):
        page.goto(f"{site}/papers/2611.{n:05}")
        page.locator("#collections summary").click()
        page.get_by_label("Paging, the good parts").check()
        page.get_by_role("button", name="Keep").click()
    page.goto(address)
    page.locator("article", has_text="part 3").locator("+ .clip-tools").get_by_role("button", name="to the top").click()
    page.locator("article", has_text="part 2").locator("+ .clip-tools").get_by_role("button", name="up").click()
    tools = page.locator("article", has_text="part 2").locator("+ .clip-tools")
    tools.get_by_text("add a note").click()
    tools.get_by_label("Note").fill("The readable proof")
    tools.get_by_role("button", name="Keep the note").click()
    shown = [title.split(",")[1].strip() for title in page.locator("article h2").all_inner_texts()]
    assert shown == ["part 3", "part 2", "part 1"]
    stranger = visit(address.removeprefix(site))
    assert "There is no such collection" in stranger.locator("h1").inner_text()
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Public", exact=False).check()
    page.get_by_role("button", name="Save").click()
    stranger.goto(f"{site}/collections")
    stranger.get_by_role("link", name="Paging, the good parts").click()
    assert "The readable proof" in stranger.locator("main").inner_text()
    assert stranger.get_by_role("button", name="remove").count() == 0
    with stranger.expect_download() as download:
        stranger.get_by_role("link", name="BibTeX").click()
    assert download.value.suggested_filename == "paging-the-good-parts.bib"
    download.value.save_as(tmp_path / "papers.bib")
    assert (tmp_path / "papers.bib").read_text().count("@") == 3


def test_without_javascript_papers_are_brought_saved_and_collected(visit, site):
    page = visit("/submit", "fay", settings={"java_script_enabled": False})
    page.get_by_label("Identifier or link").fill("2611.07003")
    page.get_by_role("button", name="Submit").click()
    page.wait_for_url("**/papers/2611.07003")
    page.locator(".one > header [data-savebutton]").click()
    assert page.locator(".one > header [data-savebutton]").inner_text() == "saved"
    page.locator("#collections summary").click()
    page.get_by_label("A new one").fill("Without scripts")
    page.get_by_role("button", name="Keep").click()
    page.goto(f"{site}/collections")
    assert "Without scripts" in page.locator("main").inner_text()
    page.get_by_role("link", name="Saved", exact=True).click()
    page.get_by_role("button", name="remove").click()
    assert page.locator("article").count() == 0
    page.goto(f"{site}/papers/2611.07003")
    page.get_by_text("Is this your paper?").click()
    page.get_by_label("Which author are you?").select_option("Quan Thoi Minh Nguyen")
    page.get_by_role("button", name="Claim it").click()
    assert "Your claim: open" in page.locator("main").inner_text()
    desk = visit("/editing", "eve", role="editor")
    desk.locator("li", has_text="@fay").get_by_role("button", name="Accept").click()
    page.reload()
    assert "Quan Thoi Minh Nguyen @fay" in page.locator(".one > header").inner_text()


PAGES = ("/submit", "/collections", "/collections/new", "/papers/2611.00001", "/papers/2611.77777", "/editing", "/")


def test_a_phone_scrolls_in_one_direction_only_and_fingers_hit_what_they_mean(visit, site):
    settings = {"has_touch": True, "is_mobile": True}
    page = visit("/collections/new", "gil", settings=settings, role="editor")
    page.set_viewport_size(PHONE)
    page.get_by_label("Title").fill("W" * 120)
    page.get_by_label("Public", exact=False).check()
    page.get_by_role("button", name="Make it").click()
    mine = page.url.removeprefix(site)
    page.goto(f"{site}/papers/2611.00001")
    page.locator("#collections summary").click()
    page.get_by_label("WWW", exact=False).first.check()
    page.get_by_role("button", name="Keep").click()
    for path in (*PAGES, mine, f"{mine}/edit"):
        page.goto(site + path)
        page.locator(".act > summary").evaluate_all("(all) => all.forEach((one) => one.click())")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
        small = page.locator("main :is(button, summary, .button, .meta a):visible").evaluate_all(SMALL)
        assert small == [], path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_stands_out_enough_by_day_and_by_night(visit, site, scheme):
    page = visit("/collections/new", f"hal-{scheme}", settings={"color_scheme": scheme}, role="editor")
    page.get_by_label("Title").fill("Contrast")
    page.get_by_role("button", name="Make it").click()
    mine = page.url.removeprefix(site)
    page.goto(f"{site}/papers/2611.00001")
    page.locator("#collections summary").click()
    page.get_by_label("Contrast").check()
    page.get_by_role("button", name="Keep").click()
    for path in (*PAGES, mine):
        page.goto(site + path)
        page.locator(".act > summary").evaluate_all("(all) => all.forEach((one) => one.click())")
        assert page.evaluate(CONTRAST) == [], path
