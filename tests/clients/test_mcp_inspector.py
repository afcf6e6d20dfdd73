"""The inspector of the Model Context Protocol, a client in another language, speaks with a real server and command."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from homes import fill, sample_papers
from sites import serving

CLIENT = Path(__file__).parents[2] / "build" / "clients" / "inspector" / "node_modules" / ".bin" / "mcp-inspector-cli"
CALLS = {
    "search": {"query": "succinct predictions", "limit": "3"},
    "paper": {"id": "arXiv:2611.00003"},
    "similar": {"id": "arXiv:2611.00003"},
    "daily": {"limit": "2"},
    "trending": {"limit": "1"},
    "status": {},
}
"""It takes what looks like a number for one, so a bare arXiv number is no text to it."""

pytestmark = pytest.mark.skipif(not CLIENT.exists(), reason="npm has not brought the inspector")


@pytest.fixture(scope="module")
def home(tmp_path_factory, furnish) -> Path:
    home = furnish(tmp_path_factory.mktemp("home"))
    fill(home, sample_papers()[:12])
    return home


@pytest.fixture(scope="module")
def site(home) -> Iterator[str]:
    with serving(home) as address:
        yield address


def ask(server: list[str], method: str, **arguments: str) -> dict:
    """What the inspector prints of one answer."""
    said = [part for name, value in arguments.items() for part in ("--tool-arg", f"{name}={value}")]
    command = ["node", str(CLIENT), "--cli", *server, "--method", method, *said]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def doors(site, home) -> dict[str, list[str]]:
    """How the client is told of the door of the site, and of a command that it starts."""
    options = (f"BROADSHEET_HOME={home}", "BROADSHEET_MODEL=none", f"PATH={os.environ['PATH']}")
    said = [part for option in options for part in ("-e", option)]
    return {
        "http": [f"{site}/mcp", "--transport", "http"],
        "stdio": [*said, sys.executable, "-m", "broadsheet", "mcp"],
    }


def test_tools_are_listed_with_what_they_take_and_give(doors):
    tools = {tool["name"]: tool for tool in ask(doors["http"], "tools/list")["tools"]}
    assert list(tools) == list(CALLS)
    for tool in tools.values():
        assert tool["annotations"]["readOnlyHint"] is True
        assert (tool["inputSchema"]["type"], tool["outputSchema"]["type"]) == ("object", "object")


@pytest.mark.parametrize("door", ["http", "stdio"])
def test_a_search_answers_at_either_door(doors, door):
    """The client compares every answer with the schema that it was told."""
    answer = ask([*doors[door], "--tool-name", "search"], "tools/call", **CALLS["search"])
    assert answer["structuredContent"]["total"] == 12
    assert len(answer["structuredContent"]["papers"]) == 3
    assert answer["content"][0]["text"].startswith("12 papers match, best first by words, at change 12.")


@pytest.mark.parametrize("tool", [name for name in CALLS if name != "search"])
def test_every_other_tool_answers(site, tool):
    answer = ask([f"{site}/mcp", "--transport", "http", "--tool-name", tool], "tools/call", **CALLS[tool])
    assert answer.get("isError", False) is False
    structure = answer["structuredContent"]
    told = {
        "paper": lambda: structure["title"],
        "similar": lambda: structure["papers"],
        "daily": lambda: [paper["id"] for paper in structure["papers"]],
        "trending": lambda: len(structure["papers"]),
        "status": lambda: structure["papers"],
    }[tool]()
    expected = {
        "paper": "Paging with succinct predictions, part 3, for $n$ requests",
        "similar": [],  # there is no sentence encoder
        "daily": ["2611.00001", "2611.00002"],
        "trending": 1,
        "status": 12,
    }
    assert told == expected[tool]


def test_what_cannot_be_done_is_an_answer_that_says_so(site):
    answer = ask([f"{site}/mcp", "--transport", "http", "--tool-name", "paper"], "tools/call", id="arXiv:2611.99999")
    assert answer["isError"] is True
    assert answer["content"][0]["text"].startswith("No paper here has the identifier arXiv:2611.99999;")
