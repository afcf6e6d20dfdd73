"""Handing a mail over: what became of it is told apart, since only some failures may be tried again."""

import smtplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import partial
from typing import Protocol

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend

from broadsheet.digests.letter import Letter

_GO_ON = 354
_GOING_AWAY = 421


class Fate(StrEnum):
    """Why a mail was not taken: the server is not ready for it, never will be, or nobody knows whether it was."""

    LATER = "later"
    NEVER = "never"
    UNKNOWN = "unknown"


class NotTaken(Exception):
    """A mail was not, or not surely, taken.

    `is_server` tells that no mail at all gets through now, `is_address` that the address is no good for any mail.
    """

    def __init__(self, message: str, fate: Fate, is_server: bool = False, is_address: bool = False) -> None:
        super().__init__(message)
        self.fate = fate
        self.is_server = is_server
        self.is_address = is_address


Answer = Callable[[], None]
"""Waits for what the server says of a mail, and returns if it took it. Raises NotTaken."""


class Outbox(Protocol):
    """Where mail is handed over, one connection for many mails."""

    def send(self, mail: EmailMessage) -> Answer:
        """Send a mail off, one at a time; the server has it once the answer has come. Raises NotTaken."""

    def hand_over(self, mail: EmailMessage) -> None:
        """Give a mail to the server, which has it once this returns. Raises NotTaken."""

    def close(self) -> None:
        """End the connection."""


class SmtpOutbox:
    """An SMTP server, spoken to step by step.

    Until the last line of the content is sent the server cannot have the mail, so any failure may be tried again; after
    it, silence means that nobody knows. Source: RFC 5321, sections 3.3, 4.2.1 and 4.5.3.2; RFC 1047.
    """

    def __init__(self, backend: EmailBackend) -> None:
        self.backend = backend

    def hand_over(self, mail: EmailMessage) -> None:
        """Give a mail to the server, which has it once this returns. Raises NotTaken."""
        self.send(mail)()

    def send(self, mail: EmailMessage) -> Answer:
        """Send a mail off, one at a time; the server has it once the answer has come. Raises NotTaken."""
        content = _on_the_wire(mail.content if isinstance(mail, Letter) else mail.message().as_bytes())
        server = self._connected()
        try:
            refused = _offer(server, mail)
            if refused:
                server.rset()
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise NotTaken(f"the connection broke: {error}", Fate.LATER, is_server=True) from error
        if refused:
            raise refused
        self._send_content(server, content)
        return partial(self._hear, server)

    def close(self) -> None:
        """End the connection."""
        self.backend.close()

    def _connected(self) -> smtplib.SMTP:
        try:
            self.backend.open()
            assert isinstance(self.backend.connection, smtplib.SMTP)
            self.backend.connection.ehlo_or_helo_if_needed()
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise NotTaken(f"no connection to the mail server: {error}", Fate.LATER, is_server=True) from error
        return self.backend.connection

    def _send_content(self, server: smtplib.SMTP, content: bytes) -> None:
        with self._in_doubt():
            server.send(content)

    def _hear(self, server: smtplib.SMTP) -> None:
        with self._in_doubt():
            code, said = server.getreply()
        if code != 250:
            raise _refused(code, said)

    @contextmanager
    def _in_doubt(self) -> Iterator[None]:
        """Where a connection that breaks leaves it open whether the server has the mail."""
        try:
            yield
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise NotTaken(f"the connection broke while the mail was sent: {error}", Fate.UNKNOWN) from error


class BackendOutbox:
    """Any other mail back end of Django's, such as those of django-anymail: it says yes, no, or raises."""

    def __init__(self, backend: BaseEmailBackend) -> None:
        self.backend = backend

    def send(self, mail: EmailMessage) -> Answer:
        """Give a mail to the back end, which answers at once. Raises NotTaken."""
        self.hand_over(mail)
        return lambda: None

    def hand_over(self, mail: EmailMessage) -> None:
        """Give a mail to the back end. Raises NotTaken; an error of the back end's own means that nobody knows."""
        mail.connection = self.backend
        try:
            taken = mail.send()
        except Exception as error:
            is_address = "recipientsrefused" in type(error).__name__.casefold()
            fate = Fate.NEVER if is_address else Fate.UNKNOWN
            raise NotTaken(f"{type(error).__name__}: {error}", fate, is_address=is_address) from error
        if not taken:
            raise NotTaken("the mail back end did not take the mail", Fate.LATER)

    def close(self) -> None:
        """End the connection."""
        self.backend.close()


def _on_the_wire(content: bytes) -> bytes:
    """A mail's bytes as DATA takes them: lines end with CR LF, a leading dot is doubled, a dot ends it all."""
    lines = b"\n" + content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").removesuffix(b"\n")
    return lines.replace(b"\n.", b"\n..").replace(b"\n", b"\r\n")[2:] + b"\r\n.\r\n"


def open_outbox() -> Outbox:
    """The outbox that the site's mail settings name. Nothing is connected yet."""
    backend = get_connection()
    return SmtpOutbox(backend) if isinstance(backend, EmailBackend) else BackendOutbox(backend)


def _offer(server: smtplib.SMTP, mail: EmailMessage) -> NotTaken | None:
    """Name sender and address and ask to send the content; what the server has against it, if anything.

    A server that can take it so is told all of that in one go. Source: RFC 2920.
    """
    (address,) = mail.to
    lines = [f"MAIL FROM:{smtplib.quoteaddr(mail.from_email)}", f"RCPT TO:{smtplib.quoteaddr(address)}", "DATA"]
    at_once = len(lines) if server.has_extn("pipelining") else 1
    refused = None
    for place, line in enumerate(lines):
        if place % at_once == 0:
            server.send("".join(f"{each}\r\n" for each in lines[place : place + at_once]))
        code, said = server.getreply()
        refused = refused or _against(line, code, said)
        if refused and at_once == 1:
            return refused
    if refused and code == _GO_ON:  # the server waits for a content that nobody is to get
        server.docmd(".")
    return refused


def _against(line: str, code: int, said: bytes) -> NotTaken | None:
    """What a server that answered so has against a command."""
    if code == _GO_ON if line == "DATA" else code // 100 == 2:
        return None
    if line.startswith("MAIL"):  # whatever it has against the sender, it has against every mail
        return NotTaken(_words(code, said), Fate.LATER, is_server=True)
    return _refused(code, said, is_rcpt=line.startswith("RCPT"))


def _refused(code: int, said: bytes, is_rcpt: bool = False) -> NotTaken:
    """What an answer means: 421 is the server going away, other 4xx this mail later, 5xx never.

    A 5xx to the address says that it is no good, unless its class is 5.7, a policy against the sender.
    Source: RFC 5321 section 4.2.1, RFC 3463.
    """
    words = _words(code, said)
    if code // 100 == 5:
        return NotTaken(words, Fate.NEVER, is_address=is_rcpt and not said.startswith(b"5.7."))
    return NotTaken(words, Fate.LATER, is_server=code == _GOING_AWAY or code < 0)


def _words(code: int, said: bytes) -> str:
    return f"{code} {' '.join(said.decode(errors='replace').split())}"[:400]
