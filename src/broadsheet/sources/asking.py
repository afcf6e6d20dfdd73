"""One question to a service on the web: its answer in JSON, or its own words on why there is none."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from broadsheet.papers import PaperError, Record
from broadsheet.sources.errors import FetchError, SourceError
from broadsheet.sources.json_members import Members
from broadsheet.sources.jsonl import parse_object
from broadsheet.sources.source import Fault, Page
from broadsheet.sources.transport import Transport

MOST_WORDS = 300
MOST_WORKS = 10_000
"""Most works of one answer; no service gives more than a thousand."""
_REASONS = ("message", "detail", "title", "error", "value")


def ask(
    transport: Transport,
    endpoint: str,
    question: Mapping[str, str],
    headers: Mapping[str, str] | None = None,
    secret: str = "",
) -> bytes:
    """Fetch the answer to a question; parameters without a value are left out.

    Raises FetchError with the words of the service where it says why, and without the `secret` that it was told.
    """
    given = {name: value for name, value in question.items() if value}
    try:
        return transport.get(f"{endpoint}?{urlencode(given)}", headers=headers).body
    except FetchError as error:
        words = reason_in(error.body)
        message = f"{error} ({words})" if words else str(error)
        error.args = (message.replace(secret, "…") if secret else message,)
        raise


def parse_answer(payload: bytes, place: str) -> Members:
    """Read an answer that must be one JSON object. Raises SourceError, naming `place`."""
    try:
        return parse_object(payload, what=f"the answer of {place}")
    except PaperError as error:
        raise SourceError(str(error)) from error


def collect(works: Sequence[Any], read: Callable[[Members, str], Record], place: str) -> Page:
    """Read each work of a list; what cannot be used is a fault at its number.

    Raises SourceError for a list of more than MOST_WORKS, which is no answer to what was asked.
    """
    check_size(len(works), place)
    records: list[Record] = []
    faults: list[Fault] = []
    for number, work in enumerate(works, 1):
        here = f"{place} work {number:,}"
        if not isinstance(work, dict):
            faults.append(Fault(here, "the work is not an object in braces"))
            continue
        try:
            records.append(read(work, here))
        except PaperError as error:
            faults.append(Fault(here, str(error)))
    return Page(tuple(records), tuple(faults), done=len(records) + len(faults))


def check_size(size: int, place: str) -> None:
    """Refuse an answer that holds more works than any service gives at once. Raises SourceError."""
    if size > MOST_WORKS:
        raise SourceError(f"{place} answered {size:,} works at once, more than {MOST_WORKS:,}")


def count_in(members: Members, name: str) -> int | None:
    """A number of records as a service says it, None where it says none that can be."""
    value = members.get(name)
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 12:
        value = int(value)
    return value if type(value) is int and 0 <= value < 10**12 else None


def mail_in(contact: str) -> str:
    """The mail address that a contact is, for services that ask for one; empty where it is a web address.

    >>> mail_in("papers@example.org"), mail_in("https://papers.example/@ann")
    ('papers@example.org', '')
    """
    return contact.strip() if "@" in contact and "/" not in contact else ""


def reason_in(body: bytes) -> str:
    """The words by which a service says what was wrong with a question, in the shapes that they use; else nothing.

    >>> reason_in(b'{"status": "failed", "message": [{"value": "x", "message": "No such filter"}]}')
    'No such filter'
    """
    try:
        found: Any = parse_object(body)
    except PaperError:
        return ""
    found = found.get("errors") or found
    for _ in range(3):
        if isinstance(found, list):
            found = found[0] if found else ""
        if isinstance(found, dict):
            found = next((found[name] for name in _REASONS if found.get(name)), "")
    text = found if isinstance(found, str) else ""
    return " ".join(text.encode("utf-8", "replace").decode().split())[:MOST_WORDS]
