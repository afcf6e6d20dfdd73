"""A harvest that does not succeed for long is told to each admin, once an outage."""

from datetime import timedelta

import pytest

from broadsheet.digests import outages
from broadsheet.digests.models import OutageMail
from broadsheet.digests.outbox import Fate, NotTaken
from broadsheet.library import scheduling
from outboxes import Out


@pytest.fixture
def watch(site_library, clock):
    def look(*failures):
        out = Out(*failures)
        outages.watch(site_library, clock(), lambda: out)
        return out.taken

    return look


@pytest.fixture
def fail(site_library, clock):
    """Order a daily harvest, and have it fail for two days."""

    def make(command: str) -> None:
        scheduling.order("default", command, timedelta(days=1), clock())
        scheduling.settle("default", scheduling.claim("default", "me", clock()), "it answered 503", clock(), float)

    return make


def test_each_admin_is_told_once_an_outage_and_again_of_the_next(watch, fail, reader, clock):
    for name in ("ann", "bo"):
        reader(name, role="admin")
    reader("chi", role="editor")
    reader("dan", role="admin", is_verified=False)
    fail("acl 2026.acl")
    assert watch() == []
    clock.forward(days=2, minutes=1)
    first, second = watch()
    assert (first.to, second.to) == (["ann@example.org"], ["bo@example.org"])
    assert first.subject == "Broadsheet: a harvest does not succeed"
    assert "broadsheet harvest acl 2026.acl" in first.body
    assert "has not succeeded since 2026-11-21 12:00 UTC, 1 try failed" in first.body
    assert "it answered 503" in first.body
    assert watch() == []
    scheduling.settle("default", scheduling.claim("default", "me", clock()), "", clock(), float)
    clock.forward(days=1)
    assert watch() == []
    clock.forward(days=1, minutes=1)
    assert len(watch()) == 2
    assert OutageMail.objects.count() == 4


def test_several_outages_are_told_in_one_mail_and_a_worker_that_does_not_run_is_told_too(watch, fail, reader, clock):
    reader("ann", role="admin")
    fail("acl")
    scheduling.order("default", "unpaywall", timedelta(days=1), clock())
    clock.forward(days=3)
    [mail] = watch()
    assert mail.subject == "Broadsheet: 2 harvests do not succeed"
    assert "It was not run: is a worker running?" in mail.body


def test_a_mail_that_the_server_did_not_take_goes_again_and_one_that_is_unknown_does_not(watch, fail, reader, clock):
    reader("ann", role="admin")
    fail("acl")
    clock.forward(days=3)
    assert watch(NotTaken("busy", Fate.LATER)) == []
    assert watch(NotTaken("who knows", Fate.UNKNOWN)) == []
    assert watch() == []
    assert OutageMail.objects.get().error == "who knows"
