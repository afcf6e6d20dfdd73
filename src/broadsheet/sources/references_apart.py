"""References of strangers read apart: what takes long to read keeps nobody waiting but who sent it, and not for long.

A small file is read at once. A larger one is read by a process of its own that may open nothing, within a bound of
memory and time, a few at a time; what it says is checked as any file of ours is.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryFile
from threading import BoundedSemaphore

from broadsheet.papers import PaperError, Record
from broadsheet.sources.confined import Confined
from broadsheet.sources.errors import SourceError
from broadsheet.sources.json_record import read_json_record, record_to_json
from broadsheet.sources.jsonl import parse_object
from broadsheet.sources.paging import Found
from broadsheet.sources.pdf_spans import limit
from broadsheet.sources.references import FILE_LIMIT, read_references
from broadsheet.sources.source import Fault

AT_HAND = 16 << 10
"""Bytes that are read in this process: what takes longest of that size takes a quarter of a second."""
SMALL, SECONDS_OF_SMALL, SECONDS = 256 << 10, 3, 8
"""Seconds of the processor that a file takes at most, a small one and any other; usual ones take less than half."""
MEMORY = 512 << 20
LETTERS = 8_000
"""Of an abstract, at most: fields that a thousand references take from another are not said a thousand times."""
AT_ONCE = 2
"""How many files are read at once in a process of a server."""
_WAITS = 2.0
_MOST_SAID = 12 << 20
_BROKE = "the file breaks the reader of references; send a part of it"
_READER = Confined(Path(__file__), "the file takes too long to be read; send a part of it", _BROKE, _MOST_SAID)
_turns = BoundedSemaphore(AT_ONCE)
_WARMING = (
    '@string{a = {B}}\n@article{k, title = a # {\\"o $x$ \\emph{y}}, author={Lee, Ann and others}, month=jan,'
    " year=2024, doi={10.1000/x}, url={https://a.example}, eprint={2104.12255}}\n@misc{c, crossref={k}}\n@broken{",
    "TY  - JOUR\nTI  - T\nAU  - Lee, Ann\nPY  - 2024/05/03\nDO  - 10.1000/x\nER  - \n",
    '[{"title": "<i>T</i> &amp;", "author": [{"family": "Lee"}], "issued": {"date-parts": [[2024, 5]]}, "DOI": "x"}]',
)
"""References that have the process load all that it reads with, before it may open no more files."""


def read_apart(payload: bytes, place: str = "the file", seconds: int = 0) -> list[Found]:
    """As `read_references`, within so many seconds and with abstracts of LETTERS at most. Raises SourceError."""
    if len(payload) <= AT_HAND or len(payload) > FILE_LIMIT:
        return [_shortened(each) for each in read_references(payload, place)]
    seconds = seconds or (SECONDS_OF_SMALL if len(payload) <= SMALL else SECONDS)
    if not _turns.acquire(timeout=_WAITS):
        raise SourceError("other files are being read just now; send yours again in a minute")
    try:
        with TemporaryFile() as file:
            file.write(payload)
            file.seek(0)
            said = _READER.read(file.fileno(), seconds + 4.0, place, str(seconds))
    finally:
        _turns.release()
    return list(_check(said, place))


def _check(said: bytes, place: str) -> Iterator[Found]:
    """What the process said, if it is in its form; what read a hostile file may say anything."""
    for line in said.splitlines():
        try:
            members = parse_object(line)
            if "refused" in members:
                raise SourceError(_printable(members["refused"]))
            if "fault" in members:
                yield Fault(_printable(members["place"]), _printable(members["fault"]))
            else:
                yield read_json_record(members, "references", place)
        except (PaperError, KeyError, TypeError) as error:
            raise SourceError(_BROKE) from error


def _printable(said: object) -> str:
    return "".join(letter for letter in str(said)[:500] if letter.isprintable())


def _shortened(found: Found) -> Found:
    if not isinstance(found, Record) or found.version is None or len(found.version.abstract) <= LETTERS:
        return found
    return replace(found, version=replace(found.version, abstract=found.version.abstract[:LETTERS].rstrip()))


def _written(found: Found) -> str:
    if isinstance(found, Record):
        return record_to_json(found.identifiers, found.version, found.source, found.number)
    return json.dumps({"place": found.place, "fault": found.reason})


def main(place: str, seconds: str) -> None:
    """Print what stands in the file that is standard input, a line for each reference."""
    for sample in _WARMING:
        read_references(sample.encode())
    limit(MEMORY, int(seconds))
    try:
        lines = [_written(_shortened(each)) for each in read_references(sys.stdin.buffer.read(), place)]
    except SourceError as error:
        lines = [json.dumps({"refused": str(error)})]
    sys.stdout.buffer.write("\n".join(lines).encode("utf-8", "replace"))


if __name__ == "__main__":
    main(*sys.argv[1:])
