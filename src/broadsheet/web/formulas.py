r"""Where the formulas of a text are: ``$…$``, ``$$…$$``, ``\(…\)`` and ``\[…\]``, but not the dollars of a price."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_OPEN = re.compile(r"\\[\\$(\[]|\$\$?")
_CLOSE = {
    "\\(": re.compile(r"\\\)"),
    "\\[": re.compile(r"\\\]"),
    "$$": re.compile(r"\$\$"),
    "$": re.compile(r"(?<!\\)\$"),
}
_TEX_SIGNS = re.compile(r"[\\^_{}=<>+]")
_TEXT_GROUP = re.compile(r"\\(?:text\w*|mathrm|mathit|mathbf|mathsf|mathtt|operatorname\*?|mbox|emph)\s*\{[^{}]*\}")
_PLAIN_WORD = re.compile(r"(?:^|(?<=\s))(?!log\b|exp\b|sin\b|cos\b|max\b|min\b|mod\b)[A-Za-z]{3,}(?=[\s,.;:]|$)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text: prose, or a formula without its delimiters. `start` and `end` count in the whole text."""

    text: str
    start: int
    end: int
    is_formula: bool = False
    is_block: bool = False


def pieces(text: str) -> Iterator[Piece]:
    r"""Cut a text into prose and formulas, in order, in linear time. A lone ``$`` is money.

    >>> [(piece.text, piece.is_formula) for piece in pieces(r"for $5 get \(x\)")]
    [('for $5 get ', False), ('x', True)]
    """
    done, position = 0, 0
    unclosed: set[str] = set()
    while opening := _OPEN.search(text, position):
        position = opening.end()
        sign = opening[0]
        if sign not in _CLOSE or sign in unclosed:
            continue
        closing = _CLOSE[sign].search(text, position)
        if closing is None:
            unclosed.add(sign)
            continue
        inside = text[position : closing.start()]
        if not inside.strip() or (sign == "$" and not _is_formula(inside, text[closing.end() : closing.end() + 1])):
            continue
        if done < opening.start():
            yield Piece(text[done : opening.start()], done, opening.start())
        yield Piece(inside, opening.start(), closing.end(), is_formula=True, is_block=sign in ("$$", "\\["))
        done = position = closing.end()
    if done < len(text):
        yield Piece(text[done:], done, len(text))


def formula_at(text: str, start: int) -> Piece | None:
    """The formula between dollars that begins at a place of a text, if one does.

    >>> formula_at("a $x^2$ b", 2)
    Piece(text='x^2', start=2, end=7, is_formula=True, is_block=False)
    """
    sign = "$$" if text.startswith("$$", start) else "$"
    closing = _CLOSE[sign].search(text, start + len(sign))
    if closing is None or not text.startswith(sign, start):
        return None
    inside = text[start + len(sign) : closing.start()]
    if not inside.strip() or (sign == "$" and not _is_formula(inside, text[closing.end() : closing.end() + 1])):
        return None
    return Piece(inside, start, closing.end(), is_formula=True, is_block=sign == "$$")


def _is_formula(inside: str, after: str) -> bool:
    """Tell ``$n$`` from "$5 and $10": signs of TeX speak for a formula; plain words and spaces at the edges against."""
    has_edges = inside != inside.strip()
    words = len(_PLAIN_WORD.findall(_TEXT_GROUP.sub("", inside)))
    is_range = after.isdigit() and inside[0].isdigit() and "\\" not in inside
    if _TEX_SIGNS.search(inside):
        return not is_range and words <= (0 if has_edges else 2)
    return not (has_edges or is_range or (words and " " in inside))
