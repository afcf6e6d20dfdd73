"""Papers in the forms that other programs read: JSON Lines, BibTeX, RIS, CSL-JSON; Parquet with the extra for it."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice, tee
from typing import Any, BinaryIO

from broadsheet.papers import Identifier, Version
from broadsheet.sources.bibtex_written import to_bibtex
from broadsheet.sources.citation_key import citation_key, tell_apart
from broadsheet.sources.csl import to_csl
from broadsheet.sources.errors import SourceError
from broadsheet.sources.json_record import record_to_json
from broadsheet.sources.ris_written import to_ris

FOUND = 1_000
"""Of what a search finds, the first so many are written down."""
_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class Exported:
    """A paper on its way out: its text, its names best first, the source that said so, and that source's number."""

    version: Version
    identifiers: Sequence[Identifier]
    source: str = ""
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """A form by its name for people and the ending of its files. It is written paper by paper, in bounded memory."""

    name: str
    media_type: str
    write: Callable[[Iterable[Exported], BinaryIO], None]


def _json_lines(papers: Iterable[Exported]) -> Iterator[str]:
    for paper in papers:
        yield record_to_json(paper.identifiers, paper.version, paper.source, paper.number) + "\n"


def _bibtex(papers: Iterable[Exported]) -> Iterator[str]:
    for number, (key, paper) in enumerate(_keyed(papers)):
        yield ("\n" if number else "") + to_bibtex(paper.version, paper.identifiers, key=key)


def _ris(papers: Iterable[Exported]) -> Iterator[str]:
    for paper in papers:
        yield to_ris(paper.version, paper.identifiers)


def _csl(papers: Iterable[Exported]) -> Iterator[str]:
    yield "["
    for number, (key, paper) in enumerate(_keyed(papers)):
        row = to_csl(paper.version, paper.identifiers) | {"id": key}
        yield (",\n" if number else "\n") + json.dumps(row, ensure_ascii=False)
    yield "\n]\n"


def _keyed(papers: Iterable[Exported]) -> Iterator[tuple[str, Exported]]:
    """Papers with citation keys, each of which stands once."""
    named, kept = tee(papers)
    return zip(tell_apart(citation_key(paper.version, paper.identifiers) for paper in named), kept, strict=True)


def _as_text(parts: Callable[[Iterable[Exported]], Iterator[str]]) -> Callable[[Iterable[Exported], BinaryIO], None]:
    def write(papers: Iterable[Exported], file: BinaryIO) -> None:
        for part in parts(papers):
            file.write(part.encode("utf-8"))

    return write


def _write_parquet(papers: Iterable[Exported], file: BinaryIO) -> None:
    """One row a paper. Raises SourceError without the extra."""
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise SourceError("Parquet needs the extra: pip install 'broadsheet[parquet]'") from error
    text, texts, day = pyarrow.string(), pyarrow.list_(pyarrow.string()), pyarrow.date32()
    link = pyarrow.struct([("kind", text), ("url", text)])
    author = pyarrow.struct([("name", text), ("affiliation", text), ("orcid", text)])
    columns = {
        "identifiers": texts,
        "title": text,
        "abstract": text,
        "authors": pyarrow.list_(author),
        "topics": texts,
        "published": day,
        "updated": day,
        "announced": day,
        "comment": text,
        "venue": text,
        "language": text,
        "links": pyarrow.list_(link),
        "source": text,
        "number": pyarrow.int32(),
    }
    schema = pyarrow.schema(list(columns.items()))
    rows = map(_row, papers)
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        while some := list(islice(rows, _ROWS)):
            writer.write_table(pyarrow.Table.from_pylist(some, schema))


def _row(paper: Exported) -> dict[str, Any]:
    said = {"source": paper.source, "number": paper.number}
    return asdict(paper.version) | said | {"identifiers": [str(name) for name in paper.identifiers]}


EXPORTS = {
    "jsonl": Form("JSON Lines", "application/x-ndjson; charset=utf-8", _as_text(_json_lines)),
    "bib": Form("BibTeX", "application/x-bibtex; charset=utf-8", _as_text(_bibtex)),
    "ris": Form("RIS", "application/x-research-info-systems; charset=utf-8", _as_text(_ris)),
    "csl.json": Form("CSL-JSON", "application/vnd.citationstyles.csl+json; charset=utf-8", _as_text(_csl)),
    "parquet": Form("Parquet", "application/vnd.apache.parquet", _write_parquet),
}
"""The forms, by the ending of their files."""
