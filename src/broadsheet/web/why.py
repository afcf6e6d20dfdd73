"""Why a hit is there: the parts of its score, each with a bar."""

from collections.abc import Iterable
from typing import NamedTuple

from broadsheet.library import Hit
from broadsheet.search import Explanation
from broadsheet.search.fusion import MeaningPart, RereadPart, WordsPart

_BAR = 120
_LABELS = ("matched words", "closeness in meaning", "read more closely")


class Part(NamedTuple):
    """A line of "why this": what it is, what it adds to the score, how long its bar is, and whether it is a detail."""

    label: str
    value: str
    bar: int
    is_detail: bool = False
    note: str = ""


def why(hit: Hit, whole: float) -> list[Part]:
    """The parts of a hit's score, with the matched words as they stand in the text. They add up to the score.

    `whole` is the value of a full bar, the same for all hits of a page, so that their bars compare.
    """
    lines = []
    for label, part in parts(hit):
        note = f"cosine {part.cosine:.2f}" if isinstance(part, MeaningPart) else ""
        if not isinstance(part, WordsPart):
            lines.append(Part(label, *_measure(part.value, whole), note=note))
        elif part.terms:  # else found by meaning alone
            lines.append(Part(label, *_measure(part.value, whole)))
            matched = [text for text, is_match in (*hit.title_segments, *hit.snippet) if is_match]
            shown = [(text.casefold(), text) for text in matched]
            for term, share in sorted(part.terms.items(), key=lambda pair: -pair[1]):
                lines.append(Part(_as_written(term, shown), *_measure(share, whole), is_detail=True))
    return lines


def _measure(value: float, whole: float) -> tuple[str, int]:
    return f"{value:.3f}", max(round(_BAR * abs(value) / (whole or 1)), 1)


def parts(hit: Hit) -> list[tuple[str, WordsPart | MeaningPart | RereadPart]]:
    """The parts of a hit's score with what they are called; none for a hit that only passed filters."""
    told = hit.explanation or Explanation()
    return [(label, part) for label, part in zip(_LABELS, (told.words, told.meaning, told.reread), strict=True) if part]


def largest(hits: Iterable[Hit]) -> float:
    """The largest part of any hit's score: what a full bar stands for."""
    return max((abs(part.value) for hit in hits for _, part in parts(hit)), default=0.0)


def _as_written(term: str, shown: Iterable[tuple[str, str]]) -> str:
    """The first matched word of a hit, (casefolded, as written), that starts like the term, a stem; else the term."""
    start = term.casefold()[: max(len(term) - 1, 3)]
    return next((text for folded, text in shown if folded.startswith(start)), term)
