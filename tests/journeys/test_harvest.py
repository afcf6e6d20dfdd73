"""Harvesting arXiv through the command, from a server on loopback that speaks its protocol."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner, Result
from django.conf import settings
from homes import inside

from broadsheet.library import Library

PER_PAGE, PAPERS = 4, 10

RECORD = """<record><header><identifier>oai:arXiv.org:2611.{n:05}</identifier><datestamp>2026-11-20</datestamp></header>
<metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>2611.{n:05}</id><created>2026-11-19</created>
<authors><author><keyname>Lee</keyname><forenames>Ann</forenames></author></authors>
<title>Harvested paper number {n}</title><categories>cs.IR</categories><abstract>About {n} things.</abstract></arXiv>
</metadata></record>"""
DELETED = (
    '<record><header status="deleted"><identifier>oai:arXiv.org:2611.{n:05}</identifier>'
    "<datestamp>2026-11-21</datestamp></header></record>"
)
ANSWER = """<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">
<responseDate>2026-11-21T00:00:00Z</responseDate><request verb="ListRecords">http://x/oai</request>{body}</OAI-PMH>"""


class Arxiv:
    """PAPERS records, `per_page` a page, by tokens that carry no size; a test may break in before an answer."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []
        self.before_answer: Callable[[dict[str, str]], str | None] = lambda asked: None
        self.deleted: set[int] = set()
        self.per_page = PER_PAGE
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
                server.asked.append(asked)
                body = (server.before_answer(asked) or server.page(asked)).encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/xml")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.authority = f"127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def page(self, asked: dict[str, str]) -> str:
        start = int(asked.get("resumptionToken", "0"))
        end = min(start + self.per_page, PAPERS)
        records = "".join((DELETED if n in self.deleted else RECORD).format(n=n) for n in range(start, end))
        token = f"<resumptionToken>{end if end < PAPERS else ''}</resumptionToken>"
        return ANSWER.format(body=f"<ListRecords>{records}{token}</ListRecords>")


@pytest.fixture
def arxiv() -> Iterator[Arxiv]:
    server = Arxiv()
    yield server
    server.http.shutdown()
    server.http.server_close()


@pytest.fixture
def harvest(arxiv, tmp_path, furnish):
    environment = {**os.environ, "BROADSHEET_HOME": str(furnish(tmp_path)), "BROADSHEET_MODEL": "none"}
    environment["BROADSHEET_FETCH_ALLOW"] = arxiv.authority

    def start(*arguments: str, **changed: str) -> "subprocess.Popen[str]":
        command = [
            sys.executable,
            "-m",
            "broadsheet",
            "harvest",
            "arxiv",
            "--endpoint",
            f"http://{arxiv.authority}/oai",
        ]
        command += ["--json", *(arguments or ["--set", "cs:cs:IR", "--since", "2026-11-01"])]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(command, env={**environment, **changed}, **pipes)

    return start


@pytest.fixture
def run(arxiv, tmp_path, furnish) -> Callable[..., tuple[int, dict]]:
    """The same command within this process: its exit code and what it says as JSON."""
    from broadsheet.cli import main

    home = furnish(tmp_path)

    def act(arguments: tuple[str, ...], allowed: list[str]) -> Result:
        library = Library.open(model="none")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(settings, "FETCH_ALLOW", allowed)
            patch.setattr(Library, "open", classmethod(lambda cls: library))
            asked = arguments or ("--set", "cs:cs:IR", "--since", "2026-11-01")
            endpoint = f"http://{arxiv.authority}/oai"
            done = CliRunner().invoke(main, ["harvest", "arxiv", "--endpoint", endpoint, "--json", *asked])
        library.close()
        return done

    def harvest(*arguments: str, is_allowed: bool = True) -> tuple[int, dict]:
        done = inside(home, lambda: act(arguments, [arxiv.authority] if is_allowed else []))
        return done.exit_code, json.loads(done.stdout)

    return harvest


def finish(process: "subprocess.Popen[str]") -> tuple[int, dict, str]:
    out, err = process.communicate(timeout=60)
    return process.returncode, json.loads(out) if out else {}, err


def test_a_harvest_brings_every_page_and_asks_politely(arxiv, harvest):
    code, run, err = finish(harvest())
    assert (code, run.get("added"), run.get("papers")) == (0, PAPERS, PAPERS), err
    assert arxiv.asked[0] | {"set": "cs:cs:IR", "from": "2026-11-01", "metadataPrefix": "arXiv"} == arxiv.asked[0]
    assert [asked.get("resumptionToken") for asked in arxiv.asked] == [None, "4", "8"]


def test_a_harvest_killed_in_the_middle_goes_on_at_the_page_it_had_not_stored(arxiv, harvest):
    victims = []

    def kill_at_the_last_page(asked):
        if asked.get("resumptionToken") == "8":
            victims[0].send_signal(signal.SIGKILL)
            victims[0].wait()

    arxiv.before_answer = kill_at_the_last_page
    victims.append(harvest())
    victims[0].wait(60)
    assert victims[0].returncode == -signal.SIGKILL
    arxiv.before_answer = lambda asked: None
    arxiv.asked.clear()
    code, run, err = finish(harvest())
    assert (code, run["seen"], run["added"], run["papers"]) == (0, PAPERS, PAPERS, PAPERS), err
    assert [asked.get("resumptionToken") for asked in arxiv.asked] == ["8"]
    for victim in victims:
        victim.stdout.close()
        victim.stderr.close()


def test_a_second_harvest_changes_nothing_and_takes_out_what_was_deleted(arxiv, run):
    arxiv.per_page = PAPERS
    run()
    arxiv.deleted = {3}
    code, told = run()
    assert (code, told["added"], told["unchanged"], told["withdrawn"], told["papers"]) == (0, 0, 9, 1, 9)


def test_without_a_first_day_it_goes_on_from_the_last_run(arxiv, run):
    arxiv.per_page = PAPERS
    run()
    arxiv.asked.clear()
    assert run("--set", "cs:cs:IR")[0] == 0
    assert arxiv.asked[0]["from"] >= "2026-11-01"


def test_an_error_answer_is_one_line_and_the_pages_before_it_stay(arxiv, run):
    error = ANSWER.format(body='<error code="badArgument">the set is unknown</error>')
    arxiv.before_answer = lambda asked: error if asked.get("resumptionToken") == "4" else None
    code, told = run()
    assert (code, told["state"], told["papers"]) == (1, "failed", PER_PAGE)
    assert "badArgument" in told["error"]
    assert "the set is unknown" in told["error"]


def test_an_address_inside_our_own_network_is_refused_unless_the_operator_allows_it(arxiv, run):
    code, told = run(is_allowed=False)
    assert (code, told["papers"]) == (1, 0)
    assert arxiv.asked == []
    assert arxiv.authority.split(":")[0] in told["error"]
