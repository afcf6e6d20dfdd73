"""`broadsheet digest`: how the digests are, and what somebody would get now."""

import json

import pytest
from click.testing import CliRunner

from broadsheet.cli import main
from broadsheet.digests import issuing
from broadsheet.digests.models import Delivery, Issue, Subscriber


@pytest.fixture
def run(library_on_sqlite):
    """Run a command and return what it printed; its exit code must be the one expected."""

    def invoke(*arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(main, ["digest", *arguments])
        assert result.exit_code == code, result.output
        return result.output

    return invoke


@pytest.fixture
def ann(library_on_sqlite, record, clock) -> Subscriber:
    library_on_sqlite.put([record("Paper $n^2$ [red]", announced=library_on_sqlite.today())])
    times = {"asked_at": clock(), "confirmed_at": clock(), "next_at": clock()}
    return Subscriber.objects.create(address="ann@example.org", key="k" * 22, **times)


def test_a_preview_shows_papers_and_reasons_and_records_nothing(run, ann, tmp_path):
    printed = run("--preview", "Ann@example.org", "--html", str(tmp_path / "mail.html"))
    assert "Paper n² [red]" in printed
    assert "new on 21 November" in printed
    assert "Paper n² [red]" in (tmp_path / "mail.html").read_text()
    assert not Issue.objects.exists()
    assert not Delivery.objects.exists()


def test_a_preview_for_programs(run, ann):
    told = json.loads(run("--preview", "ann@example.org", "--json"))
    assert (told["to"], told["subject"], told["alarm"]) == ("ann@example.org", "Paper n² [red]", "")
    assert [(paper["title"], paper["version"], paper["reason"]) for paper in told["papers"]] == [
        ("Paper n² [red]", 1, "new on 21 November")
    ]
    assert 1_000 < told["bytes"] < 100_000


def test_nobody_of_that_address_and_options_that_do_not_go_together_are_told(run, ann):
    assert "no confirmed subscriber has the address 'bo@example.org'" in run("--preview", "bo@example.org", code=1)
    assert "--html needs --preview" in run("--html", "x.html", code=2)
    assert "not both" in run("--preview", "ann@example.org", "--status", code=2)


def test_the_state_tells_issues_and_mails(run, ann, library_on_sqlite, clock):
    assert "No issue has gone out yet" in run()
    issuing.queue_due(library_on_sqlite, clock())
    Issue.objects.update(alarm="Only 3 papers came.")
    printed = run("--status")
    assert "1 subscriber, the next issue is due 2026-11-22 07:00 UTC" in printed
    assert "Only 3 papers came." in printed
    told = json.loads(run("--json"))
    assert told["subscribers"] == 1
    assert told["issues"][0]["day"] == "2026-11-21"
    assert told["issues"][0]["mails"]["queued"] == 1
    assert told["issues"][0]["mails"]["sent"] == 0
