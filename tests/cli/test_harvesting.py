"""`broadsheet harvest SOURCE`: each brings papers once, goes on where it was cut off, and says what is wrong."""

import json
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from broadsheet.sources import Politeness, Transport

Answer = tuple[int, dict[str, str], str]


class Service:
    """A server whose answers a test decides; `asked` holds the path, the question and the headers of each request."""

    def __init__(self) -> None:
        self.answer: Callable[[str, dict[str, str]], Answer] = lambda path, asked: (404, {}, "")
        self.asked: list[tuple[str, dict[str, str], dict[str, str]]] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path = urlsplit(self.path)
                question = {name: values[0] for name, values in parse_qs(path.query).items()}
                service.asked.append((path.path, question, {name.lower(): text for name, text in self.headers.items()}))
                status, headers, body = service.answer(path.path, question)
                self.send_response(status)
                for name, text in {**headers, "Content-Length": str(len(body.encode()))}.items():
                    self.send_header(name, text)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.authority = f"127.0.0.1:{self.http.server_port}"
        self.url = f"http://{self.authority}"
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()


@pytest.fixture
def service(monkeypatch) -> Iterator[Service]:
    """A server that harvests may reach, without the pause that strangers' servers are given."""
    from django.conf import settings

    server = Service()
    monkeypatch.setattr(settings, "FETCH_ALLOW", (server.authority,))
    monkeypatch.setattr("broadsheet.sources.Transport", partial(Transport, politeness=Politeness({}, 0)))
    yield server
    server.http.shutdown()
    server.http.server_close()


def crossref(_path: str, asked: dict[str, str]) -> Answer:
    works = [{"DOI": f"10.1000/{number}", "title": [f"Crossref paper {number}"]} for number in range(200)]
    page = works if asked["cursor"] == "*" else [{"DOI": "10.1000/a", "title": ["The last"]}]
    return 200, {}, json.dumps({"message": {"items": page, "next-cursor": "next", "total-results": 201}})


def openalex(_path: str, asked: dict[str, str]) -> Answer:
    number = {"*": 1, "b": 2}[asked["cursor"]]
    work = {"id": f"https://openalex.org/W{number}", "title": f"OpenAlex paper {number}"}
    return 200, {}, json.dumps({"results": [work], "meta": {"count": 2, "next_cursor": "b" if number == 1 else None}})


def semantic_scholar(_path: str, asked: dict[str, str]) -> Answer:
    number = 2 if "token" in asked else 1
    paper = {"paperId": f"{number:040x}", "title": f"Scholar paper {number}"}
    return 200, {}, json.dumps({"data": [paper], "total": 2, "token": "b" if number == 1 else None})


def datacite(_path: str, asked: dict[str, str]) -> Answer:
    number = {"1": 1, "b": 2}[asked["page[cursor]"]]
    about = {"doi": f"10.5281/{number}", "titles": [{"title": f"DataCite paper {number}"}]}
    links = {"next": "http://elsewhere.example/?page[cursor]=b"} if number == 1 else {}
    return 200, {}, json.dumps({"data": [{"attributes": about}], "meta": {"total": 2}, "links": links})


def pubmed(path: str, _asked: dict[str, str]) -> Answer:
    if path.endswith("esearch.fcgi"):
        return 200, {}, json.dumps({"esearchresult": {"count": "2", "querykey": "1", "webenv": "S"}})
    found = "".join(
        f"<PubmedArticle><MedlineCitation><PMID>{number}</PMID><Article>"
        f"<ArticleTitle>PubMed paper {number}</ArticleTitle></Article></MedlineCitation></PubmedArticle>"
        for number in (1, 2)
    )
    return 200, {}, f"<PubmedArticleSet>{found}</PubmedArticleSet>"


def acl(path: str, _asked: dict[str, str]) -> Answer:
    name = path.removeprefix("/").removesuffix(".xml")
    paper = f"<paper id='1'><title>Anthology paper of {name}</title></paper>"
    return 200, {}, f"<collection id='{name}'><volume id='x'>{paper}</volume></collection>"


def feed(_path: str, _asked: dict[str, str]) -> Answer:
    entries = "".join(
        f"<item><title>Feed paper {number}</title><link>https://a.example/{number}</link></item>" for number in (1, 2)
    )
    return 200, {"ETag": '"v1"'}, f"<rss><channel><title>J</title>{entries}</channel></rss>"


SOURCES = {
    "crossref": (crossref, ["graphs"], 201),
    "openalex": (openalex, ["graphs"], 2),
    "semantic-scholar": (semantic_scholar, ["graphs"], 2),
    "datacite": (datacite, ["graphs"], 2),
    "pubmed": (pubmed, ["sepsis", "--since", "2026-11-01"], 2),
    "acl": (acl, ["2026.acl", "2026.emnlp"], 2),
    "feed": (feed, [], 2),
}


def arguments(service: Service, name: str) -> list[str]:
    end = {"acl": "/", "feed": "/rss"}.get(name, "")
    where = [f"{service.url}{end}"] if name == "feed" else ["--endpoint", f"{service.url}{end}"]
    return ["harvest", name, *SOURCES[name][1], *where, "--no-embed"]


def test_every_source_has_a_command(invoke):
    listed = invoke("harvest", "--help").stdout
    assert all(name in listed for name in (*SOURCES, "arxiv"))


@pytest.mark.parametrize("name", SOURCES)
def test_harvesting_twice_changes_nothing(invoke, service, name):
    answer, _, count = SOURCES[name]
    service.answer = answer
    done = invoke(*arguments(service, name))
    assert (done.exit_code, f"{count:,} records" in done.stdout, f"{count:,} new" in done.stdout) == (0, True, True)
    again = json.loads(invoke(*arguments(service, name), "--json").stdout)
    assert (again["state"], again["unchanged"], again["added"], again["papers"]) == ("done", count, 0, count)


@pytest.mark.parametrize("name", [name for name in SOURCES if name != "feed"])
def test_a_run_that_broke_off_goes_on_where_it_was(invoke, service, name):
    answer, _, count = SOURCES[name]

    def break_off(path: str, asked: dict[str, str]) -> Answer:
        is_later = len(service.asked) > 1
        return (500, {}, "") if is_later else answer(path, asked)

    service.answer = break_off
    broken = invoke(*arguments(service, name))
    assert (broken.exit_code, "500 Internal Server Error" in broken.stderr) == (1, True)
    service.answer = answer
    before = len(service.asked)
    whole = json.loads(invoke(*arguments(service, name), "--json").stdout)
    assert (whole["state"], whole["seen"], whole["papers"]) == ("done", count, count)
    if name != "pubmed":  # whose first request brings no papers yet
        assert service.asked[before:][0][:2] == service.asked[before - 1][:2]
        assert len(service.asked) == before + 1


def test_a_limit_is_kept(invoke, service):
    service.answer = crossref
    assert json.loads(invoke(*arguments(service, "crossref"), "--limit", "7", "--json").stdout)["papers"] == 7


def test_a_retraction_withdraws_the_paper(invoke, service, library_on_sqlite):
    service.answer = openalex
    invoke(*arguments(service, "openalex"))
    gone = {"id": "https://openalex.org/W1", "title": "OpenAlex paper 1", "is_retracted": True}
    service.answer = lambda *_: (200, {}, json.dumps({"results": [gone], "meta": {"count": 1}}))
    told = json.loads(invoke(*arguments(service, "openalex"), "--json").stdout)
    assert (told["withdrawn"], told["papers"]) == (1, 1)


def test_an_unchanged_feed_is_not_sent_again(invoke, service):
    service.answer = feed
    invoke(*arguments(service, "feed"))
    service.answer = lambda *_: (304, {}, "")
    for _ in range(2):
        told = json.loads(invoke(*arguments(service, "feed"), "--json").stdout)
        assert (told["state"], told["seen"], told["papers"]) == ("done", 0, 2)
        assert service.asked[-1][2]["if-none-match"] == '"v1"'


def test_papers_without_a_link_are_asked_for_at_unpaywall(invoke, service, monkeypatch):
    from django.conf import settings

    monkeypatch.setattr(settings, "CONTACT", "papers@example.org")
    service.answer = datacite
    invoke(*arguments(service, "datacite"))
    place = {"url_for_pdf": "https://a.example/1.pdf"}
    service.answer = lambda path, _: (
        (404, {}, "")
        if path.endswith("2")
        else (200, {}, json.dumps({"doi": "10.5281/1", "is_oa": True, "best_oa_location": place}))
    )
    asked = ["harvest", "unpaywall", "--endpoint", f"{service.url}/", "--no-embed", "--json"]
    told = json.loads(invoke(*asked).stdout)
    assert (told["revised"], told["refused"], told["papers"]) == (1, 1, 2)
    before = len(service.asked)
    assert json.loads(invoke(*asked).stdout)["revised"] == 0
    assert [path for path, _, _ in service.asked[before:]] == ["/10.5281%2F2"]  # the other has its link


def test_keys_and_contact_are_told_to_the_service_and_to_nobody_else(invoke, service, monkeypatch):
    from django.conf import settings

    monkeypatch.setattr(settings, "OPENALEX", "k3y-of-ours")
    monkeypatch.setattr(settings, "CONTACT", "papers@example.org")
    service.answer = lambda *_: (403, {}, json.dumps({"error": "k3y-of-ours is spent"}))
    done = invoke(*arguments(service, "openalex"))
    _, asked, headers = service.asked[0]
    assert (asked["api_key"], asked["mailto"]) == ("k3y-of-ours", "papers@example.org")
    assert "papers@example.org" in headers["user-agent"]
    assert "403 Forbidden" in done.stderr
    assert "is spent" in done.stderr
    assert "k3y" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("asked", "code", "says"),
    [
        (["crossref"], 2, "needs a query, an ISSN, a filter or a first day"),
        (["openalex"], 2, "needs a query"),
        (["semantic-scholar"], 2, "needs a query"),
        (["pubmed"], 2, "needs a query"),
        (["pubmed", "--since", "2199-01-01"], 2, "is later than"),
        (["datacite"], 2, "needs a query"),
        (["acl", "../x"], 2, "is not a collection"),
        (["unpaywall"], 2, "BROADSHEET_CONTACT"),
        (["unpaywall", "arxiv:2104.12255"], 2, "Give DOIs"),
        (["feed"], 2, "ADDRESS"),
        (["feed", "nature.rss"], 2, "is not the web address of a feed"),
        (["feed", "http://127.0.0.1/rss"], 1, "not a public address"),
        (["crossref", "x", "--since", "yesterday"], 2, "--since"),
        (["crossref", "x", "--limit", "0"], 2, "--limit"),
        (["openalex", "x", "--endpoint", "http://127.0.0.1:1/works"], 1, "127.0.0.1"),
        (["nowhere"], 2, "No such command"),
    ],
)
def test_wrong_use_is_one_clear_line_and_the_promised_exit_code(invoke, asked, code, says):
    done = invoke("harvest", *asked)
    assert (done.exit_code, says in done.stderr) == (code, True), done.stderr
