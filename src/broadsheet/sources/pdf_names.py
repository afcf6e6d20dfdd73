"""The authors under a paper's title: lines, or cells of lines, in which everything is somebody's name."""

import re
from collections.abc import Sequence

from broadsheet.sources.pdf_lines import RAISED, Line

_BETWEEN = re.compile(rf"[,;、，；·•∙|/]|{RAISED}|(?<!\S)(?:and|AND|und|et|&)(?!\S)")
_MARKS = re.compile(r"[*†‡§¶#∗⋆✉\d⁰¹²³⁴-⁹(){}\[\]]+")
_DEGREES = re.compile(r"\b(?:Ph\.?\s?D|M\.?D|M\.?Sc|B\.?Sc|Dr|Prof|Fellow|(?:Senior |Student )?Member)\b\.?|\bIEEE\b")
_WORD = re.compile(r"(?:[^\W\d_a-z]\.?-?)+(?:[^\W\d_]|['’.-])*|(?:d['’]|O['’])[^\W\d_]+")
_PARTICLES = frozenset("van von der den de la le du di da del della dos do das ten ter el al bin ben af zu y e".split())
_NO_NAMES = re.compile(
    r"(?i)universit|institut|\bdep(?:artmen)?t|school|college|\blab(?:s|orator|\b)|research|\bcent(?:er|re)\b|\binc\b"
    r"|\bcorp|\bgmbh\b|\bltd\b|google|microsoft|deepmind|openai|facebook|\bmeta\b|amazon|\bibm\b|nvidia|faculty|academy"
    r"|hospital|company|group|engineering|science|technolog|division|ministry|national|abstract|introduction|\busa\b"
    r"|\buk\b|united|kingdom|states|germany|france|china|japan|korea|india|canada|italy|spain|australia|netherlands"
    r"|switzerland|sweden|norway|israel|singapore|taiwan|brazil|austria|belgium|denmark|finland|poland|@|https?:|www\."
    r"|january|february|march|april|june|july|august|september|october|november|december|draft|version|contribut"
    r"|equal|corresponding|street|avenue|road|anonymous|under review|大学|研究|学会|会社|学部|学科|学院|センター|机构"
)
_CJK = r"[\u3040-\u30ff\u3400-\u9fff々]"
_CJK_NAME = re.compile(rf"{_CJK}{{1,5}}[ \u3000]?{_CJK}{{1,5}}")
_CJK_ROW = re.compile(rf"(?:{_CJK}{{1,4}}[ \u3000]{_CJK}{{1,4}})(?:[ \u3000]+{_CJK}{{1,4}}[ \u3000]{_CJK}{{1,4}})+")
_MOST_LINES = 40
_LONGEST_LINE, _LONGEST_WORD = 2_000, 40
_FAR = 14.0
"""How many sizes below the title the first author stands at most."""


def find_authors(lines: Sequence[Line], heads: Sequence[Line], heading: Line | None, usual: float) -> list[str]:
    """The names between the title and the abstract, in order; those written like the first of them."""
    if not heads:
        return []
    top = heads[-1].baseline
    low = heading.baseline if heading else top - 2 * _FAR * usual
    between = [line for line in lines if low < line.baseline < top - 0.3 * heads[-1].size][:_MOST_LINES]
    found: list[str] = []
    style = None
    for line in between:
        if style is None and top - line.baseline > _FAR * max(usual, 8):
            break
        if style not in (None, line.style):
            continue
        names = parse_names(line.plain)
        if names:
            style = line.style
            found += names
    return list(dict.fromkeys(found))


def parse_names(text: str) -> list[str]:
    """The names in a line in which there is nothing else, none where there is.

    >>> parse_names("Ann Lee, Peter H. N. de With and Berna Özel")
    ['Ann Lee', 'Peter H. N. de With', 'Berna Özel']
    >>> parse_names("University of Oslo, Norway"), parse_names("We study offices")
    ([], [])
    """
    if len(text) > _LONGEST_LINE or _NO_NAMES.search(text):
        return []
    text = _DEGREES.sub(" ", text)
    if _CJK_ROW.fullmatch(text.replace(RAISED, " ").strip()):
        words = text.replace(RAISED, " ").split()
        return [f"{one} {other}" for one, other in zip(words[::2], words[1::2], strict=False)]
    parts = [" ".join(_MARKS.sub(" ", part).split()).strip(" .:") for part in _BETWEEN.split(text)]
    parts = [part for part in parts if part]
    return parts if parts and all(map(_is_name, parts)) else []


def _is_name(text: str) -> bool:
    if _CJK_NAME.fullmatch(text):
        return True
    words = text.split()
    if max(map(len, words), default=0) > _LONGEST_WORD:
        return False
    if not 2 <= len(words) <= 6 or words[0].lower() in ("the", "a", "an", "on", "in", "we", "this", "our"):
        return False
    capital = [word for word in words if _WORD.fullmatch(word)]
    small = [word for word in words if word not in capital]
    longest = max(map(len, capital), default=0)
    return len(capital) >= 2 and longest >= 2 and all(word.lower() in _PARTICLES for word in small)
