"""Three thousand subscribers, whose digests are chosen, written and handed to a real mail server: one mail each."""

import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.parser import BytesHeaderParser
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from broadsheet.digests.models import Delivery, Interest, Subscriber
from databases import in_memory

sys.path.insert(0, str(Path(__file__).parent))
import postfix

SUBSCRIBERS, THROUGH_POSTFIX, PAPERS, SIZE = 3_000, 600, 60, 3
TOPICS = [f"cs.{letter}{other}" for letter in "ABC" for other in "DEFG"]


@pytest.fixture
def press(library_on_sqlite, record, clock, monkeypatch, request) -> Iterator[Callable[[int], Counter[str]]]:
    """A library with new papers and many subscribers, each with a topic of their own choice and the trends.

    `press(port)` posts all that is due to a server on loopback and returns what became of it.
    """
    from django.conf import settings

    from broadsheet.digests.posting import post

    day = library_on_sqlite.today()
    library_on_sqlite.put(
        record(
            f"Paper {n} of online algorithms with predictions",
            f"2611.{n:05}",
            authors=[f"Author {n % 40}", "Bo Chen"],
            abstract="We show a bound. It is tight. " * 20,
            topics=(TOPICS[n % len(TOPICS)],),
            announced=day,
        )
        for n in range(1, PAPERS + 1)
    )
    asked, now = clock() - timedelta(days=2), clock()
    Subscriber.objects.bulk_create(
        Subscriber(
            address=f"r{n}@example.org", key=f"{n:022}", size=SIZE, asked_at=asked, confirmed_at=asked, next_at=now
        )
        for n in range(getattr(request, "param", SUBSCRIBERS))
    )
    Interest.objects.bulk_create(
        Interest(subscriber=row, kind=kind, value=value)
        for n, row in enumerate(Subscriber.objects.order_by("pk"))
        for kind, value in ((Interest.Kind.TOPIC, TOPICS[n % len(TOPICS)]), (Interest.Kind.TRENDING, ""))
    )

    def start(port: int) -> Counter[str]:
        monkeypatch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
        monkeypatch.setattr(settings, "EMAIL_HOST", "127.0.0.1")
        monkeypatch.setattr(settings, "EMAIL_PORT", port)
        queued, fates = post(library_on_sqlite, clock, lambda: True)
        assert queued == sum(fates.values())
        return fates

    return start


class Taken:
    """A mail server that keeps what it took."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, bytes]] = []

    async def handle_DATA(self, server, session, envelope) -> str:
        self.mails += [(address, envelope.original_content) for address in envelope.rcpt_tos]
        return "250 taken"


def test_everyone_gets_exactly_one_mail_from_one_worker(press, unused_port):
    taken = Taken()
    controller = Controller(taken, hostname="127.0.0.1", port=unused_port)
    controller.start()
    try:
        assert press(unused_port) == {Delivery.State.SENT: SUBSCRIBERS}
        assert press(unused_port) == {}
    finally:
        controller.stop()
    assert Counter(address for address, _ in taken.mails) == {f"r{n}@example.org": 1 for n in range(SUBSCRIBERS)}
    for address, raw in taken.mails[::97]:
        mail = message_from_bytes(raw, policy=policy.default)
        assert mail["To"].addresses[0].addr_spec == address
        assert b"\r\nList-Unsubscribe: <http" in raw
        assert "Paper" in mail.get_body(("plain",)).get_content()
    heads = (BytesHeaderParser().parsebytes(raw) for _, raw in taken.mails)
    assert len({head["Message-ID"] for head in heads}) == SUBSCRIBERS


@pytest.mark.skipif(not postfix.is_here(), reason="no Postfix here, or no right to start it")
@pytest.mark.parametrize("press", [THROUGH_POSTFIX], indirect=True)
def test_everyone_gets_exactly_one_mail_through_postfix(press, unused_port):
    home = Path(tempfile.mkdtemp(prefix="broadsheet-postfix-", dir=in_memory()))
    home.chmod(0o755)  # Postfix gives up its rights and still has to reach its files
    try:
        with postfix.Postfix(home, unused_port) as server:
            assert press(unused_port) == {Delivery.State.SENT: THROUGH_POSTFIX}
            mails = server.mails(THROUGH_POSTFIX)
    finally:
        shutil.rmtree(home)
    assert Counter(mail["To"].addresses[0].addr_spec for mail in mails) == {
        f"r{n}@example.org": 1 for n in range(THROUGH_POSTFIX)
    }
    assert all(mail["List-Unsubscribe"].startswith("<http") for mail in mails)
