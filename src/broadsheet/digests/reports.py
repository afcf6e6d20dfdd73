"""Reports of mail servers, read: which mail came back, and whether its address is no good or only its moment.

Source: RFC 3464 (delivery status notifications), RFC 3463 (status codes), RFC 5965 (complaints).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message

from broadsheet.digests.errors import DigestError
from broadsheet.digests.models import Bounce

LIMIT = 300_000
"""How many bytes of a report are read; the mail that came back, which may be long, stands at its end."""
PARTS_LIMIT = 20
EDGES_LIMIT = 1_000
FIELD_LIMIT = 500

_PART = re.compile(rb"content-type:", re.I)
_EDGE = re.compile(rb"[\r\n]--")
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])", re.ASCII)
_NAMES = re.compile(r"<[^<>\s]{1,250}>")
_ABOUT_THE_MOMENT = frozenset({("5", "2", "2"), ("5", "3", "4"), ("5", "3", "1")})
"""Failures for good that are not about the address: its mailbox or the server is full, or the mail is too long."""
_ABOUT_US = "7"
"""Subject of status codes about policy: our server is not liked there, which says nothing about the address."""
_THING = r"(?:user|mailbox|recipient|account|address)"
_NO_SUCH_ADDRESS = re.compile(
    rf"\b(?:no such|unknown) {_THING}|\b{_THING}\b.{{0,60}}\b(?:unknown|not found|does(?: not|n.t) exist|disabled)",
    re.I,
)
"""What servers say that give no status code, or one that says nothing."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a mail server said: of the mails with one of these Message-IDs, of which kind, in its words."""

    kind: str
    message_ids: tuple[str, ...]
    detail: str


def read_report(content: bytes) -> Report:
    """Read a mail as a report of a bounce or a complaint. Raises DigestError for any other bytes, whatever they are."""
    content = content[:LIMIT]
    if len(_PART.findall(content)) > PARTS_LIMIT or len(_EDGE.findall(content)) > EDGES_LIMIT:
        raise DigestError("the report has too many parts")
    try:
        return _read(message_from_bytes(content))
    except DigestError:
        raise
    except Exception as error:  # the parser breaks in many ways on mail made to break it
        raise DigestError(f"the report cannot be read: {type(error).__name__}") from error


def kind_of(said: str) -> str:
    """Hard where a server says for good that there is no such address, soft for anything else it refuses.

    A server that refuses us, for a list that we are on or a setting that is wrong, does so at every address: were that
    hard, one bad morning would end every subscription.

    >>> kind_of("550 5.1.1 <ann@example.org>"), kind_of("550 user unknown"), kind_of("550 relay not permitted")
    ('hard', 'hard', 'soft')
    """
    codes = _codes(said)
    if any(code[1] == _ABOUT_US or code in _ABOUT_THE_MOMENT for code in codes):
        is_hard = False
    elif codes:
        is_hard = all(code[0] == "5" for code in codes)
    else:
        is_hard = said.lstrip()[:1] == "5" and bool(_NO_SUCH_ADDRESS.search(said))
    return (Bounce.Kind.HARD if is_hard else Bounce.Kind.SOFT).value


def is_about_address(said: str) -> bool:
    """Whether a soft refusal tells against its address at all: a full mailbox does, a policy does not.

    >>> is_about_address("4.2.2 full"), is_about_address("550 5.7.1 listed"), is_about_address("554 no")
    (True, False, False)
    """
    codes = _codes(said)
    return bool(codes) and not any(code[1] == _ABOUT_US for code in codes)


def _codes(said: str) -> list[tuple[str, ...]]:
    """The status codes in what a server said, but for those that say nothing."""
    found = (match.groups() for match in _STATUS.finditer(said[: 4 * FIELD_LIMIT]))
    return [code for code in found if code[1:] != ("0", "0")]


def _read(mail: Message) -> Report:
    parts = [part for _, part in zip(range(2 * PARTS_LIMIT), mail.walk(), strict=False)]
    names = _message_ids(mail, parts)
    if not names:
        raise DigestError("the report does not say which mail it is about")
    if any(part.get_content_type() == "message/feedback-report" for part in parts):
        return Report(Bounce.Kind.COMPLAINT.value, names, "reported as unwanted")
    for block in _recipients(parts):
        action = _field(block, "Action").strip().casefold()
        if action == "failed":
            detail = " ".join(f"{_field(block, 'Status')} {_field(block, 'Diagnostic-Code')}".split())
            return Report(kind_of(detail), names, detail[:FIELD_LIMIT])
    raise DigestError("the report tells of no failure")


def _recipients(parts: list[Message]) -> Iterator[Message]:
    """The blocks of a delivery status, one a recipient; the parser makes a message of each."""
    for part in parts:
        if part.get_content_type() == "message/delivery-status":
            blocks = part.get_payload()
            if isinstance(blocks, list):
                yield from (block for block in blocks[:PARTS_LIMIT] if isinstance(block, Message) and "Action" in block)


def _message_ids(mail: Message, parts: list[Message]) -> tuple[str, ...]:
    """The Message-IDs of the mail that came back: in its headers, which come as a part, or in what this one answers."""
    found: dict[str, None] = {}
    for part in parts:
        if part is not mail:
            found.update(dict.fromkeys(_NAMES.findall(_field(part, "Message-ID"))))
        if part.get_content_type() in ("text/rfc822-headers", "message/global-headers"):
            headers = message_from_bytes(_payload(part))
            found.update(dict.fromkeys(_NAMES.findall(_field(headers, "Message-ID"))))
    for name in ("In-Reply-To", "References"):
        found.update(dict.fromkeys(_NAMES.findall(_field(mail, name))))
    return tuple(found)[:20]


def _payload(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _field(block: Message, name: str) -> str:
    """A header as text, printable, without the type before a semicolon that diagnostic codes have."""
    text = str(block.get(name, ""))[: 4 * FIELD_LIMIT]
    text = "".join(char if char.isprintable() else " " for char in text)
    return text.partition(";")[2].strip() if name == "Diagnostic-Code" and ";" in text else text
