"""Subscribers and queued mails, made in one line."""

import socket
from collections.abc import Callable

import pytest


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
