"""Alerts told by real workers, to a real mail server and a real receiver: once each, whoever is killed."""

import re
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from time import monotonic

import pytest
from homes import put_titles
from hook_server import HookServer
from mail_server import Mailbox
from sites import working


def titles_in(mail) -> list[str]:
    return re.findall(r"/papers/(\S+)", mail.get_body(("plain",)).get_content())


@pytest.fixture
def save(database_url, as_site, reader) -> Callable[..., str]:
    """Save a search of a reader in the site's database; its secret."""
    from broadsheet.community.models import Reader
    from broadsheet.digests import alerts
    from broadsheet.library import Library

    def make(query: str, means: str, of: str, url: str = "") -> str:
        with as_site(database_url):
            Library.open(model="none")
            owner = Reader.objects.filter(username=of).first() or reader(of)
            return alerts.make(owner, query, means, url, datetime.now(UTC)).secret

    return make


def test_papers_put_by_another_process_are_told_once_whoever_is_killed_and_however_many_work(
    database_url, save, tmp_path, monkeypatch, as_site, options
):
    monkeypatch.setenv("BROADSHEET_DATABASE", database_url)
    with Mailbox() as mailbox, HookServer() as hooks, ExitStack() as workers:
        monkeypatch.setenv("BROADSHEET_HOOK_ALLOW", hooks.authority)
        options(HOOK_ALLOW=(hooks.authority,))
        hooks.secrets.append(save("caching", "webhook", "ann", hooks.url))
        for name in ("ann", "bo"):
            save("caching", "mail", name)
        save("caching trees", "mail", "cy")
        mail = {"BROADSHEET_MAIL": mailbox.address}

        with working(tmp_path, **mail) as worker:
            [first] = put_titles(database_url, 1, "Caching and graphs")
            assert hooks.wait(1) == [first]
            told = {mailbox.wait(2, 30)["To"], mailbox.wait(1)["To"]}
            assert told == {"ann@example.org", "bo@example.org"}
            until = monotonic() + 30
            while states(database_url, as_site)["webhook"] != {"told"}:  # a post that is not settled comes again
                assert monotonic() < until
            worker.kill()

        later = put_titles(database_url, 2, "Caching and trees", "Trees alone", "Caching trees again")
        matching = [later[0], later[2]]
        for _ in range(2):
            workers.enter_context(working(tmp_path, **mail))
        assert sorted(hooks.wait(3)) == [first, *matching]
        assert mailbox.wait(3, 30)["To"] == "cy@example.org"
        [last] = put_titles(database_url, 9, "Caching of the last")
        assert hooks.wait(4)[-1] == last
        workers.close()

        assert sorted(hooks.papers) == [first, *matching, last]
        assert len({name for name, _ in hooks.posts}) == len(hooks.posts)
        assert len(mailbox.mails) == 3
        assert titles_in(mailbox.mails[2]) == matching
        found = states(database_url, as_site)
        assert found["webhook"] == {"told"}
        assert found["mail"] <= {"told", "queued", "sending"}


def states(database_url: str, as_site) -> dict[str, set[str]]:
    """What became of matches, by how they are told.

    Mail of an alert that has just mailed waits its five minutes; of one at which a worker was killed nobody knows.
    """
    from broadsheet.digests.models import AlertMatch

    found: dict[str, set[str]] = {}
    with as_site(database_url):
        for means, state in AlertMatch.objects.values_list("alert__means", "state"):
            found.setdefault(means, set()).add(state)
    return found


def test_a_receiver_that_fails_is_told_again_and_stops_no_mail(database_url, save, tmp_path, monkeypatch, options):
    monkeypatch.setenv("BROADSHEET_DATABASE", database_url)
    with Mailbox() as mailbox, HookServer(lambda *_: 500) as hooks:
        monkeypatch.setenv("BROADSHEET_HOOK_ALLOW", hooks.authority)
        options(HOOK_ALLOW=(hooks.authority,))
        hooks.secrets.append(save("caching", "webhook", "ann", hooks.url))
        save("caching", "mail", "ann")
        with working(tmp_path, BROADSHEET_MAIL=mailbox.address) as worker:
            put_titles(database_url, 1, "Caching and graphs")
            hooks.wait(1)
            assert mailbox.wait(1, 30)["Subject"] == "1 new paper: caching"
            assert worker.poll() is None
        assert len(hooks.posts) == 1


@pytest.fixture
def options(monkeypatch) -> Callable[..., None]:
    """Set Django's settings of this process for one test."""
    from django.conf import settings

    return lambda **values: [monkeypatch.setattr(settings, name, value) for name, value in values.items()]
