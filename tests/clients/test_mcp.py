"""The official client of the Model Context Protocol, in two versions, speaks with a real server and a real command."""

import asyncio
import http.client
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

sys.path += [str(Path(__file__).parents[1] / "journeys")]
from homes import fill, inside, put_titles, sample_papers
from sites import serving

ROOT = Path(__file__).resolve().parents[2]
CALLER = Path(__file__).with_name("mcp_caller.py")
FOLDERS = {"2.3": None, "1.30": ROOT / "build" / "clients" / "mcp-1.30"}
PROTOCOLS = {"2.3": "2026-07-28", "1.30": "2025-11-25"}
DOORS = ["http", "stdio"]
PAGING = {"query": "succinct predictions", "limit": 3}
AT_ONCE, ROUNDS = 20, 3


@pytest.fixture(scope="module")
def home(tmp_path_factory, furnish) -> Path:
    home = furnish(tmp_path_factory.mktemp("home"))
    fill(home, sample_papers()[:12])
    inside(home, lambda: _withdraw("2611.00012"))
    return home


def _withdraw(key: str) -> None:
    from broadsheet.library import Library

    Library.open(model="none").withdraw(key)


@pytest.fixture(scope="module")
def site(home) -> Iterator[str]:
    with serving(home) as address:
        yield address


def run_caller(version: str, where: str, acts: list[list], *options: str) -> dict:
    """What a program with this version of the client was answered."""
    folder = FOLDERS[version]
    assert folder is None or folder.is_dir(), f"the client is not in {folder}; make test brings it"
    path = {"PYTHONPATH": str(folder)} if folder else {}
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, str(CALLER), where, *options],
        input=json.dumps(acts),
        env=kept | path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert (said["client"].startswith(version), said["server"]) == (True, "broadsheet")
    assert said["protocol"] == PROTOCOLS[version]
    return said["answers"]


def ranked(found: dict) -> list:
    """The papers that were found, each with its score."""
    return [(paper["id"], paper["score"]) for paper in found["structure"]["papers"]]


@pytest.fixture(scope="module")
def expected(site) -> list:
    """What is found on the wire, without any client."""
    params = {"name": "search", "arguments": PAGING}
    _, said = post(site, json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).encode())
    return ranked({"structure": said["result"]["structuredContent"]})


ACTS = {
    "tools": ["tools"],
    "templates": ["templates"],
    "search": ["call", "search", PAGING],
    "paper": ["call", "paper", {"id": "arXiv:2611.00003v1"}],
    "similar": ["call", "similar", {"id": "2611.00003"}],
    "daily": ["call", "daily", {"limit": 2}],
    "trending": ["call", "trending", {"limit": 1}],
    "status": ["call", "status", {}],
    "resource": ["resource", "paper://2611.00003"],
    "together": ["together", *(["call", "paper", {"id": f"2611.{number:05}"}] for number in range(1, 12))],
    "unknown tool": ["call", "erase", {"id": "2611.00001"}],
    "unknown resource": ["resource", "paper://2611.99999"],
}
REFUSED = [
    ("paper", {"id": "2611.99999"}, "No paper here has the identifier 2611.99999; search for its title."),
    ("paper", {"id": "2611.00012"}, "The paper 2611.00012 was withdrawn."),
    ("search", {"query": '"open'}, "The query cannot be read: the quote opened at character 1 is not closed."),
    ("search", {"query": "x", "at": "99"}, "Change #99 is not in this library's journal, which goes from 0 to 13."),
    ("search", {"query": "x", "limit": 51}, "Limit is 50 at most."),
    ("search", {"question": "x"}, "Search needs the argument query."),
    ("daily", {"date": "2999-01-01"}, "The list of 2999-01-01 is not open yet; today is"),
]


@pytest.fixture(
    scope="module",
    params=[(version, door) for version in FOLDERS for door in DOORS],
    ids=" by ".join,
)
def answers(request, site, home) -> dict[str, Any]:
    """What a client of each version was answered at each door, by the name of the act; "base" is the site's address."""
    version, door = request.param
    refused = {f"refused {number}": ["call", *call[:2]] for number, call in enumerate(REFUSED)}
    acts = ACTS | refused
    if door == "http":
        given = run_caller(version, f"{site}/mcp", list(acts.values()))
    else:
        options = [f"BROADSHEET_HOME={home}", "BROADSHEET_MODEL=none"]
        given = run_caller(version, f"{sys.executable} -m broadsheet mcp", list(acts.values()), *options)
    base = site if door == "http" else "http://localhost:8000"
    return dict(zip(acts, given, strict=True)) | {"base": base}


def test_tools_and_papers_are_listed(answers):
    assert answers["tools"] == ["search", "paper", "similar", "daily", "trending", "status"]
    assert answers["templates"] == ["paper://{id}"]


def test_a_search_finds_the_same_for_every_client_at_every_door(answers, expected):
    found = answers["search"]
    structure, first = found["structure"], found["structure"]["papers"][0]
    assert ranked(found) == expected
    assert (structure["total"], structure["at"], structure["next_offset"]) == (11, 13, 3)
    assert first["title"].startswith("Paging with succinct predictions, part ")
    assert (first["authors"], first["day"]) == (["Ada Byron", "Émilie du Châtelet"], today())
    assert first["url"] == f"{answers['base']}/papers/{first['id']}"
    assert found["text"].startswith("11 papers match, best first by words, at change 13. More with offset=3 and at=13.")
    assert f"\n> {first['title']}\n> Ada Byron, Émilie du Châtelet\n> " in found["text"]


def test_a_paper_is_read_as_an_answer_and_as_a_resource(answers):
    paper = answers["paper"]["structure"]
    assert (paper["id"], paper["identifiers"]) == ("2611.00003", ["arxiv:2611.00003"])
    assert paper["abstract"].count("$O(\\log n)$") == 5
    assert "\n> Title: Paging with succinct predictions, part 3, for $n$ requests\n" in answers["paper"]["text"]
    assert answers["resource"].startswith("# Paging with succinct predictions, part 3, for $n$ requests\n\n- Authors: ")


def test_the_other_tools_answer(answers):
    similar, daily = answers["similar"], answers["daily"]["structure"]
    assert (similar["structure"]["papers"], similar["is_error"]) == ([], False)
    assert "no sentence encoder" in similar["text"]
    assert (daily["day"], daily["total"]) == (today(), 11)
    assert [paper["id"] for paper in daily["papers"]] == ["2611.00001", "2611.00002"]
    assert [paper["id"] for paper in answers["trending"]["structure"]["papers"]] == ["2611.00001"]
    status = answers["status"]["structure"]
    assert (status["papers"], status["at"], status["url"]) == (11, 13, f"{answers['base']}/")


def test_what_cannot_be_done_is_told_in_a_sentence(answers):
    for number, (_, _, told) in enumerate(REFUSED):
        answer = answers[f"refused {number}"]
        assert answer["is_error"]
        assert answer["text"].startswith(told)
    there_are = ", ".join(answers["tools"])
    assert answers["unknown tool"] == {"error": f"There is no tool of that name; there are {there_are}."}
    assert answers["unknown resource"] == {"error": REFUSED[0][2]}


def test_calls_made_at_once_are_each_answered_with_their_own(answers):
    found = [answer["structure"]["id"] for answer in answers["together"]]
    assert found == [f"2611.{number:05}" for number in range(1, 12)]


def today() -> str:
    return datetime.now(UTC).date().isoformat()


def post(site: str, body: bytes | Iterator[bytes], **headers: str) -> tuple[int, dict]:
    """The status and the JSON of a request as it goes over the wire."""
    connection = http.client.HTTPConnection(urlsplit(site).netloc, timeout=60)
    given = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream", **headers}
    try:
        connection.request("POST", "/mcp", body, given, encode_chunked="Transfer-Encoding" in given)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


PING = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ping"}).encode()


def test_foreign_hosts_and_origins_are_refused_on_the_wire(site):
    assert post(site, PING) == (200, {"jsonrpc": "2.0", "id": 1, "result": {}})
    assert post(site, PING, Host="evil.example")[0] == 421
    assert post(site, PING, Origin="https://evil.example")[0] == 403
    assert post(site, PING, Origin=site)[0] == 200


def test_a_body_over_the_limit_is_refused_on_the_wire(site):
    status, said = post(site, b" " * (1024 * 1024 + 1))
    assert (status, said["error"]["message"]) == (413, "A message has 1,048,576 bytes at most.")
    pieces = (b" " * 65_536 for _ in range(17))
    assert post(site, pieces, **{"Transfer-Encoding": "chunked"})[0] == 413


def test_what_is_written_is_found_by_the_next_call_while_twenty_ask_at_once(furnish, tmp_path):
    """Each round, twenty calls are under way while a paper is put, and twenty that follow must all find it."""
    home = furnish(tmp_path / "home")
    from mcp import Client

    async def ask(client, number: int) -> list[str]:
        answer = await client.call_tool("search", {"query": f"title:zebrafish{number}"})
        assert not answer.is_error, answer.content
        return [paper["id"] for paper in answer.structured_content["papers"]]

    async def speak(site: str) -> None:
        async with Client(f"{site}/mcp") as client:
            for number in range(ROUNDS):
                writing = asyncio.to_thread(put_titles, home, 500 + number, f"On zebrafish{number}, once")
                keys, *before = await asyncio.gather(writing, *(ask(client, number) for _ in range(AT_ONCE)))
                assert all(found in ([], keys) for found in before)
                assert await asyncio.gather(*(ask(client, number) for _ in range(AT_ONCE))) == [keys] * AT_ONCE

    with serving(home) as site:
        asyncio.run(speak(site))


def test_the_command_writes_nothing_but_the_protocol_and_ends_with_its_input(home):
    options = {**os.environ, "BROADSHEET_HOME": str(home), "BROADSHEET_MODEL": "none"}
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "0"}}
    messages = [
        {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello},
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "status", "arguments": {}}},
    ]
    with subprocess.Popen(
        [sys.executable, "-m", "broadsheet", "mcp"],
        env=options,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as command:
        for message in messages:
            command.stdin.write(f"{json.dumps(message)}\n")
        command.stdin.write("this is no message\n")
        command.stdin.flush()
        lines = [command.stdout.readline() for _ in range(2)]
        rest, complaints = command.communicate(timeout=60)  # closes its input
    first, second = (json.loads(line) for line in lines)
    assert first["result"]["protocolVersion"] == "2025-06-18"
    assert second["result"]["structuredContent"]["at"] == 13
    assert all(json.loads(line)["jsonrpc"] == "2.0" for line in rest.splitlines())
    assert command.returncode == 0
    assert "No sentence encoder here" in complaints
    assert "Traceback" not in complaints
