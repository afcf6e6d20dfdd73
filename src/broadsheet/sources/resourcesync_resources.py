"""One resource of a source: checked against what was said of it, and read into records by its ending."""

import hashlib
import re
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote, unquote, urlsplit

from broadsheet.papers import Identifier, IdentifierError, PaperError, Record
from broadsheet.papers.identifier import MAX_LENGTH
from broadsheet.sources.errors import SourceError
from broadsheet.sources.files import collection_of, open_file
from broadsheet.sources.json_record import read_json_record
from broadsheet.sources.jsonl import parse_object
from broadsheet.sources.resourcesync_lists import Listed
from broadsheet.sources.source import Fault

MAX_BYTES = 32 << 20
"""Most bytes of one resource."""
SINGLE = ".json"
"""The ending of resources that hold one paper."""

_ENDING = re.compile(r"\.(?:json|jsonl|ndjson|bib|bibtex|ris|xml|atom)(?:\.gz)?", re.I)
_NUMBERS = range(1, 1 << 31)


class Refused(SourceError):
    """A resource is not what it was said to be, or nothing that is read here."""


@dataclass(frozen=True, slots=True)
class Found:
    """The records of a resource, each named by where it is, and what could not be read."""

    records: tuple[Record, ...]
    faults: tuple[Fault, ...] = ()


def check(listed: Listed, body: bytes) -> None:
    """Compare a body with the length and every hash that was said of it. Raises Refused."""
    if listed.length is not None and len(body) != listed.length:
        raise Refused(f"it has {len(body):,} bytes, not {listed.length:,} as the list says")
    for name, digits in listed.hashes:
        found = hashlib.new(name.replace("sha-", "sha"), body, usedforsecurity=False).hexdigest()
        if found != digits:
            raise Refused(f"its {name} is {found}, not {digits} as the list says")


def check_kind(listed: Listed) -> None:
    """Refuse what would not be read, before it is fetched."""
    if not _ENDING.fullmatch(_ending_of(listed.address)):
        raise Refused("its ending is none of a format that is read here")
    if listed.length is not None and listed.length > MAX_BYTES:
        raise Refused(f"it has {listed.length:,} bytes, more than {MAX_BYTES:,}")


def read_resource(address: str, body: bytes, source: str) -> Found:
    """The records of a resource, as this source's own. Raises Refused."""
    ending = _ending_of(address).lower()
    collection = collection_of(Path(unquote(urlsplit(address).path).replace("\0", "")))
    try:
        if ending == SINGLE:
            return Found((_read_single(address, body, source, collection),))
        return _read_file(address, body, source, collection, ending)
    except (PaperError, SourceError) as error:
        raise Refused(str(error)) from error


def name_of(address: str) -> Identifier:
    """How a paper is named after where it is at its source. Raises IdentifierError."""
    if len(address) > MAX_LENGTH - len("url:"):
        raise IdentifierError(f"its address has more than {MAX_LENGTH} characters")
    return Identifier("url", address)


def is_single(address: str) -> bool:
    """Whether a resource holds one paper, whose name is the address itself."""
    return _ending_of(address).lower() == SINGLE


def _read_single(address: str, body: bytes, source: str, collection: str) -> Record:
    members = parse_object(body.strip(), first=True)
    record = read_json_record(members, collection, address)
    number = members.get("version")  # of the paper there, which never falls, while numbers are each of one source
    if type(number) is int and number in _NUMBERS:
        record = replace(record, number=number)
    return replace(record, source=source, identifiers=(*record.identifiers, name_of(address)))


def _read_file(address: str, body: bytes, source: str, collection: str, ending: str) -> Found:
    """The records of a file of many, each named by the address and what it is called in the file."""
    records: list[Record] = []
    faults: list[Fault] = []
    with TemporaryDirectory(prefix="broadsheet-") as folder:
        path = Path(folder, f"resource{ending}")
        path.write_bytes(body)
        for page in open_file(path, collection=collection).harvest():
            for record in page.records:
                try:
                    records.append(_named(record, address, source))
                except PaperError as error:
                    faults.append(Fault(_at(address, record.place), str(error)))
            faults += [Fault(_at(address, fault.place), fault.reason) for fault in page.faults]
    return Found(tuple(records), tuple(faults))


def _named(record: Record, address: str, source: str) -> Record:
    part = str(record.identifiers[0]) if record.identifiers else ""
    if record.version and not part:
        part = hashlib.sha256(record.version.title.encode()).hexdigest()[:16]
    names = (*record.identifiers, name_of(f"{address}#{quote(part, safe=':/.', errors='replace')}"))
    return replace(record, source=source, identifiers=names, place=_at(address, record.place))


def _at(address: str, place: str) -> str:
    """Where something stood: the name under which the body was read means nothing to anybody."""
    return f"{address} {place.partition(' ')[2]}".strip() if place.startswith("resource.") else f"{address} {place}"


def _ending_of(address: str) -> str:
    name = unquote(urlsplit(address).path).rpartition("/")[2]
    found = re.search(r"(\.[A-Za-z]+)(\.gz)?$", name, re.I)
    return found[0] if found else ""
