"""A reader sends the file that Zotero exported, sees what was understood, gets papers like it, and takes it back."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import CONTRAST, PHONE, SMALL, in_browser
from homes import fill, sample_papers
from readers import sign_in
from sites import serving

pytestmark = in_browser

BIB = """@misc{one, title={Paging with succinct predictions}, eprint={2611.00001}, archiveprefix={arXiv}}
@misc{two, title={Paging with succinct predictions, part 2, for $n$ requests}, author={Ada Byron}}
@article{three, title={An article that nobody here has}, abstract={Of it nothing is stored.}}
@article{four, note={without a title}}
"""


@pytest.fixture(scope="module")
def site(home) -> Iterator[str]:
    fill(home, sample_papers()[:12])
    with serving(home) as address:
        yield address


def test_references_are_sent_understood_used_and_forgotten(browser, site, home, tmp_path):
    path = Path(tmp_path, "My library.bib")
    path.write_text(BIB)
    context = browser.new_context(viewport=PHONE)
    sign_in(context, site, home, "ann")
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto(f"{site}/subscribe")
    page.get_by_role("button", name="Subscribe").click()
    page.get_by_role("link", name="send your references").click()
    page.get_by_label("A file of references").set_input_files(path)
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_text("2 of 4 references found here.", exact=True).wait_for()
    said = page.locator("section").inner_text()
    assert "My library.bib" in said
    assert "1 other will soon be known by meaning" in said
    assert "caching, online algorithms" in said
    page.get_by_text("2 papers found here").click()
    assert page.get_by_role("link", name="Paging with succinct predictions, part 1,").is_visible()
    page.locator("summary", has_text="1 could not be used").click()
    assert page.get_by_text("line 4").is_visible()
    assert page.evaluate(CONTRAST) == []
    hit = page.locator(".references button, .references summary, .references input[type=file]")
    assert hit.evaluate_all(SMALL) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.goto(f"{site}/subscription")
    page.get_by_role("link", name="What it would hold now").click()
    preview = page.content()
    assert "topic of your references" in preview
    assert "part 2," not in preview
    assert "part 3," in preview
    page.goto(f"{site}/references")
    page.get_by_role("button", name="Forget this list").click()
    page.get_by_text("Forgotten, with everything that was learned of it.").wait_for()
    assert page.locator("section").count() == 0
    context.close()
