"""An editor makes one paper of two and takes them apart again, in a real Chromium, without JavaScript too."""

import pytest
from browsing import CONTRAST, PHONE, SMALL, in_browser
from homes import fill, inside, sample_papers
from readers import sign_in
from sites import serving

pytestmark = in_browser

PAGE, THEIRS = "/papers/2611.00001", "/papers/10.1145/7"
ABSTRACT = "What is evicted depends on a bit that comes with each request."


@pytest.fixture(scope="module")
def site(home):
    fill(home, sample_papers()[:3])
    inside(home, put_the_article)
    with serving(home) as address:
        yield address


def put_the_article() -> None:
    """The first paper once more, under a name and a title of another source."""
    from broadsheet.library import Library
    from broadsheet.papers import Author, Identifier, Record, Version

    names = (Identifier.parse("10.1145/7"), Identifier.parse("openalex:W7"))
    authors = (Author("A. Byron"), Author("É. du Châtelet"), Author("K. Weiss"))
    text = Version("Foresight of one bit", ABSTRACT, authors, venue="Proceedings of Paging")
    Library.open(model="none").put([Record("crossref", names, text)])


@pytest.fixture
def open_as_editor(visit, site, home):
    def open_page(path, **settings):
        page = visit("/healthz", **settings)
        sign_in(page.context, site, home, "eve", role="editor")
        page.goto(site + path)
        return page

    return open_page


@pytest.mark.parametrize("is_scripted", [True, False])
def test_two_become_one_and_two_again(open_as_editor, visit, site, is_scripted):
    page = open_as_editor(PAGE, java_script_enabled=is_scripted)
    page.get_by_text("The same work as …").click()
    page.get_by_label("This is the same work as").fill(f"{site}{THEIRS}")
    page.get_by_role("button", name="Show both").click()
    assert page.locator("h1").inner_text() == "Are these the same work?"
    assert page.locator(".sides section").count() == 2
    page.get_by_role("button", name="Make them one").click()
    assert page.url == site + PAGE
    stranger = visit(THEIRS, java_script_enabled=is_scripted)
    assert stranger.url == site + PAGE
    stranger.get_by_text("Field by field").click()
    said = stranger.locator(".origins dd").first.inner_text()
    assert said.startswith("crossref")
    assert "arxiv says Paging with succinct predictions, part 1" in said
    page.get_by_text("One of several papers").click()
    page.get_by_role("button", name="Take it out again").click()
    assert page.url == site + THEIRS
    assert stranger.goto(site + PAGE).status == 200
    assert "Field by field" not in stranger.content()


def test_a_name_that_leads_nowhere_is_told_beside_the_field(open_as_editor):
    page = open_as_editor(f"{PAGE}/merge?other=2611.40400")
    assert page.get_by_role("alert").inner_text() == "Not found: arxiv:2611.40400 is not in this library."
    assert page.get_by_label("The other paper").input_value() == "2611.40400"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_reads_well_on_a_phone_by_day_and_by_night(open_as_editor, site, scheme):
    page = open_as_editor(f"{PAGE}/merge?other=10.1145/7", viewport=PHONE, color_scheme=scheme)
    for path in (f"{PAGE}/merge?other=10.1145/7", f"{PAGE}/merge", PAGE):
        page.goto(site + path)
        page.locator("main summary").evaluate_all("(all) => all.forEach((one) => one.click())")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
        assert page.locator("main :is(button, summary, .button):visible").evaluate_all(SMALL) == [], path
        assert page.evaluate(CONTRAST) == [], path
