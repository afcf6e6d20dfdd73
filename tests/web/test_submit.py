"""The submit page and fetching by visit, against sources on loopback; forms from elsewhere and hostile links."""

import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from broadsheet.community.models import Submission
from broadsheet.library.models import Paper

PUBLISHED = datetime.now(UTC).date() - timedelta(days=3)
ENTRY = """<feed xmlns="http://www.w3.org/2005/Atom"><totalResults>1</totalResults><startIndex>0</startIndex><entry>
<id>http://arxiv.org/abs/{id}v1</id><title>{title}</title><summary>Pages, evicted.</summary>
<published>{day}T00:00:00Z</published><updated>{day}T00:00:00Z</updated><author><name>Ann Lee</name></author>
</entry></feed>"""
NOBODY = '<feed xmlns="http://www.w3.org/2005/Atom"><totalResults>0</totalResults></feed>'


class Sources:
    """arXiv, Crossref and DataCite on one loopback server: every arXiv id but 2611.40400 is known, DOIs as told."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.works: dict[str, object] = {}
        self.title = "Paging with predictions"
        self.redirect = ""
        self.status = 200
        sources = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                sources.asked.append(self.path)
                status, body = sources.answer(urlsplit(self.path))
                self.send_response(302 if sources.redirect else status)
                if sources.redirect:
                    self.send_header("Location", sources.redirect)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.authority = f"127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def answer(self, asked) -> tuple[int, bytes]:
        if self.status != 200:
            return self.status, b""
        if asked.path == "/api/query":
            name = parse_qs(asked.query)["id_list"][0]
            answer = NOBODY if name == "2611.40400" else ENTRY.format(id=name, title=self.title, day=PUBLISHED)
            return 200, answer.encode()
        work = self.works.get(unquote(asked.path).removeprefix("/works/"))
        return (200, json.dumps({"message": work}).encode()) if work else (404, b"{}")

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture
def sources(monkeypatch):
    from django.conf import settings

    from broadsheet.community import fetching
    from broadsheet.sources import Politeness, Transport

    server = Sources()
    transport = Transport(allow=[server.authority], politeness=Politeness({}, 0), retries=0, deadline=20)
    monkeypatch.setattr(settings, "LOOKUP", f"http://{server.authority}")
    monkeypatch.setattr(fetching, "_transport", lambda: transport)
    yield server
    server.close()


def send(client, text, **fields):
    return client.post("/submit", {"paper": text, **fields})


def test_a_submitted_paper_leads_to_its_page_with_the_readers_vote_and_words(signed_in, sources, library, parsed):
    ann = signed_in("ann")
    assert "10 more papers" in parsed(ann.get("/submit")).text
    answer = send(ann, "https://arxiv.org/abs/2611.00001", note="Worth it", media_url="https://a.example/film.mp4")
    assert (answer.status_code, answer["Location"]) == (302, "/papers/2611.00001")
    page = parsed(ann.get("/papers/2611.00001"))
    assert "submitted by @ann" in page.text
    assert "Worth it" in page.text
    assert {"https://a.example/film.mp4", "/@ann"} <= set(page.links())
    paper = Paper.objects.get()
    assert (paper.votes, paper.day) == (1, library.today())
    assert "9 more papers" in parsed(ann.get("/submit")).text


def test_strangers_read_who_brought_a_paper_in_lists_and_on_its_page(signed_in, client, sources, parsed):
    send(signed_in("ann"), "2611.00001", note="Worth it")
    for address in ("/", "/papers/2611.00001"):
        page = parsed(client.get(address))
        assert "submitted by @ann" in page.text
        assert "Worth it" in page.text


def test_the_submit_page_asks_strangers_to_sign_in_and_takes_an_identifier_from_its_address(signed_in, client, library):
    assert client.get("/submit?paper=2611.00001")["Location"].startswith("/accounts/login/?next=/submit%3Fpaper")
    assert client.post("/submit", {"paper": "2611.00001"})["Location"].startswith("/accounts/login/")
    assert 'value="2611.00001"' in signed_in().get("/submit?paper=2611.00001").content.decode()
    assert client.put("/submit").status_code == 405


def test_what_is_here_leads_to_it_and_nothing_else_happens(signed_in, sources, library, record, parsed):
    library.put([record("Paging", "2611.00001", "10.1000/x")])
    for text in ("2611.00001v3", "https://doi.org/10.1000/X"):
        answer = send(signed_in(f"ann-{len(text)}"), text, note="kept")
        assert answer.status_code == 409
        assert "already here" in parsed(answer).text
        assert "/papers/2611.00001" in parsed(answer).links()
        assert "kept" in answer.content.decode()
    assert (sources.asked, Submission.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    ("text", "status", "words"),
    [
        ("", 400, "required"),
        ("deep learning", 400, "give an arXiv id"),
        ("https://openreview.net/forum?id=abcdefgh", 400, "give an arXiv id"),
        ("2611.40400", 400, "arXiv does not know"),
        ("10.1145/404", 400, "Neither Crossref nor DataCite knows"),
        ("x" * 601, 400, "at most 600"),
    ],
)
def test_a_refusal_says_why_and_keeps_what_was_written(signed_in, sources, parsed, text, status, words):
    answer = send(signed_in(), text, note="my words")
    assert answer.status_code == status
    assert words in parsed(answer).text
    assert "my words" in parsed(answer).text
    assert not Paper.objects.exists()


def test_a_source_that_does_not_answer_may_be_asked_again(signed_in, sources, parsed):
    ann = signed_in()
    sources.status = 500
    answer = send(ann, "2611.00001")
    assert (answer.status_code, Paper.objects.count()) == (503, 0)
    assert "nothing was stored, try again" in parsed(answer).text
    sources.status = 200
    assert send(ann, "2611.00001").status_code == 302


@pytest.mark.parametrize(
    "link",
    [
        "http://127.0.0.1:{port}/secret",
        "http://2130706433:{port}/secret",
        "http://0x7f000001:{port}/",
        "http://017700000001:{port}/",
        "http://localhost:{port}/",
        "http://[::1]:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:{port}/10.1145/3292500",
        "gopher://127.0.0.1:{port}/",
        "file:///etc/passwd",
    ],
)
def test_no_link_makes_the_server_go_where_it_says(signed_in, sources, link):
    port = sources.http.server_port
    answer = send(signed_in(), link.format(port=port))
    if "10.1145" in link:  # the DOI within it is asked of the sources, and nothing of the link's own host
        assert sources.asked == ["/works/10.1145%2F3292500", "/dois/10.1145%2F3292500"]
    else:
        assert sources.asked == []
    assert answer.status_code == 400
    assert not Paper.objects.exists()


def test_a_source_that_leads_inside_is_not_followed(signed_in, sources):
    inside = Sources()
    for target in (f"http://{inside.authority}/secret", "http://169.254.169.254/", "http://2130706433/"):
        sources.redirect = target
        assert send(signed_in(f"ann-{len(target)}"), "2611.00001").status_code == 503
    inside.close()
    assert inside.asked == []
    assert not Paper.objects.exists()


@pytest.mark.parametrize("media", ["javascript:alert(1)", "data:text/html,x", "https://a:b@c.example/", "https://a b/"])
def test_a_media_link_that_is_no_plain_web_address_is_refused(signed_in, sources, parsed, media):
    answer = send(signed_in(), "2611.00001", media_url=media)
    assert answer.status_code == 400
    assert "not a web address" in parsed(answer).text
    assert media not in parsed(answer).links()
    assert sources.asked == []


def test_hostile_words_are_shown_as_words(signed_in, client, sources, parsed):
    hostile = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>"
    sources.title = "&lt;script&gt;alert(1)&lt;/script&gt;"
    send(signed_in(), "2611.00001", note=hostile, media_url="https://a.example/?q=%22onclick=alert(1)")
    for address in ("/", "/papers/2611.00001"):
        page = parsed(client.get(address))
        assert hostile in page.text
        scripts = [each for tag, each in page.tags if tag == "script" and each.get("type") != "application/ld+json"]
        assert all(each["src"].startswith("/static/") for each in scripts)
        assert not any(
            tag == "img" or "onerror" in attributes or "onclick" in attributes for tag, attributes in page.tags
        )


def test_forms_from_elsewhere_bring_nothing(signed_in, sources):
    ann = signed_in(checks=True)
    assert send(ann, "2611.00001").status_code == 403
    assert ann.post("/papers/2611.00001/fetch").status_code == 403
    assert (sources.asked, Paper.objects.count()) == ([], 0)


def test_too_many_in_a_minute_have_to_wait(signed_in, sources):
    ann = signed_in()
    answers = [send(ann, "deep learning").status_code for _ in range(7)]
    assert answers == [400] * 6 + [429]


def test_beyond_the_days_limit_the_page_says_so(signed_in, sources, parsed, monkeypatch):
    from django.conf import settings

    monkeypatch.setattr(settings, "SUBMIT_LIMIT", 1)
    ann = signed_in()
    send(ann, "2611.00001")
    answer = send(ann, "2611.00002")
    assert answer.status_code == 403
    assert "1 paper a day" in parsed(answer).text
    assert "disabled" in ann.get("/submit").content.decode()


def test_a_page_of_a_paper_that_is_not_here_offers_to_fetch_it(signed_in, client, sources, parsed):
    missing = parsed(client.get("/papers/2611.00001"))
    assert "/accounts/login/?next=%2Fpapers%2F2611.00001" in missing.links()
    assert ("form", "/papers/2611.00001/fetch") not in [(tag, each.get("action")) for tag, each in missing.tags]
    ann = signed_in()
    offered = parsed(ann.get("/papers/2611.00001"))
    assert ("form", "/papers/2611.00001/fetch") in [(tag, each.get("action")) for tag, each in offered.tags]
    assert sources.asked == []  # looking at a page asks nobody
    answer = ann.post("/papers/2611.00001/fetch")
    assert (answer.status_code, answer["Location"]) == (302, "/papers/2611.00001")
    paper = Paper.objects.get()
    assert (paper.day, paper.votes, Submission.objects.count()) == (PUBLISHED, 0, 0)
    assert ann.get("/papers/2611.00001").status_code == 200


def test_a_doi_is_fetched_too_and_its_slashes_are_no_trouble(signed_in, sources):
    sources.works["10.1145/3292500.3330919"] = {"DOI": "10.1145/3292500.3330919", "title": ["Optuna"]}
    answer = signed_in().post("/papers/10.1145/3292500.3330919/fetch")
    assert answer["Location"] == "/papers/10.1145/3292500.3330919"
    assert Paper.objects.get().key == "10.1145/3292500.3330919"


def test_strangers_and_mere_visits_fetch_nothing(client, sources):
    assert client.post("/papers/2611.00001/fetch")["Location"].startswith("/accounts/login/")
    assert client.get("/papers/2611.00001/fetch").status_code == 405
    assert (sources.asked, Paper.objects.count()) == ([], 0)


def test_only_what_can_be_asked_for_is_offered(signed_in, library, record, sources):
    library.put([record("Paging", "2611.00001"), record("Evicting", "2611.00002")])
    library.withdraw("2611.00001")
    library.erase("2611.00002")
    ann = signed_in()
    for key in ("scifact:4983", "no such thing", "2611.00001", "2611.00002"):
        assert b"Fetch it" not in ann.get(f"/papers/{key}").content
        assert ann.post(f"/papers/{key}/fetch").status_code in (400, 404)
    assert library.search("paging OR evicting").total == 0
    assert sources.asked == []


def test_a_fetch_that_fails_can_be_repeated_from_its_own_page(signed_in, sources, parsed):
    ann = signed_in()
    sources.status = 500
    answer = ann.post("/papers/2611.00001/fetch")
    assert answer.status_code == 503
    assert ("form", "/papers/2611.00001/fetch") in [(tag, each.get("action")) for tag, each in parsed(answer).tags]
    sources.status = 200
    assert ann.post("/papers/2611.00001/fetch").status_code == 302


def test_what_a_limited_reader_submits_is_shown_to_them_alone(signed_in, client, sources, parsed):
    bo = signed_in("bo", is_limited=True)
    send(bo, "2611.00001", note="buy this")
    assert "buy this" in parsed(bo.get("/papers/2611.00001")).text
    assert "buy this" not in parsed(client.get("/papers/2611.00001")).text
