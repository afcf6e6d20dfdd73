"""Take pictures of the pages for people to look at: shots/{page}-{light,dark,phone}.png, of a library with readers."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from browsing import CHROMIUM, LAPTOP, PHONE, QUIET, sync_api
from sites import ROOT, environment, serving

FOLDER = ROOT / "shots"
SETTINGS = {
    "light": {"viewport": LAPTOP},
    "dark": {"viewport": LAPTOP, "color_scheme": "dark"},
    "phone": {"viewport": PHONE, "device_scale_factor": 2},
}
MODEL = os.environ.get("BROADSHEET_MODEL", "")
QUERY = "/search?q=online+learning+with+predictions"
PAGES = {
    "today": "/",
    "week": "/week",
    "month": "/month",
    "trending": "/trending",
    "newest": "/newest",
    "topic": "/topics/online%20learning",
    "search": QUERY,
    "collections": "/collections",
    "status": "/status",
}
READERS = {"today": "/", "submit": "/submit", "collections": "/collections", "settings": "/settings"}
LIVE = """
import random
from datetime import UTC, datetime, timedelta
from broadsheet.library import Library
library = Library.open(model="none")
from allauth.account.models import EmailAddress
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from broadsheet.community import clipping, comments, voting
from broadsheet.community.models import Reader
from broadsheet.library.models import Paper
from broadsheet.papers import Record, Version

chance, now, today = random.Random(7), datetime.now(UTC), library.today()
names = ["Ada Byron", "Émilie du Châtelet", "Bo Chen", "Grace Odhiambo", "Kurt Weiss", "Lina Haddad"]
readers = []
for number in range(36):
    name = names[number] if number < len(names) else ""
    reader = Reader.objects.create_user(f"reader-{number}", f"reader-{number}@example.org", name=name)
    EmailAddress.objects.create(user=reader, email=reader.email, primary=True, verified=True)
    readers.append(reader)
library.put([Record("notes", (), Version("Notes on keeping a library of papers"))])  # more than the starter collection
papers = list(Paper.objects.order_by("pk").values_list("pk", flat=True))
chance.shuffle(papers)
for place, paper in enumerate(papers):
    Paper.objects.filter(pk=paper).update(day=today - timedelta(days=place // 28))
said = ["Does the bound hold for weighted pages too?", "The proof of Lemma 3 is very clear.",
        "We could repeat the second experiment with the published code.", "Section 4 answers that."]
for paper in papers[:150]:
    voters = chance.sample(readers, min(int(chance.expovariate(1 / 7)), len(readers)))
    for reader in voters:
        voting.vote(reader, paper, now)
    for reader in voters[: len(voters) // 9]:
        comments.write(reader, paper, chance.choice(said), now)
    for reader in voters[: len(voters) // 5]:
        clipping.save(reader, paper, now)
session = SessionStore()
session[SESSION_KEY] = str(readers[0].pk)
session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
session[HASH_SESSION_KEY] = readers[0].get_session_auth_hash()
session.save()
print(session.session_key)
"""


def take(browser: "sync_api.Browser", site: str, pages: dict[str, str], session: str = "") -> None:
    """Take one picture of every page in every setting, as a visitor or as the reader of a session."""
    for setting, options in SETTINGS.items():
        context = browser.new_context(**options)
        if session:
            context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
        page = context.new_page()
        for name, path in pages.items():
            page.goto(site + path)
            if name in ("search", "trending"):
                page.get_by_text("why this").first.click()
            page.screenshot(path=FOLDER / f"{name}-{setting}.png")
        context.close()


def first_paper(browser: "sync_api.Browser", site: str) -> str:
    """The path of the paper that stands first on the front page."""
    page = browser.new_page()
    page.goto(site)
    path = page.locator("article h2 a").first.get_attribute("href")
    page.close()
    return path or "/"


def bring_to_life(home: Path) -> str:
    """Give a library readers who vote, comment and save, and return the session of one of them."""
    command = [sys.executable, "-c", LIVE]
    return subprocess.run(command, env=environment(home), check=True, text=True, stdout=subprocess.PIPE).stdout.strip()


def main() -> None:
    """Make two libraries, one of them empty, and take the pictures."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place, sync_api.sync_playwright() as playwright:
        full, empty = Path(place, "full"), Path(place, "empty")
        command = [sys.executable, "-m", "broadsheet", "init"]
        subprocess.run(command, env=environment(full, MODEL), check=True)
        session = bring_to_life(full)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        with serving(full, MODEL) as site:
            paper = first_paper(browser, site)
            take(browser, site, {**PAGES, "paper": paper})
            take(
                browser,
                site,
                {f"{name}-signed-in": path for name, path in {**READERS, "paper": paper}.items()},
                session,
            )
        with serving(empty) as site:
            take(browser, site, {"empty": "/", "empty-trending": "/trending"})
        browser.close()
    print(f"Pictures are in {FOLDER}/")  # noqa: T201


if __name__ == "__main__":
    main()
