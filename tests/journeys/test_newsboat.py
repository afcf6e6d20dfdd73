"""A real reader of feeds, newsboat, subscribes to every Atom and RSS feed of a real server.

Version 2.21 reads no JSON Feed, and keeps an ETag from the second time on that it sees a feed.
"""

import os
import shutil
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest
from homes import fill, inside, sample_papers
from sites import serving

NEWSBOAT = shutil.which("newsboat")
pytestmark = pytest.mark.skipif(NEWSBOAT is None, reason="newsboat is not installed")
LISTS = (
    "daily.{}", "newest.{}", "week.{}", "month.{}", "trending.{}", "topic.{}?t=online+algorithms",
    "author.{}?name=Ada+Byron", "search.{}?q=succinct",
)  # fmt: skip
FORMS = ("atom", "rss")


@contextmanager
def recording(site: str) -> Iterator[tuple[str, list[tuple[str, int]]]]:
    """A proxy on the loopback in front of a site: its address, and the path and status of every answer."""
    answers: list[tuple[str, int]] = []
    host = urlsplit(site).netloc

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            behind = HTTPConnection(host, timeout=30)
            behind.request("GET", self.path, headers=dict(self.headers))
            response = behind.getresponse()
            body = response.read()
            answers.append((self.path, response.status))
            self.send_response_only(response.status)
            for name, value in response.getheaders():
                if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            behind.close()

        def log_message(self, *_: object) -> None:
            """The answers are the log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", answers
        server.shutdown()


@pytest.fixture(scope="module")
def site(home) -> Iterator[tuple[str, list[tuple[str, int]], str, str]]:
    """The proxy in front of a server, what it recorded, and the slugs of a shared and a private collection."""
    fill(home, sample_papers())
    slugs = inside(home, collect)
    with serving(home) as address, recording(address) as (proxy, answers):
        yield proxy, answers, *slugs


def collect() -> tuple[str, str]:
    """Make a shared and a private collection of a reader; their slugs."""
    from broadsheet.community import clipping, collecting
    from broadsheet.community.models import Reader
    from broadsheet.library import Library

    library, now = Library.open(model="none"), datetime.now(UTC)
    reader = Reader.objects.create_user("ann", "ann@example.org")
    shared = collecting.create(reader, "On caches & <paging>", now, visibility="link")
    private = collecting.create(reader, "Private", now)
    for collection in (shared, private):
        for number in (7, 3):
            clipping.clip(collection, library.find(f"2611.{number:05}").paper_id, now)
    clipping.annotate(shared, library.find("2611.00003").paper_id, "Read <b>this</b> first", now)
    return shared.slug, private.slug


def reload(home: Path, addresses: list[str]) -> None:
    """Let newsboat read feeds into its cache in a home of its own."""
    (home / "urls").write_text("".join(f'"{address}"\n' for address in addresses))
    (home / "config").write_text("max-items 0\n")
    files = ["-u", str(home / "urls"), "-c", str(home / "cache.db"), "-C", str(home / "config")]
    known = {name: os.environ[name] for name in ("PATH",)}
    run = subprocess.run(
        [NEWSBOAT, *files, "-x", "reload"],
        env=known | {"HOME": str(home), "LANG": "C.UTF-8", "TERM": "dumb"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def held(home: Path) -> list[tuple[str, str, str]]:
    """What newsboat's cache holds: title, link and text of every paper."""
    cache = sqlite3.connect(home / "cache.db")
    rows = cache.execute("SELECT title, url, content FROM rss_item WHERE NOT deleted ORDER BY url").fetchall()
    cache.close()
    return rows


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("feed", [*LISTS, "collection"])
def test_newsboat_reads_a_feed_whole(site, tmp_path, feed, form):
    proxy, _, shared, _ = site
    path = f"collections/{shared}.{form}" if feed == "collection" else feed.format(form)
    reload(tmp_path, [f"{proxy}/feeds/{path}"])
    found = held(tmp_path)
    expected = {
        f"{proxy}/papers/{paper['id']}"
        for paper in sample_papers()
        if feed.startswith(("newest", "trending"))
        or (paper["id"].startswith("2611.") and (feed != "collection" or paper["id"][-1:] in "37"))
    }
    assert Counter(link for _, link, _ in found) == Counter(expected)
    title, text = next((title, text) for title, link, text in found if link.endswith("/2611.00003"))
    assert title == "Paging with succinct predictions, part 3, for n requests"
    assert "We study how a page is chosen for eviction" in text
    assert ("Read &lt;b&gt;this&lt;/b&gt; first" in text) == (feed == "collection")
    assert not any("<script" in text.lower() or "<img" in text.lower() for *_, text in found)


def test_newsboat_holds_a_paper_of_many_feeds_once_and_is_told_when_nothing_changed(site, tmp_path):
    proxy, answers, shared, private = site
    paths = [path.format(form) for path in (*LISTS, f"collections/{shared}.{{}}") for form in FORMS]
    secret = f"{proxy}/feeds/collections/{private}.atom"
    feeds = [f"{proxy}/feeds/{path}" for path in paths]
    answers.clear()
    reload(tmp_path, [*feeds, secret])
    first = held(tmp_path)
    assert Counter(status for _, status in answers) == {200: len(feeds), 404: 1}
    assert Counter(link for _, link, _ in first) == Counter(
        f"{proxy}/papers/{paper['id']}" for paper in sample_papers()
    )

    reload(tmp_path, feeds)
    answers.clear()
    reload(tmp_path, feeds)
    assert Counter(status for _, status in answers) == {304: len(feeds)}
    assert held(tmp_path) == first
