"""The mail itself: headers that no text of others can break, and bodies that every mail program can read."""

from binascii import b2a_qp
from datetime import UTC, datetime
from email.headerregistry import Address, BaseHeader
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from broadsheet.digests.errors import DigestError

POLICY = SMTP.clone(max_line_length=998)
"""Headers are written on one line: broken up, a long link would be encoded, and no mail program would follow it."""

_BOUNDARY = "=_between-parts"
"""Quoted-printable text cannot hold an equals sign before an underscore (RFC 2045, section 6.7)."""
_UNSAFE = (*' ,;:<>()[]"\\', "=?")
"""What no address of ours holds: marks that join several, and what begins an encoded word."""


class Letter(EmailMultiAlternatives):
    """A mail of plain text, and of HTML if there is any.

    It is a mail of Django's, so that any back end can send it; `message` gives what goes over the wire. Raises
    DigestError for an address or a header that could be read as more than one.
    """

    def __init__(self, subject: str, body: str, to: str, html: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(subject, body, settings.DEFAULT_FROM_EMAIL, [to], headers=headers)
        self.html = html
        if html:
            self.attach_alternative(html, "text/html")
        self._written = self._write(body, html)

    @property
    def weight(self) -> int:
        """The bytes of the bodies as they are sent."""
        return sum(len(str(part.get_payload())) for part in self._written.walk() if not part.is_multipart())

    def message(self) -> EmailMessage:  # type: ignore[override]  # Django's own is of an older class
        """The mail as it goes over the wire."""
        return self._written

    def _write(self, body: str, html: str) -> EmailMessage:
        written = EmailMessage(POLICY)
        try:
            written["From"] = _sender(self.from_email)
            written["To"] = _recipient(self.to[0])
            written["Subject"] = _unencoded(str(self.subject))
            for name, value in {**_standard_headers(), **self.extra_headers}.items():
                written[name] = value
            _refuse_breaks(written)
        except ValueError as error:
            raise DigestError(f"A mail cannot be written: {error}") from error
        if html:
            written["Content-Type"] = _header("Content-Type", f'multipart/alternative; boundary="{_BOUNDARY}"')
            written.attach(_part("plain", body))
            written.attach(_part("html", html))
        else:
            _fill(written, "plain", body)
        return written


def host() -> str:
    """The host name of the site."""
    return urlsplit(settings.SITE).hostname or "localhost"


def new_message_id() -> str:
    """A name for a mail that no other has; the end of a long host name does."""
    place = "localhost" if ":" in host() else host()[-80:].lstrip(".-")
    return f"<{uuid4().hex}@{place}>"


def _standard_headers() -> dict[str, str]:
    return {
        "Date": format_datetime(datetime.now(UTC)),
        "Message-ID": new_message_id(),
        "MIME-Version": "1.0",
        "Auto-Submitted": "auto-generated",
    }


@lru_cache(16)
def _header(name: str, value: str) -> BaseHeader:
    """A header that many mails have, read once."""
    header: BaseHeader = POLICY.header_factory(name, value)
    return header


@lru_cache(16)
def _sender(text: str) -> BaseHeader:
    """The sender that the settings name. Raises ValueError."""
    if "\r" in text or "\n" in text:
        raise ValueError("the sender's name holds a line break")
    name, _, address = text.strip().removesuffix(">").rpartition("<")
    header: BaseHeader = POLICY.header_factory("From", Address(name.strip(' "'), addr_spec=address.strip()))
    return header


def _unencoded(text: str) -> str:
    """A text that no encoded word stands in: the header would hold what it says, a line break even."""
    return text.replace("=?", "= ?")


def _refuse_breaks(written: EmailMessage) -> None:
    """Raise ValueError if a header, read as mail programs will read it, has more than one line."""
    for name, value in written.items():
        if not str(value).isprintable():
            raise ValueError(f"the header {name} holds a line break or another control character")


def _recipient(address: str) -> Address:
    """One address, whatever it looks like. Raises ValueError for what a mail program might read as several."""
    if (
        not address
        or not address.isascii()
        or not address.isprintable()
        or any(sign in address for sign in ' ,;:<>()[]"\\')
    ):
        raise ValueError(f"{address[:80]!r} is not one plain address")
    return Address(addr_spec=address)


def _part(kind: str, text: str) -> EmailMessage:
    part = EmailMessage(POLICY)
    _fill(part, kind, text)
    return part


def _fill(part: EmailMessage, kind: str, text: str) -> None:
    """Give a part its text in quoted-printable, which passes servers that know ASCII and short lines alone."""
    part["Content-Type"] = _header("Content-Type", f'text/{kind}; charset="utf-8"')
    part["Content-Transfer-Encoding"] = _header("Content-Transfer-Encoding", "quoted-printable")
    part.set_payload(b2a_qp(text.encode(), istext=True).decode("ascii"))
