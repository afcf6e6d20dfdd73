"""The abstract on a paper's first page: from the word for it, down its column, to what comes after."""

import re
from collections.abc import Sequence

from broadsheet.sources.pdf_lines import Line, join

_WORD = re.compile(
    r"(?P<word>A\s?b\s?s\s?t\s?r\s?a\s?c\s?t|A\s?B\s?S\s?T\s?R\s?A\s?C\s?T|Summary|SUMMARY|Zusammenfassung|R[ée]sum[ée]"
    r"|Resumen|[概要]\s?要|要\s?旨|あらまし|抄\s?録|摘\s?要)(?P<mark>\s*[.:：．—–-]+|$|(?=\s))\s*(?P<rest>.*)",
    re.S,
)
_AFTER = re.compile(
    r"(?i)^(?:(?:\d{1,2}|[ivx]{1,4})?\s?[.．]?\s*(?:introduction|motivation|background)\b.{0,30}$"
    r"|key\s?-?words?\b|index terms\b|ccs concepts|categories and subject|general terms|acm reference|pacs\b|msc\b"
    r"|jel\b|\d{4} mathematics|mathematics subject|subject class|キーワード|关键词|permission to make|copyright\b|©"
    r"|\*?\s?correspond|accepted\b|received\b|preprint\b|proceedings of"
    r"|[1１][.．]?\s{0,2}(?:はじめに|序論|緒言|まえがき|序)"
    r"|はじめに$|1\s+[A-Z]\w+(?:\s\w+){0,4}$|I\.\s+[A-Z]{3,})"
)
_MOST_LINES, _LEAST_LETTERS = 80, 40
_LIKE = 0.12
_SMALLEST = 0.65
"""How small its word is, in the size of most letters, at least."""
_BREAK = 2.7
"""How many sizes below the last a line of the abstract is at most."""


def find_abstract(lines: Sequence[Line], usual: float, known: frozenset[str] = frozenset()) -> tuple[str, Line | None]:
    """The abstract, "" where there is none, and the line that begins it."""
    for line in lines:
        found = _WORD.match(line.text)
        if not found or line.size < _SMALLEST * usual:
            continue
        rest = found["rest"]
        if rest and not found["mark"].strip() and line.first.text.strip() != found["word"].strip():
            continue  # a sentence that begins with the word
        texts = _follow(lines, line, rest)
        text = join(texts, known)
        if sum(char.isalpha() for char in text) * (3 if ord(max(text, default=" ")) > 0x2E80 else 1) >= _LEAST_LETTERS:
            return text, line
    return "", None


def _follow(lines: Sequence[Line], heading: Line, rest: str) -> list[str]:
    """The lines under the heading, in its column, to the first that is something else."""
    texts = [rest] if rest else []
    below = [line for line in lines if line.baseline < heading.baseline - 0.3 * heading.size]
    column = _column(below, heading) + ([heading] if rest else [])
    if not column:
        return texts
    left, right = min(line.left for line in column), max(line.right for line in column)
    first = column[0] if not rest else heading
    last = heading.baseline
    slack = 2 * first.size
    for line in below:
        if line.left < left - slack or line.right > right + slack:
            continue
        is_first = not texts
        same_row = abs(last - line.baseline) < 0.3 * line.size
        far = (4.5 if is_first else _BREAK) * max(line.size, first.size)
        is_unlike = not is_first and abs(line.size - first.size) > _LIKE * first.size and len(line.text) > 2
        if _AFTER.match(line.text) or last - line.baseline > far or (is_unlike and not same_row):
            break
        if is_unlike:
            continue  # a small mark between the lines
        texts.append(line.text)
        last = line.baseline
        left, right = min(left, line.left), max(right, line.right)
        if len(texts) >= _MOST_LINES:
            break
    return texts


def _column(below: Sequence[Line], heading: Line) -> list[Line]:
    """The first lines under a heading that stands alone: how wide they are is how wide the column is."""
    near = [line for line in below if heading.baseline - line.baseline < 7 * heading.size]
    over = [line for line in near if line.left < heading.right and line.right > heading.left]
    return over[:10]
