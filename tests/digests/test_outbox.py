"""Handing mail over to a real SMTP server: what may be tried again is told from what may not."""

from collections.abc import Callable, Iterator

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


@pytest.fixture
def server() -> Server:
    return Server()


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
