"""Handing mail over to a real SMTP server: what may be tried again is told from what may not."""

import smtplib
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from aiosmtpd.controller import Controller
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from broadsheet.digests.outbox import BackendOutbox, Fate, NotTaken, SmtpOutbox, open_outbox


class Server:
    """Answers as a test says: `answers` maps a step (MAIL, RCPT, DATA) to a reply, or to None, which hangs up."""

    def __init__(self) -> None:
        self.answers: dict[str, str | None] = {}
        self.mails: list[bytes] = []
        self.offers: list[str] = []

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        return [responses[0], *(f"250-{offer}" for offer in self.offers), *responses[1:]]

    async def handle_MAIL(self, server, session, envelope, address, options):
        envelope.mail_from = address
        return self.reply("MAIL", server)

    async def handle_RCPT(self, server, session, envelope, address, options):
        envelope.rcpt_tos.append(address)
        return self.reply("RCPT", server)

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(envelope.original_content)
        return self.reply("DATA", server)

    def reply(self, step: str, server) -> str:
        answer = self.answers.get(step, "250 fine")
        if answer is None:
            server.transport.close()
            return "250 unheard"
        return answer


@pytest.fixture(params=["one by one", "pipelining"])
def server(request) -> Server:
    made = Server()
    made.offers = ["PIPELINING"] if request.param == "pipelining" else []
    return made


@pytest.fixture
def outbox(server, unused_port) -> Iterator[SmtpOutbox]:
    controller = Controller(server, hostname="127.0.0.1", port=unused_port)
    controller.start()
    opened = SmtpOutbox(
        get_connection("django.core.mail.backends.smtp.EmailBackend", host="127.0.0.1", port=unused_port)
    )
    yield opened
    opened.close()
    controller.stop()


@pytest.fixture
def mail() -> Callable[[str], EmailMessage]:
    return lambda body="Hello": EmailMessage("Papers", body, "paper@example.org", ["ann@example.org"])


def test_many_mails_go_over_one_connection_and_arrive_byte_for_byte(outbox, server, mail):
    for body in ("Hello", ".\r\n..two\n.", "no end of line", "ends\r\n"):
        outbox.hand_over(mail(body))
    bodies = [content.partition(b"\r\n\r\n")[2] for content in server.mails]
    assert bodies == [b"Hello\r\n", b".\r\n..two\r\n.\r\n", b"no end of line\r\n", b"ends\r\n"]


@pytest.mark.parametrize(
    ("step", "answer", "fate", "about"),
    [
        ("MAIL", "451 busy", Fate.LATER, "server"),
        ("MAIL", "550 who are you", Fate.LATER, "server"),
        ("RCPT", "421 going away", Fate.LATER, "server"),
        ("RCPT", "450 full", Fate.LATER, "mail"),
        ("RCPT", "550 5.1.1 nobody", Fate.NEVER, "address"),
        ("RCPT", "550 5.7.1 not from you", Fate.NEVER, "mail"),
        ("DATA", "452 no room", Fate.LATER, "mail"),
        ("DATA", "554 not wanted", Fate.NEVER, "mail"),
        ("MAIL", None, Fate.LATER, "server"),
        ("RCPT", None, Fate.LATER, "server"),
        ("DATA", None, Fate.UNKNOWN, "mail"),
    ],
)
def test_each_failure_has_its_fate_and_the_next_mail_goes_through(outbox, server, mail, step, answer, fate, about):
    server.answers = {step: answer}
    with pytest.raises(NotTaken) as refused:
        outbox.hand_over(mail())
    assert refused.value.fate == fate
    assert (refused.value.is_server, refused.value.is_address) == (about == "server", about == "address")
    if answer:
        assert answer[4:] in str(refused.value)
    server.answers = {}
    outbox.hand_over(mail("after"))
    assert server.mails[-1].endswith(b"after\r\n")


def test_a_server_that_can_is_told_all_of_a_mail_in_one_go(server, outbox, mail, monkeypatch):
    sent, whole = [], smtplib.SMTP.send
    outbox.hand_over(mail())
    monkeypatch.setattr(smtplib.SMTP, "send", lambda smtp, content: (sent.append(content), whole(smtp, content))[1])
    outbox.hand_over(mail())
    assert len(sent) == (2 if server.offers else 4)


def test_no_content_goes_to_a_server_that_refused_the_address_and_yet_asked_for_it(unused_port, mail):
    """Such as one that answers before it knows better; the address is told as refused, and the next mail arrives."""
    said = [b"250 fine", b"550 5.1.1 nobody", b"354 go on", b"554 no recipients", b"250 reset"]
    said += [b"250 fine", b"250 fine", b"354 go on", b"250 taken"]
    heard: list[bytes] = []

    def serve(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection, connection.makefile("rwb") as stream:
            stream.write(b"220 here\r\n")
            stream.flush()
            assert stream.readline().startswith(b"ehlo")
            stream.write(b"250-here\r\n250 PIPELINING\r\n")
            stream.flush()
            is_content = False
            for answer in said:
                heard.append(line := stream.readline())
                while is_content and line != b".\r\n":
                    heard.append(line := stream.readline())
                is_content = answer.startswith(b"354")
                stream.write(answer + b"\r\n")
                stream.flush()
            stream.readline()

    with socket.create_server(("127.0.0.1", unused_port)) as listening, ThreadPoolExecutor(1) as pool:
        served = pool.submit(serve, listening)
        backend = get_connection("django.core.mail.backends.smtp.EmailBackend", host="127.0.0.1", port=unused_port)
        outbox = SmtpOutbox(backend)
        with pytest.raises(NotTaken, match="nobody") as refused:
            outbox.hand_over(mail("first"))
        assert (refused.value.fate, refused.value.is_address) == (Fate.NEVER, True)
        outbox.hand_over(mail("second"))
        outbox.close()
        served.result(10)
    assert b"second\r\n" in heard
    assert b"first\r\n" not in heard


def test_a_server_that_is_away_is_told_as_such(mail, unused_port):
    away = SmtpOutbox(get_connection("django.core.mail.backends.smtp.EmailBackend", host="127.0.0.1", port=unused_port))
    with pytest.raises(NotTaken, match="no connection") as refused:
        away.hand_over(mail())
    assert (refused.value.fate, refused.value.is_server) == (Fate.LATER, True)


class AnymailRecipientsRefused(Exception):
    """Named as django-anymail's, which is known by its name alone."""


class OtherBackEnd(BaseEmailBackend):
    """Stands for the back end of a mail provider, which answers over HTTP."""

    answer: "int | Exception" = 1

    def send_messages(self, mails):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("answer", "fate", "is_address"),
    [
        (0, Fate.LATER, False),
        (TimeoutError("no answer"), Fate.UNKNOWN, False),
        (AnymailRecipientsRefused("nobody there"), Fate.NEVER, True),
    ],
)
def test_any_other_back_end_of_django_says_yes_no_or_raises(mail, answer, fate, is_address):
    back_end = OtherBackEnd()
    other = BackendOutbox(back_end)
    other.hand_over(mail())
    back_end.answer = answer
    with pytest.raises(NotTaken) as refused:
        other.hand_over(mail())
    assert (refused.value.fate, refused.value.is_address) == (fate, is_address)


def test_the_outbox_is_that_of_the_mail_settings(settings_of):
    settings_of(EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST="127.0.0.1")
    assert isinstance(open_outbox(), SmtpOutbox)
    settings_of(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend")
    assert isinstance(open_outbox(), BackendOutbox)
