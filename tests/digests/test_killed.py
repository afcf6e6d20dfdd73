"""A worker killed by SIGKILL at every step of delivering: everyone gets one mail, except one recorded unknown."""

import signal
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import delivery_worker
import pytest
from aiosmtpd.controller import Controller

from broadsheet.digests.delivering import STALE_AFTER
from broadsheet.digests.models import Delivery

MAILS, KILLED_AT = 5, 3
SURE = ("after the lease", "before it begins", "after it is settled")
"""Where nothing is in the air: a worker killed there leaves no doubt about any mail."""
TOLD_IN_ONE_GO = ("after the sender", "after the server's go ahead", "after the content, before the answer")
"""Where it matters whether the server is told the sender, the address and what comes in one go."""
State = Delivery.State


class Taken:
    """A mail server that counts what it took, by address."""

    def __init__(self) -> None:
        self.mails: Counter[str] = Counter()
        self.offers: list[str] = []

    async def handle_EHLO(self, server, session, envelope, hostname, responses) -> list[str]:
        session.host_name = hostname
        return [responses[0], *(f"250-{offer}" for offer in self.offers), *responses[1:]]

    async def handle_DATA(self, server, session, envelope) -> str:
        self.mails.update(envelope.rcpt_tos)
        return "250 taken"


@pytest.fixture
def taken(unused_port) -> Taken:
    server = Taken()
    controller = Controller(server, hostname="127.0.0.1", port=unused_port)
    controller.start()
    yield server
    controller.stop()


@pytest.fixture
def work(database_url, unused_port, clock, parting) -> Callable[..., int]:
    """Run a worker in a process of its own, to its end or to the step where it is killed; its exit code."""

    def run(step: str | None = None) -> int:
        arguments = (database_url, unused_port, clock(), step, KILLED_AT)
        worker = parting.Process(target=delivery_worker.work, args=arguments)
        worker.start()
        worker.join(60)
        return worker.exitcode

    return run


@pytest.mark.parametrize(
    ("step", "offer"),
    [(step, "") for step in delivery_worker.STEPS] + [(step, "PIPELINING") for step in TOLD_IN_ONE_GO],
)
def test_a_worker_killed_at_any_step_costs_nobody_a_mail_and_sends_none_twice(queued, work, taken, clock, step, offer):
    taken.offers = [offer] if offer else []
    queued(MAILS)
    assert work(step) == -signal.SIGKILL
    clock.now += STALE_AFTER + timedelta(seconds=1)
    assert work() == 0
    states = Counter(Delivery.objects.values_list("state", flat=True))
    unknown = 0 if step in SURE else 1
    assert states == Counter({State.SENT: MAILS - unknown, State.UNKNOWN: unknown})
    for delivery in Delivery.objects.select_related("subscriber"):
        got = taken.mails[delivery.subscriber.address]
        assert got == 1 if delivery.state == State.SENT else got <= 1
