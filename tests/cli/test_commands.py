"""The commands as people and programs run them: real processes, a real home folder."""

import gzip
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from broadsheet.library.models import Paper


@pytest.fixture
def home(tmp_path, furnish) -> Path:
    """A home with an empty library."""
    return furnish(tmp_path / "home")


@pytest.fixture
def broadsheet(home):
    """Run a command in the home, by words only unless told otherwise; the finished process is returned."""

    def run(*arguments: str, model: str = "none", **options) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "BROADSHEET_HOME": str(home), "BROADSHEET_MODEL": model, "NO_COLOR": "1"}
        environment.pop("BROADSHEET_DATABASE", None)
        command = [sys.executable, "-m", "broadsheet", *arguments]
        return subprocess.run(command, env=environment, text=True, capture_output=True, timeout=60, **options)

    return run


def write_jsonl(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


PAPERS = [
    {
        "id": "2104.12255",
        "title": "Paging with succinct predictions",
        "abstract": "We study paging.",
        "authors": ["Ann Lee"],
    },
    {
        "id": "2104.12256",
        "title": "Simultaneous updates of an index",
        "abstract": "Many writers.",
        "categories": ["cs.DS"],
    },
]


def test_init_makes_a_library_with_the_starter_papers_once(broadsheet, tmp_path):
    there = ["--home", str(tmp_path / "new")]
    assert json.loads(broadsheet("init", "--json", *there).stdout)["papers"] == 557
    again = broadsheet("init", *there)
    assert again.returncode == 0
    assert "557 papers" in again.stdout
    assert (tmp_path / "new" / "secret-key").exists() is False  # nothing was signed yet
    assert json.loads(broadsheet("status", "--json", *there).stdout)["head"] == 557


def test_import_then_search_in_json(invoke, tmp_path):
    imported = invoke("import", str(write_jsonl(tmp_path / "notes.jsonl", *PAPERS)), "--json")
    assert imported.exit_code == 0, imported.stderr
    [file] = json.loads(imported.stdout)["files"]
    assert (file["seen"], file["added"], file["refused"], file["error"]) == (2, 2, 0, None)
    answer = json.loads(invoke("search", "simultaneous updates", "--json", "--limit", "1").stdout)
    assert {"query", "at", "behind", "hits"} <= answer.keys()
    [hit] = answer["hits"]
    assert (hit["id"], hit["title"]) == ("2104.12256", "Simultaneous updates of an index")
    assert sum(part["value"] for part in hit["explanation"]["parts"]) == pytest.approx(hit["score"])


def test_import_twice_is_import_once(invoke, tmp_path):
    file = str(write_jsonl(tmp_path / "notes.jsonl", *PAPERS))
    invoke("import", file)
    again = invoke("import", file)
    assert "0 new" in again.stdout
    assert "2 unchanged" in again.stdout
    assert json.loads(invoke("status", "--json").stdout)["versions"] == 2


def test_bad_records_are_named_by_file_line_and_reason_and_the_good_ones_stored(invoke, tmp_path):
    path = tmp_path / "mixed.jsonl"
    bad = ['{"id": "2104.00001"}', "{broken", '{"title": "x\\u0000y"}', '{"title": "a", "date": "0000-01-01"}', "[]"]
    path.write_text("\n".join([json.dumps(PAPERS[0]), *bad, json.dumps(PAPERS[1])]) + "\n")
    done = invoke("import", str(path))
    assert done.exit_code == 0
    assert "5 refused" in done.stdout
    for line in range(2, 7):
        assert f"mixed.jsonl line {line}: " in done.stderr
    assert json.loads(invoke("status", "--json").stdout)["papers"] == 2


def test_a_truncated_file_fails_with_one_line_after_storing_what_was_whole(invoke, tmp_path):
    rows = [{"id": f"2104.{n:05}", "title": f"Paper {n}", "abstract": os.urandom(200).hex()} for n in range(1_200)]
    whole = gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode())
    path = tmp_path / "cut.jsonl.gz"
    path.write_bytes(whole[: len(whole) // 2])
    done = invoke("import", str(path))
    assert done.exit_code == 1
    assert "cut.jsonl.gz" in done.stderr
    stored = json.loads(invoke("status", "--json").stdout)["papers"]
    assert 500 <= stored < 1_200
    path.write_bytes(whole)
    assert invoke("import", str(path)).exit_code == 0
    assert json.loads(invoke("status", "--json").stdout)["papers"] == 1_200


@pytest.mark.parametrize("name", ["missing.jsonl", "folder", "noise.bin", "empty.jsonl"])
def test_what_is_no_file_of_papers_is_refused_in_one_line(invoke, tmp_path, name):
    (tmp_path / "folder").mkdir()
    (tmp_path / "noise.bin").write_bytes(os.urandom(4_000))
    (tmp_path / "empty.jsonl").touch()
    done = invoke("import", str(tmp_path / name))
    assert done.exit_code == 1
    assert name in done.stderr


def test_one_bad_file_does_not_stop_the_others(invoke, tmp_path):
    good = write_jsonl(tmp_path / "notes.jsonl", *PAPERS)
    done = invoke("import", str(tmp_path / "missing.jsonl"), str(good))
    assert done.exit_code == 1
    assert "2 new" in done.stdout


def test_export_is_read_back_equal(invoke, broadsheet, tmp_path):
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    assert invoke("init").exit_code == 0
    assert invoke("import", str(write_jsonl(tmp_path / "notes.jsonl", *PAPERS))).exit_code == 0
    first.write_text(invoke("export").stdout)
    assert broadsheet("import", str(first)).returncode == 0  # into another library
    assert broadsheet("export", "--output", str(second)).returncode == 0
    assert first.read_text() == second.read_text()
    assert len(first.read_text().splitlines()) == 558  # one note bears the title of a starter paper: it is that paper


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["search", '"never closed'], 1, "quote"),
        (["search", "x" * 1_001], 1, "1,000"),
        (["search", "paging", "--at", "yesterday"], 1, "date"),
        (["search", "paging", "--at", "99"], 1, "journal"),
        (["search"], 2, "QUERY"),
        (["search", "paging", "--limit", "0"], 2, "limit"),
        (["nonsense"], 2, "No such command"),
        (["erase", "2104.99999", "--yes"], 1, "not in this library"),
        (["harvest", "arxiv", "--set", "cs"], 2, "--since"),
        (["harvest", "arxiv", "--since", "2026-01-01", "--endpoint", "http://127.0.0.1:1/oai"], 1, "127.0.0.1"),
        (["harvest", "resourcesync", "nonsense"], 2, "not the web address of a site"),
        (["merge", "2104.99999", "2104.99998"], 1, "not in this library"),
        (["split", "2104.99999", "10.1000/1"], 1, "not in this library"),
        (["paper", "nonsense"], 1, "no paper here"),
    ],
)
def test_wrong_use_is_one_clear_line_and_the_promised_exit_code(invoke, arguments, code, says):
    done = invoke(*arguments)
    assert (done.exit_code, says in done.stderr) == (code, True), done.stderr


def test_settings_that_cannot_be_read_are_all_named_at_once(home):
    environment = {**os.environ, "PORT": "many", "BROADSHEET_HTTPS": "perhaps", "BROADSHEET_COLOUR": "blue"}
    done = subprocess.run(
        [sys.executable, "-m", "broadsheet", "status"], env=environment, text=True, capture_output=True
    )
    assert done.returncode == 1
    for name in ("PORT", "BROADSHEET_HTTPS", "BROADSHEET_COLOUR"):
        assert name in done.stderr


def test_a_database_that_is_away_is_one_line(home):
    environment = {**os.environ, "BROADSHEET_HOME": str(home), "BROADSHEET_DATABASE": "postgresql://x@127.0.0.1:1/none"}
    done = subprocess.run(
        [sys.executable, "-m", "broadsheet", "status"], env=environment, text=True, capture_output=True
    )
    assert done.returncode == 1
    assert "database" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_list_of_commands_is_whole_lines(invoke):
    for arguments in (["--help"], ["harvest", "--help"]):
        listed = invoke(*arguments).stdout.partition("Commands:")[2].splitlines()
        assert len(listed) > 10
        assert not [line for line in listed if line.endswith("...") or len(line) > 80]


def test_erase_shows_the_paper_before_it_asks_and_asks_for_none_that_is_not_here(invoke, tmp_path):
    invoke("import", str(write_jsonl(tmp_path / "notes.jsonl", *PAPERS)))
    refused = invoke("erase", "arXiv:2104.12256v1")
    assert refused.exit_code == 1
    assert PAPERS[0]["title"] in refused.stderr or PAPERS[1]["title"] in refused.stderr
    assert "Erase? [y/N]" in refused.stderr
    assert "Erase?" not in invoke("erase", "2104.99999").output
    assert json.loads(invoke("search", "simultaneous", "--json").stdout)["hits"]


def test_check_agrees_and_erase_leaves_nothing(invoke, tmp_path):
    invoke("import", str(write_jsonl(tmp_path / "notes.jsonl", *PAPERS)))
    assert "all agree" in invoke("check").stdout
    assert invoke("erase", "arXiv:2104.12256v1", "--yes").exit_code == 0
    assert json.loads(invoke("search", "simultaneous", "--json").stdout)["hits"] == []
    assert json.loads(invoke("search", "simultaneous", "--json", "--at", "2").stdout)["hits"] == []
    assert json.loads(invoke("check", "--json").stdout)["is_well"] is True


def test_a_counter_that_went_wrong_is_told_and_repaired(invoke, tmp_path):
    invoke("import", str(write_jsonl(tmp_path / "notes.jsonl", *PAPERS)))
    Paper.objects.update(votes=3)
    checked = invoke("check")
    assert checked.exit_code == 1
    assert "says 3 votes, there are 0" in checked.stdout
    assert json.loads(invoke("check", "--repair", "--json").stdout)["repaired"] == len(PAPERS)
    assert invoke("check").exit_code == 0


def test_completion_scripts_are_printed(broadsheet):
    for shell in ("bash", "zsh", "fish"):
        assert "broadsheet" in broadsheet("completion", shell).stdout


def test_run_starts_everything_and_one_interrupt_stops_it(tmp_path):
    home = tmp_path / "new"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "BROADSHEET_HOME": str(home), "BROADSHEET_MODEL": "none", "PORT": str(port)}
    running = subprocess.Popen(
        [sys.executable, "-m", "broadsheet", "run"],
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        lines = iter(running.stdout.readline, "")
        assert any(f"http://localhost:{port}/" in line for line in lines)
        with wait_for(f"http://127.0.0.1:{port}/") as page:
            assert "Low Rank Matrix Completion" in page.read().decode()
        busy = subprocess.run(
            [sys.executable, "-m", "broadsheet", "run"], env=environment, text=True, capture_output=True
        )
        assert (busy.returncode, f"port {port}" in busy.stderr) == (1, True)
    finally:
        os.killpg(running.pid, signal.SIGINT)
        running.stdout.close()
        assert running.wait(20) == 0


def wait_for(url: str):
    """Open an address of a server that is still starting: it says where it will listen just before it does."""
    from time import monotonic, sleep

    until = monotonic() + 20
    while True:
        try:
            return urllib.request.urlopen(url)
        except OSError:
            if monotonic() > until:
                raise
            sleep(0.05)


def test_paper_tells_where_each_field_is_from(invoke, tmp_path):
    one, other = PAPERS[0], PAPERS[0] | {"title": "On \x1b[2Jpaging", "abstract": "", "doi": "10.1145/7"}
    for name, row in (("one", one), ("other", other)):
        invoke("import", str(write_jsonl(tmp_path / f"{name}.jsonl", row)), "--collection", name, "--no-embed")
    lines = invoke("paper", "10.1145/7").stdout.splitlines()
    assert lines[:3] == ["On [2Jpaging", "Ann Lee", "2104.12255 · v2"]
    assert lines[3:] == [
        "",
        "We study paging.",
        "",
        "Where this comes from",
        "title        other",
        "             one says: Paging with succinct predictions",
        "abstract     one",
        "authors      other, one",
        "identifiers  arxiv:2104.12255 (one)",
        "             doi:10.1145/7 (other)",
    ]
    told = json.loads(invoke("paper", "2104.12255", "--json").stdout)
    assert (told["id"], told["merged"], told["abstract"]) == ("2104.12255", [], "We study paging.")
    assert told["sources"][1] == {
        "field": "abstract",
        "values": [{"value": "We study paging.", "sources": ["one"], "is_shown": True}],
    }
    assert invoke("paper", "nothing").stderr == "Error: no paper here has the key 'nothing'\n"


def test_merge_makes_one_paper_of_two_and_split_undoes_it(invoke, tmp_path):
    invoke("import", str(write_jsonl(tmp_path / "papers.jsonl", *PAPERS)), "--no-embed")
    done = invoke("merge", "2104.12255", "arXiv:2104.12256")
    assert done.stdout.splitlines() == [
        "2104.12256 is one with 2104.12255 now: Simultaneous updates of an index",
        "Undo: broadsheet split 2104.12255 2104.12256",
    ]
    again = json.loads(invoke("merge", "2104.12255", "2104.12256", "--json").stdout)
    assert again == {"paper": "2104.12255", "merged": "2104.12256"}
    refused = invoke("merge", "2104.12255", "2104.12255")
    assert (refused.exit_code, refused.stderr) == (1, "Error: 2104.12255 is one paper already; name two\n")
    assert invoke("split", "2104.12255", "2104.12256").stdout == "2104.12256 is a paper of its own now.\n"
    assert json.loads(invoke("status", "--json").stdout)["papers"] == 2
    assert invoke("check").exit_code == 0
