"""Judgements: which paper answers which query, and how well, one judgement a line."""

from pathlib import Path

from broadsheet.evaluation.errors import EvaluationError
from broadsheet.sources.lines import read_lines
from broadsheet.sources.payload import open_payload

_LONGEST = 64 << 10
_COLUMNS = (2, 3, 4)

Judgements = dict[str, dict[str, float]]
"""Query id → paper id → relevance."""


def read_judgements(path: Path) -> Judgements:
    """Read ``query paper relevance``, or trec_eval's ``query 0 paper relevance``, parted by tabs or spaces.

    Without a relevance, 1 is meant; of two judgements of the same paper the later holds. A first line of titles, as
    BEIR has it, is passed over. Raises EvaluationError with the line of what cannot be read, SourceError for the file.
    """
    judged: Judgements = {}
    with open_payload(path) as stream:
        for number, line in enumerate(read_lines(stream, _LONGEST), 1):
            cells = _cells(line)
            if not cells:
                continue
            relevance = _relevance(cells)
            if relevance is not None:
                judged.setdefault(cells[0], {})[cells[2] if len(cells) == 4 else cells[1]] = relevance
            elif number > 1:
                raise EvaluationError(f"{path} line {number:,}: a judgement is a query, a paper and a number")
    return judged


def _cells(line: bytes | None) -> list[str]:
    text = "\0" if line is None else line.decode("utf-8-sig", "replace")
    return [cell.strip() for cell in text.split("\t")] if "\t" in text else text.split()


def _relevance(cells: list[str]) -> float | None:
    """The relevance of a judgement, None for what is none."""
    if len(cells) not in _COLUMNS or not all(cells):
        return None
    if len(cells) == 2:
        return None if cells[0].casefold().replace("_", "-") in ("query-id", "query", "qid") else 1.0
    try:
        value = float(cells[-1])
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None
