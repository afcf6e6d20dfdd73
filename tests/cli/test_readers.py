"""``broadsheet reader`` as people run it, and whose word about addresses the server believes."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path

import pytest


def environment(home: Path, **options: str) -> dict[str, str]:
    return {**os.environ, "BROADSHEET_HOME": str(home), "BROADSHEET_MODEL": "none", "NO_COLOR": "1", **options}


def test_a_reader_is_made_shown_and_given_a_role(invoke):
    made = invoke("reader", "Ann@Example.org", "--handle", "ann", "--role", "admin")
    assert made.exit_code == 0, made.stderr
    assert made.stdout.splitlines()[0] == "Made: @ann, ann@example.org, admin"
    assert "Next: broadsheet run" in made.stdout
    assert invoke("reader", "ann@example.org").stdout == "Here: @ann, ann@example.org, admin\n"
    told = json.loads(invoke("reader", "ann@example.org", "--role", "reader", "--json").stdout)
    assert (told["username"], told["role"], told["is_new"]) == ("ann", "reader", False)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["not an address"], "'not an address' is not an e-mail address"),
        (["a@b.org", "--handle", "admin"], "kept for the site"),
        (["a@b.org", "--role", "king"], "king"),
        ([], "EMAIL"),
    ],
)
def test_what_cannot_be_made_is_said_in_one_line(invoke, arguments, said):
    failed = invoke("reader", *arguments)
    assert failed.exit_code != 0
    assert said in failed.stderr


def knock(port: int, times: int) -> set[int]:
    """Ask for codes, each time in the name of another address; the statuses of the answers."""
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", "/accounts/login/")
    page = connection.getresponse()
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page.read().decode())[1]
    cookie = page.headers["Set-Cookie"].split(";")[0]
    statuses = set()
    for n in range(times):
        headers = {
            "Cookie": cookie,
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Forwarded-For": f"198.51.100.{n}",
            "Forwarded": f"for=198.51.100.{n}",
        }
        connection.request("POST", "/accounts/login/", f"csrfmiddlewaretoken={token}&login=nobody", headers)
        answer = connection.getresponse()
        answer.read()
        statuses.add(answer.status)
    connection.close()
    return statuses


@pytest.mark.parametrize(
    ("proxies", "believed"), [("", False), ("192.0.2.7", False), ("127.0.0.1", True), ("127.0.0.0/8", True)]
)
def test_only_a_proxy_that_is_named_may_say_for_whom_it_asks(tmp_path, furnish, proxies, believed):
    furnish(tmp_path)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {"BROADSHEET_PROXIES": proxies} if proxies else {}
    command = [sys.executable, "-m", "broadsheet", "serve", "--port", str(port), "--presses", "0"]
    with subprocess.Popen(
        command, env=environment(tmp_path, **options), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            deadline = time.monotonic() + 30
            while not listens(port):
                assert server.poll() is None, "the server ended"
                assert time.monotonic() < deadline, "the server does not listen"
                time.sleep(0.1)
            statuses = knock(port, 31)
        finally:
            server.terminate()
            server.wait(20)
    assert (429 in statuses) != believed


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
