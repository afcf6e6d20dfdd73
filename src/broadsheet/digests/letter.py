"""The mail itself: headers that no text of others can break, and bodies that every mail program can read."""

from binascii import b2a_qp
from collections.abc import Mapping
from datetime import UTC, datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from broadsheet.digests.errors import DigestError

LINE = 998
"""Characters in a line at most (RFC 5322, section 2.1.1)."""
POLICY = SMTP.clone(max_line_length=LINE)
"""Headers are written on one line: broken up, a long link would be encoded, and no mail program would follow it."""

_PART = b"""\
Content-Type: text/%b; charset="utf-8"\r
Content-Transfer-Encoding: quoted-printable\r
\r
"""
_ALTERNATIVES = b'Content-Type: multipart/alternative; boundary="=_between-parts"\r\n'
"""Quoted-printable text cannot hold an equals sign before an underscore (RFC 2045, section 6.7)."""
_EDGE = b"\r\n--=_between-parts\r\n"
_END = b"\r\n--=_between-parts--\r\n"
_UNSAFE = (*' ,;:<>()[]"\\', "=?")
"""What no address of ours holds: marks that join several, and what begins an encoded word."""


class Letter(EmailMultiAlternatives):
    """A mail of plain text, and of HTML if there is any, written once: `content` is what goes over the wire.

    It is a mail of Django's, so that any back end can send it. `weight` are the bytes of its bodies. Raises DigestError
    for an address or a header that could be read as more than one.
    """

    def __init__(self, subject: str, body: str, to: str, html: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(subject, body, settings.DEFAULT_FROM_EMAIL, [to], headers=headers)
        self.html = html
        if html:
            self.attach_alternative(html, "text/html")
        bodies = {"plain": _encode(body)} | ({"html": _encode(html)} if html else {})
        self.weight = sum(map(len, bodies.values()))
        self.content = _head(self) + _join(bodies)

    def message(self) -> EmailMessage:  # type: ignore[override]  # Django's own is of an older class
        """The mail as an object, for back ends that take it so."""
        return message_from_bytes(self.content, policy=POLICY)


def host() -> str:
    """The host name of the site."""
    return urlsplit(settings.SITE).hostname or "localhost"


def new_message_id() -> str:
    """A name for a mail that no other has; the end of a long host name does."""
    place = "localhost" if ":" in host() else host()[-80:].lstrip(".-")
    return f"<{uuid4().hex}@{place}>"


def _head(letter: Letter) -> bytes:
    """The headers but for those of the content. Raises DigestError."""
    headers = {
        "Subject": _on_one_line(str(letter.subject)),
        "Date": format_datetime(datetime.now(UTC)),
        "Message-ID": new_message_id(),
        "MIME-Version": "1.0",
        "Auto-Submitted": "auto-generated",
        **letter.extra_headers,
    }
    try:
        lines = [_sender(letter.from_email), f"To: {_recipient(letter.to[0])}\r\n"]
        lines += [_header(name, value) for name, value in headers.items()]
    except ValueError as error:
        raise DigestError(f"A mail cannot be written: {error}") from error
    return "".join(lines).encode("ascii")


def _header(name: str, value: str) -> str:
    """A header as it is sent, its value as it is unless it needs other letters than ASCII. Raises ValueError."""
    if not value.isprintable() or "=?" in value:
        raise ValueError(f"the header {name} holds a line break, another control character or an encoded word")
    if value.isascii() and len(name) + 2 + len(value) <= LINE:
        return f"{name}: {value}\r\n"
    return str(POLICY.fold(name, POLICY.header_factory(name, value)))


@lru_cache(16)
def _sender(text: str) -> str:
    """The header of the sender that the settings name. Raises ValueError."""
    if "\r" in text or "\n" in text:
        raise ValueError("the sender's name holds a line break")
    name, _, address = text.strip().removesuffix(">").rpartition("<")
    sender = Address(name.strip(' "'), addr_spec=address.strip())
    return str(POLICY.fold("From", POLICY.header_factory("From", sender)))


def _on_one_line(text: str) -> str:
    """A text in which nothing steers, ends a line or stands for other text, as an encoded word does."""
    return "".join(filter(str.isprintable, text)).replace("=?", "= ?")


def _recipient(address: str) -> str:
    """One address, whatever it looks like. Raises ValueError for what a mail program might read as several."""
    if not address or not address.isascii() or not address.isprintable() or any(sign in address for sign in _UNSAFE):
        raise ValueError(f"{address[:80]!r} is not one plain address")
    return Address(addr_spec=address).addr_spec


def _join(bodies: Mapping[str, bytes]) -> bytes:
    """The bodies, by their kinds, with the headers that tell what they are."""
    parts = [_PART % kind.encode() + body for kind, body in bodies.items()]
    return parts[0] if len(parts) == 1 else _ALTERNATIVES + _EDGE + _EDGE.join(parts) + _END


def _encode(text: str) -> bytes:
    """A text in quoted-printable, which passes servers that know ASCII and short lines alone."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return b2a_qp(lines.encode(), istext=True).replace(b"\n", b"\r\n")
