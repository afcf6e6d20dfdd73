"""The real huggingface_hub, in three versions, reads a real server: every call of its papers API, every command.

The newest is the one this site is tested with; the older two lie in folders of their own, with what they need.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

sys.path += [str(Path(__file__).parent), str(Path(__file__).parents[1] / "journeys")]
from homes import inside
from hub_library import TITLE, fill
from sites import serving

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = {
    "2.4": None,
    "1.33": ROOT / "build" / "clients" / "hub-1.33",
    "0.36": ROOT / "build" / "clients" / "hub-0.36",
}
OLD = ["0.36"]
NEW = ["2.4", "1.33"]
CALLER = str(Path(__file__).with_name("hub_caller.py"))


@pytest.fixture(scope="module")
def home_and_token(tmp_path_factory, furnish) -> tuple[Path, str]:
    """The home of such a library, and a token of a reader there."""
    home = furnish(tmp_path_factory.mktemp("home"))
    return home, inside(home, fill)


@pytest.fixture(scope="module")
def site(home_and_token) -> Iterator[str]:
    """A server of it."""
    with serving(home_and_token[0]) as address:
        yield address


@pytest.fixture(scope="module")
def alone(site, tmp_path_factory) -> Callable[[str], dict[str, object]]:
    """How Python is run with a version of the client that knows of nothing but this site."""

    def options(client: str) -> dict[str, object]:
        folder = FOLDERS[client]
        assert folder is None or folder.is_dir(), f"{folder} is absent; tests/clients holds the lock it is made from"
        environment = {
            "PATH": os.environ["PATH"],
            "HF_ENDPOINT": site,
            "HF_HOME": str(tmp_path_factory.getbasetemp() / f"hub-{client}"),
            "HF_HUB_DISABLE_UPDATE_CHECK": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "NO_COLOR": "1",
            "COLUMNS": "200",
            "PYTHONPATH": str(folder or ""),
            "PYTHONIOENCODING": "utf-8",
        }
        return {"env": environment, "cwd": tmp_path_factory.getbasetemp(), "encoding": "utf-8"}

    return options


@pytest.fixture(scope="module")
def ask(alone) -> Iterator[Callable[..., SimpleNamespace]]:
    """Ask the program with a version of the client: status, output, errors."""
    programs: dict[str, subprocess.Popen[str]] = {}

    def start(client: str) -> "subprocess.Popen[str]":
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        return subprocess.Popen([sys.executable, CALLER], **alone(client), **pipes)

    def answer(client: str, *asked: object) -> SimpleNamespace:
        program = programs.get(client) or programs.setdefault(client, start(client))
        print(json.dumps(asked), file=program.stdin, flush=True)
        return SimpleNamespace(**json.loads(program.stdout.readline()))

    yield answer
    for program in programs.values():
        program.communicate(timeout=60)  # its input ends, and so does it


@pytest.fixture(scope="module")
def call(ask) -> Callable[..., list[Any]]:
    """What calls of a version's HfApi return: call("2.4", ("paper_info", {"id": "…"}), …)."""

    def make(client: str, *calls: tuple[str, dict[str, object]]) -> list[Any]:
        ended = ask(client, "read", calls)
        assert ended.returncode == 0, ended.stderr
        version, answers = json.loads(ended.stdout)
        assert version.startswith(f"{client}.")
        return answers

    return make


@pytest.fixture(scope="module")
def hf(ask) -> Callable[..., SimpleNamespace]:
    """Run `hf papers …` of a version."""
    return lambda client, *arguments: ask(client, "hf", "papers", *arguments)


@pytest.mark.parametrize("client", NEW)
def test_daily_papers_come_in_every_way_they_can_be_asked_for(call, client):
    one, two, doi = "2506.00001", "2506.00002", "10.1145/3292500.3330919"
    expected: list[tuple[dict[str, object], list[str]]] = [
        ({}, [doi, two, one]),
        ({"date": "2025-06-02"}, [two, one]),
        ({"date": "2025-06-03"}, [doi]),
        ({"date": "2025-06-04"}, []),
        ({"week": "2025-W23"}, [two, one, doi]),
        ({"week": "2025-W22"}, []),
        ({"month": "2025-06"}, [two, one, doi]),
        ({"month": "2025-05"}, []),
        ({"submitter": "ann"}, [two]),
        ({"submitter": "nobody"}, []),
        ({"sort": "publishedAt"}, [doi, two, one]),
        ({"sort": "trending", "date": "2025-06-02"}, [one, two]),
        ({"limit": 2}, [doi, two]),
        ({"p": 1, "limit": 2}, [one]),
        ({"p": 2, "limit": 2}, []),
        ({"token": "hf_token_of_another_site"}, [doi, two, one]),
        ({"p": 0, "limit": 1, "sort": "publishedAt", "month": "2025-06", "submitter": "ann", "token": False}, [two]),
    ]
    answers = call(client, *(("list_daily_papers", asked) for asked, _ in expected))
    found = [(asked, [each["id"] for each in answer]) for (asked, _), answer in zip(expected, answers, strict=True)]
    assert found == expected


@pytest.mark.parametrize("client", NEW)
def test_a_daily_paper_has_what_the_client_shows(call, client):
    found = {each["id"]: each for each in call(client, ("list_daily_papers", {"date": "2025-06-02"}))[0]}
    paper = found["2506.00001"]
    assert paper["title"] == TITLE
    assert paper["summary"] == "Caches ask an oracle."
    assert (paper["upvotes"], paper["comments"], paper["source"]) == (0, 1, "arxiv")
    assert paper["published_at"] == "2025-05-30T00:00:00+00:00"
    assert paper["submitted_at"] == "2025-06-02T00:00:00+00:00"
    assert (paper["github_repo"], paper["github_stars"]) == ("https://github.com/ann/paging", 0)
    assert (paper["submitted_by"]["username"], paper["submitted_by"]["fullname"]) == ("arxiv", "arXiv")
    ada, emilie = paper["authors"]
    assert (ada["name"], ada["user"]["username"], ada["status"]) == ("Ada Byron", "ann", "claimed_verified")
    assert (emilie["name"], emilie["user"]) == ("Émilie du Châtelet", None)
    brought = found["2506.00002"]
    assert (brought["upvotes"], brought["comments"]) == (2, 0)
    assert (brought["submitted_by"]["username"], brought["submitted_by"]["fullname"]) == ("ann", "Ann Lee")
    assert brought["submitted_by"]["avatar_url"].startswith("http://127.0.0.1:")


@pytest.mark.parametrize("client", FOLDERS)
def test_papers_are_searched(call, client):
    by_words, newest, no_hits = call(
        client,
        ("list_papers", {"query": "naïve caches", "token": "hf_token_of_another_site"}),
        ("list_papers", {}),
        ("list_papers", {"query": "zebra"}),
    )
    assert [each["id"] for each in by_words] == ["2506.00001"]
    assert (by_words[0]["title"], by_words[0]["upvotes"], by_words[0]["comments"]) == (TITLE, 0, 1)
    assert by_words[0]["published_at"] == "2025-05-30T00:00:00+00:00"
    assert [each["id"] for each in newest] == ["10.1145/3292500.3330919", "2506.00002", "2506.00001"]
    assert no_hits == []
    if client in NEW:
        few, many = (call(client, ("list_papers", {"query": "", "limit": limit}))[0] for limit in (1, 120))
        assert ([each["id"] for each in few], many) == (["10.1145/3292500.3330919"], newest)


@pytest.mark.parametrize("client", FOLDERS)
def test_one_paper_is_asked_for_by_any_identifier(call, client):
    names = ["2506.00001", "2506.00001v1", "arXiv:2506.00001", "10.1145/3292500.3330919"]
    *same, doi = call(client, *(("paper_info", {"id": name}) for name in names))
    assert same[0] == same[1] == same[2]
    paper = same[0]
    assert (paper["id"], paper["title"], paper["upvotes"], paper["comments"]) == ("2506.00001", TITLE, 0, 1)
    assert paper["published_at"] == "2025-05-30T00:00:00+00:00"
    assert paper["submitted_at"] == "2025-06-02T00:00:00+00:00"
    assert paper["submitted_by"]["fullname"] == "arXiv"
    assert doi["submitted_by"]["fullname"] == "Crossref"
    if client in OLD:
        assert paper["authors"] == ["Ada Byron", "Émilie du Châtelet"]
        return
    assert [author["name"] for author in paper["authors"]] == ["Ada Byron", "Émilie du Châtelet"]
    assert [each["id"] for each in paper["linked_models"]] == ["ann/oracle"]
    assert [each["id"] for each in paper["linked_datasets"]] == ["ann/traces"]
    assert (paper["num_total_models"], paper["num_total_datasets"], paper["linked_spaces"]) == (1, 1, [])


@pytest.mark.parametrize("client", NEW)
def test_a_paper_is_read_as_markdown(call, client):
    text, other = call(client, ("read_paper", {"id": "2506.00001"}), ("read_paper", {"id": "10.1145/3292500.3330919"}))
    assert text.startswith("# Paging with ")
    assert "Caches ask an oracle." in text
    assert "Émilie du Châtelet" in text
    assert other.startswith("# Known by its DOI")


@pytest.mark.parametrize("client", FOLDERS)
def test_a_paper_that_is_not_here_is_the_clients_own_error_with_our_words(call, client):
    unknown, withdrawn = call(client, ("paper_info", {"id": "2506.09999"}), ("paper_info", {"id": "2506.00003"}))
    for raised, words in ((unknown, "No paper here has this identifier."), (withdrawn, "This paper was withdrawn.")):
        assert (raised["raised"], raised["status"]) == ("HfHubHTTPError", 404)
        assert raised["said"].count(words) == 1
        assert "Withdrawn" not in raised["said"]
    if client in NEW:
        text = call(client, ("read_paper", {"id": "2506.09999"}))[0]
        assert (text["raised"], text["status"]) == ("HfHubHTTPError", 404)


@pytest.mark.parametrize("client", NEW)
def test_what_cannot_be_asked_is_the_clients_own_error_with_our_words(call, client):
    asked = [
        ("list_daily_papers", {"date": "yesterday"}, "date: write a day as year, month and day, such as 2026-11-21."),
        ("list_daily_papers", {"week": "23"}, "week: write a week as ISO 8601 does, such as 2026-W47."),
        ("list_daily_papers", {"limit": 101}, "limit: input should be less than or equal to 100."),
        ("list_daily_papers", {"p": -1}, "p: input should be greater than or equal to 0."),
        ("list_daily_papers", {"date": "2025-06-02", "month": "2025-06"}, "ask for one list, by date or by month."),
        ("list_papers", {"query": "x" * 251}, "q: write at most 250 characters."),
        ("list_papers", {"query": "after:never"}, "not a date"),
    ]
    answers = call(client, *((name, arguments) for name, arguments, _ in asked))
    for raised, (_, arguments, words) in zip(answers, asked, strict=True):
        assert (raised["raised"], raised["status"]) == ("BadRequestError", 400), arguments
        assert raised["said"].count(words) == 1, raised["said"]


def test_the_oldest_client_tells_what_cannot_be_asked(call):
    raised = call("0.36", ("list_papers", {"query": "x" * 251}))[0]
    assert (raised["raised"], raised["status"]) == ("BadRequestError", 400)
    assert raised["said"].count("q: write at most 250 characters.") == 1


def printed(client: str) -> str:
    """The title as a version prints it to people: the newest one shows signs that would turn a line around."""
    return TITLE.replace("\u202e", "\\u202e") if client == "2.4" else TITLE


@pytest.mark.parametrize("client", NEW)
def test_the_command_lists_papers_as_a_table(hf, client):
    ended = hf(client, "ls", "--month", "2025-06", "--format", "human", "--no-truncate")
    assert ended.returncode == 0, ended.stderr
    header, _, *lines = ended.stdout.splitlines()
    assert header.split() == ["ID", "TITLE", "UPVOTES", "COMMENTS", "PUBLISHED_AT", "SUBMITTED_BY_NAME"]
    found = [re.sub(r"\s+", " ", line).strip() for line in lines if line.strip()]
    assert found == [
        "2506.00002 Brought by a reader 2 0 2025-06-02 Ann Lee",
        f"2506.00001 {printed(client)} 0 1 2025-05-30 arXiv",
        "10.1145/3292500.3330919 Known by its DOI 0 0 2025-06-03 Crossref",
    ]


@pytest.mark.parametrize("client", NEW)
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        (["ls"], ["10.1145/3292500.3330919", "2506.00002", "2506.00001"]),
        (["list", "--date", "2025-06-02"], ["2506.00002", "2506.00001"]),
        (["ls", "--date", "today"], []),
        (["ls", "--week", "2025-W23", "--limit", "1"], ["2506.00002"]),
        (["ls", "--submitter", "ann", "--sort", "trending"], ["2506.00002"]),
        (["search", "naïve caches"], ["2506.00001"]),
        (["search", "caches", "--limit", "120"], ["2506.00001"]),
        (["search", "zebra"], []),
    ],
)
def test_the_command_prints_ids_alone_and_json(hf, client, asked, found):
    quiet, whole = hf(client, *asked, "-q"), hf(client, *asked, "--format", "json")
    assert (quiet.returncode, whole.returncode) == (0, 0), quiet.stderr + whole.stderr
    assert quiet.stdout.split() == found
    papers = json.loads(whole.stdout)
    assert [paper["id"] for paper in papers] == found
    for paper in papers:
        assert isinstance(paper["upvotes"], int)
        assert paper["submitted_by"]["fullname"] in ("arXiv", "Crossref", "Ann Lee")
        assert paper["published_at"].endswith("T00:00:00+00:00")


@pytest.mark.parametrize("client", NEW)
def test_the_command_searches_as_a_table(hf, client):
    ended = hf(client, "search", "caches", "--format", "human", "--no-truncate")
    assert ended.returncode == 0, ended.stderr
    header, _, line = ended.stdout.splitlines()[:3]
    assert header.split() == ["ID", "TITLE", "SUMMARY", "UPVOTES", "PUBLISHED_AT"]
    assert re.sub(r"\s+", " ", line).strip() == f"2506.00001 {printed(client)} Caches ask an oracle. 0 2025-05-30"


@pytest.mark.parametrize("client", NEW)
def test_the_command_tells_of_one_paper(hf, client):
    for form in ([], ["--format", "json"], ["-q"]):
        ended = hf(client, "info", "2506.00001", *form)
        assert ended.returncode == 0, ended.stderr
        assert "2506.00001" in ended.stdout
    told = json.loads(hf(client, "info", "2506.00001", "--format", "json").stdout)
    assert (told["title"], told["upvotes"], told["num_total_models"]) == (TITLE, 0, 1)
    assert [author["name"] for author in told["authors"]] == ["Ada Byron", "Émilie du Châtelet"]


@pytest.mark.parametrize("client", NEW)
def test_the_command_reads_a_paper(hf, client):
    ended = hf(client, "read", "2506.00001")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("# Paging with ")
    assert "Caches ask an oracle." in ended.stdout
    for form in (["--format", "json"], ["-q"]):  # in which the command asks, and prints nothing
        assert hf(client, "read", "2506.00001", *form).returncode == 0


@pytest.mark.parametrize("client", NEW)
@pytest.mark.parametrize("verb", ["info", "read"])
def test_the_command_knows_when_a_paper_is_not_here(hf, client, verb):
    ended = hf(client, verb, "2506.09999")
    assert ended.returncode == 1
    assert "Paper '2506.09999' not found on the Hub." in ended.stderr


@pytest.mark.parametrize("client", NEW)
def test_the_command_knows_when_a_paper_was_withdrawn(hf, client):
    told, read = hf(client, "info", "2506.00003"), hf(client, "read", "2506.00003")
    assert (told.returncode, told.stdout, read.returncode, read.stdout) == (1, "", 1, "")
    assert "Paper '2506.00003' not found on the Hub." in told.stderr
    assert "This paper was withdrawn" in read.stderr
    assert "Caches that were" not in told.stderr + read.stderr


@pytest.mark.parametrize("client", NEW)
def test_the_command_tells_what_cannot_be_asked(hf, client):
    ended = hf(client, "ls", "--limit", "101")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "limit: input should be less than or equal to 100." in ended.stderr


def test_the_newest_client_asks_for_the_programs_that_may_run_it_once_and_keeps_the_answer(alone, tmp_path):
    options = alone("2.4")
    kept = tmp_path / ".agent_harnesses.json"
    for _ in range(10):  # it waits three seconds for the answer and goes on without it
        command = [sys.executable, "-m", "huggingface_hub.cli.hf", "papers", "ls", "-q"]
        subprocess.run(command, **options | {"env": options["env"] | {"HF_HOME": str(tmp_path)}}, check=True)
        if kept.exists():
            break
    assert json.loads(kept.read_text()) == {"standardEnvVars": [], "harnesses": {}}


@pytest.mark.parametrize("client", FOLDERS)
def test_comments_are_written_with_the_clients_own_means(ask, site, home_and_token, client):
    ended = ask(client, "write", site, home_and_token[1], "2506.00002")
    assert ended.returncode == 0, ended.stderr
    first, second = json.loads(ended.stdout)
    assert (first["status"], first["author"], first["content"]) == (201, "ann", "Well **done** 数")
    assert (second["status"], second["author"], second["content"]) == (201, "ann", "Indeed")
