"""A mail server on loopback that takes every mail and shows it to the test: enough of SMTP for Python's own client."""

import re
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Condition, Thread

CODE = re.compile(r"Your code: ([A-Z-]+)")


class Mailbox:
    """A mail server: `with Mailbox() as mailbox`, then `mailbox.address` for BROADSHEET_MAIL.

    `on_mail`, if given, is asked before a mail is taken and may answer with a refusal such as "451 later".
    """

    def __init__(self, on_mail: Callable[[EmailMessage], str | None] | None = None) -> None:
        self.mails: list[EmailMessage] = []
        self.on_mail = on_mail
        self._came = Condition()
        self._server = ThreadingTCPServer(("127.0.0.1", 0), _Session)
        self._server.daemon_threads = True
        self._server.mailbox = self

    @property
    def address(self) -> str:
        return f"smtp://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> "Mailbox":
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def take(self, raw: bytes) -> str:
        """Keep a mail and return the answer to its sender."""
        mail = message_from_bytes(raw, policy=policy.default)
        if self.on_mail and (refusal := self.on_mail(mail)):
            return refusal
        with self._came:
            self.mails.append(mail)
            self._came.notify_all()
        return "250 taken"

    def wait(self, count: int, seconds: float = 10) -> EmailMessage:
        """The mail with this number, as soon as so many have come."""
        with self._came:
            assert self._came.wait_for(lambda: len(self.mails) >= count, seconds), f"{len(self.mails)} of {count} mails"
            return self.mails[count - 1]

    def code(self, count: int) -> str:
        """The code in the mail with this number."""
        return CODE.search(self.wait(count).get_content())[1]


class _Session(StreamRequestHandler):
    def handle(self) -> None:
        self.say("220 mailbox")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"QUIT":
                self.say("221 bye")
                return
            if verb == b"DATA":
                self.say("354 go on")
                self.say(self.server.mailbox.take(self.text()))
            else:
                self.say("250 fine")

    def text(self) -> bytes:
        """The mail up to the line with a dot alone."""
        lines = iter(self.rfile.readline, b".\r\n")
        return b"".join(line[1:] if line.startswith(b".") else line for line in lines)

    def say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")
