"""Take pictures of the pages for people to look at: shots/{page}-{light,dark,phone}.png, of the starter library."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from test_pages import CHROMIUM, LAPTOP, PHONE, QUIET, ROOT, environment, serving, sync_api

FOLDER = ROOT / "shots"
SETTINGS = {
    "light": {"viewport": LAPTOP},
    "dark": {"viewport": LAPTOP, "color_scheme": "dark"},
    "phone": {"viewport": PHONE, "device_scale_factor": 2},
}
MODEL = os.environ.get("BROADSHEET_MODEL", "")
QUERY = "/search?q=online+learning+with+predictions"


def take(browser: "sync_api.Browser", site: str, pages: dict[str, str]) -> None:
    """Take one picture of every page in every setting."""
    for setting, options in SETTINGS.items():
        context = browser.new_context(**options)
        page = context.new_page()
        for name, path in pages.items():
            page.goto(site + path)
            if name == "search":
                page.locator("summary").first.click()
            page.screenshot(path=FOLDER / f"{name}-{setting}.png")
        context.close()


def first_paper(browser: "sync_api.Browser", site: str) -> str:
    """The path of the paper that stands first on the front page."""
    page = browser.new_page()
    page.goto(site)
    path = page.locator("article h2 a").first.get_attribute("href")
    page.close()
    return path or "/"


def main() -> None:
    """Make two libraries, one of them empty, and take the pictures."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place, sync_api.sync_playwright() as playwright:
        full, empty = Path(place, "full"), Path(place, "empty")
        command = [sys.executable, "-m", "broadsheet", "init"]
        subprocess.run(command, env=environment(full, MODEL), check=True)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        with serving(full, MODEL) as site:
            take(
                browser, site, {"today": "/", "paper": first_paper(browser, site), "search": QUERY, "status": "/status"}
            )
        with serving(empty) as site:
            take(browser, site, {"empty": "/"})
        browser.close()
    print(f"Pictures are in {FOLDER}/")  # noqa: T201


if __name__ == "__main__":
    main()
