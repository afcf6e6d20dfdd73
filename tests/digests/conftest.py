"""Subscribers and queued mails, made in one line."""

import multiprocessing
import os
import socket
import sys
from collections.abc import Callable
from datetime import timedelta
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

HERE = str(Path(__file__).parent)
sys.path.insert(0, HERE)  # for the workers that are killed


@pytest.fixture
def parting(monkeypatch) -> ForkServerContext:
    """Processes that part from one in which Broadsheet is loaded, and PostgreSQL's driver where there is one."""
    monkeypatch.setenv("PYTHONPATH", HERE, prepend=os.pathsep)  # where that one looks for what it loads
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["psycopg", "delivery_worker", "alert_worker"])
    return processes


@pytest.fixture
def unused_port() -> int:
    """A port of loopback on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def subscriber(site_library, clock) -> Callable[..., "Subscriber"]:  # noqa: F821
    """Make a confirmed subscriber whose next issue is due: subscriber("ann@example.org", size=5)."""
    from broadsheet.digests.models import Subscriber

    def make(address: str, **fields: object) -> Subscriber:
        defaults = {"asked_at": clock(), "confirmed_at": clock(), "next_at": clock(), "key": f"{address:.>22}"[:22]}
        return Subscriber.objects.create(address=address, **{**defaults, **fields})

    return make


@pytest.fixture
def queued(subscriber, clock) -> Callable[..., list["Delivery"]]:  # noqa: F821
    """Queue so many mails of one issue, each to a subscriber of its own."""
    from broadsheet.digests.models import Delivery, Issue

    def make(count: int) -> list[Delivery]:
        issue, _ = Issue.objects.get_or_create(day=clock().date(), defaults={"opened_at": clock()})
        return [
            Delivery.objects.create(
                issue=issue,
                subscriber=subscriber(f"reader-{n}@example.org", key=f"{n:022}"),
                message_id=f"<{n}@papers.example>",
                subject="Papers",
                due_at=clock(),
                next_at=clock(),
            )
            for n in range(count)
        ]

    return make


@pytest.fixture
def settings_of(monkeypatch) -> Callable[..., None]:
    """Set Django's settings for one test: settings_of(CONFIRMATIONS=3)."""
    from django.conf import settings

    def set_options(**values: object) -> None:
        for name, value in values.items():
            monkeypatch.setattr(settings, name, value)

    return set_options


@pytest.fixture
def alert(site_library, reader, clock) -> Callable[..., "Alert"]:  # noqa: F821
    """Make an alert of a reader of this name, who is made if new: alert("caching", means="webhook", of="bo")."""
    from broadsheet.community.models import Reader
    from broadsheet.digests import alerts

    def make(query: str, means: str = "mail", of: str = "ann", url: str = "https://hooks.example/in") -> "Alert":  # noqa: F821
        owner = Reader.objects.filter(username=of).first() or reader(of)
        return alerts.make(owner, query, means, url, clock())

    return make


@pytest.fixture
def listed(site_library, record) -> Callable[..., list["Paper"]]:  # noqa: F821
    """Put papers on today's list, or on that of `days` ago: listed("A title", topics=("cs.IR",), days=1)."""
    from broadsheet.library.models import Paper

    def put(*titles: str, days: int = 0, source: str = "arxiv", **fields: object) -> list[Paper]:
        day = site_library.today() - timedelta(days=days)
        records = [record(title, source=source, announced=day, **fields) for title in titles]
        return [Paper.objects.get(key=placement.key) for placement in site_library.put(records)]

    return put


@pytest.fixture
def interested(subscriber) -> Callable[..., "Subscriber"]:  # noqa: F821
    """Make a subscriber who is due with interests: interested(("topic", "cs.IR"), size=5)."""
    from broadsheet.digests.models import Interest, Subscriber

    def make(*interests: tuple[str, str], address: str = "ann@example.org", **fields: object) -> Subscriber:
        made = subscriber(address, **fields)
        Interest.objects.bulk_create(Interest(subscriber=made, kind=kind, value=value) for kind, value in interests)
        return made

    return make


@pytest.fixture
def picked(site_library, clock):
    """The papers that a subscriber would get now, as {title: reason} in order."""
    from broadsheet.digests import issuing
    from broadsheet.library.models import Version

    def pick(subscriber) -> dict[str, str]:
        delivery = issuing.preview(site_library, subscriber, clock())
        titles = dict(Version.objects.filter(died=None).values_list("paper", "title"))
        return {titles[row["paper"]]: row["reason"] for row in delivery.papers}

    return pick
