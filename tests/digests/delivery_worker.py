"""A worker in a process of its own that is killed, by itself, at a chosen step of delivering."""

import os
import signal
import smtplib
from collections.abc import Callable
from datetime import datetime

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "broadsheet.config.settings")
django.setup()

from django.core.mail import EmailMessage, get_connection  # noqa: E402
from django.db import connections  # noqa: E402

from broadsheet.digests import delivering, outbox  # noqa: E402
from broadsheet.library.database import connection_settings  # noqa: E402

STEPS: dict[str, tuple[object, str, bool]] = {
    "after the lease": (delivering, "lease", True),
    "before it begins": (delivering, "begin", False),
    "after it has begun": (delivering, "begin", True),
    "after the greeting": (outbox.SmtpOutbox, "_connected", True),
    "after the sender": (outbox, "_against", True),
    "after the address": (outbox, "_against", True),
    "after the server's go ahead": (outbox, "_against", True),
    "before the content": (outbox.SmtpOutbox, "_send_content", False),
    "after the content, before the answer": (outbox, "_on_the_wire", True),
    "after the answer": (outbox.SmtpOutbox, "_hear", True),
    "before it is settled": (delivering, "_settle", False),
    "after it is settled": (delivering, "_settle", True),
}
"""Where a worker may be killed: a function, and whether before or after it ran."""
ANSWERS = ("after the sender", "after the address", "after the server's go ahead")
"""What the server answers of one mail before it gets the content, in order."""


def work(url: str, port: int, now: datetime, step: str | None, turn: int) -> None:
    """Deliver what is queued in a library to a server on loopback; die at `step` of the mail with this number."""
    connections["default"].close()
    found = {"default": connection_settings(url)}
    connections.settings["default"] = connections.configure_settings(found)["default"]
    del connections["default"]
    if step:
        _die_at(step, turn)
    backend = get_connection("django.core.mail.backends.smtp.EmailBackend", host="127.0.0.1", port=port)
    out = outbox.SmtpOutbox(backend)
    delivering.deliver(lambda _: write, out, str(os.getpid()), lambda: now, lambda: True, lambda *_: None)
    out.close()


def write(delivery: "delivering.Delivery") -> EmailMessage:
    return EmailMessage("Papers", "Papers", "paper@example.org", [delivery.subscriber.address])


def _die_at(step: str, turn: int) -> None:
    if step == "after the content, before the answer":
        _cut_the_answer(turn)
        return
    place, name, is_after = STEPS[step]
    whole: Callable[..., object] = getattr(place, name)
    turns = iter(range(1, 1_000_000))
    last = 1 if name == "lease" else turn
    if step in ANSWERS:
        last = (turn - 1) * len(ANSWERS) + ANSWERS.index(step) + 1

    def stepped(*args: object, **kwargs: object) -> object:
        is_last = next(turns) == last
        if is_last and not is_after:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = whole(*args, **kwargs)
        if is_last:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    setattr(place, name, stepped)


def _cut_the_answer(turn: int) -> None:
    """Die once the server has the whole mail, before its answer is read."""
    whole, mails = smtplib.SMTP.send, iter(range(1, 1_000_000))

    def send(server: smtplib.SMTP, content: bytes | str) -> None:
        whole(server, content)
        if isinstance(content, bytes) and content.endswith(b"\r\n.\r\n") and next(mails) == turn:
            os.kill(os.getpid(), signal.SIGKILL)

    smtplib.SMTP.send = send  # type: ignore[method-assign]
